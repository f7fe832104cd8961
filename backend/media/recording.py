"""From a recording to the finished MP4: trimmed, in a format that every phone plays, at -16 LUFS.

A voice may take the place of the recorded sound. Then the picture is fitted to it: played up to
15 % faster or slower, which nobody notices in a face that speaks; what is missing after that is
a frozen last picture, and what is too long is cut.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.media import ffmpeg, jail
from backend.media.alignment import align_script
from backend.media.captions import CREDIT_S, Cue, as_webvtt, credit_cue, cues_of_sentence
from backend.media.decode import look
from backend.media.muxing import Tracks, mux_video
from backend.media.poster import pick_poster
from backend.media.previews import THUMBNAIL_S, make_thumbnail, write_waveform
from backend.media.soundtrack import (
    ENVELOPE_RATE_HZ,
    cut_sound,
    envelope_pcm,
    master_soundtrack,
    place_speech,
    write_silence,
)
from backend.media.timeline import MARGIN_AFTER_S, MARGIN_BEFORE_S
from backend.speech import SpokenScript

MOST_CHANGE_OF_PACE = 0.15
# Constant rates, so that every player and messenger shows it; a camera's own varies.
FRAME_RATES = (15, 20, 24, 25, 30)
_LIKE_SPEED = 0.5  # a mean of 29.6 is a camera of 30
_MAX_BITS_PER_S = 6_000_000
# Shares of the whole that each part takes, for the percent.
_HEARD, _DRAWN, _JOINED = 0.15, 0.92, 0.96
_LEAST_X_REAL_TIME = 0.15  # of the slowest machine that is waited for, with 1080 lines
# ITU-T H.273: transfers of high dynamic range (PQ, HLG), which have to be mapped down.
_HDR_TRANSFERS = (16, 18)
_UNSPECIFIED = 2
_TO_SDR = (
    "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
    "zscale=t=bt709:m=bt709:r=tv,format=yuv420p"
)


@dataclass(frozen=True)
class Voiceover:
    """A voice that speaks in place of the recorded sound: a mono WAV, and what it says when."""

    speech: Path
    spoken: SpokenScript


@dataclass(frozen=True)
class RecordingPlan:
    """All that the video is made of.

    span_s:     what is kept of the recording, in seconds of its own
    frame_rate: pictures a second of the recording, on average
    captions:   given ones, their times in seconds of the recording; None for those of the script
    """

    recording: Path
    span_s: tuple[float, float]
    has_audio: bool
    frame_rate: float
    width_px: int
    height_px: int
    script: str
    language: str
    captions: tuple[Cue, ...] | None = None
    music: Path | None = None
    voiceover: Voiceover | None = None

    @property
    def kept_s(self) -> float:
        """Seconds of the recording that are kept."""
        return self.span_s[1] - self.span_s[0]

    @property
    def duration_s(self) -> float:
        """Seconds of the video."""
        if self.voiceover is None:
            return self.kept_s
        after_s = MARGIN_AFTER_S if self.credit is None else CREDIT_S
        return MARGIN_BEFORE_S + self.voiceover.spoken.duration_s + after_s

    @property
    def credit(self) -> str | None:
        """Whose voice it is, where that voice's terms ask for it."""
        return None if self.voiceover is None else self.voiceover.spoken.credit

    @property
    def pace(self) -> float:
        """How much longer a moment of the picture lasts than it did: above 1 is slower."""
        if self.voiceover is None:
            return 1.0
        wanted = self.duration_s / self.kept_s
        return min(max(wanted, 1 - MOST_CHANGE_OF_PACE), 1 + MOST_CHANGE_OF_PACE)

    @property
    def made_rate(self) -> int:
        """Pictures a second of the video."""
        wanted = self.frame_rate / self.pace - _LIKE_SPEED
        return next((rate for rate in FRAME_RATES if rate >= wanted), FRAME_RATES[-1])


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
    poster_s = _make_poster(plan, folder, watch)
    heard = _make_voice(plan, folder, watch)
    lufs = master_soundtrack(
        heard, plan.music, plan.duration_s, folder / "voice.m4a", watch.is_cancelled
    ).lufs
    watch.on_progress(_HEARD)
    _encode_picture(plan, folder / "picture.mp4", watch)
    cues, aligned = _captions(plan, heard, folder, watch)
    tracks = Tracks(
        picture=["-i", f"file:{folder / 'picture.mp4'}"],
        voice=folder / "voice.m4a",
        cues=cues,
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
        aligned=aligned,
        duration_s=plan.duration_s,
        lufs=lufs,
    )


# --- picture --------------------------------------------------------------------------------


def _make_poster(plan: RecordingPlan, folder: Path, watch: Watch) -> float:
    """Make the poster and pass it on; return its moment in the recording."""
    poster = folder / "poster.jpg"
    size_px = (plan.width_px, plan.height_px)
    at_s = pick_poster(plan.recording, plan.span_s, size_px, poster, watch.is_cancelled)
    watch.on_poster(poster)
    return at_s


