"""From a file or a pasted text to a table: whatever it was saved by, and however it was cut.

Nothing in it is ever followed: a formula is text, and of a workbook only the values are read.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from backend.campaigns.columns import holds_headings, unique_headings
from backend.campaigns.schemas import MAX_CELL_CHARACTERS, MAX_COLUMNS, Imported
from backend.campaigns.workbook import WorkbookUnreadable, is_workbook, read_workbook
from backend.problems import Invalid

Format = Literal["csv", "tsv", "xlsx", "text"]
MAX_ROWS = 10_000
DELIMITERS = ",;\t|，"  # the last one comes from a Japanese keyboard
_PROBED_ROWS = 50
# What ends a list that was cut off, a picture, an archive, … never stands in a text.
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
# Two accented letters seldom stand side by side, nor does a word of Latin letters hold one kanji.
_HALF_WIDTH_WORDS = re.compile(r"[\uff61-\uff9f]{2,}")
_AMID_LATIN = re.compile(
    r"(?<![\uff61-\uff9f])[\uff61-\uff9f](?![\uff61-\uff9f])"
    r"|(?<=[A-Za-z])[\u4e00-\u9fff](?![\u3040-\u30ff\u4e00-\u9fff])"
)
_ESCAPES_TO_JAPANESE = b"\x1b$"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


@dataclass(frozen=True)
class ImportedList:
    """A list's headings, its rows (each as long as it was given), and what was found out of it."""

    columns: list[str]
    rows: list[list[str]]
    about: Imported


def read_list(content: bytes, filename: str = "") -> ImportedList:
    """Return the table in a CSV, TSV or XLSX file.

    raises: Invalid: `list_empty`, `list_too_long`, `list_unreadable`, `quote_unclosed`,
            `too_many_columns`, `cell_too_long`
    """
    if is_workbook(content):
        return _of_workbook(content)
    text, encoding = decode(content)
    return _of_text(text, encoding, "tsv" if filename.lower().endswith(".tsv") else "csv")


def read_pasted(text: str) -> ImportedList:
    """Return the table in a text that somebody pasted. Raises as `read_list` does."""
    return _of_text(text.removeprefix("\ufeff"), None, "text")


# --- text -----------------------------------------------------------------------------------


def _of_text(text: str, encoding: str | None, kind: Format) -> ImportedList:
    if not text.strip():
        raise _empty()
    if _BINARY.search(text):
        raise _unreadable()
    delimiter = find_delimiter(text)
    rows = _bounded(split_rows(text, delimiter))
    has_tabs = delimiter == "\t" and kind == "csv"
    return _table(rows, "tsv" if has_tabs else kind, encoding, delimiter)


