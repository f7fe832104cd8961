"""From a timeline to the finished MP4: segments drawn, joined, and given voice and captions."""

import functools
import hashlib
import threading
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PIL import Image

from backend.media import ffmpeg, jail
from backend.media.crew import Crew
from backend.media.drawing import Drawing, Scene, draw, drawing_of
from backend.media.fonts import Font, lay_out_font
from backend.media.framing import Crop
from backend.media.mastering import Levels, Mastered
from backend.media.moving import planes_of
from backend.media.muxing import Tracks, mux_video
from backend.media.scene import paint_card, paint_colour, paint_scene
from backend.media.soundtrack import master_soundtrack
from backend.media.timeline import Segment, Timeline

_JOIN_LIMITS = jail.Limits(wall_s=180, cpu_s=180)
# The share of the whole that sound and pictures take, for the percent; the rest is the joining.
_DRAWN = 0.95
_ENVELOPE = "envelope.raw"


@dataclass(frozen=True)
class SegmentShelf:
    """Where segments that were drawn before are found again, each by its key.

    fetch: copies a segment to the path; False where it is not there
    keep:  puts a copy of the segment at the path there, and is told if others have it in common
    """

    fetch: Callable[[str, Path], bool] = lambda _key, _target: False
    keep: Callable[[str, Path, bool], None] = lambda _key, _made, _is_common: None


NO_SHELF = SegmentShelf()


@dataclass(frozen=True)
class ComposedVideo:
    """The finished files, all in the folder that was given.

    segments: the keys of those that it is joined of; `encoded_segments` of them were drawn anew
    envelope: what is heard, as `envelope_output` writes it
    levels:   by which it is as loud as it is
    """

    video: Path
    poster: Path
    captions: Path
    duration_s: float
    lufs: float
    segments: tuple[str, ...]
    encoded_segments: int
    envelope: Path
    levels: Levels


def compose_video(
    timeline: Timeline,
    folder: Path,
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool],
    shelf: SegmentShelf = NO_SHELF,
    font: Font | None = None,
    known: Levels | None = None,
) -> ComposedVideo:
    """Draw `timeline` into `folder`. The same timeline gives the same bytes.

    shelf:       where parts of it may have been drawn before
    font:        what captions and cards are written with
    known:       the levels of a video that sounds much like it
    on_progress: called with the fraction that is done, 0..1
    raises:      JailBroken("cancelled") soon after `is_cancelled` says so, JailBroken on failure
    """
    with Crew(is_cancelled) as crew:
        sound = crew.begin(lambda is_stopped: _master(timeline, folder, is_stopped, known))
        drawings = _drawings(timeline, folder, font)
        places = {drawing.key: folder / f"segment-{drawing.key[:32]}.mp4" for drawing in drawings}
        encoded = _draw_missing(drawings, places, shelf, on_progress, crew)
        crew.finish()
    on_progress(_DRAWN)
    segments = [places[drawing.key] for drawing in drawings]
    _join(timeline, segments, folder, is_cancelled)
    on_progress(1.0)
    return ComposedVideo(
        video=folder / "video.mp4",
        poster=folder / "poster.jpg",
        captions=folder / "captions.vtt",
        duration_s=timeline.duration_s,
        lufs=sound.result().lufs,
        envelope=folder / _ENVELOPE,
        levels=sound.result().levels,
        segments=tuple(drawing.key for drawing in drawings),
        encoded_segments=encoded,
    )


# --- voice ----------------------------------------------------------------------------------


def segment_pcm(timeline: Timeline, segment: Segment, speech: wave.Wave_read) -> bytes:
    """Return the segment's samples, margins and padding to whole frames included."""
    speech.setpos(segment.speech_start)
    spoken = speech.readframes(segment.speech_samples)
    lead = bytes(2 * segment.lead_frames * timeline.samples_per_frame)
    whole = 2 * segment.frame_count * timeline.samples_per_frame
    return (lead + spoken).ljust(whole, b"\0")


