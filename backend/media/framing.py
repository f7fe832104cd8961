"""Which part of a photo is best seen in a frame: around the faces in it, where there are any.

All places and lengths are fractions of the photo's width and height, from its left upper corner.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.media.sizes import CANVAS_PX

# Where the faces' middle comes to lie: under the ring, and where the eye looks first.
MIDDLE_X, MIDDLE_Y = 0.5, 0.44
# What faces may take of the frame: less is far away, more has no room for hair and shoulders.
_LEAST_FACE, _MOST_WIDTH, _MOST_HEIGHT = 0.2, 0.8, 0.6
# Beside the largest face, what is this much smaller is a passer-by, or no face at all.
_BESIDE = 0.45
# A crop that leaves out less than this changes nothing that anybody would see.
_WORTH_IT = 0.06
# Enlarged by more than this, a photo looks soft.
_SOFT_FROM = 1.25
_SMALLEST_SHARE = 0.05
_ROUNDING = 1e-4


@dataclass(frozen=True)
class Box:
    """A face."""

    left: float
    top: float
    width: float
    height: float


class Crop(BaseModel):
    """The part of a photo that is seen, in its stead.

    focus_x, focus_y: the point in it that stays where it is while it is zoomed: its face
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    left: float = Field(ge=0, lt=1)
    top: float = Field(ge=0, lt=1)
    width: float = Field(ge=_SMALLEST_SHARE, le=1)
    height: float = Field(ge=_SMALLEST_SHARE, le=1)
    focus_x: float = Field(ge=0, le=1)
    focus_y: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _lie_within(self) -> "Crop":
        if max(self.left + self.width, self.top + self.height) > 1 + _ROUNDING:
            raise ValueError("the crop reaches beyond the photo")
        return self

    def in_pixels(self, width_px: int, height_px: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in a photo of this size."""
        left, top = round(self.left * width_px), round(self.top * height_px)
        right = min(round((self.left + self.width) * width_px), width_px)
        bottom = min(round((self.top + self.height) * height_px), height_px)
        return left, top, max(right, left + 1), max(bottom, top + 1)


def is_soft(width_px: int, height_px: int, aspect: str) -> bool:
    """Return whether a photo has too few pixels to be sharp in a video of `aspect`."""
    canvas_px = CANVAS_PX[aspect]
    return min(canvas_px[0] / width_px, canvas_px[1] / height_px) > _SOFT_FROM


def offer_crop(width_px: int, height_px: int, faces: Sequence[Box], aspect: str) -> Crop | None:
    """Return the part of a photo that frames its faces in a video of `aspect`.

    None where there is no face, where they are too far apart to be framed together, and where
    the whole photo is as good.
    """
    if not faces:
        return None
    canvas_px = CANVAS_PX[aspect]
    shape = canvas_px[0] / canvas_px[1] / (width_px / height_px)  # of the frame, in fractions
    group = _group(faces)
    height = _height(group, shape, canvas_px[1] / height_px)
    if height is None or 1 - height * height * shape < _WORTH_IT:
        return None
    if min(height, height * shape) < 2 * _SMALLEST_SHARE:
        return None
    return _around(group, height * shape, height)


def _group(faces: Sequence[Box]) -> Box:
    """Return what holds the faces that belong together."""
    seen = [face for face in faces if face.height >= _BESIDE * faces[0].height]
    left, top = min(face.left for face in seen), min(face.top for face in seen)
    right = max(face.left + face.width for face in seen)
    bottom = max(face.top + face.height for face in seen)
    return Box(left, top, right - left, bottom - top)


def _height(group: Box, shape: float, sharp: float) -> float | None:
    """Return the height of the crop: as much as there is, and nearer where faces are far."""
    largest = min(1.0, 1.0 / shape)
    needed = max(group.height / _MOST_HEIGHT, group.width / _MOST_WIDTH / shape)
    if needed > largest:
        return None
    near = max(group.height / _LEAST_FACE, needed, sharp)
    return min(largest, near)


def _around(group: Box, width: float, height: float) -> Crop:
    middle_x, middle_y = group.left + group.width / 2, group.top + group.height / 2
    left = min(max(middle_x - MIDDLE_X * width, 0.0), 1 - width)
    top = min(max(middle_y - MIDDLE_Y * height, 0.0), 1 - height)
    return Crop(
        left=_rounded(left),
        top=_rounded(top),
        width=_rounded(width),
        height=_rounded(height),
        focus_x=_rounded((middle_x - left) / width),
        focus_y=_rounded((middle_y - top) / height),
    )


def _rounded(share: float) -> float:
    # Downwards, so that the sum of two never reaches beyond the edge.
    return math.floor(share * 10_000) / 10_000
