"""What an event does to a machine: pure, on a clock that is passed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

from infra.schedule_lambda.holidays import is_holiday

TOKYO = timezone(timedelta(hours=9), "JST")  # without daylight saving time
OPENS_H, CLOSES_H = 9, 19
SATURDAY = 5
KEYS = {"action", "target", "force", "by"}


class Action(StrEnum):
    """What is asked for."""

    START = "start"
    STOP = "stop"


class Role(StrEnum):
    """Which machine."""

    APP = "app"
    GPU = "gpu"


class BadEvent(ValueError):
    """An event that is not understood: nothing is touched."""


@dataclass(frozen=True)
class Order:
    """One event, understood.

    by_schedule: the clock asked, so that it does what the clock may: never start the GPU, and
                 nothing at a wrong hour (a delivery may be hours late)
    """

    action: Action
    roles: tuple[Role, ...]
    force: bool = False
    by_schedule: bool = False


@dataclass(frozen=True)
class Hours:
    """When the app machine is on: always, or on weekdays, and then perhaps not on holidays."""

    is_always: bool = True
    skips_holidays: bool = False

    def are_open(self, now: datetime) -> bool:
        """Tell whether the app should be on. `now` has a zone."""
        if self.is_always:
            return True
        there = now.astimezone(TOKYO)
        closed_today = self.skips_holidays and is_holiday(there.date())
        is_weekday = there.weekday() < SATURDAY and not closed_today
        return is_weekday and OPENS_H <= there.hour < CLOSES_H


@dataclass(frozen=True)
class Machine:
    """A machine as EC2 tells it; `lease_until` is its tag's text."""

    id: str
    name: str
    role: Role
    state: str
    lease_until: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What becomes of one machine: `outcome` is already, skipped or failed, or None for go on."""

    outcome: str | None
    reason: str


GO = Verdict(None, "")


def read_order(event: object) -> Order:
    """Return what an event asks for. Raises BadEvent with a sentence that names the field."""
    if not isinstance(event, Mapping):
        raise BadEvent('The event must be an object such as {"action": "stop", "target": "gpu"}.')
    if unknown := sorted(str(key) for key in set(event) - KEYS):
        raise BadEvent(f"{', '.join(unknown)}: unknown; known are {', '.join(sorted(KEYS))}.")
    action = _word("action", event.get("action"), [each.value for each in Action])
    usual = "app" if action == Action.START else "all"
    target = _word("target", event.get("target", usual), ["app", "gpu", "all"])
    if not isinstance(event.get("force", False), bool):
        raise BadEvent("force: must be true or false.")
    if "by" in event:
        _word("by", event["by"], ["schedule"])
    roles = tuple(Role) if target == "all" else (Role(target),)
    return Order(Action(action), roles, event.get("force", False), "by" in event)


def _word(field: str, value: object, known: list[str]) -> str:
    if not isinstance(value, str) or value not in known:
        raise BadEvent(f"{field}: must be one of {', '.join(known)}.")
    return value


def judge(order: Order, machine: Machine, now: datetime, hours: Hours) -> Verdict:
    """Return what becomes of a machine that the order names."""
    if order.action is Action.START:
        return _judge_start(order, machine, now, hours)
    return _judge_stop(order, machine, now, hours)


def _judge_start(order: Order, machine: Machine, now: datetime, hours: Hours) -> Verdict:
    if order.by_schedule and machine.role is Role.GPU:
        return Verdict("skipped", "the GPU is never started by a schedule")
    if order.by_schedule and not hours.are_open(now):
        return Verdict("skipped", "it is outside the opening hours")
    if machine.state in ("running", "pending"):
        return Verdict("already", f"it is {machine.state}")
    if machine.state != "stopped":
        return Verdict("failed", f"it is {machine.state}: ask again when it has stopped")
    return GO


def _judge_stop(order: Order, machine: Machine, now: datetime, hours: Hours) -> Verdict:
    if machine.state in ("stopped", "stopping"):
        return Verdict("already", f"it is {machine.state}")
    if order.by_schedule and machine.role is Role.APP and hours.are_open(now):
        return Verdict("skipped", "it is within the opening hours")
    if not order.force and machine.lease_until:
        return _judge_lease(machine.lease_until, now)
    return GO


def _judge_lease(lease_until: str, now: datetime) -> Verdict:
    try:
        until = datetime.fromisoformat(lease_until.strip())
    except ValueError:
        return Verdict("failed", "its tag lease-until is no time such as 2026-11-24T09:30:00Z")
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    if now < until:
        return Verdict(
            "skipped", f"work is leased until {until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        )
    return GO
