"""How alike two voices are, by a network that knows nothing of the engines.

Resemblyzer's speaker embedding (Wan et al. 2018, arXiv:1710.10467); the cosine of two embeddings.
No engine is fitted to it.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from openvoice_service.audio import Waveform

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from resemblyzer import VoiceEncoder, preprocess_wav

Embedding = NDArray[np.float32]


class Similarity:
    """The network, loaded once."""

    def __init__(self) -> None:
        self._encoder = VoiceEncoder("cpu", verbose=False)

    def embed(self, wave: Waveform) -> Embedding:
        """Return the speaker embedding, shape (256,), unit length."""
        heard = preprocess_wav(wave.samples, source_sr=wave.sample_rate_hz)
        return np.asarray(self._encoder.embed_utterance(heard), np.float32)
