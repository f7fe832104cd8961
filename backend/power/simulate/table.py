"""Every policy in every cell: what was asked for, replayed, and said in a table."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from backend.power.policies import POLICIES
from backend.power.prices import price_list
from backend.power.simulate.arrivals import FILES, FOLDER, Arrival, read_arrivals
from backend.power.simulate.engine import Simulation, World
from backend.power.simulate.outcome import Outcome
from backend.power.simulate.serverless import simulate_serverless
from backend.power.situation import PolicySettings

# The plan's figures for a t3.large and a T4.
PLAN = World(cpu_voice_s=45.0, gpu_voice_s=3.0)
# Our own benchmark's for a voice of 15 s of sound on two cores (docs/benchmarks.md: 0.091 s a
# second for the conversion, 0.01 to 0.03 for the base voice). The GPU was not measured, for want of
# one: its half a second is an assumption.
OWN = World(cpu_voice_s=1.6, gpu_voice_s=0.5)
TIMES = {"plan": PLAN, "own": OWN}
HEAD = ("policy", "$ a month", "p50 s", "p95 s", "p99 s", "starts", "on h", "by GPU", "stranded")


@dataclass(frozen=True)
class Wish:
    """What is to be replayed beside each other."""

    policy: PolicySettings
    names: Sequence[str] = tuple(POLICIES)
    market: str = "spot"
    seed: int = 1
    cold_start_s: float = 30.0


@dataclass(frozen=True)
class Cell:
    """One stretch of arrivals at one pair of times, by every policy."""

    arrivals: str
    times: str
    outcomes: Sequence[Outcome]

    def better_than(self, name: str) -> list[str]:
        """Return who is at once cheaper and quicker (p95) than the policy `name`."""
        found = [each for each in self.outcomes if each.name == name]
        if not found:
            return []
        cost, wait_s = found[0].usd_month, found[0].wait_s(95)
        return [e.name for e in self.outcomes if e.usd_month < cost and e.wait_s(95) < wait_s]


def replay(label: str, times: str, arrivals: Sequence[Arrival], world: World, wish: Wish) -> Cell:
    """Return what every policy, and every serverless GPU, makes of the arrivals."""
    listed = price_list()
    prices = listed.ec2[wish.market].prices()
    ours = [
        Simulation(arrivals, replace(wish.policy, name=name), prices, world, wish.seed).run()
        for name in wish.names
    ]
    theirs = [
        simulate_serverless(
            f"serverless: {name}", arrivals, price, world.gpu_voice_s, wish.cold_start_s
        )
        for name, price in listed.serverless.items()
    ]
    return Cell(label, times, [*ours, *theirs])


def replay_all(wish: Wish) -> list[Cell]:
    """Return the six cells: both months and the burst, at the plan's times and at our own."""
    return [
        replay(name.removesuffix(".csv"), times, read_arrivals(FOLDER / name), world, wish)
        for times, world in TIMES.items()
        for name in FILES
    ]


def as_markdown(cells: Iterable[Cell]) -> str:
    """Return one table a cell."""
    return "\n\n".join(_cell_as_markdown(cell) for cell in cells)


def _cell_as_markdown(cell: Cell) -> str:
    rows = [HEAD, ("---",) * len(HEAD), *(_row(each) for each in cell.outcomes)]
    better = cell.better_than("on_intent")
    verdict = (
        f"Cheaper and quicker than `on_intent`: {', '.join(better)}."
        if better
        else "Nothing here is both cheaper and quicker than `on_intent`."
    )
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"**{cell.arrivals}, the times of {cell.times}**\n\n{table}\n\n{verdict}"


def _row(outcome: Outcome) -> tuple[str, ...]:
    waits = (outcome.wait_s(percent) for percent in (50, 95, 99))
    return (
        outcome.name,
        f"{outcome.usd_month:.2f}",
        *(_seconds(wait_s) for wait_s in waits),
        str(outcome.starts),
        f"{outcome.on_s / 3600:.1f}",
        f"{outcome.gpu_share:.0%}",
        str(outcome.stranded),
    )


def _seconds(wait_s: float) -> str:
    return "never" if math.isinf(wait_s) else f"{wait_s:,.1f}"


def as_json(cells: Iterable[Cell]) -> str:
    """Return the same for programs; a wait without an end is null."""
    return json.dumps(
        [
            {
                "arrivals": cell.arrivals,
                "times": cell.times,
                "policies": [_facts(outcome) for outcome in cell.outcomes],
                "better_than_on_intent": cell.better_than("on_intent"),
            }
            for cell in cells
        ],
        indent=2,
    )


def _facts(outcome: Outcome) -> dict[str, object]:
    waits = {f"p{percent}_s": outcome.wait_s(percent) for percent in (50, 95, 99)}
    return {
        "policy": outcome.name,
        "usd_month": round(outcome.usd_month, 4),
        **{name: None if math.isinf(wait_s) else wait_s for name, wait_s in waits.items()},
        "starts": outcome.starts,
        "on_s": round(outcome.on_s),
        "gpu_share": round(outcome.gpu_share, 4),
        "stranded": outcome.stranded,
    }
