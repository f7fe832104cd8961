"""Brings what we believe of the lane together with what the provider and the service say.

Whatever happens outside (a start in the console, a terminated machine, a controller that was killed
between its note and its call) heals here, since every look starts from what is.
"""

from dataclasses import dataclass

from backend.power.models import GpuLane
from backend.power.providers.probe import Readiness
from backend.power.providers.protocol import Machine, MachineState
from backend.power.situation import COMING, OFF, LaneState

S = LaneState
M = MachineState
# A service that is being restarted by its supervisor is back after a few looks.
UNREADY_LOOKS = 3
FIRST_BACK_OFF_S = 30.0
LONGEST_BACK_OFF_S = 900.0
# The measured boot follows slowly, so that one odd start does not mislead every forecast.
BOOT_WEIGHT = 0.3


@dataclass(frozen=True)
class Look:
    """One look at the lane: `readiness` is None where no machine runs."""

    machine: Machine
    readiness: Readiness | None = None


def observe(lane: GpuLane, look: Look, now_s: float) -> None:
    """Change the lane to what was seen."""
    match look.machine.state:
        case M.OFF:
            _seen_off(lane, now_s)
        case M.GONE:
            _seen_gone(lane, look.machine, now_s)
        case M.INTERRUPTED:
            _turn(lane, S.INTERRUPTED, now_s)
        case M.PENDING:
            _seen_coming(lane, S.STARTING, now_s)
        case M.RUNNING:
            _seen_running(lane, look, now_s)
        case M.STOPPING:
            _turn(lane, S.STOPPING, now_s)


def back_off(lane: GpuLane, state: LaneState, now_s: float) -> None:
    """Note a vain start: the next try waits twice as long as the last one."""
    lane.failures += 1
    wait_s = min(FIRST_BACK_OFF_S * 2.0 ** (lane.failures - 1), LONGEST_BACK_OFF_S)
    lane.retry_s = now_s + wait_s
    _turn(lane, state, now_s)


def shift_clock(lane: GpuLane, jump_s: float) -> None:
    """Move every moment along with a clock that was set forth or back."""
    for name in ("since_s", "ordered_s", "worked_s", "personal_s", "retry_s", "leaves_s"):
        moment_s = getattr(lane, name)
        if moment_s:
            setattr(lane, name, moment_s + jump_s)


def forget_the_future(lane: GpuLane, now_s: float) -> None:
    """Pull moments back that lie ahead, as after a clock was set back while nobody looked."""
    for name in ("since_s", "ordered_s", "worked_s", "personal_s"):
        if (getattr(lane, name) or 0.0) > now_s:
            setattr(lane, name, now_s)
    lane.retry_s = min(lane.retry_s, now_s + LONGEST_BACK_OFF_S)


def _turn(lane: GpuLane, state: LaneState, now_s: float) -> None:
    if lane.state is not state:
        lane.state, lane.since_s = state, now_s


def _seen_off(lane: GpuLane, now_s: float) -> None:
    # STARTING stays: the order was noted, and its call is made again until it is followed.
    if lane.state in OFF or lane.state is S.STARTING:
        return
    has_failed = lane.state is S.STOPPING and lane.retry_s > now_s
    lane.leaves_s, lane.url = None, None
    _turn(lane, S.FAILED if has_failed else S.STOPPED, now_s)


def _seen_gone(lane: GpuLane, machine: Machine, now_s: float) -> None:
    lane.leaves_s, lane.url = None, None
    if lane.state is not S.FAILED:
        lane.code, lane.reason = "gone", machine.detail
        back_off(lane, S.FAILED, now_s)


def _seen_coming(lane: GpuLane, state: LaneState, now_s: float) -> None:
    if lane.state not in COMING | {S.STOPPING}:
        _begin_run(lane, now_s)
    if lane.state is not S.STOPPING:
        _turn(lane, state, now_s)


def _begin_run(lane: GpuLane, now_s: float) -> None:
    """Somebody else has started it: it is kept for as long as if a person had asked us."""
    lane.ordered_s = lane.worked_s = lane.personal_s = now_s
    lane.leaves_s, lane.unready_looks = None, 0


def _seen_running(lane: GpuLane, look: Look, now_s: float) -> None:
    lane.url = look.machine.url
    if lane.state in (S.READY, S.DRAINING):
        _look_after(lane, look.readiness, now_s)
    else:
        _seen_coming(lane, S.BOOTING, now_s)
    if look.readiness is None or not look.readiness.is_ready:
        return
    lane.leaves_s = look.readiness.interruption_at_s
    lane.unready_looks = 0
    if lane.state is S.BOOTING:
        _note_boot(lane, now_s)
        lane.failures, lane.retry_s = 0, 0.0
        _turn(lane, S.READY, now_s)


def _look_after(lane: GpuLane, readiness: Readiness | None, now_s: float) -> None:
    """A ready lane that answers no more boots again, and is given up like one that never came."""
    if readiness is not None and readiness.is_ready:
        return
    lane.unready_looks += 1
    if lane.unready_looks >= UNREADY_LOOKS:
        lane.ordered_s, lane.unready_looks = now_s, 0
        _turn(lane, S.BOOTING, now_s)


def _note_boot(lane: GpuLane, now_s: float) -> None:
    took_s = max(now_s - lane.ordered_s, 1.0)
    before_s = took_s if lane.boot_s is None else lane.boot_s
    lane.boot_s = before_s + BOOT_WEIGHT * (took_s - before_s)
