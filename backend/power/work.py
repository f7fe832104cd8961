"""Jobs and people that the lanes wait for: counted by the controller, taken by the worker."""

from dataclasses import dataclass, replace

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from backend.power.models import GPU, BulkAhead, GpuLane, Intent, SpeechJob
from backend.power.route import LaneName, Load, route
from backend.power.situation import History, Intents, LaneState, PolicySettings, Queue

# A run whose worker is gone holds no machine for longer.
AHEAD_BELIEVED_S = 60.0
# The prefix of the ids of programs' calls; every other job is a message.
CALL = "call"


@dataclass(frozen=True)
class Counts:
    """What waits and what is at work on each lane."""

    queue: Queue
    waiting: dict[LaneName, int]
    leased: dict[LaneName, int]


def count_jobs(session: Session, now_s: float) -> Counts:
    """Count the jobs; finished ones are not in the table, and those of a run yet to come count."""
    is_leased = SpeechJob.leased_until_s > now_s
    rows = session.execute(
        select(
            SpeechJob.lane,
            SpeechJob.is_bulk,
            func.coalesce(is_leased, False).label("is_leased"),
            func.count().label("jobs"),
            func.min(SpeechJob.submitted_s).label("oldest_s"),
        ).group_by(SpeechJob.lane, SpeechJob.is_bulk, "is_leased")
    ).all()
    waiting, leased = dict.fromkeys(LaneName, 0), dict.fromkeys(LaneName, 0)
    for row in rows:
        (leased if row.is_leased else waiting)[row.lane] += row.jobs
    personal = [row for row in rows if not row.is_leased and not row.is_bulk]
    oldest_s = min((row.oldest_s for row in personal), default=now_s)
    queue = Queue(
        waiting=sum(row.jobs for row in personal),
        bulk=sum(row.jobs for row in rows if not row.is_leased and row.is_bulk)
        + _ahead(session, now_s),
        oldest_wait_s=max(now_s - oldest_s, 0.0),
    )
    return Counts(queue, waiting, leased)


def note_ahead(session: Session, run_id: str, jobs: int, now_s: float) -> None:
    """Note how many jobs of a bulk run are still to be handed over; none ends the run."""
    if jobs > 0:
        session.merge(BulkAhead(run_id=run_id, jobs=jobs, noted_s=now_s))
    else:
        session.execute(delete(BulkAhead).where(BulkAhead.run_id == run_id))


def _ahead(session: Session, now_s: float) -> int:
    alive = BulkAhead.noted_s > now_s - AHEAD_BELIEVED_S
    return session.scalar(select(func.sum(BulkAhead.jobs)).where(alive)) or 0


def load_of(session: Session, now_s: float) -> Load:
    """Return what both lanes have before them."""
    counts = count_jobs(session, now_s)
    lane = session.get(GpuLane, GPU)
    return Load(
        cpu=counts.waiting[LaneName.CPU] + counts.leased[LaneName.CPU],
        gpu=counts.waiting[LaneName.GPU] + counts.leased[LaneName.GPU],
        gpu_state=lane.state if lane else LaneState.STOPPED,
        gpu_ordered_at_s=lane.ordered_s if lane else 0.0,
    )


def enter_job(
    session: Session,
    message_id: str,
    attempt: int,
    *,
    is_bulk: bool,
    now_s: float,
    policy: PolicySettings,
    history: History,
) -> LaneName:
    """Put a job in the line of the lane that should end it first; return that lane."""
    job = session.get(SpeechJob, (message_id, attempt))
    if job is None:
        lane = route(now_s, load_of(session, now_s), policy, history)
        job = SpeechJob(
            message_id=message_id,
            attempt=attempt,
            lane=lane,
            is_bulk=is_bulk,
            submitted_s=now_s,
            leased_until_s=None,
            is_settled=False,
        )
        session.add(job)
        session.flush()
    return job.lane


def line_of(session: Session, message_id: str, attempt: int) -> tuple[LaneName, bool]:
    """Return in which line a job is, and if it is bulk; one in none is the CPU lane's."""
    job = session.get(SpeechJob, (message_id, attempt), with_for_update=True)
    return (job.lane, job.is_bulk) if job is not None else (LaneName.CPU, False)


