"""The document from which a video is drawn: versioned, complete, and free of effects.

One segment a sentence. Everything inside a segment is a function of segment-local time, and
each segment lasts whole frames (its pause takes up the difference, at most half a frame), so
that an unchanged sentence always gives the same segment, wherever in the message it stands.
The margin at the end makes up for the differences.
"""

import itertools
import math
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.media.captions import CREDIT_S, Cue, credit_cue, cues_of_sentence
from backend.media.sizes import CANVAS_PX
from backend.speech import SpokenScript

FRAME_RATE = 25
MARGIN_BEFORE_S = 0.4
MARGIN_AFTER_S = 0.8
LEAD_FRAMES = round(MARGIN_BEFORE_S * FRAME_RATE)
TRAIL_FRAMES = round(MARGIN_AFTER_S * FRAME_RATE)
# The deepest zoom, and the longest way that is still calm: how fast it may grow.
MAX_ZOOM = 0.07
ZOOM_PER_S = 0.016
# Where the zoom heads to, in turn: a little left and right of the middle, above the waveform.
FOCI = ((0.5, 0.44), (0.44, 0.46), (0.56, 0.46))


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Motion(_Document):
    """A zoom that starts and ends at rest: z(u) = 1 + depth · (1 - cos 2πu) / 2, u = n / N.

    focus: the point that stays where it is, as fractions of width and height
    """

    depth: float = Field(ge=0, le=0.5)
    focus: tuple[float, float]


class Segment(_Document):
    """The stretch of video of one sentence.

    lead_frames, trail_frames: silent frames before and after the speech
    speech_start, speech_samples: the span of the speech file that is heard
    """

    start_frame: int = Field(ge=0)
    frame_count: int = Field(gt=0)
    lead_frames: int = Field(ge=0)
    trail_frames: int = Field(ge=0)
    speech_start: int = Field(ge=0)
    speech_samples: int = Field(gt=0)
    motion: Motion


class Timeline(_Document):
    """A whole message, ready to be drawn."""

    version: Literal[1] = 1
    photo: Path
    speech: Path
    language: str
    width_px: int
    height_px: int
    frame_rate: int = FRAME_RATE
    sample_rate_hz: int
    segments: tuple[Segment, ...] = Field(min_length=1)
    cues: tuple[Cue, ...]
    credit: str | None = None

    @property
    def frame_count(self) -> int:
        """Frames of the whole video."""
        return sum(segment.frame_count for segment in self.segments)

    @property
    def duration_s(self) -> float:
        """Seconds of the whole video."""
        return self.frame_count / self.frame_rate

    @property
    def samples_per_frame(self) -> int:
        """Samples of speech that one frame lasts."""
        return self.sample_rate_hz // self.frame_rate


def timeline_from_speech(spoken: SpokenScript, photo: Path, aspect: str, speech: Path) -> Timeline:
    """Lay out a spoken script over a photo.

    spoken: sentence and word times in seconds of `speech`, a mono 16-bit WAV whose rate is a
            multiple of the frame rate
    """
    with wave.open(str(speech)) as audio:
        rate_hz, samples = audio.getframerate(), audio.getnframes()
    if rate_hz % FRAME_RATE:
        raise ValueError(f"{rate_hz} Hz does not divide into {FRAME_RATE} frames a second")
    spans = _spans(spoken, rate_hz, samples)
    segments = _segments(spans, rate_hz)
    if spoken.credit is not None:
        segments[-1] = _with_room_for_credit(segments[-1])
    width_px, height_px = CANVAS_PX[aspect]
    return Timeline(
        photo=photo,
        speech=speech,
        language=spoken.language or "und",
        width_px=width_px,
        height_px=height_px,
        sample_rate_hz=rate_hz,
        segments=tuple(segments),
        cues=tuple(_cues(spoken, segments, rate_hz)),
        credit=spoken.credit,
    )


@dataclass(frozen=True)
class _Span:
    """The samples of one sentence, and how many at its end are a pause and may be dropped."""

    start: int
    end: int
    pause: int


def _spans(spoken: SpokenScript, rate_hz: int, samples: int) -> list[_Span]:
    """Cut the speech in the middle of each pause."""
    spans: list[_Span] = []
    start = 0
    for before, after in itertools.pairwise(spoken.sentences):
        pause_s = max(after.start_s - before.end_s, 0.0)
        middle = round((before.end_s + pause_s / 2) * rate_hz)
        cut = min(max(middle, start + 1), samples - 1)
        spans.append(_Span(start, cut, round(pause_s / 2 * rate_hz)))
        start = cut
    return [*spans, _Span(start, samples, 0)]


def _segments(spans: list[_Span], rate_hz: int) -> list[Segment]:
    per_frame = rate_hz // FRAME_RATE
    lengths = [_frames_of(span, per_frame) for span in spans]
    gained = sum(lengths) - math.ceil(spans[-1].end / per_frame)
    segments: list[Segment] = []
    frame = 0
    for index, (span, length) in enumerate(zip(spans, lengths, strict=True)):
        lead = LEAD_FRAMES if index == 0 else 0
        trail = _trail_frames(gained) if index == len(spans) - 1 else 0
        segments.append(
            Segment(
                start_frame=frame,
                frame_count=lead + length + trail,
                lead_frames=lead,
                trail_frames=trail,
                speech_start=span.start,
                speech_samples=min(span.end - span.start, length * per_frame),
                motion=_motion(index, (lead + length + trail) / FRAME_RATE),
            )
        )
        frame += lead + length + trail
    return segments


def _frames_of(span: _Span, per_frame: int) -> int:
    """Return the nearest number of whole frames, where only a bit of the pause gets lost."""
    frames, rest = divmod(span.end - span.start, per_frame)
    rounds_down = rest <= min(per_frame, span.pause) // 2
    return max(frames if rounds_down else frames + 1, 1)


def _trail_frames(gained: int) -> int:
    """Return the frames after the last word: they make up for what rounding gained or lost."""
    return min(max(TRAIL_FRAMES - gained, TRAIL_FRAMES // 2), TRAIL_FRAMES * 2)


def _with_room_for_credit(segment: Segment) -> Segment:
    more = max(round(CREDIT_S * FRAME_RATE) - segment.trail_frames, 0)
    return segment.model_copy(
        update={
            "frame_count": segment.frame_count + more,
            "trail_frames": segment.trail_frames + more,
        }
    )


def _motion(index: int, length_s: float) -> Motion:
    depth = min(MAX_ZOOM, ZOOM_PER_S * length_s)
    return Motion(depth=round(depth, 6), focus=FOCI[index % len(FOCI)])


def _cues(spoken: SpokenScript, segments: list[Segment], rate_hz: int) -> list[Cue]:
    cues: list[Cue] = []
    for sentence, segment in zip(spoken.sentences, segments, strict=True):
        shown_from_s = (segment.start_frame + segment.lead_frames) / FRAME_RATE
        shift_s = shown_from_s - segment.speech_start / rate_hz
        cues.extend(cue.shifted(shift_s) for cue in cues_of_sentence(sentence))
    if spoken.credit is not None:
        last = segments[-1]
        ends_s = (last.start_frame + last.frame_count) / FRAME_RATE
        said_s = cues[-1].end_s if cues else 0.0
        cues.append(credit_cue(spoken.credit, spoken.language, said_s, ends_s))
    return cues
