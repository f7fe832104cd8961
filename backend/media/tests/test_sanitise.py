"""Recordings of browsers and phones become streams of ours, and nothing else comes along."""

import math
from pathlib import Path

import av
import pytest
from PIL import Image

from backend.media import MediaRejected, Video, sanitise_video
from backend.media.tests.material import H264, LIVE_MP4, LIVE_WEBM, PHONE_MP4, ffmpeg, film

OPUS_IN_MP4 = ("-c:a", "libopus", "-f", "mp4", "-movflags", "+frag_keyframe+empty_moov")
SILENT_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")
# Without a word of the encoder's on stderr.
HEVC = ("-c:v", "libx265", "-x265-params", "log-level=none", "-preset", "ultrafast")
SVT_AV1 = ("-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "lp=2")


def sanitised(source: Path, may_be_cut: bool = True) -> tuple[Video, Path]:
    target = source.with_name("made")
    return sanitise_video(source, target, may_be_cut), target


def refusal(source: Path, may_be_cut: bool = False) -> str:
    with pytest.raises(MediaRejected) as refused:
        sanitised(source, may_be_cut)
    [error] = refused.value.errors
    assert error.fix.endswith(".")
    return error.code


@pytest.mark.parametrize(
    ("options", "stream_type", "codecs"),
    [
        pytest.param(LIVE_WEBM, "video/webm", ["vp8", "opus"], id="Chrome's VP8"),
        pytest.param(
            (*SILENT_VP9, "-c:a", "libopus", "-f", "webm", "-live", "1"),
            "video/webm", ["vp9", "opus"], id="Chrome's VP9",
        ),
        pytest.param(
            (*SVT_AV1, "-c:a", "libopus", "-f", "webm"), "video/webm", ["av1", "opus"], id="AV1"
        ),
        pytest.param((*SILENT_VP9, *OPUS_IN_MP4), "video/webm", ["vp9", "opus"], id="VP9 in MP4"),
        pytest.param(
            (*H264, "-c:a", "libopus", "-f", "matroska", "-live", "1"),
            "video/mp4", ["h264", "opus"], id="Chrome's H.264 in WebM",
        ),
        pytest.param(LIVE_MP4, "video/mp4", ["h264", "aac"], id="Safari's fragments"),
        pytest.param(PHONE_MP4, "video/mp4", ["h264", "aac"], id="a phone's MP4"),
        pytest.param((*H264, "-c:a", "aac", "-f", "mov"), "video/mp4", ["h264", "aac"], id="MOV"),
        pytest.param((*HEVC, "-c:a", "aac", "-f", "mov"), None, ["hevc", "aac"], id="HEVC"),
        pytest.param(
            (*H264, "-c:a", "pcm_s16le", "-f", "mov"), None, ["h264", "pcm_s16le"], id="PCM sound"
        ),
        pytest.param(
            (*H264, "-c:a", "libmp3lame", "-f", "mp4"), None, ["h264", "mp3"], id="MP3 sound"
        ),
        pytest.param(
            ("-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-c:a", "aac", "-f", "mp4"),
            None, ["h264", "aac"], id="10 bits",
        ),
    ],
)  # fmt: skip
def test_a_recording_of_each_kind(
    options: tuple[str, ...], stream_type: str | None, codecs: list[str], tmp_path: Path
) -> None:
    video, made = sanitised(film(tmp_path / "given", 2.0, *options))
    assert video.stream_type == stream_type
    assert (video.width_px, video.height_px, video.has_audio) == (320, 180, True)
    assert video.duration_s == pytest.approx(2.0, abs=0.1)
    assert video.frame_rate == pytest.approx(30, abs=1)
    with av.open(str(made)) as container:
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(video.duration_s, abs=0.01)
        found = [stream.codec_context.codec.canonical_name for stream in container.streams]
        assert found == codecs
        assert sum(1 for _ in container.decode(video=0)) == 60, "no picture is lost"


def test_the_pictures_are_those_that_were_recorded(walls: str, tmp_path: Path) -> None:
    source = film(tmp_path / "given", 1.0, *LIVE_WEBM)
    _, made = sanitised(source)

    def pictures(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(video=0) if packet.size]

    assert pictures(made) == pictures(source)


@pytest.mark.parametrize(
    ("options", "index"), [(LIVE_WEBM, b"\x1c\x53\xbb\x6b"), (LIVE_MP4, b"stco")]
)
def test_what_a_recorder_leaves_out_is_added(
    options: tuple[str, ...], index: bytes, tmp_path: Path
) -> None:
    """A player can jump: there is a duration, and an index before the first picture."""
    source = film(tmp_path / "given", 3.0, *options)
    _, made = sanitised(source)
    raw = made.read_bytes()
    first_picture = raw.index(b"mdat" if raw[4:8] == b"ftyp" else b"\x1f\x43\xb6\x75")
    assert 0 < raw.index(index) < first_picture
    with av.open(str(made)) as container:
        assert container.duration is not None
        container.seek(2_000_000)
        frame = next(container.decode(video=0))
        assert frame.time is not None


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("options", [(*H264, "-c:a", "aac"), (*H264, "-c:a", "pcm_s16le")])
def test_a_phones_turn_is_kept(options: tuple[str, ...], quarters: int, tmp_path: Path) -> None:
    flat = film(tmp_path / "flat.mov", 0.5, *options)
    ffmpeg("-display_rotation", str(90 * quarters), "-i", str(flat), "-c", "copy",
           str(tmp_path / "given.mov"))  # fmt: skip
    video, made = sanitised(tmp_path / "given.mov")
    upright = (320, 180) if quarters == 2 else (180, 320)
    assert (video.width_px, video.height_px) == upright
    ffmpeg("-i", str(made), "-frames:v", "1", str(tmp_path / "shown.png"))
    with Image.open(tmp_path / "shown.png") as shown:
        assert shown.size == upright


def test_a_silent_film_stays_silent(tmp_path: Path) -> None:
    source = film(tmp_path / "given", 1.0, "-an", *LIVE_WEBM)
    video, made = sanitised(source)
    assert not video.has_audio
    with av.open(str(made)) as container:
        assert not container.streams.audio


@pytest.mark.parametrize("rate", [10, 24, 60])
def test_the_rate_is_the_cameras_own_also_where_the_sound_goes_on(
    rate: int, tmp_path: Path
) -> None:
    source = tmp_path / "given"
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=size=320x180:rate={rate}:duration=1", "-f", "lavfi",
           "-i", "sine=duration=3", *LIVE_WEBM, str(source))  # fmt: skip
    video, _ = sanitised(source)
    assert video.frame_rate == pytest.approx(rate, abs=0.5)
    assert video.duration_s == pytest.approx(3.0, abs=0.1)


