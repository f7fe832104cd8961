"""What other features tell: an event in the transaction of what happened, or none at all."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.campaigns.state import CampaignState
from backend.db import utc_now
from backend.ids import new_id
from backend.webhooks.models import DeliveryState, Webhook, WebhookDelivery, WebhookEvent
from backend.webhooks.payloads import (
    CampaignDone,
    CampaignProgress,
    MessageFailed,
    MessageReady,
    MessageReplied,
    MessageViewed,
    MessageWatched,
    Payload,
    VoiceReady,
    body_of,
    event_type,
)

if TYPE_CHECKING:
    from backend.campaigns.models import Campaign
    from backend.messages.models import Message
    from backend.shares.models import Reply
    from backend.voices.models import Voice

# Of ten thousand rows nobody wants to hear each one by one.
PROGRESS_EVERY = timedelta(seconds=30)


def message_ready(session: Session, message: "Message") -> None:
    """Tell that a video is made."""
    payload = MessageReady(
        message_id=message.id,
        campaign_id=message.campaign_id,
        attempt=message.attempt,
        duration_s=message.duration_s,
    )
    _tell(session, message.account_id, message.id, payload)


def message_failed(session: Session, message: "Message") -> None:
    """Tell that a video could not be made."""
    payload = MessageFailed(
        message_id=message.id,
        campaign_id=message.campaign_id,
        attempt=message.attempt,
        problem=(message.problem or {}).get("code", "internal"),
    )
    _tell(session, message.account_id, message.id, payload)


def message_viewed(session: Session, message: "Message", share_id: str) -> None:
    """Tell of the first view behind a link."""
    payload = MessageViewed(
        message_id=message.id, campaign_id=message.campaign_id, share_id=share_id
    )
    _tell(session, message.account_id, message.id, payload)


def message_watched(session: Session, message: "Message", share_id: str) -> None:
    """Tell that somebody behind a link has watched all of it."""
    payload = MessageWatched(
        message_id=message.id, campaign_id=message.campaign_id, share_id=share_id
    )
    _tell(session, message.account_id, message.id, payload)


def message_replied(session: Session, message: "Message", reply: "Reply") -> None:
    """Tell of a reply."""
    payload = MessageReplied(
        message_id=message.id,
        campaign_id=message.campaign_id,
        share_id=reply.share_id,
        reply_id=reply.id,
        kind=reply.kind.value,
    )
    _tell(session, message.account_id, message.id, payload)


def voice_ready(session: Session, voice: "Voice") -> None:
    """Tell that a voice can be spoken with."""
    _tell(session, voice.account_id, voice.id, VoiceReady(voice_id=voice.id))


def campaign_changed(session: Session, campaign: "Campaign", counts: Mapping[str, int]) -> None:
    """Tell how far a campaign is: each state it comes to, and within one every 30 s at most.

    counts: rows by state
    """
    state = campaign.state
    kind = CampaignDone if state is CampaignState.DONE else CampaignProgress
    payload = kind(campaign_id=campaign.id, state=state, counts=dict(counts))
    if not _is_told_already(session, payload):
        _tell(session, campaign.account_id, campaign.id, payload)


def _is_told_already(session: Session, payload: CampaignProgress | CampaignDone) -> bool:
    query = select(WebhookEvent).where(WebhookEvent.subject == payload.campaign_id)
    last = session.scalar(query.order_by(WebhookEvent.id.desc()).limit(1))
    if last is None or last.created_at < utc_now() - PROGRESS_EVERY:
        return False
    return last.type == event_type(payload) and f'"state":"{payload.state}"' in last.body


def _tell(session: Session, account_id: str, subject: str, payload: Payload) -> None:
    """Write an event and its deliveries; where no webhook listens, nothing."""
    kind = event_type(payload)
    own = (Webhook.account_id == account_id) & Webhook.disabled_at.is_(None)
    listening = session.scalars(select(Webhook).where(own).order_by(Webhook.id)).all()
    send_event(session, [hook for hook in listening if kind in hook.events], subject, payload)


def send_event(
    session: Session, webhooks: list[Webhook], subject: str, payload: Payload
) -> list[WebhookDelivery]:
    """Put an event into the queue of each of an account's `webhooks`."""
    if not webhooks:
        return []
    now = utc_now()
    event = WebhookEvent(
        id=new_id("evt"),
        account_id=webhooks[0].account_id,
        type=event_type(payload),
        subject=subject,
        body=body_of(payload, now),
        created_at=now,
    )
    session.add(event)
    session.flush()
    deliveries = [
        WebhookDelivery(
            id=new_id("dlv"),
            webhook_id=webhook.id,
            event_id=event.id,
            subject=subject,
            state=DeliveryState.WAITING,
            tries=0,
            problem=None,
            attempts=[],
            due_at=now,
            delivered_at=None,
            created_at=now,
        )
        for webhook in webhooks
    ]
    session.add_all(deliveries)
    session.flush()
    return deliveries
