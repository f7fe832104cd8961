"""The controller on a real database, and a machine that a test moves by a clock of its own."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.power import history, ledger, work
from backend.power.controller import PowerController
from backend.power.leader import LeadershipLost, kept_lead, renew_lead
from backend.power.ledger import billed_seconds
from backend.power.models import GpuLane, LedgerEntry, PowerDecision, SpeechJob
from backend.power.providers.protocol import MachineState, NoCapacity, NotAllowed, Throttled
from backend.power.route import LaneName
from backend.power.situation import LaneState, Prices
from backend.power.tests.conftest import ON_DEMAND, Rule
from backend.power.tests.lanes import Clock, FakeMachine

S = LaneState
Sessions = sessionmaker[Session]
ROUND_S = 5.0


class Life:
    """Rounds of one or more controllers, as time passes."""

    def __init__(self, sessions: Sessions, clock: Clock, *controllers: PowerController) -> None:
        self.sessions, self.clock = sessions, clock
        self.controllers = list(controllers)

    def pass_by(self, seconds: float) -> None:
        # Whole hours need no look every five seconds.
        round_s = ROUND_S if seconds < 1000 else 6 * ROUND_S
        until_s = self.clock.ticks_s + seconds
        while self.clock.ticks_s < until_s:
            for controller in self.controllers:
                controller.run_round()
            self.clock.pass_by(round_s)
        for controller in self.controllers:
            controller.run_round()

    @property
    def lane(self) -> GpuLane:
        with self.sessions() as session:
            lane = session.get(GpuLane, "gpu")
            assert lane is not None
            return lane

    def order(self, **orders: float) -> None:
        with self.sessions.begin() as session:
            lane = session.get(GpuLane, "gpu")
            for name, value in orders.items():
                setattr(lane, name, value)

    def intend(self, account: str = "acc_1") -> None:
        with self.sessions.begin() as session:
            work.note_intent(session, account, self.clock.now_s)

    def submit(self, count: int, lane: LaneName = LaneName.GPU, *, is_bulk: bool = False) -> None:
        with self.sessions.begin() as session:
            for number in range(count):
                session.add(
                    SpeechJob(
                        message_id=f"msg_{self.clock.ticks_s}_{number}",
                        attempt=1,
                        lane=lane,
                        is_bulk=is_bulk,
                        submitted_s=self.clock.now_s,
                        leased_until_s=None,
                        is_settled=False,
                    )
                )

    def lease_all(self, for_s: float = 600.0) -> None:
        with self.sessions.begin() as session:
            for job in session.scalars(select(SpeechJob)):
                work.lease_job(
                    session, job.message_id, job.attempt, LaneName.GPU, self.clock.now_s + for_s
                )

    def finish_all(self) -> None:
        with self.sessions.begin() as session:
            for job in session.scalars(select(SpeechJob)).all():
                work.leave_job(session, job.message_id, job.attempt, self.clock.now_s)

    def ledger(self) -> list[LedgerEntry]:
        with self.sessions() as session:
            return list(session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))

    def codes(self) -> list[tuple[str, str]]:
        with self.sessions() as session:
            said = session.scalars(select(PowerDecision).order_by(PowerDecision.id))
            return [(str(each.state), each.code) for each in said]


# Forty jobs of 1.6 s on the CPU lane are worth no start; these are the plan's 45 s.
@pytest.fixture(autouse=True)
def slow_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(history.FIRST_VOICE_S, LaneName.CPU, 45.0)


def test_nobody_needs_it_so_it_stays_off(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.pass_by(600)
    assert (life.lane.state, life.lane.code, machine.starts) == (S.STOPPED, "nobody", 0)


def test_an_opened_editor_wakes_it_and_idling_stops_it_with_the_bill_to_the_second(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.pass_by(20)
    life.intend()
    life.pass_by(60)
    assert life.lane.state is S.READY
    life.submit(1)
    life.lease_all()
    life.pass_by(30)
    assert life.lane.code == "leased"
    life.finish_all()
    life.pass_by(3600)
    assert (life.lane.state, machine.starts, machine.stops) == (S.STOPPED, 1, 1)
    states = [state for state, _ in life.codes()]
    assert [each for n, each in enumerate(states) if each != (states[n - 1] if n else "")] == [
        "stopped", "starting", "booting", "ready", "draining", "stopping", "stopped"
    ]  # fmt: skip
    ((since_s, until_s),) = machine.runs
    started, stopped = life.ledger()
    assert (started.at_s, stopped.at_s) == (since_s, until_s)
    assert stopped.billed_s == billed_seconds(since_s, until_s, ON_DEMAND)
    assert "editor" in started.reason
    assert "idle" in stopped.reason
    assert stopped.usd_micro == round(stopped.billed_s * 710_000 / 3600)


def test_it_is_measured_how_long_a_boot_takes(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.intend()
    life.pass_by(60)
    assert machine.boot_s < (life.lane.boot_s or 0.0) <= machine.boot_s + machine.pending_s + 15


def test_work_is_never_cut_off_by_a_spent_day(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule(day_limit_s=120.0))
    life.intend()
    life.pass_by(60)
    life.submit(1)
    life.lease_all(for_s=900.0)
    life.pass_by(300)
    assert (life.lane.state, life.lane.code, machine.stops) == (S.DRAINING, "leased", 0)
    life.finish_all()
    life.pass_by(30)
    assert (life.lane.state, machine.stops) == (S.STOPPED, 1)
    life.intend()
    life.pass_by(30)
    assert (life.lane.state, life.lane.code) == (S.BUDGET_BLOCKED, "day_limit")


def test_a_lease_of_a_worker_that_died_ends_by_itself(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule(name="threshold", threshold_jobs=1, idle_s=60.0))
    life.submit(1)
    life.pass_by(60)
    life.lease_all(for_s=120.0)
    life.pass_by(600)
    # The job waits again, and so the lane stays: its hard limit alone would end that.
    assert life.lane.code == "queue"
    with sessions() as session:
        assert work.count_jobs(session, clock.now_s).queue.waiting == 1


def test_an_idle_editor_left_open_is_cut_off_by_the_hard_limit(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule(hard_limit_s=1800.0))
    for _ in range(60):
        life.intend()
        life.pass_by(60)
        if machine.stops:
            break
    assert ("draining", "hard_limit") in life.codes() or ("stopping", "hard_limit") in life.codes()
    ((since_s, until_s),) = machine.runs
    assert 1800 <= until_s - since_s <= 1800 + 120


def test_without_room_it_is_tried_again_later_and_later(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    machine.refusal = NoCapacity("EC2 has no room.")
    life = Life(sessions, clock, rule())
    life.submit(20)
    life.pass_by(20)
    assert (life.lane.state, life.lane.code) == (S.CAPACITY_WAIT, "backing_off")
    assert ("capacity_wait", "no_capacity") in life.codes()
    life.pass_by(300)
    assert life.lane.failures == 4  # after 0, 30, 90 and 210 s
    machine.refusal = None
    life.pass_by(400)
    assert (life.lane.state, life.lane.failures) == (S.READY, 0)


@pytest.mark.parametrize("refusal", [NotAllowed("No.", "Allow it."), Throttled("Too often.")])
def test_a_refused_start_says_why_and_what_helps(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule, refusal: NotAllowed
) -> None:
    machine.refusal = refusal
    life = Life(sessions, clock, rule())
    life.submit(20)
    life.pass_by(0)
    assert (life.lane.state, life.lane.code) == (S.FAILED, refusal.reason_code)
    assert life.lane.reason == f"{refusal.detail} {refusal.fix}"


def test_a_provider_that_cannot_be_asked_changes_nothing(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.intend()
    life.pass_by(60)
    machine.blindness = Throttled("Too often.")
    life.pass_by(60)
    assert (life.lane.state, life.lane.code) == (S.READY, "throttled")
    machine.blindness = None
    life.pass_by(5)
    assert life.lane.code in ("intent", "idle_wait")


def test_while_the_provider_is_blind_only_work_keeps_the_machine_from_its_watchdog(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.submit(1)
    life.intend()
    life.pass_by(60)
    life.lease_all()
    machine.blindness = NotAllowed("Expired.", "Renew it.")
    before = machine.leases
    life.pass_by(60)
    assert machine.leases > before
    life.finish_all()
    before = machine.leases
    life.pass_by(60)
    assert machine.leases == before


def test_a_lane_that_is_never_ready_is_given_up_and_tried_later(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    machine.is_sound = False
    life = Life(sessions, clock, rule(start_limit_s=300.0))
    life.submit(20)
    life.pass_by(320)
    assert (machine.starts, machine.stops) == (1, 1)
    assert ("stopping", "never_ready") in life.codes()
    machine.is_sound = True
    life.pass_by(120)
    assert (life.lane.state, machine.starts) == (S.READY, 2)


def test_a_machine_stuck_in_pending_is_given_up_too(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    machine.pending_s = 1e9
    life = Life(sessions, clock, rule(start_limit_s=300.0))
    life.submit(20)
    life.pass_by(290)
    assert (str(life.lane.state), machine.stops) == ("starting", 0)
    life.pass_by(30)
    assert machine.stops == 1
    assert ("stopping", "never_ready") in life.codes()


def test_a_ready_lane_that_answers_no_more_boots_again(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.submit(20)
    life.pass_by(60)
    machine.is_sound = False
    life.pass_by(5)
    assert str(life.lane.state) == "ready"  # one lost answer is nothing
    life.pass_by(15)
    assert str(life.lane.state) == "booting"
    machine.is_sound = True
    life.pass_by(5)
    assert str(life.lane.state) == "ready"


def test_a_lane_that_answers_no_more_is_not_given_up_while_jobs_are_at_work(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule(start_limit_s=60.0))
    life.submit(20)
    life.pass_by(60)
    life.lease_all(for_s=300.0)
    machine.is_sound = False
    life.pass_by(240)
    assert (str(life.lane.state), life.lane.code, machine.stops) == ("booting", "leased", 0)
    life.pass_by(120)
    assert machine.stops == 1


def test_a_spot_notice_drains_and_an_interrupted_machine_is_not_started_by_us(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.submit(20)
    life.pass_by(60)
    life.lease_all()
    machine.leaves_s = clock.now_s + 120
    life.pass_by(5)
    assert life.lane.state is S.DRAINING
    machine.end()
    machine.state = MachineState.INTERRUPTED
    life.pass_by(600)
    assert (life.lane.state, machine.starts) == (S.INTERRUPTED, 1)
    machine.state, machine.leaves_s = MachineState.OFF, None
    life.pass_by(60)
    assert machine.starts == 2


def test_a_terminated_machine_fails_with_a_reason_and_its_run_is_closed(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.submit(20)
    life.pass_by(60)
    machine.end()
    machine.state = MachineState.GONE
    life.pass_by(5)
    assert life.lane.state is S.FAILED
    assert [entry.kind for entry in life.ledger()] == ["started", "stopped"]


def test_a_start_in_the_console_is_adopted_and_stopped_when_idle(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.pass_by(10)
    machine.start()
    life.pass_by(60)
    assert life.lane.state is S.READY
    life.pass_by(3600)
    assert (life.lane.state, machine.stops) == (S.STOPPED, 1)
    assert [entry.kind for entry in life.ledger()] == ["started", "stopped"]
    assert life.ledger()[0].reason == "it was started outside"


def test_a_stop_in_the_console_is_seen_and_work_starts_it_again(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.submit(20)
    life.pass_by(60)
    machine.end()
    life.pass_by(60)
    assert (life.lane.state, machine.starts) == (S.READY, 2)


def test_by_hand_it_is_started_kept_and_stopped(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule(name="cpu_only"))
    life.pass_by(5)
    life.order(keep_on_until_s=clock.now_s + 1200)
    life.pass_by(1100)
    assert (life.lane.state, life.lane.code) == (S.READY, "manual")
    life.order(stay_off_until_s=clock.now_s + 600)
    life.pass_by(60)
    assert (life.lane.state, life.lane.code) == (S.STOPPED, "manual")
    life.pass_by(1200)
    assert (life.lane.state, life.lane.code) == (S.STOPPED, "nobody")


@pytest.mark.parametrize("jump_s", [86_400.0, -86_400.0])
def test_a_clock_set_by_a_day_changes_nothing(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule, jump_s: float
) -> None:
    life = Life(sessions, clock, rule())
    life.intend()
    life.pass_by(60)
    clock.set_by(jump_s)
    life.pass_by(30)
    assert (life.lane.state, machine.stops) == (S.READY, 0)
    life.pass_by(7200)
    assert (life.lane.state, machine.stops) == (S.STOPPED, 1)


def test_a_clock_set_back_while_nobody_led_holds_nothing_up(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.intend()
    life.pass_by(60)
    clock.set_by(-86_400.0)
    life.controllers = [rule("two")]
    life.pass_by(7200)
    assert (life.lane.leader, life.lane.state, machine.stops) == ("two", S.STOPPED, 1)


def test_of_two_controllers_one_leads_and_the_other_follows_when_it_dies(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    one, two = rule("one"), rule("two")
    life = Life(sessions, clock, one, two)
    life.submit(20)
    life.pass_by(60)
    assert (life.lane.leader, machine.starts) == ("one", 1)
    life.controllers = [two]
    life.pass_by(15)
    assert (life.lane.leader, life.lane.state) == ("two", S.READY)


def test_a_leader_that_was_held_up_writes_nothing_when_it_wakes(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    two = rule("two")

    class HeldUp(FakeMachine):
        def look(self):
            machine_seen = super().look()
            self.clock.pass_by(60)
            two.run_round()
            return machine_seen

    held = HeldUp(clock)
    one = rule("one")
    one._provider = held
    life = Life(sessions, clock)
    life.submit(20)
    assert one.run_round() is False
    assert (life.lane.leader, held.starts) == ("two", 0)


def test_a_look_that_takes_long_keeps_the_lead(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule("one"))
    life.pass_by(0)
    token = life.lane.leader_token
    with kept_lead(sessions, token, clock.wall, every_s=0.01):
        clock.pass_by(3600)
        while life.lane.leader_until_s < clock.now_s:
            pass
        assert rule("two").run_round() is False
    clock.pass_by(3600)
    assert rule("two").run_round() is True
    with pytest.raises(LeadershipLost), sessions.begin() as session:
        renew_lead(session, token, clock.now_s)


def test_a_machine_that_answers_slower_than_a_lease_is_stopped_all_the_same(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    class Slow(FakeMachine):
        def look(self):
            self.clock.pass_by(20)
            return super().look()

    slow = Slow(clock, is_sound=False)
    one = rule("one", start_limit_s=300.0)
    one._provider = one._probe = slow
    life = Life(sessions, clock, one)
    life.submit(20)
    life.pass_by(320)
    assert (slow.starts, slow.stops) == (1, 1)


def test_a_run_is_billed_at_the_price_of_the_type_that_was_started(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    one = rule("one")
    one._power = replace(one._power, type_prices={"g5.xlarge": Prices(1_459_000)})
    machine.kind = "g5.xlarge"
    life = Life(sessions, clock, one)
    life.submit(20)
    life.pass_by(60)
    assert [entry.hour_usd_micro for entry in life.ledger()] == [1_459_000]
    with sessions() as session:
        assert ledger.last_prices(session) == Prices(1_459_000)


def test_a_controller_killed_between_its_note_and_its_call_is_followed(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    class Killed(BaseException):
        """As kill -9 does, it passes every handler by."""

    def killed() -> None:
        raise Killed

    one = rule("one")
    life = Life(sessions, clock, one)
    life.submit(20)
    start: Callable[[], None] = machine.start
    machine.start = killed  # type: ignore[method-assign]
    with pytest.raises(Killed):
        one.run_round()
    assert (life.lane.state, machine.starts) == (S.STARTING, 0)
    machine.start = start  # type: ignore[method-assign]
    clock.pass_by(10)
    life.controllers = [rule("two")]
    life.pass_by(5)
    assert machine.starts == 1


def test_bulk_work_is_drained_in_one_window_that_closes_with_the_last_job(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.submit(50, is_bulk=True)
    life.pass_by(60)
    assert life.lane.state is S.READY
    life.lease_all()
    life.pass_by(60)
    life.finish_all()
    life.pass_by(15)
    assert (machine.starts, machine.stops, life.lane.state) == (1, 1, S.STOPPED)


def test_a_lease_is_renewed_while_it_runs_and_not_when_it_is_off(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.pass_by(30)
    assert machine.leases == 0
    life.submit(20)
    life.pass_by(60)
    assert machine.leases >= 8


def say_ahead(life: Life, jobs: int) -> None:
    with life.sessions.begin() as session:
        work.note_ahead(session, "cmp_1", jobs, life.clock.now_s)


def test_a_run_that_is_fed_bit_by_bit_is_one_window(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    life.submit(4, LaneName.CPU, is_bulk=True)
    life.pass_by(30)
    assert life.lane.state is S.STOPPED, "four jobs are worth no start"
    say_ahead(life, 400)
    life.pass_by(55)
    for left in (300, 200, 100):
        say_ahead(life, left)
        life.finish_all()  # none stands in line until the next few are handed over
        life.pass_by(45)
        assert life.lane.state is S.READY, "the run is still to come"
    say_ahead(life, 0)
    life.pass_by(30)
    assert (life.lane.state, machine.starts) == (S.STOPPED, 1)


def test_a_run_whose_worker_is_gone_keeps_no_machine_on(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    life = Life(sessions, clock, rule())
    say_ahead(life, 400)
    life.pass_by(50)
    assert life.lane.state is S.READY
    life.pass_by(60)
    assert life.lane.state in (S.STOPPING, S.STOPPED)
