"""Nothing at work is ever without somebody who works on it, and nothing old lies about."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.jobs import sweeps
from backend.jobs.engine import RenderQueue, migrate_jobs
from backend.jobs.models import OutboxEntry, WorkerBeat
from backend.jobs.outbox import hand_over_waiting
from backend.jobs.tests.conftest import SpeechDouble
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.storage import FolderStorage


def _set_engine_status(jobs_url: str, status: str) -> None:
    engine = sa.create_engine(jobs_url)
    table = "workflow_status" if jobs_url.startswith("sqlite") else "dbos.workflow_status"
    with engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {table} SET status = :s"), {"s": status})
    engine.dispose()


def _state(sessions: sessionmaker[Session], message_id: str) -> MessageState:
    with sessions() as session:
        return session.get_one(Message, message_id).state


def test_a_message_that_waits_or_is_worked_on_is_left_alone(
    sessions: sessionmaker[Session],
    queue: RenderQueue,
    queue_message: Callable[..., str],
    jobs_url: str,
) -> None:
    message_id = queue_message()
    assert sweeps.mend_messages(sessions, queue) == 0
    hand_over_waiting(sessions, queue)
    for status in ("ENQUEUED", "PENDING", "DELAYED"):
        _set_engine_status(jobs_url, status)
        assert sweeps.mend_messages(sessions, queue) == 0
    assert _state(sessions, message_id) is MessageState.QUEUED


@pytest.mark.parametrize("status", ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "SUCCESS"])
def test_a_message_whose_work_ended_without_it_fails_with_a_reason(
    sessions: sessionmaker[Session],
    queue: RenderQueue,
    queue_message: Callable[..., str],
    jobs_url: str,
    status: str,
) -> None:
    message_id = queue_message()
    hand_over_waiting(sessions, queue)
    _set_engine_status(jobs_url, status)
    assert sweeps.mend_messages(sessions, queue) == 1
    with sessions() as session:
        message = session.get_one(Message, message_id)
    assert message.state is MessageState.FAILED
    assert message.problem is not None
    assert "Try again" in message.problem["detail"]


def test_a_lost_job_database_loses_no_message(
    sessions: sessionmaker[Session],
    queue: RenderQueue,
    queue_message: Callable[..., str],
    tmp_path: Path,
) -> None:
    message_id = queue_message()
    hand_over_waiting(sessions, queue)
    fresh_url = f"sqlite:///{tmp_path / 'fresh.db'}"
    migrate_jobs(fresh_url)
    fresh = RenderQueue(fresh_url)
    try:
        assert sweeps.mend_messages(sessions, fresh) == 1
        assert hand_over_waiting(sessions, fresh) == 1
        assert fresh.states(message_id, 1) == ["ENQUEUED"]
    finally:
        fresh.close()


def test_tidying_forgets_what_is_over_and_keeps_what_is_not(
    sessions: sessionmaker[Session],
    queue: RenderQueue,
    queue_message: Callable[..., str],
    storage: FolderStorage,
    speech: SpeechDouble,
) -> None:
    at_work, over = queue_message(), queue_message(state=MessageState.READY)
    hand_over_waiting(sessions, queue)
    for name in (at_work, over, "msg_gone"):
        storage.write(f"messages/{name}/1/video.mp4", b"video")
    sweeps.tidy(sessions, storage, speech, queue)  # type: ignore[arg-type] # the double
    with sessions() as session:
        assert session.scalars(select(OutboxEntry.message_id)).all() == [at_work]
    assert storage.names("messages") == sorted([at_work, over])


def test_the_engine_forgets_what_ended_days_ago(
    sessions: sessionmaker[Session],
    queue: RenderQueue,
    queue_message: Callable[..., str],
    jobs_url: str,
) -> None:
    message_id = queue_message()
    hand_over_waiting(sessions, queue)
    assert queue.forget_finished(utc_now() + timedelta(days=4)) == 0  # not while it waits
    _set_engine_status(jobs_url, "SUCCESS")
    assert queue.forget_finished(utc_now()) == 0
    assert queue.forget_finished(utc_now() + timedelta(days=4)) == 1
    assert queue.states(message_id, 1) == []


def test_only_the_work_of_silent_workers_is_taken_over(
    sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def take(executor_ids: list[str]) -> int:
        taken.extend(executor_ids)
        return len(executor_ids)

    monkeypatch.setattr(sweeps, "take_over", take)
    for executor_id in ("worker-0", "worker-1", "worker-2"):
        sweeps.beat(sessions, executor_id, pid=1)
    with sessions.begin() as session:
        for executor_id in ("worker-0", "worker-1"):
            row = session.get_one(WorkerBeat, executor_id)
            row.beat_at = utc_now() - 2 * sweeps.DEAD_AFTER
    assert sweeps.take_over_from_dead(sessions, "worker-0") == 1
    assert taken == ["worker-1"]
    sweeps.beat(sessions, "worker-0", pid=1)
    with sessions() as session:
        assert set(session.scalars(select(WorkerBeat.executor_id))) == {"worker-0", "worker-2"}
