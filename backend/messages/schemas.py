"""What a message looks like on the wire."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from backend.bodies import RequestBody
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.problems import ProblemBody

# Shortening is the writer's business, losing text is not: a draft keeps what was pasted, though
# only 5,000 characters of it can be spoken.
MAX_DRAFT_CHARACTERS = 200_000


class MessageChanges(RequestBody):
    """The fields to set; a draft may be incomplete, and what is left out stays."""

    title: str = Field("", max_length=200)
    script: str = Field("", max_length=MAX_DRAFT_CHARACTERS)
    language: str = Field("ja", max_length=16)
    voice: str | None = Field(None, max_length=80)
    photo_upload_id: str | None = Field(None, max_length=40)
    aspect: str = Field("16:9", max_length=8)


class Progress(BaseModel):
    """How far the work is. `percent` is 0..100, `eta_s` an estimate in seconds."""

    stage: str | None
    percent: float
    eta_s: float | None
    note: str | None


class RenderOrderBody(RequestBody):
    """How urgent a video is: `bulk` comes after everything that somebody waits for."""

    priority: Literal["personal", "bulk"] = "personal"


class Receipt(BaseModel):
    """What speaking a message took: on which lane, for how long, and its price in micro-USD."""

    lane: str
    speech_s: float
    usd_micro: int


class MessageBody(BaseModel):
    """A message. The addresses are null until it is ready."""

    id: str
    title: str
    script: str
    language: str
    voice: str | None
    photo_upload_id: str | None
    aspect: str
    state: MessageState
    attempt: int
    progress: Progress
    problem: ProblemBody | None
    duration_s: float | None
    engine: str | None
    base_voice: str | None
    credit: str | None
    receipt: Receipt | None
    synthetic: bool
    video_url: str | None
    poster_url: str | None
    captions_url: str | None
    small_video_url: str | None
    created_at: datetime
    updated_at: datetime


class MessageList(BaseModel):
    """A page of messages, newest first."""

    items: list[MessageBody]
    next_cursor: str | None


class ProgressEvent(Progress):
    """One event of a message's stream."""

    state: MessageState
    problem: dict[str, Any] | None


def message_body(message: Message) -> MessageBody:
    """Return `message` as the wire shows it."""
    ready = message.state is MessageState.READY
    base = f"/api/v1/messages/{message.id}"
    return MessageBody(
        id=message.id,
        title=message.title,
        script=message.script,
        language=message.language,
        voice=message.voice,
        photo_upload_id=message.photo_upload_id,
        aspect=message.aspect,
        state=message.state,
        attempt=message.attempt,
        progress=Progress(
            stage=message.stage, percent=message.percent, eta_s=message.eta_s, note=message.note
        ),
        problem=ProblemBody.model_validate(message.problem) if message.problem else None,
        duration_s=message.duration_s,
        engine=message.engine,
        base_voice=message.base_voice,
        credit=message.credit,
        receipt=_receipt(message),
        synthetic=True,
        video_url=f"{base}/video" if ready else None,
        poster_url=f"{base}/poster" if ready else None,
        captions_url=f"{base}/captions.vtt" if ready else None,
        small_video_url=f"{base}/small" if ready and message.has_small_video else None,
        created_at=message.created_at,
        updated_at=message.updated_at,
    )


def _receipt(message: Message) -> Receipt | None:
    if message.lane is None or message.speech_s is None:
        return None
    return Receipt(
        lane=message.lane, speech_s=message.speech_s, usd_micro=message.speech_usd_micro or 0
    )
