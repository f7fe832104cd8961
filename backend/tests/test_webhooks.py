"""Webhooks: what is told and when, to whom it is sent, and what a receiver may do to us."""

import base64
import contextlib
import datetime
import logging
import os
import re
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import standardwebhooks.webhooks as receivers_library
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from backend.campaigns.models import Campaign
from backend.campaigns.state import CampaignState
from backend.db import utc_now
from backend.local.checks import find_free_ports
from backend.messages import making
from backend.problems import Problem
from backend.settings import Settings
from backend.tests.conftest import browser, sign_up
from backend.tests.hook_receiver import Answer, Received, Receiver, receiving
from backend.tests.samples import make_voice
from backend.tests.test_audience import tell
from backend.tests.test_deleted_bytes import files_with
from backend.tests.test_messages import complete, finish, render
from backend.tests.test_shares import message, share
from backend.webhooks import events, queue
from backend.webhooks.courier import WebhookCourier, webhook_courier_of
from backend.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from backend.webhooks.payloads import EventType, MessageViewed

__all__ = ["complete", "message"]  # fixtures

HANGS_FOR_S = 0.2
OVERLAP = timedelta(hours=24)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_allow_private": True})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def courier_of(app: FastAPI, worker: str = "worker-0") -> WebhookCourier:
    parts = app.state.collaborators
    return webhook_courier_of(parts.settings, parts.sessions, parts.readers, worker, HANGS_FOR_S)


@pytest.fixture
def courier(app: FastAPI) -> WebhookCourier:
    """What the worker runs in threads, one round at a time."""
    return courier_of(app)


