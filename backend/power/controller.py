"""Makes the decisions come true: looks, decides, notes it, and then calls the provider.

What is to be done is written down before the call, and every round starts from what the provider
says: a controller may be killed anywhere, and its successor goes on.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from backend.power import ledger
from backend.power.decide import Action, Decision, decide
from backend.power.history import learn_history
from backend.power.leader import (
    LEASE_S,
    LeadershipLost,
    kept_lead,
    lead,
    led_lane,
    renew_lead,
)
from backend.power.models import GPU, GpuLane, PowerDecision
from backend.power.observe import Look, back_off, forget_the_future, observe, shift_clock
from backend.power.providers.probe import Readiness
from backend.power.providers.protocol import (
    Machine,
    MachineState,
    NoCapacity,
    Provider,
    ProviderProblem,
)
from backend.power.route import LaneName
from backend.power.setup import Power
from backend.power.situation import (
    MOVES,
    ON,
    Lane,
    LaneState,
    Orders,
    Situation,
)
from backend.power.work import count_jobs, move_moments, open_intents, pull_moments_back

logger = logging.getLogger(__name__)

# Draining and stopping follow on one another at once where nothing is at work.
MOST_MOVES = 3
CLOCK_JUMP_S = 30.0
KEEP = 500


class Probe(Protocol):
    """How the lane's service is asked."""

    def is_ready(self, url: str, run: str) -> Readiness:
        """Tell whether it speaks in this run of the machine; never raises."""
        ...

    def renew_lease(self, url: str, holder: str) -> bool:
        """Tell its watchdog that the machine is wanted; never raises."""
        ...


@dataclass
class Clocks:
    """The wall's clock and one that only goes forward, to notice when the wall's was set."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    _last: tuple[float, float] | None = field(default=None, init=False)

    def jump_s(self) -> float:
        """Return by how much the wall's clock was set since the last call."""
        now = (self.wall(), self.monotonic())
        last, self._last = self._last or now, now
        jump_s = (now[0] - last[0]) - (now[1] - last[1])
        return jump_s if abs(jump_s) > CLOCK_JUMP_S else 0.0


