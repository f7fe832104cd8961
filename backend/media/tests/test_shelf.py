"""What did not change is not drawn again: a segment's name follows from its content."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from backend.media import SegmentShelf, compose_video
from backend.media.compose import ComposedVideo
from backend.media.tests.material import spoken_script
from backend.media.timeline import Timeline, timeline_from_speech

TWENTY_S = tuple(0.32 + 0.013 * (number % 7) for number in range(20))


def folder_shelf(folder: Path) -> SegmentShelf:
    """Return a shelf that is a folder."""
    folder.mkdir(exist_ok=True)

    def fetch(key: str, target: Path) -> bool:
        if not (folder / key).exists():
            return False
        shutil.copyfile(folder / key, target)
        return True

    def keep(key: str, made: Path, _is_common: bool) -> None:
        shutil.copyfile(made, folder / key)

    return SegmentShelf(fetch, keep)


@pytest.fixture
def shelf(tmp_path: Path) -> SegmentShelf:
    return folder_shelf(tmp_path / "shelf")


def planned(
    folder: Path, lengths_s: tuple[float, ...], aspect: str = "1:1", colour: str = "navy"
) -> Timeline:
    folder.mkdir()
    photo, speech = folder / "photo.png", folder / "speech.wav"
    Image.new("RGB", (320, 320), colour).save(photo)
    return timeline_from_speech(spoken_script(speech, lengths_s), [photo], aspect, speech)


def composed(timeline: Timeline, folder: Path, shelf: SegmentShelf) -> ComposedVideo:
    made = folder / "made"
    made.mkdir()
    return compose_video(timeline, made, lambda _: None, lambda: False, shelf)


def test_of_twenty_sentences_only_the_changed_one_is_drawn_again(
    tmp_path: Path, shelf: SegmentShelf
) -> None:
    first = composed(planned(tmp_path / "one", TWENTY_S), tmp_path / "one", shelf)
    changed_s = (*TWENTY_S[:9], 0.531, *TWENTY_S[10:])
    other = planned(tmp_path / "other", changed_s)
    second = composed(other, tmp_path / "other", shelf)
    assert (first.encoded_segments, len(second.segments)) == (20, 20)
    assert 1 <= second.encoded_segments <= 3
    fresh = folder_shelf(tmp_path / "empty")
    (tmp_path / "again").mkdir()
    again = composed(other, tmp_path / "again", fresh)
    assert second.video.read_bytes() == again.video.read_bytes(), "as if all were drawn anew"


def test_the_same_message_is_only_joined_again(tmp_path: Path, shelf: SegmentShelf) -> None:
    one = composed(planned(tmp_path / "one", (0.5, 0.6)), tmp_path / "one", shelf)
    two = composed(planned(tmp_path / "two", (0.5, 0.6)), tmp_path / "two", shelf)
    assert (one.encoded_segments, two.encoded_segments) == (2, 0)
    assert one.video.read_bytes() == two.video.read_bytes()


@pytest.mark.parametrize("other", [{"aspect": "9:16"}, {"colour": "maroon"}], ids=str)
def test_another_look_is_drawn_anew(
    other: dict[str, str], tmp_path: Path, shelf: SegmentShelf
) -> None:
    composed(planned(tmp_path / "one", (0.5,)), tmp_path / "one", shelf)
    changed = composed(planned(tmp_path / "two", (0.5,), **other), tmp_path / "two", shelf)
    assert changed.encoded_segments == 1
