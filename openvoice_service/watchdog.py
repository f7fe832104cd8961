"""`python -m openvoice_service watchdog`: turns the machine off when no backend wants it any more.

It runs beside the service, not in it, so that a service that hangs does not keep the machine on.
Only the standard library is used: a machine's own Python can run this file as it stands. It looks
at how often the lease was renewed and keeps the time by its own monotonic clock: a clock that is
set forth or back changes nothing.
"""

# ruff: noqa: T201 - its output is the machine's log

import argparse
import json
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence

PATIENCE_S = 15 * 60.0
POLL_S = 15.0
TIMEOUT_S = 5.0
TURN_OFF = "shutdown -h now"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `watchdog` understands."""
    parser.add_argument("--url", default="http://127.0.0.1:8001", help="the speech service")
    parser.add_argument(
        "--patience", type=float, default=PATIENCE_S, help="seconds without a lease; default 900"
    )
    parser.add_argument("--poll", type=float, default=POLL_S, help="seconds between two looks")
    parser.add_argument("--then", default=TURN_OFF, help=f"the command; default: {TURN_OFF}")
    parser.set_defaults(command=watch)


def watch(options: argparse.Namespace) -> None:
    """Wait until nobody wants the machine, then run the command until it succeeds."""
    if min(options.patience, options.poll) <= 0.0:
        sys.exit("--patience and --poll are seconds above 0.")
    wait_until_unwanted(lambda: renewals(options.url), options.patience, options.poll)
    print(f"No lease for {options.patience:.0f} s: {options.then}", flush=True)
    while not turn_off(shlex.split(options.then)):
        # Whatever keeps it from ending costs money: it is tried again for as long as it takes.
        time.sleep(options.poll)


def wait_until_unwanted(
    look: Callable[[], int | None],
    patience_s: float,
    poll_s: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Return when `look` has told nothing new for `patience_s`.

    look: how often the lease was renewed since the service's start, None where it does not answer
    """
    last, since_s = look(), clock()
    while clock() - since_s < patience_s:
        sleep(poll_s)
        now = look()
        # Any other count is news: a service that was started again counts from 0.
        if now is not None and now != last:
            # A fresh start alone is nobody's wish: it must have been renewed since.
            since_s = clock() if now > 0 else since_s
            last = now


def renewals(url: str) -> int | None:
    """Ask the service; None where it does not answer, or not as it should."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=TIMEOUT_S) as answer:  # noqa: S310
            return int(json.load(answer)["lease_renewals"])
    except (OSError, ValueError, KeyError, TypeError, urllib.error.URLError):
        return None


def turn_off(command: Sequence[str]) -> bool:
    """Return whether the command ran and succeeded."""
    try:
        return subprocess.run(command, check=False).returncode == 0
    except OSError as error:
        print(f"{command[0]} cannot be run: {error.strerror}", file=sys.stderr, flush=True)
        return False


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(_parser)
    watch(_parser.parse_args())
