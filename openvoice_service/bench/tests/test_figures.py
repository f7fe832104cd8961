"""The bench's own arithmetic, and that nothing is scored on what was learnt."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from openvoice_service.audio import Waveform
from openvoice_service.bench.artefacts import find_artefacts
from openvoice_service.bench.sentences import ENGLISH, JAPANESE
from openvoice_service.bench.speakers import halves, read_speaker
from openvoice_service.bench.word_errors import count_errors, words
from openvoice_service.text import split_script
from openvoice_service.tones import CORPUS

Words = st.lists(st.sampled_from(["a", "b", "c"]), max_size=6)


@given(said=Words, heard=Words, other=Words)
def test_word_errors_are_a_distance(said: list[str], heard: list[str], other: list[str]) -> None:
    errors = count_errors(said, heard)
    assert (errors == 0) == (said == heard)
    assert errors == count_errors(heard, said)
    assert abs(len(said) - len(heard)) <= errors <= max(len(said), len(heard))
    assert errors <= count_errors(said, other) + count_errors(other, heard)


def test_case_and_punctuation_are_no_errors() -> None:
    assert words("Happy birthday, DON'T cry!") == ["happy", "birthday", "don't", "cry"]


def test_the_sentences_are_as_many_as_promised_and_are_not_what_base_tones_learn() -> None:
    assert len(set(JAPANESE)) == 10
    assert len(set(ENGLISH)) == 20
    learnt = {text for texts in CORPUS.values() for text in texts}
    assert not learnt & {*JAPANESE, *ENGLISH}
    assert all(len(split_script(text, "ja")) == text.count("。") for text in JAPANESE)
    assert all(len(split_script(text, "en")) == 1 for text in ENGLISH)


def test_the_halves_of_a_recording_share_no_sample() -> None:
    wave = read_speaker("speaker_0")
    first, last = halves(wave)
    assert abs(first.duration_s - last.duration_s) < 0.001
    assert first.duration_s + last.duration_s <= wave.duration_s
    assert not np.array_equal(first.samples[-1000:], last.samples[:1000])


def test_artefacts_are_found_where_they_were_put() -> None:
    clean = read_speaker("speaker_0").between(0.0, 5.0)
    nothing = find_artefacts([clean], [clean])
    assert (nothing.clicks, nothing.level_jumps, nothing.voicing_errors) == (0, 0.0, 0.0)
    assert nothing.onset_shift_ms == 0.0
    quiet = clean.samples / np.float32(4)
    quiet[len(quiet) // 2] = 1.0
    assert find_artefacts([clean], [Waveform(quiet, clean.sample_rate_hz)]).clicks > 0
    late = np.roll(clean.samples, clean.sample_rate_hz // 5)
    late[: clean.sample_rate_hz // 5] = 0.0
    moved = find_artefacts([clean], [Waveform(late, clean.sample_rate_hz)])
    assert 150 < moved.onset_shift_ms < 250
