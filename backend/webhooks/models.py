"""Tables of webhooks. An event is written with what it tells of; its deliveries are the queue."""

import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, EnumText, Id
from backend.webhooks.payloads import EventType


class DisabledReason(StrEnum):
    """Why nothing is sent to a webhook."""

    BY_HAND = "by_hand"
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # no delivery succeeded for three days


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class DeliveryProblem(StrEnum):
    """Why a try did not succeed."""

    STATUS = "status"  # an answer, but not 2xx
    REDIRECT = "redirect"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"  # no such name, no connection, no TLS
    NOT_HTTP = "not_http"
    TARGET_REFUSED = "target_refused"  # leads to an address that is not public
    SECRET_LOST = "secret_lost"  # kept under another signing key  # noqa: S105 - no secret
    DISABLED = "disabled"  # the webhook was, before this was sent
    INTERNAL = "internal"


class Webhook(Base):
    """An address to which an account's events are sent.

    secret:          by what deliveries are signed, sealed; the earlier one signs too until
                     `previous_until`
    failing_since:   the first failure since a delivery last succeeded
    busy_until:      while a worker sends something to it, when that one counts as dead
    """

    __tablename__ = "webhooks"

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(2000))
    events: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[str] = mapped_column(Text)
    previous_secret: Mapped[str | None] = mapped_column(Text)
    previous_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[DisabledReason | None] = mapped_column(EnumText(DisabledReason, 10))
    failing_since: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(60))
    busy_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def is_enabled(self) -> bool:
        """Whether events are sent to it."""
        return self.disabled_at is None


class WebhookEvent(Base):
    """Something that happened, as it is told.

    subject: the id of what it happened to; what happens to one thing is told in order
    body:    what is sent, JSON, the same with each try
    """

    __tablename__ = "webhook_events"

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    type: Mapped[EventType] = mapped_column(EnumText(EventType, 24))
    subject: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (Index("ix_webhook_events_subject", "subject", "type"),)

    @property
    def told(self) -> dict[str, Any]:
        """What is sent, read."""
        read: dict[str, Any] = json.loads(self.body)
        return read


class WebhookDelivery(Base):
    """One event on its way to one webhook.

    position: the order of things, which ids of the same millisecond don't tell
    tries:    how often it was sent since it was made or replayed
    attempts: the last tries, oldest first: {at, duration_ms, status, problem, answer}
    """

    __tablename__ = "webhook_deliveries"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event_id: Mapped[str] = mapped_column(
        ForeignKey("webhook_events.id", ondelete="CASCADE"), index=True
    )
    subject: Mapped[str] = mapped_column(String(40))
    state: Mapped[DeliveryState] = mapped_column(EnumText(DeliveryState, 10))
    tries: Mapped[int]
    problem: Mapped[DeliveryProblem | None] = mapped_column(EnumText(DeliveryProblem, 16))
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    due_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_webhook_deliveries_waiting", "state", "due_at"),
        Index("ix_webhook_deliveries_order", "webhook_id", "subject", "state"),
        Index("ix_webhook_deliveries_log", "webhook_id", "id"),
    )
