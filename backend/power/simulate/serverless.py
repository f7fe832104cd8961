"""A serverless GPU beside ours: one container, billed for every second in which it is up.

Its cold start is an assumption (a container with torch and weights), not a measurement.
"""

from collections.abc import Sequence

from backend.power.prices import MICRO, ServerlessPrice
from backend.power.simulate.arrivals import DAY_S, Arrival, Kind
from backend.power.simulate.outcome import Outcome

COLD_START_S = 30.0


def simulate_serverless(
    name: str,
    arrivals: Sequence[Arrival],
    price: ServerlessPrice,
    voice_s: float,
    cold_start_s: float = COLD_START_S,
) -> Outcome:
    """Return what the arrivals' voices would have cost there, one after the other."""
    last_s = arrivals[-1].time_s if arrivals else 0.0
    outcome = Outcome(name, -(-last_s // DAY_S) if last_s > DAY_S else 0.0)
    up_from_s, free_s, down_s = 0.0, 0.0, 0.0
    for arrival in arrivals:
        if arrival.kind not in (Kind.VOICE, Kind.BULK):
            continue
        if outcome.starts == 0 or arrival.time_s >= down_s:
            outcome.on_s += down_s - up_from_s
            outcome.starts += 1
            up_from_s = arrival.time_s
            free_s = up_from_s + cold_start_s
        free_s = max(free_s, arrival.time_s) + voice_s
        down_s = free_s + price.idle_s
        outcome.waits_s.append(free_s - arrival.time_s)
    outcome.on_s += down_s - up_from_s
    outcome.on_gpu = len(outcome.waits_s)
    outcome.usd_micro = outcome.on_s * price.second_usd * MICRO
    return outcome
