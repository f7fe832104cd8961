"""Finished videos, measured as a viewer gets them."""

import subprocess
import time
from array import array
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from PIL import Image

from backend.media import compose_video, jail, shrink_video, waveform
from backend.media.check import (
    STEP_TOLERANCE_PX,
    Finding,
    check_video,
    embedded_cues,
    step_deviations_px,
)
from backend.media.compose import ComposedVideo
from backend.media.mastering import Loudness, master_speech, measure_loudness
from backend.media.scene import paint_scene
from backend.media.tests.material import (
    RATE_HZ,
    draw_photo,
    ffmpeg,
    spoken_script,
    voiced,
    write_wav,
)
from backend.media.timeline import Timeline, timeline_from_speech
from backend.speech.spoken import SpokenSentence, SpokenWord


def planned(folder: Path, lengths_s: tuple[float, ...], aspect: str) -> Timeline:
    speech = folder / "speech.wav"
    spoken = spoken_script(speech, lengths_s)
    return timeline_from_speech(spoken, [draw_photo(folder / "photo.jpg")], aspect, speech)


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    return planned(tmp_path_factory.mktemp("plan"), (1.3, 1.0), "16:9")


@pytest.fixture(scope="module")
def progress() -> list[float]:
    return []


@pytest.fixture(scope="module")
def video(
    timeline: Timeline, progress: list[float], tmp_path_factory: pytest.TempPathFactory
) -> ComposedVideo:
    folder = tmp_path_factory.mktemp("video")
    return compose_video(timeline, folder, progress.append, lambda: False)


@pytest.fixture(scope="module")
def findings(video: ComposedVideo, timeline: Timeline) -> dict[str, Finding]:
    return {finding.name: finding for finding in check_video(video.video, timeline)}


@pytest.mark.parametrize(
    "promise",
    [
        "tracks", "caption language", "loudness", "true peak", "faststart", "duration",
        "captions", "captions to speech", "motion",
    ],
)  # fmt: skip
def test_the_video_keeps_each_promise(promise: str, findings: dict[str, Finding]) -> None:
    finding = findings[promise]
    assert finding.holds, f"{finding.measured}, allowed is {finding.allowed}"


def test_nothing_else_is_promised(findings: dict[str, Finding]) -> None:
    assert len(findings) == 9


def test_the_picture_plays_everywhere(video: ComposedVideo, timeline: Timeline) -> None:
    with av.open(str(video.video)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.pix_fmt) == (1280, 720, "yuv420p")
        assert stream.average_rate == 25
        times = [
            packet.pts * packet.time_base
            for packet in container.demux(stream)
            if packet.pts is not None
        ]
    assert [round(float(time_s) * 25) for time_s in times] == list(range(timeline.frame_count))


def test_the_captions_are_in_the_file_and_beside_it(
    video: ComposedVideo, timeline: Timeline
) -> None:
    inside = embedded_cues(video.video)
    assert [cue.text for cue in inside] == ["これは1番目の文です。", "これは2番目の文です。"]
    for cue, planned_cue in zip(inside, timeline.cues, strict=True):
        assert cue.start_s == pytest.approx(planned_cue.start_s, abs=0.002)
    written = video.captions.read_text(encoding="utf-8")
    assert written.startswith("WEBVTT\n")
    assert "これは2番目の文です。" in written


def test_the_poster_is_the_picture(video: ComposedVideo) -> None:
    with Image.open(video.poster) as poster:
        assert (poster.format, poster.size) == ("JPEG", (1280, 720))


def test_it_says_that_the_voice_is_synthetic(video: ComposedVideo) -> None:
    with av.open(str(video.video)) as container:
        assert "synthetic" in container.metadata["comment"]


def test_a_credit_is_in_the_file_and_in_the_last_caption(tmp_path: Path) -> None:
    speech = tmp_path / "speech.wav"
    spoken = spoken_script(speech, (0.8,)).model_copy(update={"credit": "VOICEVOX:試験花子"})
    photo = draw_photo(tmp_path / "photo.jpg")
    timeline = timeline_from_speech(spoken, [photo], "1:1", speech)
    folder = tmp_path / "made"
    folder.mkdir()
    made = compose_video(timeline, folder, lambda _: None, lambda: False)
    with av.open(str(made.video)) as container:
        assert container.metadata["artist"] == "VOICEVOX:試験花子"
        assert "VOICEVOX:試験花子" in container.metadata["comment"]
    last = embedded_cues(made.video)[-1]
    assert last.text == "音声：VOICEVOX:試験花子"
    assert last.end_s - last.start_s >= 1.9
    assert last.end_s == pytest.approx(made.duration_s, abs=0.05)
    assert "音声：VOICEVOX:試験花子" in made.captions.read_text()
    assert [found for found in check_video(made.video, timeline) if not found.holds] == []


def test_progress_grows_to_the_end(video: ComposedVideo, progress: list[float]) -> None:
    assert video.video.exists()
    assert progress == sorted(progress)
    assert len(progress) >= 4
    assert progress[-1] == 1.0
    assert all(0 <= fraction <= 1 for fraction in progress)


