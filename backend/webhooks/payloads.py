"""What is told: thin, since whoever hears it may ask for the rest with a key of their own.

Ids, states and counts; no text of a message, no address of a person, no token of a link.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel


class EventType(StrEnum):
    """What may happen."""

    MESSAGE_READY = "message.ready"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_VIEWED = "message.viewed"
    MESSAGE_WATCHED = "message.watched"
    MESSAGE_REPLIED = "message.replied"
    VOICE_READY = "voice.ready"
    CAMPAIGN_PROGRESS = "campaign.progress"
    CAMPAIGN_DONE = "campaign.done"
    TEST = "webhook.test"


class _OfMessage(BaseModel):
    """message_id: ask for it at `/api/v1/messages/{message_id}`."""

    message_id: str
    campaign_id: str | None


class MessageReady(_OfMessage):
    """The video is made."""

    state: Literal["ready"] = "ready"
    attempt: int
    duration_s: float | None


class MessageFailed(_OfMessage):
    """The video could not be made; `problem` is the code of the reason."""

    state: Literal["failed"] = "failed"
    attempt: int
    problem: str


class MessageViewed(_OfMessage):
    """Somebody began to watch, for the first time behind this link."""

    share_id: str


class MessageWatched(_OfMessage):
    """Somebody has watched all of it, for the first time behind this link."""

    share_id: str


class MessageReplied(_OfMessage):
    """A recipient replied."""

    share_id: str
    reply_id: str
    kind: Literal["text", "audio", "video"]


class VoiceReady(BaseModel):
    """A voice can be spoken with."""

    voice_id: str


class _OfCampaign(BaseModel):
    """counts: how many rows stand in each state."""

    campaign_id: str
    state: str
    counts: dict[str, int]


class CampaignProgress(_OfCampaign):
    """A campaign went on, or its state is another."""


class CampaignDone(_OfCampaign):
    """Nothing of a campaign is left to be made."""


class WebhookTest(BaseModel):
    """Somebody pressed the test button."""

    webhook_id: str


Payload = (
    MessageReady | MessageFailed | MessageViewed | MessageWatched | MessageReplied | VoiceReady
    | CampaignProgress | CampaignDone | WebhookTest
)  # fmt: skip
PAYLOADS: Mapping[EventType, type[BaseModel]] = {
    EventType.MESSAGE_READY: MessageReady,
    EventType.MESSAGE_FAILED: MessageFailed,
    EventType.MESSAGE_VIEWED: MessageViewed,
    EventType.MESSAGE_WATCHED: MessageWatched,
    EventType.MESSAGE_REPLIED: MessageReplied,
    EventType.VOICE_READY: VoiceReady,
    EventType.CAMPAIGN_PROGRESS: CampaignProgress,
    EventType.CAMPAIGN_DONE: CampaignDone,
    EventType.TEST: WebhookTest,
}


def event_type(payload: Payload) -> EventType:
    """Return of what `payload` tells."""
    return next(kind for kind, model in PAYLOADS.items() if type(payload) is model)


def body_of(payload: Payload, at: datetime) -> str:
    """Return what is sent: the same bytes with each try."""
    told = {"type": event_type(payload), "timestamp": at, "data": payload}
    return _Told.model_validate(told).model_dump_json()


class _Told(BaseModel):
    type: EventType
    timestamp: datetime
    data: Payload
