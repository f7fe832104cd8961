"""What a voice looks like on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from backend.bodies import RequestBody
from backend.voices.models import Voice, VoiceState


class Consent(RequestBody):
    """The speaker's agreement, in the words that were shown."""

    accepted: bool
    text: str = Field(max_length=2_000)


class NewVoice(RequestBody):
    """A voice to make of an uploaded sample."""

    name: str = Field(min_length=1, max_length=100)
    language: str = Field(max_length=16)
    upload_id: str = Field(max_length=40)
    consent: Consent


class VoiceChanges(RequestBody):
    """A voice's new name."""

    name: str = Field(min_length=1, max_length=100)


class GivenConsent(BaseModel):
    """The agreement as it is kept."""

    text: str
    accepted_at: datetime


class VoiceBody(BaseModel):
    """A voice; `report` is the speech service's verdict on the sample."""

    id: str
    name: str
    language: str
    state: VoiceState
    engine: str | None
    report: dict[str, Any] | None
    consent: GivenConsent
    created_at: datetime


class VoiceList(BaseModel):
    """A page of voices, newest first."""

    items: list[VoiceBody]
    next_cursor: str | None


class BaseVoiceBody(BaseModel):
    """A voice that comes with the product; `accents`: whether those of a reading are heard."""

    id: str
    name: str
    languages: list[str]
    credit: str | None
    accents: bool


class BaseVoiceList(BaseModel):
    """All base voices."""

    items: list[BaseVoiceBody]


class Preview(RequestBody):
    """A sentence to hear in a voice; `reading` is the line of kana by which it is read."""

    text: str = Field(max_length=500)
    language: str | None = Field(None, max_length=16)
    reading: str | None = Field(None, max_length=2_000)


def voice_body(voice: Voice) -> VoiceBody:
    """Return `voice` as the wire shows it."""
    return VoiceBody(
        id=voice.id,
        name=voice.name,
        language=voice.language,
        state=voice.state,
        engine=voice.engine,
        report=voice.report,
        consent=GivenConsent(text=voice.consent_text, accepted_at=voice.consent_at),
        created_at=voice.created_at,
    )
