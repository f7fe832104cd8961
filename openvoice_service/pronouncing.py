"""How Japanese sentences are to be read: what somebody wishes, and what is suggested."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openvoice_service.base_voices.japanese import Pronunciation, read_words, reading_of
from openvoice_service.problems import Problem, invalid
from openvoice_service.readings import Reading, ReadingError, parse_reading, parse_word
from openvoice_service.schemas import PronouncedWord, SentenceReading
from openvoice_service.text import Sentence, normalise, split_script

LANGUAGE = "ja"


@dataclass(frozen=True)
class Suggestion:
    """A sentence, how it would be read, and how somebody wants it to be read."""

    sentence: Sentence
    suggested: Reading | None
    wished: Reading | None


def with_readings(
    sentences: Sequence[Sentence],
    language: str,
    readings: Sequence[SentenceReading],
    words: Sequence[PronouncedWord],
) -> list[Sentence]:
    """Return the sentences with the readings that are wished for, or that their words ask for.

    A reading whose sentence is not there stays unused, whatever it says. The rest is left to the
    voice.

    raises: Problem, which names the field: `readings.0.kana`
    """
    _require_japanese(language, "readings" if readings else "words" if words else None)
    wished, pronunciations = _wished(readings, sentences), _pronunciations(words)
    return [
        replace(sentence, reading=wished.get(sentence.source) or _said(sentence, pronunciations))
        for sentence in sentences
    ]


def suggest(
    script: str,
    language: str,
    readings: Sequence[SentenceReading],
    words: Sequence[PronouncedWord],
    *,
    has_markup: bool = False,
) -> list[Suggestion]:
    """Return the sentences of `script`, and how the Japanese ones are read. Raises Problem."""
    _require_japanese(language, "readings" if readings else "words" if words else None)
    sentences = split_script(script, language, has_markup=has_markup)
    if language != LANGUAGE:
        return [Suggestion(sentence, None, None) for sentence in sentences]
    wished, pronunciations = _wished(readings, sentences), _pronunciations(words)
    return [
        Suggestion(
            sentence,
            reading_of(read_words(sentence.spoken, pronunciations)),
            wished.get(sentence.source),
        )
        for sentence in sentences
    ]


def _said(sentence: Sentence, pronunciations: Sequence[Pronunciation]) -> Reading | None:
    """Return the reading that somebody's words give the sentence, None where none is in it."""
    if not any(one.surface and one.surface in sentence.spoken for one in pronunciations):
        return None
    return reading_of(read_words(sentence.spoken, pronunciations))


def _wished(
    readings: Sequence[SentenceReading], sentences: Sequence[Sentence]
) -> dict[str, Reading]:
    texts, wished = {sentence.source for sentence in sentences}, {}
    for index, reading in enumerate(readings):
        if reading.text.strip() not in texts:
            continue  # of a sentence as it stood before it was changed
        try:
            wished[reading.text.strip()] = parse_reading(reading.kana)
        except ReadingError as error:
            raise _refused(f"readings.{index}.kana", error) from error
    return wished


def _pronunciations(words: Sequence[PronouncedWord]) -> list[Pronunciation]:
    """Return words as they are said. Raises Problem that tells of all that can't be read."""
    pronunciations, refusals = [], []
    for index, word in enumerate(words):
        try:
            surface = normalise(word.surface, LANGUAGE)
            pronunciations.append(Pronunciation(surface, *parse_word(word.kana)))
        except ReadingError as error:
            refusals.append(_refused(f"words.{index}.kana", error))
    if refusals:
        first = refusals[0]
        first.errors = tuple(error for refusal in refusals for error in refusal.errors)
        raise first
    return pronunciations


def _refused(field: str, error: ReadingError) -> Problem:
    return invalid(field, error.code, f"Character {error.at}: {error.message}", error.fix)


def _require_japanese(language: str, field: str | None) -> None:
    if field is not None and language != LANGUAGE:
        message = "Only Japanese is read from kana."
        raise invalid(field, "reading_language", message, f"Leave it out, or speak {LANGUAGE}.")
