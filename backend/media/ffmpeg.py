"""ffmpeg in the jail, with the options that keep hostile files from reading others."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from backend.media import jail

# A protocol whitelist alone is not enough: a playlist reads local files through `file`.
# The worker, which probes before, has the same lists: it imports nothing of the product.
FORMATS = "mov,matroska,ogg,wav,mp3,flac,aac"
CODECS = (
    "aac,mp3,mp3float,opus,libopus,vorbis,flac,alac,"
    "pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f64le,"
    "pcm_alaw,pcm_mulaw,adpcm_ms,adpcm_ima_wav"
)
VIDEO_FORMATS = "mov,matroska"
VIDEO_CODECS = "h264,hevc,vp8,vp9,av1,libdav1d"
# The same number everywhere: x264's output depends on it, and memory grows with it.
_THREADS = "4"
ENCODER_THREADS = ("-threads:v", _THREADS)


@functools.cache
def binary() -> str:
    """Return the path of the ffmpeg that came with the product."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def untrusted_input(path: Path) -> list[str]:
    """Return the input options for a sound file that somebody sent."""
    return [*_guards(FORMATS, CODECS, 8), "-i", f"file:{path}"]


def untrusted_video(path: Path) -> list[str]:
    """Return the input options for a video that somebody sent, or what was remuxed of it."""
    guards = _guards(VIDEO_FORMATS, f"{VIDEO_CODECS},{CODECS}", 16)
    return [*guards, "-i", f"file:{path}"]


def _guards(formats: str, codecs: str, max_streams: int) -> list[str]:
    return [
        "-protocol_whitelist", "file",
        "-format_whitelist", formats,
        "-codec_whitelist", codecs,
        "-max_streams", str(max_streams),
        "-max_pixels", "16777216",
    ]  # fmt: skip


@dataclass(frozen=True)
class Written:
    """How far ffmpeg has come: seconds of output, and pictures."""

    time_s: float = 0.0
    frames: int = 0


def run(
    arguments: Sequence[str],
    work: Path,
    readable: Sequence[Path] = (),
    limits: jail.Limits | None = None,
    on_written: Callable[[Written], None] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    feed: jail.Feed | None = None,
) -> str:
    """Run ffmpeg in the jail and return what it said. Raises JailBroken.

    on_written: called with what is written so far
    feed:       what ffmpeg reads of its stdin
    """
    # Each thread may reserve an arena of 64 MB of the address space, which is limited.
    command = ["env", "MALLOC_ARENA_MAX=4"]
    command += [binary(), "-hide_banner", "-nostdin", "-nostats", "-y", "-loglevel", "info"]
    command += ["-progress", "pipe:1", "-max_alloc", "268435456"]
    command += ["-filter_threads", _THREADS, "-filter_complex_threads", _THREADS, *arguments]
    # The program itself may lie in a folder of a package: the jail shows it that file.
    allowed = [*readable, Path(binary())]
    on_line = _progress_reader(on_written) if on_written is not None else None
    return jail.run(command, work, allowed, limits, on_line, is_cancelled, feed=feed)


def _progress_reader(on_written: Callable[[Written], None]) -> Callable[[str], None]:
    """Return what reads the lines of `-progress`: a few of `key=value`, the last is `progress`."""
    figures: dict[str, int] = {}

    def on_line(line: str) -> None:
        key, _, value = line.strip().partition("=")
        if value.isdigit():
            figures[key] = int(value)
        if key == "progress":
            time_s = figures.get("out_time_us", 0) / 1_000_000
            on_written(Written(time_s, figures.get("frame", 0)))

    return on_line
