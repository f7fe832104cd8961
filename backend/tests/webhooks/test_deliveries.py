"""Tries, their log and their end, whatever a receiver may do to us."""

import logging
from collections import defaultdict
from datetime import timedelta
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from standardwebhooks import Webhook as Verifier

from backend.db import utc_now
from backend.tests.hook_receiver import Answer, Received, Receiver
from backend.tests.webhooks.hooks import add, happen, log_of, path_of, places, see
from backend.webhooks import queue
from backend.webhooks.courier import WebhookCourier
from backend.webhooks.models import Webhook, WebhookDelivery


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
