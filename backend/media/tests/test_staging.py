"""Several photos and music under the voice, measured in finished videos."""

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageColor

from backend.media import compose_video
from backend.media.check import check_video
from backend.media.compose import ComposedVideo
from backend.media.fonts import Font, find_font
from backend.media.style import Style
from backend.media.tests.material import RATE_HZ, spoken_script, write_wav
from backend.media.timeline import (
    CARD_FRAMES,
    FRAME_RATE,
    LEAD_FRAMES,
    SHORTEST_PICTURE_FRAMES,
    Timeline,
    timeline_from_speech,
)

COLOURS = {"red": (200, 40, 40), "green": (40, 160, 60), "blue": (50, 70, 200)}


def plain_photos(folder: Path, count: int = 3) -> list[Path]:
    """Make photos of one colour each, which a frame can be told by."""
    made = []
    for index, colour in zip(range(count), list(COLOURS.values()) * 5, strict=False):
        target = folder / f"photo-{index}.png"
        Image.new("RGB", (1280, 720), colour).save(target)
        made.append(target)
    return made


def composed(timeline: Timeline, folder: Path) -> ComposedVideo:
    made = folder / "made"
    made.mkdir()
    return compose_video(timeline, made, lambda _: None, lambda: False)


def frames_of(video: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(video)) as container:
        return [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for frame in container.decode(video=0)
        ]


def colour_of(frame: NDArray[np.uint8]) -> str:
    """Return which of the photos a frame shows, by its upper part."""
    seen = frame[: frame.shape[0] // 2].reshape(-1, 3).mean(axis=0)
    return min(COLOURS, key=lambda name: float(np.abs(seen - COLOURS[name]).sum()))


def sound_of(video: Path) -> NDArray[np.float32]:
    with av.open(str(video)) as container:
        blocks = [
            frame.to_ndarray().astype(np.float32).reshape(-1)
            for frame in container.decode(audio=0)
            if frame.pts is None or frame.pts >= 0
        ]
    return np.concatenate(blocks)


# --- photos ---------------------------------------------------------------------------------


def planned(folder: Path, lengths_s: tuple[float, ...], count: int) -> Timeline:
    speech = folder / "speech.wav"
    spoken = spoken_script(speech, lengths_s)
    photos = [folder / f"{index}.jpg" for index in range(count)]
    return timeline_from_speech(spoken, photos, "16:9", speech)


@pytest.mark.parametrize(
    ("photos", "sentences", "seen"),
    [
        (1, 3, [0, 0, 0]),
        (2, 4, [0, 0, 1, 1]),
        (3, 5, [0, 0, 1, 1, 2]),
        (3, 3, [0, 1, 2]),
        (4, 2, [0, 1, 2, 3]),
        (5, 1, [0, 1, 2, 3, 4]),
    ],
)
def test_photos_are_shared_out_in_order(
    photos: int, sentences: int, seen: list[int], tmp_path: Path
) -> None:
    timeline = planned(tmp_path, (0.9,) * sentences, photos)
    assert [segment.picture for segment in timeline.segments] == seen


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.3, 4.0), min_size=1, max_size=15), st.integers(1, 12))
def test_every_photo_is_seen_and_no_sample_is_lost(
    tmp_path_factory: pytest.TempPathFactory, lengths_s: list[float], count: int
) -> None:
    folder = tmp_path_factory.mktemp("plan")
    many = planned(folder, tuple(lengths_s), count)
    one = planned(folder, tuple(lengths_s), 1)
    assert sorted({segment.picture for segment in many.segments}) == list(range(count))
    assert [s.picture for s in many.segments] == sorted(s.picture for s in many.segments)
    assert many.frame_count >= max(one.frame_count, count * SHORTEST_PICTURE_FRAMES)
    assert sum(s.speech_samples for s in many.segments) == sum(
        s.speech_samples for s in one.segments
    )
    frame = 0
    for segment in many.segments:
        assert segment.start_frame == frame
        heard = segment.frame_count - segment.lead_frames - segment.trail_frames
        assert heard * many.samples_per_frame >= segment.speech_samples
        frame += segment.frame_count


