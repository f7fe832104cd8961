"""A network over time, in pieces: bounded memory, and a device that can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Pieces:
    """How to cut time: at most `frames` at once, with `overlap` frames more on either side."""

    frames: int
    overlap: int


# Encoder and flow have 16 layers of kernel 5 each, which is 32 frames apiece and 64 together.
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


# HiFi-GAN hears 12 latent frames to either side of a sample.
DECODER_SCALE = 256
_DECODER_OVERLAP = 16
# oneDNN compiles and keeps a primitive for every layer and length: few lengths keep both small.
_WINDOW_STEP = 64
_MAX_WINDOW = 448


def _window(frames: int) -> tuple[int, int]:
    """Return (windows, frames of each) that cover `frames` with the least work."""
    shared = 2 * _DECODER_OVERLAP
    least = max(1, -(-(frames - shared) // (_MAX_WINDOW - shared)))
    sizes = [
        (count, -(-(frames + (count - 1) * shared) // (count * _WINDOW_STEP)) * _WINDOW_STEP)
        for count in (least, least + 1)
    ]
    return min(sizes, key=lambda each: each[0] * each[1])


def padded_frames(frames: int) -> int:
    """Return how many frames fill the decoder's windows, at least `frames`."""
    count, size = _window(frames)
    return count * size - (count - 1) * 2 * _DECODER_OVERLAP


def decoder_windows(frames: int) -> list[Piece]:
    """Return equally long windows of `frames`, which `padded_frames` gave."""
    count, size = _window(frames)
    starts = [index * (size - 2 * _DECODER_OVERLAP) for index in range(count)]
    return [
        Piece(
            first + (_DECODER_OVERLAP if first else 0),
            frames if first == starts[-1] else first + size - _DECODER_OVERLAP,
            first,
            first + size,
        )
        for first in starts
    ]


def split(length: int, pieces: Pieces) -> Iterator[Piece]:
    """Yield the pieces of `length` frames, all about equally long."""
    count = max(1, -(-length // pieces.frames))
    for index in range(count):
        begin, end = index * length // count, (index + 1) * length // count
        yield Piece(begin, end, max(0, begin - pieces.overlap), min(length, end + pieces.overlap))


def join(parts: list[Tensor]) -> Tensor:
    """Return the pieces' answers one after the other in time."""
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)
