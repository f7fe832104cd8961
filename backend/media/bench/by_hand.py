"""What the product has run in the jail, run once more outside of it and without the product."""

import contextlib
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backend.media import jail

# The pictures of a segment's bars are gone when it is drawn: a run by hand is given them again.
_PASSING = ".gray"


ROUNDS = 3
BAR = 1.15  # of its time


def best_of_both(composed_s: Callable[[Path], float], folder: Path) -> tuple[float, float]:
    """Return the shortest time of the product and that of the same commands by hand, in turns.

    composed_s: makes the video in a folder that is not there yet, and says how long that took
    """
    times_s = []
    for number in range(ROUNDS):
        calls: list[Call] = []
        made = folder / f"made-{number}"
        with noted(calls):
            product_s = composed_s(made)
        times_s.append((product_s, by_hand_s(calls, made, folder / f"by-hand-{number}")))
    return min(product_s for product_s, _ in times_s), min(hand_s for _, hand_s in times_s)


@dataclass(frozen=True)
class Call:
    """A command as it ran in the jail, in which thread, its feed and the files that are gone."""

    command: Sequence[str]
    thread: int
    found: dict[str, bytes]
    feed: jail.Feed | None


@contextmanager
def noted(calls: list[Call]) -> Iterator[None]:
    """Note each command, while it runs in the jail as ever."""
    run = jail.run

    def noting(command: Sequence[str], *arguments: Any, **options: Any) -> str:
        named = [Path(part.removeprefix("file:")) for part in command if part.endswith(_PASSING)]
        found = {path.name: path.read_bytes() for path in named}
        calls.append(Call(command, threading.get_ident(), found, options.get("feed")))
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
    last, chains = calls[-1].thread, dict[int, list[Call]]()
    for call in calls:
        command = [part.replace(str(made), str(folder)) for part in call.command]
        chains.setdefault(call.thread, []).append(replace(call, command=command))
    started_s = time.perf_counter()
    with ThreadPoolExecutor() as pool:
        side_by_side = [chain for thread, chain in chains.items() if thread != last]
        list(pool.map(lambda chain: _run_by_hand(chain, folder), side_by_side))
    _run_by_hand(chains[last], folder)
    return time.perf_counter() - started_s


def _run_by_hand(calls: list[Call], folder: Path) -> None:
    for call in calls:
        nice = ["nice", "-n", "10", *call.command]
        with subprocess.Popen(
            nice, cwd=folder,
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            _feed_by_hand(process, call.feed)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, nice)


def _feed_by_hand(process: subprocess.Popen[bytes], feed: jail.Feed | None) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin as stream:
        for piece in feed() if feed is not None else ():
            stream.write(piece)
