"""How well English is understood: the word error rate of a small recogniser.

pocketsphinx with its own model. Its front end was trained on recordings and stumbles over digital
silence (plain eSpeak NG: 78 % word errors without a noise floor, 39 % with one), so every sound,
before and after conversion, gets the same silence around it and the same faint noise under it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from openvoice_service.audio import Waveform, resample

RATE_HZ = 16_000
PAD_S = 0.4
SPEECH_RMS = 0.1
NOISE_RMS = 0.0005  # 46 dB below the speech: a quiet room


class Recogniser:
    """An English recogniser, loaded once; each sound is heard on its own."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder  # noqa: PLC0415  # only the extra `bench` has it

        self._decoder = Decoder(samprate=RATE_HZ, loglevel="FATAL")

    def hear(self, wave: Waveform) -> list[str]:
        """Return the words heard, in lower case."""
        self._decoder.start_utt()
        self._decoder.process_raw(_as_recorded(wave), full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return words(hypothesis.hypstr) if hypothesis else []


def _as_recorded(wave: Waveform) -> bytes:
    """Return 16-bit samples at one level, with a quiet room around and under the speech."""
    samples = resample(wave, RATE_HZ).samples.astype(np.float64)
    rms = float(np.sqrt(np.mean(samples**2))) or 1.0
    padded = np.pad(samples * SPEECH_RMS / rms, round(PAD_S * RATE_HZ))
    noise = np.random.default_rng(0).standard_normal(len(padded)) * NOISE_RMS
    return (np.clip(padded + noise, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()


def words(text: str) -> list[str]:
    """Return the words of a text without case and punctuation."""
    return re.sub(r"[^a-z' ]", "", text.lower()).split()


def count_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return the fewest insertions, deletions and substitutions between two lists of words."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            best = min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
            diagonal, row[j] = row[j], best
    return row[-1]


def word_error_rate(
    recogniser: Recogniser, texts: Sequence[str], spoken: Sequence[Waveform]
) -> float:
    """Return all errors over all words said."""
    said = [words(text) for text in texts]
    errors = sum(
        count_errors(each, recogniser.hear(wave)) for each, wave in zip(said, spoken, strict=True)
    )
    return errors / sum(map(len, said))
