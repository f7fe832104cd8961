"""Webhooks: made, changed, rotated, tested, and their log. Services flush and never commit."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from backend.db import utc_now
from backend.fetching import Reach, TargetRefused, checked_url
from backend.ids import new_id
from backend.pages import Page, page_of
from backend.problems import Conflict, Invalid, NotFound
from backend.revisions import require_match, revision_of
from backend.webhooks import queue
from backend.webhooks.events import send_event
from backend.webhooks.models import (
    DeliveryState,
    DisabledReason,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
)
from backend.webhooks.payloads import WebhookTest
from backend.webhooks.schemas import NewWebhook, WebhookChanges, webhook_body
from backend.webhooks.signing import new_secret, seal

MAX_WEBHOOKS = 20


def create_webhook(
    session: Session, signing_key: bytes, reach: Reach, account_id: str, body: NewWebhook
) -> tuple[Webhook, str]:
    """Return a new webhook, and its secret, which is told this once.

    raises: Invalid when the address may not be sent to, Conflict when there are too many
    """
    url = _target(body.url, reach)
    count = select(func.count()).where(Webhook.account_id == account_id)
    if (session.scalar(count) or 0) >= MAX_WEBHOOKS:
        raise Conflict(f"There are {MAX_WEBHOOKS} webhooks already. Delete one first.")
    now, webhook_id, secret = utc_now(), new_id("whk"), new_secret()
    webhook = Webhook(
        id=webhook_id,
        account_id=account_id,
        name=body.name,
        url=url,
        events=list(body.events),
        secret=seal(signing_key, webhook_id, secret),
        previous_secret=None,
        previous_until=None,
        disabled_at=None,
        disabled_reason=None,
        failing_since=None,
        claimed_by=None,
        busy_until=None,
        created_at=now,
        updated_at=now,
    )
    session.add(webhook)
    session.flush()
    return webhook, secret


def _target(url: str, reach: Reach) -> str:
    try:
        return str(checked_url(url.strip(), reach))
    except TargetRefused as refused:
        code = f"target_{refused.refusal}"
        raise Invalid.field("url", code, refused.message, refused.fix) from None


def list_webhooks(
    session: Session, account_id: str, limit: int, cursor: str | None
) -> Page[Webhook]:
    """Return the account's webhooks, newest first."""
    return page_of(session, Webhook, Webhook.account_id == account_id, limit, cursor)


def get_webhook(
    session: Session, account_id: str, webhook_id: str, *, for_change: bool = False
) -> Webhook:
    """Return the account's webhook or raise NotFound; for_change: locked."""
    own = select(Webhook).where(Webhook.id == webhook_id, Webhook.account_id == account_id)
    webhook = session.scalar(own.with_for_update() if for_change else own)
    if webhook is None:
        raise NotFound.named("webhook_id", "There is no such webhook.")
    return webhook


def change_webhook(
    session: Session,
    reach: Reach,
    account_id: str,
    webhook_id: str,
    changes: WebhookChanges,
    if_match: str | None = None,
) -> Webhook:
    """Set what `changes` names. Raises NotFound, Invalid, Changed."""
    webhook = get_webhook(session, account_id, webhook_id, for_change=True)
    require_match(if_match, revision_of(webhook_body(webhook)))
    if changes.url is not None:
        webhook.url = _target(changes.url, reach)
    if changes.name is not None:
        webhook.name = changes.name
    if changes.events is not None:
        webhook.events = list(changes.events)
    if changes.enabled is not None:
        _switch(session, webhook, is_on=changes.enabled)
    webhook.updated_at = utc_now()
    session.flush()
    return webhook


def _switch(session: Session, webhook: Webhook, *, is_on: bool) -> None:
    if is_on:
        queue.enable(webhook)
    else:
        queue.disable(session, webhook, DisabledReason.BY_HAND, utc_now())


def delete_webhook(session: Session, account_id: str, webhook_id: str) -> None:
    """Forget a webhook and its log."""
    webhook = get_webhook(session, account_id, webhook_id)
    session.execute(delete(Webhook).where(Webhook.id == webhook.id))


def rotate_secret(
    session: Session, signing_key: bytes, account_id: str, webhook_id: str, overlap: timedelta
) -> tuple[Webhook, str]:
    """Return the webhook and its new secret; the one before signs too for `overlap`."""
    webhook = get_webhook(session, account_id, webhook_id, for_change=True)
    now, secret = utc_now(), new_secret()
    webhook.previous_secret = webhook.secret if overlap else None
    webhook.previous_until = now + overlap if overlap else None
    webhook.secret = seal(signing_key, webhook.id, secret)
    webhook.updated_at = now
    session.flush()
    return webhook, secret


# --- the log --------------------------------------------------------------------------------


def list_deliveries(
    session: Session,
    account_id: str,
    webhook_id: str,
    state: DeliveryState | None,
    limit: int,
    cursor: str | None,
) -> Page[WebhookDelivery]:
    """Return what was or is to be sent to a webhook, newest first."""
    webhook = get_webhook(session, account_id, webhook_id)
    its_own = WebhookDelivery.webhook_id == webhook.id
    if state is not None:
        its_own &= WebhookDelivery.state == state
    return page_of(session, WebhookDelivery, its_own, limit, cursor)


def events_of(session: Session, deliveries: list[WebhookDelivery]) -> dict[str, WebhookEvent]:
    """Return of what each delivery tells, by the event's id."""
    ids = [delivery.event_id for delivery in deliveries]
    found = session.scalars(select(WebhookEvent).where(WebhookEvent.id.in_(ids)))
    return {event.id: event for event in found}


def send_test(session: Session, account_id: str, webhook_id: str) -> WebhookDelivery:
    """Put a test into the queue of one webhook; it is sent once, and not tried again."""
    webhook = _enabled(session, account_id, webhook_id)
    payload = WebhookTest(webhook_id=webhook.id)
    (delivery,) = send_event(session, [webhook], webhook.id, payload)
    return delivery


def _enabled(session: Session, account_id: str, webhook_id: str) -> Webhook:
    webhook = get_webhook(session, account_id, webhook_id, for_change=True)
    if not webhook.is_enabled:
        raise Conflict("This webhook is disabled. Enable it first.")
    return webhook


def replay_delivery(
    session: Session, account_id: str, webhook_id: str, delivery_id: str
) -> WebhookDelivery:
    """Send a delivery again, under the same event id. Raises NotFound, Conflict."""
    webhook = _enabled(session, account_id, webhook_id)
    one = (WebhookDelivery.id == delivery_id) & (WebhookDelivery.webhook_id == webhook.id)
    if not queue.replay(session, one, utc_now()):
        raise NotFound.named("delivery_id", "There is no such delivery.")
    return session.scalars(select(WebhookDelivery).where(one)).one()


def replay_failed(
    session: Session, account_id: str, webhook_id: str, since: datetime | None
) -> int:
    """Send again all that was given up since then; return how many. Raises NotFound, Conflict."""
    webhook = _enabled(session, account_id, webhook_id)
    failed: ColumnElement[bool] = (WebhookDelivery.webhook_id == webhook.id) & (
        WebhookDelivery.state == DeliveryState.FAILED
    )
    if since is not None:
        failed &= WebhookDelivery.created_at >= since
    return queue.replay(session, failed, utc_now())