@pytest.mark.parametrize("lengths_s", [(0.9, 0.8, 0.7), (2.0,)], ids=["each its own", "cut up"])
def test_each_photo_is_seen_in_its_time(lengths_s: tuple[float, ...], tmp_path: Path) -> None:
    speech = tmp_path / "speech.wav"
    spoken = spoken_script(speech, lengths_s)
    timeline = timeline_from_speech(spoken, plain_photos(tmp_path), "16:9", speech)
    made = composed(timeline, tmp_path)
    frames = frames_of(made.video)
    assert len(frames) == timeline.frame_count
    names = list(COLOURS)
    for segment in timeline.segments:
        last = segment.start_frame + segment.frame_count - 1
        for number in (segment.start_frame, (segment.start_frame + last) // 2, last):
            assert colour_of(frames[number]) == names[segment.picture], number
    found = {finding.name: finding for finding in check_video(made.video, timeline, motion=False)}
    assert [name for name, finding in found.items() if not finding.holds] == []
    with Image.open(made.poster) as poster:
        assert colour_of(np.asarray(poster)) == "red"


# --- music ----------------------------------------------------------------------------------

TONE_HZ = 3_000  # the voice of the tests has next to nothing there


def music_of(folder: Path, length_s: float, level: float = 0.3) -> Path:
    time_s = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    tone = (level * np.sin(2 * np.pi * TONE_HZ * time_s)).tolist()
    return write_wav(folder / "music.wav", tone)


def with_music(folder: Path, music: Path, lengths_s: tuple[float, ...]) -> ComposedVideo:
    speech = folder / "speech.wav"
    spoken = spoken_script(speech, lengths_s, pause_s=0.5)
    photos = plain_photos(folder, 1)
    return composed(timeline_from_speech(spoken, photos, "1:1", speech, music=music), folder)


def tone_db(sound: NDArray[np.float32], begin_s: float, end_s: float) -> float:
    """Return how loud the music alone is in this time."""
    part = sound[round(begin_s * 48_000) : round(end_s * 48_000)]
    time_s = np.arange(len(part)) / 48_000
    wave = np.exp(-2j * np.pi * TONE_HZ * time_s) * np.hanning(len(part))
    return float(20 * np.log10(np.abs((part * wave).sum()) * 4 / len(part) + 1e-9))


def test_silent_music_leaves_the_voice_as_it_is(tmp_path: Path) -> None:
    silent = with_music(tmp_path, music_of(tmp_path, 0.7, level=0.0), (2.0,))
    assert silent.lufs == pytest.approx(-16, abs=0.5)


def test_music_is_heard_around_the_voice_and_goes_down_under_it(tmp_path: Path) -> None:
    made = with_music(tmp_path, music_of(tmp_path, 0.7), (3.0, 3.0))
    sound = sound_of(made.video)
    before = tone_db(sound, 0.25, 0.40)
    under = tone_db(sound, 1.4, 3.0)
    assert before > -45
    assert under < before - 6
    assert tone_db(sound, 4.2, 6.0) > -60, "music shorter than the video begins again"
    assert made.lufs == pytest.approx(-16, abs=0.5)


def test_music_fades_in_the_last_two_seconds(tmp_path: Path) -> None:
    made = with_music(tmp_path, music_of(tmp_path, 30.0), (1.0,))
    sound = sound_of(made.video)
    end_s = made.duration_s
    assert tone_db(sound, end_s - 0.08, end_s - 0.02) < tone_db(sound, end_s - 0.5, end_s - 0.4) - 6
    assert len(sound) / 48_000 == pytest.approx(end_s, abs=0.1)


def test_silent_music_does_no_harm(tmp_path: Path) -> None:
    made = with_music(tmp_path, write_wav(tmp_path / "silent.wav", [0.0] * RATE_HZ), (1.0,))
    assert made.lufs == pytest.approx(-16, abs=0.5)


# --- cards, colours and what moves with the voice -------------------------------------------

CARDS = Style(title_card="お誕生日おめでとう", closing_card="See you {\\pos(0,0)} soon")


@pytest.fixture(scope="module")
def font() -> Font:
    found = find_font(None)
    if found is None:
        pytest.skip("neither mplfonts nor a system's Noto Sans CJK is installed")
    return found


def staged(
    folder: Path, style: Style, font: Font | None, photos: int = 1, music: Path | None = None
) -> tuple[Timeline, ComposedVideo]:
    speech = folder / "speech.wav"
    spoken = spoken_script(speech, (1.0, 0.8))
    shown = plain_photos(folder, photos)
    timeline = timeline_from_speech(spoken, shown, "16:9", speech, music=music, style=style)
    made = folder / "made"
    made.mkdir()
    return timeline, compose_video(timeline, made, lambda _: None, lambda: False, font=font)


def bright(frame: NDArray[np.uint8]) -> int:
    """Return how many pixels are as bright as letters."""
    return int((frame.min(axis=2) > 180).sum())


def test_cards_stand_before_and_after_and_the_captions_wait(tmp_path: Path, font: Font) -> None:
    timeline, made = staged(tmp_path, CARDS, font, photos=2, music=music_of(tmp_path, 1.0))
    frames = frames_of(made.video)
    first, last = frames[30], frames[-30]
    assert len(frames) == timeline.frame_count
    assert [segment.card for segment in timeline.segments] == [
        CARDS.title_card, "", "", CARDS.closing_card,
    ]  # fmt: skip
    assert bright(first) > 1_500
    assert bright(last) > 1_500
    assert bright(frames[0]) < bright(frames[5]) + 1 <= bright(first), "the text comes softly"
    dark = np.median(first.reshape(-1, 3), axis=0) / np.median(frames[80].reshape(-1, 3), axis=0)
    assert 0.3 < dark[0] < 0.7, "behind it is the first photo, darkened"
    assert np.median(last[:, :, 1]) > np.median(last[:, :, 0]), "at the end the last one"
    assert timeline.cues[0].start_s == pytest.approx(CARD_FRAMES / FRAME_RATE + 0.42, abs=0.001)
    assert tone_db(sound_of(made.video), 1.0, 2.0) > -45, "music goes on under it"
    found = {one.name: one for one in check_video(made.video, timeline, motion=False)}
    assert all(found[name].holds for name in ("tracks", "loudness", "duration", "faststart"))
    with Image.open(made.poster) as poster:
        assert colour_of(np.asarray(poster)) == "red"
        assert bright(np.asarray(poster)) == 0


def test_a_card_of_nothing_but_spaces_is_none(tmp_path: Path) -> None:
    speech = tmp_path / "speech.wav"
    spoken = spoken_script(speech, (0.5,))
    style = Style(title_card=" \n", closing_card="\u3000")
    timeline = timeline_from_speech(spoken, [Path("x.jpg")], "1:1", speech, style=style)
    assert [segment.card for segment in timeline.segments] == [""]


@pytest.mark.parametrize("colour", ["#1e3a5f", "#ffffff"])
def test_a_colour_is_seen_in_place_of_photos(colour: str, tmp_path: Path) -> None:
    wanted = np.asarray(ImageColor.getrgb(colour))
    _, made = staged(tmp_path, Style(background=colour), None, photos=0)
    frames = frames_of(made.video)
    for number in (0, 20, len(frames) - 1):
        assert np.abs(frames[number][:500].astype(int) - wanted).max() <= 4
    bars = frames[25][620:700].reshape(-1, 3).astype(int)
    assert (np.abs(bars - wanted).max(axis=1) > 90).sum() > 500, "the bars stand out from it"


def test_neither_photo_nor_colour_is_no_timeline(tmp_path: Path) -> None:
    speech = tmp_path / "speech.wav"
    spoken = spoken_script(speech, (0.5,))
    with pytest.raises(ValueError, match="neither"):
        timeline_from_speech(spoken, [], "1:1", speech)


def test_the_ring_grows_with_the_voice_and_nothing_moves_without(tmp_path: Path) -> None:
    frames = {}
    for waveform in ("ring", "none"):
        folder = tmp_path / waveform
        folder.mkdir()
        style = Style.model_validate({"background": "#000000", "waveform": waveform})
        timeline, made = staged(folder, style, None, photos=0)
        frames[waveform] = frames_of(made.video)
    ink = [int(frame.astype(int).sum()) for frame in frames["ring"]]
    spoken, silent = LEAD_FRAMES + 8, timeline.frame_count - 2
    assert ink[spoken] > 2 * ink[silent] > 0
    rows, columns = np.nonzero(frames["ring"][spoken].max(axis=2) > 100)
    assert columns.mean() == pytest.approx(640, abs=4)
    assert 200 < np.hypot(rows - rows.mean(), columns - columns.mean()).mean() < 290
    assert max(int(frame.max()) for frame in frames["none"]) <= 4
