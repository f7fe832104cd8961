"""One segment of the picture: what it is made of, the name that follows from that, and its bytes.

A segment's bytes depend on nothing but its content, so that a segment that was drawn before is
known by its name, and what did not change in a message is not drawn again.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backend.media import ffmpeg, jail, waveform
from backend.media.timeline import Segment, Timeline

_LIMITS = jail.Limits(wall_s=900, cpu_s=1800)
# In a move this slow, a small residual that is dropped and made up for later shows as a tiny jump:
# 0.05 px a frame at most with these, 0.11 px without, in a file of the same size.
_KEEP_SMALL_MOVES = "no-dct-decimate=1:no-fast-pskip=1:deadzone-inter=6:deadzone-intra=6:aq-mode=2"
# No B-frames: segments begin at zero and join without an edit list. Key frames are rare.
_ENCODER = (
    "-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-bf", "0", "-g", "250",
    "-x264-params", _KEEP_SMALL_MOVES, *ffmpeg.ENCODER_THREADS,
    "-profile:v", "high", "-level", "4.0", "-pix_fmt", "yuv420p",
    "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
    "-video_track_timescale", "12800", "-fflags", "+bitexact", "-flags:v", "+bitexact",
)  # fmt: skip
# Counted up where the same content is to give other bytes, as with another way to draw the bars.
_DRAWN_AS = 1
WAVEFORM_FROM_BOTTOM = 0.07


@dataclass(frozen=True)
class Scene:
    """A still picture of the size of the canvas, and the sha-256 of its pixels."""

    picture: Path
    sha256: str


@dataclass(frozen=True)
class Drawing:
    """All that a segment's bytes depend on.

    pcm: 16-bit mono samples of the segment, margins included
    """

    scene: Scene
    graph: str
    pcm: bytes
    rate_hz: int
    frame_count: int
    frame_rate: int

    @property
    def key(self) -> str:
        """The sha-256 of everything that shapes the segment."""
        shape = [
            _DRAWN_AS, Path(ffmpeg.binary()).name, _ENCODER, self.scene.sha256, self.graph,
            self.rate_hz, self.frame_count, self.frame_rate,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(shape).encode() + self.pcm).hexdigest()


def drawing_of(timeline: Timeline, segment: Segment, scene: Scene, pcm: bytes) -> Drawing:
    """Return what is to be drawn for `segment`."""
    return Drawing(
        scene=scene,
        graph=_graph(timeline, segment),
        pcm=pcm,
        rate_hz=timeline.sample_rate_hz,
        frame_count=segment.frame_count,
        frame_rate=timeline.frame_rate,
    )


def draw(
    drawing: Drawing,
    target: Path,
    on_time: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> None:
    """Write the segment to `target`, in whose folder the scene lies too. Raises JailBroken."""
    folder, rate = target.parent, str(drawing.frame_rate)
    bars = folder / "bars.gray"
    waveform.write_bars(drawing.pcm, drawing.rate_hz, drawing.frame_count, drawing.frame_rate, bars)
    arguments = [
        "-framerate", rate, "-i", f"file:{drawing.scene.picture}",
        "-f", "rawvideo", "-pixel_format", "gray",
        "-video_size", f"{waveform.WIDTH_PX}x{waveform.HEIGHT_PX}",
        "-framerate", rate, "-i", f"file:{bars}",
        "-filter_complex", drawing.graph, "-map", "[picture]",
        "-frames:v", str(drawing.frame_count), *_ENCODER, f"file:{target}",
    ]  # fmt: skip
    ffmpeg.run(arguments, folder, (), _LIMITS, on_time, is_cancelled)
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
