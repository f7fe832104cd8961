"""What a decision about the GPU lane is made from; nothing here does anything.

Moments are Unix seconds, lengths are seconds, money is micro-USD.
"""

from dataclasses import dataclass
from enum import StrEnum


class LaneState(StrEnum):
    """Where the GPU lane stands."""

    STOPPED = "stopped"
    STARTING = "starting"  # asked for; the provider has not said that it runs
    BOOTING = "booting"  # the machine runs and is paid for; the service is not ready
    READY = "ready"
    DRAINING = "draining"  # takes no new job, and stops when the last one is done
    STOPPING = "stopping"
    CAPACITY_WAIT = "capacity_wait"  # the provider has no machine of this kind just now
    INTERRUPTED = "interrupted"  # a spot machine that the provider took back
    FAILED = "failed"  # did not come up, or may not be asked for
    BUDGET_BLOCKED = "budget_blocked"  # wanted, and not allowed to start


S = LaneState
OFF = frozenset({S.STOPPED, S.CAPACITY_WAIT, S.FAILED, S.BUDGET_BLOCKED})
COMING = frozenset({S.STARTING, S.BOOTING})
ON = COMING | {S.READY, S.DRAINING}

# What happens outside (a console, a terminated machine, an interruption) may lead from anywhere to
# what the provider says; these are the moves that we make ourselves.
MOVES: dict[LaneState, frozenset[LaneState]] = {
    S.STOPPED: frozenset({S.STARTING, S.BUDGET_BLOCKED}),
    S.STARTING: frozenset({S.BOOTING, S.STOPPING, S.CAPACITY_WAIT, S.FAILED}),
    S.BOOTING: frozenset({S.READY, S.STOPPING, S.FAILED}),
    S.READY: frozenset({S.DRAINING}),
    S.DRAINING: frozenset({S.READY, S.STOPPING}),
    S.STOPPING: frozenset({S.STOPPED, S.FAILED}),
    S.CAPACITY_WAIT: frozenset({S.STARTING, S.STOPPED, S.BUDGET_BLOCKED}),
    S.INTERRUPTED: frozenset({S.STOPPED}),
    S.FAILED: frozenset({S.STARTING, S.STOPPED, S.BUDGET_BLOCKED}),
    S.BUDGET_BLOCKED: frozenset({S.STARTING, S.STOPPED}),
}


@dataclass(frozen=True)
class Lane:
    """The GPU lane as it is known now.

    since_s:       when it came into its state
    ordered_at_s:  when its present run was ordered, or first seen
    leased:        jobs at work on it
    worked_at_s:   when a job last ended on it in this run; the run's start before the first
    personal_at_s: when somebody last had a use for it in this run (an open editor, a job that
                   somebody waits for); None in a run for bulk work alone
    retry_at_s:    it is not started before this moment
    leaves_at_s:   when the provider takes the machine back, once it has said so
    """

    state: LaneState = LaneState.STOPPED
    since_s: float = 0.0
    ordered_at_s: float = 0.0
    leased: int = 0
    worked_at_s: float = 0.0
    personal_at_s: float | None = None
    retry_at_s: float = 0.0
    leaves_at_s: float | None = None


@dataclass(frozen=True)
class Queue:
    """Jobs that have not begun, on whichever lane they wait.

    oldest_wait_s: how long the first of those has waited for which somebody waits
    """

    waiting: int = 0
    bulk: int = 0
    oldest_wait_s: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return self.waiting == 0 and self.bulk == 0


@dataclass(frozen=True)
class Intents:
    """People who have a voice editor open or record a sample now: jobs will come."""

    open: int = 0


@dataclass(frozen=True)
class Orders:
    """What the operator has asked for by hand; 0 is nothing."""

    keep_on_until_s: float = 0.0
    stay_off_until_s: float = 0.0


@dataclass(frozen=True)
class Prices:
    """What the machine costs while it runs."""

    hour_usd_micro: int
    minimum_billed_s: float = 60.0

    @property
    def second_usd_micro(self) -> float:
        """The price of one second."""
        return self.hour_usd_micro / 3600.0

    def of_run(self, length_s: float) -> float:
        """Return what a run of `length_s` costs."""
        return max(length_s, self.minimum_billed_s) * self.second_usd_micro


@dataclass(frozen=True)
class History:
    """What was measured: times, and what was spent.

    boot_s:            from the start's order to a ready lane
    voices_per_intent: jobs that follow on one opened editor
    month_usd_micro:   spent in this calendar month, the present run included
    day_on_s:          for how long the machine was on today
    """

    boot_s: float
    cpu_voice_s: float
    gpu_voice_s: float
    voices_per_intent: float = 3.0
    month_usd_micro: float = 0.0
    day_on_s: float = 0.0


@dataclass(frozen=True)
class PolicySettings:
    """The rule that is followed, and its limits.

    waiting_usd_micro_hour: what it is worth that a person does not wait for an hour
    bulk_usd_micro_hour:    the same for a message of a bulk run, for which nobody sits and waits
    idle_s:                 how long the lane stays on idle: at least so long where it is reckoned
    office_*:               hours of the day and days of the week (0 is Monday) in `office_zone`
    hard_limit_s:           without work for so long, it is stopped whatever intents say
    start_limit_s:          not ready after so long, it is given up
    rest_s:                 it is not started again sooner after it stopped
    """

    name: str = "on_intent"
    waiting_usd_micro_hour: float = 5_000_000.0
    bulk_usd_micro_hour: float = 50_000.0
    idle_s: float = 300.0
    threshold_jobs: int = 3
    threshold_wait_s: float = 60.0
    office_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    office_from_h: int = 9
    office_until_h: int = 19
    office_zone: str = "Asia/Tokyo"
    month_budget_usd_micro: float | None = None
    day_limit_s: float | None = None
    hard_limit_s: float = 4 * 3600.0
    start_limit_s: float = 600.0
    rest_s: float = 10.0


@dataclass(frozen=True)
class Situation:
    """All of it at one moment."""

    now_s: float
    lane: Lane
    queue: Queue
    intents: Intents
    orders: Orders
    prices: Prices
    policy: PolicySettings
    history: History
