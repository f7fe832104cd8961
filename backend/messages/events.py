"""A message's progress as server-sent events, replayed from wherever the reader left off."""

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session, sessionmaker

from backend.messages import progress, service
from backend.messages.models import Message, MessageEvent

# Read from the table and not from a channel: it works across processes and restarts alike.
POLL_INTERVAL_S = 0.25
HEARTBEAT_S = 15.0


async def require_message(readers: sessionmaker[Session], account_id: str, message_id: str) -> None:
    """Raise NotFound before the stream begins: afterwards there is no status to answer."""

    def check() -> None:
        with readers() as session:
            service.get_message(session, account_id, message_id)

    await run_in_threadpool(check)


async def progress_stream(
    readers: sessionmaker[Session], message_id: str, last_event_id: int
) -> AsyncIterator[str]:
    """Yield events after `last_event_id`, heartbeats in between; end when the message is over."""
    silent_s = 0.0
    while True:
        news, is_over = await run_in_threadpool(_news, readers, message_id, last_event_id)
        for event in news:
            last_event_id = event.id
            yield _as_text(event)
        if is_over:
            return
        silent_s = 0.0 if news else silent_s + POLL_INTERVAL_S
        if silent_s >= HEARTBEAT_S:
            silent_s = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(POLL_INTERVAL_S)


def _news(
    readers: sessionmaker[Session], message_id: str, last_event_id: int
) -> tuple[list[MessageEvent], bool]:
    with readers() as session:
        # The state first: its event was committed with it and so is among the news.
        message = session.get(Message, message_id)
        if message is None:
            return [], True
        return progress.events_after(session, message, last_event_id), progress.is_over(
            message.state
        )


def _as_text(event: MessageEvent) -> str:
    progress = {
        "state": event.state,
        "stage": event.stage,
        "percent": event.percent,
        "eta_s": event.eta_s,
        "note": event.note,
        "problem": event.problem,
    }
    return f"id: {event.id}\nevent: progress\ndata: {json.dumps(progress)}\n\n"
