"""`python -m backend.power.simulate`: replay arrivals by every policy.

Without options: the six cells of the README. `--arrivals FILE`, `poisson:540` (voices a month) or
`burst:200` (names) replays one stretch at times of one's own.
"""

# ruff: noqa: T201 - its output is its purpose

import argparse
import sys
from pathlib import Path

from backend.power.policies import POLICIES
from backend.power.prices import price_list
from backend.power.simulate.arrivals import (
    MONTH_DAYS,
    Arrival,
    BadArrivals,
    burst,
    poisson_sessions,
    read_arrivals,
)
from backend.power.simulate.engine import World
from backend.power.simulate.frontier import draw_frontier, frontier
from backend.power.simulate.table import Cell, Wish, as_json, as_markdown, replay, replay_all
from backend.power.situation import PolicySettings

YEAR_DAYS = 364


def main(arguments: list[str] | None = None) -> int:
    """Replay and print; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        cells = _cells(options)
    except BadArrivals as problem:
        print(problem, file=sys.stderr)
        return 2
    print(as_json(cells) if options.json else as_markdown(cells))
    if options.frontier is not None:
        return _draw(cells[0], options.frontier)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend.power.simulate", description=__doc__)
    add = parser.add_argument
    add("--arrivals", help="a CSV file, poisson:VOICES_A_MONTH or burst:NAMES")
    add("--year", action="store_true", help="364 days of poisson arrivals instead of 30")
    add(
        "--policy", action="append", choices=sorted(POLICIES), help="only this one; may be repeated"
    )
    add("--market", choices=sorted(price_list().ec2), default="spot")
    add("--cpu-s", type=_positive, default=45.0, help="seconds of a voice on the CPU lane")
    add("--gpu-s", type=_positive, default=3.0, help="seconds of a voice on the GPU lane")
    add("--boot-s", type=_positive, default=90.0, help="seconds from the order to a ready lane")
    add("--value", type=_positive, default=5.0, help="dollars that an hour of waiting is worth")
    add("--no-capacity", type=_chance, default=0.0, help="chance that a start finds no room")
    add("--interruptions", type=float, default=0.0, help="of a spot machine, an hour")
    add("--cold-start-s", type=_positive, default=30.0, help="of a serverless GPU (assumed)")
    add("--seed", type=int, default=1)
    add("--json", action="store_true")
    add("--frontier", type=Path, metavar="PNG", help="draw cost against wait")
    return parser


def _positive(text: str) -> float:
    number = float(text)
    if not 0.0 < number < 1e9:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return number


def _chance(text: str) -> float:
    number = float(text)
    if not 0.0 <= number < 1.0:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


def _cells(options: argparse.Namespace) -> list[Cell]:
    policy = PolicySettings(waiting_usd_micro_hour=options.value * 1e6)
    names = options.policy or list(POLICIES)
    wish = Wish(policy, names, options.market, options.seed, options.cold_start_s)
    if options.arrivals is None and not options.year:
        return replay_all(wish)
    world = World(
        options.boot_s,
        options.cpu_s,
        options.gpu_s,
        options.no_capacity,
        max(options.interruptions, 0.0),
    )
    label = options.arrivals or "poisson:540"
    arrivals = _arrivals(label, YEAR_DAYS if options.year else MONTH_DAYS, options.seed)
    shown = Path(label).stem if options.arrivals else label
    return [replay(shown, f"{options.cpu_s:g} s and {options.gpu_s:g} s", arrivals, world, wish)]


def _arrivals(named: str, days: int, seed: int) -> list[Arrival]:
    kind, _, number = named.partition(":")
    if kind not in ("poisson", "burst"):
        return read_arrivals(Path(named))
    if not number.isdigit() or not 0 < int(number) <= 1_000_000:
        raise BadArrivals(f"{named}: a whole number from 1 to 1,000,000 is wanted after the colon.")
    return poisson_sessions(int(number), days, seed) if kind == "poisson" else burst(int(number))


def _draw(cell: Cell, path: Path) -> int:
    try:
        draw_frontier(cell.outcomes, f"{cell.arrivals}, {cell.times}", path)
    except ImportError:
        print("matplotlib is missing: pip install '.[bench]'", file=sys.stderr)
        return 1
    print("\nThe frontier:", ", ".join(each.name for each in frontier(cell.outcomes)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
