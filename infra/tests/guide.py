"""Reads infra/README.md: what it tells people to type, and what it names."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"# on the (app|GPU) machine\n")
_SPAN = re.compile(r"`([^`\n]+)`")
_TOLD = re.compile(r'"([^"\n]+)"')
HERE = "here"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and where it is typed (here, app or gpu)."""

    language: str
    text: str
    place: str = HERE


@dataclass(frozen=True)
class Guide:
    """The page, taken apart.

    spans: what stands in backticks in the prose
    told:  what stands in quotation marks there: words that a page or a program shows
    """

    text: str
    blocks: tuple[Block, ...]
    spans: tuple[str, ...]
    told: tuple[str, ...]


def read_guide(text: str) -> Guide:
    """Take the page apart."""
    prose = _FENCE.sub("", text)
    assert "```" not in prose, "a fence has no end"
    told = _TOLD.findall(_SPAN.sub("", prose))
    return Guide(text, tuple(_read_blocks(text)), tuple(_SPAN.findall(prose)), tuple(told))


def _read_blocks(text: str) -> list[Block]:
    blocks = []
    for language, body in _FENCE.findall(text):
        place = _PLACE.match(body)
        blocks.append(Block(language, body, place[1].lower() if place else HERE))
    return blocks
