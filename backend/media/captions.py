"""Captions: sentences cut into readable cues at the times their words are heard."""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from pydantic import BaseModel, ConfigDict

from backend.languages import primary_subtag
from backend.speech.spoken import SpokenSentence

# Two lines of 21 full-width or 42 half-width characters, as broadcasters set them.
LINE_WIDTH = 42
# Lines that are cut between words come out a little shorter than they might be.
_LOST_TO_WORDS = 8
CLAUSE_ENDS = "、。，．！？!?,.;:…，。！？；：)）」』"
_SENTENCE_ENDS = set("。．.！？!?…")
_BREATHS = set(" 、。，．！？!?,.;:…；：")
# What no line begins with, and what none ends with (JIS X 4051, kinsoku).
CLOSERS = set(
    "、。，．！？!?,.;:…‥・：；）)］]｝}〕〉》」』】”’»ー～〜々ゝゞヽヾ％%℃"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
OPENERS = set("（([［{｛〔〈《「『【“‘«￥¥$＄£€")
# What belongs to the word before it: a Japanese phrase is a word with its particles and endings.
_ATTACHED = frozenset(
    """
    は が を に へ と で の も や か ね よ な ば ぞ さ わ から まで より
    だけ しか など ので のに けど けれど けれども って て た だ です でし でした
    ます まし ました ませ ん う たい ない なく なかっ なけれ れ れる られ られる
    せ せる させ させる し する い いる ちゃ じゃ ちゃん さん くん さま 様 たち
    つつ ながら ても でも では には とは にも こそ さえ すら ほど くらい ぐらい
    らしい よう そう ください くださる ましょ てる
    """.split()  # noqa: SIM905 - read as a text
)


# How long whoever reads along sees whose voice it was, after the last word.
CREDIT_S = 2.0
_CREDIT_WORDS = {"ja": "音声：{}"}


class Cue(BaseModel):
    """One caption; `text` has at most two lines."""

    model_config = ConfigDict(frozen=True)

    start_s: float
    end_s: float
    text: str

    def shifted(self, by_s: float) -> "Cue":
        """Return the same caption later by `by_s` seconds."""
        return Cue(start_s=self.start_s + by_s, end_s=self.end_s + by_s, text=self.text)


@dataclass(frozen=True)
class Piece:
    """A word with what stands between it and the next one."""

    text: str
    start_s: float
    end_s: float

    @property
    def width(self) -> int:
        """Its width in half-width columns."""
        return text_width(self.text)

    @property
    def ends_clause(self) -> bool:
        """Whether one would breathe after it."""
        return self.text.rstrip()[-1:] in CLAUSE_ENDS

    def with_next(self, other: "Piece") -> "Piece":
        """Return both as one."""
        return Piece(self.text + other.text, self.start_s, other.end_s)


@dataclass(frozen=True)
class SetCue:
    """A caption before it is written: its lines are still made of the words."""

    start_s: float
    end_s: float
    lines: tuple[tuple[Piece, ...], ...]


def text_width(text: str) -> int:
    """Return the width in half-width columns."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)


def cues_of_sentence(sentence: SpokenSentence) -> list[Cue]:
    """Cut a sentence into cues of at most two lines, at clause ends where it can."""
    return [
        Cue(start_s=cue.start_s, end_s=cue.end_s, text="\n".join(map(_text, cue.lines)))
        for cue in set_sentence(sentence)
    ]


def set_sentence(sentence: SpokenSentence, line_width: int = LINE_WIDTH) -> list[SetCue]:
    """Do the same and keep the words apart; no line is wider than `line_width` columns."""
    groups = _groups(_phrases(_pieces(sentence), line_width), line_width)
    cues = []
    for index, group in enumerate(groups):
        start_s = sentence.start_s if index == 0 else group[0].start_s
        end_s = sentence.end_s if index == len(groups) - 1 else group[-1].end_s
        if _text(group):
            lines = tuple(tuple(line) for line in _in_lines(group, line_width))
            cues.append(SetCue(start_s, max(end_s, start_s + 0.04), lines))
    return cues


def narrow_text(text: str, columns: int) -> str:
    """Return a caption's text as it is, or without its breaks where a line is too wide."""
    lines = [line.strip() for line in text.split("\n")]
    if all(text_width(line) <= columns for line in lines):
        return "\n".join(lines)
    return reduce(_joined, lines)


def credit_cue(credit: str, language: str | None, start_s: float, end_s: float) -> Cue:
    """Return the last caption: whose voice was heard, where its terms ask for that."""
    words = _CREDIT_WORDS.get(primary_subtag(language or ""), "Voice: {}")
    return Cue(start_s=start_s, end_s=max(end_s, start_s + 0.04), text=words.format(credit))


def _pieces(sentence: SpokenSentence) -> list[Piece]:
    """Return the sentence's own text, cut where its words begin."""
    text = " ".join(sentence.text.split())
    starts = _word_starts(text, sentence)
    if not starts:
        return _even_pieces(text, sentence)
    starts[0] = (0, starts[0][1], starts[0][2])
    ends = [start for start, _, _ in starts[1:]] + [len(text)]
    return [
        Piece(text[start:end], start_s, end_s)
        for (start, start_s, end_s), end in zip(starts, ends, strict=True)
    ]


def _word_starts(text: str, sentence: SpokenSentence) -> list[tuple[int, float, float]]:
    starts: list[tuple[int, float, float]] = []
    cursor = 0
    for word in sentence.words:
        bare = word.text.strip()
        found = text.find(bare, cursor) if bare else -1
        if found < 0:
            continue
        starts.append((found, word.start_s, word.end_s))
        cursor = found + len(bare)
    return starts


def _even_pieces(text: str, sentence: SpokenSentence) -> list[Piece]:
    """Share the sentence's time out by length, where no word times are known."""
    parts = text.split(" ") if " " in text else list(text)
    parts = [part + " " for part in parts] if " " in text else parts
    total = max(sum(map(len, parts)), 1)
    length_s = sentence.end_s - sentence.start_s
    pieces, seen = [], 0
    for part in parts:
        start_s = sentence.start_s + length_s * seen / total
        seen += len(part)
        pieces.append(Piece(part, start_s, sentence.start_s + length_s * seen / total))
    return pieces


def _phrases(pieces: Sequence[Piece], line_width: int) -> list[Piece]:
    """Join particles and endings to their word, and cut what is wider than a line."""
    phrases: list[Piece] = []
    for piece in pieces:
        joined = phrases[-1].with_next(piece) if phrases else None
        if joined is not None and _belongs(phrases[-1], piece) and joined.width <= line_width:
            phrases[-1] = joined
        else:
            phrases.extend(_narrow_parts(piece, line_width))
    return phrases


def _belongs(before: Piece, piece: Piece) -> bool:
    bare = piece.text.strip("".join(CLOSERS) + " ")
    # After a closing quote a particle belongs to what is quoted.
    is_apart = before.text[-1:] in _BREATHS
    return not is_apart and bare in _ATTACHED


def _narrow_parts(piece: Piece, line_width: int) -> list[Piece]:
    """Cut a word that no line could hold, such as an address; its time is shared out by length."""
    if text_width(piece.text.rstrip()) <= line_width:
        return [piece]
    letters = max(line_width // 2, 1)
    # A clause that was aligned as one is cut between its words.
    texts = re.findall(rf".{{1,{letters}}}(?:\s+|$)|.{{1,{letters}}}", piece.text)
    each_s = (piece.end_s - piece.start_s) / len(piece.text)
    ends = list(itertools.accumulate(map(len, texts), initial=0))
    return [
        Piece(text, piece.start_s + begin * each_s, piece.start_s + end * each_s)
        for text, (begin, end) in zip(texts, itertools.pairwise(ends), strict=True)
    ]


def _groups(pieces: Sequence[Piece], line_width: int) -> list[list[Piece]]:
    """Cut into as few groups as fit on two lines, of even width, at the nearest clause end."""
    if len(pieces) < 2 or _fits_two_lines(pieces, line_width):
        return [list(pieces)]
    parts = max(2, -(-_width(pieces) // (2 * line_width - _LOST_TO_WORDS)))
    cut = _best_cut(pieces, range(1, len(pieces)), (parts // 2) / parts)
    return [*_groups(pieces[:cut], line_width), *_groups(pieces[cut:], line_width)]


def _fits_two_lines(pieces: Sequence[Piece], line_width: int) -> bool:
    width = _width(pieces)
    if width > 2 * line_width + 1:
        return False
    return width <= line_width or bool(_fitting_cuts(pieces, line_width))


def _fitting_cuts(pieces: Sequence[Piece], line_width: int) -> list[int]:
    return [
        cut
        for cut in range(1, len(pieces))
        if max(_width(pieces[:cut]), _width(pieces[cut:])) <= line_width
    ]


def _best_cut(pieces: Sequence[Piece], cuts: Iterable[int], share: float) -> int:
    """Return where to cut so that about `share` of the width comes before."""
    seen = list(itertools.accumulate(piece.width for piece in pieces))

    def cost(cut: int) -> float:
        before, after = pieces[cut - 1], pieces[cut]
        unevenness = abs(seen[cut - 1] / max(seen[-1], 1) - share)
        # No line begins with a full stop or ends with an opening quote.
        is_awkward = after.text[:1] in CLOSERS or before.text.rstrip()[-1:] in OPENERS
        return unevenness + (1.0 if is_awkward else 0.0) - (0.25 if before.ends_clause else 0.0)

    return min(cuts, key=cost)


def _in_lines(group: Sequence[Piece], line_width: int) -> list[Sequence[Piece]]:
    if _width(group) <= line_width or len(group) < 2:
        return [group]
    cuts = _fitting_cuts(group, line_width) or range(1, len(group))
    cut = _best_cut(group, cuts, 0.5)
    return [group[:cut], group[cut:]]


def _text(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text for piece in pieces).strip()


def _width(pieces: Sequence[Piece]) -> int:
    return text_width(_text(pieces))


# --- files ----------------------------------------------------------------------------------


def as_webvtt(cues: Sequence[Cue]) -> str:
    """Return the captions as WebVTT (W3C, section 4)."""
    blocks = [
        f"{index}\n{_clock(cue.start_s, '.')} --> {_clock(cue.end_s, '.')}\n{_escaped(cue.text)}\n"
        for index, cue in enumerate(cues, start=1)
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def as_subrip(cues: Sequence[Cue]) -> str:
    """Return the captions as SubRip, from which the MP4's soft track is made."""
    blocks = [
        f"{index}\n{_clock(cue.start_s, ',')} --> {_clock(cue.end_s, ',')}\n{_tagless(cue.text)}\n"
        for index, cue in enumerate(cues, start=1)
    ]
    return "\n".join(blocks)


def as_text(cues: Sequence[Cue]) -> str:
    """Return what is said as plain text, a sentence a line."""
    lines = [""]
    for part in (line for cue in cues for line in cue.text.split("\n")):
        if lines[-1][-1:] in _SENTENCE_ENDS:
            lines.append(part)
        else:
            lines[-1] = _joined(lines[-1], part)
    return "".join(f"{line}\n" for line in lines if line)


def _joined(before: str, after: str) -> str:
    """Join two lines of a sentence: with a space where its script has any."""
    edges = before[-1:] + after[:1]
    is_spaced = not any(unicodedata.east_asian_width(letter) in "WF" for letter in edges)
    is_korean = any("\uac00" <= letter <= "\ud7a3" for letter in edges)
    return f"{before} {after}" if before and (is_spaced or is_korean) else before + after


def _clock(time_s: float, point: str) -> str:
    total_ms = round(max(time_s, 0) * 1000)
    minutes, ms = divmod(total_ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{ms // 1000:02}{point}{ms % 1000:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _tagless(text: str) -> str:
    # SubRip has no escape: what looks like a tag would be taken for one.
    return text.replace("<", "‹").replace(">", "›").replace("{", "(").replace("}", ")")
