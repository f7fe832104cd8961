"""The accent that was chosen is the accent that is heard: measured in the pitch of what is spoken.

A word is spoken with each accent that it can have. What all of them have in common is the melody
of its sounds and of the sentence; what is left is the accent, and is compared with what Tokyo's
high and low moras make of a voice: its pitch follows them as a critically damped system does
(Fujisaki and Hirose 1984), here a tenth of a second late where it falls.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from openvoice_service.audio import Waveform, resample
from openvoice_service.base_voices.open_jtalk import OpenJTalk
from openvoice_service.base_voices.protocol import Prosody
from openvoice_service.readings import parse_reading, parse_word

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyworld

# 0 is flat: the pitch falls neither in the word nor behind it.
WORDS = {
    "ハシ": "箸 1, 橋 2, 端 0",
    "アメ": "雨 1, 飴 0",
    "カキ": "牡蠣 1, 垣 2, 柿 0",
    "カミ": "神 1, 紙 2, 加味 0",
    "ハナ": "端 1, 花 2, 鼻 0",
    "サケ": "鮭 1, 酒 0",
    "イシ": "意志 1, 石 2",
    "トル": "取る 1",
    "カエル": "帰る 1, 蛙 0",
    # Names, whose bearers say how they are said.
    "ショージ": "東海林",
    "タナカ": "田中 0",
    "スズキ": "鈴木 0",
    "ユーコ": "優子 1",
    "ミサキ": "美咲 1, 岬 0",
    "ヤマザキ": "山崎 2 or 0",
}
CHOSEN = [
    (kana, accent)
    for kana in WORDS
    for accent in ((0, 2) if kana == "ヤマザキ" else range(len(parse_word(kana)[0]) + 1))
]
CARRIER = "/アリマ'ス"
FRAME_MS = 5.0
# Where in a mora its pitch is looked at: most consonants are over by then.
LOOKS = (0.45, 0.6, 0.75, 0.9)
LOOK_S = 0.012
RESPONSE_PER_S = 15.0
FALL_DELAY_S = 0.1
ACCENT_SEMITONES = (3.0, 8.0)


@dataclass(frozen=True)
class Melody:
    """When the moras are heard, and the pitch at each look: semitones, NaN where unvoiced."""

    moras: Sequence[tuple[float, float]]
    pitch: np.ndarray


def test_there_are_fifty() -> None:
    assert len(CHOSEN) == 50


@pytest.mark.parametrize(("kana", "accent"), CHOSEN)
def test_the_chosen_accent_is_heard(kana: str, accent: int) -> None:
    melodies = melodies_of(kana)
    assert heard_accent(melodies, melodies[accent]) == accent


def test_a_voice_that_does_not_care_is_caught() -> None:
    """Whichever accent it was asked for, such a voice says one and the same."""
    for kana in ("ハシ", "ショージ", "カエル"):
        melodies = melodies_of(kana)
        assert all(heard_accent(melodies, melodies[0]) != accent for accent in melodies if accent)


@cache
def melodies_of(kana: str) -> Mapping[int, Melody]:
    """Return how the word sounds with each accent that it can have."""
    moras, _ = parse_word(kana)
    voice = OpenJTalk()
    melodies = {}
    for accent in range(len(moras) + 1):
        texts = [*map(str, moras), "ガ"]
        texts.insert(accent or len(texts), "'")
        spoken = voice.speak("", Prosody(), parse_reading("".join(texts) + CARRIER))
        # The word, its particle, and the mora behind, where a late fall is heard.
        looked_at = [(m.start_s, m.end_s) for m in spoken.moras[: len(moras) + 2]]
        melodies[accent] = Melody(looked_at, _pitch_of(spoken.wave, _looks_s(looked_at)))
    return melodies


def heard_accent(melodies: Mapping[int, Melody], heard: Melody) -> int:
    """Return the accent that `heard` is nearest to; `melodies` say what they have in common."""
    pitches = np.array([melody.pitch for melody in melodies.values()])
    known = ~np.isnan(heard.pitch)
    measured = heard.pitch[known] - np.nanmean(pitches[:, known], axis=0)
    expected = {accent: _expected_pitch(heard, accent)[known] for accent in melodies}
    mean = np.mean(list(expected.values()), axis=0)
    return min(melodies, key=lambda accent: _misfit(measured, expected[accent] - mean))


def _misfit(measured: np.ndarray, expected: np.ndarray) -> float:
    """Return how far they are apart, in semitones; how much a voice moves is its own affair."""
    size = np.clip(measured @ expected / (expected @ expected), *ACCENT_SEMITONES)
    return float(np.mean(np.abs(measured - size * expected)))


def _looks_s(moras: Sequence[tuple[float, float]]) -> np.ndarray:
    return np.array([a + (b - a) * share for a, b in moras for share in LOOKS])


def _pitch_of(wave: Waveform, looks_s: np.ndarray) -> np.ndarray:
    samples = resample(wave, 16_000).samples.astype(np.float64)
    rough_hz, times_s = pyworld.dio(
        samples, 16_000, f0_floor=100, f0_ceil=700, frame_period=FRAME_MS
    )
    hz = pyworld.stonemask(samples, rough_hz, times_s, 16_000)
    near = [(np.abs(times_s - at_s) <= LOOK_S) & (hz > 0) for at_s in looks_s]
    return np.array([np.mean(12 * np.log2(hz[n])) if n.any() else np.nan for n in near])


def _expected_pitch(heard: Melody, accent: int) -> np.ndarray:
    """Return the accent's share of the pitch at each look, between 0 and about 1."""
    moras, last = heard.moras, len(heard.moras) - 1
    rise_s = moras[0][0] if accent == 1 else moras[0][1]
    fall_s = moras[(accent or last) - 1][1] + FALL_DELAY_S
    at_s = _looks_s(moras)
    return _response(at_s - rise_s) - _response(at_s - fall_s)


def _response(since_s: np.ndarray) -> np.ndarray:
    passed = RESPONSE_PER_S * np.maximum(since_s, 0.0)
    return 1 - (1 + passed) * np.exp(-passed)
