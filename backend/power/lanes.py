"""By which speech service a job is spoken, and what it leaves behind when it is done.

A job's line is chosen when it comes; whether the GPU lane is there is looked at when it is taken.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from backend.power import ledger, work
from backend.power.history import learn_history
from backend.power.leader import lane_row
from backend.power.models import GPU, GpuLane
from backend.power.policies import policy_of
from backend.power.route import LaneName
from backend.power.setup import Power
from backend.power.situation import COMING, LaneState
from backend.speech.client import SpeechClient

# Two messages may be spoken at once on the CPU lane: its service has a queue of its own.
CPU_SLOTS = 2
# Jobs that the GPU lane takes at once: its service gathers them into batches.
GPU_SLOTS = 4
# So many look at once whether they had better go to the CPU lane.
REROUTE_SLOTS = 8
# A boot that takes longer than this many usual ones is not waited for.
PATIENT_BOOTS = 2.0


@dataclass(frozen=True)
class Taken:
    """A job at work: on which lane, and by whom."""

    lane: LaneName
    speech: SpeechClient
    is_bulk: bool = False


class NotThere(Exception):
    """The job is not spoken now: it waits in the line of `instead`, the same one or the other."""

    def __init__(self, line: LaneName, instead: LaneName, *, is_bulk: bool) -> None:
        super().__init__(instead)
        self.line, self.instead, self.is_bulk = line, instead, is_bulk


class Lanes:
    """Both lanes, as the worker sees them. Without a provider there is the CPU lane alone."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        cpu: SpeechClient,
        power: Power,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._sessions = sessions
        self._cpu = cpu
        self._power = power
        self._now = now
        self._lock = threading.Lock()
        self._gpu: dict[str, SpeechClient] = {}

    @property
    def _uses_cpu(self) -> bool:
        return policy_of(self._power.policy.name).uses_cpu

    def line_of(self, message_id: str, attempt: int, is_bulk: bool = False) -> LaneName:
        """Put a job in line, once; return in which."""
        if not self._power.has_gpu:
            return LaneName.CPU
        with self._sessions.begin() as session:
            lane, now_s = lane_row(session), self._now()
            history = learn_history(session, lane, now_s, self._power)
            return work.enter_job(
                session,
                message_id,
                attempt,
                is_bulk=is_bulk,
                now_s=now_s,
                policy=self._power.policy,
                history=history,
            )

    def take(self, message_id: str, attempt: int, script: str) -> Taken:
        """Take a job to be spoken; a crash gives its lease back when it would have timed out.

        raises: NotThere, where its lane is the GPU's and that is not ready
        """
        if not self._power.has_gpu:
            return Taken(LaneName.CPU, self._cpu)
        until_s = self._now() + self._cpu.longest_s(script)
        with self._sessions.begin() as session:
            lane = session.get(GpuLane, GPU, with_for_update=True)
            line, is_bulk = work.line_of(session, message_id, attempt)
            better = self._better_line(session, lane, message_id, attempt, line)
            if better is None:
                work.lease_job(session, message_id, attempt, line, until_s)
            else:
                work.return_job(session, message_id, attempt, better)
            url = lane.url if lane is not None else None
        if better is not None:
            raise NotThere(line, better, is_bulk=is_bulk)
        if line is LaneName.GPU and url is not None:
            return Taken(line, self._gpu_client(url), is_bulk)
        return Taken(line, self._cpu, is_bulk)

    def _better_line(
        self,
        session: Session,
        lane: GpuLane | None,
        message_id: str,
        attempt: int,
        line: LaneName,
    ) -> LaneName | None:
        """Return where the job had better wait, None where it had better be spoken now."""
        if line is LaneName.GPU:
            if _is_open(lane):
                return None
            return LaneName.CPU if self._uses_cpu else LaneName.GPU
        if lane is None or not _is_open(lane):
            return None
        now_s = self._now()
        history = learn_history(session, lane, now_s, self._power)
        return work.relief_of(session, message_id, attempt, now_s, self._power.policy, history)

    def may_leave(self, taken: Taken) -> bool:
        """Return whether the CPU lane may do what this one, the GPU's, does not do well."""
        return taken.lane is LaneName.GPU and self._uses_cpu

    def give_back(self, message_id: str, attempt: int, taken: Taken) -> LaneName:
        """Put a job that its lane could not do back in line; return in which.

        What the GPU lane could not do stays with the CPU lane, or it would go to and fro.
        """
        lost = self.may_leave(taken)
        line = LaneName.CPU if lost else taken.lane
        if self._power.has_gpu:
            with self._sessions.begin() as session:
                work.return_job(session, message_id, attempt, line, is_settled=lost)
        return line

    def done(self, message_id: str, attempt: int) -> bool:
        """Take a job out of its line, whatever became of it; return whether it was bulk."""
        if not self._power.has_gpu:
            return False
        with self._sessions.begin() as session:
            _, is_bulk = work.line_of(session, message_id, attempt)
            work.leave_job(session, message_id, attempt, self._now())
        return is_bulk

    def take_call(self, call_id: str, longest_s: float) -> str | None:
        """Return the GPU lane's address for a program's call that comes now; None is the CPU lane.

        A call waits in no line. While it is spoken the machine counts as at work, at most for
        `longest_s`; `end_call` ends that.
        """
        if not self.is_warm():
            return None
        with self._sessions.begin() as session:
            lane, now_s = session.get(GpuLane, GPU, with_for_update=True), self._now()
            if lane is None or not _is_open(lane):
                return None
            work.lease_call(session, call_id, now_s, now_s + longest_s)
            return lane.url

    def end_call(self, call_id: str) -> None:
        """Note that a program's call on the GPU lane is over."""
        with self._sessions.begin() as session:
            work.leave_job(session, call_id, 0, self._now())

    def cost_usd_micro(self, taken: Taken, elapsed_s: float) -> int:
        """Return what `elapsed_s` on the lane cost; the CPU lane's machine is on anyway."""
        if taken.lane is LaneName.CPU:
            return 0
        with self._sessions() as session:
            prices = ledger.last_prices(session) or self._power.prices
        return round(prices.second_usd_micro * elapsed_s)

    def gpu_slots(self) -> int:
        """Return how many jobs of the GPU's line may be taken now.

        While it boots none, and they wait at no cost; when it will not come, they are let through
        to be sent to the CPU lane.
        """
        with self._sessions() as session:
            lane = session.get(GpuLane, GPU)
            if _is_open(lane):
                return GPU_SLOTS
            return REROUTE_SLOTS if self._uses_cpu and not self._is_coming(session, lane) else 0

    def is_warm(self) -> bool:
        """Return whether the GPU lane takes jobs now."""
        if not self._power.has_gpu:
            return False
        with self._sessions() as session:
            return _is_open(session.get(GpuLane, GPU))

    def cpu_slots(self) -> int:
        """Return how many jobs of the CPU's line may be taken now.

        While the GPU lane is open more are looked at, and go over to it if it ends them sooner.
        """
        with self._sessions() as session:
            is_open = _is_open(session.get(GpuLane, GPU))
            waits = is_open and work.count_jobs(session, self._now()).waiting[LaneName.CPU] > 0
        return CPU_SLOTS + REROUTE_SLOTS if waits else CPU_SLOTS

    def _is_coming(self, session: Session, lane: GpuLane | None) -> bool:
        if lane is None or lane.state not in COMING:
            return False
        now_s = self._now()
        usual_s = learn_history(session, lane, now_s, self._power).boot_s
        return now_s - lane.ordered_s < PATIENT_BOOTS * usual_s

    def _gpu_client(self, url: str) -> SpeechClient:
        with self._lock:
            if url not in self._gpu:
                self._gpu[url] = self._cpu.at(url)
            return self._gpu[url]

    def close(self) -> None:
        """Give the GPU lane's connections back; the CPU lane's are the caller's."""
        for client in self._gpu.values():
            client.close()


def _is_open(lane: GpuLane | None) -> bool:
    return lane is not None and lane.state is LaneState.READY and lane.url is not None
