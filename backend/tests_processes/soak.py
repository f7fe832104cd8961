"""`make soak`: the kill storm in full, as a Markdown table for docs/reliability.md.

Environment: KILL_MOMENTS (50), the moments per process; KILL_SEED, another spread of them.
"""

# ruff: noqa: T201 - printing is what it is for

import os
import sys
import time

from backend.tests_processes import campaigns
from backend.tests_processes.rig import VICTIMS, Rig
from backend.tests_processes.storm import HEADING, Storm, Tally

IN_FLIGHT = 3


def main() -> int:
    """Run the storm on each process, print the table, and fail if a message was lost or doubled."""
    moments = int(os.environ.get("KILL_MOMENTS", "50"))
    seed = int(os.environ.get("KILL_SEED", "20260"))
    started_s = time.monotonic()
    tallies = []
    with Rig(SPEECH_TIMEOUT_S="20") as rig:
        storm = Storm(rig, seed, IN_FLIGHT)
        life_s = storm.measure_life()
        print(f"An undisturbed batch of {IN_FLIGHT} takes {life_s:.1f} s.", file=sys.stderr)
        for victim in VICTIMS:
            tallies.append(_strike(storm, victim, moments))
        faults = _strike_campaigns(rig, moments)
    print(HEADING)
    for tally in tallies:
        print(tally.row())
    minutes = (time.monotonic() - started_s) / 60
    print(f"\n{IN_FLIGHT} messages at a time, seed {seed}, {minutes:.0f} minutes.")
    print(
        f"{moments} campaigns, the worker of each killed once: {len(faults)} rows lost or doubled."
    )
    faults += [fault for tally in tallies for fault in tally.faults]
    for fault in faults:
        print(f"- {fault}")
    return 1 if faults else 0


def _strike(storm: Storm, victim: str, moments: int) -> Tally:
    tally = Tally(victim)
    for tally in storm.strike(victim, moments):
        print(f"{victim}: {tally.moments}/{moments}, {len(tally.faults)} faults", file=sys.stderr)
    return tally


def _strike_campaigns(rig: Rig, moments: int) -> list[str]:
    life_s, faults = campaigns.life_s(rig), list[str]()
    for number in range(moments):
        faults += campaigns.strike(rig, life_s * (number + 0.5) / moments)[1]
        print(f"campaigns: {number + 1}/{moments}, {len(faults)} faults", file=sys.stderr)
    return faults


if __name__ == "__main__":
    sys.exit(main())
