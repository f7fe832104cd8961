"""The plan of a video: whole frames, pure segments, captions where they are heard."""

import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.media.style import Style
from backend.media.tests.material import RATE_HZ, spoken_script, write_wav
from backend.media.timeline import (
    FRAME_RATE,
    LEAD_FRAMES,
    MARGIN_AFTER_S,
    MARGIN_BEFORE_S,
    CaptionedDocument,
    Timeline,
    common_stretch,
    personal_spans,
    timeline_from_speech,
    with_common_cards,
)
from backend.speech.spoken import SpokenScript, SpokenSentence


def script_of(lengths_s: list[float], pauses_s: list[float]) -> SpokenScript:
    """Return a script of sentences and the pauses after each; times are all that it has."""
    sentences, now_s = [], 0.02
    for index, (length_s, pause_s) in enumerate(zip(lengths_s, pauses_s, strict=True)):
        end_s = now_s + length_s
        sentences.append(
            SpokenSentence(index=index, text=f"Number {index}.", start_s=now_s, end_s=end_s)
        )
        now_s = end_s + pause_s
    return SpokenScript(
        sample_rate_hz=RATE_HZ, duration_s=now_s, language="en", sentences=tuple(sentences)
    )


def planned(spoken: SpokenScript, folder: Path) -> Timeline:
    speech = write_wav(folder / "speech.wav", [0.0] * round(spoken.duration_s * RATE_HZ))
    return timeline_from_speech(spoken, [folder / "photo.jpg"], "16:9", speech)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.3, 9.0), st.floats(0.0, 0.8)),
        min_size=1,
        max_size=60,
    )
)
def test_segments_join_and_last_as_long_as_the_speech(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[float, float]]
) -> None:
    spoken = script_of([length for length, _ in parts], [pause for _, pause in parts])
    timeline = planned(spoken, tmp_path_factory.mktemp("plan"))
    for before, after in itertools.pairwise(timeline.segments):
        assert after.start_frame == before.start_frame + before.frame_count
        lost = after.speech_start - (before.speech_start + before.speech_samples)
        assert 0 <= lost <= timeline.samples_per_frame // 2, "no more than half a frame of pause"
    for segment in timeline.segments:
        own_frames = segment.frame_count - segment.lead_frames - segment.trail_frames
        assert own_frames * timeline.samples_per_frame >= segment.speech_samples
    if all(pause >= 0.1 for _, pause in parts):
        wanted_s = spoken.duration_s + MARGIN_BEFORE_S + MARGIN_AFTER_S
        half_a_frame_s = 0.5 / FRAME_RATE
        allowed_s = (len(parts) + 1) * half_a_frame_s + 1e-6
        assert timeline.duration_s == pytest.approx(wanted_s, abs=allowed_s)


def test_what_is_lost_to_whole_frames_is_never_speech(tmp_path: Path) -> None:
    spoken = script_of([1.0 + n * 0.013 for n in range(30)], [0.25] * 30)
    timeline = planned(spoken, tmp_path)
    for sentence, segment in zip(spoken.sentences, timeline.segments, strict=True):
        first_s = segment.speech_start / RATE_HZ
        last_s = (segment.speech_start + segment.speech_samples) / RATE_HZ
        assert first_s <= sentence.start_s
        assert sentence.end_s <= last_s


def test_an_unchanged_sentence_gives_the_same_segment_elsewhere(tmp_path: Path) -> None:
    """Only the sentence with the name differs: what comes after it need not be drawn again."""
    one = planned(script_of([1.0, 2.0, 3.0], [0.4, 0.4, 0.1]), tmp_path)
    other = planned(script_of([1.37, 2.0, 3.0], [0.4, 0.4, 0.1]), tmp_path)
    assert one.segments[0].frame_count != other.segments[0].frame_count
    places = {"start_frame", "speech_start"}
    for before, after in zip(one.segments[1:], other.segments[1:], strict=True):
        kept, again = (segment.model_dump(exclude=places) for segment in (before, after))
        kept.pop("speech_samples"), again.pop("speech_samples")  # rounding may move a sample
        assert kept == again


def test_captions_begin_and_end_with_the_speech(tmp_path: Path) -> None:
    spoken = spoken_script(tmp_path / "speech.wav", (1.2, 0.9, 2.0))
    timeline = timeline_from_speech(spoken, [Path("photo.jpg")], "9:16", tmp_path / "speech.wav")
    late_s = 0.0
    for sentence, cue, segment in zip(
        spoken.sentences, timeline.cues, timeline.segments, strict=True
    ):
        assert cue.text == sentence.text
        assert cue.end_s - cue.start_s == pytest.approx(sentence.end_s - sentence.start_s)
        assert cue.start_s >= segment.start_frame / FRAME_RATE
        late_s = max(late_s, abs(cue.start_s - sentence.start_s - MARGIN_BEFORE_S))
    assert late_s <= 0.04 * len(spoken.sentences)
    assert timeline.cues[0].start_s == pytest.approx(LEAD_FRAMES / FRAME_RATE + 0.02, abs=0.001)


