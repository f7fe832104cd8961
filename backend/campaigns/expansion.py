"""A campaign's template with a row's values in it: what is said, shown and read by whom."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.campaigns import template as language
from backend.campaigns.models import Campaign
from backend.campaigns.schemas import TemplateProblem, problem_of
from backend.campaigns.template import Columns, Template
from backend.languages import primary_subtag
from backend.media.style import MAX_CARD_CHARACTERS
from backend.messages.completeness import MAX_SCRIPT_CHARACTERS
from backend.messages.models import Message
from backend.problems import Invalid
from backend.words.service import LANGUAGE

# Where values may stand, and how long each may become.
FIELDS = {
    "script": MAX_SCRIPT_CHARACTERS,
    "title": 200,
    "title_card": MAX_CARD_CHARACTERS,
    "closing_card": MAX_CARD_CHARACTERS,
}
_SENTENCE = re.compile(r"[^\n]*?(?:[。！？!?]+[」』）)”\"']*|\.(?=\s|$)[”\"']*|\n|$)")
_MAX_SURFACE = 40


@dataclass(frozen=True)
class Expansion:
    """A row's own content.

    texts:      script, title, title_card and closing_card
    personal:   (begin, end) in the script of what is this row's alone
    words:      names and their kana, each {surface, kana}
    readings, deliveries: the template's, with the row's values in their sentences
    problems:   {column, code, detail}; with any, nothing is made of the row
    """

    texts: Mapping[str, str]
    personal: tuple[tuple[int, int], ...]
    words: tuple[dict[str, str], ...]
    readings: tuple[dict[str, str], ...]
    deliveries: tuple[dict[str, Any], ...]
    problems: tuple[dict[str, Any], ...]

    @property
    def script(self) -> str:
        """What is said."""
        return self.texts["script"]

    def is_in(self, texts: Sequence[str]) -> bool:
        """Return whether a message with these `FIELDS` says what this row's would."""
        return list(texts) == [self.texts[name] for name in FIELDS]

    @property
    def personal_sentences(self) -> list[str]:
        """The sentences of the script in which something is this row's alone."""
        return sentences_at(self.script, self.personal)


class Expander:
    """Puts rows into a template that was read once."""

    def __init__(
        self, template: Message, columns: Sequence[str], mapping: Mapping[str, Any]
    ) -> None:
        self.columns = columns_of(columns, mapping)
        self.is_japanese = primary_subtag(template.language) == LANGUAGE
        self._message = template
        self._texts = {name: self._parse(getattr(template, name)) for name in FIELDS}
        self._readings = [(one, self._parse(one["text"])) for one in template.readings]
        self._deliveries = [(one, self._parse(one["text"])) for one in template.deliveries]
        self._kana = [
            (name, kana)
            for heading, kana_heading in (mapping.get("readings") or {}).items()
            if (name := self.columns.place_of(heading)) is not None
            and (kana := self.columns.place_of(kana_heading)) is not None
        ]

    def _parse(self, text: str) -> Template:
        return language.parse(text, self.columns)

    @property
    def problems(self) -> list[TemplateProblem]:
        """What is wrong with the template's placeholders."""
        return [
            TemplateProblem(
                field=name,
                code=fault.code,
                at=fault.at,
                detail=fault.detail,
                nearest=fault.nearest,
            )
            for name, template in self._texts.items()
            for fault in template.faults
        ]

    def expand(self, cells: Sequence[str]) -> Expansion:
        """Return what is this row's."""
        made = {
            name: language.expand(read, self.columns, cells, has_markup=name == "script")
            for name, read in self._texts.items()
        }
        problems = [
            problem_of(fault.column, fault.code, fault.detail)
            for fault in dict.fromkeys(fault for one in made.values() for fault in one.faults)
        ]
        problems += _too_long(made)
        words, unreadable = self.words_of(cells)
        return Expansion(
            texts={name: one.text for name, one in made.items()},
            personal=made["script"].places,
            words=words,
            readings=tuple(self._wishes(self._readings, cells)),
            deliveries=tuple(self._wishes(self._deliveries, cells)),
            problems=(*problems, *unreadable),
        )

    def _wishes(
        self, wishes: Iterable[tuple[dict[str, Any], Template]], cells: Sequence[str]
    ) -> Iterable[dict[str, Any]]:
        for wish, read in wishes:
            text = language.expand(read, self.columns, cells, has_markup=True).text
            yield {**wish, "text": text}

    def words_of(
        self, cells: Sequence[str]
    ) -> tuple[tuple[dict[str, str], ...], list[dict[str, Any]]]:
        """Return a row's names with their kana, and the problems of those that fit no name."""
        words: dict[str, str] = {}
        problems = []
        for name, kana in self._kana if self.is_japanese else ():
            heading = self.columns.headings[kana]
            try:
                words |= named_words(_cell(cells, name), _cell(cells, kana))
            except ValueError as problem:
                problems.append(problem_of(heading, "reading_wrong", str(problem)))
        return tuple({"surface": one, "kana": said} for one, said in words.items()), problems


