"""Instruments as small functions: a frequency and a length become samples in [-1, 1].

pluck, koto: a noise that runs round a delay line as long as the string (Karplus and Strong 1983)
bell:        two operators of frequency modulation (Chowning 1973), the index dying away
keys, pad:   sums of partials
"""

from collections.abc import Callable

import numpy as np

SAMPLE_RATE_HZ = 44_100
RELEASE_S = 0.9  # how long a note rings on after it was let go
_SMOOTHING = 0.25  # of each sample, what the next takes of it in a round of the string

Samples = np.ndarray[tuple[int], np.dtype[np.float64]]


def _times(length_s: float) -> Samples:
    return np.arange(round((length_s + RELEASE_S) * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def _released(samples: Samples, length_s: float) -> Samples:
    """Return the note, damped from the moment it is let go."""
    held = min(round(length_s * SAMPLE_RATE_HZ), len(samples))
    rest = len(samples) - held
    samples[held:] *= np.exp(-6.0 * np.arange(rest) / max(rest, 1)) * np.linspace(1, 0, rest)
    return samples


def _string(frequency_hz: float, length_s: float, softness: int, decay_s: float) -> Samples:
    """Return a plucked string; the softer it is plucked, the duller its noise begins."""
    period = max(round(SAMPLE_RATE_HZ / frequency_hz), 2)
    # The average of two samples lengthens the line by its share; what the whole number of samples
    # leaves out of tune is made good by reading it a little faster or slower.
    pace = frequency_hz * (period + _SMOOTHING) / SAMPLE_RATE_HZ
    wanted = len(_times(length_s))
    flat = _rounds(period, -(-round(wanted * pace + 2) // period), softness, decay_s)
    tone = np.interp(np.arange(wanted) * pace, np.arange(len(flat)), flat)
    return _released(tone / max(float(np.abs(tone).max()), 1e-9), length_s)


def _rounds(period: int, rounds: int, softness: int, decay_s: float) -> Samples:
    noise = np.random.default_rng(period).uniform(-1, 1, period)
    for _ in range(softness):
        noise = (noise + np.roll(noise, 1)) / 2
    noise -= noise.mean()
    keeps = float(np.exp(-period / SAMPLE_RATE_HZ / decay_s))
    out = np.empty((rounds, period))
    for turn in range(rounds):
        out[turn] = noise
        noise = keeps * ((1 - _SMOOTHING) * noise + _SMOOTHING * np.roll(noise, 1))
    return out.reshape(-1)


def pluck(frequency_hz: float, length_s: float) -> Samples:
    """A nylon string."""
    return _string(frequency_hz, length_s, softness=6, decay_s=1.6)


def koto(frequency_hz: float, length_s: float) -> Samples:
    """A silk string plucked hard, near the bridge."""
    return _string(frequency_hz, length_s, softness=2, decay_s=2.4)


def bell(frequency_hz: float, length_s: float) -> Samples:
    """A music box."""
    t = _times(length_s)
    index = 1.6 * np.exp(-t / 0.25)
    modulator = index * np.sin(2 * np.pi * 3.5 * frequency_hz * t)
    tone = np.sin(2 * np.pi * frequency_hz * t + modulator) * np.exp(-t / 0.9)
    return _released(tone, length_s)


def keys(frequency_hz: float, length_s: float) -> Samples:
    """An electric piano: partials that die away the sooner the higher they are."""
    t = _times(length_s)
    tone = np.zeros_like(t)
    for number, weight in enumerate((1.0, 0.42, 0.2, 0.12, 0.05), start=1):
        if number * frequency_hz < 12_000:
            tone += (
                weight * np.sin(2 * np.pi * number * frequency_hz * t) * np.exp(-t * number / 1.4)
            )
    attack = np.minimum(t / 0.006, 1.0)
    return _released(tone * attack / 1.6, length_s)


def pad(frequency_hz: float, length_s: float) -> Samples:
    """Soft strings: three voices a little apart, slow to come."""
    t = _times(length_s)
    tone = np.zeros_like(t)
    for cents in (-5.0, 0.0, 5.5):
        voice_hz = frequency_hz * 2 ** (cents / 1200)
        for number in (1, 2, 3, 4):
            tone += np.sin(2 * np.pi * number * voice_hz * t + number * cents) / number**2
    swell = np.minimum(t / min(0.6, length_s / 2), 1.0)
    return _released(tone * swell / 4.2, length_s)


def bass(frequency_hz: float, length_s: float) -> Samples:
    """A round bass."""
    t = _times(length_s)
    tone = np.sin(2 * np.pi * frequency_hz * t) + 0.25 * np.sin(4 * np.pi * frequency_hz * t)
    return _released(tone * np.minimum(t / 0.01, 1.0) * np.exp(-t / 1.8) / 1.25, length_s)


INSTRUMENTS: dict[str, Callable[[float, float], Samples]] = {
    "pluck": pluck, "koto": koto, "bell": bell, "keys": keys, "pad": pad, "bass": bass,
}  # fmt: skip
