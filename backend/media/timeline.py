"""The document from which a video is drawn: versioned, complete, and free of effects.

One segment a sentence. Everything inside a segment is a function of segment-local time, and
each segment lasts whole frames (its pause takes up the difference, at most half a frame), so
that an unchanged sentence always gives the same segment, wherever in the message it stands and
however long the others are.
"""

import heapq
import itertools
import math
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.media.burned import BurnedCue, burned_cues, caption_columns, unspoken_cue
from backend.media.captions import CREDIT_S, Cue, credit_cue, cues_of_sentence
from backend.media.framing import Crop
from backend.media.sizes import CANVAS_PX
from backend.media.style import NO_PALETTE, PLAIN, Palette, Style
from backend.speech.spoken import SpokenScript

FRAME_RATE = 25
MARGIN_BEFORE_S = 0.4
MARGIN_AFTER_S = 0.8
LEAD_FRAMES = round(MARGIN_BEFORE_S * FRAME_RATE)
TRAIL_FRAMES = round(MARGIN_AFTER_S * FRAME_RATE)
CARD_FRAMES = round(2.52 * FRAME_RATE)  # 2.5 s in whole frames
# The deepest zoom, and the longest way that is still calm: how fast it may grow.
MAX_ZOOM = 0.07
ZOOM_PER_S = 0.016
# What is shorter flickers: photos that come this fast still show what is on them.
SHORTEST_PICTURE_FRAMES = 5
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

    def zoom_at(self, progress: float) -> float:
        """Return how much larger the picture is at `progress`, 0..1, of its segment."""
        return 1 + self.depth * (1 - math.cos(2 * math.pi * progress)) / 2


class Segment(_Document):
    """The stretch of video of one sentence, or of a part of it where it has several photos.

    lead_frames, trail_frames: silent frames before and after the speech
    speech_start, speech_samples: the span of the speech file that is heard
    picture: which of the photos is seen
    goes_on: whether it is a later part of the sentence before it
    captions: what is written into the picture, in segment-local time
    card: the text of a card, which is spoken by nobody
    is_common: whether the other messages of a campaign have it too
    """

    start_frame: int = Field(ge=0)
    frame_count: int = Field(gt=0)
    lead_frames: int = Field(ge=0)
    trail_frames: int = Field(ge=0)
    speech_start: int = Field(ge=0)
    speech_samples: int = Field(ge=0)
    motion: Motion
    picture: int = Field(0, ge=0)
    goes_on: bool = False
    captions: tuple[BurnedCue, ...] = ()
    card: str = ""
    is_common: bool = False


class Timeline(_Document):
    """A whole message, ready to be drawn.

    crops: what is seen of each photo; None is all of it, as it is where there are none
    music: lies under the voice, as often as the video is long
    """

    version: Literal[2] = 2
    photos: tuple[Path, ...]
    crops: tuple[Crop | None, ...] = ()
    speech: Path
    music: Path | None = None
    language: str
    width_px: int
    height_px: int
    frame_rate: int = FRAME_RATE
    sample_rate_hz: int
    segments: tuple[Segment, ...] = Field(min_length=1)
    cues: tuple[Cue, ...]
    credit: str | None = None
    style: Style = PLAIN
    palette: Palette = NO_PALETTE

    @model_validator(mode="after")
    def _show_something(self) -> "Timeline":
        if self.crops and len(self.crops) != len(self.photos):
            raise ValueError("there is not a crop for each photo")
        if not self.photos and self.style.background is None:
            raise ValueError("there is neither a photo nor a colour to be seen")
        return self

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


class CaptionedDocument(BaseModel):
    """What every version of the document has said of its captions."""

    cues: tuple[Cue, ...]


