"""The queue of deliveries: which is due, who is at it, and what comes after a try.

The rows are the queue, as with mails. A worker claims a webhook and its next delivery in a
transaction, sends outside of any, and notes what came of it. To one webhook one thing is sent at
a time; what happened to one message arrives in order, since a later event waits until the earlier
one is delivered or given up.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased, sessionmaker

from backend.db import utc_now
from backend.webhooks.models import (
    DeliveryFailure,
    DeliveryState,
    DisabledReason,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
)
from backend.webhooks.payloads import EventType

# Longer than any exchange with a receiver.
CLAIM = timedelta(minutes=1)
# The specification's own steps, three days and a little in all.
BACK_OFF = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
    timedelta(hours=5), timedelta(hours=10), timedelta(hours=14), timedelta(hours=20),
    timedelta(hours=20, minutes=30),
)  # fmt: skip
MAX_TRIES = len(BACK_OFF) + 1
# A webhook to which nothing got through for so long is not asked any more.
FAILING_FOR = timedelta(days=3)
KEPT_ATTEMPTS = 20
_AT_ONCE = 1_000


@dataclass(frozen=True)
class Claimed:
    """Something to send, as it was when it was claimed."""

    delivery_id: str
    webhook_id: str
    url: str
    secret: str
    previous_secret: str | None
    event_id: str
    event_type: EventType
    body: str
    tries: int


@dataclass(frozen=True)
class Outcome:
    """What came of a try.

    status:      of the answer, where there was one
    problem:     None where it was delivered
    answer:      how the answer's text begins
    """

    status: int | None
    problem: DeliveryFailure | None
    duration_ms: int
    answer: str


def _due(now: datetime) -> Select[WebhookDelivery, Webhook]:
    earlier = aliased(WebhookDelivery)
    waits_behind = exists().where(
        earlier.webhook_id == WebhookDelivery.webhook_id,
        earlier.subject == WebhookDelivery.subject,
        earlier.state == DeliveryState.WAITING,
        earlier.position < WebhookDelivery.position,
    )
    return (
        select(WebhookDelivery, Webhook)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(
            WebhookDelivery.state == DeliveryState.WAITING,
            WebhookDelivery.due_at <= now,
            Webhook.disabled_at.is_(None),
            or_(Webhook.busy_until.is_(None), Webhook.busy_until <= now),
            ~waits_behind,
        )
        # Thousands that wait for a receiver that hangs would else keep everybody else's waiting.
        .order_by(
            Webhook.failing_since.is_not(None), WebhookDelivery.due_at, WebhookDelivery.position
        )
        .limit(1)
    )


def is_any_due(session: Session, now: datetime) -> bool:
    """Return whether there is something to send; asked often, and of a session that only reads."""
    return session.execute(_due(now)).first() is not None


def claim_next(session: Session, worker: str, now: datetime) -> Claimed | None:
    """Return what has waited longest; its webhook is this worker's alone until the claim ends."""
    locked = _due(now).with_for_update(of=(WebhookDelivery, Webhook), skip_locked=True)
    found = session.execute(locked).one_or_none()
    if found is None:
        return None
    delivery, webhook = found
    event = session.get_one(WebhookEvent, delivery.event_id)
    webhook.busy_until, webhook.claimed_by = now + CLAIM, worker
    delivery.tries += 1
    session.flush()
    is_previous_good = webhook.previous_until is not None and now < webhook.previous_until
    return Claimed(
        delivery_id=delivery.id,
        webhook_id=webhook.id,
        url=webhook.url,
        secret=webhook.secret,
        previous_secret=webhook.previous_secret if is_previous_good else None,
        event_id=event.id,
        event_type=event.type,
        body=event.body,
        tries=delivery.tries,
    )


def release_claims(session: Session, worker: str) -> None:
    """Take up again what this worker was at when it died."""
    mine = update(Webhook).where(Webhook.claimed_by == worker)
    session.execute(mine.values(claimed_by=None, busy_until=None))


