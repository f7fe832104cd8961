"""What is sent can be verified by the receiver, and by nobody else's means."""

import base64
import contextlib
import re
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from backend.db import utc_now
from backend.local.checks import find_free_ports
from backend.settings import Settings
from backend.tests.hook_receiver import Receiver
from backend.tests.test_deleted_bytes import files_with
from backend.tests.webhooks.hooks import OVERLAP, add, happen, log_of, path_of, see
from backend.webhooks.courier import WebhookCourier, webhook_courier_of
from backend.webhooks.models import Webhook
from videomessage import SignatureWrong, verify


def test_the_receivers_library_verifies_what_arrives_and_nothing_that_was_changed(
    app: FastAPI, hook: dict, courier: WebhookCourier, receiver: Receiver
) -> None:
    happen(app, hook, "msg_1")
    courier.do_round()
    (request,) = receiver.taken
    assert request.headers["content-type"] == "application/json"
    verifier = Verifier(hook["secret"])
    assert verifier.verify(request.body, request.headers)["type"] == "message.viewed"
    assert len(base64.b64decode(hook["secret"].removeprefix("whsec_"))) == 32
    for body, changed in (
        (request.body + b" ", {}),
        (request.body, {"webhook-id": "evt_other"}),
        (request.body, {"webhook-timestamp": str(int(utc_now().timestamp()) + 1)}),
    ):
        with pytest.raises(WebhookVerificationError):
            verifier.verify(body, request.headers | changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-signature": "v1,é"},
        {"webhook-signature": ""},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "9" * 5_000},
        {"webhook-timestamp": "now"},
        {"webhook-id": "evt_other"},
    ],
)
def test_our_own_verify_refuses_nonsense_as_it_does_what_was_changed(
    app: FastAPI, hook: dict, courier: WebhookCourier, receiver: Receiver, changed: dict[str, str]
) -> None:
    happen(app, hook, "msg_1")
    courier.do_round()
    (request,) = receiver.taken
    assert verify(request.body, request.headers, hook["secret"])["type"] == "message.viewed"
    with pytest.raises(SignatureWrong):
        verify(request.body, request.headers | changed, hook["secret"])


def test_a_replayed_signature_is_refused_once_it_is_old(
    app: FastAPI, hook: dict, courier: WebhookCourier, receiver: Receiver, at: SimpleNamespace
) -> None:
    happen(app, hook, "msg_1")
    courier.do_round(at.now)
    (request,) = receiver.taken
    Verifier(hook["secret"]).verify(request.body, request.headers)
    at.now += timedelta(minutes=6)
    with pytest.raises(WebhookVerificationError, match="too old"):
        Verifier(hook["secret"]).verify(request.body, request.headers)


def test_while_a_secret_is_rotated_both_verify_and_then_the_new_one_alone(
    app: FastAPI,
    owner: TestClient,
    hook: dict,
    courier: WebhookCourier,
    receiver: Receiver,
    at: SimpleNamespace,
) -> None:
    rotated = owner.post(path_of(hook, "/rotate"))
    assert (rotated.status_code, rotated.headers["Cache-Control"]) == (201, "no-store")
    new, old = rotated.json()["secret"], hook["secret"]
    assert see(owner, hook)["previous_secret_until"] is not None
    happen(app, hook, "msg_1")
    courier.do_round(at.now)
    happen(app, hook, "msg_2")
    at.now += OVERLAP + timedelta(minutes=1)
    courier.do_round(at.now)
    during, after = receiver.taken
    assert len(during.headers["webhook-signature"].split()) == 2
    assert len(after.headers["webhook-signature"].split()) == 1
    Verifier(new).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError, match="No matching"):
        Verifier(old).verify(after.body, after.headers)
    at.now -= OVERLAP + timedelta(minutes=1)
    for secret in (new, old):
        Verifier(secret).verify(during.body, during.headers)


def test_a_rotation_without_overlap_ends_the_old_secret_at_once(
    app: FastAPI, owner: TestClient, hook: dict, courier: WebhookCourier, receiver: Receiver
) -> None:
    new = owner.post(path_of(hook, "/rotate"), json={"overlap_s": 0}).json()["secret"]
    happen(app, hook, "msg_1")
    courier.do_round()
    (request,) = receiver.taken
    Verifier(new).verify(request.body, request.headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(hook["secret"]).verify(request.body, request.headers)


def test_a_secret_is_told_once_and_lies_nowhere_readable(
    app: FastAPI, owner: TestClient, hook: dict, settings: Settings
) -> None:
    for answer in (owner.get("/api/v1/webhooks"), owner.get(path_of(hook))):
        assert "whsec_" not in answer.text
    with app.state.collaborators.readers() as session:
        kept = session.get_one(Webhook, hook["id"]).secret
    assert hook["secret"] not in kept
    assert files_with(settings.data_dir, hook["secret"].removeprefix("whsec_")) == []


def test_under_another_signing_key_the_log_says_that_the_secret_is_lost(
    app: FastAPI, owner: TestClient, hook: dict, receiver: Receiver
) -> None:
    happen(app, hook, "msg_1")
    parts = app.state.collaborators
    other = Settings.model_validate({**parts.settings.model_dump(), "signing_key": "another"})
    webhook_courier_of(other, parts.sessions, parts.readers, "worker-0").do_round()
    assert receiver.requests == []
    assert log_of(owner, hook)[0]["problem"] == "secret_lost"


README = Path(__file__).resolve().parents[3] / "README.md"
PAGE = README.parent / "frontend/src/features/webhooks/receiver.ts"


def wait_until_it_listens(running: subprocess.Popen[str], port: int) -> None:
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            assert running.wait(0.05) is None


def test_the_readmes_receiver_takes_an_event_once_and_refuses_one_of_another_time(
    app: FastAPI, owner: TestClient, courier: WebhookCourier, tmp_path: Path
) -> None:
    (recipe,) = re.findall(
        r"```python\n(# pip install standardwebhooks.*?)```", README.read_text(), re.S
    )
    shown = re.search(r"`(.*)`", PAGE.read_text(), re.S)
    assert shown is not None
    assert shown[1].replace("${secret}", "whsec_…") == recipe
    (port,) = find_free_ports(1)
    hook = add(owner, f"http://127.0.0.1:{port}/hooks")
    script = tmp_path / "receiver.py"
    script.write_text(recipe.replace("whsec_…", hook["secret"]).replace("8080", str(port)))
    running = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert running.stdout is not None
        wait_until_it_listens(running, port)
        happen(app, hook, "msg_1")
        courier.do_round()
        assert running.stdout.readline().startswith("message.viewed {'message_id': 'msg_1'")
        owner.post(path_of(hook, f"/deliveries/{log_of(owner, hook)[0]['id']}/replay"))
        happen(app, hook, "msg_2")
        courier.do_round()
        assert "msg_2" in running.stdout.readline(), "the replay has the id of what was seen"
        happen(app, hook, "msg_3")
        courier.do_round(utc_now() + timedelta(minutes=6))
        assert log_of(owner, hook)[0]["attempts"][-1]["status"] == 400
    finally:
        running.kill()
        running.communicate()
