"""From a recording that somebody sent to a stream of ours: the same pictures, a container anew.

Nothing is encoded, so that it can be watched at once. Only one picture and one sound track are
taken over; names, places, chapters, attachments, subtitles and sensor readings are not. What is
written gets the duration and the index that a browser's recorder leaves out.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.media import ffmpeg, jail
from backend.media.decode import TRUNCATION_SLACK_S, look, rejection
from backend.media.duration import written_duration_s

MAX_VIDEO_S = 3600.0
# A recorder that is stopped by a clock runs a little over.
_OVER_S = 5.0
_SHORTEST_S = 0.05
_SLOW_BYTES_PER_S = 20_000_000  # of the slowest disk that is waited for
_MADE_BYTES = 2_147_000_000
_FASTEST_CAMERA = 120.0  # some recorders declare the precision of their clock instead
WEBM, MP4 = "video/webm", "video/mp4"
# What browsers decode is 4:2:0 of 8 bits; some take more, not all.
_PLAYED_PIXELS = ("yuv420p", "yuvj420p")
_PLAYED = {
    WEBM: (("vp8", "vp9", "av1"), ("opus", "vorbis", None)),
    MP4: (("h264",), ("aac", "opus", None)),
}
_CONTAINER = {
    WEBM: ["-f", "webm", "-cues_to_front", "1"],
    MP4: ["-f", "mp4", "-movflags", "+faststart"],
    None: ["-f", "matroska", "-cues_to_front", "1"],
}


@dataclass(frozen=True)
class Video:
    """A remuxed recording; sizes are those of the upright picture.

    frame_rate:  frames a second while there are any
    stream_type: what browsers play it as; None where not every current one does
    """

    duration_s: float
    width_px: int
    height_px: int
    has_audio: bool
    frame_rate: float
    stream_type: str | None


def sanitise_video(source: Path, target: Path, may_be_cut: bool = False) -> Video:
    """Remux a recording into `target`, beside `source`: WebM, MP4, or Matroska for the rest.

    may_be_cut: whether it is taken as far as it goes, as a recorder that was killed left it
    raises:     MediaRejected
    """
    if source.stat().st_size == 0:
        raise rejection("media_empty")
    with _remuxing(source, target) as remuxed:
        facts = look(source.parent, "video", source, target)
        declared_s = facts["declared_s"]
        if declared_s is not None and declared_s > MAX_VIDEO_S + _OVER_S:
            raise rejection("recording_too_long")
        stream_type = _stream_type(facts)
        duration_s, frames = remuxed(stream_type)
    if duration_s > MAX_VIDEO_S + _OVER_S:
        raise rejection("recording_too_long")
    if duration_s < _SHORTEST_S or frames < 1:
        raise rejection("media_unreadable")
    if not may_be_cut and declared_s is not None and duration_s < declared_s - TRUNCATION_SLACK_S:
        raise rejection("media_truncated")
    return Video(
        duration_s=round(duration_s, 3),
        width_px=facts["width_px"],
        height_px=facts["height_px"],
        has_audio=facts["has_sound"],
        frame_rate=_frame_rate(facts, frames / duration_s),
        stream_type=stream_type,
    )


def _stream_type(facts: dict[str, Any]) -> str | None:
    if facts["pixels"] not in _PLAYED_PIXELS:
        return None
    for stream_type, (pictures, sounds) in _PLAYED.items():
        if facts["codec"] in pictures and facts["sound_codec"] in sounds:
            return stream_type
    return None


def _frame_rate(facts: dict[str, Any], mean: float) -> float:
    """Return the rate; where the sound goes on after the last picture, the mean is too low."""
    declared = facts["declared_rate"]
    believable = declared if declared <= _FASTEST_CAMERA else 0.0
    return float(round(max(mean, believable), 3))


@contextmanager
def _remuxing(source: Path, target: Path) -> Iterator[Callable[[str | None], tuple[float, int]]]:
    """Remux into the likely container while somebody looks into the file, and waits for both.

    Yields what returns the remux of a stream type, done anew where that is not the likely one.
    """
    likely, is_over = _likely_type(source), threading.Event()
    with ThreadPoolExecutor(1, "remux") as pool:
        begun = pool.submit(_remux, source, target, likely, is_over.is_set)

        def remuxed(stream_type: str | None) -> tuple[float, int]:
            if stream_type == likely:
                return begun.result()
            is_over.set()
            wait([begun])
            return _remux(source, target, stream_type)

        try:
            yield remuxed
        finally:
            is_over.set()


def _likely_type(source: Path) -> str:
    """Return what a browser that wrote these first bytes has most likely recorded."""
    with source.open("rb") as stream:
        return WEBM if stream.read(4) == b"\x1a\x45\xdf\xa3" else MP4


def _remux(
    source: Path,
    target: Path,
    stream_type: str | None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> tuple[float, int]:
    """Return the duration in seconds and the number of pictures."""
    written = [ffmpeg.Written()]
    arguments = [
        "-fflags", "+discardcorrupt",  # the half picture at the end of what broke off
        *ffmpeg.untrusted_video(source),
        "-map", "0:V:0", "-map", "0:a:0?",  # the first that is no cover, and the first sound
        "-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-c", "copy",
        "-t", str(MAX_VIDEO_S + 2 * _OVER_S),
        *_CONTAINER[stream_type], "-fflags", "+bitexact", f"file:{target}",
    ]  # fmt: skip
    wall_s = 25 + source.stat().st_size / _SLOW_BYTES_PER_S
    limits = jail.Limits(
        wall_s=wall_s,
        cpu_s=round(wall_s),
        memory_bytes=1024 * jail.MEBIBYTE,
        output_bytes=_MADE_BYTES,
        niceness=0,
    )
    try:
        ffmpeg.run(
            arguments,
            source.parent,
            limits=limits,
            on_written=written.append,
            is_cancelled=is_cancelled,
        )
        jail.regular_file(target)
    except jail.JailBroken as error:
        raise rejection("media_unreadable") from error
    return written_duration_s(target) or written[-1].time_s, written[-1].frames
