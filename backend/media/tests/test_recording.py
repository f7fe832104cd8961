"""Videos made of recordings, measured as a viewer gets them."""

import json
import subprocess
import time
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from PIL import Image, ImageFilter

from backend.media import jail, sanitise_video
from backend.media.captions import Cue
from backend.media.poster import pick_poster
from backend.media.previews import MAX_THUMBNAIL_BYTES, make_thumbnail, write_waveform
from backend.media.recording import RecordedVideo, Watch, compose_recording, kept_cues
from backend.media.recording_plan import RecordingPlan, Voiceover
from backend.media.sizes import fitted_size
from backend.media.tests.material import (
    H264,
    LIVE_MP4,
    LIVE_WEBM,
    ffmpeg,
    film,
    spoken_script,
    voiced,
    write_wav,
)

SILENT = Watch(lambda _fraction: None, lambda _poster: None, lambda: False)


def planned(source: Path, **changes: object) -> RecordingPlan:
    """Sanitise `source` as an upload does, and plan its whole length."""
    made = source.with_name(source.name + ".made")
    video = sanitise_video(source, made, may_be_cut=True)
    width_px, height_px = fitted_size(video.width_px, video.height_px)
    plan = {
        "recording": made, "span_s": (0.0, video.duration_s), "has_audio": video.has_audio,
        "frame_rate": video.frame_rate, "width_px": width_px, "height_px": height_px,
        "script": "", "language": "en", **changes,
    }  # fmt: skip
    return RecordingPlan(**plan)  # type: ignore[arg-type]


def composed(plan: RecordingPlan, folder: Path, watch: Watch = SILENT) -> RecordedVideo:
    folder.mkdir(exist_ok=True)
    return compose_recording(plan, folder, watch)


def heard(video: Path) -> tuple[np.ndarray, int]:
    target = video.with_suffix(".wav")
    ffmpeg("-i", str(video), "-ac", "1", str(target))
    samples, rate_hz = soundfile.read(target)
    return samples, rate_hz


def frames_of(video: Path) -> list[np.ndarray]:
    with av.open(str(video)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


# --- picture ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((640, 360), (640, 360)),
        ((1920, 1080), (1920, 1080)),
        ((3840, 2160), (1920, 1080)),
        ((2160, 3840), (1080, 1920)),
        ((1440, 1440), (1080, 1080)),
        ((1001, 501), (1000, 500)),
        ((4096, 64), (1920, 30)),
        ((1, 1), (2, 2)),
    ],
)
def test_a_picture_keeps_its_shape_and_gets_no_larger(
    size: tuple[int, int], fitted: tuple[int, int]
) -> None:
    assert fitted_size(*size) == fitted


@pytest.mark.parametrize(
    ("rate", "made_rate"), [(60, 30), (30, 30), (25, 25), (24, 24), (15, 15), (8, 15)]
)
def test_pictures_come_at_a_constant_rate(rate: int, made_rate: int, tmp_path: Path) -> None:
    source = film(tmp_path / "given", 1.0, *LIVE_WEBM, rate=rate)
    video = composed(planned(source), tmp_path / "out").video
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == made_rate
        steps = {packet.duration for packet in container.demux(stream) if packet.size}
    assert len(steps) == 1


def test_a_large_picture_fits_what_phones_decode(tmp_path: Path) -> None:
    source = film(tmp_path / "given", 0.5, *H264, "-c:a", "aac", "-f", "mp4", size="2560x1440")
    video = composed(planned(source), tmp_path / "out").video
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (1920, 1080)
        # avcC's fourth byte is the level, ten times as much (ISO/IEC 14496-15, 5.2.4.1).
        assert bytes(stream.codec_context.extradata or b"")[3] <= 41


