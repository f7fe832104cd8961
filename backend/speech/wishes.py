"""How a text is to be read and said, and how the speech service would read it."""

from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict

from backend.speech.answers import Answer


class SentenceReading(Answer):
    """How a sentence is read: the sentence as it stands in the text, and its line of kana."""

    text: str
    kana: str


class SentenceDelivery(Answer):
    """How a sentence is said: factors of the usual way, and the pause after it in seconds.

    voice:      whose it is, null for the whole text's; whoever names one says who may
    base_voice: who reads it before it gets the tone of that voice, if somebody in particular
    """

    model_config = ConfigDict(allow_inf_nan=False)

    text: str
    speed: float = 1.0
    pitch: float = 0.0
    intonation: float = 1.0
    volume: float = 1.0
    pause_after_s: float | None = None
    voice: str | None = None
    base_voice: str | None = None


class PronouncedWord(Answer):
    """How a word is read wherever it stands."""

    surface: str
    kana: str


@dataclass(frozen=True)
class ReadAs:
    """How a text is to be read and said, where that is not left to the voice.

    readings, words: of Japanese alone
    has_markup:      whether stars and brackets are signs: of a message's script they are
    """

    readings: tuple[SentenceReading, ...] = ()
    words: tuple[PronouncedWord, ...] = ()
    deliveries: tuple[SentenceDelivery, ...] = ()
    has_markup: bool = False

    def body(self) -> dict[str, Any]:
        """Return the fields of a request; none where there is nothing to say."""
        wishes: dict[str, tuple[Answer, ...]] = {
            "readings": self.readings,
            "words": self.words,
            "deliveries": self.deliveries,
        }
        told = {name: [one.model_dump() for one in wish] for name, wish in wishes.items() if wish}
        return told | ({"markup": True} if self.has_markup else {})


AS_USUAL = ReadAs()


@dataclass(frozen=True)
class Common:
    """Sentences that many texts have: those of `text` are kept for `kept_for`, spoken once."""

    kept_for: str
    text: str


class SentencePart(Answer):
    """A stretch of a sentence, stressed or not, or a silence between two."""

    text: str
    is_stressed: bool = False
    pause_s: float | None = None


class SuggestedReading(Answer):
    """A sentence, how it is read by itself, and what is wished for instead, as lines of kana.

    text: as it stands in the script, signs included; `parts` are what is said
    """

    text: str
    parts: tuple[SentencePart, ...] = ()
    suggested: str | None
    wished: str | None = None
