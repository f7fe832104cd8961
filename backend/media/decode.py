"""From a file that somebody sent to a picture or a WAV that we made."""

import functools
import importlib.util
import json
import re
import shutil
import sys
import tempfile
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.media import ffmpeg, jail
from backend.media.framing import Box
from backend.media.rejection import MediaRejected

SAMPLE_RATE_HZ = 48_000
MAX_AUDIO_S = 600.0
# A decoder may drop some padding at either end; more than this is a file cut short.
TRUNCATION_SLACK_S = 0.75
_WORKER = Path(__file__).with_name("worker")
# Without Python's site module: looking for what this installation adds takes longer than the look.
_ENTER = """\
import sys
sys.path += sys.argv[1:3]
from importlib import import_module
from pathlib import Path
from worker.answer import answer
look = getattr(import_module("worker." + sys.argv[3]), sys.argv[4])
answer(look(*map(Path, sys.argv[5:])))
"""
_LOOKED_INTO_BY = {
    "photo": "photo", "faces": "faces", "sound": "recording", "video": "recording",
}  # fmt: skip
_PROBE_LIMITS = jail.Limits(wall_s=30, cpu_s=30, output_bytes=64 * jail.MEBIBYTE, niceness=0)
_FACES_LIMITS = jail.Limits(wall_s=10, cpu_s=10, output_bytes=jail.MEBIBYTE, niceness=0)
# As many threads as a machine has cores would each reserve memory that the jail counts.
_ONE_THREAD = ("env", "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1")
_AUDIO_LIMITS = jail.Limits(wall_s=60, cpu_s=60, output_bytes=80 * jail.MEBIBYTE, niceness=0)

_REFUSALS = {
    "media_empty": ("The file is empty.", "Choose the file again; it holds nothing."),
    "media_unreadable": ("The file can't be read.", "Choose another file, or save it anew."),
    "media_truncated": ("The file is cut short.", "Copy or export it again, whole."),
    "media_too_large": ("The file is too large to be opened.", "Choose a smaller one."),
    "media_too_long": ("The recording is too long.", "Choose one of at most 10 minutes."),
    "photo_too_large": ("The photo has too many pixels.", "Choose one of at most 100 megapixels."),
    "photo_too_small": ("The photo is too small.", "Choose one of at least 64 by 64 pixels."),
    "photo_unsupported": ("This is not a photo.", "Choose a JPEG, PNG or WebP picture."),
    "sample_is_video": ("This is a video.", "Choose a sound file, or record your voice here."),
    "recording_without_picture": ("There is no picture in the recording.", "Turn the camera on."),
    "recording_unsupported": (
        "Videos of this kind can't be used.",
        "Choose an MP4, MOV or WebM, as phones and browsers record them.",
    ),
    "recording_resolution": ("The picture is too large.", "Choose a video of at most 4K."),
    "recording_too_long": ("The recording is too long.", "Record or choose at most 60 minutes."),
}


@dataclass(frozen=True)
class Photo:
    """An upright sRGB JPEG of ours.

    was_turned: whether the camera had held it another way, and only said so
    """

    width_px: int
    height_px: int
    was_turned: bool = False


@dataclass(frozen=True)
class Sound:
    """A mono 16-bit WAV of ours."""

    duration_s: float
    sample_rate_hz: int


def decode_photo(source: Path, target: Path) -> Photo:
    """Make an upright JPEG without metadata of any picture file, at most 4096 px a side.

    raises: MediaRejected
    """
    with _workspace(source) as (work, given):
        facts = look(work, "photo", given, work / "photo")
        shutil.move(_made(work / "photo"), target)
    return Photo(facts["width_px"], facts["height_px"], facts["was_turned"])


def find_faces(photo: Path) -> list[Box] | None:
    """Return the faces in a JPEG of ours, the largest first; None where nobody could look.

    A photo is as good without this: whatever goes wrong in here is no reason to refuse it.
    """
    with tempfile.TemporaryDirectory(prefix=".media-", dir=photo.parent) as folder:
        work = Path(folder).resolve()
        given = Path(shutil.copyfile(photo, work / "given"))
        try:
            facts = look(work, "faces", given, work / "unused", _FACES_LIMITS)
            return [Box(*face) for face in facts["faces"]]
        except (MediaRejected, KeyError, TypeError, ValueError):
            return None


