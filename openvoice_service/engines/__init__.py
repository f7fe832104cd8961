"""The engines that give a base voice somebody's tone, and the one place that makes them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from openvoice_service.engines.protocol import (
    Engine,
    EngineUnavailable,
    ExactEngine,
    Tone,
    TonesDiffer,
)

ENGINE_NAMES = ("world", "openvoice", "openvoice_upstream")

__all__ = [
    "ENGINE_NAMES",
    "Engine",
    "EngineUnavailable",
    "ExactEngine",
    "Tone",
    "TonesDiffer",
    "choose_engine_name",
    "create_engine",
    "why_unavailable",
]

_NO_UPSTREAM = "The original OpenVoice code is not installed: pip install --no-deps openvoice-cli."
_NO_TORCH = "The openvoice engine needs torch, which is not installed: `make models` brings it."
_NO_WEIGHTS = "The weights of the openvoice engine are not in {}: `make models` fetches them."
_CONVERTER = Path("openvoice_v2") / "converter"
# The package on PyPI, and a checkout of the original.
UPSTREAM_PACKAGES = ("openvoice_cli", "openvoice")


def choose_engine_name(models_dir: Path | None) -> tuple[str, str | None]:
    """Return the best engine that can run here, and why that is not `openvoice` (else None).

    Looks, and loads nothing: a checkpoint that is there may still be refused.
    """
    reason = why_unavailable("openvoice", models_dir)
    return ("openvoice", None) if reason is None else ("world", reason)


def why_unavailable(name: str, models_dir: Path | None) -> str | None:
    """Return what engine `name` lacks here and how to get it; None where it lacks nothing."""
    if name == "world":
        return None
    if not all(importlib.util.find_spec(module) for module in ("torch", "safetensors")):
        return _NO_TORCH
    folder = _converter_folder(models_dir)
    if not all((folder / file).is_file() for file in ("checkpoint.pth", "config.json")):
        return _NO_WEIGHTS.format(folder)
    is_upstream = name == "openvoice_upstream"
    if is_upstream and not any(map(importlib.util.find_spec, UPSTREAM_PACKAGES)):
        return _NO_UPSTREAM
    return None


def _converter_folder(models_dir: Path | None) -> Path:
    return (models_dir or Path("models")) / _CONVERTER


def create_engine(
    name: str,
    models_dir: Path | None = None,
    device: str = "auto",
    precision: str = "auto",
    *,
    allow_unverified: bool = False,
    tau: float = 0.0,
) -> Engine:
    """Return the engine called `name`, ready to work.

    models_dir:       folder of downloaded weights (`openvoice` only)
    device:           auto, cpu, cuda or mps
    precision:        auto, fp32, bf16 or fp16 (`openvoice` only: WORLD computes in double)
    allow_unverified: admit a checkpoint of one's own (`openvoice` and its upstream)
    tau:              factor of the posterior's noise (`openvoice` only); 0 is deterministic
    raises:           EngineUnavailable with a plain reason
    """
    if name == "world":
        return _create_world(device, precision)
    if name not in ENGINE_NAMES:
        known = ", ".join(ENGINE_NAMES)
        raise EngineUnavailable(f"There is no engine {name!r}; there are {known}.")
    reason = why_unavailable(name, models_dir)
    if reason is not None:
        raise EngineUnavailable(reason)
    return _create_openvoice(
        name, _converter_folder(models_dir), device, precision, allow_unverified, tau
    )


def _create_world(device: str, precision: str) -> Engine:
    from openvoice_service.engines.world import WorldEngine  # noqa: PLC0415  # needs the extra voice

    if device not in ("auto", "cpu"):
        raise EngineUnavailable("The world engine computes on the CPU only: use device cpu.")
    if precision not in ("auto", "fp32"):
        raise EngineUnavailable("The world engine knows no other precision than fp32.")
    return WorldEngine()


def _create_openvoice(
    name: str, folder: Path, device: str, precision: str, allow_unverified: bool, tau: float
) -> Engine:
    # Imported here: world and the command line's help need no torch.
    from openvoice_service.engines.openvoice.checkpoint import CheckpointRefused  # noqa: PLC0415
    from openvoice_service.engines.openvoice.engine import OpenVoiceEngine  # noqa: PLC0415
    from openvoice_service.engines.openvoice_upstream import UpstreamEngine  # noqa: PLC0415

    where = _choose_device(device)
    try:
        if name == "openvoice_upstream":
            return UpstreamEngine(folder, where, allow_unverified=allow_unverified)
        return OpenVoiceEngine(folder, where, precision, allow_unverified=allow_unverified, tau=tau)
    except CheckpointRefused as reason:
        raise EngineUnavailable(str(reason)) from reason


def _choose_device(asked: str) -> str:
    """Return `asked`, or with `auto` the GPU where there is one; mps only where it is asked for."""
    import torch  # noqa: PLC0415

    is_there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if asked == "auto":
        return "cuda" if is_there["cuda"] else "cpu"
    if not is_there.get(asked, asked == "cpu"):
        raise EngineUnavailable(f"There is no {asked} device here: use device auto or cpu.")
    return asked
