"""From what was spoken or recorded to the files of a message: video, poster, captions, previews."""

import hashlib
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel

from backend.jobs.journal import Brief, Journal, RecordingBrief
from backend.jobs.shelf import shelf_of
from backend.media import ComposedVideo, SegmentShelf, compose_video
from backend.media.captions import Cue
from backend.media.fonts import Font, find_font
from backend.media.mastering import Levels
from backend.media.previews import THUMBNAIL_S, make_thumbnail, write_waveform
from backend.media.recording import Watch, compose_recording
from backend.media.recording_plan import RecordingPlan, Voiceover
from backend.media.style import NO_PALETTE, Palette
from backend.media.subtitles import parse_subtitles
from backend.media.timeline import (
    Timeline,
    common_stretch,
    personal_spans,
    timeline_from_speech,
    with_common_cards,
    with_crops,
)
from backend.music.service import get_track, kept_track
from backend.problems import Problem
from backend.speech.spoken import SpokenScript
from backend.storage import Storage
from backend.themes.theme import all_themes


class ComposedRecord(BaseModel):
    """Written last: the video beside it is whole.

    segments:         the keys of the segments that it is joined of; none for a recording
    encoded_segments: how many of them had to be drawn; the others were there before
    personal:         when the sentences are said that no other message of the campaign has
    """

    duration_s: float
    lufs: float
    segments: list[str] = []
    encoded_segments: int = 0
    personal: list[Cue] = []


class FontMissing(Problem):
    """The worker has none of the fonts that the backend found when the video was ordered."""

    code = "captions_font_missing"
    title = "There is no font"

    def __init__(self) -> None:
        super().__init__(
            "There is no font to write captions and cards with. "
            "Install the package mplfonts, or name a font file in CAPTION_FONT."
        )


@dataclass(frozen=True)
class Decor:
    """What the operator has added to what videos are made of: a font file, a folder of themes."""

    caption_font: Path | None = None
    themes_dir: Path | None = None


PLAIN_DECOR = Decor()
_LEVELS = "levels.json"