def decode_audio(source: Path, target: Path) -> Sound:
    """Make a 48 kHz mono WAV of any sound file, at most 10 minutes.

    raises: MediaRejected
    """
    with _workspace(source) as (work, given):
        facts = look(work, "sound", given, work / "sound")
        declared_s = facts["declared_s"]
        if declared_s is not None and declared_s > MAX_AUDIO_S:
            raise rejection("media_too_long")
        duration_s = _decode_sound(work, given)
        if facts["is_cut"]:
            raise rejection("media_truncated")
        _require_whole(declared_s, duration_s)
        shutil.move(work / "sound.wav", target)
    return Sound(duration_s, SAMPLE_RATE_HZ)


@contextmanager
def _workspace(source: Path) -> Iterator[tuple[Path, Path]]:
    """Give a folder of its own and the file in it under a name that says nothing."""
    # Beside the file: what a killed server leaves there is swept up, in /tmp it would stay.
    with tempfile.TemporaryDirectory(prefix=".media-", dir=source.parent) as folder:
        work = Path(folder).resolve()
        given = work / "given"
        if source.stat().st_size == 0:
            raise rejection("media_empty")
        shutil.copyfile(source, given)
        yield work, given


def look(
    work: Path, verb: str, given: Path, made: Path, limits: jail.Limits = _PROBE_LIMITS
) -> dict[str, Any]:
    """Return what the worker sees in the file, or raise the refusal that it names."""
    lines: list[str] = []
    folders = [str(_WORKER.parent), _packages_folder()]
    command = [*_ONE_THREAD, sys.executable, "-I", "-S", "-c", _ENTER, *folders]
    command += [_LOOKED_INTO_BY[verb], verb, str(given), str(made)]
    try:
        outside = [] if given.is_relative_to(work) else [given]
        allowed = [*jail.python_folders(), _WORKER, *outside]
        jail.run(command, work, allowed, limits, lines.append)
        facts: dict[str, Any] = json.loads(lines[-1])
    except (jail.JailBroken, IndexError, ValueError) as error:
        raise rejection("media_unreadable") from error
    if "code" in facts:
        raise rejection(facts["code"])
    return facts


@functools.cache
def _packages_folder() -> str:
    """Return the folder of the packages that the workers import; they lie in one."""
    found = importlib.util.find_spec("av")
    assert found is not None and found.origin is not None  # noqa: S101, PT018 - a pinned package
    return str(Path(found.origin).parents[1])


def _decode_sound(work: Path, given: Path) -> float:
    arguments = [
        *ffmpeg.untrusted_input(given),
        "-map", "0:a:0", "-map_metadata", "-1", "-vn", "-sn", "-dn",
        "-ac", "1", "-ar", str(SAMPLE_RATE_HZ), "-c:a", "pcm_s16le",
        "-t", str(MAX_AUDIO_S + 1), "-fflags", "+bitexact", str(work / "sound.wav"),
    ]  # fmt: skip
    try:
        said = ffmpeg.run(arguments, work, limits=_AUDIO_LIMITS)
    except jail.JailBroken as error:
        raise rejection("media_unreadable") from error
    with wave.open(str(_made(work / "sound.wav"))) as made:
        duration_s = float(made.getnframes() / made.getframerate())
    if duration_s > MAX_AUDIO_S:
        raise rejection("media_too_long")
    if duration_s < 0.05:
        raise rejection("media_unreadable")
    # A cut WebM ends without an error code; its last packet says so all the same.
    if re.search(r"File ended prematurely|partial file|Truncat", said):
        raise rejection("media_truncated")
    return duration_s


def _made(path: Path) -> Path:
    try:
        return jail.regular_file(path)
    except jail.JailBroken as error:
        raise rejection("media_unreadable") from error


def _require_whole(declared_s: float | None, decoded_s: float) -> None:
    if declared_s is not None and decoded_s < declared_s - TRUNCATION_SLACK_S:
        raise rejection("media_truncated")


def rejection(code: str) -> MediaRejected:
    """Return the refusal of a code, in words."""
    message, fix = _REFUSALS[code]
    return MediaRejected(code, message, fix)