class PowerController:
    """One backend's controller; only the one that leads does anything."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        provider: Provider,
        probe: Probe,
        power: Power,
        holder: str,
        clocks: Clocks | None = None,
    ) -> None:
        self._sessions = sessions
        self._provider = provider
        self._probe = probe
        self._power = power
        self._holder = holder
        self._clocks = clocks or Clocks()
        self._is_first_round = True

    def run_round(self) -> bool:
        """Look, decide and act once; return whether this controller leads."""
        token = self._lead()
        if token is None:
            return False
        with self._kept_lead(token):
            look = self._look()
            if isinstance(look, ProviderProblem):
                self._hold_for_work()
        led_until_s = self._clocks.monotonic() + LEASE_S
        try:
            action = self._decide(token, look)
            if action is not None and self._clocks.monotonic() < led_until_s:
                self._act(token, action)
        except LeadershipLost:
            return False
        return True

    def resign(self) -> None:
        """Let another one lead at once."""
        with self._sessions.begin() as session:
            now_s = self._clocks.wall()
            if lead(session, self._holder, now_s, LEASE_S) is not None:
                lead(session, self._holder, now_s, 0.0)

    def _lead(self) -> int | None:
        jump_s = self._clocks.jump_s()
        now_s = self._clocks.wall()
        with self._sessions.begin() as session:
            token = lead(session, self._holder, now_s, LEASE_S)
            if token is not None and (jump_s or self._is_first_round):
                self._mend_moments(session, token, jump_s, now_s)
        self._is_first_round = token is None
        return token

    def _kept_lead(self, token: int) -> AbstractContextManager[None]:
        return kept_lead(self._sessions, token, self._clocks.wall)

    def _mend_moments(self, session: Session, token: int, jump_s: float, now_s: float) -> None:
        lane = led_lane(session, token)
        if jump_s:
            logger.warning("the clock was set by %.0f s: the lane's moments move along", jump_s)
            shift_clock(lane, jump_s)
            move_moments(session, jump_s)
        forget_the_future(lane, now_s)
        pull_moments_back(session, now_s)

    # --- looking ----------------------------------------------------------------------------

    def _look(self) -> Look | ProviderProblem:
        try:
            machine = self._provider.look()
        except ProviderProblem as problem:
            return problem
        if machine.state is not MachineState.RUNNING or machine.url is None:
            return Look(machine)
        self._probe.renew_lease(machine.url, self._holder)
        run = ledger.run_name(machine.id or "", machine.running_since_s or 0.0)
        return Look(machine, self._probe.is_ready(machine.url, run))

    def _hold_for_work(self) -> None:
        """Keep the machine's watchdog off jobs at work, while the provider cannot be asked.

        Without work it is left to the watchdog: a machine that nobody can stop ends by itself.
        """
        with self._sessions() as session:
            lane = session.get(GpuLane, GPU)
            leased = count_jobs(session, self._clocks.wall()).leased[LaneName.GPU]
        if lane is not None and lane.url is not None and leased:
            self._probe.renew_lease(lane.url, self._holder)

    # --- deciding ---------------------------------------------------------------------------

    def _decide(self, token: int, look: Look | ProviderProblem) -> Action | None:
        """Return the call that is to be made now, after it has been noted."""
        with self._sessions.begin() as session:
            now_s = self._clocks.wall()
            lane = renew_lead(session, token, now_s)
            if isinstance(look, ProviderProblem):
                # Nothing is known now, so nothing is done; what runs is kept by its lease for long
                # enough, and turned off by its watchdog if this goes on.
                _say(session, lane, now_s, look.reason_code, f"{look.detail} {look.fix}".strip())
                return None
            observe(lane, look, now_s)
            _keep_books(session, lane, look.machine, now_s, self._power)
            self._decide_until_still(session, lane, now_s)
            # Noted calls are made again in each round, until the provider has followed.
            return CALLS.get(lane.state)

    def _decide_until_still(self, session: Session, lane: GpuLane, now_s: float) -> None:
        for _ in range(MOST_MOVES):
            decision = decide(self._situation(session, lane, now_s))
            has_moved = apply_decision(lane, decision, now_s)
            _say(session, lane, now_s, decision.code, decision.reason)
            if not has_moved:
                return

    def _situation(self, session: Session, lane: GpuLane, now_s: float) -> Situation:
        counts = count_jobs(session, now_s)
        intents = open_intents(session, now_s, self._power.intent_s)
        if intents.open and lane.state in ON:
            lane.personal_s = now_s
        return Situation(
            now_s=now_s,
            lane=lane_of(lane, counts.leased[LaneName.GPU]),
            queue=counts.queue,
            intents=intents,
            orders=Orders(lane.keep_on_until_s, lane.stay_off_until_s),
            prices=self._power.prices,
            policy=self._power.policy,
            history=learn_history(session, lane, now_s, self._power),
        )

    # --- acting -----------------------------------------------------------------------------

    def _act(self, token: int, action: Action) -> None:
        try:
            with self._kept_lead(token):
                if action is Action.START:
                    self._provider.start()
                else:
                    self._provider.stop()
        except ProviderProblem as problem:
            logger.warning("the machine's %s was refused: %s", action, problem.reason_code)
            self._note_refusal(token, action, problem)

    def _note_refusal(self, token: int, action: Action, problem: ProviderProblem) -> None:
        with self._sessions.begin() as session:
            lane, now_s = led_lane(session, token), self._clocks.wall()
            if action is Action.START:
                waits = isinstance(problem, NoCapacity)
                back_off(lane, LaneState.CAPACITY_WAIT if waits else LaneState.FAILED, now_s)
            # A refused stop is asked for again in the next round, until it is followed.
            _say(
                session, lane, now_s, problem.reason_code, f"{problem.detail} {problem.fix}".strip()
            )


CALLS = {LaneState.STARTING: Action.START, LaneState.STOPPING: Action.STOP}
_NEXT = {
    Action.START: LaneState.STARTING,
    Action.DRAIN: LaneState.DRAINING,
    Action.RESUME: LaneState.READY,
    Action.STOP: LaneState.STOPPING,
    Action.ABANDON: LaneState.STOPPING,
    Action.BLOCK: LaneState.BUDGET_BLOCKED,
    Action.REST: LaneState.STOPPED,
}
# Whoever waits for these is a person: the lane is then kept warm for the next one.
_PERSONAL = frozenset({"intent", "queue", "manual"})


def apply_decision(lane: GpuLane, decision: Decision, now_s: float) -> bool:
    """Move the lane as decided; return whether it moved."""
    if decision.action is Action.STAY:
        return False
    state = _NEXT[decision.action]
    if state not in MOVES[lane.state]:
        raise RuntimeError(f"a lane that is {lane.state} cannot become {state}")
    if decision.action is Action.START:
        lane.ordered_s = lane.worked_s = now_s
        lane.personal_s = now_s if decision.code in _PERSONAL else None
        lane.unready_looks = 0
    if decision.action is Action.ABANDON:
        back_off(lane, state, now_s)
    lane.state, lane.since_s = state, now_s
    return True


def lane_of(lane: GpuLane, leased: int) -> Lane:
    """Return the row as the decision knows it."""
    return Lane(
        state=lane.state,
        since_s=lane.since_s,
        ordered_at_s=lane.ordered_s,
        leased=leased,
        worked_at_s=lane.worked_s,
        personal_at_s=lane.personal_s,
        retry_at_s=lane.retry_s,
        leaves_at_s=lane.leaves_s,
    )


def _keep_books(
    session: Session, lane: GpuLane, machine: Machine, now_s: float, power: Power
) -> None:
    """Enter what the provider says into the ledger, once for each run."""
    run_id = None
    if machine.id is not None and machine.running_since_s is not None:
        run_id = ledger.run_name(machine.id, machine.running_since_s)
    if lane.run_id is not None and lane.run_id != run_id:
        ended_s = machine.stopped_at_s or machine.running_since_s or now_s
        reason = _last_reason(session, LaneState.DRAINING, LaneState.STOPPING) or lane.reason
        ledger.note_stop(session, lane.run_id, ended_s, power.prices, reason)
        lane.run_id = None
    if run_id is not None and machine.running_since_s is not None:
        reason = _last_reason(session, LaneState.STARTING) or "it was started outside"
        prices = power.prices_of(machine.kind)
        ledger.note_start(session, run_id, machine.running_since_s, prices, reason)
        lane.run_id = run_id


# What is only on its way says nothing of why.
_ON_THE_WAY = ("coming", "stopping", "leased")


def _last_reason(session: Session, *states: LaneState) -> str | None:
    """Return why the lane last came into one of these states."""
    last = session.scalar(
        select(PowerDecision)
        .where(PowerDecision.code.not_in(_ON_THE_WAY))
        .order_by(PowerDecision.id.desc())
        .limit(1)
    )
    return last.reason if last is not None and last.state in states else None


def _say(session: Session, lane: GpuLane, now_s: float, code: str, reason: str) -> None:
    """Keep the reason, and in the history what is new."""
    lane.code, lane.reason = code, reason[:300]
    last = session.scalar(select(PowerDecision).order_by(PowerDecision.id.desc()).limit(1))
    if last is None or (last.state, last.code) != (lane.state, code):
        session.add(PowerDecision(at_s=now_s, state=lane.state, code=code, reason=lane.reason))
        if last is not None:
            session.execute(delete(PowerDecision).where(PowerDecision.id <= last.id - KEEP))
    session.flush()


class ControllerThread:
    """Runs the rounds in the background of a backend."""

    def __init__(self, controller: PowerController, round_s: float) -> None:
        self._controller = controller
        self._round_s = round_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="power-controller", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the present round, and let another backend lead at once."""
        self._stopping.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.wait(self._round_s):
            try:
                self._controller.run_round()
            except Exception:
                logger.exception("a round of the power controller failed")
        try:
            self._controller.resign()
        except Exception:
            logger.exception("the power controller could not resign")