@pytest.mark.parametrize(("aspect", "shape"), [("16:9", 16 / 9), ("9:16", 9 / 16), ("1:1", 1)])
def test_each_aspect_has_its_shape(aspect: str, shape: float, tmp_path: Path) -> None:
    spoken = spoken_script(tmp_path / "speech.wav", (1.0,))
    timeline = timeline_from_speech(spoken, [Path("photo.jpg")], aspect, tmp_path / "speech.wav")
    assert timeline.width_px / timeline.height_px == pytest.approx(shape)
    assert timeline.width_px % 2 == timeline.height_px % 2 == 0


def test_every_move_starts_and_ends_at_rest_and_is_gentle(tmp_path: Path) -> None:
    timeline = planned(script_of([0.5, 3.0, 12.0, 40.0], [0.4] * 4), tmp_path)
    foci = [segment.motion.focus for segment in timeline.segments]
    assert foci[0] != foci[1] != foci[2]
    for segment in timeline.segments:
        fastest = segment.motion.depth * math.pi / segment.frame_count * timeline.width_px
        assert fastest <= 3.0, "pixels a frame at the edge"


def test_a_document_of_another_version_or_with_more_in_it_is_refused(tmp_path: Path) -> None:
    document = planned(script_of([1.0], [0.1]), tmp_path).model_dump(mode="json")
    assert Timeline.model_validate(document).model_dump(mode="json") == document
    with pytest.raises(ValidationError):
        Timeline.model_validate(document | {"version": 1})
    with pytest.raises(ValidationError):
        Timeline.model_validate(document | {"volume": "loud"})


def test_the_captions_of_an_earlier_version_can_still_be_read(tmp_path: Path) -> None:
    document = planned(script_of([1.0], [0.1]), tmp_path).model_dump(mode="json")
    earlier = {"version": 1, "photo": "photo.jpg", "cues": document["cues"]}
    assert [cue.text for cue in CaptionedDocument.model_validate(earlier).cues] == ["Number 0."]


def test_a_rate_that_does_not_divide_into_frames_is_refused(tmp_path: Path) -> None:
    spoken = script_of([1.0], [0.1])
    speech = write_wav(tmp_path / "speech.wav", [0.0] * 20_000, rate_hz=11_026)
    with pytest.raises(ValueError, match="11026"):
        timeline_from_speech(spoken, [Path("photo.jpg")], "1:1", speech)


# --- what a campaign's messages have in common ----------------------------------------------


def with_common(spoken: SpokenScript, *common: int) -> SpokenScript:
    sentences = [
        sentence.model_copy(update={"is_common": sentence.index in common})
        for sentence in spoken.sentences
    ]
    return spoken.model_copy(update={"sentences": tuple(sentences)})


def test_what_is_one_messages_alone_is_told_by_its_times(tmp_path: Path) -> None:
    spoken = with_common(script_of([2.0, 3.0, 1.0, 2.0], [0.4] * 4), 0, 3)
    timeline = planned(spoken, tmp_path)
    spans = personal_spans(timeline, spoken)
    assert [span.text for span in spans] == ["Number 1.", "Number 2."]
    _, second, third, fourth = (segment.start_frame / FRAME_RATE for segment in timeline.segments)
    assert [(span.start_s, span.end_s) for span in spans] == [(second, third), (third, fourth)]


def test_a_sentence_of_several_photos_is_one_span(tmp_path: Path) -> None:
    spoken = with_common(script_of([6.0], [0.4]))
    speech = write_wav(tmp_path / "speech.wav", [0.0] * round(spoken.duration_s * RATE_HZ))
    photos = [tmp_path / f"{number}.jpg" for number in range(3)]
    timeline = timeline_from_speech(spoken, photos, "16:9", speech)
    assert len(timeline.segments) == 3
    (span,) = personal_spans(timeline, spoken)
    assert (span.start_s, span.end_s) == (0.0, timeline.duration_s)


@pytest.mark.parametrize(
    ("common", "stretch"),
    [((0, 1, 2, 3, 4), (2, 3)), ((0, 4), (0, 1)), ((0, 1, 3, 4), (1, 2)), ((), None)],
)
def test_a_long_stretch_that_all_have_lies_near_the_first_third(
    common: tuple[int, ...], stretch: tuple[int, int] | None, tmp_path: Path
) -> None:
    spoken = with_common(script_of([3.2] * 5, [0.4] * 5), *common)
    assert common_stretch(planned(spoken, tmp_path), 3.0) == stretch


def test_a_card_is_common_where_the_template_has_the_same(tmp_path: Path) -> None:
    style = Style(title_card="For you", closing_card="Dear Anna")
    spoken = script_of([2.0], [0.4])
    speech = write_wav(tmp_path / "speech.wav", [0.0] * round(spoken.duration_s * RATE_HZ))
    timeline = timeline_from_speech(spoken, [tmp_path / "p.jpg"], "16:9", speech, style=style)
    told = with_common_cards(timeline, ("For you", "Dear {{name}}"))
    assert [segment.is_common for segment in told.segments] == [True, False, False]
