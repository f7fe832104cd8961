"""Faces are found in pictures of ours, and framed; whatever goes wrong there loses no photo."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from backend.media import decode, decode_photo, find_faces, jail
from backend.media.framing import Box, Crop, is_soft, offer_crop
from backend.media.scene import paint_scene
from backend.media.sizes import CANVAS_PX
from backend.media.tests.material import draw_face, draw_photo, spoken_script
from backend.media.timeline import timeline_from_speech, with_crops

FACE = Box(0.3656, 0.3, 0.2719, 0.3625)


@pytest.mark.parametrize("middle", [(260, 260), (540, 220), (400, 400)])
def test_a_face_is_found_where_it_is(tmp_path: Path, middle: tuple[int, int]) -> None:
    photo = draw_face(tmp_path / "photo.jpg", (800, 600), middle, 90)
    faces = find_faces(photo)
    assert faces is not None
    [face] = faces
    assert (face.left + face.width / 2) * 800 == pytest.approx(middle[0], abs=20)
    assert (face.top + face.height / 2) * 600 == pytest.approx(middle[1], abs=40)


def test_a_face_is_found_with_and_without_the_sandbox(walls: str, tmp_path: Path) -> None:
    assert len(find_faces(draw_face(tmp_path / "photo.jpg", (800, 600), (400, 280), 90)) or []) == 1


def test_a_landscape_has_none(tmp_path: Path) -> None:
    assert find_faces(draw_photo(tmp_path / "photo.jpg", 1600, 1000)) == []


def test_a_photo_that_was_held_on_its_side_is_looked_at_upright(tmp_path: Path) -> None:
    with Image.open(draw_face(tmp_path / "photo.jpg", (800, 600), (400, 280), 90)) as upright:
        exif = upright.getexif()
        exif[0x0112] = 8  # the camera's right side up
        ImageOps.exif_transpose(upright)
        upright.rotate(-90, expand=True).save(tmp_path / "given.jpg", exif=exif)
    photo = decode_photo(tmp_path / "given.jpg", tmp_path / "made")
    assert (photo.was_turned, photo.width_px, photo.height_px) == (True, 800, 600)
    assert len(find_faces(tmp_path / "made") or []) == 1
    draw_photo(tmp_path / "given.jpg")
    assert not decode_photo(tmp_path / "given.jpg", tmp_path / "made").was_turned


@pytest.mark.parametrize("broken", ["timeout", "nonsense"])
def test_a_look_that_fails_says_that_nobody_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    photo = draw_photo(tmp_path / "photo.jpg")
    if broken == "timeout":
        monkeypatch.setattr(decode, "_FACES_LIMITS", jail.Limits(wall_s=0.0))
    else:
        photo.write_bytes(b"not a picture")
    assert find_faces(photo) is None
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


@pytest.mark.parametrize("aspect", CANVAS_PX)
def test_a_crop_has_the_frame_s_shape_and_its_face_within(aspect: str) -> None:
    crop = offer_crop(4000, 3000, [FACE], aspect)
    assert crop is not None
    shape = crop.width * 4000 / (crop.height * 3000)
    assert shape == pytest.approx(CANVAS_PX[aspect][0] / CANVAS_PX[aspect][1], rel=0.002)
    assert crop.left <= FACE.left
    assert crop.left + crop.width >= FACE.left + FACE.width
    assert crop.top <= FACE.top
    assert crop.top + crop.height >= FACE.top + FACE.height
    assert (crop.focus_x, crop.focus_y) == pytest.approx((0.5, 0.44), abs=0.1)


def test_a_face_far_away_is_brought_near_but_no_nearer_than_it_is_sharp() -> None:
    far = Box(0.7, 0.4, 0.05, 0.066)
    near = offer_crop(4000, 3000, [far], "16:9")
    assert near is not None
    assert far.height / near.height == pytest.approx(0.2, abs=0.01)
    small = offer_crop(1600, 1200, [far], "16:9")
    assert small is not None
    assert small.height * 1200 == pytest.approx(720, abs=1)


def test_there_is_nothing_to_offer_where_the_whole_is_as_good() -> None:
    assert offer_crop(4000, 3000, [], "16:9") is None
    apart = [Box(0.0, 0.3, 0.2, 0.15), Box(0.8, 0.3, 0.2, 0.15)]
    assert offer_crop(4000, 3000, apart, "9:16") is None
    assert offer_crop(1280, 720, [Box(0.4, 0.3, 0.2, 0.3)], "16:9") is None


def test_two_who_belong_together_are_both_seen_and_a_passer_by_is_not() -> None:
    pair = [Box(0.3, 0.3, 0.1, 0.13), Box(0.5, 0.32, 0.09, 0.12), Box(0.95, 0.5, 0.02, 0.03)]
    crop = offer_crop(4000, 3000, pair, "1:1")
    assert crop is not None
    assert crop.left < 0.3
    assert 0.59 < crop.left + crop.width < 0.95


shares = st.floats(0, 0.9)


@given(
    size=st.tuples(st.integers(64, 4096), st.integers(64, 4096)),
    places=st.lists(st.tuples(shares, shares), min_size=1, max_size=4),
    length=st.floats(0.02, 0.1),
    aspect=st.sampled_from(sorted(CANVAS_PX)),
)
def test_every_crop_lies_within_its_photo(
    size: tuple[int, int], places: list[tuple[float, float]], length: float, aspect: str
) -> None:
    crop = offer_crop(*size, [Box(x, y, length, length) for x, y in places], aspect)
    if crop is not None:
        left, top, right, bottom = crop.in_pixels(*size)
        assert 0 <= left < right <= size[0]
        assert 0 <= top < bottom <= size[1]


def test_what_is_small_is_soft_in_a_large_video() -> None:
    assert is_soft(640, 360, "16:9")
    assert not is_soft(1280, 720, "16:9")
    assert not is_soft(720, 960, "1:1")


def test_the_crop_is_what_is_painted_and_zoomed_to(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    halves = Image.new("RGB", (2000, 1000), "red")
    halves.paste("blue", (1000, 0, 2000, 1000))
    halves.save(photo)
    crop = Crop(left=0.5, top=0.1, width=0.45, height=0.9, focus_x=0.3, focus_y=0.4)
    scene = paint_scene(photo, 720, 720, crop)
    assert {scene.getpixel((x, 5)) for x in (2, 360, 717)} == {(0, 0, 255)}
    spoken = spoken_script(tmp_path / "speech.wav", (1.5, 1.0, 1.5))
    timeline = timeline_from_speech(spoken, [photo, photo], "1:1", tmp_path / "speech.wav")
    timeline = with_crops(timeline, [crop, None])
    foci = {segment.picture: segment.motion.focus for segment in timeline.segments}
    assert foci[0] == (0.3, 0.4)
    assert foci[1] != (0.3, 0.4)


@pytest.mark.parametrize("side", ["left", "top", "width", "height", "focus_x"])
def test_a_crop_beyond_the_photo_is_none(side: str) -> None:
    place = {"left": 0.1, "top": 0.1, "width": 0.9, "height": 0.9}
    whole = {**place, "focus_x": 0.5, "focus_y": 0.5}
    assert Crop.model_validate(whole)
    for value in itertools.chain([-0.1, 1.2, float("nan")], [0.001] if side == "width" else []):
        with pytest.raises(ValueError, match=r"."):
            Crop.model_validate({**whole, side: value})
