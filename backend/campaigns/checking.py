"""What is wrong with rows: found when the list, its mapping or the template changes.

Kana are judged by the speech service, whose notation it is: some hundreds at once, and never while
a transaction is open. Where it is down they stay unjudged, and the message's own order asks again.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.campaigns.expansion import FIELDS, Expander
from backend.campaigns.schemas import problem_of
from backend.mail.addresses import AddressInvalid, checked_address
from backend.messages.models import Message
from backend.speech.client import SpeechClient
from backend.speech.errors import SpeechRefused, SpeechUnavailable
from backend.speech.wishes import PronouncedWord, ReadAs

WORDS_AT_ONCE = 500
_OF_WORD = re.compile(r"words\.(\d+)\.")

READING_WRONG = "reading_wrong"
ADDRESS_TWICE = "address_twice"

Unreadable = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Checked:
    """What is found of a row."""

    address: str | None
    problems: list[dict[str, Any]]


def check_rows(
    expander: Expander,
    mapping: Mapping[str, Any],
    rows: Iterable[Sequence[str]],
    unreadable: Unreadable,
) -> list[Checked]:
    """Return what is wrong with each row by itself; who has an address first is told by `twice`.

    unreadable: (surface, kana) that the speech service refuses, and why
    """
    return [_checked(expander, mapping, cells, unreadable) for cells in rows]


def _checked(
    expander: Expander, mapping: Mapping[str, Any], cells: Sequence[str], unreadable: Unreadable
) -> Checked:
    address, problems = _address(expander, mapping, cells)
    expansion = expander.expand(cells)
    problems += _width(expander, cells)
    problems += expansion.problems
    problems += [
        problem_of(None, READING_WRONG, told)
        for word in expansion.words
        if (told := unreadable.get((word["surface"], word["kana"]))) is not None
    ]
    return Checked(address, problems)


def twice(mapping: Mapping[str, Any], addresses: Iterable[str | None]) -> list[bool]:
    """Return of which rows, in order, an earlier one has the address already."""
    seen: set[str] = set()
    if mapping.get("same_address") == "each":
        return [False for _ in addresses]
    told = []
    for address in addresses:
        told.append(address in seen)
        seen |= {address} if address else set()
    return told


def with_twice(
    mapping: Mapping[str, Any], problems: Iterable[dict[str, Any]], *, is_twice: bool
) -> list[dict[str, Any]]:
    """Return a row's problems with or without the one of an address that is there twice."""
    others = [problem for problem in problems if problem["code"] != ADDRESS_TWICE]
    if not is_twice:
        return others
    told = "An earlier row has this address already. Leave one of them out, or change it."
    return [problem_of(mapping.get("email"), ADDRESS_TWICE, told), *others]


def _address(
    expander: Expander, mapping: Mapping[str, Any], cells: Sequence[str]
) -> tuple[str | None, list[dict[str, Any]]]:
    heading = mapping.get("email")
    place = expander.columns.place_of(heading) if heading else None
    written = cells[place] if place is not None and place < len(cells) else ""
    if not written.strip():
        return None, []
    try:
        return checked_address(written).lower(), []
    except AddressInvalid:
        told = "This is no mail address. Write one, like name@example.com, or leave it empty."
        return None, [problem_of(heading, "address_wrong", told)]


def _width(expander: Expander, cells: Sequence[str]) -> list[dict[str, Any]]:
    columns = len(expander.columns.headings)
    if len(cells) > columns:
        told = f"It has {len(cells)} cells, and the list {columns} columns."
        return [problem_of(None, "cells_many", told)]
    return []


# --- kana -----------------------------------------------------------------------------------


def unreadable_words(
    speech: SpeechClient, words: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """Return which of these (surface, kana) can't be read, and why; of none while it is down."""
    waiting = sorted(set(words))
    found: dict[tuple[str, str], str] = {}
    for first in range(0, len(waiting), WORDS_AT_ONCE):
        some = waiting[first : first + WORDS_AT_ONCE]
        try:
            found |= {some[place]: told for place, told in _wrong(speech, some)}
        except SpeechUnavailable:
            return found
    return found


def _wrong(speech: SpeechClient, words: Sequence[tuple[str, str]]) -> list[tuple[int, str]]:
    named = tuple(PronouncedWord(surface=surface, kana=kana) for surface, kana in words)
    try:
        speech.suggest_readings("あ", ReadAs(words=named))
    except SpeechRefused as problem:
        told = [(_OF_WORD.match(error.field), error) for error in problem.errors]
        return [(int(at[1]), f"{error.message} {error.fix}") for at, error in told if at]
    return []


def words_in(expander: Expander, rows: Iterable[Sequence[str]]) -> set[tuple[str, str]]:
    """Return every name with its kana that stands in rows."""
    found = (expander.words_of(cells)[0] for cells in rows)
    return {(word["surface"], word["kana"]) for words in found for word in words}


def fingerprint(template: Message, columns: Sequence[str], mapping: Mapping[str, Any]) -> str:
    """Return by what rows are judged: the template's texts, and behind the dot all else."""
    texts = [getattr(template, name) for name in FIELDS]
    return f"{_hash(texts)}.{_hash([template.language, columns, mapping])}"


def _hash(what: object) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:24]
