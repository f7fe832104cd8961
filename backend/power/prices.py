"""The price list: `prices.toml`, read and checked."""

import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from backend.power.situation import Prices

FILE = Path(__file__).with_name("prices.toml")
MICRO = 1_000_000


class _Listed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    source: str
    read_on: date


class MachinePrice(_Listed):
    """A machine by the hour, billed by the second.

    checked, offer, usage_type: whether and where `infra.costs` has read it in AWS's price list
    """

    type: str
    hour_usd: float = Field(gt=0)
    checked: bool = False
    offer: str | None = None
    usage_type: str | None = None

    def prices(self) -> Prices:
        """Return it as decisions reckon with it."""
        return Prices(round(self.hour_usd * MICRO))


class ServerlessPrice(_Listed):
    """A GPU by the second in which a container is up; it idles for `idle_s` after a call.

    core_*, gib_*: processor cores and GiB of memory, where they are paid for beside the GPU
    """

    gpu_second_usd: float = Field(gt=0)
    core_second_usd: float = Field(0.0, ge=0)
    cores: float = Field(0.0, ge=0)
    gib_second_usd: float = Field(0.0, ge=0)
    gib: float = Field(0.0, ge=0)
    idle_s: float = Field(ge=0)

    @property
    def second_usd(self) -> float:
        """What a second of the whole container costs."""
        beside = self.cores * self.core_second_usd + self.gib * self.gib_second_usd
        return self.gpu_second_usd + beside


class PriceList(BaseModel):
    """Everything that is compared; the file's other tables are read by `infra.costs`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    ec2: dict[str, MachinePrice]
    serverless: dict[str, ServerlessPrice]


class BadTypes(ValueError):
    """Instance types that cannot be used."""


def prices_of_types(text: str, listed: MachinePrice) -> dict[str, Prices]:
    """Return the price of each type in `TYPE[:USD_AN_HOUR],…`, in that order. Raises BadTypes."""
    found: dict[str, Prices] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        kind, _, usd = (part.strip() for part in entry.partition(":"))
        if usd and not is_price(usd):
            raise BadTypes(f"{usd} is no price: write TYPE:0.99, in dollars an hour")
        if not usd and kind != listed.type:
            raise BadTypes(f"the price of {kind} is not known: write {kind}:0.99, dollars an hour")
        found[kind] = Prices(round(float(usd) * MICRO)) if usd else listed.prices()
    return found


def is_price(text: str) -> bool:
    """Tell whether it is dollars above nothing."""
    return bool(re.fullmatch(r"\d+(\.\d+)?", text)) and float(text) > 0.0


@cache
def price_list(path: Path = FILE) -> PriceList:
    """Return the list. Raises ValidationError where a price lacks its source or its date."""
    return PriceList.model_validate(tomllib.loads(path.read_text()))