def _copy(video: Path, target: Path, *options: str) -> Path:
    ffmpeg("-i", str(video), *options, str(target))
    return target


@pytest.mark.parametrize(
    ("promise", "fault"),
    [
        ("tracks", ["-map", "0:v", "-map", "0:a", "-c", "copy"]),
        ("loudness", ["-map", "0", "-c", "copy", "-c:a", "aac", "-af", "volume=-3dB"]),
        ("true peak", ["-map", "0", "-c", "copy", "-c:a", "aac", "-af", "volume=4dB"]),
        ("faststart", ["-map", "0", "-c", "copy"]),
        ("caption language", ["-map", "0", "-c", "copy", "-metadata:s:s:0", "language=und"]),
    ],
)
def test_the_check_finds_a_fault(
    promise: str, fault: list[str], video: ComposedVideo, tmp_path: Path
) -> None:
    """A check that can't fail says nothing: each fault is put in on purpose."""
    broken = _copy(video.video, tmp_path / "broken.mp4", *fault)
    found = {finding.name: finding for finding in check_video(broken)}
    assert not found[promise].holds


@pytest.mark.parametrize(
    ("promise", "fault"),
    [
        ("captions to speech", ["-map", "0", "-c", "copy", "-c:a", "aac", "-af", "adelay=180"]),
        ("duration", ["-map", "0", "-c", "copy", "-t", "3"]),
        ("captions", ["-map", "0", "-c", "copy", "-t", "1"]),
    ],
)
def test_the_check_finds_a_departure_from_the_plan(
    promise: str, fault: list[str], video: ComposedVideo, timeline: Timeline, tmp_path: Path
) -> None:
    broken = _copy(video.video, tmp_path / "broken.mp4", *fault)
    found = {finding.name: finding for finding in check_video(broken, timeline, motion=False)}
    assert not found[promise].holds


@pytest.mark.parametrize(
    ("late_s", "holds"), [(0.0, True), (0.04, True), (0.07, False), (0.2, False), (-0.2, False)]
)
def test_captions_are_compared_with_the_moras(
    late_s: float, holds: bool, video: ComposedVideo, timeline: Timeline, tmp_path: Path
) -> None:
    spoken = spoken_script(tmp_path / "speech.wav", (1.3, 1.0))
    said = [
        sentence.model_copy(update={"moras": tuple(_late(one, late_s) for one in _moras(sentence))})
        for sentence in spoken.sentences
    ]
    spoken = spoken.model_copy(update={"sentences": tuple(said)})
    found = check_video(video.video, timeline, motion=False, spoken=spoken)
    assert {one.name: one.holds for one in found}["captions to moras"] is holds


def _moras(sentence: SpokenSentence) -> list[SpokenWord]:
    """Return words in pieces as short as moras: with many of them, one is near to anything."""
    return [
        SpokenWord(
            text="ラ",
            start_s=word.start_s + (word.end_s - word.start_s) * number / 4,
            end_s=word.start_s + (word.end_s - word.start_s) * (number + 1) / 4,
        )
        for word in sentence.words
        for number in range(4)
    ]


def _late(word: SpokenWord, late_s: float) -> SpokenWord:
    moved = {"start_s": word.start_s + late_s, "end_s": word.end_s + late_s}
    return word.model_copy(update=moved)


def test_the_check_finds_a_move_that_jumps(tmp_path: Path, timeline: Timeline) -> None:
    """The same zoom by `zoompan`, which rounds to whole pixels."""
    segment = timeline.segments[0].model_copy(update={"frame_count": 25})
    depth, frames = segment.motion.depth, segment.frame_count
    scene = tmp_path / "scene.png"
    paint_scene(timeline.photos[0], 1280, 720).save(scene)
    zoom = f"1+{depth}*(1-cos(2*PI*on/{frames}))/2"
    x, y = segment.motion.focus
    place = f"x='iw*{x}*(1-1/zoom)':y='ih*{y}*(1-1/zoom)'"
    move = f"zoompan=z='{zoom}':{place}:d={frames}:s=1280x720:fps=25"
    ffmpeg("-i", str(scene), "-vf", move, "-frames:v", str(frames), str(tmp_path / "jumpy.mp4"))
    assert max(step_deviations_px(tmp_path / "jumpy.mp4", segment)) > STEP_TOLERANCE_PX


def test_the_same_timeline_gives_the_same_bytes(tmp_path: Path) -> None:
    timeline = planned(tmp_path, (0.6,), "1:1")
    made = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        made.append(compose_video(timeline, folder, lambda _f: None, lambda: False))
    one, two = made
    assert one.video.read_bytes() == two.video.read_bytes()
    assert one.poster.read_bytes() == two.poster.read_bytes()