def test_nothing_else_comes_along(tmp_path: Path) -> None:
    subtitles = tmp_path / "words.srt"
    subtitles.write_text("1\n00:00:00,000 --> 00:00:01,000\nunder the table\n")
    film(tmp_path / "flat.mkv", 1.0, *H264, "-c:a", "aac")
    note = tmp_path / "note.txt"
    note.write_text("an attachment")
    ffmpeg("-i", str(tmp_path / "flat.mkv"), "-i", str(subtitles), "-map", "0", "-map", "0:a",
           "-map", "1", "-c", "copy", "-attach", str(note), "-metadata:s:t", "mimetype=text/plain",
           "-metadata", "title=where I live", "-metadata", "location=+35.6-139.7",
           str(tmp_path / "given.mkv"))  # fmt: skip
    _, made = sanitised(tmp_path / "given.mkv")
    with av.open(str(made)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
    raw = made.read_bytes()
    for word in (b"where I live", b"+35.6", b"an attachment", b"under the table"):
        assert word in (tmp_path / "given.mkv").read_bytes() or word == b"+35.6"
        assert word not in raw


# --- what can't be used ---------------------------------------------------------------------


def test_sound_alone_is_no_recording(tmp_path: Path) -> None:
    source = film(tmp_path / "given", 1.0, "-vn", "-c:a", "libopus", "-f", "webm")
    assert refusal(source) == "recording_without_picture"


def test_a_cover_is_no_picture(tmp_path: Path) -> None:
    Image.new("RGB", (100, 100)).save(tmp_path / "cover.jpg")
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-i", str(tmp_path / "cover.jpg"), "-map", "0",
           "-map", "1", "-c:v", "mjpeg", "-disposition:v", "attached_pic",
           str(tmp_path / "given.m4a"))  # fmt: skip
    assert refusal(tmp_path / "given.m4a") == "recording_without_picture"


def test_a_codec_that_no_phone_records_is_refused(tmp_path: Path) -> None:
    source = film(tmp_path / "given", 0.5, "-c:v", "prores", "-c:a", "aac", "-f", "mov")
    assert refusal(source) == "recording_unsupported"


def test_a_picture_of_8k_is_refused(tmp_path: Path) -> None:
    source = film(tmp_path / "given", 0.1, *PHONE_MP4, size="7680x4320", rate=10)
    assert refusal(source) == "recording_resolution"


def test_an_empty_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(b"")
    assert refusal(tmp_path / "given") == "media_empty"


@pytest.mark.parametrize("may_be_cut", [True, False])
def test_an_hour_is_the_longest(may_be_cut: bool, tmp_path: Path) -> None:
    """Three hours of one picture a minute: small, and in a container that may declare nothing."""
    source = tmp_path / "given"
    live = (
        ("-f", "matroska", "-live", "1")
        if may_be_cut
        else (
            "-f",
            "matroska",
        )
    )
    ffmpeg("-f", "lavfi", "-i", "color=size=64x64:rate=1/60:duration=10800", *H264, *live,
           str(source))  # fmt: skip
    assert refusal(source, may_be_cut) == "recording_too_long"


@pytest.mark.parametrize("kept", [0.35, 0.7, 0.98])
@pytest.mark.parametrize("options", [LIVE_WEBM, LIVE_MP4], ids=["WebM", "fragments"])
def test_a_take_that_broke_off_is_kept_as_far_as_it_goes(
    options: tuple[str, ...], kept: float, tmp_path: Path
) -> None:
    source = film(tmp_path / "given", 4.0, *options, "-g", "15")
    raw = source.read_bytes()
    source.write_bytes(raw[: int(len(raw) * kept)])
    video, made = sanitised(source, may_be_cut=True)
    assert video.duration_s == pytest.approx(4.0 * kept, abs=1.0)
    with av.open(str(made)) as container:
        shown_s = sum(1 for _ in container.decode(video=0)) / 30
    assert math.isclose(shown_s, video.duration_s, abs_tol=0.3)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((*PHONE_MP4, "-movflags", "+faststart"), "media_truncated"),
        (PHONE_MP4, "media_unreadable"),  # without its index, which comes last
        ((*LIVE_WEBM[:-2],), "media_truncated"),
    ],
    ids=["MP4", "MP4 without index", "WebM with a duration"],
)
def test_a_chosen_file_should_be_whole(options: tuple[str, ...], code: str, tmp_path: Path) -> None:
    source = film(tmp_path / "given", 4.0, *options)
    raw = source.read_bytes()
    source.write_bytes(raw[: int(len(raw) * 0.6)])
    assert refusal(source) == code
