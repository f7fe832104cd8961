"""`python -m openvoice_service.bench [--json PATH]`: the tables, and whether each bar holds."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from openvoice_service.base_voices import BaseVoices
from openvoice_service.bench.quality import SCORED_SENTENCES, TEXTS, Pair, Quality, score_all
from openvoice_service.bench.speakers import has_real_speakers, read_speaker
from openvoice_service.bench.speed import Stage, time_stages
from openvoice_service.cache import SpeechCache
from openvoice_service.engines.world import WorldEngine, own_tone
from openvoice_service.synthesis import Synthesiser
from openvoice_service.tones import BaseTones

MEAN_AFTER = 0.74
MEAN_GAIN = 0.12
MOST_WORD_ERRORS = 0.20
ENGINE_RTF = 0.30


def run_bench() -> dict[str, Any]:
    """Measure everything and return the figures, ready for JSON."""
    with _product() as (synthesiser, base_voices, base_tones):
        pairs, (different, same) = score_all(Quality(WorldEngine(), synthesiser, base_tones))
        stages = _time_languages(pairs, base_voices, base_tones)
    after = float(np.mean([pair.after for pair in pairs]))
    gain = after - float(np.mean([pair.before for pair in pairs]))
    errors = [pair.word_errors_after for pair in pairs if pair.word_errors_after is not None]
    slowest = max(
        stage.real_time_factor
        for timed in stages.values()
        for stage in timed
        if stage.name == "world: whole engine"
    )
    return {
        "speakers": "recorded" if has_real_speakers() else "synthetic stand-ins",
        "processors": os.cpu_count(),
        "scale": {"different_speakers": different, "same_speaker_held_out": same},
        "pairs": [asdict(pair) for pair in pairs],
        "mean_after": after,
        "mean_gain": gain,
        "word_errors_worst": max(errors),
        "engine_rtf": slowest,
        "stages": {
            language: {stage.name: stage.real_time_factor for stage in timed}
            for language, timed in stages.items()
        },
        "bars": {
            f"mean likeness after ≥ {MEAN_AFTER}": after >= MEAN_AFTER,
            f"mean gain ≥ {MEAN_GAIN}": gain >= MEAN_GAIN,
            f"word errors of each English pair ≤ {MOST_WORD_ERRORS:.0%}": (
                max(errors) <= MOST_WORD_ERRORS
            ),
            f"engine's RTF < {ENGINE_RTF}": slowest < ENGINE_RTF,
        },
    }


@contextmanager
def _product() -> Iterator[tuple[Synthesiser, BaseVoices, BaseTones]]:
    """Put the product's own parts together in a folder that is gone afterwards."""
    engine, base_voices = WorldEngine(), BaseVoices()
    with tempfile.TemporaryDirectory() as folder:
        base_tones = BaseTones(engine, Path(folder) / "base_tones")
        cache = SpeechCache(Path(folder) / "generated", 1024**3)
        try:
            yield Synthesiser(engine, base_voices, base_tones, cache), base_voices, base_tones
        finally:
            base_voices.close()


def _time_languages(
    pairs: Sequence[Pair], base_voices: BaseVoices, base_tones: BaseTones
) -> dict[str, list[Stage]]:
    chosen = {pair.language: (pair.base_voice, pair.speaker) for pair in pairs}
    timed = {}
    for language, (voice_id, speaker) in chosen.items():
        base = base_voices.get(voice_id)
        if base is None:
            raise LookupError(f"the base voice {voice_id} is gone")
        tone = own_tone(base_tones.get(base))
        texts = TEXTS[language][:SCORED_SENTENCES]
        timed[language] = time_stages(base, language, texts, tone, read_speaker(speaker))
    return timed


def _print_figures(figures: dict[str, Any]) -> None:
    """Print the figures as they stand in docs/benchmarks.md."""
    print(f"Speakers: {figures['speakers']}; {figures['processors']} processors.\n")
    print("| speaker | base voice | likeness before | after | word errors before | after |")
    print("|---|---|---|---|---|---|")
    for pair in figures["pairs"]:
        print(
            f"| {pair['speaker']} | {pair['base_voice']} | {pair['before']:.3f} "
            f"| {pair['after']:.3f} | {_share(pair['word_errors_before'])} "
            f"| {_share(pair['word_errors_after'])} |"
        )
    print(
        f"| **mean** | | {figures['mean_after'] - figures['mean_gain']:.3f} "
        f"| **{figures['mean_after']:.3f}** | | |"
    )
    scale = figures["scale"]
    print(
        f"\nThe scale's ends: different speakers {scale['different_speakers']:.3f}, "
        f"the same speaker held out {scale['same_speaker_held_out']:.3f}.\n"
    )
    _print_artefacts(figures["pairs"])
    _print_stages(figures["stages"])
    for bar, holds in figures["bars"].items():
        print(f"- {bar}: {'yes' if holds else 'NO'}")


def _print_artefacts(pairs: Sequence[dict[str, Any]]) -> None:
    names = list(pairs[0]["artefacts"])
    print("| speaker | language | " + " | ".join(name.replace("_", " ") for name in names) + " |")
    print("|---" * (2 + len(names)) + "|")
    for pair in pairs:
        found = " | ".join(f"{pair['artefacts'][name]:.3g}" for name in names)
        print(f"| {pair['speaker']} | {pair['language']} | {found} |")
    print()


def _print_stages(stages: dict[str, dict[str, float]]) -> None:
    print("| stage (seconds of work for a second of sound) | " + " | ".join(stages) + " |")
    print("|---" * (1 + len(stages)) + "|")
    for name in next(iter(stages.values())):
        print(f"| {name} | " + " | ".join(f"{timed[name]:.3f}" for timed in stages.values()) + " |")
    print()


def _share(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.1%}"


def main() -> None:
    """Print the tables; with --json also write the figures."""
    parser = argparse.ArgumentParser(prog="python -m openvoice_service.bench")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    figures = run_bench()
    _print_figures(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False, default=float))


if __name__ == "__main__":
    main()