def note_outcome(session: Session, claimed: Claimed, outcome: Outcome, now: datetime) -> None:
    """Write down a try that ended at `now`, and plan the next where it is needed and worth it."""
    webhook = session.get(Webhook, claimed.webhook_id, with_for_update=True)
    if webhook is None:
        return  # deleted meanwhile, and its deliveries with it
    webhook.busy_until = webhook.claimed_by = None
    by_id = select(WebhookDelivery).where(WebhookDelivery.id == claimed.delivery_id)
    delivery = session.scalar(by_id.with_for_update())
    if delivery is None:
        return
    _log(delivery, outcome, now)
    if outcome.problem is None:
        delivery.state, delivery.delivered_at, delivery.problem = (
            DeliveryState.DELIVERED, now, None,
        )  # fmt: skip
        webhook.failing_since = None
    elif delivery.state is DeliveryState.WAITING:
        _plan_next(delivery, outcome.problem, claimed.event_type, now)
        _judge(session, webhook, outcome, claimed.event_type, now)


def _log(delivery: WebhookDelivery, outcome: Outcome, now: datetime) -> None:
    began = now - timedelta(milliseconds=outcome.duration_ms)
    attempt = {
        "at": began.isoformat(),
        "duration_ms": outcome.duration_ms,
        "status": outcome.status,
        "problem": outcome.problem,
        "answer": outcome.answer,
    }
    delivery.attempts = [*delivery.attempts, attempt][-KEPT_ATTEMPTS:]


def _plan_next(
    delivery: WebhookDelivery, problem: DeliveryFailure, kind: EventType, now: datetime
) -> None:
    delivery.problem = problem
    # Whoever tests looks at it now: three days later nobody does.
    is_last = kind is EventType.TEST or delivery.tries >= MAX_TRIES
    if is_last:
        delivery.state = DeliveryState.FAILED
    else:
        delivery.due_at = now + BACK_OFF[max(delivery.tries, 1) - 1]


def _judge(
    session: Session, webhook: Webhook, outcome: Outcome, kind: EventType, now: datetime
) -> None:
    """Disable a webhook that wants nothing more, or to which nothing gets through."""
    if outcome.status == 410:
        disable(session, webhook, DisabledReason.GONE, now)
    elif kind is not EventType.TEST:
        webhook.failing_since = webhook.failing_since or now
        if now - webhook.failing_since >= FAILING_FOR:
            disable(session, webhook, DisabledReason.FAILING, now)


def disable(session: Session, webhook: Webhook, reason: DisabledReason, now: datetime) -> None:
    """Send nothing more to a webhook; what waits is given up, and can be replayed later."""
    if not webhook.is_enabled:
        return
    webhook.disabled_at, webhook.disabled_reason = now, reason
    waiting = (WebhookDelivery.webhook_id == webhook.id) & (
        WebhookDelivery.state == DeliveryState.WAITING
    )
    given_up = {"state": DeliveryState.FAILED, "problem": DeliveryFailure.DISABLED}
    session.flush()
    session.execute(update(WebhookDelivery).where(waiting).values(given_up))


def enable(webhook: Webhook) -> None:
    """Send to it again, from now on."""
    webhook.disabled_at = webhook.disabled_reason = webhook.failing_since = None


def replay(session: Session, condition: ColumnElement[bool], now: datetime) -> int:
    """Send again what `condition` finds, as if it had just happened; return how many."""
    again = update(WebhookDelivery).where(condition)
    values = {"state": DeliveryState.WAITING, "tries": 0, "due_at": now, "problem": None}
    replayed = session.scalars(again.values(values).returning(WebhookDelivery.id))
    return len(replayed.all())


def forget_old_events(
    sessions: sessionmaker[Session], kept_for: timedelta, now: datetime | None = None
) -> int:
    """Forget what was told long ago, and secrets past their overlap; return how many events."""
    now = now or utc_now()
    forgotten = 0
    with sessions.begin() as session:
        old = update(Webhook).where(Webhook.previous_until <= now)
        session.execute(old.values(previous_secret=None, previous_until=None))
    while ids := _old_events(sessions, now - kept_for):
        with sessions.begin() as session:
            session.execute(delete(WebhookEvent).where(WebhookEvent.id.in_(ids)))
        forgotten += len(ids)
    return forgotten


def _old_events(sessions: sessionmaker[Session], before: datetime) -> list[str]:
    waits = exists().where(
        WebhookDelivery.event_id == WebhookEvent.id,
        WebhookDelivery.state == DeliveryState.WAITING,
    )
    past = select(WebhookEvent.id).where(WebhookEvent.created_at < before, ~waits)
    with sessions() as session:
        return list(session.scalars(past.limit(_AT_ONCE)))
