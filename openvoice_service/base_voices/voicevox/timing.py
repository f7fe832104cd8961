"""When each mora of a query is heard: the engine's own reckoning, frame by frame.

source: VOICEVOX/voicevox_engine, tts_pipeline/tts_engine.py: silence is put around the moras, then
        pauses are set, everything is divided by the speed, and each phoneme is rounded to frames
"""

from collections.abc import Iterator
from dataclasses import dataclass

from openvoice_service.base_voices.protocol import MoraSpan
from openvoice_service.base_voices.voicevox.wire import AccentPhrase, AudioQuery, Mora

FRAME_RATE_HZ = 93.75
# A question ends with another mora on the last vowel, which the query itself does not hold.
UPSPEAK_S = 0.15
_PAUSE = "pau"


@dataclass(frozen=True)
class Reckoning:
    """The moras of a sound in order, and how long it lasts, silence at both ends included."""

    moras: list[MoraSpan]
    duration_s: float

    def scaled(self, factor: float) -> "Reckoning":
        """Return the reckoning of a sound that lasts `factor` times as long."""
        return Reckoning([mora.scaled(factor) for mora in self.moras], self.duration_s * factor)


def reckon(query: AudioQuery) -> Reckoning:
    """Return when the moras of `query` are heard in the sound that is made of it."""
    at = _frames(query.prePhonemeLength, query)
    spans: list[MoraSpan] = []
    for kana, frames in _lengths(query):
        if kana:
            spans.append(MoraSpan(kana, at / FRAME_RATE_HZ, (at + frames) / FRAME_RATE_HZ))
        at += frames
    at += _frames(query.postPhonemeLength, query)
    return Reckoning(spans, at / FRAME_RATE_HZ)


def _lengths(query: AudioQuery) -> Iterator[tuple[str, int]]:
    """Yield (kana, frames) of each mora, and ("", frames) of each pause."""
    for phrase in query.accent_phrases:
        for mora in phrase.moras:
            yield mora.text, _mora_frames(mora, query)
        if rises(phrase):
            yield phrase.moras[-1].text, _frames(UPSPEAK_S, query)
        if phrase.pause_mora is not None:
            yield "", _mora_frames(phrase.pause_mora, query)


def rises(phrase: AccentPhrase) -> bool:
    """Return whether another mora is heard at a question's end."""
    return phrase.is_interrogative and bool(phrase.moras) and phrase.moras[-1].pitch > 0


def _mora_frames(mora: Mora, query: AudioQuery) -> int:
    vowel_s = mora.vowel_length
    if mora.vowel == _PAUSE:
        vowel_s = query.pauseLength if query.pauseLength is not None else vowel_s
        vowel_s *= query.pauseLengthScale
    return _frames(vowel_s, query) + _frames(mora.consonant_length or 0.0, query)


def _frames(length_s: float, query: AudioQuery) -> int:
    # `round` to even in the middle, as numpy does in the engine.
    return round(length_s / query.speedScale * FRAME_RATE_HZ)
