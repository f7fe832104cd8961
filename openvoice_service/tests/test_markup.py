"""What the signs of a script mean, and which can't be followed."""

import json
from pathlib import Path

import pytest

from openvoice_service.markup import MarkedText, TextPart, marked_line, parts_of_text
from openvoice_service.problems import Problem
from openvoice_service.text import Sentence, split_script

LINES = json.loads(Path(__file__).with_name("markup_lines.json").read_text())


def split(script: str, language: str = "ja") -> list[Sentence]:
    return split_script(script, language, has_markup=True)


def refusal(script: str) -> tuple[str, str | None, int | None]:
    with pytest.raises(Problem) as refused:
        split(script)
    (error,) = refused.value.errors
    assert error.field == "input"
    return error.code, error.sentence, error.at


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["typed"])
def test_signs_are_taken_out_and_what_is_none_stays(line: dict) -> None:
    lines = [marked_line(one) for one in line["typed"].splitlines()]
    assert "\n".join(one.text for one in lines) == line["plain"]
    signs = [sign for one in lines for sign in one.signs]
    assert sum(sign.length_s or 0.0 for sign in signs) == pytest.approx(line["pauses_s"])


def test_a_sentence_keeps_how_it_stands_in_the_script() -> None:
    first, second = split("*すごい。*[0.5] *本当*だ[0.3]よ。")
    assert (first.source, first.text, first.emphases) == ("*すごい。*[0.5]", "すごい。", ((0, 4),))
    assert (first.silence_after_s, second.source) == (0.5, "*本当*だ[0.3]よ。")
    assert [(one.at, one.length_s) for one in second.breaks] == [(3, 0.3)]


@pytest.mark.parametrize("script", ["*すごい。*[0.5]", "*本当*だ[0.3]よ。", "[1]さあ、*行*こう。"])
def test_a_sentence_alone_means_the_same(script: str) -> None:
    (one,) = split(script)
    assert one.source == script


def test_a_silence_on_a_line_of_its_own_stands_between_the_sentences() -> None:
    first, second = split("[1]\nこんにちは。[0.5]\n[2]\nまたね。")
    assert (first.silence_before_s, first.silence_after_s) == (1.0, 2.5)
    assert (second.silence_before_s, second.silence_after_s) == (0.0, None)


def test_places_are_those_of_what_is_read() -> None:
    (one,) = split("¥500と*¥800*の[1]品。")
    assert one.spoken == "500円と800円の品。"
    assert [one.spoken[begin:end] for begin, end in one.emphases] == ["800円"]
    assert one.spoken[one.breaks[0].at :] == "品。"


def test_a_long_sentence_is_not_cut_within_emphasis() -> None:
    script = "あ、" * 60 + "*い、い、い*" + "、う" * 60 + "。"
    assert len(split(script)) > 1
    assert [one.source.count("*") for one in split(script)].count(2) == 1
    assert "".join(one.source for one in split(script)) == script


def test_without_markup_every_sign_is_text() -> None:
    (one,) = split_script("*今日*は[0.8]晴れ。", "ja")
    assert (one.text, one.source, one.emphases, one.breaks) == ("*今日*は[0.8]晴れ。",) * 2 + (
        (),
        (),
    )


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("はい。*開いた。まだ*", ("markup_unclosed", "*開いた。", 1)),
        ("これは＊ね。", ("markup_unclosed", "これは＊ね。", 4)),
        ("はい。これは[0.8です", ("markup_unclosed", "これは[0.8です", 4)),
        ("これは[9]です", ("break_unreadable", "これは[9]です", 4)),
        ("[-1]これ", ("break_unreadable", "[-1]これ", 1)),
        ("これ[0.8.1]は", ("break_unreadable", "これ[0.8.1]は", 3)),
        ("これ［５．１秒］は", ("break_unreadable", "これ［５．１秒］は", 3)),
        ("これ[500ms]は", ("break_unreadable", "これ[500ms]は", 3)),
    ],
)
def test_what_cannot_be_followed_is_told_with_its_place(
    script: str, told: tuple[str, str, int]
) -> None:
    assert refusal(script) == told


def test_silences_together_have_an_end() -> None:
    assert refusal("あ[5]。" * 61)[0] == "break_unreadable"
    assert len(split("あ[5]。" * 60)) == 60


def test_a_text_is_told_in_its_parts() -> None:
    (one,) = split("今日は*大切*な[0.8]話。")
    assert parts_of_text(one.marked or MarkedText("", "")) == [
        TextPart("今日は"),
        TextPart("大切", is_stressed=True),
        TextPart("な"),
        TextPart("", pause_s=0.8),
        TextPart("話。"),
    ]
