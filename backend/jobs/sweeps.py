"""What the worker looks after besides its queues: nothing stays lost, stuck or lying about."""

import logging
import time
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.idempotency.service import forget_old as forget_old_writes
from backend.jobs.engine import ALIVE, RenderQueue, take_over
from backend.jobs.models import OutboxEntry, WorkerBeat
from backend.jobs.outbox import submit_render
from backend.jobs.rates import forget_old_steps
from backend.messages import making
from backend.messages import service as messages
from backend.messages.models import Message
from backend.messages.removal import delete_orphaned_folders
from backend.messages.state import IN_WORK, WAITS_FOR_SPEECH
from backend.power.models import SpeechJob
from backend.power.work import forget_ended_calls, line_of
from backend.problems import Problem
from backend.shares.replies import uploads_in_use
from backend.speech.client import SpeechClient
from backend.storage import Storage
from backend.uploads.service import delete_forgotten
from backend.voices.service import sweep_voices

logger = logging.getLogger(__name__)

# A worker beats every few seconds; a laptop that slept for a minute is not dead yet.
DEAD_AFTER = timedelta(seconds=90)


class GaveUp(Problem):
    """The engine gave a render up: it took its worker down again and again."""

    code = "internal"
    title = "The video could not be made"


def mend_messages(sessions: sessionmaker[Session], queue: RenderQueue) -> int:
    """Find messages at work that nothing works on; submit or fail them. Returns how many.

    A message whose workflows are unknown to the engine (its database was lost) goes in again
    under the same ids; one whose workflows all ended fails with a reason and can be retried.
    """
    with sessions.begin() as session:
        _forget_jobs_of_nobody(session)
    mended = 0
    # A thousand that wait are known by one query; only what is not among them is looked at.
    at_work = queue.at_work()
    for message_id, attempt in _handed_over(sessions):
        if (message_id, attempt) in at_work:
            continue
        states = queue.states(message_id, attempt)
        if any(state in ALIVE for state in states):
            continue
        mended += (
            _fail(sessions, message_id, attempt)
            if states
            else _submit_again(sessions, message_id, attempt)
        )
    return mended


def _forget_jobs_of_nobody(session: Session) -> None:
    """A message that was deleted in the middle leaves no job for which a machine is kept on."""
    waiting = select(Message.id).where(Message.state.in_(WAITS_FOR_SPEECH))
    of_a_message = SpeechJob.message_id.startswith("msg_", autoescape=True)
    session.execute(delete(SpeechJob).where(of_a_message, SpeechJob.message_id.not_in(waiting)))
    forget_ended_calls(session, time.time())


def _handed_over(sessions: sessionmaker[Session]) -> list[tuple[str, int]]:
    """Return (message, attempt) of everything at work that no longer waits in the outbox."""
    with sessions() as session:
        at_work = session.execute(
            select(Message.id, Message.attempt).where(Message.state.in_(IN_WORK))
        ).all()
        entries = session.execute(
            select(OutboxEntry.message_id, OutboxEntry.attempt).where(
                OutboxEntry.handed_over_at.is_(None)
            )
        ).all()
    waiting = {(entry.message_id, entry.attempt) for entry in entries}
    return [(row.id, row.attempt) for row in at_work if (row.id, row.attempt) not in waiting]


def _fail(sessions: sessionmaker[Session], message_id: str, attempt: int) -> bool:
    logger.error("message %s attempt %d was given up by the engine", message_id, attempt)
    reason = GaveUp("The work on this message broke off again and again. Try again.")
    with sessions.begin() as session:
        return making.fail_message(session, message_id, attempt, reason)


def _submit_again(sessions: sessionmaker[Session], message_id: str, attempt: int) -> bool:
    logger.warning("message %s attempt %d was unknown to the engine", message_id, attempt)
    with sessions.begin() as session:
        message = session.get(Message, message_id, with_for_update=True)
        if message is None or message.attempt != attempt or message.state not in IN_WORK:
            return False
        _, is_bulk = line_of(session, message_id, attempt)
        is_bulk = is_bulk or message.campaign_id is not None
        submit_render(session, message, is_bulk=is_bulk)
        return True


def beat(sessions: sessionmaker[Session], executor_id: str, pid: int) -> None:
    """Say that this worker lives."""
    now = utc_now()
    with sessions.begin() as session:
        row = session.get(WorkerBeat, executor_id)
        if row is None or row.pid != pid:
            session.merge(WorkerBeat(executor_id=executor_id, pid=pid, started_at=now, beat_at=now))
        else:
            row.beat_at = now


def take_over_from_dead(sessions: sessionmaker[Session], own_id: str) -> int:
    """Re-queue the work of workers that fell silent; return how many workflows that were."""
    with sessions() as session:
        silent = session.scalars(
            select(WorkerBeat.executor_id).where(
                WorkerBeat.beat_at < utc_now() - DEAD_AFTER, WorkerBeat.executor_id != own_id
            )
        ).all()
    taken = take_over(silent)
    if silent:
        with sessions.begin() as session:
            session.execute(delete(WorkerBeat).where(WorkerBeat.executor_id.in_(silent)))
    return taken


def tidy(
    sessions: sessionmaker[Session],
    storage: Storage,
    speech: SpeechClient,
    queue: RenderQueue,
) -> None:
    """Remove what nobody needs any more: rows, uploads, folders, half-made voices."""
    with sessions.begin() as session:
        forget_old_steps(session)
        _forget_outbox(session)
        forget_old_writes(session)
    tidy_uploads(sessions, storage)
    delete_orphaned_folders(sessions, storage)
    sweep_voices(sessions, speech)
    queue.forget_finished()


def tidy_uploads(sessions: sessionmaker[Session], storage: Storage) -> None:
    """Remove uploads past their time that nothing is made of, and what killed requests left."""
    with sessions() as session:
        in_use = messages.uploads_in_use(session) | uploads_in_use(session)
    delete_forgotten(sessions, storage, in_use)


def _forget_outbox(session: Session) -> None:
    at_work = select(Message.id).where(Message.state.in_(IN_WORK))
    session.execute(
        delete(OutboxEntry).where(
            OutboxEntry.handed_over_at.is_not(None), OutboxEntry.message_id.not_in(at_work)
        )
    )
