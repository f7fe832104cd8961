"""Open JTalk with the voice Mei: Japanese, from a dictionary and an HMM voice in the wheel."""

import threading
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from openvoice_service.audio import Waveform, speech_bounds
from openvoice_service.base_voices.protocol import Mark, Prosody, Spoken

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyopenjtalk

FULL_SCALE = 32768.0
# A silence this long inside a sentence is a pause that a comma asked for.
PAUSE_S = 0.12
_HOP_S = 0.01
_PAUSE_LEVEL = 0.004


class OpenJTalk:
    """The voice `mei_normal`."""

    id = key = "open_jtalk:mei_normal"
    name = "Mei (Open JTalk)"
    languages = ("ja",)
    credit = None

    def __init__(self) -> None:
        # The engine keeps its state in one object: one sentence at a time.
        self._lock = threading.Lock()

    def speak(self, text: str, prosody: Prosody) -> Spoken:
        """Read a Japanese sentence; words are the dictionary's, timed by morae between pauses."""
        with self._lock:
            words = pyopenjtalk.run_frontend(text, predict_nani=False)
            labels = pyopenjtalk.make_label(words)
            samples, rate_hz = pyopenjtalk.synthesize(labels, prosody.speed, prosody.pitch)
        wave = Waveform((samples / FULL_SCALE).astype(np.float32), rate_hz)
        return Spoken(wave, _marks(words, wave))


def _marks(words: Sequence[Mapping[str, Any]], wave: Waveform) -> list[Mark]:
    """Share the time out by morae, separately between pauses where they can be told apart."""
    clauses = _clauses(words)
    stretches = _stretches(wave)
    if len(clauses) != len(stretches):
        clauses = [[word for clause in clauses for word in clause]]
        stretches = [speech_bounds(wave)]
    marks: list[Mark] = []
    for clause, (start_s, end_s) in zip(clauses, stretches, strict=True):
        morae = sum(count for _, count in clause) or 1
        seen = 0
        for position, count in clause:
            begin_s = start_s + (end_s - start_s) * seen / morae
            seen += count
            marks.append(Mark(position, begin_s, start_s + (end_s - start_s) * seen / morae))
    return marks


def _clauses(words: Sequence[Mapping[str, Any]]) -> list[list[tuple[int, int]]]:
    """Return (position, morae) of the words that sound, split where a mark makes a pause."""
    clauses: list[list[tuple[int, int]]] = [[]]
    position = 0
    for word in words:
        if word["mora_size"] > 0:
            clauses[-1].append((position, word["mora_size"]))
        elif clauses[-1]:
            clauses.append([])
        position += len(word["string"])
    return [clause for clause in clauses if clause]


def _stretches(wave: Waveform) -> list[tuple[float, float]]:
    """Return where it speaks: the voice is synthetic, its pauses are silent to the last bit."""
    hop = round(_HOP_S * wave.sample_rate_hz)
    frames = len(wave.samples) // hop
    levels = np.abs(wave.samples[: frames * hop].reshape(frames, hop)).max(axis=1)
    return _merged(
        [(f * _HOP_S, (f + 1) * _HOP_S) for f in np.flatnonzero(levels > _PAUSE_LEVEL).tolist()]
    )


def _merged(frames: list[tuple[float, float]]) -> list[tuple[float, float]]:
    stretches: list[tuple[float, float]] = []
    for start_s, end_s in frames:
        if stretches and start_s - stretches[-1][1] < PAUSE_S:
            stretches[-1] = (stretches[-1][0], end_s)
        else:
            stretches.append((start_s, end_s))
    return stretches
