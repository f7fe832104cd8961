"""The simulator against closed formulas, and the rules' promises over whatever may happen."""

from collections.abc import Sequence
from math import inf
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.power.decide import Action, Decision
from backend.power.policies import (
    POLICIES,
    break_even_queue,
    policy_of,
    saved_by_waking_s,
    wake_price_usd_micro,
)
from backend.power.prices import price_list
from backend.power.simulate.__main__ import main
from backend.power.simulate.arrivals import (
    DAY_S,
    EPOCH_S,
    FILES,
    FOLDER,
    Arrival,
    BadArrivals,
    Kind,
    burst,
    poisson_sessions,
    read_arrivals,
    write_arrivals,
)
from backend.power.simulate.engine import Simulation, World
from backend.power.simulate.outcome import Outcome
from backend.power.simulate.serverless import simulate_serverless
from backend.power.simulate.table import Wish, replay_all
from backend.power.situation import ON, LaneState, PolicySettings, Prices, Situation

PRICES = Prices(hour_usd_micro=710_000)
Seen = list[tuple[Situation, Decision]]


def voices(count: int, every_s: float = 0.0, begin_s: float = 1000.0) -> list[Arrival]:
    return [Arrival(begin_s + every_s * number, number, Kind.VOICE) for number in range(count)]


PLAIN = World()


def replay(
    arrivals: Sequence[Arrival], name: str, world: World = PLAIN, seed: int = 1, **policy: float
) -> tuple[Outcome, Seen]:
    seen: Seen = []
    simulation = Simulation(
        arrivals,
        PolicySettings(name=name, **policy),  # type: ignore[arg-type]
        PRICES,
        world,
        seed,
        lambda situation, decision: seen.append((situation, decision)),
    )
    return simulation.run(), seen


# --- closed formulas ------------------------------------------------------------------------


@pytest.mark.parametrize("boot_s", [60.0, 90.0, 240.0])
def test_the_break_even_queue_is_where_a_wake_ends_sooner(boot_s: float) -> None:
    """With n jobs at once the CPU alone ends after n·cpu, a woken GPU alone after boot + n·gpu."""
    world = World(boot_s=boot_s)

    def last_s(name: str, count: int) -> float:
        policy = {"threshold_jobs": 1} if name == "threshold" else {}
        outcome, _ = replay(voices(count), name, world, **policy)
        return max(outcome.waits_s)

    def gpu_alone_s(count: int) -> float:
        # `plan` uses the GPU alone and starts at 11, so what it needs for 11 is scaled down.
        return last_s("plan", 11) - (11 - count) * world.gpu_voice_s

    crossing = next(n for n in range(1, 11) if gpu_alone_s(n) < last_s("cpu_only", n))
    assert crossing - 1 <= break_even_queue(world.history) * 1.1
    assert crossing >= break_even_queue(world.history) * 0.9


@pytest.mark.parametrize("count", [11, 50, 200])
def test_a_wake_costs_what_the_formula_says(count: int) -> None:
    outcome, _ = replay(voices(count), "plan")
    world = World()
    length_s = world.boot_s + count * world.gpu_voice_s + 300.0
    assert outcome.usd_micro == pytest.approx(PRICES.of_run(length_s), rel=0.1)
    assert outcome.starts == 1


def test_always_on_costs_its_hours() -> None:
    arrivals = [Arrival(0.0, 0, Kind.VOICE), Arrival(30.0 * DAY_S, 1, Kind.VOICE)]
    outcome, _ = replay(arrivals, "always_on")
    assert outcome.usd_month == pytest.approx(0.71 * 24 * 30, rel=0.01)


def test_one_line_waits_as_a_queue_with_constant_service_does() -> None:
    """Poisson arrivals at one server: the wait is (2 - load) / (2 - 2·load) services (M/D/1)."""
    arrivals = [
        Arrival(each.time_s, each.session, Kind.VOICE)
        for each in poisson_sessions(20_000, 60)
        if each.kind is Kind.OPEN
    ]
    world = World(cpu_voice_s=45.0)
    outcome, _ = replay(arrivals, "cpu_only", world)
    load = len(arrivals) * 45.0 / (60 * 13 * 3600.0)
    expected_s = 45.0 * (2.0 - load) / (2.0 - 2.0 * load)
    assert sum(outcome.waits_s) / len(outcome.waits_s) == pytest.approx(expected_s, rel=0.1)


