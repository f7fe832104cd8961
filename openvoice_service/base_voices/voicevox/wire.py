"""What the VOICEVOX engine answers, as far as it is read; whatever else comes is passed back.

source: the engine's OpenAPI description, version 0.25
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    # Kept: a query goes back to the engine with all that a newer one may have put into it.
    model_config = ConfigDict(extra="allow", allow_inf_nan=False)


class Mora(_Answer):
    """A mora; `pitch` is the natural logarithm of its F0 in Hz, 0 where it has no voice."""

    text: str
    consonant: str | None = None
    consonant_length: float | None = Field(None, ge=0, le=60)
    vowel: str
    vowel_length: float = Field(ge=0, le=60)
    pitch: float


class AccentPhrase(_Answer):
    """Moras up to an accent border, and the pause after them, if any."""

    moras: list[Mora]
    accent: int
    pause_mora: Mora | None = None
    is_interrogative: bool = False


class AudioQuery(_Answer):
    """A sentence as the engine is going to say it; the names are the engine's own."""

    accent_phrases: list[AccentPhrase] = Field(max_length=1_000)
    speedScale: float  # noqa: N815
    pitchScale: float  # noqa: N815
    intonationScale: float  # noqa: N815
    volumeScale: float  # noqa: N815
    prePhonemeLength: float = Field(ge=0, le=10)  # noqa: N815
    postPhonemeLength: float = Field(ge=0, le=10)  # noqa: N815
    pauseLength: float | None = Field(None, ge=0, le=60)  # noqa: N815
    pauseLengthScale: float = Field(1.0, ge=0, le=60)  # noqa: N815
    outputSamplingRate: int  # noqa: N815
    outputStereo: bool  # noqa: N815


class Style(_Answer):
    """A way in which a character speaks, or sings."""

    name: str = Field(max_length=100)
    id: int
    type: Literal["talk", "singing_teacher", "frame_decode", "sing"] = "talk"


class Character(_Answer):
    """Somebody who speaks, in one or more styles."""

    name: str = Field(min_length=1, max_length=100)
    speaker_uuid: str = Field(max_length=64)
    styles: list[Style]
    version: str = Field(max_length=40)


class StyleInfo(_Answer):
    """Pictures and samples of a style, each a URL of the engine or base64."""

    id: int
    icon: str
    portrait: str | None = None
    voice_samples: list[str]


class CharacterInfo(_Answer):
    """A character's terms in Markdown, pictures and samples."""

    policy: str
    portrait: str
    style_infos: list[StyleInfo]
