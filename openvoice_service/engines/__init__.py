"""The engines that give a base voice somebody's tone, and the one place that makes them."""

from __future__ import annotations

from pathlib import Path

from openvoice_service.engines.protocol import Engine, EngineUnavailable, Tone, TonesDiffer

ENGINE_NAMES = ("world", "openvoice")

__all__ = ["ENGINE_NAMES", "Engine", "EngineUnavailable", "Tone", "TonesDiffer", "create_engine"]

_NO_OPENVOICE = "The OpenVoice network and its weights are not installed: use the world engine."


def create_engine(
    name: str,
    models_dir: Path | None = None,  # noqa: ARG001  # the seam every caller fills; world has no weights
    device: str = "cpu",
    precision: str = "fp32",
) -> Engine:
    """Return the engine called `name`, ready to work.

    models_dir: folder of downloaded weights (`openvoice` only)
    precision:  fp32, bf16 or fp16 (`openvoice` only: WORLD computes in double)
    raises:     EngineUnavailable with a plain reason
    """
    if name == "world":
        return _create_world(device, precision)
    if name == "openvoice":
        raise EngineUnavailable(_NO_OPENVOICE)
    raise EngineUnavailable(f"There is no engine {name!r}; there are {', '.join(ENGINE_NAMES)}.")


def _create_world(device: str, precision: str) -> Engine:
    from openvoice_service.engines.world import WorldEngine  # noqa: PLC0415  # needs the extra voice

    if device != "cpu":
        raise EngineUnavailable("The world engine computes on the CPU only: use device cpu.")
    if precision != "fp32":
        raise EngineUnavailable("The world engine knows no other precision than fp32.")
    return WorldEngine()
