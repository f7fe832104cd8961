"""The scenarios of the original plan, recomputed: what it said, and what the prices say."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from infra.costs.bill import MONTH_H, WEEKDAYS, WEEKS, Usage, make_bill
from infra.costs.prices import PriceList

SINGLE = Usage(app_hours=0.0, app_disk_gb=0.0, gpu_disk_gb=100.0)
TEN_A_WEEK_H = 10 * WEEKS
# Its own schedule: nine to seven, Monday to Friday.
CRON_H = 10.0 * WEEKDAYS


@dataclass(frozen=True)
class Scenario:
    """One row: what the plan priced, its figure, and ours.

    reckon: what of the bill the plan's figure stands for
    why:    what makes the difference, where there is one
    """

    name: str
    plan_usd: float
    reckon: Callable[[PriceList], float]
    why: str = ""

    def usd(self, prices: PriceList) -> float:
        """Return our figure."""
        return self.reckon(prices)

    def is_right(self, prices: PriceList) -> bool:
        """Tell whether the plan's figure holds to the dollar."""
        return round(self.usd(prices)) == self.plan_usd


def gpu_only(hours: float, market: str = "on_demand") -> Callable[[PriceList], float]:
    """Return the GPU machine's own price alone, as the plan reckoned it."""
    return lambda prices: hours * prices.gpu_usd_hour(market)


def whole(usage: Usage) -> Callable[[PriceList], float]:
    """Return the complete bill."""
    return lambda prices: make_bill(usage, prices).usd


SPLIT = Usage(app_hours=CRON_H, gpu_hours=TEN_A_WEEK_H)
DISKS = "disks, addresses and the app's real hours are missing in the plan"
SCENARIOS = (
    Scenario("GPU always on", 511, gpu_only(MONTH_H)),
    Scenario("GPU 8 h on weekdays", 125, gpu_only(8.0 * WEEKDAYS)),
    Scenario("GPU 4 h on weekdays", 62, gpu_only(4.0 * WEEKDAYS)),
    Scenario("GPU 10 h a week", 31, gpu_only(TEN_A_WEEK_H)),
    Scenario(
        "GPU 8 h on weekdays, spot",
        37,
        gpu_only(8.0 * WEEKDAYS, "spot"),
        "spot is 60 % off in Tokyo, not 70",
    ),
    Scenario(
        "app on weekdays",
        20,
        lambda prices: CRON_H * prices.usd("t3_large"),
        "the plan's own schedule is 10 h a day, not 8",
    ),
    Scenario("two machines, GPU 10 h a week, complete", 61, whole(SPLIT), DISKS),
    Scenario(
        "the same on spot, complete",
        39,
        whole(replace(SPLIT, market="spot")),
        f"{DISKS}, and spot is 60 % off",
    ),
    Scenario(
        "one machine 8 h on weekdays",
        80,
        gpu_only(8.0 * WEEKDAYS),
        "176 h at 0.71 $; with disk, address and storage it is more",
    ),
    Scenario(
        "one machine 8 h on weekdays, spot",
        40,
        gpu_only(8.0 * WEEKDAYS, "spot"),
        "176 h at 0.284 $",
    ),
)
# What the product does by itself, beside the plan's: the simulated hours of 540 voices a month.
OURS = (
    ("app always on, no GPU", Usage()),
    ("app always on, GPU by on_intent (54 h), spot", Usage(gpu_hours=53.3, market="spot")),
    ("app always on, GPU by on_intent (34 h), on demand", Usage(gpu_hours=33.9)),
    ("app on weekdays, GPU by on_intent (54 h), spot",
     Usage(app_hours=CRON_H, gpu_hours=53.3, market="spot")),
    ("one GPU machine, 8 h on weekdays, complete", replace(SINGLE, gpu_hours=8.0 * WEEKDAYS)),
    ("GPU always on, complete", Usage(gpu_hours=MONTH_H)),
)  # fmt: skip
