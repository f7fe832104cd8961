"""The values of an XLSX workbook's first sheet, and nothing else of it.

A workbook is a zip of XML: sizes are checked before anything is unpacked, a document type (and so
every entity) is refused, links, macros and formulas are never looked at, and cells are read one
row after the other, so that one far off at the sheet's edge takes no memory for what lies between.
source: ECMA-376 part 1, 18.3.1 (sheets), 18.4 (shared strings), 18.8 (number formats)
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from xml.parsers import expat

MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_PARTS = 2_000
# Ten thousand rows of fifty cells, each a few elements.
MAX_ELEMENTS = 4_000_000
# Between two tags; of a cell's text nothing comes near, and a longer tag is read again and again.
MAX_GAP_BYTES = 1024 * 1024
# What is longer is cut: it is still longer than any list takes, and one string of a flood's size
# is not copied into each of a row's cells.
_KEPT_CHARACTERS = 40_000
_PIECE_BYTES = 65_536
_PACKED_BY = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_DAYS_BEGIN = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook's days have no zone
_DAYS_BEGIN_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NO_DATE_LETTERS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_PLACE = re.compile(r"([A-Z]{1,3})[0-9]+")
_DAMAGED = (zipfile.BadZipFile, expat.ExpatError, zlib.error, EOFError, LookupError)
_ODD = (NotImplementedError, RuntimeError, ValueError, OverflowError)


class WorkbookUnreadable(Exception):
    """This is no workbook that is read here; says why."""


def is_workbook(content: bytes) -> bool:
    """Return whether these bytes are a zip, as XLSX is; an old XLS counts too, to be refused."""
    return content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def read_workbook(content: bytes, max_columns: int) -> Iterator[list[str]]:
    """Yield the rows of the first sheet; what lies past `max_columns` comes as one cell there.

    raises: WorkbookUnreadable
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _require_small(archive)
            yield from _rows(archive, max_columns)
    except _DAMAGED as error:
        raise WorkbookUnreadable("This workbook is damaged.") from error
    except _ODD as error:
        raise WorkbookUnreadable("This workbook can't be read; is it encrypted?") from error


