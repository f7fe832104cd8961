"""The voices of the speech service: those that it brings along, and cloned ones."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from backend.speech.answers import Answer


class VoiceCharacter(Answer):
    """The VOICEVOX character whose voice it is, in one of its styles."""

    id: str
    name: str
    style: str


class BaseVoice(Answer):
    """A voice that the speech service brings along; `ready` says whether it speaks now."""

    id: str
    name: str
    languages: tuple[str, ...] = ()
    credit: str | None = None
    accents: bool = False
    controls: tuple[str, ...] = ()
    ready: bool = True
    character: VoiceCharacter | None = None


VoicevoxState = Literal["off", "starting", "ready", "slow", "failing", "down"]


class Voicevox(Answer):
    """How the VOICEVOX engine beside the speech service is."""

    state: VoicevoxState = "off"


class BaseVoices(Answer):
    """The voices that the speech service brings along, and how VOICEVOX is."""

    items: tuple[BaseVoice, ...]
    voicevox: Voicevox = Field(default_factory=Voicevox)


class VoiceTerms(Answer):
    """What is to be read before a VOICEVOX character is used, and how many samples there are."""

    credit: str | None = None
    terms: str = ""
    samples: int = Field(0, ge=0, le=100)


@dataclass(frozen=True)
class Picture:
    """A PNG or JPEG, and what it is."""

    content: bytes
    media_type: str


class VoiceProfile(Answer):
    """A cloned voice as the speech service keeps it; `report` is shown to the user as it is."""

    id: str
    name: str
    language: str | None = None
    engine: str
    report: dict[str, Any]
