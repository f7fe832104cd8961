"""A month's bill: what runs for how many hours and what is kept, times the prices. Pure."""

from dataclasses import dataclass

from infra.costs.prices import PriceList

MONTH_H = 720.0
# T3's baseline is 30 % of each of a t3.large's two vCPUs.
T3_VCPUS, T3_BASELINE = 2, 0.30
FREE_EGRESS_GB = 100.0
WEEKDAYS = 22
WEEKS = 52 / 12


@dataclass(frozen=True)
class Usage:
    """What a month holds.

    app_hours:  of the t3.large; 0 where one GPU machine is all there is
    app_load:   its vCPUs' mean load while it is on, 0 to 1
    gpu_hours:  of the g4dn.xlarge, at `market` (on_demand or spot)
    app_disk_gb, gpu_disk_gb: gp3, kept while the machines are off
    addresses_h: hours of public IPv4 addresses; None: the app's always, the GPU's while it is on
    """

    app_hours: float = MONTH_H
    app_load: float = 0.10
    gpu_hours: float = 0.0
    market: str = "on_demand"
    app_disk_gb: float = 50.0
    gpu_disk_gb: float = 100.0
    efs_gb: float = 10.0
    s3_gb: float = 20.0
    egress_gb: float = 20.0
    addresses_h: float | None = None


@dataclass(frozen=True)
class Line:
    """One line of the bill."""

    what: str
    usd: float


@dataclass(frozen=True)
class Bill:
    """All lines of a month."""

    lines: tuple[Line, ...]

    @property
    def usd(self) -> float:
        """The sum."""
        return sum(line.usd for line in self.lines)

    def of(self, what: str) -> float:
        """Return one line's dollars."""
        return next(line.usd for line in self.lines if line.what == what)


def make_bill(usage: Usage, prices: PriceList) -> Bill:
    """Return the complete bill of a month."""
    addresses_h = usage.addresses_h
    if addresses_h is None:
        addresses_h = MONTH_H + (usage.gpu_hours if usage.app_hours else 0.0)
    gpu_usd = usage.gpu_hours * prices.gpu_usd_hour(usage.market)
    disks_gb = usage.app_disk_gb + usage.gpu_disk_gb
    return Bill(
        (
            Line("app machine", usage.app_hours * prices.usd("t3_large")),
            Line("T3 surplus credits", surplus_usd(usage, prices)),
            Line("GPU machine", gpu_usd),
            Line("disks (EBS)", disks_gb * prices.usd("gp3")),
            Line("public IPv4", addresses_h * prices.usd("public_ipv4")),
            Line("shared profiles (EFS)", usage.efs_gb * prices.usd("efs")),
            Line("their backup", usage.efs_gb * prices.usd("efs_backup")),
            Line("media (S3)", usage.s3_gb * prices.usd("s3")),
            Line("egress", max(usage.egress_gb - FREE_EGRESS_GB, 0.0) * prices.usd("egress")),
        )
    )


def surplus_usd(usage: Usage, prices: PriceList) -> float:
    """Return what a load above T3's baseline costs."""
    above = max(usage.app_load - T3_BASELINE, 0.0)
    return usage.app_hours * T3_VCPUS * above * prices.usd("t3_surplus_credit")