def fields_of(campaign: Campaign, texts: Mapping[str, str]) -> tuple[dict[str, Template], Columns]:
    """Return other texts of a campaign's, cut at their placeholders, by their fields.

    raises: Invalid for what can't be followed, beside its field
    """
    columns = columns_of(campaign.columns, campaign.mapping)
    read = {name: language.parse(text, columns) for name, text in texts.items()}
    for name, template in read.items():
        for fault in template.faults:
            fix = f"See character {fault.at}, or write \\{{{{ for two braces."
            raise Invalid.field(name, fault.code, fault.detail, fix)
    return read, columns


def columns_of(headings: Sequence[str], mapping: Mapping[str, Any]) -> Columns:
    """Return a list's columns, and which are meant by `name` and `email`."""
    roles = {role: mapping[role] for role in ("name", "email") if mapping.get(role)}
    return Columns(tuple(headings), roles)


def expander_of(campaign: Campaign, template: Message) -> Expander:
    """Return what puts a campaign's rows into its template."""
    return Expander(template, campaign.columns, campaign.mapping)


def _cell(cells: Sequence[str], place: int) -> str:
    return unicodedata.normalize("NFKC", cells[place]).strip() if place < len(cells) else ""


def _too_long(made: Mapping[str, language.Expanded]) -> list[dict[str, Any]]:
    problems = []
    for name, longest in FIELDS.items():
        length = len(made[name].text)
        if made[name].places and length > longest:
            what = f"With this row's values the {name.replace('_', ' ')} has {length:,} characters"
            code = "script_too_long" if name == "script" else "value_too_long"
            problems.append(problem_of(None, code, f"{what}; {longest:,} are possible."))
    return problems


def named_words(name: str, kana: str) -> dict[str, str]:
    """Return each part of a name with its kana: both are cut at the same blanks.

    raises: ValueError, in words
    """
    honorific = language.honorific_of(name)
    name = name.removesuffix(honorific or "")
    kana = kana.removesuffix(language.HONORIFICS.get(honorific or "", ""))
    parts, said = name.split(), kana.split()
    if not parts or not said:
        return {}
    if len(parts) == 1:
        said = ["".join(said)]
    if len(parts) != len(said):
        raise ValueError("Put a blank between its parts as the name has one.")
    if any(len(part) > _MAX_SURFACE or re.search("[,、。]", part) for part in parts):
        raise ValueError(f"A name that is read by kana has at most {_MAX_SURFACE} letters.")
    return dict(zip(parts, said, strict=True))


def sentences_at(text: str, places: Sequence[tuple[int, int]]) -> list[str]:
    """Return the sentences of `text` into which one of `places` reaches, in order."""
    found = []
    for sentence in _SENTENCE.finditer(text):
        begin, end = sentence.span()
        is_reached = any(first < end and begin < max(last, first + 1) for first, last in places)
        if is_reached and sentence[0].strip():
            found.append(sentence[0].strip())
    return found
