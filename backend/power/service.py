"""What pages and operators ask of the power: the lane's state, its costs, and orders by hand."""

import os
import socket
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.jobs.models import StepRun
from backend.power import ledger, work
from backend.power.controller import ControllerThread, PowerController
from backend.power.history import learn_history
from backend.power.leader import lane_row
from backend.power.models import GPU, GpuLane, LedgerEntry, PowerDecision
from backend.power.policies import would_wake_for
from backend.power.providers.probe import HttpProbe
from backend.power.route import LaneName, Load, ready_in_s, route
from backend.power.setup import Power, create_provider, power_of
from backend.power.situation import COMING, ON, History, LaneState
from backend.settings import Settings

# Long enough for a person to do something else, short enough not to be forgotten.
STOPPED_BY_HAND_S = 15 * 60.0
DECISIONS_SHOWN = 50


def start_controller(
    settings: Settings, sessions: sessionmaker[Session]
) -> ControllerThread | None:
    """Start this backend's controller, unless there is no machine to control."""
    power = power_of(settings)
    if not power.has_gpu:
        return None
    holder = f"{socket.gethostname()[:40]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    probe = HttpProbe(settings.speech_bearer)
    controller = PowerController(sessions, create_provider(settings), probe, power, holder)
    thread = ControllerThread(controller, settings.power_round_s)
    thread.start()
    return thread


@dataclass(frozen=True)
class LaneReport:
    """The GPU lane as a sender needs to know it.

    ready_in_s: how long a coming lane should still take; None where it is not coming
    """

    state: LaneState
    code: str
    reason: str
    since_s: float
    ready_in_s: float | None
    waiting: int
    at_work: int


def report_lane(session: Session, power: Power, now_s: float) -> LaneReport:
    """Return how the lane stands; without a provider it is stopped for good."""
    lane = session.get(GpuLane, GPU)
    if lane is None or not power.has_gpu:
        return LaneReport(LaneState.STOPPED, "none", "There is no GPU machine.", 0.0, None, 0, 0)
    counts = work.count_jobs(session, now_s)
    history = learn_history(session, lane, now_s, power)
    return LaneReport(
        state=lane.state,
        code=lane.code,
        reason=lane.reason,
        since_s=lane.since_s,
        ready_in_s=_ready_in_s(lane, now_s, history),
        waiting=counts.queue.waiting + counts.queue.bulk,
        at_work=sum(counts.leased.values()),
    )


@dataclass(frozen=True)
class Wait:
    """What somebody who orders now waits for before it is their turn, and on which lane."""

    lane: LaneName
    wait_s: float


def wait_now(session: Session, power: Power, now_s: float) -> Wait:
    """Return the lane of one more job, and how long what is before it there should take."""
    if not power.has_gpu:  # then nobody keeps a line: the workers take what comes
        return Wait(LaneName.CPU, 0.0)
    load = work.load_of(session, now_s)
    lane = session.get(GpuLane, GPU) or GpuLane(boot_s=0.0)
    history = learn_history(session, lane, now_s, power)
    name = route(now_s, load, power.policy, history)
    if name is LaneName.CPU:
        return Wait(name, load.cpu * history.cpu_voice_s)
    return Wait(name, _until_ready_s(now_s, load, history) + load.gpu * history.gpu_voice_s)


@dataclass(frozen=True)
class BulkRun:
    """Where many jobs would be spoken if they came now.

    wait_s:    until that lane is ready
    voice_s:   each of them, there
    usd_micro: what the machine's run for them costs
    """

    lane: LaneName
    wait_s: float
    voice_s: float
    usd_micro: int


def plan_bulk(session: Session, power: Power, now_s: float, jobs: int) -> BulkRun:
    """Return what the rule would do for a bulk run of so many jobs."""
    lane = session.get(GpuLane, GPU) or GpuLane(state=LaneState.STOPPED, ordered_s=0.0)
    history = learn_history(session, lane, now_s, power)
    on_cpu = BulkRun(LaneName.CPU, 0.0, history.cpu_voice_s, 0)
    if not power.has_gpu or not jobs:
        return on_cpu
    is_on = lane.state in ON
    if not is_on and not would_wake_for(jobs, power.policy, power.prices, history):
        return on_cpu
    load = Load(cpu=0, gpu=0, gpu_state=lane.state, gpu_ordered_at_s=lane.ordered_s)
    wait_s = _until_ready_s(now_s, load, history)
    cost = power.prices.of_run(wait_s + jobs * history.gpu_voice_s)
    return BulkRun(LaneName.GPU, wait_s, history.gpu_voice_s, round(cost))


def _until_ready_s(now_s: float, load: Load, history: History) -> float:
    if load.gpu_state is LaneState.READY:
        return 0.0
    return ready_in_s(now_s, load, history) if load.gpu_state in COMING else history.boot_s


def _ready_in_s(lane: GpuLane, now_s: float, history: History) -> float | None:
    if lane.state not in COMING:
        return None
    load = Load(cpu=0, gpu=0, gpu_state=lane.state, gpu_ordered_at_s=lane.ordered_s)
    return ready_in_s(now_s, load, history)


def month_costs(session: Session, power: Power, now_s: float) -> ledger.Costs:
    """Return what this month cost so far."""
    began = datetime.fromtimestamp(ledger.month_began_s(now_s), UTC)
    spoken = session.execute(
        select(StepRun.finished_at, StepRun.elapsed_s).where(
            StepRun.step == "speech", StepRun.lane == LaneName.GPU, StepRun.finished_at >= began
        )
    )
    ended = ((finished_at.timestamp(), elapsed_s) for finished_at, elapsed_s in spoken)
    return ledger.costs_of_month(session, now_s, power.prices, ledger.busy_seconds(ended))


def cost_curve(session: Session, now_s: float) -> list[tuple[str, int]]:
    """Return what each day of this month cost: (ISO date, micro-USD)."""
    ended = session.execute(
        select(LedgerEntry.at_s, LedgerEntry.usd_micro).where(
            LedgerEntry.kind == ledger.STOPPED,
            LedgerEntry.at_s >= ledger.month_began_s(now_s),
        )
    ).all()
    days: dict[str, int] = {}
    for at_s, usd_micro in ended:
        day = datetime.fromtimestamp(at_s, UTC).date().isoformat()
        days[day] = days.get(day, 0) + (usd_micro or 0)
    return sorted(days.items())


def last_decisions(session: Session) -> list[PowerDecision]:
    """Return the newest changes of mind, newest first."""
    query = select(PowerDecision).order_by(PowerDecision.id.desc()).limit(DECISIONS_SHOWN)
    return list(session.scalars(query))


def order_start(session: Session, now_s: float, for_s: float) -> None:
    """Start it by hand, and keep it on for `for_s`."""
    lane = lane_row(session)
    lane.keep_on_until_s, lane.stay_off_until_s, lane.retry_s = now_s + for_s, 0.0, 0.0


def order_stop(session: Session, now_s: float, for_s: float = STOPPED_BY_HAND_S) -> None:
    """Stop it by hand; nothing starts it for `for_s`."""
    lane = lane_row(session)
    lane.keep_on_until_s, lane.stay_off_until_s = 0.0, now_s + for_s


def order_nothing(session: Session) -> None:
    """Leave it to the rule again."""
    lane = lane_row(session)
    lane.keep_on_until_s = lane.stay_off_until_s = 0.0
