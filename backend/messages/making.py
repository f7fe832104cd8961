"""What a worker does to a message: each call is one short transaction.

A step may be replayed after a crash, and a message may be cancelled or retried meanwhile, so each
of these looks at state and attempt first and says whether the work is still wanted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.messages.models import Message
from backend.messages.progress import move, note_event
from backend.messages.state import IN_WORK, MessageState
from backend.problems import Problem


@dataclass(frozen=True)
class SpokenFacts:
    """What a message keeps of how it was spoken."""

    engine: str | None
    base_voice: str
    credit: str | None


@dataclass(frozen=True)
class MadeFiles:
    """What the finished video is like, and which files lie beside it.

    spans: when the sentences are said that its campaign has in it alone
    """

    duration_s: float
    has_small: bool = False
    has_previews: bool = False
    spans: Sequence[Mapping[str, Any]] = ()


def is_any_in_work(session: Session) -> bool:
    """Return whether any message, of whomever, is being made."""
    return session.scalar(select(Message.id).where(Message.state.in_(IN_WORK)).limit(1)) is not None


def is_wanted(session: Session, message_id: str, attempt: int) -> bool:
    """Return whether this attempt is still at work: not cancelled, deleted or superseded."""
    message = session.get(Message, message_id)
    return message is not None and message.attempt == attempt and message.state in IN_WORK


def begin_speaking(session: Session, message_id: str, attempt: int) -> bool:
    """Move queued → speaking; again, or later in the chain, is fine. False when not wanted."""
    message = wanted(session, message_id, attempt)
    if message is not None and message.state is MessageState.QUEUED:
        move(session, message, MessageState.SPEAKING, stage="speaking")
    return message is not None


def begin_composing(
    session: Session, message_id: str, attempt: int, spoken: SpokenFacts | None
) -> bool:
    """Move on to composing and note how it was spoken, if it was. False when not wanted."""
    message = wanted(session, message_id, attempt)
    if message is None:
        return False
    before = MessageState.QUEUED if spoken is None else MessageState.SPEAKING
    if message.state is before:
        if spoken is not None:
            message.engine = spoken.engine
            message.base_voice = spoken.base_voice
            message.credit = spoken.credit
        move(session, message, MessageState.COMPOSING, stage="composing", percent=message.percent)
    return True


def note_poster(session: Session, message_id: str, attempt: int) -> None:
    """Note that the poster can be shown, though the video is still in the making."""
    message = wanted(session, message_id, attempt)
    if message is not None:
        message.has_poster = True


def keep_receipt(
    session: Session,
    message_id: str,
    attempt: int,
    lane: str,
    speech_s: float,
    usd_micro: int,
) -> None:
    """Note where a message was spoken, for how long, and what that cost."""
    message = wanted(session, message_id, attempt)
    if message is not None:
        message.lane, message.speech_s, message.speech_usd_micro = lane, speech_s, usd_micro


def finish_message(session: Session, message_id: str, attempt: int, made: MadeFiles) -> bool:
    """Move composing → ready. False when it was cancelled or superseded meanwhile."""
    message = wanted(session, message_id, attempt)
    if message is None or message.state is not MessageState.COMPOSING:
        return False
    message.duration_s = made.duration_s
    message.has_small_video, message.has_previews = made.has_small, made.has_previews
    message.has_poster = True
    message.spans = [dict(span) for span in made.spans]
    move(session, message, MessageState.READY, percent=100.0)
    return True


def fail_message(session: Session, message_id: str, attempt: int, problem: Problem) -> bool:
    """Move to failed with a reason that can be shown. False when not wanted any more."""
    message = wanted(session, message_id, attempt)
    if message is None:
        return False
    message.problem = problem.body()
    move(session, message, MessageState.FAILED, percent=message.percent)
    return True


def record_progress(
    session: Session,
    message_id: str,
    attempt: int,
    stage: str,
    percent: float,
    eta_s: float | None = None,
    note: str | None = None,
) -> bool:
    """Note how far it is; percent never falls. False when not wanted any more: stop working."""
    message = wanted(session, message_id, attempt)
    if message is None:
        return False
    message.stage, message.eta_s, message.note = stage, eta_s, note
    message.percent = max(message.percent, percent)
    note_event(session, message)
    return True


def wanted(session: Session, message_id: str, attempt: int) -> Message | None:
    """Return the message, locked, if this attempt is still at work."""
    # Locked: on PostgreSQL a cancel and a worker's step would otherwise overwrite each other.
    message = session.get(Message, message_id, with_for_update=True)
    if message is None or message.attempt != attempt or message.state not in IN_WORK:
        return None
    return message
