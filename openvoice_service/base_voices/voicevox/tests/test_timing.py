"""The reckoning of a query by itself, on what a running engine once answered."""

from pathlib import Path

import pytest

from openvoice_service.base_voices import Prosody
from openvoice_service.base_voices.voicevox.timing import FRAME_RATE_HZ, reckon
from openvoice_service.base_voices.voicevox.voice import shaped
from openvoice_service.base_voices.voicevox.wire import AudioQuery
from openvoice_service.base_voices.voicevox.words import word_marks

TEXT = "橋の端で箸を持つ。"


@pytest.fixture
def query() -> AudioQuery:
    example = Path(__file__).with_name("example_audio_query.json")
    return AudioQuery.model_validate_json(example.read_text(encoding="utf-8"))


def test_each_mora_lasts_as_long_as_its_phonemes(query: AudioQuery) -> None:
    reckoning = reckon(query)
    assert "".join(mora.kana for mora in reckoning.moras) == "ハシノハシデハシオモツ"
    first = query.accent_phrases[0].moras[0]
    expected_s = (first.consonant_length or 0) + first.vowel_length
    assert reckoning.moras[0].start_s == pytest.approx(0.1, abs=0.5 / FRAME_RATE_HZ)
    length_s = reckoning.moras[0].end_s - reckoning.moras[0].start_s
    assert length_s == pytest.approx(expected_s, abs=1 / FRAME_RATE_HZ)
    lengths_s = [
        (mora.consonant_length or 0) + mora.vowel_length
        for phrase in query.accent_phrases
        for mora in phrase.moras
    ]
    assert reckoning.duration_s == pytest.approx(sum(lengths_s) + 0.2, abs=0.15)


def test_speed_shortens_everything_and_pauses_are_set(query: AudioQuery) -> None:
    slow, fast = reckon(query), reckon(shaped(query, Prosody(speed=2.0)))
    assert fast.duration_s == pytest.approx(slow.duration_s / 2, abs=0.2)
    query.accent_phrases[0].pause_mora = (
        query.accent_phrases[0]
        .moras[0]
        .model_copy(update={"vowel": "pau", "vowel_length": 0.3, "consonant_length": None})
    )
    assert reckon(query).duration_s == pytest.approx(slow.duration_s + 0.3, abs=0.01)
    query.pauseLength = 1.0
    assert reckon(query).duration_s == pytest.approx(slow.duration_s + 1.0, abs=0.01)


def test_a_question_rises_on_a_mora_of_its_own(query: AudioQuery) -> None:
    before = reckon(query)
    query.accent_phrases[-1].is_interrogative = True
    after = reckon(query)
    assert len(after.moras) == len(before.moras) + 1
    assert after.duration_s == pytest.approx(before.duration_s + 0.15, abs=0.01)


def test_an_octave_doubles_the_pitch_and_leaves_the_intonation(query: AudioQuery) -> None:
    raised = shaped(query, Prosody(pitch=12.0))
    for before, after in zip(query.accent_phrases, raised.accent_phrases, strict=True):
        for low, high in zip(before.moras, after.moras, strict=True):
            assert high.pitch - low.pitch == pytest.approx(0.6931, abs=1e-4)
    assert raised.pitchScale == 0.0
    assert raised.intonationScale == 1.0


def test_words_begin_where_their_first_mora_does(query: AudioQuery) -> None:
    moras = reckon(query).moras
    marks = word_marks(TEXT, moras)
    assert [TEXT[mark.position] for mark in marks] == ["橋", "の", "端", "で", "箸", "を", "持"]
    firsts = [0, 2, 3, 5, 6, 8, 9]
    assert [mark.start_s for mark in marks] == [moras[index].start_s for index in firsts]
    assert marks[-1].end_s == moras[-1].end_s


def test_words_keep_their_place_where_figures_are_rewritten_and_readings_differ() -> None:
    text = "2024年に、Tokyoで会おう。"
    marks = word_marks(text, reckon(_query("ニセンニジュウヨネンニトウキョウデアオウ")).moras)
    starts = {text[mark.position]: mark.start_s for mark in marks}
    assert starts["年"] < starts["T"] < starts["会"]
    assert text[marks[0].position] == "2"


def _query(kana: str) -> AudioQuery:
    moras = [
        {"text": each, "vowel": "a", "vowel_length": 0.1, "pitch": 5.0} for each in kana if each
    ]
    scales = {"speedScale": 1, "pitchScale": 0, "intonationScale": 1, "volumeScale": 1}
    edges = {"prePhonemeLength": 0.1, "postPhonemeLength": 0.1}
    sound = {"outputSamplingRate": 24_000, "outputStereo": False}
    return AudioQuery.model_validate(
        {"accent_phrases": [{"moras": moras, "accent": 1}], **scales, **edges, **sound}
    )
