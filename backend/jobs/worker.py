"""The worker process: runs the queues, beats, sweeps, and stands still when it is asked to."""

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import backend.tables  # noqa: F401 - a foreign key needs every table to be known
from backend.campaigns.feeder import Feeder, FeederThread
from backend.db import create_database, create_readers, create_sessions
from backend.jobs import sweeps
from backend.jobs.composing import Decor
from backend.jobs.engine import (
    COMPOSE_QUEUE,
    GPU_QUEUE,
    SPEECH_QUEUE,
    RenderQueue,
    construct_worker_engine,
    launch_worker_engine,
    set_slots,
)
from backend.jobs.journal import Journal
from backend.jobs.outbox import hand_over_waiting
from backend.jobs.steps import RenderSteps, Stopping
from backend.jobs.workflows import register_workflows
from backend.locks import try_lock
from backend.mail.courier import courier_of
from backend.messages.removal import forget_left_speech
from backend.power.lanes import CPU_SLOTS, Lanes
from backend.power.setup import power_of
from backend.rounds import InRounds
from backend.settings import Settings
from backend.speech.client import SpeechClient
from backend.storage import storage_of
from backend.tables import METADATA
from backend.webhooks.courier import webhook_courier_of
from backend.webhooks.queue import forget_old_events

logger = logging.getLogger(__name__)

# Drawing takes all cores; the GPU's line opens when that lane is ready.
CONCURRENCY = {SPEECH_QUEUE: CPU_SLOTS, GPU_QUEUE: 0, COMPOSE_QUEUE: 1}
STAND_STILL_S = 5.0
LOCK_WAIT_S = 10.0
TICK_S = 0.5


@dataclass
class Chore:
    """Something to do every `interval_s`; a failure is logged and tried again next time."""

    name: str
    interval_s: float
    do: Callable[[], object]
    due_s: float = 0.0

    def do_if_due(self, now_s: float) -> None:
        """Do it when its time has come."""
        if now_s < self.due_s:
            return
        self.due_s = now_s + self.interval_s
        try:
            self.do()
        except Exception as error:
            # Only the kind: the text of a database error quotes rows.
            logger.error("%s failed: %s", self.name, type(error).__name__)


def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; whatever is unfinished then goes on at the next start."""
    executor_id = f"worker-{settings.worker_slot}"
    with _slot_lock(settings):
        stopping = Stopping()
        ended = _stop_on_signals()
        chores, threads = _launch(settings, executor_id, stopping)
        _announce(settings)
        while not ended.wait(TICK_S):
            for chore in chores:
                chore.do_if_due(time.monotonic())
        for thread in threads:
            thread.stop()
        _stand_still(stopping)


def _launch(
    settings: Settings, executor_id: str, stopping: Stopping
) -> tuple[list[Chore], list[InRounds]]:
    engine = create_database(settings.database)
    logger.debug("%d tables are known", len(METADATA.tables))
    sessions, readers = create_sessions(engine), create_readers(engine)
    storage = storage_of(settings)
    storage.check(settings.public_url)
    speech = SpeechClient.from_settings(settings)
    journal = Journal(sessions, readers)
    construct_worker_engine(settings.jobs_database, executor_id)
    lanes = Lanes(sessions, speech, power_of(settings))
    decor = Decor(settings.caption_font, settings.themes_dir)
    patience_s = settings.speech_patience_s
    register_workflows(RenderSteps(journal, storage, lanes, patience_s, stopping, decor))
    launch_worker_engine(CONCURRENCY)
    queue = RenderQueue(settings.jobs_database)
    post = courier_of(settings, sessions, readers, storage, executor_id)
    hooks = webhook_courier_of(settings, sessions, readers, executor_id)
    log_kept_for = timedelta(days=settings.webhook_log_days)

    def hand_over() -> object:
        return hand_over_waiting(sessions, queue, lanes.line_of)

    feeder = Feeder(sessions, readers, lanes.is_warm, hand_over, settings.caption_font)
    couriers = (FeederThread(feeder), post, hooks)
    threads: list[InRounds] = [courier for courier in couriers if courier is not None]
    for thread in threads:
        thread.start()
    chores = [
        Chore("the outbox sweep", 1, hand_over),
        Chore("the lanes' lines", 1, lambda: _open_lines(lanes)),
        Chore("the heartbeat", 5, lambda: sweeps.beat(sessions, executor_id, os.getpid())),
        Chore("mending messages", 10, lambda: sweeps.mend_messages(sessions, queue)),
        Chore("taking over", 30, lambda: sweeps.take_over_from_dead(sessions, executor_id)),
        Chore("forgetting speech", 60, lambda: forget_left_speech(sessions, speech)),
        Chore("tidying", 600, lambda: sweeps.tidy(sessions, storage, speech, queue)),
        Chore("the webhooks' log", 600, lambda: forget_old_events(sessions, log_kept_for)),
    ]
    return chores, threads


def _open_lines(lanes: Lanes) -> None:
    set_slots(GPU_QUEUE, lanes.gpu_slots())
    set_slots(SPEECH_QUEUE, lanes.cpu_slots())


def _stop_on_signals() -> threading.Event:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    return ended


def _stand_still(stopping: Stopping) -> None:
    """Let steps put their children away, then leave without a word to the engine.

    An orderly shutdown of the engine would write the interrupted steps down as failed.
    """
    stopping.ask()
    if not stopping.wait_until_still(STAND_STILL_S):
        logger.warning("a step did not stand still in time")
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


@contextmanager
def _slot_lock(settings: Settings) -> Iterator[None]:
    """Hold the slot: two workers in one slot would take each other's work for left behind."""
    folder = settings.data_dir / "run"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"worker-{settings.worker_slot}.lock").open("w") as lock:
        deadline_s = time.monotonic() + LOCK_WAIT_S
        while not try_lock(lock.fileno()):
            if time.monotonic() > deadline_s:
                sys.exit(
                    f"Another worker runs in slot {settings.worker_slot}: "
                    "stop it, or give this one a WORKER_SLOT of its own."
                )
            time.sleep(0.2)
        yield


def ready_file(data_dir: Path, slot: str) -> Path:
    """Return the file in which a worker says that it works, with its process id."""
    return data_dir / "run" / f"worker-{slot}.json"


def _announce(settings: Settings) -> None:
    path = ready_file(settings.data_dir, settings.worker_slot)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({"pid": os.getpid()}))
    draft.replace(path)
    logger.info("worker %s is ready", settings.worker_slot)
