"""What is written into the picture, as a script in ASS that libass draws.

The script is ours from beginning to end: what people typed gets into it only as text, so that no
part of it can become one of ASS's override tags.
"""

import itertools
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from backend.media.captions import CLOSERS, LINE_WIDTH, OPENERS, SetCue, set_sentence, text_width
from backend.media.fonts import Font
from backend.media.style import BurnedCaptions
from backend.speech.spoken import SpokenSentence

# Shares of the canvas: its shorter side for letters, each side for what is kept free.
EM_SHARE = 0.056
CARD_EM_SHARE, LONG_CARD_EM_SHARE = 0.085, 0.056
SAFE_SHARE = 0.05
_LONG_CARD_COLUMNS = 44
FADE_MS = 400
ACCENT = "#ffc24d"
_INK = "&H00FFFFFF&"
_EDGE, _SHADOW = "&H28181818&", "&H80000000&"
_WORD_JOINER = "\u2060"
# Letters of their own, which no font of ours has: they would be boxes.
_UNDRAWN = re.compile("[\U0001f000-\U0001faff\ufe00-\ufe0f\U000e0000-\U000e0fff]")
_WIDE_LETTERS = re.compile("[MWmw@%—]")
# A word of an alphabet with the space after it, or else a single letter.
_WORD = r"[\x21-\u02af\u0370-\u10ff\uac00-\ud7a3]+ ?"
_WORDS = re.compile(rf"{_WORD}|.")
# Where there is kana, a phrase most often is kanji or katakana with the hiragana after it.
_KANA = re.compile("[\u3041-\u30ff]")
_PHRASES = re.compile(
    rf"[\u3400-\u9fff\uf900-\ufaff々〆\u30a1-\u30ff]+[\u3041-\u309f]*|[\u3041-\u309f]+|{_WORD}|."
)
# What ASS has no way to write, and what turns the reading direction of all that comes after.
_UNWRITTEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}


class Span(BaseModel):
    """A word or phrase and when it is spoken, in seconds of its segment."""

    model_config = ConfigDict(frozen=True)

    text: str
    start_s: float
    end_s: float


class BurnedCue(BaseModel):
    """A caption in the picture, its lines made of spans; times in seconds of its segment."""

    model_config = ConfigDict(frozen=True)

    start_s: float
    end_s: float
    lines: tuple[tuple[Span, ...], ...]

    def shifted(self, by_s: float) -> "BurnedCue":
        """Return the same caption later by `by_s` seconds."""
        return burned_cue(self.start_s + by_s, self.end_s + by_s, [
            [Span(text=span.text, start_s=span.start_s + by_s, end_s=span.end_s + by_s)
             for span in line] for line in self.lines
        ])  # fmt: skip

    def unspoken(self) -> "BurnedCue":
        """Return the same caption as one that is read as a whole."""
        lines = ["".join(span.text for span in line).strip() for line in self.lines]
        return unspoken_cue(self.start_s, self.end_s, lines)


@dataclass(frozen=True)
class Canvas:
    """Where a script is drawn.

    bottom_px: how much below the captions is kept free
    """

    width_px: int
    height_px: int
    bottom_px: int
    language: str
    font: Font
    accent: str = ACCENT

    @property
    def shorter_px(self) -> int:
        """The shorter side."""
        return min(self.width_px, self.height_px)


def caption_columns(width_px: int, height_px: int) -> int:
    """Return how many half-width columns a line may have on a canvas of this size."""
    return min(LINE_WIDTH, _columns(width_px, EM_SHARE * min(width_px, height_px)))


def _columns(width_px: int, em_px: float) -> int:
    # Latin letters are a little wider than half an em; two columns make up for that.
    return int((1 - 2 * SAFE_SHARE) * width_px / (em_px / 2)) - 2


def burned_cues(sentence: SpokenSentence, columns: int) -> list[BurnedCue]:
    """Return the captions of a sentence, in the seconds of the sentence's own times."""
    return [_burned(cue) for cue in set_sentence(sentence, columns)]


def _burned(cue: SetCue) -> BurnedCue:
    return burned_cue(cue.start_s, cue.end_s, [
        [Span(text=piece.text, start_s=piece.start_s, end_s=piece.end_s) for piece in line]
        for line in cue.lines
    ])  # fmt: skip


def burned_cue(start_s: float, end_s: float, lines: Sequence[Sequence[Span]]) -> BurnedCue:
    """Return a caption; times are rounded, so that equal captions are equal in every digit."""
    return BurnedCue(
        start_s=round(start_s, 3),
        end_s=round(end_s, 3),
        lines=tuple(
            tuple(
                Span(text=s.text, start_s=round(s.start_s, 3), end_s=round(s.end_s, 3))
                for s in line
            )
            for line in lines
        ),
    )


def unspoken_cue(start_s: float, end_s: float, lines: Sequence[str]) -> BurnedCue:
    """Return a caption of which no word is ever the one that is spoken."""
    # Its spans begin where it ends.
    spans = [[Span(text=line, start_s=end_s, end_s=end_s)] for line in lines]
    return burned_cue(start_s, end_s, spans)


# --- the script -----------------------------------------------------------------------------


def caption_script(canvas: Canvas, cues: Sequence[BurnedCue], how: BurnedCaptions) -> str:
    """Return the script of these captions; with `word`, what is spoken is in another colour."""
    events = [event for cue in cues for event in _events(cue, how, canvas.accent)]
    return _script(canvas, EM_SHARE, events)


