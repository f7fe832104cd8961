"""Captions: sentences cut into readable cues at the times their words are heard."""

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from backend.languages import primary_subtag
from backend.speech import SpokenSentence

# Two lines of 21 full-width or 42 half-width characters, as broadcasters set them.
LINE_WIDTH = 42
# What two lines hold when they are not cut in the middle of a word.
_GROUP_WIDTH = 2 * LINE_WIDTH - 8
CLAUSE_ENDS = "、。，．！？!?,.;:…，。！？；：)）」』"
CLOSERS = set("、。，．！？!?,.;:…）)」』】”’ー々ぁぃぅぇぉっゃゅょ")


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
class _Piece:
    """A word with what stands between it and the next one."""

    text: str
    start_s: float
    end_s: float

    @property
    def width(self) -> int:
        return text_width(self.text)

    @property
    def ends_clause(self) -> bool:
        return self.text.rstrip()[-1:] in CLAUSE_ENDS


def text_width(text: str) -> int:
    """Return the width in half-width columns."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)


def cues_of_sentence(sentence: SpokenSentence) -> list[Cue]:
    """Cut a sentence into cues of at most two lines, at clause ends where it can."""
    pieces = _pieces(sentence)
    groups = _groups(pieces)
    cues = []
    for index, group in enumerate(groups):
        start_s = sentence.start_s if index == 0 else group[0].start_s
        end_s = sentence.end_s if index == len(groups) - 1 else group[-1].end_s
        text = _in_lines(group)
        if text:
            cues.append(Cue(start_s=start_s, end_s=max(end_s, start_s + 0.04), text=text))
    return cues


def credit_cue(credit: str, language: str | None, start_s: float, end_s: float) -> Cue:
    """Return the last caption: whose voice was heard, where its terms ask for that."""
    words = _CREDIT_WORDS.get(primary_subtag(language or ""), "Voice: {}")
    return Cue(start_s=start_s, end_s=max(end_s, start_s + 0.04), text=words.format(credit))


def _pieces(sentence: SpokenSentence) -> list[_Piece]:
    """Return the sentence's own text, cut where its words begin."""
    text = " ".join(sentence.text.split())
    starts = _word_starts(text, sentence)
    if not starts:
        return _even_pieces(text, sentence)
    starts[0] = (0, starts[0][1], starts[0][2])
    ends = [start for start, _, _ in starts[1:]] + [len(text)]
    return [
        _Piece(text[start:end], start_s, end_s)
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


def _even_pieces(text: str, sentence: SpokenSentence) -> list[_Piece]:
    """Share the sentence's time out by length, where no word times are known."""
    parts = text.split(" ") if " " in text else list(text)
    parts = [part + " " for part in parts] if " " in text else parts
    total = max(sum(map(len, parts)), 1)
    length_s = sentence.end_s - sentence.start_s
    pieces, seen = [], 0
    for part in parts:
        start_s = sentence.start_s + length_s * seen / total
        seen += len(part)
        pieces.append(_Piece(part, start_s, sentence.start_s + length_s * seen / total))
    return pieces


def _groups(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Cut into as few groups as fit on two lines, of even width, at the nearest clause end."""
    if len(pieces) < 2 or _fits_two_lines(pieces):
        return [list(pieces)]
    parts = max(2, -(-_width(pieces) // _GROUP_WIDTH))
    cut = _best_cut(pieces, (parts // 2) / parts)
    return [*_groups(pieces[:cut]), *_groups(pieces[cut:])]


def _fits_two_lines(pieces: Sequence[_Piece]) -> bool:
    width = _width(pieces)
    if width > 2 * LINE_WIDTH + 1:
        return False
    return width <= LINE_WIDTH or any(_overflow(pieces, cut) == 0 for cut in range(1, len(pieces)))


def _overflow(pieces: Sequence[_Piece], cut: int) -> int:
    """Return by how much the wider of two lines is too wide."""
    return max(_width(pieces[:cut]) - LINE_WIDTH, _width(pieces[cut:]) - LINE_WIDTH, 0)


def _best_cut(pieces: Sequence[_Piece], share: float) -> int:
    """Return where to cut so that about `share` of the width comes before."""
    seen = list(itertools.accumulate(piece.width for piece in pieces))

    def cost(cut: int) -> float:
        unevenness = abs(seen[cut - 1] / max(seen[-1], 1) - share)
        # No line begins with a full stop.
        awkward = 1.0 if pieces[cut].text[:1] in CLOSERS else 0.0
        return unevenness + awkward - (0.25 if pieces[cut - 1].ends_clause else 0.0)

    return min(range(1, len(pieces)), key=cost)


def _in_lines(group: Sequence[_Piece]) -> str:
    if _width(group) <= LINE_WIDTH or len(group) < 2:
        return _text(group)
    fitting = [cut for cut in range(1, len(group)) if _overflow(group, cut) == 0]
    cut = _best_cut(group, 0.5)
    if fitting and cut not in fitting:
        cut = min(fitting, key=lambda other: abs(other - cut))
    return f"{_text(group[:cut])}\n{_text(group[cut:])}"


def _text(pieces: Sequence[_Piece]) -> str:
    return "".join(piece.text for piece in pieces).strip()


def _width(pieces: Sequence[_Piece]) -> int:
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
