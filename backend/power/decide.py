"""Whether the GPU machine starts or stops now: a pure function of what is known.

The effects are the controller's; the simulator calls the same function.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from backend.power.policies import Wish, policy_of, wake_price_usd_micro
from backend.power.situation import COMING, OFF, LaneState, Situation


class Action(StrEnum):
    """What is to be done."""

    STAY = "stay"
    START = "start"
    DRAIN = "drain"  # give it no new job
    RESUME = "resume"  # give it jobs again
    STOP = "stop"
    ABANDON = "abandon"  # stop, and wait before the next try: it did not come up
    BLOCK = "block"  # wanted, and not allowed
    REST = "rest"  # no longer wanted: stop trying


@dataclass(frozen=True)
class Decision:
    """What to do and why.

    code:       for pages that say it in the reader's language
    again_at_s: when the answer may change by the clock alone; inf if it waits for an event
    """

    action: Action
    code: str
    reason: str
    again_at_s: float = inf


def decide(situation: Situation) -> Decision:
    """Return what to do with the lane now, with a reason in words."""
    lane = situation.lane
    if lane.state in OFF:
        return _decide_off(situation)
    if lane.state in COMING:
        return _decide_coming(situation)
    if lane.state is LaneState.READY:
        return _decide_ready(situation)
    if lane.state is LaneState.DRAINING:
        return _decide_draining(situation)
    if lane.state is LaneState.INTERRUPTED:
        return Decision(
            Action.STAY,
            "interrupted",
            "the provider took the machine back and gives it back itself",
        )
    return Decision(Action.STAY, "stopping", "it is stopping")


# --- off ------------------------------------------------------------------------------------


def _decide_off(situation: Situation) -> Decision:
    lane, now_s = situation.lane, situation.now_s
    wish = _wish(situation)
    if wish is None:
        code, reason = _why_off(situation)
        if lane.state is not LaneState.STOPPED:
            return Decision(Action.REST, code, reason)
        return Decision(Action.STAY, code, reason, _wish_again_at_s(situation))
    if hindrance := _hindrance(situation, is_start=True):
        action = Action.STAY if lane.state is LaneState.BUDGET_BLOCKED else Action.BLOCK
        return Decision(action, hindrance.code, hindrance.reason, _wish_again_at_s(situation))
    not_before_s = lane.retry_at_s
    if lane.state is LaneState.STOPPED:
        not_before_s = max(not_before_s, lane.since_s + situation.policy.rest_s)
    if now_s < not_before_s:
        return Decision(Action.STAY, "backing_off", "it is tried again soon", not_before_s)
    return Decision(Action.START, wish.code, wish.reason)


def _why_off(situation: Situation) -> tuple[str, str]:
    if situation.orders.stay_off_until_s > situation.now_s:
        return "manual", "it was stopped by hand"
    return "nobody", "nobody needs it"


# --- on -------------------------------------------------------------------------------------


def _decide_coming(situation: Situation) -> Decision:
    lane, policy = situation.lane, situation.policy
    gives_up_at_s = lane.ordered_at_s + policy.start_limit_s
    if lane.leased > 0:
        # It was ready and answers no more: the jobs' own time limits end their leases.
        return Decision(Action.STAY, "leased", f"{lane.leased} jobs are still at work")
    if lane.leaves_at_s is not None:
        return Decision(Action.STOP, "interruption", "the provider takes the machine back")
    if situation.now_s >= gives_up_at_s:
        waited = f"it was not ready after {policy.start_limit_s:.0f} s"
        return Decision(Action.ABANDON, "never_ready", waited)
    if hindrance := _hindrance(situation):
        return Decision(Action.STOP, hindrance.code, hindrance.reason)
    return Decision(Action.STAY, "coming", "it is starting", gives_up_at_s)


def _decide_ready(situation: Situation) -> Decision:
    end = _why_end(situation)
    if end is not None:
        return Decision(Action.DRAIN, end.code, end.reason)
    code, reason, until_s = _why_on(situation)
    return Decision(Action.STAY, code, reason, min(until_s, _ends_by_clock_at_s(situation)))


def _decide_draining(situation: Situation) -> Decision:
    end = _why_end(situation)
    if end is None:
        code, reason, _ = _why_on(situation)
        return Decision(Action.RESUME, code, reason)
    if situation.lane.leased > 0:
        return Decision(Action.STAY, "leased", f"{situation.lane.leased} jobs are still at work")
    return Decision(Action.STOP, end.code, end.reason)


def _why_end(situation: Situation) -> Wish | None:
    """Return why a lane that is on should go, None while it should not."""
    lane, now_s = situation.lane, situation.now_s
    if lane.leaves_at_s is not None:
        return Wish("interruption", "the provider takes the machine back")
    if hindrance := _hindrance(situation):
        return hindrance
    wish = _wish(situation)
    if wish is not None and wish.is_standing:
        return None
    if lane.leased == 0 and now_s >= lane.worked_at_s + situation.policy.hard_limit_s:
        return Wish("hard_limit", "it has had no work for too long")
    if wish is None and lane.leased == 0 and now_s >= _off_at_s(situation):
        return Wish("idle", "it has been idle for long enough")
    return None


def _why_on(situation: Situation) -> tuple[str, str, float]:
    """Return why the lane stays on, and until when at most if nothing happens."""
    if situation.lane.leased > 0:
        return "leased", f"{situation.lane.leased} jobs are at work", inf
    if wish := _wish(situation):
        hard_at_s = situation.lane.worked_at_s + situation.policy.hard_limit_s
        until_s = _wish_again_at_s(situation) if wish.is_standing else hard_at_s
        return wish.code, wish.reason, until_s
    return "idle_wait", "it is kept warm for whoever comes next", _off_at_s(situation)


def _off_at_s(situation: Situation) -> float:
    return policy_of(situation.policy.name).off_at_s(situation)


# --- what is allowed and wished -------------------------------------------------------------


def _hindrance(situation: Situation, is_start: bool = False) -> Wish | None:
    """Return what forbids the lane to be on; a start must also leave room for its own price."""
    policy, history = situation.policy, situation.history
    if situation.orders.stay_off_until_s > situation.now_s:
        return Wish("manual", "it was stopped by hand")
    ahead = wake_price_usd_micro(situation, 1, idle_s=0.0) if is_start else 0.0
    budget = policy.month_budget_usd_micro
    if budget is not None and history.month_usd_micro + ahead > budget:
        return Wish("budget", "the month's budget is spent")
    if policy.day_limit_s is not None and history.day_on_s >= policy.day_limit_s:
        return Wish("day_limit", "it was on for as long as is allowed in a day")
    return None


def _ends_by_clock_at_s(situation: Situation) -> float:
    """Return when budget or day's hours run out if it stays on."""
    policy, history, now_s = situation.policy, situation.history, situation.now_s
    ends = [inf]
    if policy.month_budget_usd_micro is not None:
        left = max(policy.month_budget_usd_micro - history.month_usd_micro, 0.0)
        # One second on top, since the budget itself may be spent.
        ends.append(now_s + left / situation.prices.second_usd_micro + 1.0)
    if policy.day_limit_s is not None:
        ends.append(now_s + max(policy.day_limit_s - history.day_on_s, 0.0))
    return min(ends)


def _wish(situation: Situation) -> Wish | None:
    """Return why the lane should be on: the operator's word, or the policy's."""
    if situation.orders.stay_off_until_s > situation.now_s:
        return None
    if situation.orders.keep_on_until_s > situation.now_s:
        return Wish("manual", "it was started by hand", is_standing=True)
    return policy_of(situation.policy.name).wish(situation)


def _wish_again_at_s(situation: Situation) -> float:
    orders = (situation.orders.keep_on_until_s, situation.orders.stay_off_until_s)
    ahead = [moment_s for moment_s in orders if moment_s > situation.now_s]
    return min([policy_of(situation.policy.name).again_at_s(situation), *ahead])
