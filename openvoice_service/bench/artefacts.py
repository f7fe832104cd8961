"""What goes wrong in converted speech without anybody's likeness telling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openvoice_service.audio import Waveform, frame_levels_dbfs, resample, speech_bounds
from openvoice_service.engines.world import FRAME_PERIOD_MS, SAMPLE_RATE_HZ, analyse

_CLICK = 8.0  # a step this many times above the 99.5th percentile is no speech
_LEVEL_JUMP_DB = 30.0


@dataclass(frozen=True)
class Artefacts:
    """Worst or mean over the sentences.

    clicks:           single steps far above all others, counted
    level_jumps:      10 ms frames that rise or fall by 30 dB more than the source's, a second
    voicing_errors:   frames whose voicing differs from the source's, of all within speech
    onset_shift_ms:   largest move of a sentence's first or last sound
    pause_level_db:   how far below loud speech the converted pauses lie, worst sentence
    """

    clicks: int
    level_jumps: float
    voicing_errors: float
    onset_shift_ms: float
    pause_level_db: float


def find_artefacts(sources: Sequence[Waveform], converted: Sequence[Waveform]) -> Artefacts:
    """Compare each converted sentence with its source, sample for sample in time."""
    pairs = [
        (resample(source, SAMPLE_RATE_HZ), resample(wave, SAMPLE_RATE_HZ))
        for source, wave in zip(sources, converted, strict=True)
    ]
    seconds = sum(source.duration_s for source, _ in pairs)
    return Artefacts(
        clicks=sum(_count_clicks(wave) for _, wave in pairs),
        level_jumps=sum(_count_jumps(*pair) for pair in pairs) / seconds,
        voicing_errors=float(np.mean([_voicing_errors(*pair) for pair in pairs])),
        onset_shift_ms=max(_onset_shift_s(*pair) for pair in pairs) * 1000.0,
        pause_level_db=max(_pause_level_db(*pair) for pair in pairs),
    )


def _count_clicks(wave: Waveform) -> int:
    steps = np.abs(np.diff(wave.samples.astype(np.float64)))
    return int(np.sum(steps > _CLICK * np.percentile(steps, 99.5)))


def _count_jumps(source: Waveform, wave: Waveform) -> int:
    floor = -70.0  # below it nothing is heard to jump
    was, now = (np.maximum(frame_levels_dbfs(each), floor) for each in (source, wave))
    return int(np.sum(np.abs(np.diff(now)) > np.abs(np.diff(was)) + _LEVEL_JUMP_DB))


def _voicing_errors(source: Waveform, wave: Waveform) -> float:
    was, now = (analyse(each.samples.astype(np.float64)).f0 > 0 for each in (source, wave))
    start_s, end_s = speech_bounds(source)
    within = slice(*(round(at * 1000.0 / FRAME_PERIOD_MS) for at in (start_s, end_s)))
    return float(np.mean(was[within] != now[within]))


def _onset_shift_s(source: Waveform, wave: Waveform) -> float:
    bounds = zip(speech_bounds(source), speech_bounds(wave), strict=True)
    return max(abs(was_s - is_s) for was_s, is_s in bounds)


def _pause_level_db(source: Waveform, wave: Waveform) -> float:
    was, now = frame_levels_dbfs(source), frame_levels_dbfs(wave)
    silent = was < np.percentile(was, 95) - 55.0
    loudest = float(np.max(now[silent], initial=-120.0))
    return loudest - float(np.percentile(now, 95))
