"""What the machine cost: starts and stops as they were, only ever added to.

A run is named by its machine and the second in which it began, so that a controller which was
killed anywhere writes each entry once, from what the provider says.
"""

import calendar
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.jobs.models import StepRun
from backend.power.models import LedgerEntry, PowerDecision
from backend.power.route import LaneName
from backend.power.situation import Prices

STARTED, STOPPED = "started", "stopped"
DAY_S = 86_400.0


def run_name(machine_id: str, running_since_s: float) -> str:
    """Name one run of one machine."""
    return f"{machine_id}@{running_since_s:.0f}"


def note_start(session: Session, run_id: str, at_s: float, prices: Prices, reason: str) -> None:
    """Enter a run's start, unless it is there."""
    if _entry(session, run_id, STARTED) is None:
        session.add(
            LedgerEntry(
                run_id=run_id,
                kind=STARTED,
                at_s=at_s,
                hour_usd_micro=prices.hour_usd_micro,
                reason=reason,
            )
        )
        session.flush()


def note_stop(session: Session, run_id: str, at_s: float, prices: Prices, reason: str) -> None:
    """Enter a run's stop with what it cost, at the price of its start, unless it is there."""
    start = _entry(session, run_id, STARTED)
    if start is None or _entry(session, run_id, STOPPED) is not None:
        return
    price = Prices(start.hour_usd_micro, prices.minimum_billed_s)
    billed_s = billed_seconds(start.at_s, at_s, prices)
    session.add(
        LedgerEntry(
            run_id=run_id,
            kind=STOPPED,
            at_s=max(at_s, start.at_s),
            hour_usd_micro=start.hour_usd_micro,
            billed_s=billed_s,
            usd_micro=round(billed_s * price.second_usd_micro),
            jobs=_jobs_served(session, start.at_s, at_s),
            reason=reason,
        )
    )
    session.flush()


def last_prices(session: Session) -> Prices | None:
    """Return what the machine costs in its last run, None before the first one."""
    query = select(LedgerEntry.hour_usd_micro).where(LedgerEntry.kind == STARTED)
    hour_usd_micro = session.scalar(query.order_by(LedgerEntry.id.desc()).limit(1))
    return Prices(hour_usd_micro) if hour_usd_micro is not None else None


def _jobs_served(session: Session, from_s: float, until_s: float) -> int:
    """Count what was spoken on the GPU lane in a run."""
    began, ended = datetime.fromtimestamp(from_s, UTC), datetime.fromtimestamp(until_s, UTC)
    query = select(func.count()).where(
        StepRun.step == "speech",
        StepRun.lane == LaneName.GPU,
        StepRun.finished_at.between(began, ended),
    )
    return session.scalar(query) or 0


def billed_seconds(start_s: float, end_s: float, prices: Prices) -> int:
    """Return the seconds that are paid for: begun ones count, and there is a minimum."""
    return max(math.ceil(end_s - start_s), math.ceil(prices.minimum_billed_s))


def _entry(session: Session, run_id: str, kind: str) -> LedgerEntry | None:
    query = select(LedgerEntry).where(LedgerEntry.run_id == run_id, LedgerEntry.kind == kind)
    return session.scalar(query)


def busy_seconds(ended: Iterable[tuple[float, float]]) -> float:
    """Return for how long anything was at work; what ran side by side counts once.

    ended: (moment of the end, seconds that it took)
    """
    busy_s, counted_from_s = 0.0, math.inf
    for end_s, took_s in sorted(ended, reverse=True):
        until_s = min(end_s, counted_from_s)
        counted_from_s = min(end_s - took_s, counted_from_s)
        busy_s += max(until_s - counted_from_s, 0.0)
    return busy_s


@dataclass(frozen=True)
class Spent:
    """What a stretch of time has cost, a run that still goes on included."""

    usd_micro: float
    on_s: float
    runs: int


def spent_since(session: Session, from_s: float, now_s: float, prices: Prices) -> Spent:
    """Add up the runs that ended since `from_s`, and the one that goes on."""
    ended = session.execute(
        select(
            func.sum(LedgerEntry.usd_micro),
            func.sum(LedgerEntry.billed_s),
            func.count(),
        ).where(LedgerEntry.kind == STOPPED, LedgerEntry.at_s >= from_s)
    ).one()
    open_runs = _open_runs(session)
    on_s = sum(billed_seconds(run.at_s, now_s, prices) for run in open_runs)
    usd = sum(
        Prices(run.hour_usd_micro, prices.minimum_billed_s).of_run(max(now_s - run.at_s, 0.0))
        for run in open_runs
    )
    return Spent((ended[0] or 0) + usd, (ended[1] or 0) + on_s, ended[2] + len(open_runs))


def _open_runs(session: Session) -> list[LedgerEntry]:
    ended = select(LedgerEntry.run_id).where(LedgerEntry.kind == STOPPED)
    query = select(LedgerEntry).where(LedgerEntry.kind == STARTED, LedgerEntry.run_id.not_in(ended))
    return list(session.scalars(query))


def month_began_s(now_s: float) -> float:
    """Return when this calendar month began, in UTC as the bill has it."""
    now = datetime.fromtimestamp(now_s, UTC)
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()


def day_began_s(now_s: float) -> float:
    """Return when this day began, in UTC."""
    return now_s - now_s % DAY_S


@dataclass(frozen=True)
class Costs:
    """The month so far. Money in micro-USD.

    idle_share: of the time that was paid for, the part in which nothing was spoken
    """

    month_usd_micro: int
    forecast_usd_micro: int
    saved_usd_micro: int
    on_s: float
    idle_share: float | None
    runs: int


def in_use_since_s(session: Session, now_s: float) -> float:
    """Return when the machine was first decided on or ran; before that nothing was saved."""
    firsts = (
        session.scalar(select(func.min(PowerDecision.at_s))),
        session.scalar(select(func.min(LedgerEntry.at_s))),
    )
    return min((first for first in firsts if first is not None), default=now_s)


def costs_of_month(session: Session, now_s: float, prices: Prices, busy_s: float) -> Costs:
    """Return what the month cost, will cost at this pace, and saved against always-on.

    busy_s: seconds in this month in which the machine spoke
    """
    from_s = month_began_s(now_s)
    spent = spent_since(session, from_s, now_s, prices)
    passed_s = max(now_s - max(from_s, in_use_since_s(session, now_s)), 1.0)
    month = datetime.fromtimestamp(now_s, UTC)
    left_s = from_s + calendar.monthrange(month.year, month.month)[1] * DAY_S - now_s
    # The first day's pace says little, so it counts as a whole one.
    pace = spent.usd_micro / max(passed_s, DAY_S)
    return Costs(
        month_usd_micro=round(spent.usd_micro),
        forecast_usd_micro=round(spent.usd_micro + pace * left_s),
        # A first minute is billed whole: then nothing was saved yet, and nothing lost.
        saved_usd_micro=max(round(prices.second_usd_micro * passed_s - spent.usd_micro), 0),
        on_s=spent.on_s,
        idle_share=max(1.0 - busy_s / spent.on_s, 0.0) if spent.on_s > 0.0 else None,
        runs=spent.runs,
    )
