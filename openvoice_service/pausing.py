"""A sentence with silences within it: read in parts, and joined with silences of exact length."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from openvoice_service.audio import Waveform, speech_bounds
from openvoice_service.base_voices.japanese import read_positions, read_words
from openvoice_service.base_voices.protocol import Mark, MoraSpan, Span, Spoken
from openvoice_service.readings import Reading
from openvoice_service.text import Sentence

# What is left of the voice's own silence on each side of a break, and how it ends.
_EDGE_S = 0.02
_FADE_S = 0.008


@dataclass(frozen=True)
class Part:
    """What is read in one go: a stretch of a sentence's spoken text, `begin` its place there."""

    spoken: str
    begin: int
    reading: Reading | None
    emphases: tuple[Span, ...]


def parts_of(sentence: Sentence) -> list[Part]:
    """Return what stands between the sentence's breaks."""
    places = [0, *(one.at for one in sentence.breaks), len(sentence.spoken)]
    readings = _readings(sentence)
    parts = []
    for (begin, end), reading in zip(pairwise(places), readings, strict=True):
        emphases = tuple(
            (max(first, begin) - begin, min(last, end) - begin)
            for first, last in sentence.emphases
            if first < end and last > begin
        )
        parts.append(Part(sentence.spoken[begin:end], begin, reading, emphases))
    return parts


def _readings(sentence: Sentence) -> Sequence[Reading | None]:
    reading, breaks = sentence.reading, sentence.breaks
    if reading is None or not breaks:
        return [reading] * (len(breaks) + 1)
    positions = read_positions(read_words(sentence.spoken), reading)
    cuts = [sum(position < one.at for position in positions) for one in breaks]
    return reading.cut(cuts)


def joined(parts: Sequence[tuple[Part, Spoken]], silences_s: Sequence[float]) -> Spoken:
    """Return the parts in one sound, the given silence between the speech of each two."""
    pieces: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
    marks: list[Mark] = []
    moras: list[MoraSpan] = []
    passed = 0
    for index, (part, spoken) in enumerate(parts):
        rate_hz = spoken.wave.sample_rate_hz
        before_s = silences_s[index - 1] if index else None
        after_s = silences_s[index] if index + 1 < len(parts) else None
        begin_s, end_s = _bounds(spoken.wave)
        from_s = 0.0 if before_s is None else max(begin_s - min(_EDGE_S, before_s / 2), 0.0)
        to_s = end_s + _EDGE_S if after_s is None else end_s + min(_EDGE_S, after_s / 2)
        kept = _faded(
            spoken.wave.between(from_s, to_s), is_begun=before_s is None, is_over=after_s is None
        )
        late_s = passed / rate_hz - from_s
        marks += [
            Mark(m.position + part.begin, *_within(m.start_s, m.end_s, begin_s, end_s, late_s))
            for m in spoken.marks
        ]
        moras += [
            MoraSpan(m.kana, *_within(m.start_s, m.end_s, begin_s, end_s, late_s))
            for m in spoken.moras
        ]
        pieces.append(kept)
        passed += len(kept)
        if after_s is not None:
            speech_end = passed - len(kept) + round((end_s - from_s) * rate_hz)
            lead_s = min(_EDGE_S, after_s / 2, _bounds(parts[index + 1][1].wave)[0])
            wanted = speech_end + round((after_s - lead_s) * rate_hz)
            pieces.append(np.zeros(max(wanted - passed, 0), np.float32))
            passed += len(pieces[-1])
    return Spoken(Waveform(np.concatenate(pieces), parts[0][1].wave.sample_rate_hz), marks, moras)


def _bounds(wave: Waveform) -> tuple[float, float]:
    start_s, end_s = speech_bounds(wave)
    return (start_s, end_s) if end_s > start_s else (0.0, wave.duration_s)


def _within(
    start_s: float, end_s: float, first_s: float, last_s: float, late_s: float
) -> tuple[float, float]:
    """Return a time of a part in the whole: nobody speaks in a silence."""
    start_s, end_s = (min(max(time_s, first_s), last_s) for time_s in (start_s, end_s))
    return start_s + late_s, end_s + late_s


def _faded(
    wave: Waveform, *, is_begun: bool, is_over: bool
) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    samples = wave.samples.copy()
    fade = np.linspace(0.0, 1.0, min(round(_FADE_S * wave.sample_rate_hz), len(samples)))
    if not is_begun:
        samples[: len(fade)] *= fade.astype(np.float32)
    if not is_over and len(fade):
        samples[-len(fade) :] *= fade[::-1].astype(np.float32)
    return samples
