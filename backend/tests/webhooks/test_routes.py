"""Webhooks are made, changed, listed and described, and lead to nothing private."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.settings import Settings
from backend.tests.conftest import sign_up
from backend.tests.hook_receiver import Receiver
from backend.tests.webhooks.hooks import add, happen, log_of, path_of
from backend.webhooks.courier import WebhookCourier, webhook_courier_of
from backend.webhooks.payloads import EventType


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
