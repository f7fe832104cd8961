"""`/api/v1/power/intents`, `/system/power`, `/system/costs`."""

import time
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Response

from backend.dependencies import AccountDep, CollaboratorsDep, SessionDep, owner_only, signed_in
from backend.power import service, work
from backend.power.models import GPU, GpuLane
from backend.power.schemas import (
    CostReport,
    DayCost,
    LaneStatus,
    PowerDecisionBody,
    PowerOrder,
)
from backend.power.setup import power_of
from backend.transactions import OneThreadRoute

router = APIRouter(tags=["power"], route_class=OneThreadRoute)


@router.post("/power/intents", status_code=204)
def note_intent(account: AccountDep, session: SessionDep) -> Response:
    """Say that a voice will be needed soon; an open editor repeats it every half minute."""
    work.note_intent(session, account.id, time.time())
    return Response(status_code=204)


@router.get("/system/power", dependencies=[Depends(signed_in)])
def get_lane(app: CollaboratorsDep, session: SessionDep) -> LaneStatus:
    """Return how the GPU lane stands, and how long whoever waits for it will wait."""
    power = power_of(app.settings)
    report = service.report_lane(session, power, time.time())
    return LaneStatus(
        provider=power.provider_name,
        policy=power.policy.name,
        state=report.state,
        code=report.code,
        reason=report.reason,
        since=_moment(report.since_s),
        ready_in_s=report.ready_in_s,
        waiting=report.waiting,
        at_work=report.at_work,
    )


@router.get("/system/costs", dependencies=[Depends(owner_only)])
def get_costs(app: CollaboratorsDep, session: SessionDep) -> CostReport:
    """Return what the GPU machine cost this month, and why it was on."""
    power, now_s = power_of(app.settings), time.time()
    costs = service.month_costs(session, power, now_s)
    lane = session.get(GpuLane, GPU) or GpuLane(keep_on_until_s=0.0, stay_off_until_s=0.0)
    budget = power.policy.month_budget_usd_micro
    return CostReport(
        hour_usd_micro=power.prices.hour_usd_micro,
        month_usd_micro=costs.month_usd_micro,
        forecast_usd_micro=costs.forecast_usd_micro,
        saved_usd_micro=costs.saved_usd_micro,
        budget_usd_micro=None if budget is None else round(budget),
        on_s=costs.on_s,
        idle_share=costs.idle_share,
        runs=costs.runs,
        keep_on_until=_ahead(lane.keep_on_until_s, now_s),
        stay_off_until=_ahead(lane.stay_off_until_s, now_s),
        days=[DayCost(day=day, usd_micro=usd) for day, usd in service.cost_curve(session, now_s)],
        decisions=[
            PowerDecisionBody(
                at=datetime.fromtimestamp(each.at_s, UTC),
                state=each.state,
                code=each.code,
                reason=each.reason,
            )
            for each in service.last_decisions(session)
        ],
    )


@router.post("/system/power", status_code=204, dependencies=[Depends(owner_only)])
def order_power(body: PowerOrder, session: SessionDep) -> Response:
    """Start the machine by hand and keep it on, stop it, or leave it to the rule again."""
    if body.action == "start":
        service.order_start(session, time.time(), body.minutes * 60.0)
    elif body.action == "stop":
        service.order_stop(session, time.time())
    else:
        service.order_nothing(session)
    return Response(status_code=204)


def _moment(moment_s: float) -> datetime | None:
    return datetime.fromtimestamp(moment_s, UTC) if moment_s else None


def _ahead(moment_s: float, now_s: float) -> datetime | None:
    return _moment(moment_s) if moment_s > now_s else None