def card_script(canvas: Canvas, text: str, length_s: float) -> str:
    """Return the script of a card, whose text comes and goes softly in the middle."""
    is_long = text_width(text) > _LONG_CARD_COLUMNS
    share = LONG_CARD_EM_SHARE if is_long else CARD_EM_SHARE
    lines = broken(text, _columns(canvas.width_px, share * canvas.shorter_px))
    shown = r"\N".join(map(escaped, lines))
    tags = rf"{{\an5\fad({FADE_MS},{FADE_MS})}}"
    return _script(canvas, share, [_event(0, length_s, tags + shown)])


def _script(canvas: Canvas, em_share: float, events: Sequence[str]) -> str:
    em_px = em_share * canvas.shorter_px
    side_px = round(SAFE_SHARE * canvas.width_px)
    style = (
        f"Style: Text,{canvas.font.family},{em_px * canvas.font.line_height:.1f},{_INK},{_INK},"
        f"{_EDGE},{_SHADOW},0,0,0,0,100,100,0,0,1,{em_px * 0.075:.1f},{em_px * 0.03:.1f},2,"
        f"{side_px},{side_px},{canvas.bottom_px},1"
    )
    return "\n".join((
        "[Script Info]", "ScriptType: v4.00+", f"PlayResX: {canvas.width_px}",
        f"PlayResY: {canvas.height_px}", "WrapStyle: 0", "ScaledBorderAndShadow: yes",
        # By the language, libass has the font show a character in the shape of that country.
        f"Language: {canvas.language}",
        "", "[V4+ Styles]",
        "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, "
        "BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, "
        "BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding",
        style,
        "", "[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
        *events, "",
    ))  # fmt: skip


def _events(cue: BurnedCue, how: BurnedCaptions, accent: str) -> list[str]:
    spans = [span for line in cue.lines for span in line]
    if how != "word" or not spans:
        return [_event(cue.start_s, cue.end_s, _shown(cue, None, accent))]
    starts = [min(max(span.start_s, cue.start_s), cue.end_s) for span in spans]
    edges = [cue.start_s, *starts, cue.end_s]
    return [
        _event(start_s, end_s, _shown(cue, number, accent))
        for number, (start_s, end_s) in zip(
            (None, *range(len(spans))), itertools.pairwise(edges), strict=True
        )
        if end_s > start_s
    ]


def _shown(cue: BurnedCue, spoken: int | None, accent: str) -> str:
    """Return the text of a caption in which the span of this number is in the accent colour."""
    numbers = iter(range(1_000_000))
    lines = [
        "".join(
            _coloured(escaped(text), accent) if next(numbers) == spoken else escaped(text)
            for text in _line_texts(line)
        )
        for line in cue.lines
    ]
    return r"\N".join(lines)


def _line_texts(line: Sequence[Span]) -> list[str]:
    texts = [span.text for span in line]
    return [*texts[:-1], texts[-1].rstrip()] if texts else []


def _coloured(text: str, colour: str) -> str:
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]  # ASS has them the other way round
    return rf"{{\1c&H00{blue}{green}{red}&}}{text}{{\1c{_INK}}}"


def _event(start_s: float, end_s: float, text: str) -> str:
    return f"Dialogue: 0,{_clock(start_s)},{_clock(end_s)},Text,,0,0,0,,{text}"


def _clock(time_s: float) -> str:
    minutes, hundredths = divmod(round(max(time_s, 0) * 100), 6_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{hundredths // 100:02}.{hundredths % 100:02}"


def drawn_text(text: str) -> str:
    """Return what is drawn of text: all but emoji, private letters and what turns directions."""
    flat = _UNDRAWN.sub("", re.sub(r"[\s\u2028\u2029]+", " ", text))
    return "".join(
        letter for letter in flat if unicodedata.category(letter) not in _UNWRITTEN_CATEGORIES
    )


def escaped(text: str) -> str:
    """Return text as ASS has it, so that none of it acts: no tag, no break, no direction."""
    plain = drawn_text(text)
    # A word joiner after each backslash: what comes next is no letter that it could act with.
    plain = plain.replace("\\", f"\\{_WORD_JOINER}")
    return plain.replace("{", r"\{").replace("}", r"\}")


# --- lines of a card ------------------------------------------------------------------------


def broken(text: str, columns: int) -> list[str]:
    """Break text into as few lines as it takes, which are then as even as they can be."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines.extend(_even_lines(" ".join(paragraph.split()), columns))
    return [line for line in lines if line]


def _even_lines(text: str, columns: int) -> list[str]:
    units = _units(text, columns)
    fewest = _greedy_lines(units, columns)
    for width in range(math.ceil(_set_width(text) / max(len(fewest), 1)), columns):
        lines = _greedy_lines(units, width)
        if len(lines) <= len(fewest) and all(_set_width(line) <= columns for line in lines):
            return lines
    return fewest


def _greedy_lines(units: Sequence[str], columns: float) -> list[str]:
    lines = [""]
    for unit in units:
        if lines[-1] and _set_width((lines[-1] + unit).rstrip()) > columns:
            lines.append("")
        lines[-1] += unit
    return [line.strip() for line in lines]


def _units(text: str, columns: int) -> list[str]:
    """Return what is not broken: words, Japanese phrases, else letters with what clings to them."""
    units: list[str] = []
    for found in (_PHRASES if _KANA.search(text) else _WORDS).findall(text):
        fits = _set_width(found) <= columns
        for unit in [found] if fits else list(found):
            clings = unit[0] in CLOSERS or unit == " " or bool(units and units[-1][-1] in OPENERS)
            if units and clings and _set_width(units[-1] + unit) <= columns:
                units[-1] += unit
            else:
                units.append(unit)
    return units


def _set_width(text: str) -> float:
    """Return the width in half-width columns, with the wider letters of the alphabet as such."""
    capitals = sum(letter.isupper() for letter in text)
    return text_width(text) + 0.25 * capitals + 0.6 * len(_WIDE_LETTERS.findall(text))
