"""The voice made visible: bars that grow in the middle and travel outward as it speaks."""

import array
import functools
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

BARS = 41  # odd: one in the middle
BAR_STEP_S = 0.03  # how much later the neighbour shows the same level
LEVEL_RATE_HZ = 100
QUIET_DBFS, LOUD_DBFS = -48.0, -14.0
RELEASE_PER_LEVEL = 0.06  # a bar falls at most this much in a hundredth of a second
CALM_S = 0.3  # in which the bars come to rest at the end of a segment
# Drawn at twice the size and scaled down by ffmpeg, for smooth edges.
WIDTH_PX, HEIGHT_PX = 984, 144
SCALE = 2
_PITCH_PX = WIDTH_PX // BARS
RING_PX, RING_STEPS = 560, 48
_RING_OVERSIZE = 3


@dataclass(frozen=True)
class Meter:
    """What moves with the voice: who writes its pictures, and how large these are.

    scale: how much larger they are written than shown
    """

    write: Callable[[bytes, int, int, int, Path], None]
    width_px: int
    height_px: int
    scale: int

    @property
    def shown_width_px(self) -> int:
        """Its width in the video."""
        return self.width_px // self.scale

    @property
    def shown_height_px(self) -> int:
        """Its height in the video."""
        return self.height_px // self.scale


def write_bars(pcm: bytes, rate_hz: int, frame_count: int, frame_rate: int, target: Path) -> None:
    """Write one 8-bit gray picture a frame, raw, `WIDTH_PX` x `HEIGHT_PX`.

    pcm: 16-bit mono samples of the segment, margins included
    """
    levels = loudness_levels(pcm, rate_hz)
    with target.open("wb") as stream:
        for frame in range(frame_count):
            time_s = (frame + 0.5) / frame_rate
            _draw(levels, time_s, _calm(frame_count / frame_rate - time_s), stream)


def write_ring(pcm: bytes, rate_hz: int, frame_count: int, frame_rate: int, target: Path) -> None:
    """Write pictures of `RING_PX` x `RING_PX`: a ring that grows and brightens with the voice."""
    levels = loudness_levels(pcm, rate_hz)
    with target.open("wb") as stream:
        for frame in range(frame_count):
            time_s = (frame + 0.5) / frame_rate
            calm = _calm(frame_count / frame_rate - time_s)
            # In steps too small to be seen, so that a ring that was drawn serves again.
            stream.write(_ring(round(_at(levels, time_s) * calm * (RING_STEPS - 1))))


@functools.cache
def _ring(step: int) -> bytes:
    level = step / (RING_STEPS - 1)
    # Drawn larger and scaled down: Pillow's own edges are jagged.
    side = RING_PX * _RING_OVERSIZE
    picture = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(picture)
    radius = side * (0.39 + 0.075 * level)
    _circle(pen, radius, side * (0.010 + 0.016 * level), round(40 + 50 * level))
    inner = radius - side * (0.012 + 0.014 * level)
    _circle(pen, inner, side * (0.008 + 0.014 * level), round(120 + 135 * level))
    return picture.resize((RING_PX, RING_PX), Image.Resampling.BOX).tobytes()


def _circle(pen: ImageDraw.ImageDraw, radius: float, width: float, ink: int) -> None:
    middle = RING_PX * _RING_OVERSIZE / 2
    box = (middle - radius, middle - radius, middle + radius, middle + radius)
    pen.ellipse(box, outline=ink, width=round(width))


def loudness_levels(pcm: bytes, rate_hz: int) -> list[float]:
    """Return how loud it is, 0..1, a hundred times a second; falls slowly, rises at once."""
    samples = array.array("h")
    samples.frombytes(pcm)
    if sys.byteorder == "big":
        samples.byteswap()
    hop = rate_hz // LEVEL_RATE_HZ
    levels, last = [], 0.0
    for start in range(0, len(samples), hop):
        last = max(_level(samples[start : start + hop]), last - RELEASE_PER_LEVEL)
        levels.append(last)
    return levels


def _level(samples: "array.array[int]") -> float:
    power = sum(sample * sample for sample in samples) / max(len(samples), 1)
    if power <= 0:
        return 0.0
    dbfs = 10 * math.log10(power) - 90.31  # 20 log10 of full scale, 32768
    return min(max((dbfs - QUIET_DBFS) / (LOUD_DBFS - QUIET_DBFS), 0.0), 1.0)


def _calm(left_s: float) -> float:
    """Return how high bars may be so near the end: the next segment begins with bars at rest."""
    return (1 - math.cos(math.pi * min(left_s / CALM_S, 1.0))) / 2


def _draw(levels: list[float], time_s: float, calm: float, stream: BinaryIO) -> None:
    middle = BARS // 2
    bars = []
    for bar in range(BARS):
        away = abs(bar - middle)
        level = _at(levels, time_s - away * BAR_STEP_S) * (1 - 0.6 * away / middle) * calm
        bars.append(_bar(round(level * HEIGHT_PX), 235 - 90 * away // middle))
    stream.write(np.hstack(bars).tobytes())


@functools.cache
def _bar(height_px: int, shade: int) -> NDArray[np.uint8]:
    """Return a bar with the room around it; a frame is made of many that were drawn before."""
    picture = Image.new("L", (_PITCH_PX, HEIGHT_PX), 0)
    width_px = _PITCH_PX * 3 // 8
    height_px = max(width_px, height_px)
    left, top = (_PITCH_PX - width_px) // 2, (HEIGHT_PX - height_px) // 2
    box = (left, top, left + width_px - 1, top + height_px - 1)
    ImageDraw.Draw(picture).rounded_rectangle(box, width_px // 2, fill=shade)
    return np.asarray(picture)


def _at(levels: list[float], time_s: float) -> float:
    index = int(time_s * LEVEL_RATE_HZ)
    return levels[index] if 0 <= index < len(levels) else 0.0


BARS_METER = Meter(write_bars, WIDTH_PX, HEIGHT_PX, SCALE)
RING_METER = Meter(write_ring, RING_PX, RING_PX, 1)
