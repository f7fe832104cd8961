"""The price list: `prices.toml`, read and checked."""

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
    """A machine by the hour, billed by the second."""

    hour_usd: float = Field(gt=0)

    def prices(self) -> Prices:
        """Return it as decisions reckon with it."""
        return Prices(round(self.hour_usd * MICRO))


class ServerlessPrice(_Listed):
    """A GPU by the second in which a container is up; it idles for `idle_s` after a call."""

    second_usd: float = Field(gt=0)
    idle_s: float = Field(ge=0)


class PriceList(BaseModel):
    """Everything that is compared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ec2: dict[str, MachinePrice]
    serverless: dict[str, ServerlessPrice]


@cache
def price_list(path: Path = FILE) -> PriceList:
    """Return the list. Raises ValidationError where a price lacks its source or its date."""
    return PriceList.model_validate(tomllib.loads(path.read_text()))
