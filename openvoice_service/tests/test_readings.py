"""Readings as lines of kana: what they mean, what is wrong with them, and what is suggested."""

import json
import re
from pathlib import Path

import pyopenjtalk
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openvoice_service.base_voices.japanese import (
    Pronunciation,
    labels_of,
    read_positions,
    read_words,
    reading_of,
)
from openvoice_service.readings import (
    MAX_LINE_CHARACTERS,
    MORAS,
    VOWELLESS,
    AccentPhrase,
    Mora,
    Reading,
    ReadingError,
    parse_reading,
    parse_word,
)

# The browser reads the same lines: what is refused there is refused here.
LINES = json.loads(Path(__file__).with_name("kana_lines.json").read_text())


@pytest.mark.parametrize("case", LINES["good"], ids=lambda case: case["line"])
def test_a_line_means_its_phrases(case) -> None:
    phrases = [
        {
            "moras": [str(mora) for mora in phrase.moras],
            "accent": phrase.accent,
            "pause": phrase.has_pause,
            "question": phrase.is_question,
        }
        for phrase in parse_reading(case["line"]).phrases
    ]
    assert phrases == case["phrases"]


@pytest.mark.parametrize("case", LINES["bad"], ids=lambda case: case["line"])
def test_a_line_that_cannot_be_read_is_refused_at_its_place(case) -> None:
    with pytest.raises(ReadingError) as refusal:
        parse_reading(case["line"])
    assert (refusal.value.code, refusal.value.at) == (case["code"], case["at"])
    assert refusal.value.fix


def test_a_line_has_a_greatest_length() -> None:
    with pytest.raises(ReadingError) as refusal:
        parse_reading("ア" * MAX_LINE_CHARACTERS + "'")
    assert refusal.value.code == "reading_too_long"


@st.composite
def _phrases(draw) -> AccentPhrase:
    first = st.sampled_from(sorted(MORAS - {"ー"}))
    kana = [draw(first), *draw(st.lists(st.sampled_from(sorted(MORAS)), max_size=7))]
    moras = [Mora(one, draw(st.booleans()) and one not in VOWELLESS) for one in kana]
    accent = draw(st.integers(1, len(moras)))
    return AccentPhrase(tuple(moras), accent, draw(st.booleans()), draw(st.booleans()))


def _joins_anew(phrase: AccentPhrase) -> bool:
    """キ and ャ in a row are written as キャ is."""
    line = "".join(str(mora) for mora in phrase.moras)
    return any(a.kana + b.kana in MORAS and b.kana not in ("ー",) and f"{a}{b}" in line
               for a, b in zip(phrase.moras, phrase.moras[1:], strict=False))  # fmt: skip


@given(st.lists(_phrases().filter(lambda p: not _joins_anew(p)), min_size=1, max_size=6))
@settings(max_examples=200)
def test_what_is_written_is_read_as_it_was(phrases) -> None:
    last = phrases[-1]
    phrases[-1] = AccentPhrase(last.moras, last.accent, False, last.is_question)
    reading = Reading(tuple(phrases))
    assert parse_reading(reading.line) == reading


@given(st.text("橋箸雨はしをもつ、。？!ーっゃ〜♪AZ19１ヴ々ンッｶﾞ \u3000東海林さん", max_size=40))
@settings(max_examples=150, deadline=None)
def test_whatever_is_suggested_can_be_read(text) -> None:
    reading = reading_of(read_words(text))
    assert reading is None or parse_reading(reading.line) == reading


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("箸を持つ。", "ハ'シヲ/モ'ツ"),
        ("橋を渡る。", "ハシ'ヲ/ワタル'"),
        ("本当ですか?", "ホントーデ'_スカ？"),
        ("雨と、飴です。", "ア'メト、アメデ'_ス"),
    ],
)
def test_a_sentence_has_a_suggested_reading(text, line) -> None:
    reading = reading_of(read_words(text))
    assert reading is not None
    assert reading.line == line


def test_nothing_is_suggested_for_what_has_no_sound() -> None:
    assert reading_of(read_words("♪")) is None


