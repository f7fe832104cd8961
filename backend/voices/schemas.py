"""What a voice looks like on the wire."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from backend.bodies import RequestBody
from backend.messages.schemas import Delivery
from backend.speech.voices import BaseVoice, VoicevoxState
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
    """The fields to set; what is left out stays.

    base_voice: a VOICEVOX character who reads Japanese in this voice; null for nobody in particular
    """

    name: str = Field("", min_length=1, max_length=100)
    base_voice: str | None = Field(None, max_length=80)


class GivenConsent(BaseModel):
    """The agreement as it is kept."""

    text: str
    accepted_at: datetime


class VoiceBody(BaseModel):
    """A voice; `report` is the speech service's verdict on the sample."""

    id: str
    name: str
    language: str
    base_voice: str | None
    state: VoiceState
    engine: str | None
    report: dict[str, Any] | None
    consent: GivenConsent
    created_at: datetime


class VoiceList(BaseModel):
    """A page of voices, newest first."""

    items: list[VoiceBody]
    next_cursor: str | None


class CharacterBody(BaseModel):
    """The VOICEVOX character whose voice it is, in one of its styles."""

    id: str
    name: str
    style: str


class BaseVoiceBody(BaseModel):
    """A voice that comes with the product.

    credit:  what must be shown wherever the voice is heard; that happens by itself
    ready:   whether it speaks now
    accents: whether those of a reading are heard
    controls: what of a sentence's delivery is heard in it
    """

    id: str
    name: str
    languages: list[str]
    credit: str | None
    ready: bool
    character: CharacterBody | None
    accents: bool
    controls: list[str]


class BaseVoiceList(BaseModel):
    """All base voices, and how the VOICEVOX engine is."""

    items: list[BaseVoiceBody]
    voicevox: VoicevoxState


class CharacterTerms(BaseModel):
    """What is to be read before a VOICEVOX character is used, in Markdown."""

    credit: str | None
    terms: str
    samples: int


class Preview(RequestBody):
    """A sentence to hear in a voice.

    reading:  the line of kana by which it is read; delivery: how it is said
    """

    text: str = Field(max_length=500)
    language: str | None = Field(None, max_length=16)
    reading: str | None = Field(None, max_length=2_000)
    delivery: Delivery | None = None


def base_voice_body(voice: BaseVoice) -> BaseVoiceBody:
    """Return a voice of the product as the wire shows it."""
    character = voice.character
    return BaseVoiceBody(
        id=voice.id,
        name=voice.name,
        languages=list(voice.languages),
        credit=voice.credit,
        ready=voice.ready,
        character=CharacterBody(**character.model_dump()) if character else None,
        accents=voice.accents,
        controls=list(voice.controls),
    )


def voice_body(voice: Voice) -> VoiceBody:
    """Return `voice` as the wire shows it."""
    return VoiceBody(
        id=voice.id,
        name=voice.name,
        language=voice.language,
        base_voice=voice.base_voice,
        state=voice.state,
        engine=voice.engine,
        report=voice.report,
        consent=GivenConsent(text=voice.consent_text, accepted_at=voice.consent_at),
        created_at=voice.created_at,
    )
