"""The last step of every video: picture, voice and captions in one MP4 that starts at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.media import ffmpeg, jail
from backend.media.captions import Cue, as_subrip, as_webvtt

# ISO 639-2 codes, which MP4 knows.
_TRACK_LANGUAGES = {"ja": "jpn", "en": "eng", "zh": "zho", "ko": "kor", "es": "spa", "fr": "fra"}
SYNTHETIC_NOTE = "The voice in this video is synthetic, made with the speaker's consent."
_SLOW_BYTES_PER_S = 20_000_000  # of the slowest disk that is waited for


@dataclass(frozen=True)
class Tracks:
    """What goes into a video.

    picture: the input options of the picture, whose first video track is taken
    voice:   its sound, encoded
    cues:    become a soft track; with none of them there is no such track
    credit:  whose voice it is, where that voice's terms ask for it
    """

    picture: Sequence[str]
    voice: Path
    cues: Sequence[Cue]
    language: str
    duration_s: float
    is_synthetic: bool
    credit: str | None = None


def mux_video(
    tracks: Tracks,
    folder: Path,
    is_cancelled: Callable[[], bool] = lambda: False,
    readable: Sequence[Path] = (),
) -> None:
    """Write `video.mp4` and `captions.vtt` into `folder`. Nothing is encoded again.

    readable: what it is made of that lies elsewhere
    """
    (folder / "captions.vtt").write_text(as_webvtt(tracks.cues), encoding="utf-8")
    language = ["-metadata:s:a:0", f"language={_track_language(tracks.language)}"]
    note = _note(tracks)
    words, words_track = _words(tracks, folder)
    arguments = [
        *tracks.picture, "-i", f"file:{tracks.voice}", *words,
        "-map", "0:v:0", "-map", "1:a:0", *words_track,
        "-c:v", "copy", "-c:a", "copy", "-t", f"{tracks.duration_s:.3f}",
        "-map_metadata", "-1", *note, *language,
        "-movflags", "+faststart", "-fflags", "+bitexact", f"file:{folder / 'video.mp4'}",
    ]  # fmt: skip
    limits = _limits([*folder.iterdir(), *readable])
    ffmpeg.run(arguments, folder, readable, limits, is_cancelled=is_cancelled)


def _note(tracks: Tracks) -> list[str]:
    """Return what the file itself says of the voice, wherever it is passed on to."""
    if not tracks.is_synthetic:
        return []
    if tracks.credit is None:
        return ["-metadata", f"comment={SYNTHETIC_NOTE}"]
    credit = " ".join(tracks.credit.split())
    comment = f"{SYNTHETIC_NOTE} Voice: {credit}"
    return ["-metadata", f"comment={comment}", "-metadata", f"artist={credit}"]


def _words(tracks: Tracks, folder: Path) -> tuple[list[str], list[str]]:
    """Return the options of the captions as input and as track."""
    if not tracks.cues:
        return [], []
    subtitles = folder / "captions.srt"
    subtitles.write_text(as_subrip(tracks.cues), encoding="utf-8")
    language = f"language={_track_language(tracks.language)}"
    return (
        ["-sub_charenc", "UTF-8", "-i", f"file:{subtitles}"],
        ["-map", "2:s", "-c:s", "mov_text", "-metadata:s:s:0", language],
    )


def _track_language(language: str) -> str:
    return _TRACK_LANGUAGES.get(language, "und")


def _limits(files: Sequence[Path]) -> jail.Limits:
    size_bytes = sum(path.stat().st_size for path in files if path.is_file())
    wall_s = 180 + size_bytes / _SLOW_BYTES_PER_S
    return jail.Limits(wall_s=wall_s, cpu_s=round(wall_s), output_bytes=4096 * jail.MEBIBYTE)
