"""What was said and when: the timed answer of the speech service."""

from dataclasses import dataclass

from pydantic import Field

from backend.speech.answers import Answer


class SpokenWord(Answer):
    """One word of the original text and when it is heard, in seconds from the start."""

    text: str
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)


class SpokenSentence(Answer):
    """One sentence of the original text, the span of its speech, its words, and who says them.

    stood_in: whether somebody else reads it for a character of VOICEVOX
    is_common: whether many texts have it, for which it is spoken once
    """

    index: int = Field(ge=0)
    text: str
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    cache_hit: bool = False
    cache_key: str = ""
    reading: str | None = None
    words: tuple[SpokenWord, ...] = ()
    moras: tuple[SpokenWord, ...] = ()
    voice: str | None = None
    base_voice: str | None = None
    stood_in: bool = False
    is_common: bool = False


class SpokenScript(Answer):
    """What was said and when: the timed answer of the speech service without its audio."""

    sample_rate_hz: int = Field(ge=8_000, le=192_000)
    duration_s: float = Field(gt=0, le=3_600)
    engine: str | None = None
    base_voice: str | None = None
    voice: str | None = None
    language: str | None = None
    credit: str | None = None
    sentences: tuple[SpokenSentence, ...] = Field(min_length=1)


@dataclass(frozen=True)
class TimedSpeech:
    """A spoken script and its audio: `wav` is 16-bit mono PCM in a RIFF file."""

    script: SpokenScript
    wav: bytes
