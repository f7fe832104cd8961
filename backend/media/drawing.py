"""One segment of the picture: what it is made of, the name that follows from that, and its bytes.

A segment's bytes depend on nothing but its content, so that a segment that was drawn before is
known by its name, and what did not change in a message is not drawn again.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backend.media import ffmpeg, jail
from backend.media.burned import ACCENT, Canvas, caption_script, card_script
from backend.media.fonts import FONT_FOLDER, Font
from backend.media.scene import is_light
from backend.media.timeline import Segment, Timeline
from backend.media.waveform import BARS_METER, RING_METER, Meter

_LIMITS = jail.Limits(wall_s=900, cpu_s=1800)
# In a move this slow, a small residual that is dropped and made up for later shows as a tiny jump:
# 0.05 px a frame at most with these, 0.11 px without, in a file of the same size.
_KEEP_SMALL_MOVES = "no-dct-decimate=1:no-fast-pskip=1:deadzone-inter=6:deadzone-intra=6:aq-mode=2"
# `superfast` leaves these two out. With them it is as small and as good (SSIM 0.993 of a portrait)
# as `veryfast`, at 0.6 of its time: a still picture that moves has no motion worth a longer search.
_LOOK_AHEAD = "mbtree=1:rc-lookahead=10:weightp=0"
# No B-frames: segments begin at zero and join without an edit list. Key frames are rare.
_ENCODER = (
    "-c:v", "libx264", "-preset", "superfast", "-crf", "22", "-bf", "0", "-g", "250",
    "-x264-params", f"{_LOOK_AHEAD}:{_KEEP_SMALL_MOVES}", *ffmpeg.ENCODER_THREADS,
    "-profile:v", "high", "-level", "4.0", "-pix_fmt", "yuv420p",
    "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
    "-video_track_timescale", "12800", "-fflags", "+bitexact", "-flags:v", "+bitexact",
)  # fmt: skip
# Counted up where the same content is to give other bytes, as with another way to draw the bars.
_DRAWN_AS = 1
WAVEFORM_FROM_BOTTOM = 0.07
RING_FROM_TOP = 0.44  # where photos of people have their faces, and the zoom heads to
_METERS: dict[str, Meter | None] = {"bars": BARS_METER, "ring": RING_METER, "none": None}
_LIGHT_INK, _DARK_INK = "white", "0x1c1c22"
# What is kept free below captions: a share of the height, or the bars and a little air.
BOTTOM_SHARE, _AIR_PX = 0.06, 14
# So many frames' first half is kept in memory: 140 MB at 1280 x 720.
_MOST_MIRRORED_FRAMES = 200
SCRIPT_NAME = "captions.ass"  # in the graph


@dataclass(frozen=True)
class Scene:
    """A still picture of the size of the canvas, and the sha-256 of its pixels."""

    picture: Path
    sha256: str


@dataclass(frozen=True)
class Drawing:
    """All that a segment's bytes depend on.

    pcm:    16-bit mono samples of the segment, margins included; none where nothing moves by them
    script: what is written into the picture, as ASS; empty where nothing is
    """

    scene: Scene
    graph: str
    meter: Meter | None
    pcm: bytes
    script: str
    font: Font | None
    rate_hz: int
    frame_count: int
    frame_rate: int

    @property
    def key(self) -> str:
        """The sha-256 of everything that shapes the segment."""
        shape = [
            _DRAWN_AS, Path(ffmpeg.binary()).name, _ENCODER, self.scene.sha256, self.graph,
            self.rate_hz, self.frame_count, self.frame_rate,
            self.script, self.font.sha256 if self.script and self.font else "",
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
        graph=_graph(timeline, segment, meter, has_script=bool(script)),
        meter=meter,
        pcm=pcm if meter is not None else b"",
        script=script,
        font=font,
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
    """Write the segment to `target`, in whose folder scene and font lie too. Raises JailBroken.

    Several may be drawn there at once: what a segment needs besides is named after it.
    """
    script, meter = target.with_suffix(".ass"), target.with_suffix(".gray")
    script.write_text(drawing.script, encoding="utf-8")
    arguments = [
        "-framerate", str(drawing.frame_rate), "-i", f"file:{drawing.scene.picture}",
        *_meter_input(drawing, meter),
        "-filter_complex", drawing.graph.replace(SCRIPT_NAME, script.name), "-map", "[picture]",
        "-frames:v", str(drawing.frame_count), *_ENCODER, f"file:{target}",
    ]  # fmt: skip
    ffmpeg.run(arguments, target.parent, (), _LIMITS, on_time, is_cancelled)
    meter.unlink(missing_ok=True)


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


def _graph(timeline: Timeline, segment: Segment, meter: Meter | None, *, has_script: bool) -> str:
    written = f",ass=filename={SCRIPT_NAME}:fontsdir={FONT_FOLDER}" if has_script else ""
    is_moved = segment.motion.depth > 0 and timeline.style.background is None
    # `loop` after the decoder: the picture is decoded once, not for every frame.
    counted = f"setpts=N/({timeline.frame_rate}*TB)"
    still = "[0:v]scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,loop=loop=-1:size=1"
    move = f",{_there_and_back(segment)},{counted}" if is_moved else ""
    moving = f"{still},{counted}{move}"
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


def _there_and_back(segment: Segment) -> str:
    """Return the move; its second half is the first played backwards, unless that is too long.

    The zoom ends where it began, on the way that it came: frame N - n is frame n once more.
    """
    half = segment.frame_count // 2
    if segment.frame_count > _MOST_MIRRORED_FRAMES:
        return _move(segment)
    return (
        f"{_move(segment)},trim=end_frame={half + 1},split[there][again];"
        f"[again]trim=start_frame=1:end_frame={(segment.frame_count + 1) // 2},reverse[back];"
        "[there][back]concat"
    )


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
