"""The converter's sizes, as its `config.json` holds them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OFFICIAL_CONFIG_SHA256 = "9dfff60350b8c63f2c664efd92a61b2516efb22671466960f0e5dfebd881fa47"


class ConfigUnsupported(ValueError):
    """The file is no configuration of a converter that this network can be."""


@dataclass(frozen=True)
class SoundConfig:
    """What the networks hear: a linear spectrogram, in samples at `sampling_rate` Hz."""

    sampling_rate: int = 22_050
    filter_length: int = 1024
    hop_length: int = 256
    win_length: int = 1024
    n_speakers: int = 0

    @property
    def bins(self) -> int:
        """Return the frequencies of a frame."""
        return self.filter_length // 2 + 1


@dataclass(frozen=True)
class NetworkConfig:
    """The networks' channels. Fields of the text encoder are kept, and not used."""

    zero_g: bool = True
    inter_channels: int = 192
    hidden_channels: int = 192
    filter_channels: int = 768
    n_heads: int = 2
    n_layers: int = 6
    kernel_size: int = 3
    p_dropout: float = 0.1
    resblock: str = "1"
    resblock_kernel_sizes: tuple[int, ...] = (3, 7, 11)
    resblock_dilation_sizes: tuple[tuple[int, ...], ...] = ((1, 3, 5), (1, 3, 5), (1, 3, 5))
    upsample_rates: tuple[int, ...] = (8, 8, 2, 2)
    upsample_initial_channel: int = 512
    upsample_kernel_sizes: tuple[int, ...] = (16, 16, 4, 4)
    gin_channels: int = 256


@dataclass(frozen=True)
class ConverterConfig:
    """Everything in `config.json`; the defaults are OpenVoice V2's."""

    version: str = "v2"
    data: SoundConfig = field(default_factory=SoundConfig)
    model: NetworkConfig = field(default_factory=NetworkConfig)

    def to_json(self) -> str:
        """Return the published file's text, byte by byte."""
        body = {"_version_": self.version, "data": asdict(self.data), "model": asdict(self.model)}
        return json.dumps(body, indent=2)

    def sha256(self) -> str:
        """Return the hash of `to_json`."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def read_config(path: Path) -> ConverterConfig:
    """Return the configuration in `path`.

    raises: ConfigUnsupported where it is none, or of other sizes than OpenVoice V2's converter:
            the checkpoint's shapes and the cached tones hang on them
    """
    try:
        body = json.loads(path.read_text())
        config = ConverterConfig(
            body["_version_"], SoundConfig(**body["data"]), NetworkConfig(**_frozen(body["model"]))
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as cause:
        raise ConfigUnsupported(f"{path.name} is no converter's configuration.") from cause
    if config != ConverterConfig():
        raise ConfigUnsupported(
            f"{path.name} describes other dimensions than OpenVoice V2's converter."
        )
    return config


def _frozen(value: Any) -> Any:
    """Return JSON with its lists as tuples."""
    if isinstance(value, dict):
        return {key: _frozen(each) for key, each in value.items()}
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
