"""Ends the children of a start that can't do so itself any more, as after a kill -9.

Its stdin is a pipe from the start: `+group` and `-group` lines say which process groups live.
The kernel closes the pipe with its writer, whatever the writer dies of; what then still lives
is killed. Works alike on Linux and macOS, and takes grandchildren along.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterable


def guard(lines: Iterable[str]) -> set[int]:
    """Follow the lines to their end and return the groups that are left."""
    alive: set[int] = set()
    for line in lines:
        group = int(line[1:])
        if line.startswith("+"):
            alive.add(group)
        else:
            alive.discard(group)
    return alive


def main() -> None:
    """Guard until the pipe closes, then kill what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for group in guard(sys.stdin):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
