"""The few signs of a script that say how it is said: `*emphasis*`, and `[0.8]` for a silence.

Full-width signs mean the same. A backslash before a sign takes it for itself, and so is taken what
cannot be meant as one: a star between blanks or digits (`3 * 4`, `* a point`), brackets around
words (`[memo]`). Emphasis ends in the sentence in which it begins.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

LONGEST_BREAK_S = 5.0
MOST_BREAKS_S = 300.0  # of a whole script
_SIGN = re.compile(
    r"(?P<escape>[\\＼¥￥][*＊\[\]［］])"
    r"|(?P<stars>[*＊]+)"
    r"|(?P<brackets>[\[［][^\[\]［］]{1,24}[\]］])"
    r"|(?P<open>[\[［]\s*[-+−]?[\d.]+)"
)
# What stands between brackets where a number is meant, readable or not.
_MEANT = re.compile(r"[-+−]?[\d.,]*\d[\d.,]*\s*(s|sec|secs|seconds?|秒間?|ms|min|分)?", re.I)
_SECONDS = re.compile(r"(\d+|\d*[.,]\d{1,2}|\d*\.\d+|\d+\.)\s*(s|sec|secs|seconds?|秒間?)?", re.I)
_CLOSE = "]］"


class MarkupError(ValueError):
    """A sign that cannot be followed.

    code: a stable name; sentence: the one in which it stands, `at` its place there, from 1
    """

    def __init__(self, code: str, sentence: str, at: int, message: str, fix: str) -> None:
        super().__init__(f"{message} {fix}")
        self.code = code
        self.sentence = sentence
        self.at = at
        self.message = message
        self.fix = fix


@dataclass(frozen=True)
class Break:
    """A silence before place `at` of a text."""

    at: int
    length_s: float


@dataclass(frozen=True)
class MarkedText:
    """A text without its signs.

    source:   how it stands in the script
    emphases: (begin, end) of what is stressed in `text`
    """

    text: str
    source: str
    emphases: tuple[tuple[int, int], ...] = ()
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True)
class _Sign:
    """A star, or a break; where it stands in the line, and before which place of the plain text.

    code: why it is none, in a word; length_s: None for a star
    """

    start: int
    end: int
    at: int
    length_s: float | None = None
    code: str | None = None


@dataclass(frozen=True)
class MarkedLine:
    """A line of a script, its signs taken out; `ranges` are the places of its letters in it."""

    source: str
    text: str
    ranges: tuple[tuple[int, int], ...]
    signs: tuple[_Sign, ...] = ()


def unmarked_line(line: str) -> MarkedLine:
    """Return a line in which no sign means anything."""
    return MarkedLine(line, line, tuple((i, i + 1) for i in range(len(line))))


def marked_line(line: str) -> MarkedLine:
    """Return a line and its signs; whether they can be followed shows when it is cut."""
    text, ranges, signs = "", [], []
    at = 0
    while at < len(line):
        match = _SIGN.match(line, at)
        sign = _sign(line, match, len(text)) if match is not None else None
        if sign is not None:
            signs.append(sign)
            at = _past(line, sign, text)
            continue
        is_escape = match is not None and match["escape"] is not None
        width = 2 if is_escape else len(match[0]) if match and match["stars"] else 1
        letters = line[at + 1 : at + 2] if is_escape else line[at : at + width]
        text += letters
        ranges += [(at, at + 2)] if is_escape else [(at + i, at + i + 1) for i in range(width)]
        at += width
    return MarkedLine(line, text, tuple(ranges), tuple(signs))


def _past(line: str, sign: _Sign, before: str) -> int:
    """Return where the text goes on: of the blanks around a break one is enough."""
    if sign.length_s is None or not (before == "" or before[-1].isspace()):
        return sign.end
    return len(line) - len(line[sign.end :].lstrip())


def _sign(line: str, match: re.Match[str], at: int) -> _Sign | None:
    """Return what the match means, None where it is to be read as it stands."""
    start, end = match.span()
    if match["stars"]:
        return None if _is_own(line, start, end) else _Sign(start, end, at)
    if match["brackets"]:
        inside = unicodedata.normalize("NFKC", match[0][1:-1]).strip()
        if not _MEANT.fullmatch(inside):
            return None
        length_s = _seconds(inside)
        code = None if length_s <= LONGEST_BREAK_S else "break_unreadable"
        return _Sign(start, end, at, length_s, code)
    if match["open"] and not any(close in line[end:] for close in _CLOSE):
        return _Sign(start, end, at, 0.0, "markup_unclosed")
    return None


def _is_own(line: str, start: int, end: int) -> bool:
    before, after = line[max(start - 1, 0) : start], line[end : end + 1]
    is_free = not before.strip() and not after.strip()
    return is_free or (before.isdigit() and after.isdigit())


def _seconds(inside: str) -> float:
    """Return the seconds of a break, infinite where they can't be read."""
    match = _SECONDS.fullmatch(inside)
    return float(match[1].replace(",", ".")) if match is not None else float("inf")


# --- cutting --------------------------------------------------------------------------------


def cut_line(line: MarkedLine, spans: Sequence[tuple[int, int]]) -> list[MarkedText]:
    """Return the sentences of a line with what is marked in them.

    spans: (begin, end) of each sentence in `line.text`, in order
    raises: MarkupError
    """
    spans = spans or [(0, 0)]
    shares: list[list[_Sign]] = [[] for _ in spans]
    here, opened = 0, False
    for sign in line.signs:
        while here + 1 < len(spans) and _is_of_next(sign, spans, here, is_open=opened):
            _require_followed(line, spans[here], shares[here])
            here, opened = here + 1, False
        shares[here].append(sign)
        opened = opened != (sign.length_s is None)
    for span, share in zip(spans, shares, strict=True):
        _require_followed(line, span, share)
    return [_marked(line, span, share) for span, share in zip(spans, shares, strict=True)]


