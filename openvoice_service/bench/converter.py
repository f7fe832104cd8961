"""`python -m openvoice_service.bench.converter [--models DIR] [--device cpu]`: ours beside theirs.

Our converter and the original's code (`openvoice-cli`) in one run, on one input and one checkpoint:
every stage in turns, the median of five. Without --models the weights are random ones of the
published shape: what takes time does not hang on what they say. The original gets its best warm
path: loaded once, embeddings known.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import soundfile
import torch
from torch import Tensor

from openvoice_service.audio import Waveform, read_audio, resample
from openvoice_service.bench import waiting
from openvoice_service.bench.speakers import read_speaker
from openvoice_service.engines.openvoice.engine import OpenVoiceEngine
from openvoice_service.engines.openvoice.precision import mean_free_snr_db
from openvoice_service.engines.openvoice.spectrogram import magnitude_spectrogram
from openvoice_service.engines.openvoice_upstream import UpstreamEngine
from openvoice_service.tests.checkpoints import write_checkpoint

SOUND_S = 10.0
ROUNDS = 5
THEIRS = "openvoice-cli fp32"
MIN_SPEEDUP_FP32 = 0.95
MIN_SPEEDUP_REDUCED = 1.6
MIN_SNR_DB = 30.0


class Bench:
    """One input, one checkpoint, two implementations."""

    def __init__(self, folder: Path, device: str, sounds: Path) -> None:
        self.device = device
        self.theirs = UpstreamEngine(folder, device, allow_unverified=True)
        reduced = "fp16" if device == "cuda" and not _has_bf16() else "bf16"
        self.ours = {
            name: OpenVoiceEngine(folder, device, name, allow_unverified=True)
            for name in ("fp32", reduced)
        }
        self.reduced = reduced
        self.source = resample(read_speaker("speaker_0"), 22_050).between(0.0, SOUND_S)
        self.reference = resample(read_speaker("speaker_2"), 22_050).between(0.0, SOUND_S)
        self.path = sounds / "source.wav"
        soundfile.write(self.path, self.source.samples, 22_050, subtype="FLOAT")

    def stages(self) -> dict[str, dict[str, float]]:
        """Return {stage: {implementation: seconds of work for a second of sound}}."""
        with torch.inference_mode():
            return {
                "embed": _in_turns(self._embedders(), self.reference.duration_s),
                "encode (posterior encoder, half of the flow)": _in_turns(
                    self._encoders(), SOUND_S
                ),
                "flow (to the target)": _in_turns(self._flows(), SOUND_S),
                "decode": _in_turns(self._decoders(), SOUND_S),
                "whole conversion": _in_turns(self._conversions(), SOUND_S),
            }

    # --- what is timed ----------------------------------------------------------------------

    def _embedders(self) -> dict[str, Callable[[], object]]:
        model, spectrogram = self._their_model(), self._spectrogram(self.reference)
        network = self.ours["fp32"]._converter
        return {
            THEIRS: lambda: model.ref_enc(spectrogram.transpose(1, 2)),
            "ours fp32": lambda: network.embed(spectrogram),
        }

    def _encoders(self) -> dict[str, Callable[[], object]]:
        model, spectrogram = self._their_model(), self._spectrogram(self.source)
        network, (spoken, _) = self.ours["fp32"]._converter, self._speakers()
        length = torch.LongTensor([spectrogram.shape[-1]]).to(self.device)
        nobody, speaker = torch.zeros_like(spoken)[..., None], spoken[..., None]

        def theirs() -> Tensor:
            latents, _, _, mask = model.enc_q(spectrogram, length, g=nobody, tau=0.0)
            speakerless: Tensor = model.flow(latents, mask, g=speaker)
            return speakerless

        return {THEIRS: theirs, "ours fp32": lambda: network.encode(spectrogram, spoken)}

    def _flows(self) -> dict[str, Callable[[], object]]:
        model, network = self._their_model(), self.ours["fp32"]._converter
        spoken, wanted = self._speakers()
        latents = network.encode(self._spectrogram(self.source), spoken)
        mask = torch.ones(1, 1, latents.shape[-1], device=self.device)
        return {
            THEIRS: lambda: model.flow(latents, mask, g=wanted[..., None], reverse=True),
            "ours fp32": lambda: network.colour(latents, wanted),
        }

    def _decoders(self) -> dict[str, Callable[[], object]]:
        model, latents = self._their_model(), self._latents()
        nobody = torch.zeros(1, 256, 1, device=self.device)
        work: dict[str, Callable[[], object]] = {THEIRS: lambda: model.dec(latents, g=nobody)}
        for name, engine in self.ours.items():
            work[f"ours {name}"] = _bound(engine._decode, latents, None)
        return work

    def _conversions(self) -> dict[str, Callable[[], object]]:
        """The whole of it, file to samples, tones known, nothing kept from the round before."""
        spoken, wanted = (self.theirs._speaker(tone) for tone in self._their_tones())
        converter = self.theirs.converter
        work: dict[str, Callable[[], object]] = {
            THEIRS: lambda: converter.convert(str(self.path), spoken, wanted, tau=0.0)
        }
        for name in self.ours:
            work[f"ours {name}"] = _bound(self._convert, name)
        return work

    def _convert(self, name: str) -> Waveform:
        engine = self.ours[name]
        engine._latents.clear()
        return engine.convert_tone(read_audio(self.path), *self._tones(name))

    # --- what it needs ----------------------------------------------------------------------

    def _their_model(self) -> Any:
        return self.theirs.converter.model

    def _spectrogram(self, wave: Waveform) -> Tensor:
        samples = torch.from_numpy(wave.samples)[None].to(self.device)
        return magnitude_spectrogram(samples, self.ours["fp32"]._sound)

    def _tones(self, name: str) -> tuple[Any, Any]:
        engine = self.ours[name]
        return engine.embed([self.source]), engine.embed([self.reference])

    def _their_tones(self) -> tuple[Any, Any]:
        return self.theirs.embed([self.source]), self.theirs.embed([self.reference])

    def _speakers(self) -> tuple[Tensor, Tensor]:
        spoken, wanted = (self.ours["fp32"]._speaker(tone) for tone in self._tones("fp32"))
        return spoken, wanted

    def _latents(self) -> Tensor:
        network, (spoken, wanted) = self.ours["fp32"]._converter, self._speakers()
        return network.colour(network.encode(self._spectrogram(self.source), spoken), wanted)

    def batches(self, size: int = 8) -> dict[str, float]:
        """Return seconds of work a second of sound for one sentence at once and for `size`."""
        one = self._latents()
        with torch.inference_mode():
            engine = self.ours[self.reduced]
            network, many = engine._converter, one.repeat(size, 1, 1)
            single = _in_turns({"1": lambda: network.decode(one)}, SOUND_S)["1"]
            batch = _in_turns({"n": lambda: network.decode(many)}, SOUND_S * size)["n"]
        return {"batch of 1": single, f"batch of {size}": batch}

    def snr_db(self) -> dict[str, float]:
        """Return how far each of ours is from the original on the same input."""
        wanted = self._sound(self.theirs.convert_exactly(self.source, *self._their_tones()))
        return {
            f"ours {name}": mean_free_snr_db(
                self._sound(engine.convert_exactly(self.source, *self._tones(name))), wanted
            )
            for name, engine in self.ours.items()
        }

    def _sound(self, wave: Waveform) -> Tensor:
        return torch.from_numpy(wave.samples)

    def close(self) -> None:
        """End the device threads."""
        for worker in (self.theirs.worker, *(engine.worker for engine in self.ours.values())):
            worker.close()


def _bound(work: Callable[..., object], *given: object) -> Callable[[], object]:
    return lambda: work(*given)


def _has_bf16() -> bool:
    return torch.cuda.get_device_capability() >= (8, 0)


def _in_turns(work: Mapping[str, Callable[[], object]], sound_s: float) -> dict[str, float]:
    """Return the median of ROUNDS interleaved rounds, each after one that does not count."""
    taken_s: dict[str, list[float]] = {name: [] for name in work}
    for round_ in range(ROUNDS + 1):
        for name, one in work.items():
            _settle()
            started_s = time.perf_counter()
            one()
            _settle()
            if round_:
                taken_s[name].append(time.perf_counter() - started_s)
    return {name: statistics.median(each) / sound_s for name, each in taken_s.items()}


def _settle() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


@contextmanager
def _models(given: Path | None) -> Any:
    """Yield a models folder: the given one, or random weights that are gone afterwards."""
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        write_checkpoint(Path(folder))
        yield Path(folder)


def run_bench(models: Path | None, device: str) -> dict[str, Any]:
    """Measure everything and return the figures, ready for JSON."""
    with _models(models) as folder, tempfile.TemporaryDirectory() as sounds:
        bench = Bench(folder / "openvoice_v2" / "converter", device, Path(sounds))
        figures: dict[str, Any] = {
            "weights": "random" if models is None else "given",
            "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
            "processors": os.cpu_count(),
            "reduced": bench.reduced,
            "stages": bench.stages(),
            "batches": bench.batches(),
            "snr_db": bench.snr_db(),
        }
        bench.close()
        figures["requests"] = waiting.measure(folder, device, Path(sounds), bench.source)
    figures["bars"] = _bars(figures)
    return figures


def _bars(figures: dict[str, Any]) -> dict[str, bool]:
    whole, reduced = figures["stages"]["whole conversion"], f"ours {figures['reduced']}"
    asked = figures["requests"]
    return {
        f"whole conversion, fp32 ≥ {MIN_SPEEDUP_FP32} × theirs": (
            whole[THEIRS] / whole["ours fp32"] >= MIN_SPEEDUP_FP32
        ),
        f"whole conversion, {figures['reduced']} ≥ {MIN_SPEEDUP_REDUCED} × theirs": (
            whole[THEIRS] / whole[reduced] >= MIN_SPEEDUP_REDUCED
        ),
        f"{figures['reduced']} at ≥ {MIN_SNR_DB:g} dB": figures["snr_db"][reduced] >= MIN_SNR_DB,
        "a warm request ≥ 3 × their command line": (
            asked["their command line s"] / asked["our request s"] >= 3.0
        ),
        "peak memory not above theirs": asked["our peak MB"] <= asked["their peak MB"],
        "the same sentence again < 20 ms": asked["same voice again s"] < 0.020,
        "first audio of a minute in < 10 % of the whole": (
            asked["first audio s"] < 0.1 * asked["whole minute s"]
        ),
    }


def _print_figures(figures: dict[str, Any]) -> None:
    reduced = f"ours {figures['reduced']}"
    print(
        f"OpenVoice V2 on {figures['device']}, {figures['processors']} processors, "
        f"{figures['weights']} weights; seconds of work for a second of sound, median of {ROUNDS}\n"
    )
    print(f"| stage | {THEIRS} | ours fp32 | | {reduced} | |")
    print("|---|---|---|---|---|---|")
    for stage, taken in figures["stages"].items():
        cells = [f"{taken[THEIRS]:.4f}"]
        for name in ("ours fp32", reduced):
            has = name in taken
            cells += (
                [f"{taken[name]:.4f}", f"{taken[THEIRS] / taken[name]:.2f} ×"] if has else ["", ""]
            )
        print(f"| {stage} | " + " | ".join(cells) + " |")
    print()
    for name, snr_db in figures["snr_db"].items():
        print(f"- {name}: {snr_db:.1f} dB from the original, mean off")
    for name, taken_s in figures["batches"].items():
        print(f"- decode, {figures['reduced']}, {name}: {taken_s:.4f}")
    for name, value in figures["requests"].items():
        what, unit = name.rsplit(" ", 1)
        print(f"- {what}: {value:.3f} {unit}")
    for bar, holds in figures["bars"].items():
        print(f"- {bar}: {'yes' if holds else 'NO'}")


def main() -> None:
    """Print the table; with --json also write the figures."""
    parser = argparse.ArgumentParser(prog="python -m openvoice_service.bench.converter")
    parser.add_argument("--models", type=Path, help="folder of downloaded weights")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    figures = run_bench(options.models, options.device)
    _print_figures(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, default=float))
    sys.exit(0 if all(figures["bars"].values()) else 1)


if __name__ == "__main__":
    main()
