"""Convolutions over time whose memory order is the one that CPUs and tensor cores want.

oneDNN and cuDNN are quickest when the channels of one moment lie side by side. PyTorch offers that
order for images only, so a sentence is an image of one row: (B, channels, 1, T), channels last.
On two AVX-512 cores this took HiFi-GAN from 0.19 to 0.15 of real time in fp32, from 0.10 to 0.08 in
bf16. Weights keep the shapes of one-dimensional convolutions, and so the checkpoint's names.

A layer computes in its weights' number format and takes any: what runs past it (residuals, sums)
stays in float32, which is worth 4 dB of precision in bf16.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def as_rows(x: Tensor) -> Tensor:
    """Return (B, channels, T) as (B, channels, 1, T), channels last."""
    return x.unsqueeze(2).contiguous(memory_format=torch.channels_last)


def as_sequence(x: Tensor) -> Tensor:
    """Return (B, channels, 1, T) as (B, channels, T)."""
    return x.squeeze(2)


class Conv(nn.Conv1d):
    """A convolution of (B, in, 1, T) that keeps T, `dilation` frames between what it hears."""

    def __init__(
        self, inward: int, outward: int, kernel: int, dilation: int = 1, **options: Any
    ) -> None:
        padding = dilation * (kernel - 1) // 2
        super().__init__(inward, outward, kernel, padding=padding, dilation=dilation, **options)
        self._padding, self._dilation = (0, padding), (1, dilation)
        self.weight = nn.Parameter(as_rows(self.weight.data).squeeze(2))

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, out, 1, T)."""
        weight = self.weight.unsqueeze(2)
        sound = x.to(weight.dtype)
        return F.conv2d(sound, weight, self.bias, 1, self._padding, self._dilation)


class UpConv(nn.ConvTranspose1d):
    """A transposed convolution of (B, in, 1, T) to `rate` times as many frames."""

    def __init__(self, inward: int, outward: int, kernel: int, rate: int) -> None:
        padding = (kernel - rate) // 2
        super().__init__(inward, outward, kernel, rate, padding=padding)
        self._stride, self._padding = (1, rate), (0, padding)
        self.weight = nn.Parameter(as_rows(self.weight.data).squeeze(2))

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:  # noqa: ARG002
        """Return (B, out, 1, rate T)."""
        weight = self.weight.unsqueeze(2)
        sound = x.to(weight.dtype)
        return F.conv_transpose2d(sound, weight, self.bias, self._stride, self._padding)
