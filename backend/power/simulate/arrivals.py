"""Who comes when: people who open the editor and have voices made, and bulk runs.

The files in `arrivals/` are made by `python -m backend.power.simulate.arrivals`, with fixed seeds.
"""

import csv
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

FOLDER = Path(__file__).with_name("arrivals")
DAY_S = 86_400
MONTH_DAYS = 30
# The first second of every replay: a Monday, midnight in Tokyo.
EPOCH_S = 1_767_538_800.0
# A month that holds 540 voices, and not some more or less by chance.
SEED = 43
VOICES_A_SESSION = 3.0
# People write from nine in the morning to ten at night.
FROM_H, UNTIL_H = 9, 22
# Until the first words stand and are to be heard, and between one voice and the next: medians in
# seconds and the spread of their logarithm. Assumptions, for want of a recorded month.
THINK_S, THINK_SPREAD = 120.0, 0.6
GAP_S, GAP_SPREAD = 60.0, 0.8
LEAVE_S = 30.0


class Kind(StrEnum):
    """What happens."""

    OPEN = "open"
    VOICE = "voice"
    CLOSE = "close"
    BULK = "bulk"


@dataclass(frozen=True, order=True)
class Arrival:
    """One thing that happens; `time_s` counts from the replay's start."""

    time_s: float
    session: int
    kind: Kind


class BadArrivals(ValueError):
    """A file of arrivals that cannot be replayed."""


def poisson_sessions(voices_a_month: float, days: int, seed: int = SEED) -> list[Arrival]:
    """Return sessions that begin independently of each other, in the hours of the day."""
    dice = random.Random(seed)  # noqa: S311 - a replay, not a secret
    hours_s = (UNTIL_H - FROM_H) * 3600.0
    rate = voices_a_month / VOICES_A_SESSION / MONTH_DAYS / hours_s
    found: list[Arrival] = []
    moment_s, session = 0.0, 0
    while (moment_s := moment_s + dice.expovariate(rate)) < days * hours_s:
        day, in_day_s = divmod(moment_s, hours_s)
        found += _session(dice, session, day * DAY_S + FROM_H * 3600.0 + in_day_s)
        session += 1
    return sorted(found)


def _session(dice: random.Random, session: int, begin_s: float) -> Iterator[Arrival]:
    yield Arrival(round(begin_s), session, Kind.OPEN)
    moment_s = begin_s + dice.lognormvariate(math.log(THINK_S), THINK_SPREAD)
    yield Arrival(round(moment_s), session, Kind.VOICE)
    for _ in range(_poisson(dice, VOICES_A_SESSION - 1.0)):
        moment_s += dice.lognormvariate(math.log(GAP_S), GAP_SPREAD)
        yield Arrival(round(moment_s), session, Kind.VOICE)
    yield Arrival(round(moment_s + LEAVE_S), session, Kind.CLOSE)


def _poisson(dice: random.Random, mean: float) -> int:
    """Draw by counting (Knuth, TAOCP 2, 3.4.1)."""
    limit, product, count = math.exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count


def burst(names: int) -> list[Arrival]:
    """Return a bulk run of so many names, at ten in the morning."""
    return [Arrival(10 * 3600.0, number, Kind.BULK) for number in range(names)]


def write_arrivals(path: Path, arrivals: Iterable[Arrival]) -> None:
    """Write a file that `read_arrivals` reads."""
    with path.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("time_s", "session", "kind"))
        table.writerows((f"{each.time_s:.0f}", each.session, each.kind) for each in arrivals)


def read_arrivals(path: Path) -> list[Arrival]:
    """Return a file's arrivals in order. Raises BadArrivals, naming the line."""
    try:
        lines = list(csv.reader(path.read_text().splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise BadArrivals(f"{path} cannot be read: {error}") from error
    if not lines or lines[0] != ["time_s", "session", "kind"]:
        raise BadArrivals(f"{path}, line 1: the columns are time_s,session,kind.")
    return sorted(_arrival(path, number, line) for number, line in enumerate(lines[1:], 2))


def _arrival(path: Path, number: int, line: Sequence[str]) -> Arrival:
    try:
        time_s, session, kind = line
        arrival = Arrival(float(time_s), int(session), Kind(kind))
    except ValueError:
        raise BadArrivals(
            f"{path}, line {number}: a time in seconds, a session's number and one of "
            f"{', '.join(Kind)} are wanted."
        ) from None
    if not 0.0 <= arrival.time_s < math.inf:
        raise BadArrivals(f"{path}, line {number}: the time lies before the start, or nowhere.")
    return arrival


FILES: dict[str, Callable[[], list[Arrival]]] = {
    "month_540.csv": lambda: poisson_sessions(540, MONTH_DAYS),
    "month_6800.csv": lambda: poisson_sessions(6_800, MONTH_DAYS),
    "burst_200.csv": lambda: burst(200),
}


def main() -> None:
    """Write the committed files again."""
    FOLDER.mkdir(exist_ok=True)
    for name, make in FILES.items():
        write_arrivals(FOLDER / name, make())


if __name__ == "__main__":
    main()
