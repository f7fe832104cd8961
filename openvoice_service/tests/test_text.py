"""How a script is read: sentences as typed, and what the base voice is given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvoice_service.problems import Problem
from openvoice_service.text import (
    MAX_SENTENCE_CHARACTERS,
    detect_language,
    known_language,
    normalise,
    split_script,
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2026/11/23に会おう", "2026年11月23日に会おう"),
        ("11/3は文化の日", "11月3日は文化の日"),
        ("10:30集合", "10時30分集合"),
        ("9:05発", "9時5分発"),
        ("12:00ちょうど", "12時ちょうど"),
        ("1,234円です", "1234円です"),
        ("¥5,000", "5000円"),
        ("$20と€30", "20ドルと30ユーロ"),
        ("50%オフ", "50パーセントオフ"),
        ("3〜5人", "3から5人"),
        ("10kmを走る", "10キロメートルを走る"),
        ("25℃", "25度"),
        ("ｶﾞﾝﾊﾞﾚ！", "ガンバレ!"),
        ("ＡＢＣ１２３", "ABC123"),
        ("おめでとう🎉🎂", "おめでとう"),
        ("家族👨‍👩‍👧と", "家族と"),
        ("「はい」と言う", "はいと言う"),
        ("https://example.com/a?b=c を見て", "exampleドットcom を見て"),
        ("待って……ね", "待って、ね"),
    ],
)
def test_japanese_is_read_as_people_say_it(typed: str, read: str) -> None:
    assert normalise(typed, "ja") == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("See you at 10:30.", "See you at 10 30."),
        ("It is 9:05", "It is 9 oh 5"),
        ("at 12:00 sharp", "at 12 o'clock sharp"),
        ("$1,234.50 & more", "1234.50 dollars and more"),
        ("20 °C", "20 degrees Celsius"),
        ("www? https://www.example.com/x", "www? example dot com"),
        ("Wow!!! 🎉", "Wow!"),
        ("a\u200bb\u202ec", "abc"),
    ],
)
def test_english_is_read_as_people_say_it(typed: str, read: str) -> None:
    assert normalise(typed, "en") == read


@pytest.mark.parametrize(
    ("script", "sentences"),
    [
        ("おはよう。元気？うん！", ["おはよう。", "元気？", "うん！"]),
        ("「行く。」と言った。", ["「行く。」", "と言った。"]),
        ("えっ！？本当…", ["えっ！？", "本当…"]),
        ("一行目\n二行目", ["一行目", "二行目"]),
        ("Dr. Smith came. He left.", ["Dr. Smith came.", "He left."]),
        ("It costs 3.14 dollars. Yes.", ["It costs 3.14 dollars.", "Yes."]),
        ("Wait... what?", ["Wait...", "what?"]),
        ("J. S. Bach wrote it.", ["J. S. Bach wrote it."]),
        ("See No. 5 now. Go.", ["See No. 5 now.", "Go."]),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
    ],
)
def test_a_script_is_cut_where_sentences_end(script: str, sentences: list[str]) -> None:
    assert [s.text for s in split_script(script, detect_language(script))] == sentences


def test_a_sentence_without_end_is_cut_at_clauses() -> None:
    script = "、".join(["とても長い文章がここにあります"] * 40)
    sentences = split_script(script, "ja")
    assert all(len(sentence.text) <= MAX_SENTENCE_CHARACTERS for sentence in sentences)
    assert "".join(sentence.text for sentence in sentences) == script


def test_sentences_without_sound_are_left_out() -> None:
    assert [s.text for s in split_script("やあ。🎉🎉！またね。", "ja")] == ["やあ。", "またね。"]


@pytest.mark.parametrize(
    ("script", "code"),
    [("", "script_empty"), (" \n ", "script_empty"), ("🎉🎂✨", "script_unspeakable"),
     ("。。。!?", "script_unspeakable")],
)  # fmt: skip
def test_what_has_no_sound_is_refused(script: str, code: str) -> None:
    with pytest.raises(Problem) as refused:
        split_script(script, "ja")
    assert refused.value.code == code
    assert refused.value.errors[0].fix


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("お誕生日", "ja"), ("カタカナ", "ja"), ("誕生日", "ja"), ("生日快乐", "zh"),
        ("생일 축하", "ko"), ("Happy birthday to you", "en"), ("Feliz cumpleaños", "es"),
        ("Joyeux anniversaire à toi", "fr"), ("Hi", "en"), ("123", "en"),
    ],
)  # fmt: skip
def test_a_language_is_found(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_a_region_is_left_out_and_an_unknown_language_named() -> None:
    assert known_language("en-US") == "en"
    with pytest.raises(Problem) as refused:
        known_language("tlh")
    assert (refused.value.code, refused.value.errors[0].field) == ("language_unknown", "language")


@given(st.text(max_size=400))
def test_no_text_breaks_the_reader_or_loses_a_letter(script: str) -> None:
    try:
        sentences = split_script(script, "ja")
    except Problem:
        return
    kept = "".join("".join(sentence.text.split()) for sentence in sentences)
    original = iter("".join(script.split()))
    assert all(letter in original for letter in kept), "sentences keep the order of the script"
