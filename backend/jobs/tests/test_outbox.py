"""An accepted render reaches the engine once, whatever breaks off in between."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.jobs import outbox
from backend.jobs.engine import RenderQueue
from backend.jobs.models import OutboxEntry
from backend.jobs.outbox import WAKE_KEY, OutboxCourier, hand_over_waiting, submit_render
from backend.messages.models import Message


def test_a_row_is_handed_over_once(
    sessions: sessionmaker[Session], queue: RenderQueue, queue_message: Callable[..., str]
) -> None:
    message_id = queue_message()
    assert hand_over_waiting(sessions, queue) == 1
    assert hand_over_waiting(sessions, queue) == 0
    assert queue.states(message_id, 1) == ["ENQUEUED"]


def test_a_crash_between_engine_and_mark_starts_it_once_all_the_same(
    sessions: sessionmaker[Session],
    queue: RenderQueue,
    queue_message: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message_id = queue_message()

    def crash(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "_mark_handed_over", crash)
        with pytest.raises(KeyboardInterrupt):
            hand_over_waiting(sessions, queue)
    assert hand_over_waiting(sessions, queue) == 1
    assert queue.states(message_id, 1) == ["ENQUEUED"]


def test_what_is_rolled_back_was_never_submitted(
    sessions: sessionmaker[Session], queue: RenderQueue, queue_message: Callable[..., str]
) -> None:
    message_id = queue_message()
    hand_over_waiting(sessions, queue)
    with sessions() as session:
        message = session.get_one(Message, message_id)
        message.attempt = 2
        submit_render(session, message)
        session.rollback()
    assert hand_over_waiting(sessions, queue) == 0
    assert queue.states(message_id, 2) == []


def test_the_courier_is_woken_by_the_commit_and_not_before(
    sessions: sessionmaker[Session], queue_message: Callable[..., str]
) -> None:
    message_id = queue_message()
    woken = threading.Event()
    sessions.configure(info={WAKE_KEY: woken.set})
    with sessions.begin() as session:
        submit_render(session, session.get_one(Message, message_id))
        session.flush()
        assert not woken.is_set()
    assert woken.is_set()


def test_the_courier_hands_over_what_a_crash_left(
    sessions: sessionmaker[Session],
    queue: RenderQueue,
    queue_message: Callable[..., str],
    jobs_url: str,
) -> None:
    message_id = queue_message()
    courier = OutboxCourier(sessions, lambda: RenderQueue(jobs_url))
    courier.start()
    try:
        _wait_until(lambda: queue.states(message_id, 1) == ["ENQUEUED"])
        _wait_until(lambda: not _waiting(sessions))
    finally:
        courier.stop()


def _waiting(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        waiting = select(OutboxEntry.workflow_id).where(OutboxEntry.handed_over_at.is_(None))
        return list(session.scalars(waiting))


def _wait_until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(400):
        if holds():
            return
        pause.wait(0.05)
    raise AssertionError("not within 20 s")
