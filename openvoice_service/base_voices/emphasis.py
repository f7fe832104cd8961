"""Words that are stressed: a little slower, higher and louder than they were read, and no more.

Voices that can't be told do it in their sound: WORLD takes the stretch of the words apart and puts
it together again with another length, pitch and level. What stands around it keeps its samples.
"""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openvoice_service.audio import Waveform
from openvoice_service.base_voices.protocol import Mark, MoraSpan, Span, Spoken

with warnings.catch_warnings():
    # pyworld 0.3.5 asks pkg_resources for its own version; the pin below setuptools 81 keeps it.
    warnings.simplefilter("ignore")
    import pyworld

Array = NDArray[np.float64]
Stretch = tuple[float, float]

SLOWER = 1.18
HIGHER_SEMITONES = 1.5
LOUDER_DB = 3.0
# Over this much before and after its border the stress comes and goes.
_EDGE_S = 0.03
_FRAME_S = 0.005
# What WORLD is given around the words, and where its sound and the voice's own are crossed.
_CONTEXT_S = 0.15
_CROSS_S = (0.06, 0.04)
_SHORTEST_S = 0.05


def stressed_stretches(
    marks: Sequence[Mark], emphases: Sequence[Span], length: int
) -> list[Stretch]:
    """Return from when until when stressed words are heard, in seconds; in order, none touching.

    emphases: (begin, end) in the text of `length` characters that was read
    """
    ends = [*(mark.position for mark in marks[1:]), length]
    stretches: list[Stretch] = []
    for mark, end in zip(marks, ends, strict=True):
        is_stressed = any(mark.position < last and end > first for first, last in emphases)
        if not is_stressed or mark.end_s <= mark.start_s:
            continue
        if stretches and mark.start_s - stretches[-1][1] < 2 * _CROSS_S[0]:
            stretches[-1] = (stretches[-1][0], max(mark.end_s, stretches[-1][1]))
        else:
            stretches.append((mark.start_s, mark.end_s))
    return [stretch for stretch in stretches if stretch[1] - stretch[0] >= _SHORTEST_S]


def stressed(spoken: Spoken, emphases: Sequence[Span], length: int) -> Spoken:
    """Return the same sentence with its stressed words; marks and moras move with the sound."""
    for stretch in reversed(stressed_stretches(spoken.marks, emphases, length)):
        spoken = _stressed_once(spoken, stretch)
    return spoken


def louder(wave: Waveform, stretch: Stretch) -> Waveform:
    """Return the sound with `stretch` louder, its edges smooth."""
    times_s = np.arange(len(wave.samples)) / wave.sample_rate_hz
    gain = 10.0 ** (LOUDER_DB / 20.0 * _ramp(times_s, stretch))
    return Waveform((wave.samples * gain).astype(np.float32), wave.sample_rate_hz)


def _ramp(times_s: Array, stretch: Stretch) -> Array:
    """Return how much each moment is stressed, 0 to 1: half of it at the words' borders."""
    from_edge_s = np.minimum(times_s - stretch[0], stretch[1] - times_s)
    share = np.clip(from_edge_s / (2 * _EDGE_S) + 0.5, 0.0, 1.0)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * share), np.float64)


def _stressed_once(spoken: Spoken, stretch: Stretch) -> Spoken:
    start_s, end_s = stretch
    gained_s = (end_s - start_s) * (SLOWER - 1.0)
    knots = ([0.0, start_s, end_s, end_s + 1.0], [0.0, start_s, end_s + gained_s, 0.0])
    knots[1][3] = end_s + 1.0 + gained_s

    def moved(time_s: float) -> float:
        return float(np.interp(time_s, *knots)) if time_s < end_s else time_s + gained_s

    marks = [Mark(m.position, moved(m.start_s), moved(m.end_s)) for m in spoken.marks]
    moras = [MoraSpan(m.kana, moved(m.start_s), moved(m.end_s)) for m in spoken.moras]
    return Spoken(_resung(spoken.wave, stretch), marks, moras)


