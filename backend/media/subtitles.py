"""Captions that somebody sends, as WebVTT or SubRip: read strictly, written anew by us.

Text and times are all that is taken over. Positions, colours, fonts, regions and style sheets
are left out: players differ in them, and a style sheet can point anywhere.
"""

import html
import re
from dataclasses import dataclass

from backend.media.captions import Cue

MAX_BYTES = 200_000
MAX_CUES = 5_000
MAX_TIME_S = 24 * 3600.0
# WebVTT (W3C, 4.1) leaves hours out and parts the milliseconds with a point, SubRip with a comma.
_CLOCK = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{3})"
_TIMING = re.compile(rf"{_CLOCK}[ \t]+-->[ \t]+{_CLOCK}(?:[ \t].*)?")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_NO_CUES = ("NOTE", "STYLE", "REGION")


class SubtitlesUnreadable(Exception):
    """The file is no WebVTT or SubRip; `line` (from 1) is where it ceases to be."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class _Block:
    """Lines without a blank one in between; `line` is the number of the first."""

    line: int
    lines: list[str]


def parse_subtitles(raw: bytes) -> list[Cue]:
    """Return the captions of a WebVTT or SubRip file in UTF-8, in the order of their times.

    raises: SubtitlesUnreadable
    """
    blocks = _blocks(_text_of(raw))
    if not blocks:
        raise SubtitlesUnreadable(1, "the file is empty")
    if _is_webvtt_header(blocks[0].lines[0]):
        blocks = [block for block in blocks[1:] if not _is_no_cue(block)]
    cues = [_cue(block) for block in blocks]
    if not cues:
        raise SubtitlesUnreadable(1, "there is no caption in it")
    if len(cues) > MAX_CUES:
        raise SubtitlesUnreadable(blocks[MAX_CUES].line, "there are too many captions")
    return sorted((cue for cue in cues if cue.text), key=lambda cue: cue.start_s)


def _text_of(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SubtitlesUnreadable(line, "it is not in UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    begins = True
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            begins = True
        elif begins:
            blocks.append(_Block(number, [line.strip()]))
            begins = False
        else:
            blocks[-1].lines.append(line.strip())
    return blocks


def _is_webvtt_header(line: str) -> bool:
    return line == "WEBVTT" or line.startswith(("WEBVTT ", "WEBVTT\t"))


def _is_no_cue(block: _Block) -> bool:
    return block.lines[0].split(None, 1)[0].rstrip(":") in _NO_CUES


def _cue(block: _Block) -> Cue:
    # The first line may be a name or number of the caption.
    at = 0 if "-->" in block.lines[0] else 1
    timing = _TIMING.fullmatch(block.lines[at]) if at < len(block.lines) else None
    if timing is None:
        raise SubtitlesUnreadable(
            block.line + min(at, len(block.lines) - 1),
            "a time like 00:01:02.345 --> 00:01:04.000 is expected",
        )
    start_s, end_s = _seconds(timing.groups()[:4]), _seconds(timing.groups()[4:])
    if not start_s < end_s <= MAX_TIME_S:
        raise SubtitlesUnreadable(block.line + at, "a caption ends after it begins")
    return Cue(start_s=start_s, end_s=end_s, text=_plain(block.lines[at + 1 :]))


def _seconds(clock: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, ms = (int(part or 0) for part in clock)
    return hours * 3600 + minutes * 60 + seconds + ms / 1000


def _plain(lines: list[str]) -> str:
    """Return the text without tags and characters that are not seen."""
    bare = (html.unescape(_TAG.sub("", line)) for line in lines)
    seen = ("".join(letter for letter in line if letter >= " ").strip() for line in bare)
    return "\n".join(line for line in seen if line)
