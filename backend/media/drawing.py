"""One segment of the picture: what it is made of, the name that follows from that, and its bytes.

A segment's bytes depend on nothing but its content, so that a segment that was drawn before is
known by its name, and what did not change in a message is not drawn again.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from backend.media import ffmpeg, jail
from backend.media.burned import ACCENT, Canvas, caption_script, card_script
from backend.media.fonts import FONT_FOLDER, Font
from backend.media.moving import Plane, moving_frames
from backend.media.scene import is_light
from backend.media.timeline import Motion, Segment, Timeline
from backend.media.waveform import BARS_METER, RING_METER, Meter

_LIMITS = jail.Limits(wall_s=900, cpu_s=1800)
# In a move this slow, a small residual that is dropped and made up for later shows as a tiny jump:
# 0.06 px a frame at most with these, 0.09 px without.
_KEEP_SMALL_MOVES = "no-dct-decimate=1:deadzone-inter=6:deadzone-intra=6:aq-mode=2"
# `superfast` has no tree of macroblocks: with one, a portrait takes a third as many bytes. A still
# picture that moves has no cut, and no motion that smaller blocks would follow better.
_LOOK_AHEAD = "mbtree=1:rc-lookahead=5:weightp=0:scenecut=0:partitions=none"
# No B-frames: segments begin at zero and join without an edit list. Key frames are rare.
_ENCODER = (
    "-c:v", "libx264", "-preset", "superfast", "-crf", "22", "-bf", "0", "-g", "250",
    "-x264-params", f"{_LOOK_AHEAD}:{_KEEP_SMALL_MOVES}", *ffmpeg.ENCODER_THREADS,
    "-profile:v", "high", "-level", "4.0", "-pix_fmt", "yuv420p",
    "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
    "-video_track_timescale", "12800", "-fflags", "+bitexact", "-flags:v", "+bitexact",
)  # fmt: skip
# Counted up where the same content is to give other bytes, as with another way to draw the bars.
_DRAWN_AS = 2
WAVEFORM_FROM_BOTTOM = 0.07
RING_FROM_TOP = 0.44  # where photos of people have their faces, and the zoom heads to
_METERS: dict[str, Meter | None] = {"bars": BARS_METER, "ring": RING_METER, "none": None}
_LIGHT_INK, _DARK_INK = "white", "0x1c1c22"
# What is kept free below captions: a share of the height, or the bars and a little air.
BOTTOM_SHARE, _AIR_PX = 0.06, 14
SCRIPT_NAME = "captions.ass"  # in the graph


@dataclass(frozen=True)
class Scene:
    """A still picture of the size of the canvas, as Y, U and V, and the sha-256 of its pixels."""

    planes: tuple[Plane, Plane, Plane]
    sha256: str


@dataclass(frozen=True)
class Drawing:
    """All that a segment's bytes depend on.

    pcm:    16-bit mono samples of the segment, margins included; none where nothing moves by them
    script: what is written into the picture, as ASS; empty where nothing is
    is_common: whether other videos have it too; says nothing of the bytes
    """

    scene: Scene
    motion: Motion
    graph: str
    meter: Meter | None
    pcm: bytes
    script: str
    font: Font | None
    rate_hz: int
    frame_count: int
    frame_rate: int
    is_common: bool = False

    @property
    def key(self) -> str:
        """The sha-256 of everything that shapes the segment."""
        shape = [
            _DRAWN_AS, Path(ffmpeg.binary()).name, _ENCODER, self.scene.sha256,
            self.motion.model_dump(), self.graph, self.rate_hz, self.frame_count,
            self.frame_rate, self.script, self.font.sha256 if self.script and self.font else "",
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(shape).encode() + self.pcm).hexdigest()


def drawing_of(
    timeline: Timeline, segment: Segment, scene: Scene, pcm: bytes, font: Font | None
) -> Drawing:
    """Return what is to be drawn for `segment`. Raises ValueError where text has no font."""
    meter = None if segment.card else _METERS[timeline.style.waveform]
    script = _script(timeline, segment, font)
    return Drawing(
        scene=scene,
        motion=_motion(timeline, segment),
        graph=_graph(timeline, meter, has_script=bool(script)),
        meter=meter,
        pcm=pcm if meter is not None else b"",
        script=script,
        font=font,
        rate_hz=timeline.sample_rate_hz,
        frame_count=segment.frame_count,
        frame_rate=timeline.frame_rate,
        is_common=segment.is_common,
    )


def draw(
    drawing: Drawing,
    target: Path,
    on_time: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> None:
    """Write the segment to `target`, in whose folder the font lies too. Raises JailBroken.

    Several may be drawn there at once: what a segment needs besides is named after it.
    """
    script, meter = target.with_suffix(".ass"), target.with_suffix(".gray")
    script.write_text(drawing.script, encoding="utf-8")
    arguments = [
        *_picture_input(drawing), *_meter_input(drawing, meter),
        "-filter_complex", drawing.graph.replace(SCRIPT_NAME, script.name), "-map", "[picture]",
        "-frames:v", str(drawing.frame_count), *_ENCODER, f"file:{target}",
    ]  # fmt: skip
    frames = partial(moving_frames, drawing.scene.planes, drawing.motion, drawing.frame_count)
    ffmpeg.run(
        arguments, target.parent, (), _LIMITS,
        lambda written: on_time(written.time_s), is_cancelled, frames,
    )  # fmt: skip
    meter.unlink(missing_ok=True)


def _picture_input(drawing: Drawing) -> list[str]:
    height_px, width_px = drawing.scene.planes[0].shape
    raw = ["-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", f"{width_px}x{height_px}"]
    return [*raw, "-framerate", str(drawing.frame_rate), "-i", "pipe:0"]


def _meter_input(drawing: Drawing, target: Path) -> list[str]:
    meter, rate = drawing.meter, drawing.frame_rate
    if meter is None:
        return []
    meter.write(drawing.pcm, drawing.rate_hz, drawing.frame_count, rate, target)
    size = f"{meter.width_px}x{meter.height_px}"
    raw = ["-f", "rawvideo", "-pixel_format", "gray", "-video_size", size]
    return [*raw, "-framerate", str(rate), "-i", f"file:{target}"]


# --- words ----------------------------------------------------------------------------------


def _script(timeline: Timeline, segment: Segment, font: Font | None) -> str:
    if not segment.card and not segment.captions:
        return ""
    if font is None:
        raise ValueError("there is no font to write captions with")
    canvas = _canvas(timeline, font)
    if segment.card:
        return card_script(canvas, segment.card, segment.frame_count / timeline.frame_rate)
    return caption_script(canvas, segment.captions, timeline.style.burned_captions)


def _canvas(timeline: Timeline, font: Font) -> Canvas:
    bottom_px = round(timeline.height_px * BOTTOM_SHARE)
    if timeline.style.waveform == "bars":
        half_px = BARS_METER.shown_height_px // 2
        bottom_px = round(timeline.height_px * WAVEFORM_FROM_BOTTOM) + half_px + _AIR_PX
    accent = timeline.palette.accent or ACCENT
    size_px = (timeline.width_px, timeline.height_px)
    return Canvas(*size_px, bottom_px, timeline.language, font, accent)


# --- the graph ------------------------------------------------------------------------------


def _motion(timeline: Timeline, segment: Segment) -> Motion:
    """Return the segment's move; a picture of one colour has none."""
    is_plain = timeline.style.background is not None
    return segment.motion.model_copy(update={"depth": 0.0}) if is_plain else segment.motion


