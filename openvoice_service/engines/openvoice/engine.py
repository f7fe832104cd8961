"""OpenVoice V2 behind the `Engine` protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openvoice_service.audio import Waveform
from openvoice_service.device import DeviceWorker, Turn
from openvoice_service.engines.openvoice.checkpoint import Weights, load_converter
from openvoice_service.engines.openvoice.config import SoundConfig
from openvoice_service.engines.openvoice.decoding import (
    DECODER_SCALE,
    ENCODER_PIECES,
    Piece,
    decoder_windows,
    join,
    padded_frames,
    split,
)
from openvoice_service.engines.openvoice.kept import Kept
from openvoice_service.engines.openvoice.precision import Choice, choose_precision, with_precision
from openvoice_service.engines.openvoice.resampling import samples_on_device
from openvoice_service.engines.openvoice.spectrogram import magnitude_spectrogram
from openvoice_service.engines.openvoice.tone import OpenVoiceTone, cosine_distance, load_tone
from openvoice_service.engines.protocol import Tone, TonesDiffer

T = TypeVar("T")

# Raised whenever the same input would sound different from the same checkpoint.
_RECIPE = 1
_SHORTEST_S = 0.1
_KEPT_LATENT_BYTES = 128 * 1024 * 1024


class OpenVoiceEngine:
    """The converter on one device; safe to call from many threads."""

    name = "openvoice"
    tone_file = "openvoice.safetensors"

    def __init__(
        self,
        folder: Path,
        device: str = "cpu",
        precision: str = "auto",
        *,
        allow_unverified: bool = False,
        tau: float = 0.0,
        worker: DeviceWorker | None = None,
    ) -> None:
        """Load the network in `folder`.

        raises: CheckpointRefused, FileNotFoundError
        """
        self._sound = SoundConfig()
        self._folder = folder
        self._asked = precision
        self._allow_unverified = allow_unverified
        self._tau = tau
        self.device = device
        self.worker = worker or DeviceWorker("openvoice")
        self._latents: Kept[Tensor] = Kept(_KEPT_LATENT_BYTES, lambda each: each.nbytes)
        weights = self.worker.run(None, self._load)
        self.sha256, self.is_official = weights.sha256, weights.is_official

    # --- life -------------------------------------------------------------------------------

    def _load(self) -> Weights:
        weights = load_converter(self._folder, allow_unverified=self._allow_unverified)
        whole = weights.converter.to(self.device)
        self.choice: Choice = choose_precision(whole, self._asked, self._sound)
        self._converter = with_precision(whole, self.choice.precision)
        return weights

    def load(self) -> None:
        """Bring the weights back after `unload`; nothing where they are there."""
        self.worker.run(None, lambda: None if self._is_loaded else self._load())

    def unload(self) -> None:
        """Give the weights' memory and the kept latents back."""
        self.worker.run(None, self._forget)

    def _forget(self) -> None:
        self._latents.clear()
        if self._is_loaded:
            del self._converter
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    @property
    def _is_loaded(self) -> bool:
        return hasattr(self, "_converter")

    @property
    def version(self) -> str:
        """Return the recipe, the checkpoint and the number format: each is heard."""
        return f"{_RECIPE}-{self.sha256[:12]}-{self.choice.precision}-{self._tau:g}"

    @property
    def precision(self) -> str:
        """Return the decoder's number format."""
        return self.choice.precision

    @property
    def sample_rate_hz(self) -> int:
        """Return the network's rate."""
        return self._sound.sampling_rate

    @property
    def warnings(self) -> Sequence[str]:
        """Return what people should know of these weights."""
        unverified = "The weights are not the published ones: they were admitted by setting."
        return [] if self.is_official else [unverified]

    @property
    def device_memory_bytes(self) -> int:
        """Return what the device holds for us; 0 on a CPU, whose memory is the process's."""
        return torch.cuda.memory_allocated() if self.device == "cuda" else 0

    # --- tones ------------------------------------------------------------------------------

    def embed(self, references: Sequence[Waveform]) -> OpenVoiceTone:
        """Return the mean embedding of the windows.

        raises: ValueError for less than a tenth of a second, or numbers that are not finite
        """
        waves = [self._samples(each) for each in references if each.duration_s >= _SHORTEST_S]
        if not waves:
            raise ValueError("there is too little to hear")
        found = np.stack([self._run(None, partial(self._embed, wave)) for wave in waves])
        mean = found.mean(axis=0)
        dispersion = float(np.mean([cosine_distance(each, mean) for each in found]))
        return OpenVoiceTone(mean, dispersion, self._network)

    def _embed(self, samples: Tensor) -> NDArray[np.float32]:
        embedding = self._converter.embed(magnitude_spectrogram(samples, self._sound))
        return np.asarray(embedding[0].cpu().numpy(), np.float32)

    @property
    def _network(self) -> str:
        return f"{self.name}/{self.sha256}"

    def load_tone(self, path: Path) -> OpenVoiceTone:
        """Return the tone saved at `path`. Raises ValueError."""
        return load_tone(path, self._network, self.name)

    def distance(self, a: Tone, b: Tone) -> float:
        """Return 1 - cos of the embeddings."""
        return cosine_distance(self._own(a).embedding, self._own(b).embedding)

    def _own(self, tone: Tone) -> OpenVoiceTone:
        if not isinstance(tone, OpenVoiceTone) or tone.network != self._network:
            raise TonesDiffer(f"a tone of {tone.engine} is none of this network")
        return tone

    # --- conversion -------------------------------------------------------------------------

    def convert_tone(
        self, audio: Waveform, source: Tone, target: Tone, turn: Turn | None = None
    ) -> Waveform:
        """Return `audio` in the target's tone, as long as it was, at the network's rate.

        A sentence that was converted for one voice skips the encoder for the next: the flow's
        forward half hears only the source, so its latents are kept.

        raises: TonesDiffer, Abandoned, ValueError for numbers that are not finite
        """
        spoken, wanted = self._speaker(source), self._speaker(target)
        samples = self._samples(audio)
        length = samples.shape[-1]
        # A tail of silence fills the last window, and lets the mirror at the edge find enough.
        hop = self._sound.hop_length
        frames = padded_frames(-(-length // hop) + 2)
        padded = torch.nn.functional.pad(samples, (0, frames * hop - length))
        latents = self._encode(padded, spoken, turn)
        sound = self._decode(self._colour(latents, wanted, turn), turn)
        return Waveform(sound[0, :length].cpu().numpy(), self.sample_rate_hz)

    def convert_exactly(self, audio: Waveform, source: Tone, target: Tone) -> Waveform:
        """Return what the network alone says: no padding, no pieces, nothing kept."""
        samples, spoken = self._samples(audio), self._speaker(source)
        wanted = self._speaker(target)

        def convert() -> Tensor:
            spectrogram = magnitude_spectrogram(samples, self._sound)
            latents = self._converter.encode(spectrogram, spoken, self._tau)
            return self._converter.decode(self._converter.colour(latents, wanted))

        return Waveform(self._run(None, convert)[0].cpu().numpy(), self.sample_rate_hz)

    def _encode(self, samples: Tensor, source: Tensor, turn: Turn | None) -> Tensor:
        if self._tau > 0.0:
            return self._encode_anew(samples, source, turn)
        key = hashlib.sha256(samples.cpu().numpy().tobytes() + source.cpu().numpy().tobytes())
        kept = self._latents.get(key.digest())
        if kept is None:
            kept = self._latents.put(key.digest(), self._encode_anew(samples, source, turn))
        return kept

    def _encode_anew(self, samples: Tensor, source: Tensor, turn: Turn | None) -> Tensor:
        spectrogram = self._run(turn, lambda: magnitude_spectrogram(samples, self._sound))
        return self._in_pieces(
            spectrogram,
            split(spectrogram.shape[-1], ENCODER_PIECES),
            turn,
            lambda part: self._converter.encode(part, source, self._tau),
        )

    def _colour(self, latents: Tensor, target: Tensor, turn: Turn | None) -> Tensor:
        return self._in_pieces(
            latents,
            split(latents.shape[-1], ENCODER_PIECES),
            turn,
            lambda part: self._converter.colour(part, target),
        )

    def _decode(self, latents: Tensor, turn: Turn | None) -> Tensor:
        def decode(part: Tensor) -> Tensor:  # looked up late: the weights may be loaded meanwhile
            return self._converter.decode(part)

        return self._in_pieces(
            latents, decoder_windows(latents.shape[-1]), turn, decode, DECODER_SCALE
        )

    def _in_pieces(
        self,
        whole: Tensor,
        pieces: Iterable[Piece],
        turn: Turn | None,
        network: Callable[[Tensor], Tensor],
        scale: int = 1,
    ) -> Tensor:
        """Return what `network` answers to `whole` (1, channels, T); others may go in between.

        scale: how many steps come out for each frame that goes in
        """

        def answer(piece: Piece) -> Tensor:
            return piece.trim(network(piece.cut(whole)), scale)

        return join([self._run(turn, partial(answer, piece)) for piece in pieces])

    # --- the device -------------------------------------------------------------------------

    def _run(self, turn: Turn | None, work: Callable[[], T]) -> T:
        """Return what `work` returns, on the device's thread, weights there and no gradients."""

        def carry_out() -> T:
            if not self._is_loaded:
                self._load()
            with torch.inference_mode():
                return work()

        return self.worker.run(turn, carry_out)

    def _samples(self, audio: Waveform) -> Tensor:
        """Return the samples (1, samples) at the network's rate on the device."""
        if not np.isfinite(audio.samples).all():
            raise ValueError("the sound holds numbers that are not finite")
        return samples_on_device(audio, self.sample_rate_hz, self.device)

    def _speaker(self, tone: Tone) -> Tensor:
        return torch.from_numpy(self._own(tone).embedding).unsqueeze(0).to(self.device)
