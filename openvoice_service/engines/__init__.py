"""The engines that give a base voice somebody's tone, and the one place that makes them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from openvoice_service.engines.protocol import Engine, EngineUnavailable, Tone, TonesDiffer

ENGINE_NAMES = ("world", "openvoice", "openvoice_upstream")

__all__ = [
    "ENGINE_NAMES",
    "Engine",
    "EngineUnavailable",
    "Tone",
    "TonesDiffer",
    "choose_engine_name",
    "create_engine",
    "why_unavailable",
]

_NO_OPENVOICE = "The OpenVoice network is not part of this build: use the world engine."
_NO_TORCH = "The openvoice engine needs torch, which is not installed: `make models` brings it."
_NO_WEIGHTS = "The weights of the openvoice engine are not in {}: `make models` fetches them."
_CONVERTER = Path("openvoice_v2") / "converter"


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
    if importlib.util.find_spec(f"{__name__}.{name}") is None:
        return _NO_OPENVOICE
    if importlib.util.find_spec("torch") is None:
        return _NO_TORCH
    folder = (models_dir or Path("models")) / _CONVERTER
    has_weights = any((folder / f"checkpoint.{kind}").is_file() for kind in ("pth", "safetensors"))
    if not has_weights or not (folder / "config.json").is_file():
        return _NO_WEIGHTS.format(folder)
    return None


def create_engine(
    name: str,
    models_dir: Path | None = None,
    device: str = "auto",
    precision: str = "auto",
    *,
    allow_unverified: bool = False,  # noqa: ARG001  # of weights; world has none
) -> Engine:
    """Return the engine called `name`, ready to work.

    models_dir:       folder of downloaded weights (`openvoice` only)
    device:           auto, cpu, cuda or mps
    precision:        auto, fp32, bf16 or fp16 (`openvoice` only: WORLD computes in double)
    allow_unverified: admit a checkpoint of one's own
    raises:           EngineUnavailable with a plain reason
    """
    if name == "world":
        return _create_world(device, precision)
    if name in ENGINE_NAMES:
        raise EngineUnavailable(why_unavailable(name, models_dir) or _NO_OPENVOICE)
    raise EngineUnavailable(f"There is no engine {name!r}; there are {', '.join(ENGINE_NAMES)}.")


def _create_world(device: str, precision: str) -> Engine:
    from openvoice_service.engines.world import WorldEngine  # noqa: PLC0415  # needs the extra voice

    if device not in ("auto", "cpu"):
        raise EngineUnavailable("The world engine computes on the CPU only: use device cpu.")
    if precision not in ("auto", "fp32"):
        raise EngineUnavailable("The world engine knows no other precision than fp32.")
    return WorldEngine()
