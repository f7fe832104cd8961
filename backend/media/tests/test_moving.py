"""The slow zoom on a still picture: where it puts each pixel, and that it goes back as it came."""

import numpy as np
import pytest
from PIL import Image, ImageFilter
from scipy import ndimage

from backend.media.moving import Plane, moving_frames, planes_of
from backend.media.timeline import Motion

SIZE_PX = (320, 180)
FOCUS = (0.4, 0.55)


@pytest.fixture(scope="module")
def planes() -> tuple[Plane, Plane, Plane]:
    noise = np.random.default_rng(3).integers(0, 255, (SIZE_PX[1], SIZE_PX[0], 3), dtype=np.uint8)
    return planes_of(Image.fromarray(noise).filter(ImageFilter.GaussianBlur(3)))


def luma_of(frame: memoryview) -> np.ndarray:
    width, height = SIZE_PX
    return np.frombuffer(frame, np.uint8)[: width * height].reshape(height, width).astype(float)


@pytest.mark.parametrize("depth", [0.0004, 0.003, 0.07, 0.5])
def test_each_pixel_is_taken_from_where_the_zoom_says(
    depth: float, planes: tuple[Plane, Plane, Plane]
) -> None:
    """Less than half a pixel of way is a way too: it is not left out until it is a whole one."""
    motion = Motion(depth=depth, focus=FOCUS)
    plane = planes[0].astype(float)
    y, x = (round(side * part) - 0.5 for side, part in zip(plane.shape, FOCUS[::-1], strict=True))
    for number, frame in enumerate(moving_frames(planes, motion, 6)):
        factor = motion.zoom_at(number / 6)
        rows = (np.arange(plane.shape[0]) - y) / factor + y
        columns = (np.arange(plane.shape[1]) - x) / factor + x
        places = np.meshgrid(rows, columns, indexing="ij")
        wanted = ndimage.map_coordinates(plane, places, order=1, mode="nearest")
        apart = np.abs(luma_of(frame) - wanted)
        assert apart.max() < 1.2
        assert apart.mean() < 0.3


@pytest.mark.parametrize("frame_count", [1, 2, 7, 8, 250])
def test_it_goes_back_on_the_way_that_it_came(
    frame_count: int, planes: tuple[Plane, Plane, Plane]
) -> None:
    """In 250 frames there are more than are kept: the rest is drawn again, and alike."""
    motion = Motion(depth=0.05, focus=FOCUS)
    frames = [bytes(frame) for frame in moving_frames(planes, motion, frame_count)]
    assert len(frames) == frame_count
    assert frames[1:] == frames[:0:-1]
    assert len(set(frames)) > frame_count // 3  # the slowest steps may be too small to be seen


def test_without_a_move_all_frames_are_the_picture(planes: tuple[Plane, Plane, Plane]) -> None:
    picture = b"".join(plane.tobytes() for plane in planes)
    still = moving_frames(planes, Motion(depth=0, focus=FOCUS), 4)
    assert [bytes(frame) for frame in still] == [picture] * 4


@pytest.mark.parametrize(
    ("colour", "yuv"),
    [("white", (235, 128, 128)), ("black", (16, 128, 128)),
     ("red", (63, 102, 240)), ("lime", (173, 42, 26)), ("blue", (32, 240, 118))],
)  # fmt: skip
def test_colours_are_those_of_bt709(colour: str, yuv: tuple[int, int, int]) -> None:
    planes = planes_of(Image.new("RGB", (8, 6), colour))
    assert [plane.shape for plane in planes] == [(6, 8), (3, 4), (3, 4)]
    assert tuple(int(plane[0, 0]) for plane in planes) == yuv