def _graph(timeline: Timeline, meter: Meter | None, *, has_script: bool) -> str:
    written = f",ass=filename={SCRIPT_NAME}:fontsdir={FONT_FOLDER}" if has_script else ""
    moving = "[0:v]setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    if meter is None:
        return f"{moving}{written}[picture]"
    return ";".join((f"{moving}[moving]", *_metered(timeline, meter, written)))


def _metered(timeline: Timeline, meter: Meter, written: str) -> list[str]:
    width_px, height_px = meter.shown_width_px, meter.shown_height_px
    left, top = _meter_place(timeline, meter)
    ink = _ink(timeline)
    return [
        f"[1:v]scale={width_px}:{height_px}:flags=area:in_range=pc:out_range=pc,format=gray[alpha]",
        f"color={ink}:size={width_px}x{height_px}:rate={timeline.frame_rate},format=yuva420p[ink]",
        "[ink][alpha]alphamerge[meter]",
        f"[moving][meter]overlay=x={left}:y={top}:shortest=1:format=yuv420{written}[picture]",
    ]


def _ink(timeline: Timeline) -> str:
    """Return the colour of what moves: the occasion's, unless it would not stand out."""
    background, accent = timeline.style.background, timeline.palette.accent
    if background is not None and is_light(background):
        return _DARK_INK
    return accent.replace("#", "0x") if accent is not None else _LIGHT_INK


def _meter_place(timeline: Timeline, meter: Meter) -> tuple[int, int]:
    """Return where the meter's left upper corner lies, on even pixels as 4:2:0 has them."""
    share = RING_FROM_TOP if meter is RING_METER else 1 - WAVEFORM_FROM_BOTTOM
    left = (timeline.width_px - meter.shown_width_px) // 2 // 2 * 2
    return left, round(timeline.height_px * share - meter.shown_height_px / 2) // 2 * 2
