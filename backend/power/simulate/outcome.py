"""What came of a replay."""

from collections.abc import Sequence
from dataclasses import dataclass, field

# Whoever has waited so long has gone.
STRANDED_S = 3600.0
MICRO = 1_000_000.0


@dataclass
class Outcome:
    """A replay's figures. Waits are seconds from the order to the finished voice."""

    name: str
    days: float
    usd_micro: float = 0.0
    on_s: float = 0.0
    starts: int = 0
    waits_s: list[float] = field(default_factory=list)
    on_gpu: int = 0
    unfinished: int = 0

    @property
    def usd_month(self) -> float:
        """What it cost in 30 days; a replay of less than one is told as it is."""
        return self.usd_micro / MICRO * (30.0 / self.days if self.days >= 1.0 else 1.0)

    @property
    def stranded(self) -> int:
        """Jobs that were never done, or for which somebody waited an hour."""
        return self.unfinished + sum(wait_s > STRANDED_S for wait_s in self.waits_s)

    def wait_s(self, percent: float) -> float:
        """Return the wait that `percent` of the jobs stay within; a job never done waits for ever.

        By the nearest rank, so that it is a wait that somebody had.
        """
        waits = [*sorted(self.waits_s), *[float("inf")] * self.unfinished]
        return percentile(waits, percent)

    @property
    def gpu_share(self) -> float:
        """Of the finished jobs, how many the GPU did."""
        return self.on_gpu / len(self.waits_s) if self.waits_s else 0.0


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the nearest rank of ordered values; nothing where there are none."""
    if not ordered:
        return 0.0
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(int(rank), 1) - 1]
