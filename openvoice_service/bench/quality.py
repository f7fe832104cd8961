"""Both speakers, both base voices: likeness before and after, words understood, artefacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openvoice_service.audio import Waveform
from openvoice_service.base_voices import BaseVoice, Prosody
from openvoice_service.bench.artefacts import Artefacts, find_artefacts
from openvoice_service.bench.sentences import ENGLISH, JAPANESE
from openvoice_service.bench.similarity import Embedding, Similarity
from openvoice_service.bench.speakers import SPEAKERS, halves, read_speaker
from openvoice_service.bench.word_errors import Recogniser, word_error_rate
from openvoice_service.engines import Engine, Tone
from openvoice_service.profiles import split_windows
from openvoice_service.synthesis import Order, Synthesiser, Teller
from openvoice_service.text import split_script
from openvoice_service.tones import BaseTones

SCORED_SENTENCES = 10
TEXTS = {"ja": JAPANESE, "en": ENGLISH}


@dataclass(frozen=True)
class Speaker:
    """A tone learnt from one half of a recording, and the other half to score against."""

    name: str
    tone: Tone
    learnt: Embedding
    held_out: Embedding


@dataclass(frozen=True)
class Pair:
    """One speaker in one language; likeness as cosines, word errors as shares (English only)."""

    speaker: str
    language: str
    base_voice: str
    before: float
    after: float
    word_errors_before: float | None
    word_errors_after: float | None
    artefacts: Artefacts


class Quality:
    """Speaks the committed sentences the way the product does, and scores them."""

    def __init__(self, engine: Engine, synthesiser: Synthesiser, base_tones: BaseTones) -> None:
        self._engine = engine
        self._synthesiser = synthesiser
        self._base_tones = base_tones
        self._similarity = Similarity()
        self._recogniser = Recogniser()

    def learn(self, name: str) -> Speaker:
        """Return a speaker whose tone comes from the first half of the recording alone."""
        first, last = halves(read_speaker(name))
        return Speaker(
            name=name,
            tone=self._engine.embed(split_windows([first])),
            learnt=self._similarity.embed(first),
            held_out=self._similarity.embed(last),
        )

    def score(self, speaker: Speaker, language: str) -> Pair:
        """Return one line of the table."""
        texts = TEXTS[language]
        base = self._synthesiser.nearest_base(language, speaker.tone)
        before = self._speak(base, language, None)
        after = self._speak(base, language, speaker.tone)
        is_english = language == "en"
        return Pair(
            speaker=speaker.name,
            language=language,
            base_voice=base.id,
            before=self._likeness(before, speaker),
            after=self._likeness(after, speaker),
            word_errors_before=self._word_errors(texts, before) if is_english else None,
            word_errors_after=self._word_errors(texts, after) if is_english else None,
            artefacts=find_artefacts(*self._unlevelled(base, language, speaker)),
        )

    def scale(self, speakers: Sequence[Speaker]) -> tuple[float, float]:
        """Return the scale's ends: two different speakers, and one speaker held out."""
        different = [
            float(one.learnt @ other.held_out)
            for one in speakers
            for other in speakers
            if one is not other
        ]
        same = [float(each.learnt @ each.held_out) for each in speakers]
        return float(np.mean(different)), float(np.mean(same))

    def _speak(self, base: BaseVoice, language: str, target: Tone | None) -> list[Waveform]:
        order = Order(Teller("bench", base, target), Prosody())
        return [
            self._synthesiser.speak(split_script(text, language), order).wave
            for text in TEXTS[language]
        ]

    def _unlevelled(
        self, base: BaseVoice, language: str, speaker: Speaker
    ) -> tuple[list[Waveform], list[Waveform]]:
        """Return base speech and conversion in the same places: the product's edges are cut."""
        source_tone = self._base_tones.get(base)
        sources = [
            base.speak(split_script(text, language)[0].spoken, Prosody()).wave
            for text in TEXTS[language][:SCORED_SENTENCES]
        ]
        engine = self._engine
        return sources, [engine.convert_tone(each, source_tone, speaker.tone) for each in sources]

    def _likeness(self, spoken: Sequence[Waveform], speaker: Speaker) -> float:
        scored = spoken[:SCORED_SENTENCES]
        return float(np.mean([self._similarity.embed(each) @ speaker.held_out for each in scored]))

    def _word_errors(self, texts: Sequence[str], spoken: Sequence[Waveform]) -> float:
        return word_error_rate(self._recogniser, texts, spoken)


def score_all(quality: Quality) -> tuple[list[Pair], tuple[float, float]]:
    """Return every pair of speaker and language, and the ends of the scale."""
    speakers = [quality.learn(name) for name in SPEAKERS]
    pairs = [quality.score(speaker, language) for language in TEXTS for speaker in speakers]
    return pairs, quality.scale(speakers)
