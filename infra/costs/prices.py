"""The one price file, which the power decision reads, too."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

# Its table is the power decision's own, [ec2.on_demand].
GPU_MACHINE = "g4dn_xlarge"
FILE = Path(__file__).resolve().parents[2] / "backend/power/prices.toml"


@dataclass(frozen=True)
class Price:
    """One price in dollars, with what it is for and where it stands.

    offer, usage_type: where AWS's price list has it
    is_checked:        it was read from that list, by `python -m infra.costs update`
    """

    name: str
    usd: float
    unit: str
    what: str
    source: str
    read_on: date
    is_checked: bool
    offer: str
    usage_type: str


@dataclass(frozen=True)
class PriceList:
    """AWS's prices by name, the spot price of the GPU machine, and the yen."""

    aws: dict[str, Price]
    spot_gpu_usd_hour: float
    yen_per_dollar: float

    def usd(self, name: str) -> float:
        """Return a price in dollars for its unit."""
        return self.aws[name].usd

    def gpu_usd_hour(self, market: str) -> float:
        """Return what an hour of the GPU machine costs, on_demand or spot."""
        return self.spot_gpu_usd_hour if market == "spot" else self.usd(GPU_MACHINE)


def read_prices(path: Path = FILE) -> PriceList:
    """Return the file's prices. Raises KeyError where one lacks its source or its date."""
    held: dict[str, Any] = tomllib.loads(path.read_text())
    machine = held["ec2"]["on_demand"]
    listed = {GPU_MACHINE: {**machine, "usd": machine["hour_usd"], "unit": "hour"}, **held["aws"]}
    return PriceList(
        aws={name: _price(name, entry) for name, entry in listed.items()},
        spot_gpu_usd_hour=held["ec2"]["spot"]["hour_usd"],
        yen_per_dollar=held["yen"]["per_dollar"],
    )


def _price(name: str, entry: dict[str, Any]) -> Price:
    return Price(
        name=name,
        usd=entry["usd"],
        unit=entry["unit"],
        what=entry["what"],
        source=entry["source"],
        read_on=entry["read_on"],
        is_checked=entry["checked"],
        offer=entry["offer"],
        usage_type=entry["usage_type"],
    )