class Composer:
    """Makes the files of one attempt, each under its final name only when it is whole."""

    def __init__(self, journal: Journal, storage: Storage, decor: Decor = PLAIN_DECOR) -> None:
        self._journal = journal
        self._storage = storage
        self._decor = decor

    def compose(
        self,
        brief: Brief,
        spoken: SpokenScript | None,
        on_progress: Callable[[float], None],
        is_unwanted: Callable[[], bool],
    ) -> ComposedRecord:
        """Compose the video of `brief`; the record of it is what stays to be written.

        on_progress: called with the fraction that is done, 0..1
        """
        folder = _folder(brief)
        self._storage.drop_drafts(folder)
        with self._storage.workshop(folder) as workshop:
            if brief.recording is None:
                return self._compose_photo(brief, spoken, workshop, on_progress, is_unwanted)
            watch = Watch(on_progress, lambda path: self._show_poster(brief, path), is_unwanted)
            return self._compose_recording(brief, brief.recording, spoken, workshop, watch)

    # --- over a photo -----------------------------------------------------------------------

    def _compose_photo(
        self,
        brief: Brief,
        spoken: SpokenScript | None,
        workshop: Path,
        on_progress: Callable[[float], None],
        is_unwanted: Callable[[], bool],
    ) -> ComposedRecord:
        if spoken is None:
            raise ValueError("a photo message is made of speech")
        with ExitStack() as held:
            timeline = self._timeline(brief, spoken, held)
            plan = timeline.model_dump_json().encode()
            self._storage.write(f"{_folder(brief)}/timeline.json", plan)
            shelf = shelf_of(self._storage, brief)
            font = self._font(brief)
            known = _known_levels(shelf, workshop) if brief.template is not None else None
            composed = compose_video(
                timeline, workshop, on_progress, is_unwanted, shelf, font, known
            )
        if brief.template is not None and known is None:
            _keep_levels(shelf, workshop, composed.levels)
        write_waveform(composed.envelope.read_bytes(), workshop / "waveform.json")
        _make_thumbnail(timeline, composed, shelf, is_unwanted)
        self._keep(brief, workshop, "thumbnail.gif", "waveform.json", "poster.jpg", "captions.vtt")
        self._keep(brief, workshop, "video.mp4")
        return ComposedRecord(
            duration_s=composed.duration_s,
            lufs=composed.lufs,
            segments=list(composed.segments),
            encoded_segments=composed.encoded_segments,
            personal=[] if brief.template is None else personal_spans(timeline, spoken),
        )

    def _font(self, brief: Brief) -> Font | None:
        if not brief.style.has_text:
            return None
        font = find_font(self._decor.caption_font)
        if font is None:
            raise FontMissing()
        return font

    def _timeline(self, brief: Brief, spoken: SpokenScript, held: ExitStack) -> Timeline:
        """Return what is to be drawn; its files can be read for as long as `held` is open."""

        def path(key: str) -> Path:
            return held.enter_context(self._storage.reading(key))

        music = self._music_key(brief.music_key, brief.music_track)
        timeline = timeline_from_speech(
            spoken,
            [path(key) for key in brief.photo_keys],
            brief.aspect,
            path(f"{_folder(brief)}/speech.wav"),
            music=path(music) if music else None,
            style=brief.style,
            palette=self._palette(brief.theme),
        )
        if brief.template is not None:
            timeline = with_common_cards(timeline, brief.template.cards)
        return with_crops(timeline, brief.photo_crops)

    # --- of a recording ---------------------------------------------------------------------

    def _compose_recording(
        self,
        brief: Brief,
        recording: RecordingBrief,
        spoken: SpokenScript | None,
        workshop: Path,
        watch: Watch,
    ) -> ComposedRecord:
        with ExitStack() as held:
            plan = self._plan(brief, recording, spoken, held)
            made = compose_recording(plan, workshop, watch)
        if made.aligned is not None:
            self._keep(brief, workshop, made.aligned.name)
        self._keep(brief, workshop, "thumbnail.gif", "waveform.json", "captions.vtt", "video.mp4")
        return ComposedRecord(duration_s=made.duration_s, lufs=made.lufs)

    def _plan(
        self,
        brief: Brief,
        recording: RecordingBrief,
        spoken: SpokenScript | None,
        held: ExitStack,
    ) -> RecordingPlan:
        """Return what is to be made; its files can be read for as long as `held` is open."""

        def path(key: str) -> Path:
            return held.enter_context(self._storage.reading(key))

        order = recording.order
        music = self._music_key(recording.music_key, recording.music_track)
        speech = path(f"{_folder(brief)}/speech.wav") if spoken is not None else None
        return RecordingPlan(
            recording=path(recording.video_key),
            span_s=order.span_s,
            has_audio=order.has_audio,
            frame_rate=order.frame_rate,
            width_px=order.width_px,
            height_px=order.height_px,
            script=brief.script,
            language=brief.language,
            captions=_given_cues(order.captions_vtt),
            music=path(music) if music else None,
            voiceover=Voiceover(speech, spoken) if speech and spoken else None,
            style=brief.style,
            palette=self._palette(brief.theme),
            font=self._font(brief),
        )

    def _palette(self, theme: str | None) -> Palette:
        """Return the occasion's colours; one that is there no more leaves the video plain."""
        found = all_themes(self._decor.themes_dir).get(theme or "")
        return found.palette if found is not None else NO_PALETTE

    def _music_key(self, uploaded: str | None, track: str | None) -> str | None:
        """Return where the music lies that is heard: the sender's own, else ours, else none."""
        if uploaded is not None or track is None:
            return uploaded
        return kept_track(self._storage, get_track(track))

    def _show_poster(self, brief: Brief, poster: Path) -> None:
        self._keep(brief, poster.parent, poster.name)
        self._journal.poster_made(brief)

    def _keep(self, brief: Brief, workshop: Path, *names: str) -> None:
        for name in names:
            self._storage.keep(workshop / name, f"{_folder(brief)}/{name}")


def _make_thumbnail(
    timeline: Timeline, made: ComposedVideo, shelf: SegmentShelf, is_unwanted: Callable[[], bool]
) -> None:
    """Show what the messages of a campaign have in common, if it is long enough: made once."""
    target = made.video.with_name("thumbnail.gif")
    stretch = common_stretch(timeline, THUMBNAIL_S)
    if stretch is None:
        start_s = max(0.0, min(made.duration_s / 3, made.duration_s - THUMBNAIL_S))
        make_thumbnail(made.video, start_s, target, is_unwanted)
        return
    first, end = stretch
    key = hashlib.sha256("".join(("thumbnail", *made.segments[first:end])).encode()).hexdigest()
    if not shelf.fetch(key, target):
        start_s = timeline.segments[first].start_frame / timeline.frame_rate
        make_thumbnail(made.video, start_s, target, is_unwanted)
        shelf.keep(key, target, True)


def _known_levels(shelf: SegmentShelf, workshop: Path) -> Levels | None:
    """Return the levels of a video of the same campaign; this one will be measured, too."""
    found = workshop / _LEVELS
    return Levels(**json.loads(found.read_text())) if shelf.fetch(found.stem, found) else None


def _keep_levels(shelf: SegmentShelf, workshop: Path, levels: Levels) -> None:
    target = workshop / _LEVELS
    target.write_text(json.dumps(asdict(levels)))
    shelf.keep(target.stem, target, True)


def _folder(brief: Brief) -> str:
    return f"messages/{brief.message_id}/{brief.attempt}"


def _given_cues(webvtt: str | None) -> tuple[Cue, ...] | None:
    return None if webvtt is None else tuple(parse_subtitles(webvtt.encode()))
