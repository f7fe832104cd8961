"""What programs see of voices and models."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.bodies import RequestBody
from backend.speech.voices import BaseVoice
from backend.speech.wishes import PronouncedWord, SentenceDelivery, SentenceReading
from backend.voices.models import Voice

AudioFormat = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]


class VoiceReference(BaseModel):
    """OpenAI's other way to name a voice."""

    id: str = Field(max_length=80)


class SpeechOrder(RequestBody):
    """OpenAI's request for speech, with optional extras of ours.

    Which values fit is for the speech service to say.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    input: str
    model: str = "openvoice"
    voice: str | VoiceReference | None = None
    response_format: AudioFormat = "mp3"
    speed: float = Field(1.0, description="0.25 to 4")
    stream_format: Literal["audio", "sse"] = "audio"
    language: str | None = None
    pitch: float = Field(0.0, description="semitones")
    intonation: float = 1.0
    volume: float = 1.0
    pause: float = Field(1.0, description="factor of the pause between sentences")
    readings: list[SentenceReading] = Field(
        default_factory=list, description="lines of kana by which Japanese sentences are read"
    )
    words: list[PronouncedWord] = Field(
        default_factory=list, description="how Japanese words are read wherever they stand"
    )
    deliveries: list[SentenceDelivery] = Field(
        default_factory=list, description="how single sentences are said, on top of all that"
    )
    markup: bool = Field(
        False, description="whether `*words*` are stressed and `[0.8]` is a silence, in seconds"
    )
    base_voice: str | None = None
    engine: str | None = None
    seed: int | None = Field(None, description="speech is the same every time anyway")
    priority: Literal["interactive", "bulk"] = Field(
        "interactive", description="what nobody waits for lets the others pass"
    )

    @property
    def voice_id(self) -> str | None:
        """The voice's id, however it was given."""
        return self.voice.id if isinstance(self.voice, VoiceReference) else self.voice


class ConversionOrder(RequestBody):
    """What goes with a recording that is to be re-spoken."""

    voice: str = Field(max_length=80)
    response_format: AudioFormat = "wav"


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
