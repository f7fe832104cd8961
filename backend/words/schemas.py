"""What words and readings look like on the wire."""

from datetime import datetime

from pydantic import BaseModel, Field

from backend.bodies import RequestBody
from backend.messages.schemas import SentenceReadingBody
from backend.revisions import revision_of
from backend.speech.wishes import SuggestedReading
from backend.words.models import Word


class WordChanges(RequestBody):
    """How a word is said: katakana, ' where the pitch falls; without it the word is flat."""

    surface: str = Field(min_length=1, max_length=40, pattern=r"^[^\s,、。]+$")
    kana: str = Field(min_length=1, max_length=200)


class WordBody(BaseModel):
    """A word and how it is said.

    revision: its state, as `ETag` says it too: send it as `If-Match` to change only this one
    """

    id: str
    revision: str
    surface: str
    kana: str
    created_at: datetime


class WordList(BaseModel):
    """All of the account's words, newest first."""

    items: list[WordBody]


class ReadingsOrder(RequestBody):
    """A text whose sentences are asked for, and the Japanese readings wished for already."""

    text: str = Field(max_length=5_000)
    language: str = Field("ja", max_length=16)
    readings: list[SentenceReadingBody] = Field(default_factory=list, max_length=500)


class SentencePart(BaseModel):
    """A stretch of a sentence, stressed or not; or a silence of `pause_s`, without a text."""

    text: str
    is_stressed: bool
    pause_s: float | None


class ReadingBody(BaseModel):
    """A sentence and the line of kana by which it is read by itself.

    text:      as it stands in the text that was sent; readings and deliveries name it so
    parts:     what is said and shown of it: its signs are taken out
    suggested: null where nothing sounds, and in other languages than Japanese
    """

    text: str
    parts: list[SentencePart]
    suggested: str | None


class ReadingList(BaseModel):
    """The sentences of a text in order."""

    items: list[ReadingBody]


def reading_body(found: SuggestedReading) -> ReadingBody:
    """Return how a sentence is read as the wire shows it."""
    return ReadingBody.model_validate(found, from_attributes=True)


def word_body(word: Word) -> WordBody:
    """Return `word` as the wire shows it."""
    body = WordBody(
        id=word.id, revision="", surface=word.surface, kana=word.kana, created_at=word.created_at
    )
    body.revision = revision_of(body)
    return body
