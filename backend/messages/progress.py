"""How a message moves from state to state, and what is told of it on the way."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db import utc_now
from backend.messages.models import Message, MessageEvent
from backend.messages.state import TERMINAL, WAITS_FOR_SPEECH, MessageState, require_move
from backend.power import work
from backend.webhooks import events


def move(
    session: Session,
    message: Message,
    to: MessageState,
    stage: str | None = None,
    percent: float = 0.0,
) -> None:
    """Move a message on, by a permitted move alone, and note the event. Raises Conflict."""
    require_move(message.state, to)
    message.state, message.stage, message.percent = to, stage, percent
    message.eta_s = message.note = None
    message.updated_at = utc_now()
    if to not in WAITS_FOR_SPEECH:
        work.leave_job(session, message.id, message.attempt, message.updated_at.timestamp())
    note_event(session, message)
    if to is MessageState.READY:
        events.message_ready(session, message)
    elif to is MessageState.FAILED:
        events.message_failed(session, message)


def note_event(session: Session, message: Message) -> None:
    """Note how the message stands, for whoever follows its progress."""
    session.add(
        MessageEvent(
            message_id=message.id,
            attempt=message.attempt,
            state=message.state,
            stage=message.stage,
            percent=message.percent,
            eta_s=message.eta_s,
            note=message.note,
            problem=message.problem,
            at=utc_now(),
        )
    )
    session.flush()


def events_after(session: Session, message: Message, last_event_id: int) -> list[MessageEvent]:
    """Return what happened in the present attempt since `last_event_id`, oldest first."""
    query = (
        select(MessageEvent)
        .where(
            MessageEvent.message_id == message.id,
            MessageEvent.attempt == message.attempt,
            MessageEvent.id > last_event_id,
        )
        .order_by(MessageEvent.id)
    )
    return list(session.scalars(query))


def is_over(state: MessageState) -> bool:
    """Return whether nothing more will happen by itself."""
    return state in TERMINAL
