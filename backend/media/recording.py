"""From a recording to the finished MP4: trimmed, in a format that every phone plays, at -16 LUFS.

A voice may take the place of the recorded sound. Then the picture is fitted to it: played up to
15 % faster or slower, which nobody notices in a face that speaks; what is missing after that is
a frozen last picture, and what is too long is cut.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from backend.media.alignment import align_script
from backend.media.burned import BurnedCue, broken, burned_cues, caption_columns, unspoken_cue
from backend.media.captions import Cue, as_webvtt, credit_cue, cues_of_sentence, narrow_text
from backend.media.crew import Crew
from backend.media.mastering import ENVELOPE_RATE_HZ, Loudness
from backend.media.muxing import Tracks, mux_video
from backend.media.poster import pick_poster
from backend.media.previews import THUMBNAIL_S, make_thumbnail, write_waveform
from backend.media.recorded_picture import encode_picture
from backend.media.recording_plan import RecordingPlan
from backend.media.soundtrack import (
    cut_sound,
    envelope_pcm,
    master_soundtrack,
    place_speech,
    write_silence,
)
from backend.speech.spoken import SpokenSentence

# A copy of the poster: whoever is told of that one may take it away.
_BEHIND_CARDS = "behind-cards.jpg"
# Shares of the whole that each part takes, for the percent.
_LOOKED, _DRAWN, _JOINED = 0.05, 0.92, 0.96


@dataclass(frozen=True)
class RecordedVideo:
    """The finished files, all in the folder that was given.

    aligned: captions made of the script, though others were given; None where there are none
    """

    video: Path
    captions: Path
    thumbnail: Path
    waveform: Path
    aligned: Path | None
    duration_s: float
    lufs: float


@dataclass(frozen=True)
class Watch:
    """Who is told how it goes, and may stop it.

    on_progress: called with the fraction that is done, 0..1
    on_poster:   called with the poster as soon as it is there, long before the rest
    """

    on_progress: Callable[[float], None]
    on_poster: Callable[[Path], None]
    is_cancelled: Callable[[], bool]


def compose_recording(plan: RecordingPlan, folder: Path, watch: Watch) -> RecordedVideo:
    """Make the video of `plan` in `folder`.

    raises: JailBroken("cancelled") soon after `watch` says so, JailBroken on failure
    """
    with Crew(watch.is_cancelled) as crew:
        hearing = crew.begin(partial(_make_voice, plan, folder))
        poster_s = _make_poster(plan, folder, watch)
        heard = hearing.result()
        watch.on_progress(_LOOKED)
        mastered = crew.begin(partial(_master, plan, heard, folder))
        words = _words(plan, heard, folder, watch)
        crew.begin(partial(_draw, plan, words.burned, folder, watch))
        crew.finish()
    tracks = Tracks(
        picture=["-i", f"file:{folder / 'picture.mp4'}"],
        voice=folder / "voice.m4a",
        cues=words.cues,
        language=plan.language,
        duration_s=plan.duration_s,
        is_synthetic=plan.voiceover is not None,
        credit=plan.credit,
    )
    mux_video(tracks, folder, watch.is_cancelled)
    watch.on_progress(_JOINED)
    _make_previews(plan, poster_s, folder, watch)
    watch.on_progress(1.0)
    return RecordedVideo(
        video=folder / "video.mp4",
        captions=folder / "captions.vtt",
        thumbnail=folder / "thumbnail.gif",
        waveform=folder / "waveform.json",
        aligned=words.aligned,
        duration_s=plan.duration_s,
        lufs=mastered.result().lufs,
    )


# --- picture --------------------------------------------------------------------------------


def _make_poster(plan: RecordingPlan, folder: Path, watch: Watch) -> float:
    """Make the poster and pass it on; return its moment in the recording."""
    poster = folder / "poster.jpg"
    size_px = (plan.width_px, plan.height_px)
    at_s = pick_poster(plan.recording, plan.span_s, size_px, poster, watch.is_cancelled)
    shutil.copyfile(poster, folder / _BEHIND_CARDS)
    watch.on_poster(poster)
    return at_s


def _draw(
    plan: RecordingPlan,
    captions: list[BurnedCue],
    folder: Path,
    watch: Watch,
    is_cancelled: Callable[[], bool],
) -> None:
    def on_time(time_s: float) -> None:
        share = min(time_s / plan.duration_s, 1.0)
        watch.on_progress(_LOOKED + (_DRAWN - _LOOKED) * share)

    target, poster = folder / "picture.mp4", folder / _BEHIND_CARDS
    encode_picture(plan, poster, captions, target, on_time, is_cancelled)


# --- sound and words ------------------------------------------------------------------------


def _make_voice(plan: RecordingPlan, folder: Path, is_cancelled: Callable[[], bool]) -> Path:
    """Return the WAV of what is said, as long as what was filmed is seen."""
    heard = folder / "heard.wav"
    if plan.voiceover is not None:
        speech = plan.voiceover.speech
        place_speech(speech, plan.lead_s, plan.filmed_s, heard, is_cancelled)
    elif plan.has_audio:
        cut_sound(plan.recording, plan.span_s, heard, is_cancelled)
    else:
        write_silence(plan.filmed_s, heard)
    return heard


def _master(
    plan: RecordingPlan, heard: Path, folder: Path, is_cancelled: Callable[[], bool]
) -> Loudness:
    """Encode what is heard; under the cards it is the music alone."""
    placed = heard
    if plan.duration_s > plan.filmed_s:
        placed = folder / "placed.wav"
        place_speech(heard, plan.opening_s, plan.duration_s, placed, is_cancelled)
    voice = folder / "voice.m4a"
    return master_soundtrack(placed, plan.music, plan.duration_s, voice, is_cancelled)


@dataclass(frozen=True)
class _Words:
    """What is read: `cues` beside the picture, in seconds of the video, and `burned` in it.

    burned:  in seconds of what was filmed
    aligned: the file of captions made of the script, if any
    """

    cues: list[Cue]
    burned: list[BurnedCue]
    aligned: Path | None


def _words(plan: RecordingPlan, heard: Path, folder: Path, watch: Watch) -> _Words:
    sentences = _sentences(plan, heard, folder, watch)
    made = [cue.shifted(plan.lead_s) for one in sentences for cue in cues_of_sentence(one)]
    made += _credits(plan, made)
    aligned = None
    if made:
        aligned = folder / "aligned.vtt"
        aligned.write_text(as_webvtt(_late(plan, made)), encoding="utf-8")
    if plan.captions is not None and plan.voiceover is None:
        kept = kept_cues(plan.captions, plan.span_s)
        return _Words(_late(plan, kept), _burned_as_given(plan, kept), aligned)
    return _Words(_late(plan, made), _burned(plan, sentences, made), aligned)


def _late(plan: RecordingPlan, cues: list[Cue]) -> list[Cue]:
    return [cue.shifted(plan.opening_s) for cue in cues]


def _sentences(
    plan: RecordingPlan, heard: Path, folder: Path, watch: Watch
) -> list[SpokenSentence]:
    """Return what is said, in seconds of the sound that it is said in."""
    if plan.voiceover is not None:
        return list(plan.voiceover.spoken.sentences)
    if not plan.script.strip() or not plan.has_audio:
        return []
    pcm = envelope_pcm(heard, folder, watch.is_cancelled)
    return align_script(plan.script, pcm, ENVELOPE_RATE_HZ)


def _credits(plan: RecordingPlan, cues: list[Cue]) -> list[Cue]:
    if plan.credit is None:
        return []
    said_s = cues[-1].end_s if cues else 0.0
    return [credit_cue(plan.credit, plan.language, said_s, plan.filmed_s)]


def _burned(
    plan: RecordingPlan, sentences: list[SpokenSentence], cues: list[Cue]
) -> list[BurnedCue]:
    """Return what is written into the picture; only a voice of ours has times for its words."""
    if plan.style.burned_captions == "none":
        return []
    columns = caption_columns(plan.width_px, plan.height_px)
    burned = [cue.shifted(plan.lead_s) for one in sentences for cue in burned_cues(one, columns)]
    if plan.voiceover is None:
        return [cue.unspoken() for cue in burned]
    credited = cues[-1:] if plan.credit is not None else []
    return [*burned, *(unspoken_cue(one.start_s, one.end_s, [one.text]) for one in credited)]


def _burned_as_given(plan: RecordingPlan, cues: list[Cue]) -> list[BurnedCue]:
    if plan.style.burned_captions == "none":
        return []
    columns = caption_columns(plan.width_px, plan.height_px)
    return [
        unspoken_cue(cue.start_s, cue.end_s, broken(narrow_text(cue.text, columns), columns))
        for cue in cues
    ]


def kept_cues(cues: Sequence[Cue], span_s: tuple[float, float]) -> list[Cue]:
    """Return the captions of what is kept of a recording, their times counted from there."""
    start_s, end_s = span_s
    return [
        Cue(
            start_s=max(cue.start_s, start_s) - start_s,
            end_s=min(cue.end_s, end_s) - start_s,
            text=cue.text,
        )
        for cue in cues
        if cue.end_s > start_s and cue.start_s < end_s
    ]


# --- previews -------------------------------------------------------------------------------


def _make_previews(plan: RecordingPlan, poster_s: float, folder: Path, watch: Watch) -> None:
    start_s = plan.opening_s + (poster_s - plan.span_s[0]) * plan.pace
    start_s = max(0.0, min(start_s, plan.duration_s - THUMBNAIL_S))
    make_thumbnail(folder / "video.mp4", start_s, folder / "thumbnail.gif", watch.is_cancelled)
    pcm = envelope_pcm(folder / "voice.m4a", folder, watch.is_cancelled)
    write_waveform(pcm, folder / "waveform.json")
