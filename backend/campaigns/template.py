"""The language of templates: `{{ column : filter | fallback }}`.

A name of a column is found whatever its case and width; `\\{{` stands for two braces. Full-width
braces, colons and bars of a Japanese keyboard mean the same. Filters:

さん 様 くん ちゃん 先生 殿   is added unless the value ends with one of them already; in Latin
san sama kun chan sensei dono letters the same, with a hyphen behind a name in Latin letters
family given                  that part of a name; Japanese ones begin with the family's
title                         ANNA and anna become Anna
trim                          is done anyway
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from backend.bodies import on_one_line

MAX_VALUE_CHARACTERS = 100
# Each is looked at for each of ten thousand rows.
MAX_PLACEHOLDERS = 50

_SIGN = re.compile(
    r"(?P<escape>\\(\{\{|｛｛))"
    r"|(\{\{|｛｛)(?P<inside>(?:(?!\{\{|｛｛)[^\n])*?)(\}\}|｝｝)"
    r"|(?P<open>\{\{|｛｛)"
)
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff々〆]")
HONORIFICS = {
    "さん": "サン", "様": "サマ", "さま": "サマ", "くん": "クン", "君": "クン", "ちゃん": "チャン",
    "先生": "センセイ", "殿": "ドノ",
}  # fmt: skip
_IN_LATIN = {
    "san": "さん", "sama": "様", "kun": "くん", "chan": "ちゃん", "sensei": "先生", "dono": "殿",
}  # fmt: skip
_MARKUP = re.compile(r"[*＊\[\]［］]")
_ESCAPES = "\\＼¥￥"
_WORD = re.compile(r"[^\W\d_]+(?:['’](?=[^\W\d_]\b)[^\W\d_])?")


@dataclass(frozen=True)
class Placeholder:
    """Where a value comes in. `name` and `filters` as they are written, `at` from 1."""

    name: str
    filters: tuple[str, ...]
    fallback: str | None
    at: int


@dataclass(frozen=True)
class Fault:
    """What is wrong with a placeholder, where, and which name was probably meant."""

    code: str
    at: int
    detail: str
    nearest: str | None = None


@dataclass(frozen=True)
class CellFault:
    """Why a row's value cannot be taken: `value_missing` or `value_too_long`."""

    column: str
    code: str
    detail: str


@dataclass(frozen=True)
class Expanded:
    """A text with a row's values in it.

    places: (begin, end) of each of them
    """

    text: str
    places: tuple[tuple[int, int], ...] = ()
    faults: tuple[CellFault, ...] = ()


@dataclass(frozen=True)
class Template:
    """A text cut at its placeholders, and what is wrong with them."""

    pieces: tuple[str | Placeholder, ...]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Columns:
    """The headings of a list, and which of them are meant by a role's name."""

    headings: tuple[str, ...]
    roles: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        places: dict[str, int] = {}
        for place, heading in enumerate(self.headings):
            places.setdefault(fold(heading), place)
        by_role = {fold(role): places.get(fold(named)) for role, named in self.roles.items()}
        known = {role: place for role, place in by_role.items() if place is not None}
        object.__setattr__(self, "_places", known | places)

    def place_of(self, name: str) -> int | None:
        """Return where the cells of a column are; a heading goes before a role."""
        places: dict[str, int] = self._places  # type: ignore[attr-defined]  # set just above
        return places.get(fold(name))


def fold(name: str) -> str:
    """Return a heading as it is compared: without case, width and outer blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


# --- reading a template ---------------------------------------------------------------------


def parse(text: str, columns: Columns) -> Template:
    """Return `text` cut at its placeholders; those that can't be followed stay as they stand."""
    pieces: list[str | Placeholder] = []
    faults: list[Fault] = []
    end = 0
    for sign in _SIGN.finditer(text):
        pieces.append(text[end : sign.start()])
        end = sign.end()
        read = _read(sign, columns) if len(pieces) < 2 * MAX_PLACEHOLDERS else _too_many(sign)
        if isinstance(read, Fault):
            faults += [read] if len(faults) < MAX_PLACEHOLDERS else []
            pieces.append(sign[0])
        else:
            pieces.append(read)
    pieces.append(text[end:])
    return Template(_joined(pieces), tuple(faults))


def _read(sign: re.Match[str], columns: Columns) -> str | Placeholder | Fault:
    if sign["escape"]:
        return sign["escape"][1:]
    at = sign.start() + 1
    if sign["open"]:
        return Fault("placeholder_unclosed", at, "Two braces begin here that never close.")
    placeholder = _placeholder(sign["inside"], at, columns)
    if not placeholder.name:
        return Fault("placeholder_empty", at, "There is no column between these braces.")
    return _fault_of(placeholder, columns) or placeholder


def _too_many(sign: re.Match[str]) -> Fault:
    told = f"A text has at most {MAX_PLACEHOLDERS} placeholders; this is one more."
    return Fault("placeholders_many", sign.start() + 1, told)


def _placeholder(inside: str, at: int, columns: Columns) -> Placeholder:
    if columns.place_of(inside) is not None:  # a heading may hold our own signs
        return Placeholder(inside.strip(), (), None, at)
    named, bar, fallback = inside.replace("｜", "|").partition("|")
    name, *filters = named.replace("：", ":").split(":")
    return Placeholder(
        name.strip(),
        tuple(one.strip() for one in filters if one.strip()),
        (on_one_line(fallback) or "") if bar else None,
        at,
    )