@pytest.mark.parametrize("kana", sorted(MORAS - {"ー"}))
def test_every_mora_is_one_beat_of_open_jtalk(kana) -> None:
    labels = labels_of(parse_reading(f"タ/{kana}/タ".replace("/", "'/") + "'"))
    places = [re.search(r"/A:[^+]+\+(\d+)\+(\d+)/", label) for label in labels]
    assert {place.groups() for place in places if place} == {("1", "1")}


def test_voicevox_is_given_vowels_written_out() -> None:
    reading = parse_reading("ショ'ージサン、キィ'ーロ/ン'ーッー")
    assert reading.voicevox_line == "ショ'オジサン、キイ'イロ/ン'ンッッ"


@pytest.mark.parametrize(
    ("accent", "pitches"), [(1, "HLLL"), (2, "LHLL"), (3, "LHHL"), (4, "LHHH")]
)
def test_pitches_are_tokyos(accent, pitches) -> None:
    phrase = AccentPhrase(tuple(map(Mora, "ヤマザキ")), accent)
    assert "".join("H" if is_high else "L" for is_high in phrase.is_high) == pitches


# --- words ----------------------------------------------------------------------------------


def own_word(surface: str, line: str) -> Pronunciation:
    return Pronunciation(surface, *parse_word(line))


def test_a_word_without_a_mark_is_flat() -> None:
    assert parse_word("ショージ") == (tuple(map(Mora, ("ショ", "ー", "ジ"))), 0)
    assert parse_word("ショ'ージ")[1] == 1
    assert parse_word("オトコ'")[1] == 3


@pytest.mark.parametrize("line", ["", "ショージ/サン", "シ'ョ'ージ", "Shoji", "ショージ？"])
def test_a_word_that_cannot_be_read_is_refused(line) -> None:
    with pytest.raises(ReadingError):
        parse_word(line)


@pytest.mark.parametrize(
    ("text", "word", "line"),
    [
        ("東海林さんが来る。", own_word("東海林", "トーカイ'リン"), "トーカイ'リンサンガ/ク'ル"),
        ("東海林さんが来る。", own_word("東海林", "トーカイリン"), "トーカイリンサンガ'/ク'ル"),
        ("風さんと風が吹く。", own_word("風さん", "フー'サン"), "フー'サント/カゼガ'/フ'ク"),
        ("推し活が推し活だ", own_word("推し活", "スィ'カツ"), "スィ'カツガ/スィ'カツダ"),
    ],
)
def test_a_word_is_read_as_its_owner_says(text, word, line) -> None:
    reading = reading_of(read_words(text, [word]))
    assert reading is not None
    assert reading.line == line


def test_the_longest_word_wins() -> None:
    words = [own_word("海林", "カイリン"), own_word("東海林", "ショ'ージ")]
    reading = reading_of(read_words("東海林です。", words))
    assert reading is not None
    assert reading.line.startswith("ショ'ージ")


@given(st.text("田中東海林町さんはがAB 、。1", max_size=12))
@settings(max_examples=100, deadline=None)
def test_a_word_is_said_wherever_it_stands(before) -> None:
    """Whatever stands around it, and whatever the dictionary would make of both together."""
    words = read_words(f"{before}鵺鵼{before}", [own_word("鵺鵼", "ヌエヌ'エ")])
    spoken = "".join(word["pron"].replace("’", "") for word in words)
    assert "ヌエヌエ" in spoken


def test_words_leave_no_trace_behind() -> None:
    """They belong to one person: the dictionary itself must never learn them."""
    read_words("東海林さん", [own_word("東海林", "トーカイ'リン")])
    assert reading_of(read_words("東海林さん")) == reading_of(
        pyopenjtalk.run_frontend("東海林さん", predict_nani=False)
    )


# --- captions -------------------------------------------------------------------------------


def test_each_mora_of_a_reading_knows_its_word() -> None:
    words = read_words("東海林さん、おめでとう。")
    reading = parse_reading("トーカイ'リンサン/オメデト'ー")
    positions = read_positions(words, reading)
    assert positions == [0] * 6 + [3] * 2 + [6] * 5
