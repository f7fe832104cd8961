"""The port to the durable-execution engine (DBOS Transact): nothing else knows its database.

The API only enqueues; the worker runs. Both pin the same application version, so that a new
release picks up what the last one left, and keep everything as JSON, never as pickles.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, EnqueueOptions
from dbos._serialization import DBOSPortableJSONSerializer

APPLICATION_NAME = "videomessage"
# A new value would strand whatever waits. Steps may be added at the end of a workflow;
# another order needs DBOS.patch.
APPLICATION_VERSION = "1"
SPEECH_QUEUE = "speech"
GPU_QUEUE = "speech-gpu"
COMPOSE_QUEUE = "compose"
POLLING_INTERVAL_S = 0.25
# Unset beats every number in the engine's order, so each enqueue states one; the lower goes first.
PRIORITY, BULK_PRIORITY = 10, 20
# A workflow that has taken its worker down this often is given up.
MAX_RECOVERY_ATTEMPTS = 20
RETENTION = timedelta(days=3)
ALIVE = ("ENQUEUED", "PENDING", "DELAYED")
OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


def workflow_id(message_id: str, attempt: int, stage: str) -> str:
    """Return the id that makes a stage of one attempt unique, however often it is enqueued."""
    return f"{message_id}:{attempt}:{stage}"


def create_jobs_engine(url: str) -> sa.Engine:
    """Return the engine of the job database; SQLite gets the settings that DBOS leaves out."""
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_size=20, max_overflow=0, pool_pre_ping=True)
    engine = sa.create_engine(url, pool_size=20, max_overflow=0)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # A deferred transaction that writes later loses to a lock instead of waiting for it.
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("busy_timeout=30000", "foreign_keys=ON", "journal_mode=WAL"):
        connection.execute("PRAGMA " + pragma)


def migrate_jobs(url: str) -> None:
    """Create the engine's tables, or bring them up to date."""
    engine = create_jobs_engine(url)
    try:
        with engine.connect():
            pass  # turns the write-ahead log on before anybody else opens the file
    finally:
        engine.dispose()
    DBOS.migrate(url)


class RenderQueue:
    """What may be asked of the engine from outside the worker."""

    def __init__(self, url: str) -> None:
        self._engine = create_jobs_engine(url)
        self._client = DBOSClient(
            system_database_engine=self._engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION_NAME,
            lazy=True,
            retry_connection_errors=False,
        )

    def enqueue_speech(
        self, message_id: str, attempt: int, lane: str, *, is_bulk: bool = False
    ) -> None:
        """Start the chain of one attempt in a lane's line; doing it twice starts it once."""
        options = speech_options(message_id, attempt, turn=0, lane=lane, is_bulk=is_bulk)
        self._client.enqueue(options, message_id, attempt, 0, None)

    def enqueue_compose(self, message_id: str, attempt: int, *, is_bulk: bool = False) -> None:
        """Start where nothing is to be spoken; doing it twice starts it once."""
        options = compose_options(message_id, attempt, is_bulk=is_bulk)
        self._client.enqueue(options, message_id, attempt)

    def states(self, message_id: str, attempt: int) -> list[str]:
        """Return the states of an attempt's workflows, in the engine's words."""
        found = self._client.list_workflows(
            workflow_id_prefix=f"{message_id}:{attempt}:", load_input=False, load_output=False
        )
        return [workflow.status for workflow in found]

    def at_work(self) -> set[tuple[str, int]]:
        """Return (message, attempt) of everything that waits or runs, by one query."""
        found = self._client.list_workflows(status=list(ALIVE), load_input=False, load_output=False)
        named = (workflow.workflow_id.split(":") for workflow in found)
        return {(message_id, int(attempt)) for message_id, attempt, _stage in named}

    def forget_finished(self, now: datetime | None = None) -> int:
        """Delete what ended long ago, since the engine never does; return how much it was."""
        before = (now or datetime.now(UTC)) - RETENTION
        finished = self._client.list_workflows(
            status=list(OVER),
            end_time=before.isoformat(),
            limit=500,
            load_input=False,
            load_output=False,
        )
        ids = [workflow.workflow_id for workflow in finished]
        if ids:
            self._client.delete_workflows(ids)
        return len(ids)

    def close(self) -> None:
        """Let go of the database."""
        self._client.destroy()
        self._engine.dispose()


SPEECH_QUEUES = {"cpu": SPEECH_QUEUE, "gpu": GPU_QUEUE}


def speech_options(
    message_id: str,
    attempt: int,
    turn: int,
    delay_s: float | None = None,
    lane: str = "cpu",
    *,
    is_bulk: bool = False,
) -> EnqueueOptions:
    """Describe one try to speak; a delayed one holds no slot of the queue while it waits."""
    queue = SPEECH_QUEUES[lane]
    name = workflow_id(message_id, attempt, f"speech-{turn}")
    options = _options("speech", queue, name, is_bulk=is_bulk)
    if delay_s is not None:
        options["delay_seconds"] = delay_s
    return options


def compose_options(message_id: str, attempt: int, *, is_bulk: bool = False) -> EnqueueOptions:
    """Describe the composing of one attempt."""
    name = workflow_id(message_id, attempt, "compose")
    return _options("compose", COMPOSE_QUEUE, name, is_bulk=is_bulk)


def _options(
    workflow_name: str, queue_name: str, wanted_id: str, *, is_bulk: bool
) -> EnqueueOptions:
    return EnqueueOptions(
        workflow_name=workflow_name,
        queue_name=queue_name,
        workflow_id=wanted_id,
        app_version=APPLICATION_VERSION,
        application_name=APPLICATION_NAME,
        priority=BULK_PRIORITY if is_bulk else PRIORITY,
    )


def construct_worker_engine(url: str, executor_id: str) -> sa.Engine:
    """Construct the engine of this process; register the workflows next, then launch it."""
    engine = create_jobs_engine(url)
    DBOS(
        config={
            "name": APPLICATION_NAME,
            "system_database_url": url,
            "system_database_engine": engine,
            "executor_id": executor_id,
            "application_version": APPLICATION_VERSION,
            "log_level": "WARNING",
            "serializer": DBOSPortableJSONSerializer(),
        }
    )
    return engine


def launch_worker_engine(concurrency: Mapping[str, int]) -> None:
    """Start to work; `concurrency` is how many workflows of each queue run here at once."""
    DBOS.listen_queues(list(concurrency))
    DBOS.launch()
    for name, slots in concurrency.items():
        DBOS.register_queue(
            name,
            worker_concurrency=slots,
            polling_interval_sec=POLLING_INTERVAL_S,
            on_conflict="always_update",
        )


def set_slots(queue: str, slots: int) -> None:
    """Let `slots` workflows of a queue run in each worker; with none they wait at no cost."""
    found = DBOS.retrieve_queue(queue)
    if found is not None and found.worker_concurrency != slots:
        found.set_worker_concurrency(slots)


def take_over(executor_ids: Iterable[str]) -> int:
    """Re-queue what dead workers left unfinished; return how many workflows that were."""
    dead = list(executor_ids)
    # Private, but the engine has no other way: `resume_workflows` would revive cancelled ones.
    return len(DBOS._recover_pending_workflows(dead)) if dead else 0
