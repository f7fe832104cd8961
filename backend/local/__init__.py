"""`make run`: starts the whole product on this computer, watches it, and stops it again."""

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from rich.console import Console

from backend.local.checks import find_free_ports
from backend.local.problem import StartProblem
from backend.local.stack import Place, Ports, Stack, only_one, place_of
from backend.settings import Settings

TEND_INTERVAL_S = 0.2


class _Ended(Exception):
    """Somebody asked us to end while we were starting."""


def main(arguments: list[str]) -> int:
    """Run `python -m backend local`; return the exit status."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=False, highlight=False)
    ended = threading.Event()
    try:
        place = place_from(options.data_dir, options.ports)
        with _ending_on_signals(ended), only_one(place.folder):
            _run(place, options.ready_file, console, ended)
    except StartProblem as problem:
        console.print(str(problem), style="red", markup=False, soft_wrap=True)
        return 1
    except _Ended:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend local")
    parser.add_argument("--data-dir", type=Path, help="keep everything here, not in DATA_DIR")
    parser.add_argument(
        "--ports", default="", help="`auto`, or speech,backend,frontend; not those of the variables"
    )
    parser.add_argument("--ready-file", type=Path, help="write addresses and ids here once ready")
    return parser


def place_from(data_dir: Path | None, ports: str) -> Place:
    """Return where to start, from the options first and the environment otherwise."""
    settings = Settings()
    if ports == "auto":
        chosen = Ports(*find_free_ports(3))
    elif ports:
        chosen = Ports(*_three_numbers(ports))
    else:
        chosen = Ports(settings.speech_port, settings.backend_port, settings.frontend_port)
    folder = (data_dir or settings.data_dir).absolute()
    return place_of(folder, chosen, is_own=data_dir is not None or bool(ports))


def _three_numbers(ports: str) -> list[int]:
    numbers = [int(part) for part in ports.split(",") if part.strip().isdigit()]
    if len(numbers) != 3 or not all(0 < number < 65_536 for number in numbers):
        raise StartProblem("--ports takes `auto` or three numbers: speech,backend,frontend.")
    return numbers


def _run(place: Place, ready_file: Path | None, console: Console, ended: threading.Event) -> None:
    stack = Stack(place)
    try:
        with _telling(console, stack, ended):
            stack.start()
        if ready_file is not None:
            _write_whole(ready_file, stack.description())
        token_line = stack.owner_token_line(is_kept=not console.is_terminal)
        if token_line is not None:
            console.print(token_line, markup=False)
        console.print(f"Video Message is ready at {place.url} (Ctrl-C stops it)", markup=False)
        while not ended.wait(TEND_INTERVAL_S):
            for sentence in stack.tend():
                console.print(sentence, style="yellow", markup=False, soft_wrap=True)
            if ready_file is not None:
                _write_whole(ready_file, stack.description())
    finally:
        _say(console, "Stopping …")
        stack.stop()
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)


@contextlib.contextmanager
def _telling(console: Console, stack: Stack, ended: threading.Event) -> Iterator[None]:
    """Show what is waited for; on a terminal in one changing line, in a log once each."""
    with console.status("Starting …") as status:
        last = ""

        def tell(what: str) -> None:
            nonlocal last
            if ended.is_set():
                raise _Ended
            status.update(what + " …")
            kind = what.split("(", maxsplit=1)[0]
            if not console.is_terminal and kind != last:
                last = kind
                console.print(what + " …", markup=False)

        stack.on_wait = tell
        yield


@contextlib.contextmanager
def _ending_on_signals(ended: threading.Event) -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and a closed terminal into `ended`."""

    def end(number: int, _frame: FrameType | None) -> None:
        ended.set()
        if number == signal.SIGHUP:
            # The terminal is gone; a word to it would be an error.
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, 1)
            os.dup2(sink, 2)

    before = {n: signal.signal(n, end) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write_whole(path: Path, text: str) -> None:
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)


def _say(console: Console, sentence: str) -> None:
    with contextlib.suppress(OSError):
        console.print(sentence, markup=False)
        sys.stdout.flush()
