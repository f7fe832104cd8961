"""The still picture that stands for a recording: the sharpest of some in its first third."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageFilter, ImageStat

from backend.media import ffmpeg, jail

_TRIES = 7
_LOOK_PX = 320
# A camera that has just been switched on shows black; nobody wants to be seen by that.
_DARK, _DARK_PENALTY = 24.0, 1e-3
_LIMITS = jail.Limits(wall_s=120, cpu_s=240)


def pick_poster(
    recording: Path,
    span_s: tuple[float, float],
    size_px: tuple[int, int],
    target: Path,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> float:
    """Write the poster (JPEG) of what lies within `span_s`; return its moment in the recording.

    span_s: what is kept of the recording; of what is cut nothing is looked at
    raises: JailBroken where no picture can be decoded
    """
    work = target.parent
    third_s = (span_s[1] - span_s[0]) / 3
    moments_s = [span_s[0] + third_s * (index + 0.5) / _TRIES for index in range(_TRIES)]
    stills = [work / f"still-{index}.jpg" for index in range(_TRIES)]
    _take_stills(recording, moments_s, size_px, stills, is_cancelled)
    pairs = zip(stills, moments_s, strict=True)
    taken = [(still, at_s) for still, at_s in pairs if _is_there(still)]
    if not taken:
        raise jail.JailBroken("no picture")
    best, at_s = max(taken, key=lambda candidate: _sharpness(candidate[0]))
    best.replace(target)
    return at_s


def _take_stills(
    recording: Path,
    moments_s: list[float],
    size_px: tuple[int, int],
    stills: list[Path],
    is_cancelled: Callable[[], bool],
) -> None:
    width_px, height_px = size_px
    arguments: list[str] = []
    for at_s in moments_s:  # each jumps to its moment: a long third is not decoded for a still
        arguments += ["-threads", "1", "-ss", f"{at_s:.3f}", *ffmpeg.untrusted_video(recording)]
    shape = f"scale={width_px}:{height_px},setsar=1"
    for index, still in enumerate(stills):
        arguments += [
            "-map", f"{index}:v:0", "-frames:v", "1", "-vf", shape, "-map_metadata", "-1",
            "-q:v", "3", "-f", "mjpeg", "-update", "1", f"file:{still}",
        ]  # fmt: skip
    ffmpeg.run(arguments, stills[0].parent, [recording], _LIMITS, is_cancelled=is_cancelled)


def _is_there(still: Path) -> bool:
    return not still.is_symlink() and still.is_file() and still.stat().st_size > 0


def _sharpness(still: Path) -> float:
    """Return the variance of the Laplacian (Pech-Pacheco et al. 2000), for a still in gray."""
    with Image.open(still, formats=["JPEG"]) as opened:
        gray = opened.convert("L")
    gray.thumbnail((_LOOK_PX, _LOOK_PX))
    laplacian = gray.filter(ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), 1, 128))
    edges = ImageStat.Stat(laplacian).var[0]
    return edges * (_DARK_PENALTY if ImageStat.Stat(gray).mean[0] < _DARK else 1.0)