def add(client: TestClient, url: str, **more: object) -> dict:
    answer = client.post("/api/v1/webhooks", json={"url": url, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def path_of(webhook: dict, end: str = "") -> str:
    return f"/api/v1/webhooks/{webhook['id']}{end}"


def log_of(client: TestClient, webhook: dict, state: str | None = None) -> list[dict]:
    query = {"limit": 100} | ({"state": state} if state else {})
    return client.get(path_of(webhook, "/deliveries"), params=query).json()["items"]


def see(client: TestClient, webhook: dict) -> dict:
    return client.get(path_of(webhook)).json()


def happen(app: FastAPI, webhook: dict, subject: str, count: int = 1) -> None:
    """Let something happen to `subject`, told to one webhook; `share_id` numbers it."""
    with app.state.collaborators.sessions.begin() as session:
        row = session.get_one(Webhook, webhook["id"])
        for number in range(count):
            payload = MessageViewed(message_id=subject, campaign_id=None, share_id=str(number))
            events.send_event(session, [row], subject, payload)


@pytest.fixture
def hook(owner: TestClient, receiver: Receiver) -> dict:
    return add(owner, receiver.url)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The receivers' clock, which their library asks."""
    clock = SimpleNamespace(now=utc_now() + timedelta(minutes=1))

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None):
            return clock.now

    monkeypatch.setattr(receivers_library, "datetime", Clock)
    return clock


# --- what is told ---------------------------------------------------------------------------


def told(receiver: Receiver) -> list[tuple[str, dict]]:
    return [(request.told["type"], request.told["data"]) for request in receiver.taken]


def test_a_message_is_told_of_from_ready_to_the_reply(
    app: FastAPI,
    owner: TestClient,
    hook: dict,
    complete: dict,
    courier: WebhookCourier,
    receiver: Receiver,
) -> None:
    render(owner, complete)
    finish(app, complete)
    link, path = share(owner, complete)
    viewer, other = browser(app), browser(app)
    for watching in (viewer, other):
        for kind in ("opened", "played", "progress", "ended", "played"):
            tell(watching, path, kind, watched=list(range(50)) if kind == "progress" else [])
    reply = other.post(f"{path}/replies", json={"text": "秘密のお返事", "name": "祖母"}).json()
    courier.do_round()
    of_message = {"message_id": complete["id"], "campaign_id": None}
    of_link = {**of_message, "share_id": link["id"]}
    assert told(receiver) == [
        ("message.ready", {**of_message, "state": "ready", "attempt": 1, "duration_s": 3.2}),
        ("message.viewed", of_link),
        ("message.watched", of_link),
        ("message.replied", {**of_link, "reply_id": reply["id"], "kind": "text"}),
    ]
    sent = b"".join(request.body for request in receiver.requests)
    for secret in ("秘密", "祖母", "おめでとう", "誕生日", path.rsplit("/", 1)[1], "owner@"):
        assert secret.encode() not in sent


def test_a_second_link_has_a_first_view_of_its_own_and_jumping_is_not_watching(
    app: FastAPI,
    owner: TestClient,
    message: dict,
    receiver: Receiver,
    courier: WebhookCourier,
) -> None:
    add(owner, receiver.url, events=["message.watched", "message.viewed"])
    links = [share(owner, message) for _ in range(2)]
    for _, path in links:
        for kind in ("played", "ended"):
            tell(browser(app), path, kind)
    courier.do_round()
    assert [(kind, data["share_id"]) for kind, data in told(receiver)] == [
        ("message.viewed", link["id"]) for link, _ in links
    ]


def test_a_failure_is_told_by_its_code_and_only_with_what_failed(
    app: FastAPI,
    owner: TestClient,
    hook: dict,
    complete: dict,
    courier: WebhookCourier,
    receiver: Receiver,
) -> None:
    render(owner, complete)
    sessions = app.state.collaborators.sessions
    problem = Problem("The script's own words.")
    with sessions() as session:
        making.fail_message(session, complete["id"], 1, problem)
        session.rollback()
    assert courier.do_round() == 0
    with sessions.begin() as session:
        making.fail_message(session, complete["id"], 1, problem)
    assert courier.do_round() == 1
    ((kind, data),) = told(receiver)
    assert (kind, data["problem"], data["state"]) == ("message.failed", "internal", "failed")


def test_a_voice_is_told_of(
    owner: TestClient, hook: dict, recording: Path, courier: WebhookCourier, receiver: Receiver
) -> None:
    voice = make_voice(owner, recording)
    courier.do_round()
    assert told(receiver) == [("voice.ready", {"voice_id": voice["id"]})]


def test_a_campaign_is_told_of_by_its_states_and_now_and_then(
    app: FastAPI,
    owner: TestClient,
    hook: dict,
    courier: WebhookCourier,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = utc_now()
    with app.state.collaborators.readers() as session:
        account_id = session.get_one(Webhook, hook["id"]).account_id
    campaign = Campaign(
        id="cmp_1", account_id=account_id, template_message_id="msg_1", name="n",
        state=CampaignState.RUNNING, created_at=now, updated_at=now,
    )  # fmt: skip

    def change(state: CampaignState, ready: int, later_s: float = 0.0) -> None:
        monkeypatch.setattr(events, "utc_now", lambda: now + timedelta(seconds=later_s))
        campaign.state = state
        with app.state.collaborators.sessions.begin() as session:
            events.campaign_changed(session, campaign, {"ready": ready, "waiting": 3 - ready})

    change(CampaignState.RUNNING, 0)
    change(CampaignState.RUNNING, 1, 29)  # too soon after the last
    change(CampaignState.RUNNING, 2, 31)
    change(CampaignState.PAUSED, 2, 32)
    change(CampaignState.DONE, 3, 33)
    courier.do_round(now + timedelta(minutes=1))
    seen = [(kind, data["state"], data["counts"]["ready"]) for kind, data in told(receiver)]
    assert seen == [
        ("campaign.progress", "running", 0), ("campaign.progress", "running", 2),
        ("campaign.progress", "paused", 2), ("campaign.done", "done", 3),
    ]  # fmt: skip


def test_nobody_is_told_of_what_is_anothers_or_was_not_asked_for(
    app: FastAPI,
    owner: TestClient,
    guest: TestClient,
    complete: dict,
    courier: WebhookCourier,
    receiver: Receiver,
) -> None:
    add(guest, receiver.url)
    add(owner, receiver.url, events=["voice.ready"])
    off = add(owner, receiver.url)
    owner.patch(path_of(off), json={"enabled": False})
    render(owner, complete)
    finish(app, complete)
    assert courier.do_round() == 0
    with app.state.collaborators.readers() as session:
        assert session.scalar(select(func.count()).select_from(WebhookEvent)) == 0


# --- signatures -----------------------------------------------------------------------------


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


README = Path(__file__).resolve().parents[2] / "README.md"
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


# --- deliveries -----------------------------------------------------------------------------


def test_a_hundred_events_arrive_once_each_and_in_order_through_a_bad_receiver(
    app: FastAPI,
    owner: TestClient,
    hook: dict,
    courier: WebhookCourier,
    receiver: Receiver,
    at: SimpleNamespace,
) -> None:
    """It fails, hangs, redirects and comes back; nine of ten messages meet one of these."""
    subjects = [f"msg_{number}" for number in range(10)]
    for subject in subjects:
        happen(app, hook, subject, 10)
    elsewhere = Receiver()
    elsewhere.start()
    moods = [Answer(500), Answer(hangs=True), Answer(302, location=elsewhere.url)]
    seen: dict[str, int] = defaultdict(int)

    def behave(request: Received) -> Answer:
        seen[request.event_id] += 1
        data = request.told["data"]
        number, place = int(data["message_id"][4:]), int(data["share_id"])
        # Message 0 has no trouble; another's third, fifth, … event is refused up to three times.
        is_bad = number and place % 3 == number % 3 and seen[request.event_id] <= 1 + place % 3
        return moods[number % 3] if is_bad else Answer()

    receiver.behave = behave
    courier.do_round(at.now)
    in_good_order = [str(place) for place in range(10)]
    assert places(receiver, "msg_0") == in_good_order, "no other's trouble holds it up"
    assert len(receiver.taken) < 100
    for step in queue.BACK_OFF * 5:
        at.now += step
        courier.do_round(at.now)
    elsewhere.stop()
    assert elsewhere.requests == []
    assert len(receiver.taken) == len({request.event_id for request in receiver.taken}) == 100
    for subject in subjects:
        assert places(receiver, subject) == in_good_order
    assert len(receiver.requests) > 130
    assert {entry["state"] for entry in log_of(owner, hook)} == {"delivered"}
    assert see(owner, hook)["failing_since"] is None


def places(receiver: Receiver, subject: str) -> list[str]:
    return [
        request.told["data"]["share_id"]
        for request in receiver.taken
        if request.told["data"]["message_id"] == subject
    ]


def test_each_try_has_the_same_id_and_body_and_a_good_signature_of_its_own(
    app: FastAPI, hook: dict, courier: WebhookCourier, receiver: Receiver, at: SimpleNamespace
) -> None:
    happen(app, hook, "msg_1")
    receiver.behave = lambda _request: Answer(503)
    for step in (timedelta(0), *queue.BACK_OFF):
        at.now += step
        assert courier.do_round(at.now) == 1
        latest = receiver.requests[-1]
        Verifier(hook["secret"]).verify(latest.body, latest.headers)
        assert courier.do_round(at.now) == 0, "not before its time"
    assert len({(request.event_id, request.body) for request in receiver.requests}) == 1
    assert len({request.headers["webhook-timestamp"] for request in receiver.requests}) == 10
    at.now += timedelta(days=30)
    assert courier.do_round(at.now) == 0


def test_the_wait_begins_when_a_try_ends(
    app: FastAPI,
    hook: dict,
    courier: WebhookCourier,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SimpleNamespace(now=utc_now() + timedelta(minutes=1))
    monkeypatch.setattr("backend.webhooks.courier.utc_now", lambda: clock.now)

    def fail_late(_request: Received) -> Answer:
        clock.now += timedelta(seconds=15)
        return Answer(503)

    receiver.behave = fail_late
    happen(app, hook, "msg_1")
    assert courier.do_round() == 1
    clock.now += queue.BACK_OFF[0] - timedelta(milliseconds=1)
    assert courier.do_round() == 0
    clock.now += timedelta(milliseconds=1)
    assert courier.do_round() == 1


def test_the_tries_take_three_days_in_all() -> None:
    whole = sum(queue.BACK_OFF, timedelta())
    assert timedelta(days=3) <= whole < timedelta(days=3, hours=1)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(200, b"thanks"), None),
        (Answer(500, b"x" * 5000), "status"),
        (Answer(404, "だめ\0".encode()), "status"),
        (Answer(301, location="/"), "redirect"),
        (Answer(hangs=True), "timeout"),
    ],
)
def test_the_log_tells_what_came_of_a_try(
    app: FastAPI,
    owner: TestClient,
    hook: dict,
    courier: WebhookCourier,
    receiver: Receiver,
    answer: Answer,
    problem: str | None,
) -> None:
    receiver.behave = lambda _request: answer
    happen(app, hook, "msg_1")
    courier.do_round()
    (entry,) = log_of(owner, hook)
    (attempt,) = entry["attempts"]
    status = None if answer.hangs else answer.status
    assert (attempt["status"], attempt["problem"], entry["problem"]) == (status, problem, problem)
    assert attempt["answer"] == answer.body[:1024].decode().replace("\0", "")
    assert entry["state"] == ("delivered" if problem is None else "waiting")
    assert (entry["next_try_at"] is None) == (problem is None)
    assert entry["body"] == receiver.requests[0].told