def test_the_saving_of_a_wake_is_the_difference_of_both_ways() -> None:
    history = World().history
    assert saved_by_waking_s(history, 2) == 0.0
    assert saved_by_waking_s(history, 4) == (3 * 45 - 99) + (4 * 45 - 102)


# --- the plan -------------------------------------------------------------------------------


def test_the_plan_starts_at_eleven_waiting_and_not_at_ten() -> None:
    ten, _ = replay(voices(10), "plan")
    eleven, _ = replay(voices(11), "plan")
    assert (ten.starts, ten.unfinished, ten.wait_s(50)) == (0, 10, inf)
    assert (eleven.starts, eleven.unfinished) == (1, 0)
    assert ten.stranded == 10


def test_the_plan_stops_300_s_after_its_queue_is_empty() -> None:
    outcome, seen = replay(voices(11), "plan")
    stops = [situation.now_s for situation, each in seen if each.action is Action.STOP]
    assert stops == [EPOCH_S + 1000.0 + max(outcome.waits_s) + 300.0]


# --- the listed cells -----------------------------------------------------------------------


def test_on_intent_is_beaten_on_both_cost_and_wait_by_nothing_in_any_cell() -> None:
    cells = replay_all(Wish(PolicySettings()))
    assert len(cells) == 6
    assert {cell.arrivals + cell.times: cell.better_than("on_intent") for cell in cells} == {
        cell.arrivals + cell.times: [] for cell in cells
    }
    names = {each.name for each in cells[0].outcomes}
    assert names == {*POLICIES, "serverless: modal", "serverless: replicate"}


def test_the_committed_files_are_those_of_the_generator(tmp_path: Path) -> None:
    for name, make in FILES.items():
        write_arrivals(tmp_path / name, make())
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()
        assert read_arrivals(FOLDER / name) == make()


@pytest.mark.parametrize(("name", "voices_a_month"), [("month_540", 540), ("month_6800", 6_800)])
def test_the_months_hold_the_voices_they_are_named_for(name: str, voices_a_month: int) -> None:
    arrivals = read_arrivals(FOLDER / f"{name}.csv")
    made = sum(each.kind is Kind.VOICE for each in arrivals)
    assert made == pytest.approx(voices_a_month, rel=0.05)


def test_every_price_names_its_source_and_its_day() -> None:
    listed = price_list()
    for price in (*listed.ec2.values(), *listed.serverless.values()):
        assert price.source.startswith("https://")
        assert price.read_on.year >= 2026


def test_a_serverless_container_is_paid_for_while_it_starts_works_and_idles() -> None:
    price = price_list().serverless["modal"]
    outcome = simulate_serverless("modal", voices(2, every_s=20.0), price, 3.0, cold_start_s=30.0)
    assert outcome.waits_s == [33.0, 16.0]
    assert outcome.on_s == 36.0 + price.idle_s
    assert outcome.starts == 1


# --- whatever happens -----------------------------------------------------------------------

MOMENTS = st.floats(0.0, 6.0 * 3600.0)
SESSIONS = st.lists(
    st.tuples(MOMENTS, st.lists(st.floats(1.0, 900.0), max_size=4), st.booleans()), max_size=12
)


def arrivals_of(sessions: list[tuple[float, list[float], bool]]) -> list[Arrival]:
    found: list[Arrival] = []
    for number, (begin_s, gaps_s, is_bulk) in enumerate(sessions):
        if is_bulk:
            found += [Arrival(begin_s, number, Kind.BULK)] * (5 * len(gaps_s))
            continue
        moments = [begin_s + sum(gaps_s[: n + 1]) for n in range(len(gaps_s))]
        found.append(Arrival(begin_s, number, Kind.OPEN))
        found += [Arrival(moment_s, number, Kind.VOICE) for moment_s in moments]
        found.append(Arrival((moments or [begin_s])[-1] + 30.0, number, Kind.CLOSE))
    return sorted(found)


