"""Kokoro's voices behind the base-voice protocol."""

from collections.abc import Callable, Sequence

import numpy as np

from openvoice_service.audio import Waveform, resample, speech_bounds
from openvoice_service.base_voices.kokoro.network import MAX_TOKENS, SAMPLE_RATE_HZ, Network
from openvoice_service.base_voices.kokoro.reading import Clause, packed
from openvoice_service.base_voices.protocol import COMMON_CONTROLS, Mark, Prosody, Spoken
from openvoice_service.readings import Reading

Read = Callable[[str, Reading | None], Sequence[Clause]]

# Beyond these the network was never heard; the rest of a speed is left to stretching.
SPEED_RANGE = (0.5, 2.0)
SEMITONES_PER_OCTAVE = 12


class KokoroVoice:
    """One voice in its language, for example `kokoro:af_heart`."""

    credit = None
    # Its Japanese voices were taught no accent marks.
    has_accents = False
    stresses = False
    controls = COMMON_CONTROLS

    def __init__(self, network: Network, voice: str, name: str, language: str, read: Read) -> None:
        self._network = network
        self._voice = voice
        self._read = read
        self.id = self.key = f"kokoro:{voice}"
        self.name = f"{name} (Kokoro)"
        self.languages = (language,)

    def speak(self, text: str, prosody: Prosody, reading: Reading | None = None) -> Spoken:
        """Read a sentence.

        The network does not say when it speaks a word: within the bounds of what is heard, time is
        shared out by the sounds of each. A pitch is reached by speaking slower and playing faster,
        so the size of the throat goes with it. The network has no intonation to scale.
        """
        ratio = 2.0 ** (prosody.pitch / SEMITONES_PER_OCTAVE)
        speed = float(np.clip(prosody.speed / ratio, *SPEED_RANGE))
        clauses = packed(self._read(text, reading), MAX_TOKENS)
        parts = [self._speak_part(part, speed, ratio) for part in clauses]
        return _joined(parts)

    def _speak_part(self, part: Clause, speed: float, ratio: float) -> Spoken:
        wave = self._network.speak(part.symbols.strip(), self._voice, speed)
        if ratio != 1.0:
            faster = Waveform(wave.samples, round(SAMPLE_RATE_HZ * ratio))
            wave = resample(faster, SAMPLE_RATE_HZ)
        start_s, end_s = speech_bounds(wave)
        length_s = end_s - start_s
        marks = [
            Mark(position, start_s + length_s * begin, start_s + length_s * end)
            for position, begin, end in part.shares()
        ]
        return Spoken(wave, marks)


def _joined(parts: Sequence[Spoken]) -> Spoken:
    if len(parts) == 1:
        return parts[0]
    marks, passed_s = [], 0.0
    for part in parts:
        marks += [Mark(m.position, m.start_s + passed_s, m.end_s + passed_s) for m in part.marks]
        passed_s += part.wave.duration_s
    samples = [part.wave.samples for part in parts] or [np.zeros(0, np.float32)]
    return Spoken(Waveform(np.concatenate(samples), SAMPLE_RATE_HZ), marks)