def require_short_breaks(texts: Sequence[MarkedText]) -> None:
    """Raise MarkupError where the silences of a script come to minutes."""
    passed_s = 0.0
    for text in texts:
        passed_s += sum(one.length_s for one in text.breaks)
        if passed_s > MOST_BREAKS_S:
            what = f"Up to “{text.source}” the pauses come to more than {MOST_BREAKS_S:g} s."
            raise MarkupError("break_unreadable", text.source, 1, what, "Take some of them out.")


def _is_of_next(sign: _Sign, spans: Sequence[tuple[int, int]], here: int, *, is_open: bool) -> bool:
    """Return whether a sign stands in the next sentence; between two, a star opens what follows."""
    (_, end), (following, _) = spans[here], spans[here + 1]
    if sign.at > following:
        return True
    return sign.at >= end and sign.length_s is None and not is_open


def _require_followed(line: MarkedLine, span: tuple[int, int], signs: Sequence[_Sign]) -> None:
    source, begin = _source(line, span, signs)
    stars = [sign for sign in signs if sign.length_s is None]
    for sign in signs:
        if sign.code is not None:
            raise _error(sign.code, line, sign, source, begin)
    if len(stars) % 2:
        raise _error("markup_unclosed", line, stars[-1], source, begin)


def _error(code: str, line: MarkedLine, sign: _Sign, source: str, begin: int) -> MarkupError:
    at = sign.start - begin + 1
    written = line.source[sign.start : sign.end]
    if code == "break_unreadable":
        what = f"“{written}” at character {at} of “{source}” is no pause."
        fix = f"Write seconds from 0 to {LONGEST_BREAK_S:g}, as in [0.8], or \\[ for a bracket."
    else:
        what = f"“{written}” at character {at} of “{source}” is not closed."
        sign_itself = "[" if sign.length_s is not None else "*"
        closing = "]" if sign_itself == "[" else "*"
        fix = f"Put {closing} behind it in the same sentence, or write \\{sign_itself}."
    return MarkupError(code, source, at, what, fix)


def _source(line: MarkedLine, span: tuple[int, int], signs: Sequence[_Sign]) -> tuple[str, int]:
    """Return a sentence as it stands in the line, and where it begins there."""
    places = [place for at in span if (place := _place(line, span, at)) is not None]
    starts = [*places[:1], *(sign.start for sign in signs[:1])]
    ends = [*places[1:], *(sign.end for sign in signs[-1:])]
    begin = min(starts, default=0)
    return line.source[begin : max(ends, default=0)], begin


def _place(line: MarkedLine, span: tuple[int, int], at: int) -> int | None:
    begin, end = span
    if begin == end:
        return None
    return line.ranges[begin][0] if at == begin else line.ranges[end - 1][1]


def _marked(line: MarkedLine, span: tuple[int, int], signs: Sequence[_Sign]) -> MarkedText:
    begin, end = span
    inside = [(min(max(sign.at, begin), end) - begin, sign.length_s) for sign in signs]
    stars = [at for at, length_s in inside if length_s is None]
    emphases = zip(stars[::2], stars[1::2], strict=True)
    return MarkedText(
        line.text[begin:end],
        _source(line, span, signs)[0],
        tuple((first, last) for first, last in emphases if last > first),
        tuple(Break(at, length_s) for at, length_s in inside if length_s is not None),
    )


def cut_text(marked: MarkedText, at: int) -> tuple[MarkedText, MarkedText]:
    """Return both parts of a text that is too long for one sentence, blanks at the cut left out."""
    head, tail = marked.text[:at].rstrip(), marked.text[at:].lstrip()
    late = len(marked.text) - len(tail)
    cut = _source_place(marked, at)
    before = MarkedText(
        head,
        marked.source[:cut].strip(),
        tuple((b, min(e, len(head))) for b, e in marked.emphases if b < len(head)),
        tuple(one for one in marked.breaks if one.at < at),
    )
    after = MarkedText(
        tail,
        marked.source[cut:].strip(),
        tuple((max(b - late, 0), e - late) for b, e in marked.emphases if e > late),
        tuple(Break(max(one.at - late, 0), one.length_s) for one in marked.breaks if one.at >= at),
    )
    return before, after


def _source_place(marked: MarkedText, at: int) -> int:
    """Return where letter `at` of the plain text stands in the source."""
    if marked.text == marked.source:
        return at
    line = marked_line(marked.source)
    opening = [
        sign.start
        for sign in line.signs
        if sign.at == at and (sign.length_s is not None or any(b == at for b, _ in marked.emphases))
    ]
    return min([*opening, line.ranges[at][0]])


# --- telling --------------------------------------------------------------------------------


@dataclass(frozen=True)
class TextPart:
    """A stretch of a text, or a silence between two: then `text` is empty."""

    text: str
    is_stressed: bool = False
    pause_s: float | None = None


def parts_of_text(marked: MarkedText) -> list[TextPart]:
    """Return a text in the parts that its marks make of it."""
    borders = {0, len(marked.text), *(at for span in marked.emphases for at in span)}
    borders |= {one.at for one in marked.breaks}
    parts: list[TextPart] = []
    for begin, end in pairwise([*sorted(borders), len(marked.text)]):
        parts += [TextPart("", pause_s=one.length_s) for one in marked.breaks if one.at == begin]
        if begin < end:
            is_stressed = any(first <= begin < last for first, last in marked.emphases)
            parts.append(TextPart(marked.text[begin:end], is_stressed))
    return parts