def test_a_receiver_that_is_not_there_or_speaks_another_protocol_is_told_apart(
    app: FastAPI, owner: TestClient, courier: WebhookCourier, receiver: Receiver
) -> None:
    closed = Receiver()
    closed._server.server_close()
    gone = add(owner, closed.url)
    plain = add(owner, receiver.url.replace("http:", "https:"))
    for webhook in (gone, plain):
        happen(app, webhook, "msg_1")
    courier.do_round()
    assert [log_of(owner, each)[0]["problem"] for each in (gone, plain)] == ["unreachable"] * 2


def test_a_webhook_that_says_gone_is_disabled_at_once(
    app: FastAPI, owner: TestClient, hook: dict, courier: WebhookCourier, receiver: Receiver
) -> None:
    receiver.behave = lambda _request: Answer(410)
    happen(app, hook, "msg_1", 3)
    assert courier.do_round() == 1
    seen = see(owner, hook)
    assert (seen["enabled"], seen["disabled_reason"]) == (False, "gone")
    assert [entry["state"] for entry in log_of(owner, hook)] == ["failed"] * 3
    assert owner.post(path_of(hook, "/test")).status_code == 409
    assert owner.post(path_of(hook, "/replay")).status_code == 409


def test_a_webhook_to_which_nothing_gets_through_for_three_days_is_disabled(
    app: FastAPI, owner: TestClient, hook: dict, courier: WebhookCourier, receiver: Receiver
) -> None:
    receiver.behave = lambda _request: Answer(500)
    happen(app, hook, "msg_1", 2)
    now = utc_now()
    courier.do_round(now)
    assert see(owner, hook)["failing_since"] is not None
    for step in queue.BACK_OFF:
        assert see(owner, hook)["enabled"]
        now += step
        courier.do_round(now)
    seen = see(owner, hook)
    assert (seen["enabled"], seen["disabled_reason"]) == (False, "failing")

    receiver.behave = lambda _request: Answer()
    enabled = owner.patch(path_of(hook), json={"enabled": True}).json()
    assert (enabled["enabled"], enabled["disabled_reason"], enabled["failing_since"]) == (
        True, None, None,
    )  # fmt: skip
    assert owner.post(path_of(hook, "/replay")).json() == {"replayed": 2}
    assert courier.do_round() == 2
    assert places(receiver, "msg_1") == ["0", "1"]