def lease_call(session: Session, call_id: str, now_s: float, until_s: float) -> None:
    """Note that the GPU lane speaks for a program; nobody hands such a job over again."""
    session.add(
        SpeechJob(
            message_id=call_id,
            attempt=0,
            lane=LaneName.GPU,
            is_bulk=False,
            submitted_s=now_s,
            leased_until_s=until_s,
            is_settled=False,
        )
    )


def forget_ended_calls(session: Session, now_s: float) -> None:
    """Forget the calls of a server that was killed, when their time is over."""
    of_a_call = SpeechJob.message_id.startswith(f"{CALL}_", autoescape=True)
    session.execute(delete(SpeechJob).where(of_a_call, SpeechJob.leased_until_s < now_s))


def lease_job(
    session: Session, message_id: str, attempt: int, lane: LaneName, until_s: float
) -> None:
    """Note that a job is at work on `lane`; done again after a crash it is the same lease."""
    job = session.get(SpeechJob, (message_id, attempt), with_for_update=True)
    if job is not None:
        job.lane, job.leased_until_s = lane, until_s


def return_job(
    session: Session, message_id: str, attempt: int, lane: LaneName, *, is_settled: bool = False
) -> None:
    """Put a job that could not be done back in the line of `lane`; there for good if settled."""
    job = session.get(SpeechJob, (message_id, attempt), with_for_update=True)
    if job is not None:
        job.lane, job.leased_until_s = lane, None
        job.is_settled = job.is_settled or is_settled


def relief_of(
    session: Session,
    message_id: str,
    attempt: int,
    now_s: float,
    policy: PolicySettings,
    history: History,
) -> LaneName | None:
    """Return the GPU's line for a job of the CPU's that would be done sooner there, else None."""
    job = session.get(SpeechJob, (message_id, attempt))
    if job is None or job.is_settled or job.leased_until_s is not None:
        return None
    load = load_of(session, now_s)
    others = replace(load, cpu=max(load.cpu - 1, 0))
    lane = route(now_s, others, policy, history)
    return lane if lane is LaneName.GPU else None


def leave_job(session: Session, message_id: str, attempt: int, now_s: float) -> None:
    """Take a job out: done, failed or cancelled. The GPU lane notes that it had work."""
    job = session.get(SpeechJob, (message_id, attempt), with_for_update=True)
    if job is None:
        return
    if job.lane is LaneName.GPU and job.leased_until_s is not None:
        _note_work(session, now_s, is_bulk=job.is_bulk)
    session.delete(job)


def _note_work(session: Session, now_s: float, *, is_bulk: bool) -> None:
    lane = session.get(GpuLane, GPU, with_for_update=True)
    if lane is not None:
        lane.worked_s = max(lane.worked_s, now_s)
        lane.personal_s = lane.personal_s if is_bulk else now_s


def note_intent(session: Session, account_id: str, now_s: float) -> None:
    """Note that somebody is about to need a voice."""
    session.merge(Intent(account_id=account_id, seen_s=now_s))


def open_intents(session: Session, now_s: float, lifetime_s: float) -> Intents:
    """Count the people whose sign is younger than `lifetime_s`; forget the others."""
    session.execute(delete(Intent).where(Intent.seen_s < now_s - lifetime_s))
    return Intents(session.scalar(select(func.count()).select_from(Intent)) or 0)


def move_moments(session: Session, jump_s: float) -> None:
    """Move what was noted along with a clock that was set forth or back."""
    session.execute(
        update(SpeechJob).values(
            submitted_s=SpeechJob.submitted_s + jump_s,
            leased_until_s=SpeechJob.leased_until_s + jump_s,
        )
    )
    session.execute(update(Intent).values(seen_s=Intent.seen_s + jump_s))
    session.execute(update(BulkAhead).values(noted_s=BulkAhead.noted_s + jump_s))


def pull_moments_back(session: Session, now_s: float) -> None:
    """Pull back what lies ahead, as after a clock was set back while nobody looked."""
    session.execute(update(Intent).where(Intent.seen_s > now_s).values(seen_s=now_s))
    late = SpeechJob.submitted_s > now_s
    session.execute(update(SpeechJob).where(late).values(submitted_s=now_s, leased_until_s=None))
