"""Templates: what stands between braces, what it becomes, and that a value is never a sign."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.campaigns.expansion import named_words, sentences_at
from backend.campaigns.template import HONORIFICS, Columns, expand, parse
from openvoice_service.text import split_script

COLUMNS = Columns(("お名前", "Town", "a:b"), {"name": "お名前", "email": "mail"})


def said(text: str, *cells: str, has_markup: bool = False) -> str:
    return expand(parse(text, COLUMNS), COLUMNS, cells, has_markup=has_markup).text


def faults(text: str) -> list[tuple[str, int, str | None]]:
    return [(fault.code, fault.at, fault.nearest) for fault in parse(text, COLUMNS).faults]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{お名前}}", "山田 花子"),
        ("{{ name }}", "山田 花子"),
        ("{{ＮＡＭＥ：さん}}！", "山田 花子さん！"),
        ("｛｛お名前：様｜みなさま｝｝", "山田 花子様"),
        ("{{お名前:family:さん}}", "山田さん"),
        ("{{お名前:given:chan}}", "花子ちゃん"),
        ("{{town}}と{{TOWN}}", "KielとKiel"),
        ("{{town:san}}", "Kiel-san"),
        ("{{town:さん}}", "Kielさん"),
        ("{{a:b}}", "ab"),
        ("\\{{name}}", "{{name}}"),
        ("} } {name} }}", "} } {name} }}"),
        ("", ""),
    ],
)
def test_a_value_comes_in(text: str, expected: str) -> None:
    assert parse(text, COLUMNS).faults == ()
    assert said(text, "山田 花子", "Kiel", "ab") == expected


@pytest.mark.parametrize(
    ("value", "filters", "expected"),
    [
        ("田中様", "さん", "田中様"),
        ("田中先生", "様", "田中先生"),
        ("ANNA O'BRIEN", "title", "Anna O'Brien"),
        ("anna-maria mary's", "title", "Anna-Maria Mary's"),
        ("McDonald", "title", "McDonald"),
        ("Anna Maria Schmidt", "given", "Anna"),
        ("Anna Maria Schmidt", "family", "Schmidt"),
        ("Schmidt, Anna Maria", "family", "Schmidt"),
        ("Schmidt, Anna Maria", "given", "Anna"),
        ("山田　花子", "family", "山田"),
        ("山田花子", "family:さん", "山田花子さん"),
        ("  Anna \n Bea ", "trim", "Anna Bea"),
        (",", "family", ","),
    ],
)
def test_filters(value: str, filters: str, expected: str) -> None:
    assert said(f"{{{{name:{filters}}}}}", value) == expected


def test_an_empty_cell_is_what_stands_behind_the_bar_or_missing() -> None:
    assert said("{{name:さん|みなさま}}へ", "  ") == "みなさまへ"
    assert said("{{name|}}へ", "") == "へ"
    made = expand(parse("{{name}}{{name}}", COLUMNS), COLUMNS, [""])
    assert [(fault.column, fault.code) for fault in made.faults] == [("お名前", "value_missing")]
    long = expand(parse("{{name}}", COLUMNS), COLUMNS, ["x" * 500])
    assert [fault.code for fault in long.faults] == ["value_too_long"]
    assert len(long.text) == 100


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a{{name", [("placeholder_unclosed", 2, None)]),
        ("{{name}\n}", [("placeholder_unclosed", 1, None)]),
        ("{{ {{name}}", [("placeholder_unclosed", 1, None)]),
        ("{{ }}", [("placeholder_empty", 1, None)]),
        ("{{|x}}", [("placeholder_empty", 1, None)]),
        ("ab{{tonw}}", [("column_unknown", 3, "Town")]),
        ("{{お名}}", [("column_unknown", 1, "お名前")]),
        ("{{xyz}}", [("column_unknown", 1, None)]),
        ("{{name:sann}}", [("filter_unknown", 1, "san")]),
        ("{{name:🐟}}", [("filter_unknown", 1, None)]),
        ("{{x}}{{name:y}}{{", [("column_unknown", 1, None), ("filter_unknown", 6, None),
                               ("placeholder_unclosed", 16, None)]),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_says_where_and_what_was_meant(text: str, found: list) -> None:
    assert [(code, at) for code, at, _ in faults(text)] == [(code, at) for code, at, _ in found]
    for (_, _, near), (_, _, wanted) in zip(faults(text), found, strict=True):
        assert wanted is None or near == wanted
    assert said(text, "A", "B", "C").startswith(text[0])


def test_a_text_has_only_so_many_placeholders() -> None:
    made = parse("{{name}}" * 51 + "{{x}}" * 1_000, COLUMNS)
    assert {fault.code for fault in made.faults} == {"placeholders_many"}
    assert len(made.faults) == 50
    assert expand(made, COLUMNS, ["A"]).text.startswith("A" * 50 + "{{name}}{{x}}")


# --- what holds for every text --------------------------------------------------------------

TEXTS = st.text(max_size=60)


@given(TEXTS, TEXTS)
def test_any_text_is_a_template_and_without_braces_itself(text: str, value: str) -> None:
    made = expand(parse(text, COLUMNS), COLUMNS, [value, value, value])
    if "{{" not in text and "｛｛" not in text:
        assert made.text == text
        assert made.places == ()


@given(TEXTS, st.lists(TEXTS, min_size=3, max_size=3))
def test_places_are_where_the_values_stand(between: str, cells: list[str]) -> None:
    assume(
        "{{" not in between and "｛｛" not in between and not between.endswith(("{", "\\", "｛"))
    )
    made = expand(parse(f"{between}{{{{name|x}}}}。{{{{town|y}}}}", COLUMNS), COLUMNS, cells)
    first, second = [made.text[begin:end] for begin, end in made.places]
    assert made.text == f"{between}{first}。{second}"


@given(st.text(st.sampled_from("*＊[]［］\\＼¥08あ ああ1"), min_size=1, max_size=20))
def test_a_value_is_never_a_sign(value: str) -> None:
    plain = " ".join(value.split())
    assume(plain)
    script = said("*大事* {{name}}[0.5]です。", value, has_markup=True)
    sentences = split_script(script, "ja", has_markup=True)
    spoken = "".join(sentence.text for sentence in sentences)
    assert spoken.startswith("大事 ")
    assert "".join(plain.split()) in "".join(spoken.split())
    assert sum(len(sentence.breaks) for sentence in sentences) == 1


@given(TEXTS, st.sampled_from(sorted(HONORIFICS)))
def test_an_honorific_is_there_once(value: str, honorific: str) -> None:
    once = said(f"{{{{name:{honorific}}}}}", value)
    assert said(f"{{{{name:{honorific}}}}}", once) == once


# --- names and sentences --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kana", "words"),
    [
        ("山田 花子", "ヤマダ ハナ'コ", {"山田": "ヤマダ", "花子": "ハナ'コ"}),
        ("東海林", "ショ'ージ", {"東海林": "ショ'ージ"}),
        ("山田様", "ヤマダサマ", {"山田": "ヤマダ"}),
        ("山田様", "ヤマダ", {"山田": "ヤマダ"}),
        ("花子", "ハナ コ", {"花子": "ハナコ"}),
        ("花子", "", {}),
        ("", "ハナコ", {}),
    ],
)
def test_names_are_cut_as_their_kana_are(name: str, kana: str, words: dict[str, str]) -> None:
    assert named_words(name, kana) == words


@pytest.mark.parametrize(
    ("name", "kana"), [("山田 花子", "ヤマダ"), ("x" * 41, "エックス"), ("花、子", "ハナコ")]
)
def test_kana_that_fit_no_name_are_refused(name: str, kana: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        named_words(name, kana)


def test_personal_sentences_are_those_with_a_value() -> None:
    script = "こんにちは。花子さん！\nDear Anna, hello. See v1.2 soon.\n終わり"
    places = [(script.index(name), script.index(name) + len(name)) for name in ("花子", "Anna")]
    assert sentences_at(script, places) == ["花子さん！", "Dear Anna, hello."]
    assert sentences_at("終わり", [(0, 3)]) == ["終わり"]
    assert sentences_at("", [(0, 0)]) == []
