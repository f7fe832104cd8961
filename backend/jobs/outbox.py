"""Accepted renders on their way to the engine.

The request writes its row in its own transaction; after the commit the row is handed to the
engine under the same id. A crash in between loses nothing: the next sweep hands it over, and
the engine takes an id only once.
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db import after_commit
from backend.jobs.engine import RenderQueue, workflow_id
from backend.jobs.models import OutboxEntry

logger = logging.getLogger(__name__)

# The sessionmaker's `info` carries the courier's `wake` under this key.
WAKE_KEY = "wake_outbox_courier"
SWEEP_INTERVAL_S = 5.0
BATCH = 100


class Renderable(Protocol):
    """What the outbox needs to know of a message."""

    id: str
    attempt: int

    @property
    def needs_speech(self) -> bool:
        """Whether something is to be spoken first."""


def submit_render(session: Session, message: Renderable, *, is_bulk: bool = False) -> None:
    """Accept a message's render in the caller's transaction; it starts after the commit."""
    first_stage = "speech-0" if message.needs_speech else "compose"
    session.merge(
        OutboxEntry(
            workflow_id=workflow_id(message.id, message.attempt, first_stage),
            message_id=message.id,
            attempt=message.attempt,
            is_bulk=is_bulk,
            needs_speech=message.needs_speech,
            created_at=datetime.now(UTC),
            handed_over_at=None,
        )
    )
    after_commit(session, WAKE_KEY)


LineOf = Callable[[str, int, bool], str]


def the_only_line(_message_id: str, _attempt: int, _is_bulk: bool) -> str:
    """Return the CPU lane's line: where there is no GPU lane, everybody stands in it."""
    return "cpu"


def hand_over_waiting(
    sessions: sessionmaker[Session], queue: RenderQueue, line_of: LineOf = the_only_line
) -> int:
    """Hand every waiting row to the engine; return how many there were.

    line_of: puts a message's attempt in a lane's line, once, and tells in which

    Engine first, mark second: a crash between the two hands the same id over again, which the
    engine ignores. No transaction is open while the engine is asked.
    """
    with sessions() as session:
        waiting = session.scalars(
            select(OutboxEntry)
            .where(OutboxEntry.handed_over_at.is_(None))
            .order_by(OutboxEntry.created_at)
            .limit(BATCH)
        ).all()
    for entry in waiting:
        if entry.needs_speech:
            line = line_of(entry.message_id, entry.attempt, entry.is_bulk)
            queue.enqueue_speech(entry.message_id, entry.attempt, line, is_bulk=entry.is_bulk)
        else:
            queue.enqueue_compose(entry.message_id, entry.attempt, is_bulk=entry.is_bulk)
        _mark_handed_over(sessions, entry.workflow_id)
    return len(waiting)


def _mark_handed_over(sessions: sessionmaker[Session], entry_id: str) -> None:
    with sessions.begin() as session:
        entry = session.get(OutboxEntry, entry_id)
        if entry is not None:
            entry.handed_over_at = datetime.now(UTC)


class OutboxCourier:
    """A thread of the API process that hands rows over as soon as they are committed."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        open_queue: Callable[[], RenderQueue],
        line_of: LineOf = the_only_line,
    ) -> None:
        self._sessions = sessions
        self._line_of = line_of
        self._open_queue = open_queue
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox-courier", daemon=True)

    def start(self) -> None:
        """Begin; what a crash left behind goes first."""
        self._awake.set()
        self._thread.start()

    def wake(self) -> None:
        """Look into the outbox now. Costs the caller nothing."""
        self._awake.set()

    def stop(self) -> None:
        """End; what still waits is left to the next start or to the worker's sweep."""
        self._stopping.set()
        self._awake.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        queue: RenderQueue | None = None
        while not self._stopping.is_set():
            self._awake.wait(SWEEP_INTERVAL_S)
            self._awake.clear()
            if self._stopping.is_set():
                break
            try:
                queue = queue or self._open_queue()
                hand_over_waiting(self._sessions, queue, self._line_of)
            except Exception:
                # The row stays; the worker sweeps too, and so does the next round.
                logger.exception("the outbox could not be handed over yet")
        if queue is not None:
            queue.close()