def _master(
    timeline: Timeline, folder: Path, is_cancelled: Callable[[], bool], known: Levels | None
) -> Mastered:
    narration, voice = _narration(timeline, folder), folder / "voice.m4a"
    length_s, envelope = timeline.duration_s, folder / _ENVELOPE
    return master_soundtrack(
        narration, timeline.music, length_s, voice, is_cancelled, known, envelope
    )


def _narration(timeline: Timeline, folder: Path) -> Path:
    narration = folder / "narration.wav"
    with wave.open(str(timeline.speech)) as speech, wave.open(str(narration), "wb") as out:
        out.setparams((1, 2, timeline.sample_rate_hz, 0, "NONE", ""))
        for segment in timeline.segments:
            out.writeframes(segment_pcm(timeline, segment, speech))
    return narration


# --- picture --------------------------------------------------------------------------------


def _paint_scenes(timeline: Timeline, folder: Path) -> dict[tuple[int, bool], Scene]:
    """Paint what each segment shows, by the photo and by whether it lies behind a card's text.

    The poster is the first photo, without any text.
    """
    scenes = {}
    wanted = sorted({(segment.picture, bool(segment.card)) for segment in timeline.segments})
    for picture, is_card in [(0, False), *(one for one in wanted if one != (0, False))]:
        painted = _painted(timeline, picture)
        if (picture, is_card) == (0, False):
            painted.save(folder / "poster.jpg", "JPEG", quality=88, optimize=True)
        painted = paint_card(painted, timeline.palette) if is_card else painted
        digest = hashlib.sha256(painted.tobytes()).hexdigest()
        scenes[picture, is_card] = Scene(planes_of(painted), digest)
    return scenes


def _painted(timeline: Timeline, picture: int) -> Image.Image:
    size_px = (timeline.width_px, timeline.height_px)
    if timeline.style.background is not None:
        return paint_colour(timeline.style.background, *size_px)
    crop = timeline.crops[picture] if timeline.crops else None
    photo = timeline.photos[picture]
    content = hashlib.sha256(photo.read_bytes()).hexdigest()
    return _painted_photo(_Photo(content, photo), size_px, crop)


@dataclass(frozen=True)
class _Photo:
    """A photo by what is on it: a place in the cache must not depend on where it lies."""

    sha256: str
    path: Path = field(compare=False)


# A campaign's rows show the same few photos one after the other; painting one takes a fifth of a
# second, in which nothing can be drawn yet. 3 MB each.
@functools.lru_cache(maxsize=4)
def _painted_photo(photo: _Photo, size_px: tuple[int, int], crop: Crop | None) -> Image.Image:
    return paint_scene(photo.path, *size_px, crop)


def _drawings(timeline: Timeline, folder: Path, font: Font | None) -> list[Drawing]:
    scenes = _paint_scenes(timeline, folder)
    with wave.open(str(timeline.speech)) as speech:
        return [
            drawing_of(
                timeline, segment, scenes[segment.picture, bool(segment.card)],
                segment_pcm(timeline, segment, speech), font,
            )
            for segment in timeline.segments
        ]  # fmt: skip


def _draw_missing(
    drawings: list[Drawing],
    places: dict[str, Path],
    shelf: SegmentShelf,
    on_progress: Callable[[float], None],
    crew: Crew,
) -> int:
    """Begin to draw what is not on the shelf; return how many segments that are, each once."""
    distinct = {drawing.key: drawing for drawing in drawings}
    missing = [one for key, one in distinct.items() if not shelf.fetch(key, places[key])]
    lettered = [drawing.font for drawing in missing if drawing.script and drawing.font]
    if lettered:
        lay_out_font(lettered[0], next(iter(places.values())).parent)
    drawn = _Drawn(missing, on_progress)
    # The longest first, so that none is left to be drawn alone at the end.
    for drawing in sorted(missing, key=lambda one: -one.frame_count):
        crew.begin(partial(_draw_and_keep, drawing, places[drawing.key], shelf, drawn))
    return len(missing)


def _draw_and_keep(
    drawing: Drawing,
    place: Path,
    shelf: SegmentShelf,
    drawn: "_Drawn",
    is_cancelled: Callable[[], bool],
) -> None:
    draw(drawing, place, lambda time_s: drawn.report(drawing.key, time_s), is_cancelled)
    shelf.keep(drawing.key, place, drawing.is_common)