def _fault_of(placeholder: Placeholder, columns: Columns) -> Fault | None:
    if columns.place_of(placeholder.name) is None:
        near = nearest(placeholder.name, [*columns.headings, *columns.roles])
        return _unknown("column", placeholder.name, placeholder.at, near)
    for name in placeholder.filters:
        if _filter(name) is None:
            near = nearest(name, [*HONORIFICS, *_IN_LATIN, *_FILTERS])
            return _unknown("filter", name, placeholder.at, near)
    return None


def _unknown(kind: str, name: str, at: int, near: str | None) -> Fault:
    meant = f" Do you mean “{near}”?" if near else ""
    return Fault(f"{kind}_unknown", at, f"There is no {kind} “{name[:60]}”.{meant}", near)


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Return the one of some names that was probably meant."""
    by_fold = {fold(one): one for one in reversed(known)}
    close = get_close_matches(fold(name)[:100], by_fold, n=1, cutoff=0.5)
    return by_fold[close[0]] if close else None


def _joined(pieces: Sequence[str | Placeholder]) -> tuple[str | Placeholder, ...]:
    joined: list[str | Placeholder] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece:
            joined.append(piece)
    return tuple(joined)


# --- putting values in ----------------------------------------------------------------------


def expand(
    template: Template, columns: Columns, cells: Sequence[str], *, has_markup: bool = False
) -> Expanded:
    """Return the text with a row's values in it.

    has_markup: whether stars and brackets would mean something there: then a value's are escaped
    """
    text = ""
    places: list[tuple[int, int]] = []
    faults: list[CellFault] = []
    for piece in template.pieces:
        if isinstance(piece, str):
            text += _apart(text, places, piece) if has_markup else piece
            continue
        value, fault = value_of(piece, columns, cells)
        if fault is not None:
            faults.append(fault)
        written = _MARKUP.sub(r"\\\g<0>", value) if has_markup else value
        places.append((len(text), len(text) + len(written)))
        text += written
    return Expanded(text, tuple(places), tuple(dict.fromkeys(faults)))


def _apart(text: str, places: Sequence[tuple[int, int]], piece: str) -> str:
    """Keep a value's last backslash away from a sign of the template, which it would undo."""
    is_behind_value = bool(places) and places[-1][1] == len(text)
    meets = is_behind_value and text[-1:] in tuple(_ESCAPES) and _MARKUP.match(piece)
    return f" {piece}" if meets else piece


def value_of(
    placeholder: Placeholder, columns: Columns, cells: Sequence[str]
) -> tuple[str, CellFault | None]:
    """Return what stands for a placeholder in a row, and what is wrong with that."""
    place = columns.place_of(placeholder.name)
    if place is None:
        return "", None
    heading = columns.headings[place]
    value = on_one_line(cells[place]) if place < len(cells) else None
    if not value:
        if placeholder.fallback is not None:
            return placeholder.fallback, None
        detail = "It is empty, and the template says nothing for that: {{name|there}}."
        return "", CellFault(heading, "value_missing", detail)
    if len(value) > MAX_VALUE_CHARACTERS:
        detail = f"It has {len(value):,} characters; a value has at most {MAX_VALUE_CHARACTERS}."
        return value[:MAX_VALUE_CHARACTERS], CellFault(heading, "value_too_long", detail)
    for name in placeholder.filters:
        apply = _filter(name)
        value = apply(value) if apply else value
    return value, None


def _filter(name: str) -> Callable[[str], str] | None:
    folded = fold(name)
    if folded in _FILTERS:
        return _FILTERS[folded]
    honorific = _IN_LATIN.get(folded)
    if honorific is not None:
        return lambda value: _with_honorific(
            value, honorific if is_japanese(value) else f"-{folded}"
        )
    return (lambda value: _with_honorific(value, name)) if name in HONORIFICS else None


def _with_honorific(value: str, honorific: str) -> str:
    return value if honorific_of(value) else value + honorific


def honorific_of(value: str) -> str | None:
    """Return the honorific with which a name ends, if any does."""
    latin = next((f"-{one}" for one in _IN_LATIN if value.casefold().endswith(f"-{one}")), None)
    return latin or next((one for one in HONORIFICS if value.endswith(one)), None)


def is_japanese(value: str) -> bool:
    """Return whether a name has Japanese letters."""
    return _JAPANESE.search(value) is not None


def _family(value: str) -> str:
    before, comma, _ = value.partition(",")
    if comma and before.strip():
        return before.strip()
    words = value.split()
    return words[0 if is_japanese(value) else -1]


def _given(value: str) -> str:
    before, comma, behind = value.partition(",")
    if comma and before.strip() and behind.strip():
        return behind.split()[0]
    words = value.split()
    if is_japanese(value):
        return " ".join(words[1:]) or value
    return words[0]


def _title(value: str) -> str:
    if not (value.isupper() or value.islower()):
        return value
    return _WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), value)


_FILTERS: dict[str, Callable[[str], str]] = {
    "family": _family,
    "given": _given,
    "title": _title,
    "trim": str.strip,
}