def test_one_success_among_failures_keeps_a_webhook(
    app: FastAPI, owner: TestClient, hook: dict, courier: WebhookCourier, receiver: Receiver
) -> None:
    receiver.behave = lambda request: Answer(500 if "msg_bad" in request.body.decode() else 204)
    happen(app, hook, "msg_bad")
    now = utc_now()
    for step in (timedelta(0), *queue.BACK_OFF):
        now += step
        happen(app, hook, "msg_good")
        courier.do_round(now)
    assert see(owner, hook)["enabled"]
    assert [entry["subject"] for entry in log_of(owner, hook, "failed")] == ["msg_bad"]


def test_what_failed_is_replayed_one_by_one_or_since_a_moment(
    app: FastAPI, owner: TestClient, hook: dict, courier: WebhookCourier, receiver: Receiver
) -> None:
    happen(app, hook, "msg_1", 2)
    courier.do_round()
    first = receiver.taken[0]
    one = next(entry for entry in log_of(owner, hook) if entry["event_id"] == first.event_id)
    again = owner.post(path_of(hook, f"/deliveries/{one['id']}/replay"))
    assert (again.status_code, again.json()["state"]) == (202, "waiting")
    courier.do_round()
    assert [request.event_id for request in receiver.taken].count(first.event_id) == 2
    owner.patch(path_of(hook), json={"enabled": False})
    owner.patch(path_of(hook), json={"enabled": True})
    later = (utc_now() + timedelta(minutes=1)).isoformat()
    assert owner.post(path_of(hook, "/replay"), json={"since": later}).json() == {"replayed": 0}
    assert owner.post(path_of(hook, "/replay")).json() == {"replayed": 0}
    unknown = owner.post(path_of(hook, "/deliveries/dlv_none/replay"))
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (404, "delivery_id")


