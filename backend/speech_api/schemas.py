"""What programs see of voices and models."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from backend.speech import BaseVoice
from backend.voices.models import Voice


class SpeakableVoice(BaseModel):
    """A voice that may be named in `voice`: one that comes with the product, or one's own."""

    id: str
    kind: Literal["base", "profile"]
    name: str
    languages: list[str]
    engine: str | None = None
    credit: str | None = None
    created_at: datetime | None = None


class SpeakableVoices(BaseModel):
    """Every voice that the key's holder may use."""

    items: list[SpeakableVoice]


class Model(BaseModel):
    """OpenAI's description of a model."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0  # Unix time; nothing here was ever released under one
    owned_by: str = "video-message"


class ModelList(BaseModel):
    """OpenAI's list of models."""

    object: Literal["list"] = "list"
    data: list[Model]


def base_voice_body(voice: BaseVoice) -> SpeakableVoice:
    """Return a voice of the product as programs see it."""
    languages = list(voice.languages)
    return SpeakableVoice(
        id=voice.id, kind="base", name=voice.name, languages=languages, credit=voice.credit
    )


def own_voice_body(voice: Voice) -> SpeakableVoice:
    """Return somebody's own voice as programs see it."""
    return SpeakableVoice(
        id=voice.id,
        kind="profile",
        name=voice.name,
        languages=[voice.language],
        engine=voice.engine,
        created_at=voice.created_at,
    )
