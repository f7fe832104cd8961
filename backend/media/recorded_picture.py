"""The picture of a recorded video: cards, and between them what was filmed, in one encode."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from backend.media import ffmpeg, jail
from backend.media.burned import ACCENT, BurnedCue, Canvas, caption_script, card_script
from backend.media.decode import look
from backend.media.drawing import BOTTOM_SHARE
from backend.media.fonts import FONT_FOLDER, lay_out_font
from backend.media.recording_plan import RecordingPlan
from backend.media.scene import paint_card
from backend.media.style import FILMED_CARD_S

_MAX_BITS_PER_S = 6_000_000
# As good as `veryfast` at 22 and a tenth larger, in two thirds of its time: of what `superfast`
# leaves out, the look ahead alone is worth its time with what a camera sees.
_ENCODING = ("-preset", "superfast", "-crf", "21", "-x264-params", "mbtree=1:rc-lookahead=10")
_LEAST_X_REAL_TIME = 0.15  # of the slowest machine that is waited for, with 1080 lines
# ITU-T H.273: transfers of high dynamic range (PQ, HLG), which have to be mapped down.
_HDR_TRANSFERS = (16, 18)
_UNSPECIFIED = 2
_TO_SDR = (
    "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
    "zscale=t=bt709:m=bt709:r=tv,format=yuv420p"
)
_ALIKE = "setsar=1,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709"


def encode_picture(
    plan: RecordingPlan,
    poster: Path,
    captions: list[BurnedCue],
    target: Path,
    on_time: Callable[[float], None],
    is_cancelled: Callable[[], bool],
) -> None:
    """Write the pictures of `plan` to `target`, in whose folder it works. Raises JailBroken.

    poster:   is seen behind the text of the cards
    captions: what is written into the picture, in seconds of what was filmed
    on_time:  called with the seconds that are written
    """
    work, rate = target.parent, plan.made_rate
    cards, graph = _graph(plan, poster, captions, work)
    arguments = [
        "-ss", f"{plan.span_s[0]:.4f}", "-t", f"{plan.kept_s:.4f}",
        *ffmpeg.untrusted_video(plan.recording), *cards,
        "-filter_complex", graph, "-map", "[picture]",
        "-frames:v", str(_frames(plan)), "-fps_mode", "cfr", "-r", str(rate),
        "-c:v", "libx264", *_ENCODING, *ffmpeg.ENCODER_THREADS,
        "-maxrate", str(_MAX_BITS_PER_S), "-bufsize", str(2 * _MAX_BITS_PER_S),
        "-profile:v", "high", "-level", "4.1", "-g", str(2 * rate),
        "-pix_fmt", "yuv420p", "-color_range", "tv",
        "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
        "-map_metadata", "-1", "-map_chapters", "-1",
        "-fflags", "+bitexact", "-flags:v", "+bitexact", f"file:{target}",
    ]  # fmt: skip
    limits = _limits(plan.duration_s)
    ffmpeg.run(
        arguments, work, [plan.recording], limits,
        lambda written: on_time(written.time_s), is_cancelled,
    )  # fmt: skip


def _frames(plan: RecordingPlan) -> int:
    return round((plan.opening_s + plan.closing_s) * plan.made_rate) + plan.filmed_frames


def _limits(duration_s: float) -> jail.Limits:
    wall_s = 120 + duration_s / _LEAST_X_REAL_TIME
    return jail.Limits(wall_s=wall_s, cpu_s=round(4 * wall_s), output_bytes=4096 * jail.MEBIBYTE)


# --- the graph ------------------------------------------------------------------------------


def _graph(
    plan: RecordingPlan, poster: Path, captions: list[BurnedCue], work: Path
) -> tuple[list[str], str]:
    """Return the cards as inputs, and the way from all inputs to the picture."""
    if plan.style.has_text:
        lay_out_font(_canvas(plan).font, work)
    cards = {
        name: text
        for name, text in (("title", plan.style.title_card), ("closing", plan.style.closing_card))
        if text.strip()
    }
    if not cards:
        return [], f"[0:v:0]{_filmed(plan, captions, work)}[picture]"
    still = _paint_still(plan, poster, work)
    inputs: list[str] = []
    parts = {"filmed": f"[0:v:0]{_filmed(plan, captions, work)}[filmed]"}
    for number, (name, text) in enumerate(cards.items(), start=1):
        inputs += ["-framerate", str(plan.made_rate), "-i", f"file:{still}"]
        parts[name] = f"[{number}:v]{_card(plan, name, text, work)}[{name}]"
    row = [name for name in ("title", "filmed", "closing") if name in parts]
    joined = "".join(f"[{name}]" for name in row) + f"concat=n={len(row)}[picture]"
    return inputs, ";".join((*parts.values(), joined))


def _filmed(plan: RecordingPlan, captions: list[BurnedCue], work: Path) -> str:
    """Return the way from the recorded pictures to those of the video; ffmpeg turns them first."""
    facts = look(work, "video", plan.recording, work / "unused")
    size = f"{plan.width_px}:{plan.height_px}"
    if facts["transfer"] in _HDR_TRANSFERS:
        scaled = f"{_TO_SDR},scale={size}:flags=bicubic"
    else:
        matrix = _matrix(facts)
        scaled = f"scale={size}:flags=bicubic:{matrix}out_color_matrix=bt709:out_range=tv"
    return ",".join((
        f"setpts={plan.pace:.6f}*(PTS-STARTPTS)",
        f"fps={plan.made_rate}:start_time=0",
        scaled,
        f"format=yuv420p,{_ALIKE}",
        # Where sound or voice go on after the last picture, it stays.
        f"tpad=stop=-1:stop_mode=clone,trim=end_frame={plan.filmed_frames}",
        *_written_captions(plan, captions, work),
    ))  # fmt: skip


def _matrix(facts: dict[str, object]) -> str:
    """Return which colours are meant where the recording does not say, as browsers guess."""
    if facts["matrix"] != _UNSPECIFIED:
        return ""
    is_high = min(int(str(facts["width_px"])), int(str(facts["height_px"]))) >= 720
    return f"in_color_matrix={'bt709' if is_high and facts['codec'] != 'vp8' else 'bt601'}:"


# --- cards and captions ---------------------------------------------------------------------


def _paint_still(plan: RecordingPlan, poster: Path, work: Path) -> Path:
    still = work / "card.png"
    with Image.open(poster, formats=["JPEG"]) as opened:
        seen = opened.convert("RGB").resize((plan.width_px, plan.height_px))
    paint_card(seen, plan.palette).save(still, compress_level=1)
    return still


def _card(plan: RecordingPlan, name: str, text: str, work: Path) -> str:
    """Return the way from the painted picture to a card that is shown for its time."""
    rate = plan.made_rate
    frames = round(FILMED_CARD_S * rate)
    script = card_script(_canvas(plan), text, FILMED_CARD_S)
    return ",".join((
        "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
        f"loop=loop=-1:size=1,setpts=N/({rate}*TB),{_ALIKE},trim=end_frame={frames}",
        _written(script, work / f"{name}.ass"),
    ))  # fmt: skip


def _written_captions(plan: RecordingPlan, captions: list[BurnedCue], work: Path) -> list[str]:
    if not captions:
        return []
    script = caption_script(_canvas(plan), captions, plan.style.burned_captions)
    return [_written(script, work / "captions.ass")]


def _written(script: str, target: Path) -> str:
    target.write_text(script, encoding="utf-8")
    return f"ass=filename={target.name}:fontsdir={FONT_FOLDER}"


def _canvas(plan: RecordingPlan) -> Canvas:
    if plan.font is None:
        raise ValueError("there is no font to write captions and cards with")
    return Canvas(
        width_px=plan.width_px,
        height_px=plan.height_px,
        bottom_px=round(plan.height_px * BOTTOM_SHARE),
        language=plan.language,
        font=plan.font,
        accent=plan.palette.accent or ACCENT,
    )
