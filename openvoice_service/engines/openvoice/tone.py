"""What OpenVoice keeps of a speaker: one embedding, bound to the checkpoint it came from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

EMBEDDING_SIZE = 256


@dataclass(frozen=True)
class OpenVoiceTone:
    """A tone colour.

    embedding:  shape (256,), the mean over the windows
    dispersion: mean cosine distance of the windows to it; 0 for one window
    network:    which engine and checkpoint; embeddings of two share no scale
    """

    embedding: NDArray[np.float32]
    dispersion: float
    network: str
    engine: str = "openvoice"

    def save(self, path: Path) -> None:
        """Write it to `path` as safetensors."""
        facts = {"network": self.network, "dispersion": repr(self.dispersion)}
        save_file({"embedding": self.embedding}, path, facts)

    def fingerprint(self) -> str:
        """Return a hash of the embedding and what made it."""
        return hashlib.sha256(self.network.encode() + self.embedding.tobytes()).hexdigest()


def load_tone(path: Path, network: str, engine: str) -> OpenVoiceTone:
    """Return the tone saved at `path`.

    raises: ValueError where the file is damaged, missing or another network's
    """
    try:
        with safe_open(path, framework="np") as file:
            facts = file.metadata() or {}
            embedding = file.get_tensor("embedding")
            dispersion = float(facts["dispersion"])
    except (OSError, SafetensorError, KeyError, ValueError) as cause:
        raise ValueError(f"{path.name} holds no tone that can be read") from cause
    if facts.get("network") != network:
        raise ValueError(f"{path.name} is a tone of another network")
    if embedding.shape != (EMBEDDING_SIZE,) or not np.isfinite(embedding).all():
        raise ValueError(f"{path.name} holds no embedding")
    return OpenVoiceTone(embedding.astype(np.float32), dispersion, network, engine)


def cosine_distance(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Return 1 - cos, in 0..2."""
    scale = float(np.linalg.norm(a) * np.linalg.norm(b))
    return 1.0 - float(a @ b) / scale if scale > 0.0 else 1.0
