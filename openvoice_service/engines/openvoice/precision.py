"""In which number format this machine may decode: as short as it gains, as long as it hears."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from openvoice_service.engines.openvoice.config import SoundConfig
from openvoice_service.engines.openvoice.network import Converter
from openvoice_service.engines.openvoice.spectrogram import magnitude_spectrogram

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
MIN_SNR_DB = 30.0
# Less than this is within what a busy machine's clock says by chance.
MIN_SPEEDUP = 1.15
_PROBE_S = 1.0


@dataclass(frozen=True)
class Choice:
    """What was chosen and why.

    snr_db: of the probe against float32, its mean taken off; None where float32 is used
    reason: for the log and the capabilities
    """

    precision: str
    snr_db: float | None
    reason: str


def with_precision(converter: Converter, precision: str) -> Converter:
    """Return a converter that decodes in `precision`.

    The decoder is 93 % of the work. Encoder, flow and reference encoder stay in float32: they are
    cheap, and their errors would be decoded along.
    """
    if precision == "fp32":
        return converter
    reduced = copy.copy(converter)
    reduced._modules = dict(converter._modules)
    reduced.dec = copy.deepcopy(converter.dec).to(DTYPES[precision])
    return reduced


def choose_precision(converter: Converter, asked: str, config: SoundConfig) -> Choice:
    """Return the format to use: `asked`, or with `auto` the quickest that hears no difference.

    asked:  auto, fp32, bf16 or fp16
    A format below MIN_SNR_DB against float32 on the probe is never used, whoever asks.
    """
    device = next(converter.parameters()).device
    wanted = _candidate(device) if asked == "auto" else asked
    if wanted == "fp32":
        return Choice("fp32", None, "float32 was asked for, or nothing shorter is known to gain.")
    with torch.inference_mode():
        latents = _probe_latents(converter, device, config)
        reduced = with_precision(converter, wanted)
        snr_db = mean_free_snr_db(reduced.decode(latents), converter.decode(latents))
        if not snr_db >= MIN_SNR_DB:
            return Choice("fp32", None, f"{wanted} gives {snr_db:.1f} dB here: too little.")
        speedup = _speedup(lambda: converter.decode(latents), lambda: reduced.decode(latents))
    if asked == "auto" and speedup < MIN_SPEEDUP:
        return Choice("fp32", None, f"{wanted} gains nothing here ({speedup:.2f} ×).")
    return Choice(wanted, snr_db, f"{wanted} gives {snr_db:.1f} dB and {speedup:.1f} × here.")


def _candidate(device: torch.device) -> str:
    """Return what may gain: fp16 before Ampere (a T4 has no bf16), else bf16, where it computes."""
    if device.type == "cuda":
        return "bf16" if torch.cuda.get_device_capability(device) >= (8, 0) else "fp16"
    return "bf16" if device.type == "cpu" else "fp32"


def _probe_latents(converter: Converter, device: torch.device, config: SoundConfig) -> Tensor:
    """Return the latents of a vowel of one second with a little noise, (1, latents, T)."""
    time_s = torch.arange(round(_PROBE_S * config.sampling_rate)) / config.sampling_rate
    harmonics = torch.arange(1, 30).unsqueeze(1)
    pitch_hz = 140.0 + 30.0 * torch.sin(2.0 * torch.pi * time_s)
    phase = 2.0 * torch.pi * torch.cumsum(pitch_hz, 0) / config.sampling_rate
    vowel = (torch.sin(harmonics * phase) / harmonics).sum(0) * 0.1
    noise = torch.randn(len(vowel), generator=torch.Generator().manual_seed(0)) * 0.003
    spectrogram = magnitude_spectrogram((vowel + noise)[None].to(device), config)
    speaker = converter.embed(spectrogram)
    return converter.colour(converter.encode(spectrogram, speaker), speaker)


def mean_free_snr_db(out: Tensor, reference: Tensor) -> float:
    """Return how far `out` is from `reference` in dB, neither's mean counted; nan if not finite.

    Without the mean, because a constant is inaudible and can hide everything else.
    """
    wanted = reference.double() - reference.double().mean()
    error = out.double() - out.double().mean() - wanted
    return float(10.0 * torch.log10(wanted.pow(2).sum() / error.pow(2).sum()))


def _speedup(plain: Callable[[], object], reduced: Callable[[], object]) -> float:
    """Return how many times as fast `reduced` is: the best of three each, taken in turns."""
    best_s = [float("inf"), float("inf")]
    for _ in range(3):
        for index, work in enumerate((plain, reduced)):
            _settle()
            started_s = time.perf_counter()
            work()
            _settle()
            best_s[index] = min(best_s[index], time.perf_counter() - started_s)
    return best_s[0] / best_s[1]


def _settle() -> None:
    """Wait for what the device was only told to do."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
