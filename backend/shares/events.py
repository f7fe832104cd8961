"""News of a message's audience as server-sent events: only that something changed."""

import asyncio
from collections.abc import AsyncIterator

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session, sessionmaker

from backend.shares.audience import audience_version

POLL_INTERVAL_S = 0.5
HEARTBEAT_S = 15.0
# Then the browser connects again, and is asked again who it is.
LIFETIME_S = 600.0


async def change_stream(
    readers: sessionmaker[Session], account_id: str, message_id: str, seen: int
) -> AsyncIterator[str]:
    """Yield `changed` whenever the audience's version passes `seen`, heartbeats in between."""

    def newest() -> int | None:
        with readers() as session:
            return audience_version(session, account_id, message_id)

    silent_s = 0.0
    for _ in range(int(LIFETIME_S / POLL_INTERVAL_S)):
        version = await run_in_threadpool(newest)
        if version is None:
            return
        silent_s += POLL_INTERVAL_S
        if version > seen:
            seen, silent_s = version, 0.0
            yield f"id: {version}\nevent: changed\ndata: {version}\n\n"
        elif silent_s >= HEARTBEAT_S:
            silent_s = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(POLL_INTERVAL_S)