def test_a_camera_that_ends_before_its_sound_shows_its_last_picture(tmp_path: Path) -> None:
    source = tmp_path / "given.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=1", "-f", "lavfi", "-i",
           "sine=duration=2", *H264, "-c:a", "aac", str(source))  # fmt: skip
    made = composed(planned(source), tmp_path / "out")
    frames = frames_of(made.video)
    assert len(frames) == pytest.approx(60, abs=2)
    assert np.abs(frames[-1].astype(int) - frames[32]).mean() < 2


def test_a_sound_that_ends_before_the_picture_becomes_silence(tmp_path: Path) -> None:
    source = tmp_path / "given.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=2", "-f", "lavfi", "-i",
           "sine=duration=1", *H264, "-c:a", "aac", str(source))  # fmt: skip
    samples, rate_hz = heard(composed(planned(source), tmp_path / "out").video)
    assert len(samples) / rate_hz == pytest.approx(2.0, abs=0.1)
    assert np.abs(samples[rate_hz * 12 // 10 : rate_hz * 19 // 10]).max() < 0.01


def test_sound_stays_with_the_picture(tmp_path: Path) -> None:
    """A flash and a beep at 2 s, recorded with the sound a little late as browsers do."""
    source = tmp_path / "given.mkv"
    flash = "drawbox=color=white:t=fill:enable='between(t,2,2.1)'"
    flash = f"color=black:size=320x180:rate=30:duration=4,{flash}"
    ffmpeg("-f", "lavfi", "-i", flash, "-f", "lavfi", "-i",
           "sine=frequency=880:duration=4,volume='between(t,2,2.1)':eval=frame", *H264,
           "-c:a", "libopus", str(source))  # fmt: skip
    for span_s in ((0.0, 4.0), (1.5, 3.5)):
        video = composed(planned(source, span_s=span_s), tmp_path / f"out-{span_s[0]}").video
        seen_s = next(i for i, f in enumerate(frames_of(video)) if f.mean() > 120) / 30
        samples, rate_hz = heard(video)
        heard_s = int(np.argmax(np.abs(samples) > 0.05)) / rate_hz
        assert seen_s == pytest.approx(2 - span_s[0], abs=0.04)
        assert heard_s == pytest.approx(seen_s, abs=0.05)


def test_high_dynamic_range_becomes_what_every_screen_shows(tmp_path: Path) -> None:
    source = tmp_path / "given.mov"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=0.5", "-vf",
           "format=yuv420p10le", "-c:v", "libx265", "-x265-params",
           "log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc",
           "-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc",
           str(source))  # fmt: skip
    video = composed(planned(source), tmp_path / "out").video
    with av.open(str(video)) as container:
        frame = next(container.decode(video=0))
        assert (frame.format.name, int(frame.color_trc), int(frame.colorspace)) == ("yuv420p", 1, 1)


@pytest.mark.parametrize("colour", ["red", "green", "blue", "white", "0x336699"])
def test_colours_are_those_that_were_recorded(colour: str, tmp_path: Path) -> None:
    """VP8 knows no other colours than BT.601; every video of ours says BT.709."""
    ffmpeg("-f", "lavfi", "-i", f"color={colour}:size=320x180:rate=30:duration=0.5", *LIVE_WEBM,
           str(tmp_path / "given"))  # fmt: skip
    with Image.new("RGB", (1, 1), colour.replace("0x", "#")) as wanted:
        rgb = wanted.getpixel((0, 0))
    video = composed(planned(tmp_path / "given"), tmp_path / "out").video
    still = tmp_path / "still.png"
    ffmpeg("-i", str(video), "-frames:v", "1", "-vf",
           "scale=in_color_matrix=bt709:in_range=tv,format=rgb24", str(still))  # fmt: skip
    with Image.open(still) as seen:
        assert seen.getpixel((160, 90)) == pytest.approx(rgb, abs=8)


# --- progress and cancel ------------------------------------------------------------------------


def test_progress_is_real_and_the_poster_comes_first(tmp_path: Path) -> None:
    told: list[float | str] = []
    source = film(tmp_path / "given", 6.0, *LIVE_MP4, size="1280x720")
    watch = Watch(told.append, lambda poster: told.append(poster.name), lambda: False)
    composed(planned(source), tmp_path / "out", watch)
    assert told[0] == "poster.jpg"
    fractions = [fraction for fraction in told if isinstance(fraction, float)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len([fraction for fraction in fractions if 0.2 < fraction < 0.9]) >= 2


@pytest.mark.parametrize("calls", [0, 3, 12, 25])
def test_cancelling_leaves_no_process(calls: int, tmp_path: Path) -> None:
    source = film(tmp_path / "given", 4.0, *LIVE_MP4, size="1280x720")
    asked = iter(range(10**9))
    watch = Watch(lambda _f: None, lambda _p: None, lambda: next(asked) >= calls)
    plan = planned(source)
    with pytest.raises(jail.JailBroken, match="cancelled"):
        composed(plan, tmp_path / "out", watch)
    deadline_s = time.monotonic() + 10
    while str(tmp_path) in _command_lines():
        assert time.monotonic() < deadline_s, "ffmpeg still runs"
    assert not (tmp_path / "out" / "video.mp4").exists()


def _command_lines() -> str:
    command = ["ps", "-eo", "stat=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    living = [line for line in listed.splitlines() if not line.startswith("Z")]
    return "\n".join(line for line in living if "pytest" not in line)


# --- another voice ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recorded_s", "pace"),
    [(4.0, 1.0), (3.8, 4.0 / 3.8), (4.5, 4.0 / 4.5), (2.0, 1.15), (9.0, 0.85)],
)
def test_the_picture_is_fitted_to_the_speech(
    recorded_s: float, pace: float, tmp_path: Path
) -> None:
    """Within 15 % it plays faster or slower; beyond, its end stays or is cut."""
    speech = tmp_path / "speech.wav"
    spoken = spoken_script(speech, (1.2, 1.0), pause_s=0.48)
    source = film(tmp_path / "given", recorded_s, "-an", *LIVE_WEBM)
    plan = planned(source, voiceover=Voiceover(speech, spoken), span_s=(0.0, recorded_s))
    assert plan.duration_s == pytest.approx(4.0, abs=0.01)
    assert plan.pace == pytest.approx(pace, abs=0.01)
    made = composed(plan, tmp_path / "out")
    frames, whole = frames_of(made.video), frames_of(plan.recording)
    assert len(frames) == round(plan.duration_s * plan.made_rate)
    middle = len(frames) * 2 // 5
    wanted = min(round(middle / plan.made_rate / pace * 30), len(whole) - 1)
    near = range(max(0, wanted - 4), min(len(whole), wanted + 5))
    off = [np.abs(frames[middle].astype(int) - whole[index]).mean() for index in near]
    assert abs(near[int(np.argmin(off))] - wanted) <= 2


def test_the_voice_is_heard_where_its_captions_are(tmp_path: Path) -> None:
    speech = tmp_path / "speech.wav"
    spoken = spoken_script(speech, (1.2, 1.0))
    source = film(tmp_path / "given", 3.0, *LIVE_WEBM)
    given = (Cue(start_s=0, end_s=1, text="of the recorded sound"),)
    plan = planned(source, voiceover=Voiceover(speech, spoken), captions=given)
    made = composed(plan, tmp_path / "out")
    samples, rate_hz = heard(made.video)
    assert np.abs(samples[: int(0.35 * rate_hz)]).max() < 0.01
    assert np.abs(samples[int(0.45 * rate_hz) : rate_hz]).max() > 0.1
    written = made.captions.read_text()
    assert "of the recorded sound" not in written
    assert "00:00:00.420 --> 00:00:01.620\nこれは1番目の文です。" in written


def test_a_voice_that_asks_for_it_is_credited_at_the_end(tmp_path: Path) -> None:
    speech = tmp_path / "speech.wav"
    spoken = spoken_script(speech, (1.2,)).model_copy(update={"credit": "VOICEVOX:試験花子"})
    source = film(tmp_path / "given", 3.0, *LIVE_WEBM)
    plan = planned(source, voiceover=Voiceover(speech, spoken), language="ja")
    made = composed(plan, tmp_path / "out")
    assert made.captions.read_text().rstrip().endswith("音声：VOICEVOX:試験花子")
    with av.open(str(made.video)) as container:
        assert container.metadata["artist"] == "VOICEVOX:試験花子"


# --- music --------------------------------------------------------------------------------------


@pytest.fixture
def with_music(tmp_path: Path) -> RecordingPlan:
    """Two seconds of speech, two of silence, two of speech, two of silence; a tone as music."""
    words = [*voiced(2.0), *([0.0] * 48_000)] * 2
    write_wav(tmp_path / "words.wav", words)
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=8", "-i",
           str(tmp_path / "words.wav"), *LIVE_WEBM, str(tmp_path / "given"))  # fmt: skip
    music = tmp_path / "music.wav"
    ffmpeg("-f", "lavfi", "-i", "sine=frequency=3000:duration=1.5", "-af", "volume=0.5",
           str(music))  # fmt: skip
    return planned(tmp_path / "given", music=music)


def test_music_makes_room_for_the_voice(with_music: RecordingPlan, tmp_path: Path) -> None:
    made = composed(with_music, tmp_path / "out")
    samples, rate_hz = heard(made.video)

    def tone_db(from_s: float, to_s: float) -> float:
        part = samples[int(from_s * rate_hz) : int(to_s * rate_hz)]
        at_s = np.arange(len(part)) / rate_hz
        # By tenths of a second: where the music begins anew its phase does, too.
        pieces = np.array_split(part * np.exp(-2j * np.pi * 3000 * at_s), 10)
        return float(20 * np.log10(np.mean([abs(piece.mean()) for piece in pieces]) + 1e-9))

    alone, under_voice = tone_db(3.0, 3.9), tone_db(4.5, 5.9)
    assert 6 < alone - under_voice < 24
    assert tone_db(7.85, 7.99) < alone - 12, "it fades at the end"
    assert made.lufs == pytest.approx(-16.0, abs=1.0)


def test_music_alone_is_as_loud_as_a_voice(tmp_path: Path) -> None:
    music = tmp_path / "music.wav"
    ffmpeg("-f", "lavfi", "-i", "sine=frequency=500:duration=3", str(music))
    plan = planned(film(tmp_path / "given", 4.0, "-an", *LIVE_WEBM), music=music)
    assert composed(plan, tmp_path / "out").lufs == pytest.approx(-16.0, abs=1.0)


# --- captions -----------------------------------------------------------------------------------


def test_captions_of_what_is_cut_are_cut() -> None:
    cues = [Cue(start_s=n, end_s=n + 1.5, text=str(n)) for n in range(5)]
    kept = kept_cues(cues, (1.75, 3.25))
    assert [(cue.start_s, cue.end_s, cue.text) for cue in kept] == [
        (0.0, 0.75, "1"), (0.25, 1.5, "2"), (1.25, 1.5, "3"),
    ]  # fmt: skip


# --- poster and previews ------------------------------------------------------------------------


def test_the_poster_is_the_sharpest_of_the_first_third(tmp_path: Path) -> None:
    """Black, then blurred, then sharp for a moment, then what is sharper still but too late."""
    dice = np.random.default_rng(5)
    noise = Image.fromarray(dice.integers(0, 255, (90, 160), dtype=np.uint8))
    sharp = noise.resize((320, 180), Image.Resampling.NEAREST)
    blurred = sharp.filter(ImageFilter.GaussianBlur(6))
    names = {"black": Image.new("L", (320, 180)), "blurred": blurred, "sharp": sharp}
    for name, picture in names.items():
        picture.convert("RGB").save(tmp_path / f"{name}.png")
    parts: list[str] = []
    for name, length_s in (("black", 0.8), ("blurred", 1.2), ("sharp", 0.6), ("blurred", 0.4)):
        parts += ["-loop", "1", "-t", str(length_s), "-i", str(tmp_path / f"{name}.png")]
    parts += ["-f", "lavfi", "-t", "6", "-i", "mandelbrot=size=320x180:rate=25"]
    ffmpeg(*parts, "-filter_complex", "[0][1][2][3][4]concat=n=5,format=yuv420p", *H264,
           str(tmp_path / "given.mkv"))  # fmt: skip
    plan = planned(tmp_path / "given.mkv")
    at_s = pick_poster(plan.recording, plan.span_s, (320, 180), tmp_path / "poster.jpg")
    assert 2.0 <= at_s <= 2.6
    with Image.open(tmp_path / "poster.jpg") as poster:
        seen = np.asarray(poster.convert("L"), float)
    assert np.corrcoef(seen.ravel(), np.asarray(sharp, float).ravel())[0, 1] > 0.9


@pytest.mark.parametrize("length_s", [0.2, 2.0])
def test_of_the_shortest_recording_there_is_a_poster_too(length_s: float, tmp_path: Path) -> None:
    plan = planned(film(tmp_path / "given", length_s, *LIVE_WEBM))
    made = composed(plan, tmp_path / "out")
    for name in ("poster.jpg", "thumbnail.gif"):
        assert (made.video.parent / name).stat().st_size > 100


@pytest.mark.parametrize(
    "source", ["nullsrc=size=1280x720:rate=30", "testsrc2=size=720x1280:rate=30"]
)
def test_a_thumbnail_moves_for_three_seconds_and_stays_small(source: str, tmp_path: Path) -> None:
    """Noise is the worst there is for a GIF."""
    noise = ["-vf", "geq=random(1)*255:128:128"] if source.startswith("nullsrc") else []
    ffmpeg("-f", "lavfi", "-i", f"{source}:duration=4", *noise, *H264, str(tmp_path / "video.mp4"))
    make_thumbnail(tmp_path / "video.mp4", 0.5, tmp_path / "thumbnail.gif")
    assert (tmp_path / "thumbnail.gif").stat().st_size <= MAX_THUMBNAIL_BYTES
    with Image.open(tmp_path / "thumbnail.gif") as gif:
        assert gif.width <= 320
        shown_ms, different = 0, set()
        for number in range(gif.n_frames):  # type: ignore[attr-defined]
            gif.seek(number)
            shown_ms += gif.info["duration"]
            different.add(gif.convert("L").tobytes())
    assert shown_ms == pytest.approx(3000, abs=300)
    assert len(different) > 6


def test_a_waveform_shows_where_it_is_loud(tmp_path: Path) -> None:
    samples = [*([0.0] * 8000), *voiced(1.0, rate_hz=8000), *([0.0] * 8000)]
    pcm = (np.array(samples) * 32_767).astype("<i2").tobytes()
    write_waveform(pcm, tmp_path / "waveform.json")
    peaks = json.loads((tmp_path / "waveform.json").read_text())["peaks"]
    assert len(peaks) == 200
    assert max(peaks) == 1.0
    assert set(peaks[:60]) == set(peaks[140:]) == {0.0}
    assert min(peaks[70:130]) > 0.1


@pytest.mark.parametrize("pcm", [b"", bytes(2), bytes(100_000)])
def test_the_waveform_of_silence_is_flat(pcm: bytes, tmp_path: Path) -> None:
    write_waveform(pcm, tmp_path / "waveform.json")
    assert json.loads((tmp_path / "waveform.json").read_text()) == {"peaks": [0.0] * 200}


def test_it_is_made_without_the_sandbox_too(no_sandbox: None, tmp_path: Path) -> None:
    plan = planned(film(tmp_path / "given", 0.5, *LIVE_WEBM))
    assert composed(plan, tmp_path / "out").duration_s == pytest.approx(0.5, abs=0.1)
