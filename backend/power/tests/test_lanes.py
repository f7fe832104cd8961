"""Which lane speaks a job: where it stands in line, where it goes when its lane is not there."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, sessionmaker

from backend.power import work
from backend.power.lanes import CPU_SLOTS, GPU_SLOTS, REROUTE_SLOTS, Lanes, NotThere
from backend.power.leader import lane_row
from backend.power.models import SpeechJob
from backend.power.route import LaneName
from backend.power.setup import PLAYED_VOICE_S, Power
from backend.power.situation import LaneState, PolicySettings
from backend.power.tests.conftest import ON_DEMAND
from backend.power.tests.lanes import Clock
from backend.speech.client import SpeechClient

S = LaneState
Sessions = sessionmaker[Session]
CPU_URL, GPU_URL = "http://cpu", "http://gpu"
Make = Callable[..., Lanes]


@pytest.fixture
def lanes(sessions: Sessions, clock: Clock) -> Make:
    def make(policy: str = "on_intent", provider: str = "process") -> Lanes:
        power = Power(provider, PolicySettings(name=policy), ON_DEMAND, PLAYED_VOICE_S)
        return Lanes(sessions, SpeechClient(CPU_URL, "token"), power, clock.wall)

    return make


def put(sessions: Sessions, clock: Clock, state: LaneState, ordered_ago_s: float = 0.0) -> None:
    with sessions.begin() as session:
        lane = lane_row(session)
        lane.state, lane.url, lane.ordered_s = state, GPU_URL, clock.now_s - ordered_ago_s


def waiting(sessions: Sessions, clock: Clock) -> tuple[int, int]:
    with sessions() as session:
        counts = work.count_jobs(session, clock.now_s)
    return counts.queue.waiting, sum(counts.leased.values())


@pytest.mark.parametrize(
    ("state", "ordered_ago_s", "line"),
    [
        (S.READY, 0, "gpu"),
        (S.BOOTING, 80, "gpu"),  # 10 s of its boot are left, and the CPU lane takes 45 s
        (S.BOOTING, 10, "cpu"),  # 80 s are left
        (S.STOPPED, 0, "cpu"),
        (S.CAPACITY_WAIT, 0, "cpu"),
        (S.DRAINING, 0, "cpu"),
    ],
)
def test_a_job_stands_where_it_should_be_done_first(
    sessions: Sessions, clock: Clock, lanes: Make, state: LaneState, ordered_ago_s: float, line: str
) -> None:
    put(sessions, clock, state, ordered_ago_s)
    assert lanes().line_of("msg_1", 1) == line
    put(sessions, clock, S.READY)
    assert lanes().line_of("msg_1", 1) == line  # asked again after a crash it is the same


def test_jobs_spread_by_what_both_lanes_have_before_them(
    sessions: Sessions, clock: Clock, lanes: Make
) -> None:
    put(sessions, clock, S.BOOTING, ordered_ago_s=40)  # 50 s left
    lines = [lanes().line_of(f"msg_{number}", 1) for number in range(12)]
    # The first is done sooner by the CPU; the others wait for the GPU, until its line is 12 long.
    assert lines == ["cpu"] + ["gpu"] * 11


def test_the_plan_uses_the_gpu_alone(sessions: Sessions, clock: Clock, lanes: Make) -> None:
    put(sessions, clock, S.STOPPED)
    assert lanes("plan").line_of("msg_1", 1) == "gpu"
    with pytest.raises(NotThere) as lost:
        lanes("plan").take("msg_1", 1, "Hello.")
    assert lost.value.instead == "gpu"


def test_without_a_gpu_nothing_is_written_down(
    sessions: Sessions, clock: Clock, lanes: Make
) -> None:
    none = lanes(provider="none")
    assert none.line_of("msg_1", 1) == "cpu"
    assert none.take("msg_1", 1, "Hello.").lane is LaneName.CPU
    with sessions() as session:
        assert session.get(SpeechJob, ("msg_1", 1)) is None


def test_a_job_of_the_gpu_is_spoken_there_and_leaves_it_idle_afterwards(
    sessions: Sessions, clock: Clock, lanes: Make
) -> None:
    put(sessions, clock, S.READY)
    both = lanes()
    both.line_of("msg_1", 1)
    taken = both.take("msg_1", 1, "Hello.")
    assert (taken.lane, taken.speech._base_url) == (LaneName.GPU, GPU_URL)
    assert waiting(sessions, clock) == (0, 1)
    assert both.cost_usd_micro(taken, 3.0) == round(3 * 710_000 / 3600)
    clock.pass_by(5)
    both.done("msg_1", 1)
    assert waiting(sessions, clock) == (0, 0)
    with sessions() as session:
        assert lane_row(session).worked_s == clock.now_s


def test_a_job_whose_lane_went_away_goes_to_the_cpu(
    sessions: Sessions, clock: Clock, lanes: Make
) -> None:
    put(sessions, clock, S.READY)
    both = lanes()
    both.line_of("msg_1", 1)
    put(sessions, clock, S.STOPPED)
    with pytest.raises(NotThere) as lost:
        both.take("msg_1", 1, "Hello.")
    assert lost.value.instead == "cpu"
    assert both.take("msg_1", 1, "Hello.").lane is LaneName.CPU


def test_a_job_that_the_gpu_could_not_do_is_given_to_the_cpu(
    sessions: Sessions, clock: Clock, lanes: Make
) -> None:
    put(sessions, clock, S.READY)
    both = lanes()
    both.line_of("msg_1", 1)
    assert both.give_back("msg_1", 1, both.take("msg_1", 1, "Hello.")) == "cpu"
    assert waiting(sessions, clock) == (1, 0)


def test_what_the_gpu_could_not_do_goes_there_no_more(
    sessions: Sessions, clock: Clock, lanes: Make
) -> None:
    put(sessions, clock, S.READY)
    both = lanes()
    both.line_of("msg_1", 1)
    both.give_back("msg_1", 1, both.take("msg_1", 1, "Hello."))
    assert both.take("msg_1", 1, "Hello.").lane is LaneName.CPU


def test_jobs_of_the_cpus_line_go_over_when_the_gpu_is_ready_sooner(
    sessions: Sessions, clock: Clock, lanes: Make
) -> None:
    both = lanes()
    assert [both.line_of(f"msg_{number}", 1) for number in range(20)] == ["cpu"] * 20
    assert both.take("msg_0", 1, "Hello.").lane is LaneName.CPU
    put(sessions, clock, S.READY)
    assert both.cpu_slots() == CPU_SLOTS + REROUTE_SLOTS
    moved = 0
    for number in range(1, 20):
        try:
            both.take(f"msg_{number}", 1, "Hello.")
        except NotThere as lost:
            moved += (lost.line, lost.instead) == ("cpu", "gpu")
    # 45 s here are fifteen jobs there: most go over, and the CPU lane keeps its share.
    assert 15 <= moved <= 19
    assert both.take("msg_1", 1, "Hello.").lane is LaneName.GPU


def test_the_cpus_line_has_its_usual_slots_while_the_gpu_is_away(
    sessions: Sessions, clock: Clock, lanes: Make
) -> None:
    both = lanes()
    both.line_of("msg_1", 1)
    assert both.cpu_slots() == CPU_SLOTS


def test_bulk_stays_bulk_wherever_it_goes(sessions: Sessions, clock: Clock, lanes: Make) -> None:
    put(sessions, clock, S.READY)
    both = lanes()
    both.line_of("msg_1", 1, is_bulk=True)
    taken = both.take("msg_1", 1, "Hello.")
    assert taken.is_bulk
    both.give_back("msg_1", 1, taken)
    with sessions() as session:
        assert work.count_jobs(session, clock.now_s).queue.bulk == 1
    assert both.take("msg_1", 1, "Hello.").is_bulk
    assert both.done("msg_1", 1) is True
    with sessions() as session:
        # What nobody waited for leaves no reason to keep the machine warm.
        assert lane_row(session).personal_s is None


def test_a_lease_ends_when_the_call_would_have_timed_out(
    sessions: Sessions, clock: Clock, lanes: Make
) -> None:
    put(sessions, clock, S.READY)
    both = lanes()
    both.line_of("msg_1", 1)
    both.take("msg_1", 1, "Hello.")
    clock.pass_by(60)
    assert waiting(sessions, clock) == (1, 0)


@pytest.mark.parametrize(
    ("policy", "state", "ordered_ago_s", "slots"),
    [
        ("on_intent", S.READY, 0, GPU_SLOTS),
        ("on_intent", S.STARTING, 0, 0),
        ("on_intent", S.BOOTING, 170, 0),
        ("on_intent", S.BOOTING, 190, REROUTE_SLOTS),  # more than two usual boots: it is late
        ("on_intent", S.STOPPED, 0, REROUTE_SLOTS),
        ("on_intent", S.FAILED, 0, REROUTE_SLOTS),
        ("on_intent", S.DRAINING, 0, REROUTE_SLOTS),
        ("plan", S.STOPPED, 0, 0),
        ("plan", S.READY, 0, GPU_SLOTS),
    ],
)
def test_the_gpus_line_opens_when_it_is_ready_or_will_not_come(
    sessions: Sessions,
    clock: Clock,
    lanes: Make,
    policy: str,
    state: LaneState,
    ordered_ago_s: float,
    slots: int,
) -> None:
    put(sessions, clock, state, ordered_ago_s)
    assert lanes(policy).gpu_slots() == slots
