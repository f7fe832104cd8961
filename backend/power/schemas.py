"""The wire of `/api/v1/system/power` and `/api/v1/system/costs`."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from backend.bodies import RequestBody
from backend.power.situation import LaneState


class LaneStatus(BaseModel):
    """The GPU lane, as whoever waits for it needs to know it."""

    provider: str
    policy: str
    state: LaneState
    code: str
    reason: str
    since: datetime | None
    ready_in_s: float | None
    waiting: int
    at_work: int


class PowerDecisionBody(BaseModel):
    """One change of mind."""

    at: datetime
    state: LaneState
    code: str
    reason: str


class DayCost(BaseModel):
    """What one day cost."""

    day: str
    usd_micro: int


class CostReport(BaseModel):
    """The month so far, in micro-USD, and what was decided of late."""

    hour_usd_micro: int
    month_usd_micro: int
    forecast_usd_micro: int
    saved_usd_micro: int
    budget_usd_micro: int | None
    on_s: float
    idle_share: float | None
    runs: int
    keep_on_until: datetime | None
    stay_off_until: datetime | None
    days: list[DayCost]
    decisions: list[PowerDecisionBody]


class PowerOrder(RequestBody):
    """What the operator wants: start (and keep on for so many minutes), stop, or the rule again."""

    action: Literal["start", "stop", "automatic"]
    minutes: int = Field(15, ge=1, le=24 * 60)
