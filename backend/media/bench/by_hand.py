"""What the product has run in the jail, run once more outside of it and without the product."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.media import jail

# The pictures of a segment's bars are gone when it is drawn: a run by hand is given them again.
_PASSING = ".gray"


@dataclass(frozen=True)
class Call:
    """A command as it ran in the jail, in which thread, and the files that are gone since."""

    command: Sequence[str]
    thread: int
    found: dict[str, bytes]


@contextmanager
def noted(calls: list[Call]) -> Iterator[None]:
    """Note each command, while it runs in the jail as ever."""
    run = jail.run

    def noting(command: Sequence[str], *arguments: Any, **options: Any) -> str:
        named = [Path(part.removeprefix("file:")) for part in command if part.endswith(_PASSING)]
        found = {path.name: path.read_bytes() for path in named}
        calls.append(Call(command, threading.get_ident(), found))
        return run(command, *arguments, **options)

    jail.run = noting
    try:
        yield
    finally:
        jail.run = run


def by_hand_s(calls: list[Call], made: Path, folder: Path) -> float:
    """Return how long the same commands take without jail and without us, as nice as there.

    As many at once, too: what ran in one thread runs in one here, and what came last comes last.
    """
    shutil.copytree(made, folder)
    for name, content in (pair for call in calls for pair in call.found.items()):
        (folder / name).write_bytes(content)
    last, chains = calls[-1].thread, dict[int, list[Sequence[str]]]()
    for call in calls:
        command = [part.replace(str(made), str(folder)) for part in call.command]
        chains.setdefault(call.thread, []).append(command)
    started_s = time.perf_counter()
    with ThreadPoolExecutor() as pool:
        side_by_side = [chain for thread, chain in chains.items() if thread != last]
        list(pool.map(lambda chain: _run_by_hand(chain, folder), side_by_side))
    _run_by_hand(chains[last], folder)
    return time.perf_counter() - started_s


def _run_by_hand(commands: list[Sequence[str]], folder: Path) -> None:
    environment = {**os.environ, "MALLOC_ARENA_MAX": "4"}
    for command in commands:
        subprocess.run(
            ["nice", "-n", "10", *command],
            cwd=folder, env=environment, check=True, capture_output=True,
        )  # fmt: skip
