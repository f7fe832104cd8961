"""OpenVoice's own code behind our protocol: what ours is compared with, and a doubting user's ears.

The package `openvoice-cli`, or a checkout of the original on the Python path. Neither is what runs
by default; docs/decisions/0003-our-own-converter.md says why. Watermark and recogniser stay out:
they need packages that no longer install, and a watermark would differ by chance.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch

from openvoice_service.audio import Waveform, resample
from openvoice_service.device import DeviceWorker, Turn
from openvoice_service.engines.openvoice.checkpoint import verified_sha256
from openvoice_service.engines.openvoice.tone import OpenVoiceTone, cosine_distance, load_tone
from openvoice_service.engines.protocol import EngineUnavailable, Tone, TonesDiffer

_RATE_HZ = 22_050
_PACKAGES = ("openvoice_cli.api", "openvoice.api")


class UpstreamEngine:
    """The original converter with tau 0; slow, and exactly what it always was."""

    name = "openvoice_upstream"
    tone_file = "openvoice_upstream.safetensors"
    precision = "fp32"
    sample_rate_hz = _RATE_HZ

    def __init__(
        self, folder: Path, device: str = "cpu", *, allow_unverified: bool = False
    ) -> None:
        """Load `folder`/{config.json,checkpoint.pth}. Raises CheckpointRefused."""
        self.sha256 = verified_sha256(folder / "checkpoint.pth", allow_unverified)
        self.device = device
        self.version = self.sha256[:12]
        self.worker = DeviceWorker(self.name)
        self.converter = self.worker.run(None, lambda: _load(folder, device))

    def embed(self, references: Sequence[Waveform]) -> OpenVoiceTone:
        """Return what its `extract_se` answers to the windows."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [_write(Path(folder) / f"{i}.wav", each) for i, each in enumerate(references)]
            if not paths:
                raise ValueError("there is too little to hear")
            found = self.worker.run(None, lambda: self.converter.extract_se(paths))
        embedding = found[0, :, 0].cpu().numpy().astype(np.float32)
        return OpenVoiceTone(embedding, 0.0, self._network, self.name)

    def convert_tone(
        self, audio: Waveform, source: Tone, target: Tone, turn: Turn | None = None
    ) -> Waveform:
        """Return what its `convert` answers, filled up with silence to the length of `audio`."""
        sound = self.convert_exactly(audio, source, target, turn).samples
        length = round(audio.duration_s * _RATE_HZ)
        filled = np.zeros(length, np.float32)
        filled[: min(length, len(sound))] = sound[:length]
        return Waveform(filled, _RATE_HZ)

    def convert_exactly(
        self, audio: Waveform, source: Tone, target: Tone, turn: Turn | None = None
    ) -> Waveform:
        """Return what its `convert` answers: whole hops, the rest cut off."""
        spoken, wanted = self._speaker(source), self._speaker(target)
        with tempfile.TemporaryDirectory() as folder:
            path = _write(Path(folder) / "source.wav", audio)
            sound = self.worker.run(
                turn, lambda: self.converter.convert(path, spoken, wanted, tau=0.0)
            )
        return Waveform(np.asarray(sound, np.float32), _RATE_HZ)

    def distance(self, a: Tone, b: Tone) -> float:
        """Return 1 - cos of the embeddings."""
        return cosine_distance(self._own(a).embedding, self._own(b).embedding)

    def load_tone(self, path: Path) -> OpenVoiceTone:
        """Return the tone saved at `path`. Raises ValueError."""
        return load_tone(path, self._network, self.name)

    @property
    def _network(self) -> str:
        return f"{self.name}/{self.sha256}"

    def _own(self, tone: Tone) -> OpenVoiceTone:
        if not isinstance(tone, OpenVoiceTone) or tone.network != self._network:
            raise TonesDiffer(f"a tone of {tone.engine} is none of this network")
        return tone

    def _speaker(self, tone: Tone) -> torch.Tensor:
        embedding = self._own(tone).embedding
        return torch.from_numpy(embedding)[None, :, None].to(self.device)


def _write(path: Path, wave: Waveform) -> str:
    """Write in floats and at its rate: its own reader then neither rounds nor resamples."""
    soundfile.write(path, resample(wave, _RATE_HZ).samples, _RATE_HZ, subtype="FLOAT")
    return str(path)


def _load(folder: Path, device: str) -> Any:
    api = _import_api()
    # Its constructor always wants the watermark's package; what is below it does not.
    converter = api.ToneColorConverter.__new__(api.ToneColorConverter)
    api.OpenVoiceBaseClass.__init__(converter, str(folder / "config.json"), device=device)
    converter.watermark_model = None
    converter.version = "v2"
    with redirect_stdout(StringIO()):
        converter.load_ckpt(str(folder / "checkpoint.pth"))
    return converter


def _import_api() -> Any:
    for name in _PACKAGES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise EngineUnavailable("The original OpenVoice code is not installed, or lacks librosa.")
