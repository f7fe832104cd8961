"""`/api/v1/webhooks`: where events are sent, and the log of what was sent."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from sqlalchemy.orm import Session

from backend.api_keys.access import WebhookReaderDep, WebhookWriterDep
from backend.dependencies import CollaboratorsDep, CursorQuery, LimitQuery, SessionDep
from backend.idempotency.route import IdempotentRoute
from backend.revisions import etag, revision_of
from backend.webhooks import service
from backend.webhooks.courier import reach_of
from backend.webhooks.models import DeliveryState, Webhook, WebhookDelivery
from backend.webhooks.schemas import (
    DeliveryBody,
    DeliveryList,
    MadeWebhook,
    NewWebhook,
    Replay,
    Replayed,
    SecretRotation,
    WebhookBody,
    WebhookChanges,
    WebhookList,
    delivery_body,
    webhook_body,
)

router = APIRouter(tags=["webhooks"], route_class=IdempotentRoute)
IfMatch = Annotated[str | None, Header(description="The ETag that is to be changed")]
StateQuery = Annotated[DeliveryState | None, Query(description="Only those in this state")]


@router.post("/webhooks", status_code=201)
def create_webhook(
    body: NewWebhook,
    response: Response,
    account: WebhookWriterDep,
    session: SessionDep,
    app: CollaboratorsDep,
) -> MadeWebhook:
    """Send events to an address. The answer is the only one that tells the secret."""
    key, reach = app.settings.signing_secret, reach_of(app.settings)
    return _told_once(response, *service.create_webhook(session, key, reach, account.id, body))


def _told_once(response: Response, webhook: Webhook, secret: str) -> MadeWebhook:
    response.headers["Cache-Control"] = "no-store"
    return MadeWebhook(**webhook_body(webhook).model_dump(), secret=secret)


@router.get("/webhooks")
def list_webhooks(
    account: WebhookReaderDep,
    session: SessionDep,
    limit: LimitQuery = 20,
    cursor: CursorQuery = None,
) -> WebhookList:
    """Return the account's webhooks, newest first."""
    page = service.list_webhooks(session, account.id, limit, cursor)
    return WebhookList(
        items=[webhook_body(webhook) for webhook in page.items], next_cursor=page.next_cursor
    )


@router.get("/webhooks/{webhook_id}")
def get_webhook(
    webhook_id: str, response: Response, account: WebhookReaderDep, session: SessionDep
) -> WebhookBody:
    """Return one webhook."""
    return _with_etag(response, service.get_webhook(session, account.id, webhook_id))


def _with_etag(response: Response, webhook: Webhook) -> WebhookBody:
    body = webhook_body(webhook)
    response.headers["ETag"] = etag(revision_of(body))
    return body


@router.patch("/webhooks/{webhook_id}")
def change_webhook(
    webhook_id: str,
    body: WebhookChanges,
    response: Response,
    account: WebhookWriterDep,
    session: SessionDep,
    app: CollaboratorsDep,
    if_match: IfMatch = None,
) -> WebhookBody:
    """Change the address, the name or the events; disable it, or enable it again."""
    reach = reach_of(app.settings)
    changed = service.change_webhook(session, reach, account.id, webhook_id, body, if_match)
    return _with_etag(response, changed)


@router.delete("/webhooks/{webhook_id}", status_code=204)
def delete_webhook(webhook_id: str, account: WebhookWriterDep, session: SessionDep) -> None:
    """Forget a webhook with its log; what waits is not sent."""
    service.delete_webhook(session, account.id, webhook_id)


@router.post("/webhooks/{webhook_id}/rotate", status_code=201)
def rotate_webhook_secret(
    webhook_id: str,
    response: Response,
    account: WebhookWriterDep,
    session: SessionDep,
    app: CollaboratorsDep,
    body: SecretRotation | None = None,
) -> MadeWebhook:
    """Make another secret; deliveries carry both signatures for the overlap."""
    overlap = timedelta(seconds=(body or SecretRotation()).overlap_s)
    key = app.settings.signing_secret
    made = service.rotate_secret(session, key, account.id, webhook_id, overlap)
    return _told_once(response, *made)


@router.post("/webhooks/{webhook_id}/test", status_code=202)
def test_webhook(webhook_id: str, account: WebhookWriterDep, session: SessionDep) -> DeliveryBody:
    """Send `webhook.test` once; the log tells what came of it."""
    return _delivery(session, service.send_test(session, account.id, webhook_id))


def _delivery(session: Session, delivery: WebhookDelivery) -> DeliveryBody:
    return delivery_body(delivery, service.events_of(session, [delivery])[delivery.event_id])


@router.get("/webhooks/{webhook_id}/deliveries")
def list_deliveries(
    webhook_id: str,
    account: WebhookReaderDep,
    session: SessionDep,
    state: StateQuery = None,
    limit: LimitQuery = 20,
    cursor: CursorQuery = None,
) -> DeliveryList:
    """Return what was sent to a webhook, or waits to be, newest first."""
    page = service.list_deliveries(session, account.id, webhook_id, state, limit, cursor)
    events = service.events_of(session, page.items)
    items = [delivery_body(delivery, events[delivery.event_id]) for delivery in page.items]
    return DeliveryList(items=items, next_cursor=page.next_cursor)


@router.post("/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", status_code=202)
def replay_delivery(
    webhook_id: str, delivery_id: str, account: WebhookWriterDep, session: SessionDep
) -> DeliveryBody:
    """Send a delivery again, under the same `webhook-id`; one that waits is sent at once."""
    replayed = service.replay_delivery(session, account.id, webhook_id, delivery_id)
    return _delivery(session, replayed)


@router.post("/webhooks/{webhook_id}/replay", status_code=202)
def replay_failed_deliveries(
    webhook_id: str,
    account: WebhookWriterDep,
    session: SessionDep,
    body: Replay | None = None,
) -> Replayed:
    """Send again all that was given up since then."""
    since = (body or Replay()).since
    return Replayed(replayed=service.replay_failed(session, account.id, webhook_id, since))
