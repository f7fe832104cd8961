"""From a score to a sound that can be looped."""

import wave
from functools import lru_cache
from pathlib import Path

import numpy as np

from backend.music.instruments import INSTRUMENTS, SAMPLE_RATE_HZ, Samples
from backend.music.score import Struck, Track, struck

PEAK = 0.7
# Where the room answers: seconds later, and how loud of what it answers with.
_ECHOES = ((0.11, 0.5), (0.19, 0.35), (0.31, 0.25), (0.47, 0.15))


def play(track: Track) -> Samples:
    """Return one round of `track`: mono, shape (samples,), at SAMPLE_RATE_HZ, peaks at PEAK.

    What rings on past the end is heard at the beginning, as it is when the round starts anew.
    """
    whole = np.zeros(round(track.duration_s * SAMPLE_RATE_HZ))
    for part in track.parts:
        for note in struck(part, track):
            _add(whole, _note(part.instrument, note) * part.gain, note.start_s)
    whole = whole + track.echo * _answer(whole)
    return whole * PEAK / max(float(np.abs(whole).max()), 1e-9)


def write_track(track: Track, target: Path) -> None:
    """Write one round as 16-bit WAV."""
    samples = np.round(play(track) * 32_767).astype("<i2")
    with wave.open(str(target), "wb") as out:
        out.setparams((1, 2, SAMPLE_RATE_HZ, 0, "NONE", ""))
        out.writeframes(samples.tobytes())


def _note(instrument: str, note: Struck) -> Samples:
    return _sound(instrument, round(note.frequency_hz, 3), round(note.length_s, 4))


@lru_cache(maxsize=512)
def _sound(instrument: str, frequency_hz: float, length_s: float) -> Samples:
    return INSTRUMENTS[instrument](frequency_hz, length_s)


def _add(whole: Samples, note: Samples, start_s: float) -> None:
    places = (round(start_s * SAMPLE_RATE_HZ) + np.arange(len(note))) % len(whole)
    # A note longer than the track comes round more than once.
    np.add.at(whole, places, note)


def _answer(whole: Samples) -> Samples:
    answer = np.zeros_like(whole)
    for late_s, share in _ECHOES:
        answer += share * np.roll(whole, round(late_s * SAMPLE_RATE_HZ))
    return answer