def timeline_from_speech(
    spoken: SpokenScript,
    photos: Sequence[Path],
    aspect: str,
    speech: Path,
    music: Path | None = None,
    style: Style = PLAIN,
    palette: Palette = NO_PALETTE,
) -> Timeline:
    """Lay out a spoken script over photos, which are shared out over its sentences.

    photos: may be none where `style` has a colour in their place
    spoken: sentence and word times in seconds of `speech`, a mono 16-bit WAV whose rate is a
            multiple of the frame rate
    """
    with wave.open(str(speech)) as audio:
        rate_hz, samples = audio.getframerate(), audio.getnframes()
    if rate_hz % FRAME_RATE:
        raise ValueError(f"{rate_hz} Hz does not divide into {FRAME_RATE} frames a second")
    width_px, height_px = CANVAS_PX[aspect]
    sentences = _sentence_segments(spoken, rate_hz, samples, len(photos))
    if style.burned_captions != "none":
        columns = caption_columns(width_px, height_px)
        sentences = _with_captions(spoken, sentences, rate_hz, columns)
    seen = _with_photos(sentences, max(len(photos), 1), rate_hz // FRAME_RATE)
    before, after = _cards(style, max(len(photos), 1), samples)
    late = sum(card.frame_count for card in before)
    return Timeline(
        photos=tuple(photos),
        speech=speech,
        music=music,
        language=spoken.language or "und",
        width_px=width_px,
        height_px=height_px,
        sample_rate_hz=rate_hz,
        segments=tuple(_in_a_row([*before, *seen, *after])),
        cues=tuple(cue.shifted(late / FRAME_RATE) for cue in _cues(spoken, sentences, rate_hz)),
        credit=spoken.credit,
        style=style,
        palette=palette,
    )


def _sentence_segments(
    spoken: SpokenScript, rate_hz: int, samples: int, photo_count: int
) -> list[Segment]:
    segments = [
        segment.model_copy(update={"is_common": sentence.is_common})
        for segment, sentence in zip(
            _segments(_spans(spoken, rate_hz, samples), rate_hz), spoken.sentences, strict=True
        )
    ]
    last = segments[-1]
    if spoken.credit is not None:
        last = _with_room(last, round(CREDIT_S * FRAME_RATE) - last.trail_frames)
    frames = last.start_frame + last.frame_count
    segments[-1] = _with_room(last, photo_count * SHORTEST_PICTURE_FRAMES - frames)
    return segments


@dataclass(frozen=True)
class _Span:
    """The samples of one sentence, and how many at its end are a pause and may be dropped."""

    start: int
    end: int
    pause: int


def _spans(spoken: SpokenScript, rate_hz: int, samples: int) -> list[_Span]:
    """Cut the speech in the middle of each pause.

    In whole samples: rounded, a half would fall here or there as the sentences before it last.
    """
    spans: list[_Span] = []
    start = 0
    for before, after in itertools.pairwise(spoken.sentences):
        end = round(before.end_s * rate_hz)
        half = max(round(after.start_s * rate_hz) - end, 0) // 2
        cut = min(max(end + half, start + 1), samples - 1)
        spans.append(_Span(start, cut, half))
        start = cut
    return [*spans, _Span(start, samples, 0)]


def _segments(spans: list[_Span], rate_hz: int) -> list[Segment]:
    per_frame = rate_hz // FRAME_RATE
    segments: list[Segment] = []
    frame = 0
    for index, span in enumerate(spans):
        length = _frames_of(span, per_frame)
        lead = LEAD_FRAMES if index == 0 else 0
        trail = TRAIL_FRAMES if index == len(spans) - 1 else 0
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


def _with_room(segment: Segment, more: int) -> Segment:
    """Return the segment with as many more silent frames at its end, if that is any."""
    return segment.model_copy(
        update={
            "frame_count": segment.frame_count + max(more, 0),
            "trail_frames": segment.trail_frames + max(more, 0),
        }
    )


# --- cards ----------------------------------------------------------------------------------


def _cards(style: Style, photo_count: int, samples: int) -> tuple[list[Segment], list[Segment]]:
    """Return the card before the first word and the one after the last, where there are any."""
    before = [_card(style.title_card, 0, 0)] if style.title_card.strip() else []
    last = photo_count - 1
    after = [_card(style.closing_card, last, samples)] if style.closing_card.strip() else []
    return before, after


def _card(text: str, picture: int, speech_start: int) -> Segment:
    return Segment(
        start_frame=0,
        frame_count=CARD_FRAMES,
        lead_frames=0,
        trail_frames=CARD_FRAMES,
        speech_start=speech_start,
        speech_samples=0,
        motion=Motion(depth=0, focus=FOCI[0]),
        picture=picture,
        card=text,
    )


def _in_a_row(segments: list[Segment]) -> list[Segment]:
    """Return the segments, each beginning where the one before ends."""
    ends = itertools.accumulate(segment.frame_count for segment in segments)
    return [
        segment.model_copy(update={"start_frame": end - segment.frame_count})
        for segment, end in zip(segments, ends, strict=True)
    ]


# --- burned captions ------------------------------------------------------------------------


def _with_captions(
    spoken: SpokenScript, segments: list[Segment], rate_hz: int, columns: int
) -> list[Segment]:
    captioned = []
    for sentence, segment in zip(spoken.sentences, segments, strict=True):
        local_s = segment.lead_frames / FRAME_RATE - segment.speech_start / rate_hz
        cues = tuple(cue.shifted(local_s) for cue in burned_cues(sentence, columns))
        captioned.append(segment.model_copy(update={"captions": cues}))
    if spoken.credit is not None:
        last = captioned[-1]
        shown = (*last.captions, _burned_credit(spoken.credit, spoken.language, last))
        captioned[-1] = last.model_copy(update={"captions": shown})
    return captioned


def _burned_credit(credit: str, language: str | None, last: Segment) -> BurnedCue:
    end_s = last.frame_count / FRAME_RATE
    said_s = last.captions[-1].end_s if last.captions else 0.0
    text = credit_cue(credit, language, said_s, end_s).text
    return unspoken_cue(said_s, end_s, [text])


def _captions_within(segment: Segment, begin: int, end: int) -> tuple[BurnedCue, ...]:
    begin_s, length_s = begin / FRAME_RATE, (end - begin) / FRAME_RATE
    moved = (cue.shifted(-begin_s) for cue in segment.captions)
    return tuple(cue for cue in moved if cue.end_s > 0 and cue.start_s < length_s)


# --- photos ---------------------------------------------------------------------------------


def _with_photos(sentences: list[Segment], photo_count: int, per_frame: int) -> list[Segment]:
    """Give each segment its photo; where there are more photos than sentences, cut the longest."""
    count = len(sentences)
    if photo_count <= count:
        chosen = [index * photo_count // count for index in range(count)]
        return [
            segment.model_copy(update={"picture": picture})
            for segment, picture in zip(sentences, chosen, strict=True)
        ]
    shares = _photo_shares([segment.frame_count for segment in sentences], photo_count)
    parts: list[Segment] = []
    for segment, share in zip(sentences, shares, strict=True):
        for part in _parts(segment, share, per_frame):
            motion = _motion(len(parts), part.frame_count / FRAME_RATE)
            parts.append(part.model_copy(update={"picture": len(parts), "motion": motion}))
    return parts


def _photo_shares(lengths: list[int], photo_count: int) -> list[int]:
    """Return how many photos each segment shows: one, and more where they would stay longest."""
    shares = [1] * len(lengths)
    longest = [(-float(length), index) for index, length in enumerate(lengths)]
    heapq.heapify(longest)
    for _ in range(photo_count - len(lengths)):
        _, index = longest[0]
        shares[index] += 1
        heapq.heapreplace(longest, (-lengths[index] / shares[index], index))
    return shares


def _parts(segment: Segment, count: int, per_frame: int) -> list[Segment]:
    """Cut a segment into parts of whole frames, as equal as can be."""
    cuts = [segment.frame_count * part // count for part in range(count + 1)]
    return [_part(segment, begin, end, per_frame) for begin, end in itertools.pairwise(cuts)]


def _part(segment: Segment, begin: int, end: int, per_frame: int) -> Segment:
    """Return the frames `begin` to `end` of a segment, counted in it, as one of its own."""
    speech_end = segment.frame_count - segment.trail_frames
    lead = min(max(segment.lead_frames - begin, 0), end - begin)
    first = min(max(begin - segment.lead_frames, 0) * per_frame, segment.speech_samples)
    last = min(max(end - segment.lead_frames, 0) * per_frame, segment.speech_samples)
    return segment.model_copy(
        update={
            "start_frame": segment.start_frame + begin,
            "goes_on": begin > 0,
            "frame_count": end - begin,
            "lead_frames": lead,
            "trail_frames": min(max(end - speech_end, 0), end - begin),
            "speech_start": segment.speech_start + first,
            "speech_samples": last - first,
            "captions": _captions_within(segment, begin, end),
        }
    )


def _motion(index: int, length_s: float) -> Motion:
    depth = min(MAX_ZOOM, ZOOM_PER_S * length_s)
    return Motion(depth=round(depth, 6), focus=FOCI[index % len(FOCI)])


def with_common_cards(timeline: Timeline, cards: Sequence[str]) -> Timeline:
    """Return the timeline, told which cards the other messages of a campaign have too."""
    segments = tuple(
        segment.model_copy(update={"is_common": segment.card in cards}) if segment.card else segment
        for segment in timeline.segments
    )
    return timeline.model_copy(update={"segments": segments})


def personal_spans(timeline: Timeline, spoken: SpokenScript) -> list[Cue]:
    """Return when each sentence is said that no other message of the campaign has."""
    spans: list[Cue] = []
    sentences = iter(spoken.sentences)
    for segment in timeline.segments:
        text = "" if segment.card or segment.goes_on else next(sentences).text
        if segment.card or segment.is_common:
            continue
        begin_s = segment.start_frame / timeline.frame_rate
        end_s = (segment.start_frame + segment.frame_count) / timeline.frame_rate
        if segment.goes_on:
            spans[-1] = spans[-1].model_copy(update={"end_s": end_s})
        else:
            spans.append(Cue(start_s=begin_s, end_s=end_s, text=text))
    return spans


def common_stretch(timeline: Timeline, length_s: float) -> tuple[int, int] | None:
    """Return the segments `first` to `end` that others have too and that last so long.

    Of several stretches the one that begins nearest to a third of the whole; None for none.
    """
    stretches = []
    for first in range(len(timeline.segments)):
        end, frames = first, 0
        while frames < length_s * timeline.frame_rate and end < len(timeline.segments):
            if not timeline.segments[end].is_common:
                break
            frames += timeline.segments[end].frame_count
            end += 1
        if frames >= length_s * timeline.frame_rate:
            stretches.append((first, end))
    third = timeline.frame_count / 3
    return min(
        stretches,
        key=lambda stretch: abs(timeline.segments[stretch[0]].start_frame - third),
        default=None,
    )


def with_crops(timeline: Timeline, crops: Sequence[Crop | None]) -> Timeline:
    """Return the timeline with what is seen of each of its photos; None is all of it.

    What a photo was cropped for stays where it is while the picture is zoomed.
    """
    segments = tuple(
        _around_its_face(segment, crops[segment.picture] if crops else None)
        for segment in timeline.segments
    )
    return timeline.model_copy(update={"crops": tuple(crops), "segments": segments})


def _around_its_face(segment: Segment, crop: Crop | None) -> Segment:
    if crop is None:
        return segment
    motion = segment.motion.model_copy(update={"focus": (crop.focus_x, crop.focus_y)})
    return segment.model_copy(update={"motion": motion})


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
