"""Replays arrivals against a policy, from event to event, through the same `decide` and `route`."""

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from backend.power.decide import Action, Decision, decide
from backend.power.policies import policy_of
from backend.power.route import LaneName, Load, route
from backend.power.simulate.arrivals import DAY_S, EPOCH_S, Arrival, Kind
from backend.power.simulate.outcome import Outcome
from backend.power.situation import (
    COMING,
    MOVES,
    ON,
    History,
    Intents,
    Lane,
    LaneState,
    Orders,
    PolicySettings,
    Prices,
    Queue,
    Situation,
)

S = LaneState
FIRST_BACK_OFF_S, LONGEST_BACK_OFF_S = 30.0, 900.0
# The machine's stop takes a while in which it can't be started; nothing is paid for it.
STOPPING_S = 30.0
NOTICE_S = 120.0
MOST_MOVES = 6
# A policy that is looked at again at the very same moment would never get on.
LEAST_STEP_S = 0.001
NO_ORDERS = Orders()
NEXT = {
    Action.DRAIN: S.DRAINING,
    Action.RESUME: S.READY,
    Action.STOP: S.STOPPING,
    Action.ABANDON: S.STOPPING,
    Action.BLOCK: S.BUDGET_BLOCKED,
    Action.REST: S.STOPPED,
    Action.START: S.STARTING,
}


@dataclass(frozen=True)
class World:
    """What the machine and the provider are like.

    no_capacity:            chance that a start finds no room
    interruptions_an_hour:  how often a spot machine is taken back while it runs
    taken_for_s:            how long the provider then keeps it
    """

    boot_s: float = 90.0
    cpu_voice_s: float = 45.0
    gpu_voice_s: float = 3.0
    no_capacity: float = 0.0
    interruptions_an_hour: float = 0.0
    taken_for_s: float = 1800.0

    @property
    def history(self) -> History:
        """Return it as it would have been measured."""
        return History(self.boot_s, self.cpu_voice_s, self.gpu_voice_s)


@dataclass(eq=False)
class Job:
    """One voice that is ordered."""

    submitted_s: float
    is_bulk: bool
    lane: LaneName = LaneName.CPU


@dataclass
class Line:
    """A lane's waiting jobs and the one at work; whoever somebody waits for goes first."""

    personal: deque[Job] = field(default_factory=deque)
    bulk: deque[Job] = field(default_factory=deque)
    at_work: Job | None = None

    def __len__(self) -> int:
        return len(self.personal) + len(self.bulk) + (self.at_work is not None)

    def add(self, job: Job) -> None:
        (self.bulk if job.is_bulk else self.personal).append(job)

    def put_back(self, job: Job) -> None:
        (self.bulk if job.is_bulk else self.personal).appendleft(job)

    def next(self) -> Job | None:
        for waiting in (self.personal, self.bulk):
            if waiting:
                return waiting.popleft()
        return None

    def empty(self) -> list[Job]:
        """Take everybody out who waits."""
        waiting = [*self.personal, *self.bulk]
        self.personal.clear()
        self.bulk.clear()
        return waiting


