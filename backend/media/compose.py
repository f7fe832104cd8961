"""From a timeline to the finished MP4: segments drawn, joined, and given voice and captions."""

import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backend.media import ffmpeg, jail, waveform
from backend.media.muxing import Tracks, mux_video
from backend.media.scene import paint_scene
from backend.media.soundtrack import master_soundtrack
from backend.media.timeline import Segment, Timeline

_DRAW_LIMITS = jail.Limits(wall_s=900, cpu_s=1800)
_JOIN_LIMITS = jail.Limits(wall_s=180, cpu_s=180)
# Shares of the whole that each part takes, for the percent.
_DRAWN, _MASTERED = 0.92, 0.97
# In a move this slow, a small residual that is dropped and made up for later shows as a tiny jump:
# 0.05 px a frame at most with these, 0.11 px without, in a file of the same size.
_KEEP_SMALL_MOVES = "no-dct-decimate=1:no-fast-pskip=1:deadzone-inter=6:deadzone-intra=6:aq-mode=2"
WAVEFORM_FROM_BOTTOM = 0.07


@dataclass(frozen=True)
class ComposedVideo:
    """The finished files, all in the folder that was given."""

    video: Path
    poster: Path
    captions: Path
    duration_s: float
    lufs: float


def compose_video(
    timeline: Timeline,
    folder: Path,
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> ComposedVideo:
    """Draw `timeline` into `folder`. The same timeline gives the same bytes.

    on_progress: called with the fraction that is done, 0..1
    raises:      JailBroken("cancelled") soon after `is_cancelled` says so, JailBroken on failure
    """
    _paint_scenes(timeline, folder)
    segments = _draw_segments(timeline, folder, on_progress, is_cancelled)
    narration, voice = _narration(timeline, folder), folder / "voice.m4a"
    loudness = master_soundtrack(
        narration, timeline.music, timeline.duration_s, voice, is_cancelled
    )
    on_progress(_MASTERED)
    _join(timeline, segments, folder, is_cancelled)
    on_progress(1.0)
    return ComposedVideo(
        video=folder / "video.mp4",
        poster=folder / "poster.jpg",
        captions=folder / "captions.vtt",
        duration_s=timeline.duration_s,
        lufs=loudness.lufs,
    )


# --- voice ----------------------------------------------------------------------------------


def _segment_pcm(timeline: Timeline, segment: Segment, speech: wave.Wave_read) -> bytes:
    """Return the segment's samples, margins and padding to whole frames included."""
    speech.setpos(segment.speech_start)
    spoken = speech.readframes(segment.speech_samples)
    lead = bytes(2 * segment.lead_frames * timeline.samples_per_frame)
    whole = 2 * segment.frame_count * timeline.samples_per_frame
    return (lead + spoken).ljust(whole, b"\0")


def _narration(timeline: Timeline, folder: Path) -> Path:
    narration = folder / "narration.wav"
    with wave.open(str(timeline.speech)) as speech, wave.open(str(narration), "wb") as out:
        out.setparams((1, 2, timeline.sample_rate_hz, 0, "NONE", ""))
        for segment in timeline.segments:
            out.writeframes(_segment_pcm(timeline, segment, speech))
    return narration


# --- picture --------------------------------------------------------------------------------


def _paint_scenes(timeline: Timeline, folder: Path) -> None:
    """Paint each photo's still picture, and the poster, which is the first of them."""
    for index, photo in enumerate(timeline.photos):
        painted = paint_scene(photo, timeline.width_px, timeline.height_px)
        painted.save(_scene(folder, index), compress_level=1)
        if index == 0:
            painted.save(folder / "poster.jpg", "JPEG", quality=88, optimize=True)


def _scene(folder: Path, picture: int) -> Path:
    return folder / f"scene-{picture}.png"


def _draw_segments(
    timeline: Timeline,
    folder: Path,
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> list[Path]:
    drawn: list[Path] = []
    total_s = timeline.duration_s
    with wave.open(str(timeline.speech)) as speech:
        for index, segment in enumerate(timeline.segments):
            done_s = segment.start_frame / timeline.frame_rate
            pcm = _segment_pcm(timeline, segment, speech)
            target = folder / f"segment-{index:04}.mp4"
            _draw_segment(
                timeline, segment, pcm, target,
                lambda time_s, done_s=done_s: on_progress(_DRAWN * (done_s + time_s) / total_s),  # type: ignore[misc]
                is_cancelled,
            )  # fmt: skip
            drawn.append(target)
    return drawn


def _draw_segment(
    timeline: Timeline,
    segment: Segment,
    pcm: bytes,
    target: Path,
    on_time: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> None:
    folder, rate = target.parent, str(timeline.frame_rate)
    bars = folder / "bars.gray"
    waveform.write_bars(
        pcm, timeline.sample_rate_hz, segment.frame_count, timeline.frame_rate, bars
    )
    bars_size = f"{waveform.WIDTH_PX}x{waveform.HEIGHT_PX}"
    arguments = [
        "-framerate", rate, "-i", f"file:{_scene(folder, segment.picture)}",
        "-f", "rawvideo", "-pixel_format", "gray", "-video_size", bars_size,
        "-framerate", rate, "-i", f"file:{bars}",
        "-filter_complex", _graph(timeline, segment), "-map", "[picture]",
        "-frames:v", str(segment.frame_count),
        # No B-frames: segments begin at zero and join without an edit list. Key frames are rare.
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-bf", "0", "-g", "250",
        "-x264-params", _KEEP_SMALL_MOVES, *ffmpeg.ENCODER_THREADS,
        "-profile:v", "high", "-level", "4.0", "-pix_fmt", "yuv420p",
        "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
        "-video_track_timescale", "12800", "-fflags", "+bitexact", "-flags:v", "+bitexact",
        f"file:{target}",
    ]  # fmt: skip
    ffmpeg.run(arguments, folder, (), _DRAW_LIMITS, on_time, is_cancelled)
    bars.unlink()


def _graph(timeline: Timeline, segment: Segment) -> str:
    width_px = waveform.WIDTH_PX // waveform.SCALE
    height_px = waveform.HEIGHT_PX // waveform.SCALE
    left = (timeline.width_px - width_px) // 2 // 2 * 2
    middle = timeline.height_px * (1 - WAVEFORM_FROM_BOTTOM)
    top = round(middle - height_px / 2) // 2 * 2
    return ";".join((
        # `loop` after the decoder: the picture is decoded once, not for every frame.
        "[0:v]scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,"
        f"loop=loop=-1:size=1,setpts=N/({timeline.frame_rate}*TB),{_move(segment)}[moving]",
        f"[1:v]scale={width_px}:{height_px}:flags=area:in_range=pc:out_range=pc,format=gray[alpha]",
        f"color=white:size={width_px}x{height_px}:rate={timeline.frame_rate},format=yuva420p[ink]",
        "[ink][alpha]alphamerge[bars]",
        f"[moving][bars]overlay=x={left}:y={top}:shortest=1:format=yuv420[picture]",
    ))  # fmt: skip


def _move(segment: Segment) -> str:
    """Return the zoom as a `perspective`: it places corners to 1/256 px, where zoompan rounds."""
    progress = f"((in-1)/{segment.frame_count})"  # ffmpeg counts frames from 1
    zoom = f"(1+{segment.motion.depth}*(1-cos(2*PI*{progress}))/2)"
    x, y = segment.motion.focus
    left, right = f"W*{x}*(1-1/{zoom})", f"W*({x}+(1-{x})/{zoom})"
    top, bottom = f"H*{y}*(1-1/{zoom})", f"H*({y}+(1-{y})/{zoom})"
    corners = ((left, top), (right, top), (left, bottom), (right, bottom))
    places = ":".join(f"x{i}='{cx}':y{i}='{cy}'" for i, (cx, cy) in enumerate(corners))
    return f"perspective={places}:interpolation=linear:sense=source:eval=frame"


# --- joining --------------------------------------------------------------------------------


def _join(
    timeline: Timeline, segments: list[Path], folder: Path, is_cancelled: Callable[[], bool]
) -> None:
    listing = folder / "segments.txt"
    listing.write_text("".join(f"file '{path.name}'\n" for path in segments))
    tracks = Tracks(
        picture=["-f", "concat", "-i", f"file:{listing}"],
        voice=folder / "voice.m4a",
        cues=timeline.cues,
        language=timeline.language,
        duration_s=timeline.duration_s,
        is_synthetic=True,
        credit=timeline.credit,
    )
    mux_video(tracks, folder, is_cancelled)


def shrink_video(
    video: Path, target: Path, max_bytes: int, is_cancelled: Callable[[], bool] = lambda: False
) -> None:
    """Encode `video` again so that it has at most `max_bytes`; captions and voice come along.

    raises: JailBroken, also where so few bytes can't hold it
    """
    duration_s = _duration_s(video, target.parent)
    bits_per_s = max_bytes * 8 / duration_s
    for share in (0.94, 0.80, 0.60):
        _encode_small(video, target, bits_per_s * share, duration_s, is_cancelled)
        if target.stat().st_size <= max_bytes:
            return
    target.unlink()
    raise jail.JailBroken("too long for so few bytes")


def _encode_small(
    video: Path,
    target: Path,
    bits_per_s: float,
    duration_s: float,
    is_cancelled: Callable[[], bool],
) -> None:
    # Mono speech is still clear at 32 kbit/s, and never needs more than 96.
    sound_bps = round(min(max(bits_per_s * 0.15, 32_000), 96_000))
    picture_bps = str(round(max(bits_per_s - sound_bps, 20_000)))
    longest_px = 1280 if bits_per_s > 700_000 else 854 if bits_per_s > 250_000 else 480
    scale = f"scale='if(gt(iw,ih),min({longest_px},iw),-2)':'if(gt(iw,ih),-2,min({longest_px},ih))'"
    arguments = [
        "-i", f"file:{video}", "-map", "0", "-vf", scale,
        "-c:v", "libx264", "-preset", "veryfast", "-b:v", picture_bps,
        "-maxrate", picture_bps, "-bufsize", picture_bps, "-pix_fmt", "yuv420p",
        *ffmpeg.ENCODER_THREADS,
        "-c:a", "aac", "-b:a", str(sound_bps), "-c:s", "mov_text",
        "-movflags", "+faststart", "-fflags", "+bitexact", f"file:{target}",
    ]  # fmt: skip
    limits = _shrink_limits(duration_s)
    ffmpeg.run(arguments, target.parent, [video], limits, is_cancelled=is_cancelled)


def _shrink_limits(duration_s: float) -> jail.Limits:
    # A recording of 1080 lines is shrunk at twice its speed on two slow cores.
    wall_s = 300 + 4 * duration_s
    return jail.Limits(wall_s=wall_s, cpu_s=round(2 * wall_s))


def _duration_s(video: Path, work: Path) -> float:
    times: list[float] = [0.0]
    arguments = ["-i", f"file:{video}", "-map", "0:v", "-c", "copy", "-f", "null", "-"]
    ffmpeg.run(arguments, work, [video], _JOIN_LIMITS, times.append)
    return max(times[-1], 0.1)