def _encode_picture(plan: RecordingPlan, target: Path, watch: Watch) -> None:
    frames = max(round(plan.duration_s * plan.made_rate), 1)
    arguments = [
        "-ss", f"{plan.span_s[0]:.4f}", "-t", f"{plan.kept_s:.4f}",
        *ffmpeg.untrusted_video(plan.recording),
        "-map", "0:v:0", "-an", "-sn", "-dn", "-vf", _filters(plan, target.parent),
        "-frames:v", str(frames), "-fps_mode", "cfr", "-r", str(plan.made_rate),
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "22", *ffmpeg.ENCODER_THREADS,
        "-maxrate", str(_MAX_BITS_PER_S), "-bufsize", str(2 * _MAX_BITS_PER_S),
        "-profile:v", "high", "-level", "4.1", "-g", str(2 * plan.made_rate),
        "-pix_fmt", "yuv420p", "-color_range", "tv",
        "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
        "-map_metadata", "-1", "-map_chapters", "-1",
        "-fflags", "+bitexact", "-flags:v", "+bitexact", f"file:{target}",
    ]  # fmt: skip

    def on_time(time_s: float) -> None:
        share = min(time_s / plan.duration_s, 1.0)
        watch.on_progress(_HEARD + (_DRAWN - _HEARD) * share)

    limits = _limits(plan.duration_s)
    readable = [plan.recording]
    ffmpeg.run(arguments, target.parent, readable, limits, on_time, watch.is_cancelled)


def _filters(plan: RecordingPlan, work: Path) -> str:
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
        "format=yuv420p,setsar=1,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709",
        # Where sound or voice go on after the last picture, it stays.
        "tpad=stop=-1:stop_mode=clone",
    ))  # fmt: skip


def _matrix(facts: dict[str, object]) -> str:
    """Return which colours are meant where the recording does not say, as browsers guess."""
    if facts["matrix"] != _UNSPECIFIED:
        return ""
    is_high = min(int(str(facts["width_px"])), int(str(facts["height_px"]))) >= 720
    return f"in_color_matrix={'bt709' if is_high and facts['codec'] != 'vp8' else 'bt601'}:"


def _limits(duration_s: float) -> jail.Limits:
    wall_s = 120 + duration_s / _LEAST_X_REAL_TIME
    return jail.Limits(wall_s=wall_s, cpu_s=round(4 * wall_s), output_bytes=4096 * jail.MEBIBYTE)


# --- sound and words ------------------------------------------------------------------------


def _make_voice(plan: RecordingPlan, folder: Path, watch: Watch) -> Path:
    """Return the WAV of what is said, as long as the video."""
    heard = folder / "heard.wav"
    if plan.voiceover is not None:
        speech = plan.voiceover.speech
        place_speech(speech, MARGIN_BEFORE_S, plan.duration_s, heard, watch.is_cancelled)
    elif plan.has_audio:
        cut_sound(plan.recording, plan.span_s, heard, watch.is_cancelled)
    else:
        write_silence(plan.duration_s, heard)
    return heard


def _captions(
    plan: RecordingPlan, heard: Path, folder: Path, watch: Watch
) -> tuple[list[Cue], Path | None]:
    """Return the captions of the video, and the file of those made of the script, if any."""
    made = _script_cues(plan, heard, folder, watch)
    aligned = None
    if made:
        aligned = folder / "aligned.vtt"
        aligned.write_text(as_webvtt(made), encoding="utf-8")
    if plan.captions is not None and plan.voiceover is None:
        return kept_cues(plan.captions, plan.span_s), aligned
    return made, aligned


def _script_cues(plan: RecordingPlan, heard: Path, folder: Path, watch: Watch) -> list[Cue]:
    if plan.voiceover is not None:
        spoken = plan.voiceover.spoken.sentences
        cues = [cue for sentence in spoken for cue in cues_of_sentence(sentence)]
        cues = [cue.shifted(MARGIN_BEFORE_S) for cue in cues]
        if plan.credit is not None:
            end_s = cues[-1].end_s if cues else 0.0
            cues.append(credit_cue(plan.credit, plan.language, end_s, plan.duration_s))
        return cues
    if not plan.script.strip() or not plan.has_audio:
        return []
    pcm = envelope_pcm(heard, folder, watch.is_cancelled)
    sentences = align_script(plan.script, pcm, ENVELOPE_RATE_HZ)
    return [cue for sentence in sentences for cue in cues_of_sentence(sentence)]


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
    start_s = (poster_s - plan.span_s[0]) * plan.pace
    start_s = max(0.0, min(start_s, plan.duration_s - THUMBNAIL_S))
    make_thumbnail(folder / "video.mp4", start_s, folder / "thumbnail.gif", watch.is_cancelled)
    pcm = envelope_pcm(folder / "voice.m4a", folder, watch.is_cancelled)
    write_waveform(pcm, folder / "waveform.json")