class Simulation:
    """One replay. `on_decision` sees every situation and what was decided, for tests."""

    def __init__(
        self,
        arrivals: Sequence[Arrival],
        policy: PolicySettings,
        prices: Prices,
        world: World = World(),
        seed: int = 1,
        on_decision: Callable[[Situation, Decision], None] = lambda _situation, _decision: None,
    ) -> None:
        self._policy, self._prices, self._world = policy, prices, world
        self._dice = random.Random(seed)  # noqa: S311 - a replay, not a secret
        self._on_decision = on_decision
        self._history = world.history
        self._uses_cpu = policy_of(policy.name).uses_cpu
        self._numbers = itertools.count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._cpu, self._gpu = Line(), Line()
        self._lane = Lane()
        self._failures = 0
        self._intents = 0
        self._run = 0
        self._billed_from_s = 0.0
        self._spent_usd_micro = 0.0
        self._again_s = inf
        self.now_s = EPOCH_S
        last_s = arrivals[-1].time_s if arrivals else 0.0
        # A day on top, in which the last jobs end or never will.
        self._end_s = EPOCH_S + last_s + DAY_S
        days = -(-last_s // DAY_S) if last_s > DAY_S else 0.0
        self.outcome = Outcome(policy.name, days)
        for arrival in arrivals:
            self._at(EPOCH_S + arrival.time_s, self._arrive, arrival)

    def run(self) -> Outcome:
        """Replay everything; return what came of it."""
        self._settle()
        while self._events and self._events[0][0] <= self._end_s:
            self.now_s, _, happen = heapq.heappop(self._events)
            happen()
            self._settle()
        if self._lane.state in ON:
            self.now_s = max(self.now_s, self._end_s - DAY_S)
            self._bill()
        self.outcome.unfinished = len(self._cpu) + len(self._gpu)
        return self.outcome

    def _at(self, moment_s: float, happen: Callable[..., None], *arguments: object) -> None:
        heapq.heappush(self._events, (moment_s, next(self._numbers), lambda: happen(*arguments)))

    # --- what happens -----------------------------------------------------------------------

    def _arrive(self, arrival: Arrival) -> None:
        if arrival.kind is Kind.OPEN:
            self._intents += 1
        elif arrival.kind is Kind.CLOSE:
            self._intents -= 1
        else:
            self._enter(Job(self.now_s, is_bulk=arrival.kind is Kind.BULK))
        if arrival.kind is not Kind.BULK:
            self._note_person()

    def _note_person(self) -> None:
        if self._lane.state in ON:
            self._lane = replace(self._lane, personal_at_s=self.now_s)

    def _enter(self, job: Job) -> None:
        job.lane = route(self.now_s, self._load(), self._policy, self._history)
        (self._gpu if job.lane is LaneName.GPU else self._cpu).add(job)

    def _load(self) -> Load:
        lane = self._lane
        return Load(len(self._cpu), len(self._gpu), lane.state, lane.ordered_at_s)

    def _cpu_done(self) -> None:
        job, self._cpu.at_work = self._cpu.at_work, None
        self._finish(job)

    def _gpu_done(self, run: int) -> None:
        if run != self._run:
            return  # the machine was taken away under it
        job, self._gpu.at_work = self._gpu.at_work, None
        self._finish(job)
        self.outcome.on_gpu += 1
        self._lane = replace(self._lane, leased=0, worked_at_s=self.now_s)
        if job is not None and not job.is_bulk:
            self._note_person()

    def _finish(self, job: Job | None) -> None:
        if job is not None:
            self.outcome.waits_s.append(self.now_s - job.submitted_s)

    # --- the machine ------------------------------------------------------------------------

    def _booted(self, run: int) -> None:
        if run == self._run and self._lane.state in COMING:
            self._failures = 0
            self._turn(S.READY)

    def _stopped(self) -> None:
        if self._lane.state is S.STOPPING:
            self._turn(S.STOPPED)

    def _warned(self, run: int) -> None:
        if run == self._run and self._lane.state in ON:
            self._lane = replace(self._lane, leaves_at_s=self.now_s + NOTICE_S)
            self._at(self.now_s + NOTICE_S, self._taken, run)

    def _taken(self, run: int) -> None:
        if run != self._run or self._lane.state not in ON:
            return
        self._bill()
        self._run += 1
        if self._gpu.at_work is not None:
            self._gpu.put_back(self._gpu.at_work)
            self._gpu.at_work = None
        self._lane = replace(self._lane, leased=0, leaves_at_s=None)
        self._turn(S.INTERRUPTED)
        self._at(self.now_s + self._world.taken_for_s, self._given_back)

    def _given_back(self) -> None:
        if self._lane.state is S.INTERRUPTED:
            self._turn(S.STOPPED)

    def _turn(self, state: LaneState) -> None:
        self._lane = replace(self._lane, state=state, since_s=self.now_s)

    def _bill(self) -> None:
        length_s = self.now_s - self._billed_from_s
        price = self._prices.of_run(length_s)
        self._spent_usd_micro += price
        self.outcome.usd_micro += price
        self.outcome.on_s += length_s

    # --- deciding and working ---------------------------------------------------------------

    def _settle(self) -> None:
        for _ in range(MOST_MOVES):
            self._balance()
            self._work()
            situation = self._situation()
            decision = decide(situation)
            self._on_decision(situation, decision)
            if decision.action is Action.STAY:
                self._look_again_at(decision.again_at_s)
                return
            self._apply(decision)

    def _look_again_at(self, moment_s: float) -> None:
        # Looking once too often is harmless; of each moment one note is enough.
        if moment_s < inf and moment_s != self._again_s:
            self._again_s = moment_s
            self._at(max(moment_s, self.now_s + LEAST_STEP_S), lambda: None)

    def _situation(self) -> Situation:
        personal = len(self._cpu.personal) + len(self._gpu.personal)
        firsts = [line.personal[0].submitted_s for line in (self._cpu, self._gpu) if line.personal]
        queue = Queue(
            waiting=personal,
            bulk=len(self._cpu.bulk) + len(self._gpu.bulk),
            oldest_wait_s=self.now_s - min(firsts, default=self.now_s),
        )
        return Situation(
            now_s=self.now_s,
            lane=self._lane,
            queue=queue,
            intents=Intents(self._intents),
            orders=NO_ORDERS,
            prices=self._prices,
            policy=self._policy,
            history=self._spent_history(),
        )

    def _spent_history(self) -> History:
        if self._policy.month_budget_usd_micro is None:
            return self._history
        run = self._prices.of_run(self.now_s - self._billed_from_s)
        present = run if self._lane.state in ON else 0.0
        return replace(self._history, month_usd_micro=self._spent_usd_micro + present)

    def _apply(self, decision: Decision) -> None:
        state = NEXT[decision.action]
        if state not in MOVES[self._lane.state]:
            raise RuntimeError(f"a lane that is {self._lane.state} cannot become {state}")
        if decision.action is Action.START:
            self._start(decision)
            return
        if state is S.STOPPING:
            self._bill()
            self._run += 1
            self._at(self.now_s + STOPPING_S, self._stopped)
        self._turn(state)

    def _start(self, decision: Decision) -> None:
        if self._dice.random() < self._world.no_capacity:
            self._failures += 1
            wait_s = min(FIRST_BACK_OFF_S * 2.0 ** (self._failures - 1), LONGEST_BACK_OFF_S)
            self._lane = replace(self._lane, retry_at_s=self.now_s + wait_s)
            self._turn(S.CAPACITY_WAIT)
            return
        self._run += 1
        self.outcome.starts += 1
        self._billed_from_s = self.now_s
        self._lane = Lane(
            state=S.STARTING,
            since_s=self.now_s,
            ordered_at_s=self.now_s,
            worked_at_s=self.now_s,
            personal_at_s=self.now_s if decision.code in ("intent", "queue") else None,
        )
        self._at(self.now_s + self._world.boot_s, self._booted, self._run)
        rate = self._world.interruptions_an_hour
        if rate > 0.0:
            moment_s = self.now_s + self._dice.expovariate(rate / 3600.0)
            self._at(moment_s, self._warned, self._run)

    def _balance(self) -> None:
        """Send jobs to the other lane: off one that will not come, on to one that is quicker."""
        if not self._uses_cpu:
            return
        if self._lane.state is S.READY:
            self._relieve_the_cpu()
        elif self._lane.state not in COMING and self._gpu.at_work is None:
            for job in self._gpu.empty():
                self._cpu.add(job)

    def _relieve_the_cpu(self) -> None:
        waiting = self._cpu.empty()
        for job in waiting:
            self._enter(job)

    def _work(self) -> None:
        if self._cpu.at_work is None and (job := self._cpu.next()) is not None:
            self._cpu.at_work = job
            self._at(self.now_s + self._world.cpu_voice_s, self._cpu_done)
        if self._lane.state is not S.READY or self._gpu.at_work is not None:
            return
        if (job := self._gpu.next()) is not None:
            self._gpu.at_work = job
            self._lane = replace(self._lane, leased=1)
            self._at(self.now_s + self._world.gpu_voice_s, self._gpu_done, self._run)