def decode(content: bytes) -> tuple[str, str]:
    """Return a file's text and its encoding: the strictest first that fits.

    Of UTF-8 hardly anything else is valid, but for ISO-2022-JP, of which each byte is ASCII.
    Shift_JIS and EUC-JP fit each other's bytes now and then, and Western lists both: the one is
    taken in which Japanese has the letters that Japanese has.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _decoded(
                content.removeprefix(mark) if encoding == "utf-8" else content, encoding
            )
    if (wide := _wide(content)) is not None:
        return _decoded(content, wide)
    if _ESCAPES_TO_JAPANESE in content and (text := _try(content, "iso2022_jp_ext")) is not None:
        return text, "iso2022_jp"
    if (text := _try(content, "utf-8")) is not None:
        return text, "utf-8"
    fitting = [(text, name) for name in ("cp932", "euc_jp") if (text := _try(content, name))]
    is_alone = len(fitting) == 1
    likely = max(fitting, key=lambda one: _likeness(one[0], is_alone=is_alone), default=None)
    if likely is not None and _likeness(likely[0], is_alone=is_alone) > 0:
        return likely
    # Never refuses a byte: the five that cp1252 leaves open are in Latin 1.
    western = _try(content, "cp1252")
    return (western, "cp1252") if western is not None else (content.decode("latin-1"), "latin-1")


def _decoded(content: bytes, encoding: str) -> tuple[str, str]:
    text = _try(content, encoding)
    if text is None:
        raise _unreadable()
    return text, encoding


def _try(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _wide(content: bytes) -> str | None:
    """Return which UTF-16 a text without a mark is: half the bytes of its commas are zero."""
    probe = content[:4_000]
    if len(probe) < 4 or len(content) % 2:
        return None
    little, big = probe[1::2].count(0), probe[0::2].count(0)
    if max(little, big) * 10 < len(probe) // 2:
        return None
    return "utf-16-le" if little > big else "utf-16-be"


def _likeness(text: str, *, is_alone: bool) -> int:
    """Return how much like Japanese a text is: kana and kanji for it, signs of another against it.

    is_alone: whether no other Japanese encoding fits. Two bytes of EUC-JP are two half-width kana
              of Shift_JIS; where they can't be that, they are what old lists hold as readings.
    """
    probe = text[:20_000]
    half = sum(map(len, _HALF_WIDTH_WORDS.findall(probe)))
    whole = 2 * len(_KANA.findall(probe)) + len(_HAN.findall(probe))
    return whole + (half if is_alone else -2 * half) - 2 * len(_AMID_LATIN.findall(probe))


def find_delimiter(text: str) -> str:
    """Return which sign cuts the cells: the one that makes most columns most evenly."""
    probe = text[:200_000]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = _widths(probe, delimiter)
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        score = (count / len(widths) if width > 1 else 0.0, width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _widths(probe: str, delimiter: str) -> list[int]:
    widths = []
    try:
        for row in csv.reader(io.StringIO(probe, newline=""), delimiter=delimiter):
            if row:
                widths.append(len(row))
            if len(widths) == _PROBED_ROWS:
                break
    except csv.Error:  # a cell longer than csv takes: told when all is read
        pass
    return widths


def split_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the rows, empty ones too. Raises Invalid where a quote never closes."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins_at = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise _misquoted(str(error), begins_at, reader.line_num) from error
        if row is None:
            return
        begins_at = reader.line_num + 1
        yield row


def _misquoted(error: str, begins_at: int, line: int) -> Invalid:
    if "unexpected end" in error:
        told = f"A quotation mark in line {begins_at} never closes."
        return _invalid("quote_unclosed", told, "Close it, or write it twice where it is meant.")
    if "field larger" in error:
        told = f"Beginning in line {begins_at}, a cell is longer than any may be."
        return _invalid("quote_unclosed", told, "Probably a quotation mark there never closes.")
    told = f"In line {line} something follows a closing quotation mark."
    return _invalid("quote_unclosed", told, "Write a quotation mark within a cell twice.")


# --- workbooks ------------------------------------------------------------------------------


def _of_workbook(content: bytes) -> ImportedList:
    try:
        rows = _bounded(read_workbook(content, MAX_COLUMNS))
    except WorkbookUnreadable as error:
        raise _unreadable(str(error)) from error
    return _table(rows, "xlsx", None, None)


# --- both -----------------------------------------------------------------------------------


def _bounded(rows: Iterable[Sequence[str]]) -> tuple[list[list[str]], int]:
    """Return the rows that hold something, empty ends cut off, and how many hold nothing."""
    kept: list[list[str]] = []
    empty = 0
    for place, row in enumerate(rows, start=1):
        cells = [cell.replace("\0", "").strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            empty += 1
            continue
        if len(cells) > MAX_COLUMNS:
            told = (
                f"Row {place} has {len(cells):,} cells; a list has at most {MAX_COLUMNS} columns."
            )
            raise _invalid("too_many_columns", told, "Leave out the columns that aren't needed.")
        if any(len(cell) > MAX_CELL_CHARACTERS for cell in cells):
            told = f"Row {place} has a cell of more than {MAX_CELL_CHARACTERS:,} characters."
            raise _invalid("cell_too_long", told, "Shorten it.")
        kept.append(cells)
        if len(kept) > MAX_ROWS + 1:  # one may hold the headings
            raise _too_long()
    return kept, empty


def _table(
    read: tuple[list[list[str]], int], kind: Format, encoding: str | None, delimiter: str | None
) -> ImportedList:
    rows, empty = read
    if not rows:
        raise _empty()
    had_header = holds_headings(rows)
    given, rows = (rows[0], rows[1:]) if had_header else ([], rows)
    if not rows:
        raise _empty("Only headings are there.")
    if len(rows) > MAX_ROWS:
        raise _too_long()
    width = len(given) if had_header else max(map(len, rows))
    columns, are_made = unique_headings(given, width)
    notes = ["rows_empty"] * bool(empty) + ["headings_made"] * are_made
    notes += ["headings_twice"] * (len(set(filter(None, given))) < len(list(filter(None, given))))
    notes += ["one_column"] * (width == 1)
    about = Imported(
        format=kind,
        encoding=encoding,
        delimiter=delimiter if width > 1 else None,
        had_header=had_header,
        row_count=len(rows),
        notes=notes,
    )
    return ImportedList(columns, rows, about)


def _invalid(code: str, told: str, fix: str) -> Invalid:
    return Invalid.field("file", code, told, fix)


def _empty(told: str = "There is nothing in the list.") -> Invalid:
    return _invalid("list_empty", told, "Send one with a row for each person.")


def _too_long() -> Invalid:
    told = f"The list has more than {MAX_ROWS:,} rows."
    return _invalid("list_too_long", told, "Cut it into several campaigns.")


def _unreadable(told: str = "This is no list that can be read.") -> Invalid:
    return _invalid("list_unreadable", told, "Save it anew as CSV (UTF-8) or XLSX.")
