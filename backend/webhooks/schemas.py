"""What webhooks look like on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from backend.bodies import Moment, RequestBody, on_one_line
from backend.fetching.targets import MAX_URL_CHARACTERS
from backend.webhooks.models import (
    DeliveryFailure,
    DeliveryState,
    DisabledReason,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
)
from backend.webhooks.payloads import EventType

Subscribable = Literal[
    "message.ready", "message.failed", "message.viewed", "message.watched", "message.replied",
    "voice.ready", "campaign.progress", "campaign.done",
]  # fmt: skip


ALL_EVENTS: tuple[Subscribable, ...] = get_args(Subscribable)


def _in_order(events: list[Subscribable]) -> list[Subscribable]:
    return [kind for kind in ALL_EVENTS if kind in events]


# Longer than any that is taken: what is too long is told to be no address.
Url = Annotated[str, Field(min_length=1, max_length=2 * MAX_URL_CHARACTERS)]
Events = Annotated[
    list[Subscribable], Field(min_length=1, max_length=100), AfterValidator(_in_order)
]
Name = Annotated[str, BeforeValidator(lambda name: on_one_line(name) or ""), Field(max_length=100)]


class NewWebhook(RequestBody):
    """Where to send which events; without `events` all of them."""

    url: Url
    name: Name = ""
    events: Events = Field(default_factory=lambda: list(ALL_EVENTS))


class WebhookChanges(RequestBody):
    """What is to be another; `enabled: true` also ends a disabling of our own."""

    url: Url | None = None
    name: Name | None = None
    events: Events | None = None
    enabled: bool | None = None


class SecretRotation(RequestBody):
    """For how long deliveries carry the old secret's signature too: receivers move over."""

    overlap_s: int = Field(24 * 3600, ge=0, le=7 * 24 * 3600)


class Replay(RequestBody):
    """Since when what failed is sent again; without it all that is still in the log."""

    since: Moment | None = None


class Replayed(BaseModel):
    """How many deliveries are on their way again."""

    replayed: int


class WebhookBody(BaseModel):
    """A webhook; its secret is told when it is made or rotated, and never again.

    previous_secret_until: until then deliveries are signed by the earlier secret too
    disabled_reason:       `gone`: it answered 410; `failing`: nothing succeeded for three days
    failing_since:         the first failure since a delivery last succeeded
    """

    id: str
    name: str
    url: str
    events: list[EventType]
    enabled: bool
    disabled_at: datetime | None
    disabled_reason: DisabledReason | None
    failing_since: datetime | None
    previous_secret_until: datetime | None
    created_at: datetime
    updated_at: datetime


class MadeWebhook(WebhookBody):
    """A webhook with its secret, `whsec_…`, for whoever verifies the deliveries."""

    secret: str


class WebhookList(BaseModel):
    """Webhooks, newest first."""

    items: list[WebhookBody]
    next_cursor: str | None


class Attempt(BaseModel):
    """One try: the answer's status, and how its text begins (1 kB)."""

    at: datetime
    duration_ms: int
    status: int | None
    problem: DeliveryFailure | None
    answer: str


class DeliveryBody(BaseModel):
    """An event on its way to a webhook.

    event_id:    sent as `webhook-id`, the same with each try
    subject:     the id of what it happened to
    tries:       how often it was sent since it was made or replayed
    next_try_at: for one that waits
    attempts:    the last tries, oldest first
    """

    id: str
    event_id: str
    type: EventType
    subject: str
    state: DeliveryState
    tries: int
    problem: DeliveryFailure | None
    next_try_at: datetime | None
    created_at: datetime
    delivered_at: datetime | None
    attempts: list[Attempt]
    body: dict[str, Any]


class DeliveryList(BaseModel):
    """Deliveries, newest first."""

    items: list[DeliveryBody]
    next_cursor: str | None


def webhook_body(webhook: Webhook) -> WebhookBody:
    """Return `webhook` as the wire shows it."""
    return WebhookBody(
        id=webhook.id,
        name=webhook.name,
        url=webhook.url,
        events=[EventType(kind) for kind in webhook.events],
        enabled=webhook.is_enabled,
        disabled_at=webhook.disabled_at,
        disabled_reason=webhook.disabled_reason,
        failing_since=webhook.failing_since,
        previous_secret_until=webhook.previous_until,
        created_at=webhook.created_at,
        updated_at=webhook.updated_at,
    )


def delivery_body(delivery: WebhookDelivery, event: WebhookEvent) -> DeliveryBody:
    """Return `delivery` as the wire shows it."""
    return DeliveryBody.model_validate(
        {
            "id": delivery.id,
            "event_id": event.id,
            "type": event.type,
            "subject": event.subject,
            "state": delivery.state,
            "tries": delivery.tries,
            "problem": delivery.problem,
            "next_try_at": delivery.due_at if delivery.state is DeliveryState.WAITING else None,
            "created_at": delivery.created_at,
            "delivered_at": delivery.delivered_at,
            "attempts": delivery.attempts,
            "body": event.told,
        }
    )
