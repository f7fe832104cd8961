"""What the converter hears: the linear magnitude spectrogram."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from openvoice_service.engines.openvoice.config import SoundConfig

_POWER_FLOOR = 1e-6


def magnitude_spectrogram(samples: Tensor, config: SoundConfig) -> Tensor:
    """Return the magnitudes of a Hann-windowed transform, shape (batch, bins, samples // hop).

    samples: shape (batch, samples) at `config.sampling_rate`, longer than half a window
    source:  VITS' linear spectrogram (Kim et al. 2021): frames start at the edge, which is
             mirrored by half of what a window overhangs a hop, and 1e-6 keeps the root smooth
    """
    overhang = (config.filter_length - config.hop_length) // 2
    padded = F.pad(samples.unsqueeze(1), (overhang, overhang), mode="reflect").squeeze(1)
    window = torch.hann_window(config.win_length, dtype=samples.dtype, device=samples.device)
    spectrum = torch.stft(
        padded,
        config.filter_length,
        config.hop_length,
        config.win_length,
        window,
        center=False,
        return_complex=True,
    )
    return torch.sqrt(torch.view_as_real(spectrum).pow(2).sum(-1) + _POWER_FLOOR)
