"""The rules by name: why the GPU lane should be on now, and when an idle one may go.

A policy wishes; `decide.py` weighs the wish against what is allowed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from zoneinfo import ZoneInfo

from backend.power.situation import (
    ON,
    History,
    Intents,
    Lane,
    Orders,
    PolicySettings,
    Prices,
    Queue,
    Situation,
)

# The plan's rule: "more than 10 waiting" starts, 5 minutes after the last job it stops.
PLAN_WAITING = 10
PLAN_IDLE_S = 300.0


@dataclass(frozen=True)
class Wish:
    """Why the lane should be on.

    code:        for pages that say it in the reader's language
    is_standing: a rule or a person wants it on without work, so that the hard limit is silent
    """

    code: str
    reason: str
    is_standing: bool = False


@dataclass(frozen=True)
class Policy:
    """One rule.

    wish:      why the lane should be on now, None without a reason
    off_at_s:  when a lane that is on, idle and not wished for may stop
    again_at_s: when `wish` may change by the clock alone
    uses_cpu:  whether jobs may be spoken on the CPU lane
    """

    wish: Callable[[Situation], Wish | None]
    off_at_s: Callable[[Situation], float]
    again_at_s: Callable[[Situation], float] = lambda _situation: inf
    uses_cpu: bool = True


def policy_of(name: str) -> Policy:
    """Return the policy of that name. Raises KeyError; settings refuse unknown names first."""
    return POLICIES[name]


# --- what a wake is worth -------------------------------------------------------------------


def idle_allowance_s(policy: PolicySettings, prices: Prices, history: History) -> float:
    """Return how long an idle lane is kept: until idling has cost what waking it again would.

    This is the ski-rental rule's break-even point, never worse than twice the best in hindsight
    (Karlin et al. 1988, "Competitive snoopy caching"). A wake costs the boot's machine time and
    the waiting of whoever comes first; `idle_s` is the least.
    """
    late_s = min(history.cpu_voice_s, history.boot_s + history.gpu_voice_s) - history.gpu_voice_s
    worth = max(late_s, 0.0) * policy.waiting_usd_micro_hour / 3600.0
    reckoned_s = history.boot_s + worth / prices.second_usd_micro
    return min(max(policy.idle_s, reckoned_s), policy.hard_limit_s)


def wake_price_usd_micro(situation: Situation, voices: float, idle_s: float) -> float:
    """Return what a wake for `voices` jobs costs, from the order to the stop."""
    history = situation.history
    return situation.prices.of_run(history.boot_s + voices * history.gpu_voice_s + idle_s)


def saved_by_waking_s(history: History, waiting: int) -> float:
    """Return how many seconds less `waiting` jobs would wait in all, were the lane woken now.

    The i-th is done after i·cpu on the CPU lane, after boot + i·gpu on the woken one.
    """
    return sum(
        max(number * history.cpu_voice_s - history.boot_s - number * history.gpu_voice_s, 0.0)
        for number in range(1, waiting + 1)
    )


def break_even_queue(history: History) -> float:
    """Return from how many waiting jobs on a wake ends sooner than the CPU lane alone."""
    gain_s = history.cpu_voice_s - history.gpu_voice_s
    return history.boot_s / gain_s if gain_s > 0.0 else inf


def would_wake_for(jobs: int, policy: PolicySettings, prices: Prices, history: History) -> bool:
    """Return whether the rule starts a lane that is off for a bulk run of so many jobs."""
    situation = Situation(
        now_s=0.0,
        lane=Lane(),
        queue=Queue(bulk=jobs),
        intents=Intents(),
        orders=Orders(),
        prices=prices,
        policy=policy,
        history=history,
    )
    wish = policy_of(policy.name).wish(situation)
    return wish is not None and not wish.is_standing


# --- the policies ---------------------------------------------------------------------------


def _wish_on_intent(situation: Situation) -> Wish | None:
    if situation.lane.state in ON:
        return _use_of_a_warm_lane(situation)
    for attempt in (_for_the_queue, _for_an_intent, _for_bulk):
        if wish := attempt(situation):
            return wish
    return None


def _use_of_a_warm_lane(situation: Situation) -> Wish | None:
    if not situation.queue.is_empty:
        return Wish("queue", "jobs wait")
    if situation.intents.open > 0:
        return Wish("intent", "somebody has the voice editor open")
    return None


def _for_the_queue(situation: Situation) -> Wish | None:
    queue, rate = situation.queue, situation.policy.waiting_usd_micro_hour
    worth = saved_by_waking_s(situation.history, queue.waiting) * rate / 3600.0
    if worth <= 0.0 or worth < _price_of_waking_for(situation, queue.waiting):
        return None
    return Wish("queue", f"{queue.waiting} jobs wait, and the GPU ends them sooner")


def _for_an_intent(situation: Situation) -> Wish | None:
    history = situation.history
    voices = situation.intents.open * history.voices_per_intent
    saved_s = voices * max(history.cpu_voice_s - history.gpu_voice_s, 0.0)
    worth = saved_s * situation.policy.waiting_usd_micro_hour / 3600.0
    if worth <= 0.0 or worth < _price_of_waking_for(situation, voices):
        return None
    return Wish("intent", "somebody has opened the voice editor, and jobs will come")


def _for_bulk(situation: Situation) -> Wish | None:
    bulk = situation.queue.bulk
    saved_s = saved_by_waking_s(situation.history, bulk)
    worth = saved_s * situation.policy.bulk_usd_micro_hour / 3600.0
    # The window closes with the last job, so there is no idling to pay for.
    if worth <= 0.0 or worth < wake_price_usd_micro(situation, bulk, idle_s=0.0):
        return None
    return Wish("bulk", f"a bulk run of {bulk} jobs is worth a start")


def _price_of_waking_for(situation: Situation, voices: float) -> float:
    idle_s = idle_allowance_s(situation.policy, situation.prices, situation.history)
    return wake_price_usd_micro(situation, voices, idle_s)


def _off_when_reckoned(situation: Situation) -> float:
    """After bulk work at once, after personal use when idling has cost as much as a wake."""
    lane = situation.lane
    if lane.personal_at_s is None:
        return lane.worked_at_s
    allowance_s = idle_allowance_s(situation.policy, situation.prices, situation.history)
    return max(lane.worked_at_s, lane.personal_at_s + allowance_s)


def _wish_plan(situation: Situation) -> Wish | None:
    waiting = situation.queue.waiting + situation.queue.bulk
    if situation.lane.state in ON and waiting > 0:
        return Wish("queue", "jobs wait")
    if waiting > PLAN_WAITING:
        return Wish("queue", f"{waiting} jobs wait, more than {PLAN_WAITING}")
    return None


def _wish_threshold(situation: Situation) -> Wish | None:
    queue, policy = situation.queue, situation.policy
    if situation.lane.state in ON and not queue.is_empty:
        return Wish("queue", "jobs wait")
    if queue.waiting + queue.bulk >= policy.threshold_jobs:
        return Wish("queue", f"{queue.waiting + queue.bulk} jobs wait")
    if queue.waiting > 0 and queue.oldest_wait_s >= policy.threshold_wait_s:
        return Wish("queue", f"a job has waited for {queue.oldest_wait_s:.0f} s")
    return None


def _threshold_again_at_s(situation: Situation) -> float:
    if situation.queue.waiting == 0:
        return inf
    left_s = situation.policy.threshold_wait_s - situation.queue.oldest_wait_s
    return situation.now_s + left_s if left_s > 0.0 else inf


def _wish_always(_situation: Situation) -> Wish | None:
    return Wish("always_on", "it is always on", is_standing=True)


def _wish_never(_situation: Situation) -> Wish | None:
    return None


def _wish_office_hours(situation: Situation) -> Wish | None:
    if _is_office_time(situation.policy, situation.now_s):
        return Wish("office_hours", "it is office time", is_standing=True)
    return None


def _is_office_time(policy: PolicySettings, now_s: float) -> bool:
    now = datetime.fromtimestamp(now_s, ZoneInfo(policy.office_zone))
    is_day = now.weekday() in policy.office_days
    return is_day and policy.office_from_h <= now.hour < policy.office_until_h


def _office_again_at_s(situation: Situation) -> float:
    """Return the next full hour at which the office opens or closes, on whichever day."""
    policy = situation.policy
    now = datetime.fromtimestamp(situation.now_s, ZoneInfo(policy.office_zone))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    edges = (
        midnight + timedelta(days=day, hours=hour)
        for day in (0, 1)
        for hour in (policy.office_from_h, policy.office_until_h)
    )
    return min(edge.timestamp() for edge in edges if edge > now)


def _off_at_once(situation: Situation) -> float:
    return situation.lane.worked_at_s


def _off_after(idle_s: Callable[[Situation], float]) -> Callable[[Situation], float]:
    return lambda situation: situation.lane.worked_at_s + idle_s(situation)


POLICIES: dict[str, Policy] = {
    "on_intent": Policy(_wish_on_intent, _off_when_reckoned),
    "threshold": Policy(
        _wish_threshold, _off_after(lambda s: s.policy.idle_s), _threshold_again_at_s
    ),
    "office_hours": Policy(_wish_office_hours, _off_at_once, _office_again_at_s),
    "always_on": Policy(_wish_always, _off_at_once),
    "cpu_only": Policy(_wish_never, _off_at_once),
    "plan": Policy(_wish_plan, _off_after(lambda _s: PLAN_IDLE_S), uses_cpu=False),
}
