"""Lists as they come: whatever encoding, delimiter and program they were saved with."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.campaigns.importing import MAX_ROWS, decode, find_delimiter, read_list, read_pasted
from backend.problems import Invalid

JAPANESE = """氏名,ふりがな,メール
山田 花子,やまだ はなこ,hanako@example.jp
髙橋 一郎,たかはし いちろう,
"""
WESTERN = "name;town\nJosé Müller;Köln\nÆlfgifu Ångström;Århus\nZoë d’Été;Orléans\n"
HALF_WIDTH = "名前,ﾌﾘｶﾞﾅ,組\n高橋一郎,ﾀｶﾊｼ ｲﾁﾛｳ,A組\n佐藤,ｻﾄｳ,B組\n"
ACCENTED = "name;town\nPérez;Málaga\nDíaz;Cádiz\n"
KANJI_ONLY = "名前,会社\n佐藤,東京商事\n高木,大阪銀行\n"


def refused(content: bytes) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read_list(content)
    return caught.value


@pytest.mark.parametrize(
    ("text", "codec", "found"),
    [
        (JAPANESE, "utf-8", "utf-8"),
        (JAPANESE, "utf-8-sig", "utf-8"),
        (JAPANESE, "utf-16", "utf-16"),
        (JAPANESE, "cp932", "cp932"),
        (JAPANESE.replace("髙", "高"), "euc_jp", "euc_jp"),
        (KANJI_ONLY, "cp932", "cp932"),
        (KANJI_ONLY, "euc_jp", "euc_jp"),
        (HALF_WIDTH, "cp932", "cp932"),
        (HALF_WIDTH.replace("郎", "郎ｦ"), "iso2022_jp_ext", "iso2022_jp"),
        (JAPANESE.replace("髙", "高"), "iso2022_jp", "iso2022_jp"),
        (ACCENTED, "cp1252", "cp1252"),
        (WESTERN, "utf-16-le", "utf-16-le"),
        (WESTERN, "utf-16-be", "utf-16-be"),
        (WESTERN, "cp1252", "cp1252"),
        (WESTERN.replace("’", "'"), "latin-1", "cp1252"),
        ("name,mail\nAnna,a@example.com\n", "ascii", "utf-8"),
    ],
)
def test_an_encoding_is_found(text: str, codec: str, found: str) -> None:
    decoded, encoding = decode(text.encode(codec))
    assert (decoded.removeprefix("\ufeff"), encoding) == (text, found)


def test_a_mark_at_the_beginning_is_part_of_no_heading() -> None:
    for codec in ("utf-8-sig", "utf-16"):
        assert read_list(JAPANESE.encode(codec)).columns[0] == "氏名"
    assert read_pasted("\ufeffname\nAnna\n").columns == ["name"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_delimiter_is_found(delimiter: str, end: str) -> None:
    rows = [("name", "mail"), ('"Anna, of; the|big house"', "a@example.com"), ("Bea", "b@ex.com")]
    text = end.join(delimiter.join(row) for row in rows)
    assert find_delimiter(text) == delimiter
    found = read_list(text.encode())
    assert found.rows == [["Anna, of; the|big house", "a@example.com"], ["Bea", "b@ex.com"]]


def test_one_column_is_a_list() -> None:
    plain = read_list("山田\n佐藤\n鈴木\n".encode())
    assert (plain.columns, plain.rows) == (["列1"], [["山田"], ["佐藤"], ["鈴木"]])
    assert plain.about.delimiter is None
    assert set(plain.about.notes) == {"headings_made", "one_column"}


@pytest.mark.parametrize(
    ("text", "had_header"),
    [
        ("name,mail\nAnna,a@example.com\n", True),
        ("Anna,a@example.com\nBea,b@example.com\n", False),
        ("誰,どこへ\nAnna,a@example.com\nBea,b@example.com\n", True),
        ("who,year\nAnna,2001\nBea,1999\n", True),
        ("Anna,2001\nBea,1999\n", False),
        ("氏名\n花子\n", True),
    ],
)
def test_headings_are_known_or_made(text: str, had_header: bool) -> None:
    found = read_list(text.encode())
    assert found.about.had_header is had_header
    assert len(found.rows) == text.count("\n") - had_header


def test_no_heading_is_there_twice() -> None:
    found = read_list(b"name,Name,,name\nA,B,C,D\n")
    assert found.columns == ["name", "Name 2", "列3", "name 3"]
    assert "headings_twice" in found.about.notes


def test_empty_rows_are_left_out_and_said_so() -> None:
    found = read_list(b"name,town\n\nAnna,Kiel\n,,\n  ,\nBea\n\n")
    assert (found.rows, found.about.notes) == ([["Anna", "Kiel"], ["Bea"]], ["rows_empty"])


def test_a_quote_that_never_closes_names_its_line() -> None:
    problem = refused(b'name,note\nAnna,fine\nBea,"she said\nCarl,x\n')
    assert (problem.code, problem.status) == ("quote_unclosed", 422)
    assert "line 3" in problem.detail
    follows = refused(b'name,note\nAnna,"x"y\n')
    assert (follows.code, "line 2" in follows.detail) == ("quote_unclosed", True)
    long = refused(b'name,note\nAnna,"x\n' + b"Bea,y\n" * 40_000)
    assert (long.code, "line 2" in long.detail) == ("quote_unclosed", True)


def test_a_formula_stays_text() -> None:
    found = read_list(b"name,x\n=cmd|' /C calc'!A0,+1\n@SUM(A1),-2\n")
    assert found.rows == [["=cmd|' /C calc'!A0", "+1"], ["@SUM(A1)", "-2"]]


def test_a_hundred_thousand_rows_are_too_many() -> None:
    problem = refused(b"name,mail\n" + b"Anna,a@example.com\n" * 100_000)
    assert (problem.code, f"{MAX_ROWS:,}" in problem.detail) == ("list_too_long", True)
    as_many = read_list(b"name,mail\n" + b"Anna,a@example.com\n" * MAX_ROWS)
    assert as_many.about.row_count == MAX_ROWS


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "list_empty"),
        (b" \n\r\n\t\n", "list_empty"),
        (b",,,\n,,\n", "list_empty"),
        (b"name,email\n", "list_empty"),
        (b"\xef\xbb\xbf", "list_empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "list_unreadable"),
        (bytes(1_000), "list_unreadable"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "list_unreadable"),
        (b"name\n\x1b$B!!\x1b(Z\n", "list_unreadable"),
        (b"PK\x03\x04 not a zip", "list_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "list_unreadable"),
        (b"name," + b"x," * 60 + b"\nAnna\n", "too_many_columns"),
        (b"name\n" + b"x" * 1_001 + b"\n", "cell_too_long"),
    ],
)
def test_what_is_no_list_is_refused_in_words(content: bytes, code: str) -> None:
    problem = refused(content)
    assert (problem.status, problem.code, problem.errors[0].field) == (422, code, "file")


@given(st.binary(max_size=2_000))
def test_any_bytes_are_a_list_or_refused(content: bytes) -> None:
    try:
        found = read_list(content)
    except Invalid:
        return
    assert found.rows
    assert len({heading.casefold() for heading in found.columns}) == len(found.columns)


# No control characters, nor what Python takes for the end of a line and csv does not.
CELLS = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff"),
    min_size=1, max_size=30,
).filter(lambda cell: cell == cell.strip() and cell)  # fmt: skip


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=20), st.sampled_from(",;\t|，"))
def test_what_is_written_as_csv_is_read_as_it_was(
    rows: list[tuple[str, str]], delimiter: str
) -> None:
    written = io.StringIO(newline="")
    table = [("name", "email"), *rows]
    csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(table)
    found = read_list(written.getvalue().encode())
    assert found.rows == [list(row) for row in rows]
