"""Open JTalk with the voice Mei: Japanese, from a dictionary and an HMM voice in the wheel."""

import re
import threading
import warnings
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby
from pathlib import Path

import numpy as np

from openvoice_service.audio import Waveform
from openvoice_service.base_voices.durations import Durations
from openvoice_service.base_voices.japanese import (
    labels_of,
    read_positions,
    read_words,
    reading_of,
    word_positions,
)
from openvoice_service.base_voices.protocol import COMMON_CONTROLS, Mark, MoraSpan, Prosody, Spoken
from openvoice_service.readings import Reading
from openvoice_service.stretching import stretch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyopenjtalk

FULL_SCALE = 32768.0
# A label's place among the moras of its phrase, and its phrase and clause; silence has none.
_MORA_PLACE = re.compile(r"/A:[^+]+\+(\d+)\+.*/F:([^/]*)/.*/I:([^/]*)/")


class OpenJTalk:
    """The voice `mei_normal`."""

    id = key = "open_jtalk:mei_normal"
    name = "Mei (Open JTalk)"
    languages = ("ja",)
    credit = None
    has_accents = True
    stresses = False
    controls = COMMON_CONTROLS  # its HTS engine lets nobody near the curve of the pitch

    def __init__(self) -> None:
        # The engine keeps its state in one object: one sentence at a time.
        self._lock = threading.Lock()
        self._durations = Durations.read(_voice_file())

    def speak(self, text: str, prosody: Prosody, reading: Reading | None = None) -> Spoken:
        """Read a Japanese sentence, as `reading` says or as the dictionary does."""
        with self._lock:
            words = read_words(text)
            labels = pyopenjtalk.make_label(words) if reading is None else labels_of(reading)
            # Its own speed gives most of the time to silences: no mora would be where it was.
            samples, rate_hz = pyopenjtalk.synthesize(labels, half_tone=prosody.pitch)
            wave = stretch(
                Waveform((samples / FULL_SCALE).astype(np.float32), rate_hz), prosody.speed
            )
        times_s = self._mora_times(labels, wave.duration_s)
        positions = word_positions(words) if reading is None else read_positions(words, reading)
        moras = _moras(reading or reading_of(words), times_s)
        return Spoken(wave, _marks(positions, times_s), moras)

    def _mora_times(self, labels: Sequence[str], whole_s: float) -> list[tuple[float, float]]:
        """Return when each mora begins and ends, in seconds: stretching scales all labels alike."""
        groups = [(place, list(group)) for place, group in groupby(labels, _place)]
        lengths = [sum(map(self._durations.frames, group)) for _, group in groups]
        ends_s = [end * whole_s / (sum(lengths) or 1) for end in accumulate(lengths)]
        begins_s = [0.0, *ends_s]
        return [
            (begin_s, end_s)
            for (place, _), begin_s, end_s in zip(groups, begins_s, ends_s, strict=False)
            if place is not None
        ]


def _moras(reading: Reading | None, times_s: Sequence[tuple[float, float]]) -> list[MoraSpan]:
    kana = [mora.kana for mora in reading.moras] if reading is not None else []
    return [MoraSpan(one, *time) for one, time in zip(kana, times_s, strict=False)]


def _voice_file() -> Path:
    name = pyopenjtalk.DEFAULT_HTS_VOICE
    return Path(name.decode() if isinstance(name, bytes) else name)


def _place(label: str) -> tuple[str, ...] | None:
    match = _MORA_PLACE.search(label)
    return match.groups() if match else None


def _marks(positions: Sequence[int], moras: Sequence[tuple[float, float]]) -> list[Mark]:
    return list(_words_heard(positions, moras))


def _words_heard(positions: Sequence[int], moras: Sequence[tuple[float, float]]) -> Iterator[Mark]:
    for position, pairs in groupby(zip(positions, moras, strict=False), lambda pair: pair[0]):
        times = [time for _, time in pairs]
        yield Mark(position, times[0][0], times[-1][1])
