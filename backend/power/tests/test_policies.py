"""The rules by name: when each wishes for the lane, and when it lets it go."""

from dataclasses import replace
from datetime import datetime
from math import inf
from zoneinfo import ZoneInfo

import pytest

from backend.power.decide import Action, decide
from backend.power.policies import idle_allowance_s
from backend.power.situation import (
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

NOW_S = datetime(2026, 11, 25, 12, tzinfo=ZoneInfo("Asia/Tokyo")).timestamp()
ON_DEMAND = Prices(hour_usd_micro=710_000)
PLAN_TIMES = History(boot_s=90.0, cpu_voice_s=45.0, gpu_voice_s=3.0)
OWN_TIMES = History(boot_s=90.0, cpu_voice_s=1.6, gpu_voice_s=0.5)


def situation(name: str = "on_intent", **facts: object) -> Situation:
    usual = Situation(
        now_s=NOW_S,
        lane=Lane(),
        queue=Queue(),
        intents=Intents(),
        orders=Orders(),
        prices=ON_DEMAND,
        policy=PolicySettings(name=name),
        history=PLAN_TIMES,
    )
    return replace(usual, **facts)  # type: ignore[arg-type]


# --- threshold ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("queue", "action", "again_in_s"),
    [
        (Queue(waiting=2, oldest_wait_s=59.0), Action.STAY, 1.0),
        (Queue(waiting=2, oldest_wait_s=60.0), Action.START, inf),
        (Queue(waiting=3), Action.START, inf),
        (Queue(bulk=3), Action.START, inf),
        (Queue(bulk=2, oldest_wait_s=0.0), Action.STAY, inf),
    ],
)
def test_threshold_starts_at_its_number_or_when_one_has_waited_for_long(
    queue: Queue, action: Action, again_in_s: float
) -> None:
    decision = decide(situation("threshold", queue=queue))
    assert decision.action is action
    assert decision.again_at_s == NOW_S + again_in_s


# --- office hours ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "hour", "is_on"),
    [
        (27, 9, True), (27, 18, True), (27, 8, False), (27, 19, False),  # a Friday
        (28, 12, False), (29, 12, False), (30, 12, True),  # the weekend, and Monday
    ],
)  # fmt: skip
def test_office_hours_are_those_of_weekdays_in_tokyo(day: int, hour: int, is_on: bool) -> None:
    now = datetime(2026, 11, day, hour, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    decision = decide(situation("office_hours", now_s=now.timestamp()))
    assert decision.action is (Action.START if is_on else Action.STAY)


# --- on_intent ------------------------------------------------------------------------------


def test_it_idles_for_as_long_as_waking_again_would_cost() -> None:
    policy = PolicySettings()
    # 42 s of a person's time at 5 $ an hour are 0.058 $: 296 s of the machine, and its boot.
    late_usd_micro = 42.0 * 5_000_000 / 3600
    expected_s = 90.0 + late_usd_micro / ON_DEMAND.second_usd_micro
    assert idle_allowance_s(policy, ON_DEMAND, PLAN_TIMES) == pytest.approx(expected_s)
    dearer = replace(policy, waiting_usd_micro_hour=10_000_000)
    assert idle_allowance_s(dearer, ON_DEMAND, PLAN_TIMES) == pytest.approx(
        90.0 + 2 * late_usd_micro / ON_DEMAND.second_usd_micro
    )


def test_it_idles_for_its_least_and_no_longer_than_the_hard_limit() -> None:
    worthless = PolicySettings(waiting_usd_micro_hour=0.0, idle_s=300.0)
    assert idle_allowance_s(worthless, ON_DEMAND, PLAN_TIMES) == 300.0
    priceless = PolicySettings(waiting_usd_micro_hour=1e9)
    assert idle_allowance_s(priceless, ON_DEMAND, PLAN_TIMES) == priceless.hard_limit_s


def test_an_intent_wakes_it_only_where_the_saved_time_is_worth_the_price() -> None:
    somebody = Intents(open=1)
    assert decide(situation(intents=somebody)).action is Action.START
    # Three voices of 1.6 s save nobody enough for a start.
    assert decide(situation(intents=somebody, history=OWN_TIMES)).action is Action.STAY
    cheap = PolicySettings(waiting_usd_micro_hour=100_000.0)
    assert decide(situation(intents=somebody, policy=cheap)).action is Action.STAY


def test_a_bulk_run_wakes_it_only_where_it_is_worth_a_start() -> None:
    assert decide(situation(queue=Queue(bulk=2))).action is Action.STAY
    assert decide(situation(queue=Queue(bulk=200))).action is Action.START
    worthless = PolicySettings(bulk_usd_micro_hour=1.0)
    assert decide(situation(queue=Queue(bulk=200), policy=worthless)).action is Action.STAY


def test_a_queue_wakes_it_only_where_it_is_worth_a_start() -> None:
    assert decide(situation(queue=Queue(waiting=1))).action is Action.STAY
    assert decide(situation(queue=Queue(waiting=20))).action is Action.START
    worthless = PolicySettings(waiting_usd_micro_hour=1.0)
    assert decide(situation(queue=Queue(waiting=20), policy=worthless)).action is Action.STAY


def test_after_it_stopped_it_rests_for_a_moment() -> None:
    just_now = Lane(state=LaneState.STOPPED, since_s=NOW_S - 4.0)
    decision = decide(situation(intents=Intents(open=1), lane=just_now))
    assert (decision.action, decision.again_at_s) == (Action.STAY, NOW_S + 6.0)
