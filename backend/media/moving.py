"""The slow zoom on a still picture, frame by frame, placed to a fraction of a pixel.

ffmpeg's `zoompan` rounds to whole pixels, which is seen as a tremble, and its `perspective` takes
five times as long as what is here: a zoom keeps rows and columns, so that each quarter around
its fixed point is no more than a resize.
"""

import itertools
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.media.timeline import Motion

# Several segments are drawn at once as it is.
cv2.setNumThreads(1)

Plane = NDArray[np.uint8]
# ITU-R BT.709, from R'G'B' of 0..255 to Y' of 16..235 and CbCr of 16..240.
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_TO_YUV = np.stack([
    219 / 255 * _LUMA,
    224 / 255 * (np.array([0, 0, 1], np.float32) - _LUMA) / 1.8556,
    224 / 255 * (np.array([1, 0, 0], np.float32) - _LUMA) / 1.5748,
])  # fmt: skip
_OFFSETS = np.array([16, 128, 128], np.float32)
# The zoom goes back on the way that it came: frame N - n is frame n once more. So many are kept
# for that, 70 MB at 1280 x 720; of a longer segment the rest is drawn again.
_MOST_KEPT = 50
_TAKEN_FROM = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
# How a quarter is turned so that it begins at the fixed point, and back: cv2.flip's codes.
_FLIPS = {(True, True): -1, (True, False): 0, (False, True): 1}


def planes_of(picture: Image.Image) -> tuple[Plane, Plane, Plane]:
    """Return Y, U and V of an RGB picture of even sides as 4:2:0 has them, BT.709, limited."""
    yuv = cv2.transform(np.asarray(picture, np.float32), np.column_stack([_TO_YUV, _OFFSETS]))
    halved = cv2.resize(yuv, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return _rounded(yuv[..., 0]), _rounded(halved[..., 1]), _rounded(halved[..., 2])


def _rounded(values: cv2.typing.MatLike) -> Plane:
    return np.rint(values).clip(0, 255).astype(np.uint8)


def moving_frames(
    planes: Sequence[Plane], motion: Motion, frame_count: int
) -> Iterator[memoryview]:
    """Yield the frames of a move over `planes`, Y, U and V, each frame as raw I420."""
    zooms = [_Zoom(plane, motion.focus) for plane in planes]
    kept: dict[float, Plane] = {}
    for number in range(frame_count):
        factor = motion.zoom_at(min(number, frame_count - number) / frame_count)
        frame = kept.get(factor)
        if frame is None:
            frame = _frame(zooms, factor)
            if len(kept) < _MOST_KEPT:
                kept[factor] = frame
        yield frame.data


def _frame(zooms: Sequence["_Zoom"], factor: float) -> Plane:
    frame = np.empty(sum(zoom.size for zoom in zooms), np.uint8)
    start = 0
    for zoom in zooms:
        zoom.draw(factor, frame[start : start + zoom.size].reshape(zoom.shape))
        start += zoom.size
    return frame


class _Zoom:
    """A plane that is enlarged around a point of it, which stays where it is."""

    def __init__(self, plane: Plane, focus: tuple[float, float]) -> None:
        height, width = plane.shape
        self.shape, self.size = plane.shape, plane.size
        x, y = round(width * focus[0]), round(height * focus[1])
        self._quarters = []
        for (rows, is_above), (columns, is_left) in itertools.product(
            ((slice(0, y), True), (slice(y, height), False)),
            ((slice(0, x), True), (slice(x, width), False)),
        ):
            quarter = np.empty_like(plane[rows, columns])
            _turn(plane[rows, columns], (is_above, is_left), quarter)
            self._quarters.append((rows, columns, quarter, (is_above, is_left)))

    def draw(self, factor: float, target: Plane) -> None:
        """Draw the plane `factor` times as large, as much of it as there is room for."""
        for rows, columns, quarter, turn in self._quarters:
            room = target[rows, columns]
            if room.size:
                _turn(_enlarged(quarter, factor, room.shape), turn, room)


def _turn(quarter: Plane, turn: tuple[bool, bool], target: Plane) -> None:
    flip = _FLIPS.get(turn)
    if flip is None or not quarter.size:
        target[:] = quarter
    else:
        cv2.flip(quarter, flip, target)


def _enlarged(quarter: Plane, factor: float, shape: tuple[int, ...]) -> Plane:
    """Return as much of the enlarged quarter as `shape` says, from its first pixel on."""
    # One more than is seen, for the last pixel to lie between; the factor is taken as it is.
    seen = [min(int((side + 1) / factor) + 2, side) for side in shape]
    source = quarter[: seen[0], : seen[1]]
    if all(round(side * factor) == side for side in seen):
        # So little larger, it has no more pixels, and OpenCV would copy it as it is.
        large = _nudged(source, factor)
    else:
        exactly = cv2.INTER_LINEAR_EXACT
        large = np.asarray(
            cv2.resize(source, None, fx=factor, fy=factor, interpolation=exactly), np.uint8
        )
    return large[: shape[0], : shape[1]]


def _nudged(source: Plane, factor: float) -> Plane:
    shift = (1 / factor - 1) / 2  # pixels are counted from their middles
    places = np.array([[1 / factor, 0, shift], [0, 1 / factor, shift]])
    size, beyond = source.shape[::-1], cv2.BORDER_REPLICATE
    return np.asarray(
        cv2.warpAffine(source, places, size, flags=_TAKEN_FROM, borderMode=beyond), np.uint8
    )