@settings(max_examples=120, deadline=None)
@given(
    sessions=SESSIONS,
    name=st.sampled_from(sorted(POLICIES)),
    no_capacity=st.sampled_from([0.0, 0.5]),
    interruptions=st.sampled_from([0.0, 2.0]),
    budget=st.sampled_from([None, 0.0, 30_000.0]),
    seed=st.integers(0, 9),
)
def test_the_rules_promises_hold(
    sessions: list[tuple[float, list[float], bool]],
    name: str,
    no_capacity: float,
    interruptions: float,
    budget: float | None,
    seed: int,
) -> None:
    world = World(no_capacity=no_capacity, interruptions_an_hour=interruptions)
    policy = {"hard_limit_s": 3600.0} | (
        {} if budget is None else {"month_budget_usd_micro": budget}
    )
    arrivals = arrivals_of(sessions)
    outcome, seen = replay(arrivals, name, world, seed, **policy)
    jobs = sum(each.kind in (Kind.VOICE, Kind.BULK) for each in arrivals)
    assert len(outcome.waits_s) + outcome.unfinished == jobs
    if policy_of(name).uses_cpu:
        assert outcome.unfinished == 0
    for situation, decision in seen:
        _require_promises(situation, decision)


def _require_promises(situation: Situation, decision: Decision) -> None:
    lane, policy, history = situation.lane, situation.policy, situation.history
    if decision.action in (Action.STOP, Action.ABANDON):
        assert lane.leased == 0
    if decision.action is Action.START:
        price = wake_price_usd_micro(situation, 1, idle_s=0.0)
        budget = policy.month_budget_usd_micro
        assert budget is None or history.month_usd_micro + price <= budget
    if decision.action is Action.STAY and lane.state is LaneState.READY and lane.leased == 0:
        has_rule = policy.name in ("always_on", "office_hours")
        assert has_rule or situation.now_s < lane.worked_at_s + policy.hard_limit_s
    assert decision.reason
    assert decision.again_at_s > situation.now_s or lane.state not in ON


def test_the_same_seed_gives_the_same_month() -> None:
    arrivals = read_arrivals(FOLDER / "month_540.csv")
    world = World(no_capacity=0.3, interruptions_an_hour=0.2)
    first, _ = replay(arrivals, "on_intent", world, seed=3)
    again, _ = replay(arrivals, "on_intent", world, seed=3)
    other, _ = replay(arrivals, "on_intent", world, seed=4)
    assert (first.usd_micro, first.waits_s) == (again.usd_micro, again.waits_s)
    assert other.waits_s != first.waits_s


def test_hysteresis_two_bursts_close_together_share_one_start() -> None:
    arrivals = sorted([*voices(20), *voices(20, begin_s=1000.0 + 400.0)])
    outcome, _ = replay(arrivals, "on_intent")
    assert outcome.starts == 1


def test_bulk_alone_leaves_no_idle_tail() -> None:
    outcome, _ = replay(burst(200), "on_intent")
    work_s = outcome.on_gpu * 3.0
    assert outcome.on_s == pytest.approx(90.0 + work_s, abs=3.0)


# --- the command ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "line 1"),
        ("a,b,c\n", "line 1"),
        ("time_s,session,kind\n1,2\n", "line 2"),
        ("time_s,session,kind\n1,1,open\n-5,1,voice\n", "line 3"),
        ("time_s,session,kind\nnan,1,voice\n", "line 2"),
        ("time_s,session,kind\n1,1,shout\n", "line 2"),
    ],
)
def test_a_bad_file_names_the_line(tmp_path: Path, text: str, line: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(BadArrivals, match=line):
        read_arrivals(path)


def test_the_command_replays_a_file_by_one_policy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_arrivals(tmp_path / "mine.csv", voices(3, every_s=100.0))
    picture = tmp_path / "frontier.png"
    chosen = ["--arrivals", str(tmp_path / "mine.csv"), "--policy", "cpu_only"]
    assert main([*chosen, "--json"]) == 0
    assert '"p95_s": 45.0' in capsys.readouterr().out
    try:
        import matplotlib as _  # noqa: F401
    except ImportError:
        return
    assert main([*chosen, "--frontier", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "wrong", [["--arrivals", "nowhere.csv"], ["--arrivals", "poisson:x"], ["--arrivals", "burst:0"]]
)
def test_what_cannot_be_replayed_gets_a_sentence(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(wrong) == 2
    assert capsys.readouterr().err.strip()


@pytest.mark.parametrize("wrong", [["--policy", "sometimes"], ["--cpu-s", "-1"], ["--cpu-s", "x"]])
def test_options_that_make_no_sense_are_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2


def test_a_spent_budget_leaves_everything_to_the_cpu() -> None:
    outcome, seen = replay(voices(50), "on_intent", month_budget_usd_micro=0.0)
    assert (outcome.starts, outcome.unfinished) == (0, 0)
    assert {each.code for _, each in seen} >= {"budget"}
    free, _ = replay(voices(50), "on_intent")
    assert free.starts == 1