def _resung(wave: Waveform, stretch: Stretch) -> Waveform:
    """Return the sound with the stretch slower, higher and louder."""
    rate_hz = wave.sample_rate_hz
    begin_s, stop_s = max(stretch[0] - _CONTEXT_S, 0.0), stretch[1] + _CONTEXT_S
    begin, stop = round(begin_s * rate_hz), min(round(stop_s * rate_hz), len(wave.samples))
    piece = wave.samples[begin:stop].astype(np.float64)
    inside = (stretch[0] - begin / rate_hz, stretch[1] - begin / rate_hz)
    sung = _slower_and_higher(piece, rate_hz, inside)
    gained = len(sung) - len(piece)
    grown = (inside[0], inside[1] + gained / rate_hz)
    loud = louder(Waveform(sung.astype(np.float32), rate_hz), grown).samples
    head, tail = round(inside[0] * rate_hz), len(piece) - round(inside[1] * rate_hz)
    # Around the words the voice's own samples: WORLD's are near them, not the same.
    mixed = _crossed(wave.samples[begin:stop], loud, head, tail, rate_hz)
    samples = np.concatenate([wave.samples[:begin], mixed, wave.samples[stop:]])
    return Waveform(samples.astype(np.float32), rate_hz)


def _slower_and_higher(piece: Array, rate_hz: int, inside: Stretch) -> Array:
    f0, times_s = pyworld.dio(piece, rate_hz, frame_period=_FRAME_S * 1000)
    f0 = pyworld.stonemask(piece, f0, times_s, rate_hz)
    envelope = pyworld.cheaptrick(piece, f0, times_s, rate_hz)
    aperiodicity = pyworld.d4c(piece, f0, times_s, rate_hz)
    length_s = len(piece) / rate_hz
    gained_s = (inside[1] - inside[0]) * (SLOWER - 1.0)
    heard_s = np.arange(0.0, length_s + gained_s + _FRAME_S, _FRAME_S)
    ends_s = [0.0, inside[0], inside[1] + gained_s, max(length_s, inside[1]) + gained_s + 1e-9]
    read_s = np.interp(heard_s, ends_s, [0.0, *inside, max(length_s, inside[1]) + 1e-9])
    at = np.clip(read_s / _FRAME_S, 0, len(f0) - 1)
    nearest = np.rint(at).astype(int)
    higher = 2.0 ** (HIGHER_SEMITONES / 12.0 * _ramp(read_s, inside))
    sound = pyworld.synthesize(
        f0[nearest] * higher,
        _between(envelope, at),
        _between(aperiodicity, at),
        rate_hz,
        _FRAME_S * 1000,
    )
    wanted = len(piece) + round(gained_s * rate_hz)
    return np.asarray(np.pad(sound, (0, max(wanted - len(sound), 0)))[:wanted], np.float64)


def _between(frames: Array, at: Array) -> Array:
    """Return the frames at fractions of places."""
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, len(frames) - 1)
    share = (at - low)[:, None]
    return np.ascontiguousarray(frames[low] * (1.0 - share) + frames[high] * share)


def _crossed(
    own: NDArray[np.float32], sung: NDArray[np.float32], head: int, tail: int, rate_hz: int
) -> NDArray[np.float64]:
    """Return `sung` with the voice's own samples before its first `head` and its last `tail`."""
    mixed = sung.astype(np.float64)
    far, long = (round(seconds * rate_hz) for seconds in _CROSS_S)
    begin = max(head - far, 0)
    fade = np.linspace(0.0, 1.0, min(long, max(head - begin, 0)))
    mixed[:begin] = own[:begin]
    join = slice(begin, begin + len(fade))
    mixed[join] = own[join] * (1.0 - fade) + mixed[join] * fade
    end = max(tail - far, 0)
    fade = np.linspace(1.0, 0.0, min(long, max(tail - end, 0)))
    back, own_back = len(mixed) - end, len(own) - end
    mixed[back:] = own[own_back:]
    join, own_join = slice(back - len(fade), back), slice(own_back - len(fade), own_back)
    mixed[join] = mixed[join] * fade + own[own_join] * (1.0 - fade)
    return mixed