def _require_small(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise _too_large()
    if any(part.compress_type not in _PACKED_BY for part in parts):
        raise WorkbookUnreadable("This workbook is packed in an unusual way.")
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise WorkbookUnreadable("This is no XLSX workbook.")


def _too_large() -> WorkbookUnreadable:
    return WorkbookUnreadable("Unpacked, this workbook is larger than any list.")


# --- XML ------------------------------------------------------------------------------------

# (is it the begin, name, attributes, the text since the last one)
_Tag = tuple[bool, str, dict[str, str], str]


def _tags(archive: zipfile.ZipFile, name: str) -> Iterator[_Tag]:
    """Yield a part's tags with the text before each; names without their namespace."""
    found: list[_Tag] = []
    text: list[str] = []
    seen = 0

    def note(is_begin: bool, tag: str, attributes: dict[str, str]) -> None:
        own = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        found.append((is_begin, tag.rpartition(" ")[2], own, "".join(text)))
        text.clear()

    def refuse(*_: Any) -> None:
        raise WorkbookUnreadable("A workbook has no document type.")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, attributes: note(True, tag, attributes)
    parser.EndElementHandler = lambda tag: note(False, tag, {})
    parser.CharacterDataHandler = text.append
    parser.StartDoctypeDeclHandler = refuse
    unpacked = gap = 0
    with archive.open(name) as part:
        while piece := part.read(_PIECE_BYTES):
            unpacked += len(piece)
            parser.Parse(piece, False)
            seen += len(found)
            gap = 0 if found else gap + len(piece)
            if seen > MAX_ELEMENTS or unpacked > MAX_UNPACKED_BYTES or gap > MAX_GAP_BYTES:
                raise _too_large()
            yield from found
            found.clear()
    parser.Parse(b"", True)
    yield from found


# --- the parts ------------------------------------------------------------------------------


def _rows(archive: zipfile.ZipFile, max_columns: int) -> Iterator[list[str]]:
    sheet, days_begin = _first_sheet(archive)
    names = set(archive.namelist())
    strings = _strings(archive) if "xl/sharedStrings.xml" in names else []
    dates = _date_styles(archive) if "xl/styles.xml" in names else set()
    row: list[str] = []
    at, kind, style, value, in_reading = 0, "", 0, "", False
    for is_begin, tag, attributes, text in _tags(archive, sheet):
        if tag == "row":
            if not is_begin:
                yield row
            row = []
        elif tag == "c" and is_begin:
            at = _column(attributes.get("r"), len(row))
            kind, style, value = attributes.get("t", "n"), int(attributes.get("s", "0")), ""
        elif tag == "rPh":
            in_reading = is_begin
        elif tag in ("v", "t") and not is_begin and not in_reading:
            value = (value + text)[:_KEPT_CHARACTERS]
        elif tag == "c":
            at = min(at, max_columns)
            row += [""] * (at + 1 - len(row))
            as_date = days_begin if style in dates else None
            row[at] = _value(kind, value, strings, as_date)


def _first_sheet(archive: zipfile.ZipFile) -> tuple[str, datetime]:
    """Return the name of the first sheet's part, and from when its days are counted."""
    link, days_begin = None, _DAYS_BEGIN
    for is_begin, tag, attributes, _ in _tags(archive, "xl/workbook.xml"):
        if is_begin and tag == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            days_begin = _DAYS_BEGIN_1904
        is_sheet = is_begin and tag == "sheet" and attributes.get("state", "visible") == "visible"
        if is_sheet and link is None:
            link = attributes["id"]
    for _, _, attributes, _ in _tags(archive, "xl/_rels/workbook.xml.rels"):
        if link is not None and attributes.get("Id") == link:
            target = posixpath.normpath(posixpath.join("/xl", attributes["Target"]))
            return target.lstrip("/"), days_begin
    raise WorkbookUnreadable("There is no sheet in this workbook.")


def _strings(archive: zipfile.ZipFile) -> list[str]:
    """Return the shared strings, without the readings that Excel keeps beside kanji."""
    strings: list[str] = []
    value, in_reading = "", False
    for is_begin, tag, _, text in _tags(archive, "xl/sharedStrings.xml"):
        if tag == "rPh":
            in_reading = is_begin
        elif tag == "t" and not is_begin and not in_reading:
            value = (value + text)[:_KEPT_CHARACTERS]
        elif tag == "si" and not is_begin:
            strings.append(value)
            value = ""
    return strings


def _date_styles(archive: zipfile.ZipFile) -> set[int]:
    """Return which of the cells' styles show a number as a date."""
    dates, own, place, in_styles = set(), dict[int, str](), 0, False
    for is_begin, tag, attributes, _ in _tags(archive, "xl/styles.xml"):
        if tag == "cellXfs":
            in_styles = is_begin
        elif is_begin and tag == "numFmt":
            own[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif is_begin and tag == "xf" and in_styles:
            number = int(attributes.get("numFmtId", "0"))
            letters = _NO_DATE_LETTERS.sub("", own.get(number, "")).lower()
            if number in _DATE_FORMATS or any(letter in letters for letter in "ymdh"):
                dates.add(place)
            place += 1
    return dates


def _column(place: str | None, following: int) -> int:
    """Return a cell's column from 0: `C7` is 2; without a place it follows the last."""
    match = _PLACE.fullmatch(place or "")
    if match is None:
        return following
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _value(kind: str, value: str, strings: list[str], days_begin: datetime | None) -> str:
    if kind == "s":
        return strings[int(value)] if value else ""
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    if kind == "n" and value:
        return _number(value) if days_begin is None else _date(float(value), days_begin)
    return value  # inline strings, what formulas gave, ISO dates, errors such as #N/A


def _number(value: str) -> str:
    """Return a number as a person writes it: 7 for `7.0`, 0.3 for `0.30000000000000004`."""
    number = float(value)
    return value if value.isdigit() else f"{number:.15g}"


def _date(days: float, days_begin: datetime) -> str:
    moment = days_begin + timedelta(seconds=round(days * 86_400))
    if days < 1:
        return f"{moment:%H:%M}"
    return (
        f"{moment:%Y-%m-%d}" if moment.time() == moment.min.time() else f"{moment:%Y-%m-%d %H:%M}"
    )