def test_a_test_is_sent_once_to_that_webhook_whatever_it_listens_to(
    owner: TestClient, courier: WebhookCourier, receiver: Receiver
) -> None:
    hooks = [add(owner, receiver.url, events=["voice.ready"]) for _ in range(2)]
    receiver.behave = lambda _request: Answer(500)
    answer = owner.post(path_of(hooks[0], "/test"))
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    courier.do_round()
    ((request,), (entry,)) = receiver.requests, log_of(owner, hooks[0])
    assert request.told["data"] == {"webhook_id": hooks[0]["id"]}
    assert (entry["state"], entry["type"]) == ("failed", "webhook.test")
    assert log_of(owner, hooks[1]) == []
    assert see(owner, hooks[0])["failing_since"] is None


def test_a_deleted_webhook_gets_nothing_more(
    app: FastAPI, owner: TestClient, hook: dict, courier: WebhookCourier, receiver: Receiver
) -> None:
    happen(app, hook, "msg_1", 2)
    receiver.behave = lambda _request: Answer(204) if owner.delete(path_of(hook)) else Answer()
    assert courier.do_round() == 1
    with app.state.collaborators.readers() as session:
        assert session.scalar(select(func.count()).select_from(WebhookDelivery)) == 0


def test_neither_the_address_nor_the_answer_is_logged(
    app: FastAPI,
    hook: dict,
    courier: WebhookCourier,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver.behave = lambda _request: Answer(500, b"a stranger's words")
    happen(app, hook, "msg_1")
    with caplog.at_level(logging.INFO, "backend"):
        courier.do_round()
    assert "status 500" in caplog.text
    assert str(receiver.port) not in caplog.text
    assert "stranger" not in caplog.text


def test_the_log_is_forgotten_after_a_while_and_old_secrets_with_it(
    app: FastAPI, owner: TestClient, hook: dict, courier: WebhookCourier, receiver: Receiver
) -> None:
    owner.post(path_of(hook, "/rotate"))
    happen(app, hook, "msg_1")
    courier.do_round()
    receiver.behave = lambda _request: Answer(500)
    happen(app, hook, "msg_2")
    courier.do_round()
    sessions, kept_for = app.state.collaborators.sessions, timedelta(days=30)
    assert queue.forget_old_events(sessions, kept_for) == 0
    later = utc_now() + timedelta(days=31)
    assert queue.forget_old_events(sessions, kept_for, later) == 1
    assert [entry["subject"] for entry in log_of(owner, hook)] == ["msg_2"], "what waits stays"
    with sessions() as session:
        assert session.get_one(Webhook, hook["id"]).previous_secret is None


# --- claims ---------------------------------------------------------------------------------


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


# --- the API --------------------------------------------------------------------------------


def test_a_webhook_is_made_changed_and_listed(owner: TestClient, receiver: Receiver) -> None:
    made = add(owner, receiver.url, name="注文", events=["voice.ready", "message.ready"])
    assert made["events"] == ["message.ready", "voice.ready"]
    body = {"url": f"{receiver.url}/2", "events": ["message.failed"], "name": "別"}
    changed = owner.patch(path_of(made), json=body).json()
    assert {name: changed[name] for name in body} == body
    page = owner.get("/api/v1/webhooks", params={"limit": 1}).json()
    assert ([item["id"] for item in page["items"]], page["next_cursor"]) == ([made["id"]], None)
    assert owner.delete(path_of(made)).status_code == 204
    assert owner.get(path_of(made)).status_code == 404


def test_a_change_of_what_was_changed_meanwhile_is_refused(owner: TestClient, hook: dict) -> None:
    seen = owner.get(path_of(hook)).headers["ETag"]
    for name, status in (("one", 200), ("two", 412)):
        answer = owner.patch(path_of(hook), json={"name": name}, headers={"If-Match": seen})
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"), ({"url": ""}, "url"), ({"url": "not an address"}, "url"),
        ({"url": "ftp://example.com/"}, "url"), ({"url": "https://a:b@example.com/"}, "url"),
        ({"url": "https://example.com/" + "a" * 5000}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"url": "https://example.com/", "events": []}, "events"),
        ({"url": "https://example.com/", "events": ["message.sent"]}, "events.0"),
        ({"url": "https://example.com/", "events": ["webhook.test"]}, "events.0"),
        ({"url": "https://example.com/", "name": "x" * 101}, "name"),
    ],
)  # fmt: skip
def test_a_webhook_that_will_not_do_is_refused_by_its_field(
    owner: TestClient, body: dict, field: str
) -> None:
    refused = owner.post("/api/v1/webhooks", json=body)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["field"] == field
    assert error["fix"]


