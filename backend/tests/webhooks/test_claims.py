"""Several workers, of which one may die, send nothing twice and lose nothing."""

import os
import signal
import subprocess
import sys

from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.db import utc_now
from backend.settings import Settings
from backend.tests.hook_receiver import Answer, Receiver, receiving
from backend.tests.webhooks.hooks import add, happen, places
from backend.webhooks import queue
from backend.webhooks.courier import WebhookCourier


def test_two_workers_send_nothing_twice_and_one_thing_at_a_time(
    app: FastAPI, hook: dict, receiver: Receiver
) -> None:
    happen(app, hook, "msg_1")
    happen(app, hook, "msg_2")
    sessions, now = app.state.collaborators.sessions, utc_now()
    with sessions.begin() as session:
        claimed = queue.claim_next(session, "worker-0", now)
    with sessions.begin() as session:
        assert claimed is not None
        assert queue.claim_next(session, "worker-1", now) is None
    with sessions.begin() as session:
        queue.note_outcome(session, claimed, queue.Outcome(204, None, 3, ""), now)
    with sessions.begin() as session:
        other = queue.claim_next(session, "worker-1", now)
    assert other is not None
    assert other.event_id != claimed.event_id


def test_a_receiver_that_fails_holds_up_no_other(
    app: FastAPI, owner: TestClient, hook: dict, courier: WebhookCourier, receiver: Receiver
) -> None:
    receiver.behave = lambda _request: Answer(500)
    happen(app, hook, "msg_0")
    courier.do_round()
    for number in range(3):
        happen(app, hook, f"msg_{number + 1}")
    with receiving() as healthy:
        other = add(owner, healthy.url)
        happen(app, other, "msg_9")
        with app.state.collaborators.sessions.begin() as session:
            first = queue.claim_next(session, "worker-1", utc_now())
    assert first is not None
    assert first.webhook_id == other["id"], "though its event is the latest"
    courier.do_round()
    assert len(receiver.requests) == 4, "what waits for the failing one is tried all the same"


def test_what_a_dead_worker_was_at_is_sent_after_its_claim(
    app: FastAPI, hook: dict, courier: WebhookCourier, receiver: Receiver
) -> None:
    happen(app, hook, "msg_1")
    now = utc_now()
    with app.state.collaborators.sessions.begin() as session:
        assert queue.claim_next(session, "worker-9", now) is not None
    assert courier.do_round(now) == 0
    assert courier.do_round(now + queue.CLAIM) == 1


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(
    app: FastAPI, owner: TestClient, hook: dict, receiver: Receiver, settings: Settings
) -> None:
    for number in range(5):
        happen(app, hook, f"msg_{number}", 4)
    receiver.behave = lambda _request: Answer(hangs=len(receiver.requests) == 7)
    worker = start_worker(settings)
    receiver.wait_for(lambda: len(receiver.requests) == 8)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    held = receiver.requests[7].event_id
    receiver.behave = lambda _request: Answer()
    worker = start_worker(settings)
    receiver.wait_for(lambda: len(receiver.taken) == 20)
    worker.terminate()
    worker.wait()
    assert len({request.event_id for request in receiver.taken}) == 20
    assert [request.event_id for request in receiver.requests].count(held) == 2
    for number in range(5):
        assert places(receiver, f"msg_{number}") == ["0", "1", "2", "3"]


def start_worker(settings: Settings) -> subprocess.Popen[bytes]:
    assert settings.speech_token is not None
    wishes = {
        "DATA_DIR": str(settings.data_dir),
        "SHARED_ROOT": str(settings.shared_root),
        "DATABASE_URL": settings.database,
        "JOBS_DATABASE_URL": settings.jobs_database,
        "SPEECH_URL": settings.speech_address,
        "SPEECH_TOKEN": settings.speech_token.get_secret_value(),
        "WEBHOOK_ALLOW_PRIVATE": "true",
    }
    command = [sys.executable, "-m", "backend", "worker"]
    return subprocess.Popen(command, env=os.environ | wishes, stderr=subprocess.DEVNULL)
