"""Captions: sentences cut into readable cues at the times their words are heard."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from backend.speech import SpokenSentence

# Two lines of 21 full-width or 42 half-width characters, as broadcasters set them.
LINE_WIDTH = 42
MAX_LINES = 2
CLAUSE_ENDS = "、。，．！？!?,.;:…，。！？；：)）」』"
CLOSERS = set("、。，．！？!?,.;:…）)」』】”’ー々ぁぃぅぇぉっゃゅょ")


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
    groups = _groups(pieces, LINE_WIDTH * MAX_LINES - 4)
    cues = []
    for index, group in enumerate(groups):
        start_s = sentence.start_s if index == 0 else group[0].start_s
        end_s = sentence.end_s if index == len(groups) - 1 else group[-1].end_s
        text = _in_lines(group)
        if text:
            cues.append(Cue(start_s=start_s, end_s=max(end_s, start_s + 0.04), text=text))
    return cues


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


def _groups(pieces: Sequence[_Piece], limit: int) -> list[list[_Piece]]:
    """Cut into as few groups as fit, of even width, moved to the nearest clause end."""
    total = sum(piece.width for piece in pieces)
    if total <= limit or len(pieces) < 2:
        return [list(pieces)]
    cut = _best_cut(pieces, total, -(-total // limit))
    return [*_groups(pieces[:cut], limit), *_groups(pieces[cut:], limit)]


def _best_cut(pieces: Sequence[_Piece], total: int, parts: int) -> int:
    wanted = total * (parts // 2 or 1) / parts
    best, best_cost, seen = 1, float("inf"), 0
    for index, piece in enumerate(pieces[:-1], start=1):
        seen += piece.width
        cost = abs(seen - wanted) / total - (0.25 if piece.ends_clause else 0.0)
        if pieces[index].text[:1] in CLOSERS:
            cost += 1.0  # no cue begins with a full stop
        if cost < best_cost:
            best, best_cost = index, cost
    return best


def _in_lines(group: Sequence[_Piece]) -> str:
    text = "".join(piece.text for piece in group).strip()
    if text_width(text) <= LINE_WIDTH or len(group) < 2:
        return text
    cut = _best_cut(group, sum(piece.width for piece in group), 2)
    first = "".join(piece.text for piece in group[:cut]).strip()
    return first + "\n" + "".join(piece.text for piece in group[cut:]).strip()


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
