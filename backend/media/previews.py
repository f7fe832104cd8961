"""What is shown of a video before it is played: a moving thumbnail, and how loud it is where."""

import array
import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path

from backend.media import ffmpeg, jail

PEAKS = 200
THUMBNAIL_S = 3.0
MAX_THUMBNAIL_BYTES = 1_000_000
# Width, pictures a second and colours, from the best down to what always fits.
_LADDER = ((320, 10, 128), (320, 8, 64), (240, 8, 64), (200, 6, 48), (160, 5, 32), (96, 4, 16))
_LIMITS = jail.Limits(wall_s=60, cpu_s=120)


def make_thumbnail(
    video: Path,
    start_s: float,
    target: Path,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Write three moving seconds of `video`, from `start_s` on, as GIF of at most 1 MB."""
    for width_px, rate, colours in _LADDER:
        shape = f"fps={rate},scale='min({width_px},iw)':-2:flags=lanczos,split[a][b]"
        palette = f"[a]palettegen=max_colors={colours}:stats_mode=diff[p]"
        graph = f"{shape};{palette};[b][p]paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle"
        arguments = [
            "-ss", f"{max(start_s, 0):.3f}", "-t", str(THUMBNAIL_S), "-i", f"file:{video}",
            "-map_metadata", "-1", "-an", "-sn", "-filter_complex", graph, "-loop", "0",
            "-f", "gif", f"file:{target}",
        ]  # fmt: skip
        readable = [] if video.is_relative_to(target.parent) else [video]
        ffmpeg.run(arguments, target.parent, readable, _LIMITS, is_cancelled=is_cancelled)
        if target.stat().st_size <= MAX_THUMBNAIL_BYTES:
            return
    raise jail.JailBroken("the thumbnail is too large")


def write_waveform(pcm: bytes, target: Path) -> None:
    """Write `{"peaks": …}`: how loud it is in each of 200 stretches, 0..1, the loudest being 1.

    pcm: 16-bit mono samples of the whole video, at any rate
    """
    samples = array.array("h")
    samples.frombytes(pcm)
    if sys.byteorder == "big":
        samples.byteswap()
    bounds = [len(samples) * index // PEAKS for index in range(PEAKS + 1)]
    blocks = [samples[start:end] for start, end in itertools.pairwise(bounds)]
    peaks = [max((max(block), -min(block))) if block else 0 for block in blocks]
    # Below the noise of 16 bits there is nothing to see.
    loudest = max(*peaks, 64)
    target.write_text(json.dumps({"peaks": [round(min(p / loudest, 1.0), 3) for p in peaks]}))
