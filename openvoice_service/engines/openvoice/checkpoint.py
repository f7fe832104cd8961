"""From a file that nobody has to trust to a network that is exactly what was published.

The hash is checked before a byte is interpreted; the pickle is read with `weights_only`; the names
and shapes must all be there and no others. What comes out is kept beside it as safetensors, with
weight normalisation folded, so that later starts read neither a pickle nor 486 tensors.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from openvoice_service.engines.openvoice.config import (
    OFFICIAL_CONFIG_SHA256,
    ConfigUnsupported,
    ConverterConfig,
    read_config,
)
from openvoice_service.engines.openvoice.network import Converter

OFFICIAL_SHA256 = "9652c27e92b6b2a91632590ac9962ef7ae2b712e5c5b7f4c34ec55ee2b37ab9e"
# The published file has 131 MB; a stranger's may be no bigger, packed or unpacked.
MAX_BYTES = 192 * 1024 * 1024
_HASH_BLOCK_BYTES = 1024 * 1024
# Raised whenever what is kept as safetensors would differ for the same checkpoint.
_KEPT_VERSION = "1"


class CheckpointRefused(Exception):
    """The weights cannot be used; the message says why, and what would help."""


@dataclass(frozen=True)
class Weights:
    """A network ready to work, the hash of the file it came from, and what to warn of."""

    converter: Converter
    sha256: str
    is_official: bool


def load_converter(folder: Path, *, allow_unverified: bool = False) -> Weights:
    """Return the network of `folder`/config.json and `folder`/checkpoint.pth, in float32, frozen.

    allow_unverified: admit a checkpoint of one's own, of the same sizes
    raises:           CheckpointRefused, FileNotFoundError
    """
    config = _read_config(folder / "config.json", allow_unverified)
    path = folder / "checkpoint.pth"
    sha256 = verified_sha256(path, allow_unverified)
    converter = Converter(config)
    state = _read_kept(_kept_path(path), sha256)
    if state is None or not _fits(converter, state):
        state = fold_weight_norm(_read_pickle(path))
        _require_fit(converter, state)
        _keep(_kept_path(path), state, sha256)
    converter.load_state_dict(state, strict=True)
    return Weights(converter.eval().requires_grad_(False), sha256, sha256 == OFFICIAL_SHA256)


def _read_config(path: Path, allow_unverified: bool) -> ConverterConfig:
    raw = path.read_bytes()[:65_536]
    if not allow_unverified and hashlib.sha256(raw).hexdigest() != OFFICIAL_CONFIG_SHA256:
        raise CheckpointRefused(
            "config.json is not the one that was published: download it again (make models)."
        )
    try:
        return read_config(path)
    except ConfigUnsupported as reason:
        raise CheckpointRefused(str(reason)) from reason


def verified_sha256(path: Path, allow_unverified: bool) -> str:
    """Return the file's hash. Raises CheckpointRefused where it is not what was published."""
    if path.stat().st_size > MAX_BYTES:
        raise CheckpointRefused(f"{path.name} is larger than any checkpoint of this network.")
    sha256 = _sha256(path)
    if sha256 != OFFICIAL_SHA256 and not allow_unverified:
        raise CheckpointRefused(
            f"{path.name} is not the published checkpoint (its sha-256 differs): download it again "
            "(make models), or admit a checkpoint of your own (--allow-unverified)."
        )
    return sha256


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _read_pickle(path: Path) -> dict[str, Tensor]:
    """Return the tensors under `model`; nothing in the file is executed."""
    _refuse_bomb(path)
    try:
        body = torch.load(path, map_location="cpu", weights_only=True)
        state = dict(body["model"])
    except (pickle.UnpicklingError, RuntimeError, KeyError, TypeError, ValueError, EOFError) as bad:
        raise CheckpointRefused(f"{path.name} is no checkpoint of tensors alone.") from bad
    if not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise CheckpointRefused(f"{path.name} holds something else than tensors.")
    if not all(bool(torch.isfinite(tensor).all()) for tensor in state.values()):
        raise CheckpointRefused(f"{path.name} holds numbers that are not finite.")
    return {name: tensor.to(torch.float32) for name, tensor in state.items()}


def _refuse_bomb(path: Path) -> None:
    """Refuse a small file that unpacks into a large one, before it is unpacked."""
    if not zipfile.is_zipfile(path):
        raise CheckpointRefused(f"{path.name} is no file that torch.save writes today.")
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_BYTES:
        raise CheckpointRefused(f"{path.name} unpacks into more than this network's weights.")


def fold_weight_norm(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return `state` with every `weight_g`, `weight_v` as the `weight` they mean: g v / |v|.

    The norm is over all axes but the first (Salimans & Kingma 2016, equation 2).
    """
    folded = {}
    for name, tensor in state.items():
        if name.endswith(".weight_v"):
            gain = state.get(f"{name[:-1]}g")
            if gain is None or gain.shape != (len(tensor), *[1] * (tensor.dim() - 1)):
                raise CheckpointRefused(f"The checkpoint lacks the gain that belongs to {name}.")
            folded[name.removesuffix("_v")] = torch._weight_norm(tensor, gain, 0)
        elif not name.endswith(".weight_g"):
            folded[name] = tensor
    return folded


def _fits(converter: Converter, state: dict[str, Tensor]) -> bool:
    wanted = {name: tensor.shape for name, tensor in converter.state_dict().items()}
    return wanted == {name: tensor.shape for name, tensor in state.items()}


def _require_fit(converter: Converter, state: dict[str, Tensor]) -> None:
    """Name the first tensor that is missing, too much or of another shape."""
    wanted = {name: tensor.shape for name, tensor in converter.state_dict().items()}
    given = {name: tensor.shape for name, tensor in state.items()}
    for name in sorted(wanted.keys() | given.keys()):
        if wanted.get(name) != given.get(name):
            kind = "lacks" if name not in given else "has another" if name in wanted else "adds"
            raise CheckpointRefused(f"The checkpoint does not fit the network: it {kind} {name}.")


# --- kept as safetensors --------------------------------------------------------------------


def _kept_path(path: Path) -> Path:
    return path.with_suffix(".safetensors")


def _read_kept(path: Path, sha256: str) -> dict[str, Tensor] | None:
    """Return what was kept of the checkpoint with this hash, or None."""
    try:
        with safe_open(path, framework="pt") as file:
            facts = file.metadata() or {}
            if (facts.get("source_sha256"), facts.get("version")) != (sha256, _KEPT_VERSION):
                return None
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError):
        return None


def _keep(path: Path, state: dict[str, Tensor], sha256: str) -> None:
    """Write whole, then rename; a folder that cannot be written to only costs the next start."""
    draft = path.with_name(f".{uuid.uuid4().hex}")
    facts = {"source_sha256": sha256, "version": _KEPT_VERSION}
    try:
        save_file({name: each.contiguous() for name, each in state.items()}, draft, facts)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except (OSError, SafetensorError):
        draft.unlink(missing_ok=True)
