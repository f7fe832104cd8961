"""How long each stage takes, in seconds of work for a second of sound (RTF)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from openvoice_service.audio import Waveform, normalise_loudness, resample
from openvoice_service.base_voices import BaseVoice, Prosody
from openvoice_service.engines.world import (
    SAMPLE_RATE_HZ,
    WorldEngine,
    WorldTone,
    analyse,
    map_parameters,
    synthesise,
)
from openvoice_service.profiles import assess, join_sample, split_windows
from openvoice_service.synthesis import SPEECH_LUFS
from openvoice_service.text import split_script

Result = TypeVar("Result")


@dataclass(frozen=True)
class Stage:
    """Total of all sentences of one kind."""

    name: str
    work_s: float
    sound_s: float

    @property
    def real_time_factor(self) -> float:
        """Return seconds of work for each second of sound."""
        return self.work_s / self.sound_s


class _Clock:
    """Adds up what each stage took."""

    def __init__(self) -> None:
        self.work_s: dict[str, float] = {}
        self.sound_s: dict[str, float] = {}

    def time(self, name: str, sound_s: float | None, work: Callable[[], Result]) -> Result:
        began_s = time.perf_counter()
        result = work()
        self.work_s[name] = self.work_s.get(name, 0.0) + time.perf_counter() - began_s
        made_s = result.duration_s if isinstance(result, Waveform) else 0.0
        self.sound_s[name] = self.sound_s.get(name, 0.0) + (made_s if sound_s is None else sound_s)
        return result

    def stages(self) -> list[Stage]:
        return [Stage(name, self.work_s[name], self.sound_s[name]) for name in self.work_s]


def time_stages(
    base: BaseVoice,
    language: str,
    texts: Sequence[str],
    source: WorldTone,
    reference: Waveform,
) -> list[Stage]:
    """Return the stages of a profile and of speech in its tone, each timed on every text."""
    engine, clock = WorldEngine(), _Clock()
    target = _time_profile(engine, clock, reference)
    _speak_and_convert(base, language, texts[0], source, target, engine, _Clock())  # warms up
    for text in texts:
        _speak_and_convert(base, language, text, source, target, engine, clock)
    return clock.stages()


def _time_profile(engine: WorldEngine, clock: _Clock, reference: Waveform) -> WorldTone:
    length_s = reference.duration_s
    clock.time("profile: assess the sample", length_s, lambda: assess([reference]))
    sample = join_sample([reference])
    return clock.time(
        "profile: learn the tone", length_s, lambda: engine.embed(split_windows([sample]))
    )


def _speak_and_convert(
    base: BaseVoice,
    language: str,
    text: str,
    source: WorldTone,
    target: WorldTone,
    engine: WorldEngine,
    clock: _Clock,
) -> None:
    """Time each stage alone, then the engine as the product calls it."""
    spoken_text = split_script(text, language)[0].spoken
    wave = clock.time("base speech", None, lambda: base.speak(spoken_text, Prosody()).wave)
    length_s = wave.duration_s
    samples = resample(wave, SAMPLE_RATE_HZ).samples.astype(np.float64)
    heard = clock.time("world: analysis", length_s, lambda: analyse(samples))
    moved = clock.time("world: conversion", length_s, lambda: map_parameters(heard, source, target))
    clock.time("world: synthesis", length_s, lambda: synthesise(moved))
    converted = clock.time(
        "world: whole engine", length_s, lambda: engine.convert_tone(wave, source, target)
    )
    clock.time("loudness", length_s, lambda: normalise_loudness(converted, SPEECH_LUFS))
