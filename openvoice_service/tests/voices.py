"""Two made-up speakers: harmonics with formants, a wandering pitch and breath."""

import numpy as np

from openvoice_service.audio import Waveform

_FORMANTS_HZ = {"low": (550.0, 1_200.0, 2_500.0), "high": (800.0, 1_700.0, 3_100.0)}
_PITCH_HZ = {"low": 110.0, "high": 210.0}


def say(speaker: str, duration_s: float, rate_hz: int = 22_050) -> Waveform:
    """Return `duration_s` of "low" or "high": syllables of a quarter of a second."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    pitch_hz = _PITCH_HZ[speaker] * (1.0 + 0.2 * np.sin(2.0 * np.pi * 0.7 * time_s))
    phase = 2.0 * np.pi * np.cumsum(pitch_hz) / rate_hz
    sound = np.zeros_like(time_s)
    for harmonic in range(1, 30):
        frequency_hz = harmonic * _PITCH_HZ[speaker]
        gain = sum(1.0 / (1.0 + ((frequency_hz - f) / 150.0) ** 2) for f in _FORMANTS_HZ[speaker])
        sound += gain / harmonic * np.sin(harmonic * phase)
    breath = np.random.default_rng(len(speaker)).normal(0.0, 0.01, len(time_s))
    syllables = 0.55 - 0.45 * np.cos(2.0 * np.pi * 4.0 * time_s)
    return Waveform((0.2 * syllables * sound + breath).astype(np.float32), rate_hz)