class _Drawn:
    """How far the drawing is, told by several segments at once."""

    def __init__(self, missing: list[Drawing], on_progress: Callable[[float], None]) -> None:
        self._total_s = sum(one.frame_count / one.frame_rate for one in missing)
        self._on_progress = on_progress
        self._times_s: dict[str, float] = {}
        self._lock = threading.Lock()

    def report(self, key: str, time_s: float) -> None:
        """Say that the segment of `key` is drawn up to `time_s`."""
        with self._lock:
            self._times_s[key] = time_s
            done = min(sum(self._times_s.values()) / self._total_s, 1.0)
            self._on_progress(_DRAWN * done)


# --- joining --------------------------------------------------------------------------------


def _join(
    timeline: Timeline, segments: list[Path], folder: Path, is_cancelled: Callable[[], bool]
) -> None:
    listing = folder / "segments.txt"
    listing.write_text("".join(f"file '{path.name}'\n" for path in segments))
    tracks = Tracks(
        picture=["-f", "concat", "-i", f"file:{listing}"],
        voice=folder / "voice.m4a",
        cues=timeline.cues,
        language=timeline.language,
        duration_s=timeline.duration_s,
        is_synthetic=True,
        credit=timeline.credit,
    )
    mux_video(tracks, folder, is_cancelled)


def shrink_video(
    video: Path, target: Path, max_bytes: int, is_cancelled: Callable[[], bool] = lambda: False
) -> None:
    """Encode `video` again so that it has at most `max_bytes`; captions and voice come along.

    raises: JailBroken, also where so few bytes can't hold it
    """
    duration_s = _duration_s(video, target.parent)
    bits_per_s = max_bytes * 8 / duration_s
    for share in (0.94, 0.80, 0.60):
        _encode_small(video, target, bits_per_s * share, duration_s, is_cancelled)
        if target.stat().st_size <= max_bytes:
            return
    target.unlink()
    raise jail.JailBroken("too long for so few bytes")


def _encode_small(
    video: Path,
    target: Path,
    bits_per_s: float,
    duration_s: float,
    is_cancelled: Callable[[], bool],
) -> None:
    # Mono speech is still clear at 32 kbit/s, and never needs more than 96.
    sound_bps = round(min(max(bits_per_s * 0.15, 32_000), 96_000))
    picture_bps = str(round(max(bits_per_s - sound_bps, 20_000)))
    longest_px = 1280 if bits_per_s > 700_000 else 854 if bits_per_s > 250_000 else 480
    scale = f"scale='if(gt(iw,ih),min({longest_px},iw),-2)':'if(gt(iw,ih),-2,min({longest_px},ih))'"
    arguments = [
        "-i", f"file:{video}", "-map", "0", "-vf", scale,
        "-c:v", "libx264", "-preset", "veryfast", "-b:v", picture_bps,
        "-maxrate", picture_bps, "-bufsize", picture_bps, "-pix_fmt", "yuv420p",
        *ffmpeg.ENCODER_THREADS,
        "-c:a", "aac", "-b:a", str(sound_bps), "-c:s", "mov_text",
        "-movflags", "+faststart", "-fflags", "+bitexact", f"file:{target}",
    ]  # fmt: skip
    limits = _shrink_limits(duration_s)
    ffmpeg.run(arguments, target.parent, [video], limits, is_cancelled=is_cancelled)


def _shrink_limits(duration_s: float) -> jail.Limits:
    # A recording of 1080 lines is shrunk at twice its speed on two slow cores.
    wall_s = 300 + 4 * duration_s
    return jail.Limits(wall_s=wall_s, cpu_s=round(2 * wall_s))


def _duration_s(video: Path, work: Path) -> float:
    written = [ffmpeg.Written()]
    arguments = ["-i", f"file:{video}", "-map", "0:v", "-c", "copy", "-f", "null", "-"]
    ffmpeg.run(arguments, work, [video], _JOIN_LIMITS, written.append)
    return max(written[-1].time_s, 0.1)
