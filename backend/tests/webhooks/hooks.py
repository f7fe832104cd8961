"""What the tests do with a webhook, and see of it."""

from datetime import timedelta

from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.tests.hook_receiver import Receiver
from backend.webhooks import events
from backend.webhooks.courier import WebhookCourier, webhook_courier_of
from backend.webhooks.models import Webhook
from backend.webhooks.payloads import MessageViewed

HANGS_FOR_S = 0.2
OVERLAP = timedelta(hours=24)


def courier_of(app: FastAPI, worker: str = "worker-0") -> WebhookCourier:
    parts = app.state.collaborators
    return webhook_courier_of(parts.settings, parts.sessions, parts.readers, worker, HANGS_FOR_S)


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


def told(receiver: Receiver) -> list[tuple[str, dict]]:
    return [(request.told["type"], request.told["data"]) for request in receiver.taken]


def places(receiver: Receiver, subject: str) -> list[str]:
    return [
        request.told["data"]["share_id"]
        for request in receiver.taken
        if request.told["data"]["message_id"] == subject
    ]