def test_an_account_has_so_many_webhooks_and_no_more(owner: TestClient, receiver: Receiver) -> None:
    for _ in range(20):
        add(owner, receiver.url)
    assert owner.post("/api/v1/webhooks", json={"url": receiver.url}).status_code == 409


def test_the_log_comes_in_pages_and_by_state(
    app: FastAPI, owner: TestClient, hook: dict, courier: WebhookCourier
) -> None:
    happen(app, hook, "msg_1", 5)
    pages, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = owner.get(path_of(hook, "/deliveries"), params=query).json()
        pages.append(len(page["items"]))
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == [2, 2, 1]
    courier.do_round()
    assert len(log_of(owner, hook, "delivered")) == 5
    assert log_of(owner, hook, "waiting") == []
    assert owner.get(path_of(hook, "/deliveries?state=lost")).status_code == 422


def test_every_event_is_described_in_the_document(app: FastAPI) -> None:
    document = app.openapi()
    assert document["openapi"].startswith("3.1")
    assert set(document["webhooks"]) == {kind.value for kind in EventType}
    described = document["webhooks"]["message.viewed"]["post"]
    headers = {parameter["name"] for parameter in described["parameters"]}
    assert headers == {"webhook-id", "webhook-timestamp", "webhook-signature"}


# --- where nothing private may be reached ---------------------------------------------------


def test_by_default_no_webhook_leads_to_this_computer(
    settings: Settings, receiver: Receiver
) -> None:
    from backend.main import create_app

    strict = create_app(settings.model_copy(update={"webhook_allow_private": False}))
    with TestClient(strict):
        owner = sign_up(strict, "owner@example.com")
        refused = owner.post("/api/v1/webhooks", json={"url": receiver.url})
        assert (refused.status_code, refused.json()["code"]) == (422, "target_not_https")
        inside = {"url": f"https://127.0.0.1:{receiver.port}/"}
        refused = owner.post("/api/v1/webhooks", json=inside)
        assert (refused.status_code, refused.json()["code"]) == (422, "target_not_public")


def test_what_was_allowed_before_is_checked_again_when_it_is_sent(
    app: FastAPI, owner: TestClient, hook: dict, receiver: Receiver
) -> None:
    happen(app, hook, "msg_1")
    parts = app.state.collaborators
    strict = parts.settings.model_copy(update={"webhook_allow_private": False})
    webhook_courier_of(strict, parts.sessions, parts.readers, "worker-0").do_round()
    assert receiver.requests == []
    assert log_of(owner, hook)[0]["problem"] == "target_refused"
