"""What a list's columns are: whether the first row names them, and what they are used for."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from backend.campaigns.template import fold, is_japanese
from backend.mail.addresses import AddressInvalid, checked_address

_PROBED_ROWS = 200
_KANA_CELL = re.compile(r"[\u3040-\u30ff\uff66-\uff9f'’\s]+")
_NAME = (
    "お名前", "おなまえ", "名前", "氏名", "姓名", "宛名", "担当者名", "担当者", "顧客名", "name",
    "full name", "fullname", "display name", "recipient", "contact", "customer",
)  # fmt: skip
_FAMILY = ("姓", "苗字", "名字", "last name", "lastname", "surname", "family name", "family")
_GIVEN = ("名", "first name", "firstname", "given name", "given", "forename")
_EMAIL = (
    "メールアドレス", "メール", "eメール", "email", "e-mail", "mail", "email address",
    "e-mail address", "mail address", "電子メール",
)  # fmt: skip
_KANA = (
    "ふりがな", "フリガナ", "よみがな", "ヨミガナ", "読み仮名", "読みがな", "カナ", "かな", "よみ",
    "ヨミ", "読み", "kana", "furigana", "yomi", "reading", "phonetic",
)  # fmt: skip
_KNOWN = {fold(one) for one in (*_NAME, *_FAMILY, *_GIVEN, *_EMAIL, *_KANA)}


def holds_headings(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first row names the columns: by a known word, or as no other row looks."""
    first = rows[0]
    if any(_is_address(cell) for cell in first):
        return False
    if any(fold(cell) in _KNOWN for cell in first):
        return True
    others = rows[1 : _PROBED_ROWS + 1]
    if not others or len(set(filter(None, first))) < len(first):
        return False
    # Where a column holds addresses, a first cell that is none names it.
    return any(
        _share(others, place, _is_address) > 0.5 or _share(others, place, _is_number) > 0.8
        for place, cell in enumerate(first)
        if not _is_number(cell)
    )


def unique_headings(given: Sequence[str], width: int) -> tuple[list[str], bool]:
    """Return a heading for each column, none twice, and whether any had to be made."""
    headings: list[str] = []
    taken: set[str] = set()
    for place in range(width):
        name = " ".join(given[place].split())[:200] if place < len(given) else ""
        heading = wanted = name or f"列{place + 1}"
        count = 2
        while fold(heading) in taken:
            heading, count = f"{wanted} {count}", count + 1
        taken.add(fold(heading))
        headings.append(heading)
    return headings, len([name for name in given[:width] if name.strip()]) < width


def guess_mapping(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return what the columns are probably used for: first by heading, then by what they hold."""
    probed = rows[:_PROBED_ROWS]
    email = _named(columns, _EMAIL)
    if email is None:
        email = _holding(columns, probed, _is_address)
    name = _named(columns, _NAME)
    if name is None:
        name = _named(columns, _FAMILY) or _named(columns, _GIVEN)
    kana = [one for one in columns if _is_kana_heading(one)]
    if not kana and (made := _holding(columns, probed, _is_kana)) not in (None, name):
        kana = [made] if made is not None and name is not None else []
    if name is None:
        others = [one for one in columns if one != email and one not in kana]
        name = _holding(others, probed, _is_name, columns)
    return {
        "name": name,
        "email": email,
        "readings": dict(_readings(columns, name, kana)),
        "same_address": "once",
    }


def _readings(
    columns: Sequence[str], name: str | None, kana: Sequence[str]
) -> Iterable[tuple[str, str]]:
    """Pair each kana column with the one that it reads: 姓 with セイ, 名前 with ふりがな."""
    for heading in kana:
        of = _without_kana(heading)
        pair = next((one for one in columns if of and fold(one) == of and one not in kana), None)
        if pair is None:
            names = _PAIRS.get(fold(heading), set())
            pair = next((one for one in columns if fold(one) in names), None)
        pair = pair or (name if len(kana) == 1 else None)
        if pair is not None and pair != heading:
            yield pair, heading


_PAIRS = {
    fold(kana): {fold(one) for one in names}
    for kana, names in (
        ("セイ", _FAMILY), ("せい", _FAMILY), ("メイ", _GIVEN), ("めい", _GIVEN),
        *((one, _NAME) for one in _KANA),
    )
}  # fmt: skip


def _is_kana_heading(heading: str) -> bool:
    folded = fold(heading)
    return folded in _PAIRS or _without_kana(heading) is not None


def _without_kana(heading: str) -> str | None:
    """Return what a heading such as `名前（カナ）` reads, folded; None where it is no such."""
    folded = fold(heading)
    for word in map(fold, _KANA):
        for form in (f"({word})", f"[{word}]", f"_{word}", f"-{word}", f" {word}", word):
            if folded.endswith(form) and folded != word:
                return folded.removesuffix(form).rstrip(" _-の")
    return None


def _named(columns: Sequence[str], words: Sequence[str]) -> str | None:
    by_fold = {fold(heading): heading for heading in reversed(columns)}
    return next((by_fold[fold(word)] for word in words if fold(word) in by_fold), None)


def _holding(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    is_such: Callable[[str], bool],
    places_of: Sequence[str] | None = None,
) -> str | None:
    places = list(places_of or columns)
    found = (one for one in columns if _share(rows, places.index(one), is_such) > 0.5)
    return next(found, None)


def _share(rows: Sequence[Sequence[str]], place: int, is_such: Callable[[str], bool]) -> float:
    cells = [row[place] for row in rows if place < len(row) and row[place]]
    return sum(map(is_such, cells)) / len(cells) if cells else 0.0


def _is_address(cell: str) -> bool:
    try:
        return bool(checked_address(cell))
    except AddressInvalid:
        return False


def _is_number(cell: str) -> bool:
    return bool(cell) and not cell.strip("0123456789０１２３４５６７８９.,-+/:¥$€% ")


def _is_kana(cell: str) -> bool:
    return _KANA_CELL.fullmatch(cell) is not None


def _is_name(cell: str) -> bool:
    return not _is_number(cell) and len(cell) <= 40 and (is_japanese(cell) or cell[:1].isalpha())