def test_it_is_made_without_the_sandbox_too(tmp_path: Path, no_sandbox: None) -> None:
    timeline = planned(tmp_path, (0.6,), "9:16")
    made = compose_video(timeline, tmp_path, lambda _f: None, lambda: False)
    with av.open(str(made.video)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (720, 1280)


# --- cancelling -----------------------------------------------------------------------------


def _cancel_after(calls: int) -> Callable[[], bool]:
    asked = iter(range(10**9))
    return lambda: next(asked) >= calls


@pytest.mark.parametrize("calls", [0, 4])
def test_cancelling_leaves_no_process(calls: int, timeline: Timeline, tmp_path: Path) -> None:
    with pytest.raises(jail.JailBroken, match="cancelled"):
        compose_video(timeline, tmp_path, lambda _f: None, _cancel_after(calls))
    deadline_s = time.monotonic() + 10
    while str(tmp_path) in _command_lines():
        assert time.monotonic() < deadline_s, "ffmpeg still runs"
        time.sleep(0.02)
    assert not (tmp_path / "video.mp4").exists()


def _command_lines() -> str:
    command = ["ps", "-eo", "stat=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    living = [line for line in listed.splitlines() if not line.startswith("Z")]
    return "\n".join(line for line in living if "pytest" not in line)


# --- loudness -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("length_s", "level"),
    [(1.0, 0.3), (0.4, 0.2), (4.0, 0.01), (4.0, 0.9), (8.0, 0.1)],
    ids=["1 s", "0.4 s", "very quiet", "clipping", "8 s"],
)
def test_speech_of_any_length_and_level_comes_out_alike(
    length_s: float, level: float, tmp_path: Path
) -> None:
    silence = [0.0] * RATE_HZ
    speech = [*silence[: RATE_HZ * 2 // 5], *voiced(length_s, level), *silence[: RATE_HZ * 4 // 5]]
    source = write_wav(tmp_path / "speech.wav", speech)
    reached = master_speech(source, tmp_path / "voice.m4a", tmp_path)
    again = measure_loudness(tmp_path / "voice.m4a", tmp_path)
    assert again == Loudness(reached.lufs, reached.peak_db), (
        "what is reported is what is in the file"
    )
    assert reached.lufs == pytest.approx(-16.0, abs=1.0)
    assert reached.peak_db <= -1.0


# --- small version --------------------------------------------------------------------------


def test_a_small_version_keeps_voice_and_captions(
    video: ComposedVideo, timeline: Timeline, tmp_path: Path
) -> None:
    max_bytes = 120_000
    assert video.video.stat().st_size > max_bytes
    shrink_video(video.video, tmp_path / "small.mp4", max_bytes)
    assert (tmp_path / "small.mp4").stat().st_size <= max_bytes
    found = {finding.name: finding for finding in check_video(tmp_path / "small.mp4")}
    assert found["tracks"].holds
    assert found["faststart"].holds
    assert [cue.text for cue in embedded_cues(tmp_path / "small.mp4")] == [
        cue.text for cue in timeline.cues
    ]


def test_what_cannot_be_so_small_says_so(video: ComposedVideo, tmp_path: Path) -> None:
    with pytest.raises(jail.JailBroken, match="too long"):
        shrink_video(video.video, tmp_path / "small.mp4", 5_000)
    assert not (tmp_path / "small.mp4").exists()


# --- picture --------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1600, 900), (300, 1200), (2000, 200), (64, 64)])
@pytest.mark.parametrize("canvas", [(1280, 720), (720, 1280), (720, 720)])
def test_photos_of_any_shape_are_laid_out(
    shape: tuple[int, int], canvas: tuple[int, int], tmp_path: Path
) -> None:
    Image.new("RGB", shape, (200, 180, 160)).save(tmp_path / "photo.jpg")
    scene = paint_scene(tmp_path / "photo.jpg", *canvas)
    assert scene.size == canvas
    middle = [scene.getpixel((canvas[0] // 2, row)) for row in range(canvas[1])]
    assert any(pixel == pytest.approx((200, 180, 160), abs=4) for pixel in middle)


def _bars(samples: list[float], frames: int, target: Path) -> list[bytes]:
    pcm = array("h", [round(sample * 32_767) for sample in samples]).tobytes()
    waveform.write_bars(pcm, RATE_HZ, frames, 25, target)
    raw, size = target.read_bytes(), waveform.WIDTH_PX * waveform.HEIGHT_PX
    return [raw[n * size : (n + 1) * size] for n in range(frames)]


def test_the_waveform_moves_with_the_voice_and_rests_at_the_seams(tmp_path: Path) -> None:
    quiet = _bars([0.0] * RATE_HZ, 25, tmp_path / "quiet")
    speech = [0.0] * 2400 + voiced(0.9)
    spoken = _bars(speech, 25, tmp_path / "spoken")
    ink = [sum(frame) for frame in spoken]
    assert len(quiet) == len(spoken) == 25
    assert spoken[0] == quiet[0]
    assert max(ink) > 4 * sum(quiet[0])
    assert sum(spoken[-1]) < 1.1 * sum(quiet[0])


def test_the_waveform_is_a_function_of_the_segment_alone(tmp_path: Path) -> None:
    speech = voiced(0.5)
    assert _bars(speech, 12, tmp_path / "one") == _bars(speech, 12, tmp_path / "two")


def test_the_file_does_not_tell_where_it_was_made(video: ComposedVideo) -> None:
    assert video.video.parent.name.encode() not in video.video.read_bytes()
