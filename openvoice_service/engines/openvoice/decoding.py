"""A network over time, in pieces: bounded memory, and a device that can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Pieces:
    """How to cut time: at most `frames` at once, with `overlap` frames more on either side.

    scale: how many steps come out for each frame that goes in
    """

    frames: int
    overlap: int
    scale: int = 1


# HiFi-GAN hears 12 latent frames to either side of a sample; encoder and flow have 16 layers of
# kernel 5 each, which is 32 frames apiece and 64 together.
DECODER_PIECES = Pieces(frames=384, overlap=16, scale=256)
ENCODER_PIECES = Pieces(frames=2048, overlap=64)


@dataclass(frozen=True)
class Piece:
    """Frames `begin`..`end`, heard from `first` to `last`."""

    begin: int
    end: int
    first: int
    last: int

    def cut(self, whole: Tensor) -> Tensor:
        """Return what the network must hear of `whole` (B, channels, T)."""
        return whole[..., self.first : self.last]

    def trim(self, out: Tensor, scale: int) -> Tensor:
        """Return what of the network's answer (…, scale (last - first)) belongs to the piece."""
        return out[..., (self.begin - self.first) * scale : (self.end - self.first) * scale]


def split(length: int, pieces: Pieces) -> Iterator[Piece]:
    """Yield the pieces of `length` frames, all about equally long."""
    count = max(1, -(-length // pieces.frames))
    for index in range(count):
        begin, end = index * length // count, (index + 1) * length // count
        yield Piece(begin, end, max(0, begin - pieces.overlap), min(length, end + pieces.overlap))


def join(parts: list[Tensor]) -> Tensor:
    """Return the pieces' answers one after the other in time."""
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)
