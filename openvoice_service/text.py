"""From a script as typed to sentences that can be spoken.

A sentence keeps its original text, which captions show, beside the normalised one, which the
base voice reads.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from openvoice_service.markup import (
    Break,
    MarkedText,
    MarkupError,
    cut_line,
    cut_text,
    marked_line,
    require_short_breaks,
    unmarked_line,
)
from openvoice_service.problems import Problem, invalid, markup_refused
from openvoice_service.readings import Reading

LANGUAGES = ("ja", "en", "zh", "ko", "es", "fr")
# A base voice reads longer sentences too, but progress, cache and captions want pieces.
MAX_SENTENCE_CHARACTERS = 160
_WIDE_ENDS = "。！？｡"
_CLOSERS = "」』）)】”’\"'»"
_CLAUSE_MARKS = "、，,;；:：—–"
_ABBREVIATIONS = frozenset(
    (
        *("mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "vs", "etc", "e.g", "i.e"),
        *("approx", "inc", "ltd", "co", "m", "mme", "mlle", "sra", "dra"),
    )
)


@dataclass(frozen=True)
class Delivery:
    """How a sentence is said: factors of the usual way; `pitch` in semitones.

    pause_after_s: silence between its speech and what follows; None is the usual
    voice, base_voice: who says it and who reads it, as they are asked for; None for the script's
    """

    speed: float = 1.0
    pitch: float = 0.0
    intonation: float = 1.0
    volume: float = 1.0
    pause_after_s: float | None = None
    voice: str | None = None
    base_voice: str | None = None

    @property
    def said_by(self) -> tuple[str | None, str | None]:
        """Return whose voice is asked for: (voice, base voice)."""
        return self.voice, self.base_voice


AS_USUAL = Delivery()


@dataclass(frozen=True)
class Sentence:
    """`text` as typed, `spoken` as it is read.

    reading:  how a Japanese sentence is to be read, where that is not left to the base voice
    marked:   `text` with its marks, as it stands in the script
    emphases: (begin, end) in `spoken` of what is stressed
    breaks:   silences within the speech, their places in `spoken`
    silence_before_s, silence_after_s: those at its edges; None is the usual pause
    """

    text: str
    spoken: str
    reading: Reading | None = None
    delivery: Delivery = AS_USUAL
    marked: MarkedText | None = None
    emphases: tuple[tuple[int, int], ...] = ()
    breaks: tuple[Break, ...] = ()
    silence_before_s: float = 0.0
    silence_after_s: float | None = None

    @property
    def source(self) -> str:
        """Return the sentence as it stands in the script: by this, wishes for it are found."""
        return self.marked.source if self.marked is not None else self.text


def split_script(script: str, language: str, *, has_markup: bool = False) -> list[Sentence]:
    """Return the sentences of `script` that can be spoken.

    has_markup: whether its stars and brackets are signs of openvoice_service.markup
    raises: Problem `script_empty`, `script_unspeakable`, `markup_unclosed`, `break_unreadable`
    """
    if not script.strip():
        raise invalid("input", "script_empty", "There is no text.", "Send a text to speak.")
    texts = _marked_texts(script) if has_markup else _texts(script)
    sentences = [_sentence(text, language) for text in texts]
    spoken = _with_silences(sentences)
    if not spoken:
        raise invalid(
            "input", "script_unspeakable", "There is nothing in the text that can be spoken.",
            "Add words: emoji and punctuation have no sound.",
        )  # fmt: skip
    return spoken


def _texts(script: str) -> list[MarkedText]:
    lines = [unmarked_line(line) for line in script.splitlines()]
    texts = [text for line in lines for text in cut_line(line, _spans(line.text))]
    return [part for text in texts if text.text for part in _cut_long(text)]


def _marked_texts(script: str) -> list[MarkedText]:
    lines = [marked_line(line) for line in script.splitlines()]
    try:
        texts = [text for line in lines for text in cut_line(line, _spans(line.text))]
        require_short_breaks(texts)
    except MarkupError as error:
        raise markup_refused(error) from error
    return [part for text in texts for part in _cut_long(text)]


def is_speakable(text: str) -> bool:
    """Return whether anything in `text` has a sound."""
    return any(unicodedata.category(letter)[0] in "LN" for letter in text)


# --- what is marked -------------------------------------------------------------------------


def _sentence(marked: MarkedText, language: str) -> Sentence:
    spoken = normalise(marked.text, language)
    plain = Sentence(marked.text, spoken, marked=marked)
    if not (marked.emphases or marked.breaks):
        return plain

    def place(at: int) -> int:
        return _spoken_place(marked.text, spoken, at, language)

    emphases = tuple((place(begin), place(end)) for begin, end in marked.emphases)
    breaks = [Break(place(one.at), one.length_s) for one in marked.breaks]
    before = [one.length_s for one in breaks if not is_speakable(spoken[: one.at])]
    after = [one.length_s for one in breaks if not is_speakable(spoken[one.at :])]
    if not is_speakable(spoken):
        before = []
    inner = _joined_breaks(breaks[len(before) : len(breaks) - len(after)], spoken)
    return replace(
        plain,
        emphases=tuple(one for one in emphases if is_speakable(spoken[one[0] : one[1]])),
        breaks=inner,
        silence_before_s=sum(before),
        silence_after_s=sum(after) if after else None,
    )


def _spoken_place(text: str, spoken: str, at: int, language: str) -> int:
    """Return where in the spoken text stands what begins at `at` of the original."""
    before = normalise(text[:at], language)
    if spoken.startswith(before):
        return len(before)
    after = normalise(text[at:], language)
    return len(spoken) - len(after) if spoken.endswith(after) else min(at, len(spoken))


def _joined_breaks(breaks: Sequence[Break], spoken: str) -> tuple[Break, ...]:
    """Return the breaks, one where nothing sounds between two."""
    joined: list[Break] = []
    for one in breaks:
        if joined and not is_speakable(spoken[joined[-1].at : one.at]):
            joined[-1] = Break(joined[-1].at, joined[-1].length_s + one.length_s)
        else:
            joined.append(one)
    return tuple(joined)


def _with_silences(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences that sound; silences between two belong to the first of them."""
    spoken: list[Sentence] = []
    first_s = 0.0
    for sentence in sentences:
        lead_s, trail_s = sentence.silence_before_s, sentence.silence_after_s
        if spoken:
            spoken[-1] = _longer_silence(spoken[-1], lead_s)
        else:
            first_s += lead_s
        if is_speakable(sentence.spoken):
            spoken.append(replace(sentence, silence_before_s=0.0))
        elif spoken:
            spoken[-1] = _longer_silence(spoken[-1], trail_s or 0.0)
        else:
            first_s += trail_s or 0.0
    return [replace(spoken[0], silence_before_s=first_s), *spoken[1:]] if spoken else []


def _longer_silence(sentence: Sentence, by_s: float) -> Sentence:
    if not by_s:
        return sentence
    return replace(sentence, silence_after_s=(sentence.silence_after_s or 0.0) + by_s)


# --- sentences ------------------------------------------------------------------------------


def _spans(line: str) -> list[tuple[int, int]]:
    """Return where each sentence of a line begins and ends, without the blanks around it."""
    spans, start, index = [], 0, 0
    while index < len(line):
        if _ends_sentence(line, index):
            index = _past_closers(line, index + 1)
            spans.append(_stripped(line, start, index))
            start = index
        else:
            index += 1
    spans.append(_stripped(line, start, len(line)))
    return [(begin, end) for begin, end in spans if begin < end]


def _stripped(line: str, start: int, end: int) -> tuple[int, int]:
    piece = line[start:end]
    begin = start + len(piece) - len(piece.lstrip())
    return begin, max(begin, start + len(piece.rstrip()))


def _ends_sentence(line: str, index: int) -> bool:
    letter = line[index]
    if letter in _WIDE_ENDS or letter in "!?…":
        return index + 1 >= len(line) or line[index + 1] not in "。！？!?…."
    if letter != ".":
        return False
    following = line[index + 1 : index + 2]
    if following and following not in _CLOSERS and not following.isspace():
        return False  # a decimal, an address, an ellipsis that goes on
    before = re.search(r"(\S+)$", line[:index])
    word = before[1].lower().lstrip("(\"'") if before else ""
    rest = line[index + 1 :].strip()
    is_initial = len(word) == 1 and word.isalpha()
    is_numbered = word in ("no", "vol", "p", "pp") and rest[:1].isdigit()
    return not (word in _ABBREVIATIONS or is_initial or is_numbered) or not rest


def _past_closers(line: str, index: int) -> int:
    while index < len(line) and line[index] in _CLOSERS:
        index += 1
    return index


def _cut_long(marked: MarkedText) -> list[MarkedText]:
    """Cut a sentence that is too long at the clause mark or space nearest to its middle."""
    text = marked.text
    if len(text) <= MAX_SENTENCE_CHARACTERS:
        return [marked]
    middle = len(text) // 2
    marks = [i + 1 for i, letter in enumerate(text[:-1]) if letter in _CLAUSE_MARKS]
    spaces = [i + 1 for i, letter in enumerate(text[:-1]) if letter.isspace()]
    near = [i for i in marks if abs(i - middle) < len(text) // 3] or marks or spaces or [middle]
    # Half of what is stressed would have no end.
    outside = [i for i in near if not any(b < i < e for b, e in marked.emphases)]
    cut = min(outside or near, key=lambda position: abs(position - middle))
    parts = cut_text(marked, cut)
    return [piece for part in parts if part.text for piece in _cut_long(part)]


# --- normalisation --------------------------------------------------------------------------


def normalise(text: str, language: str) -> str:
    """Return `text` as a base voice should read it."""
    plain = unicodedata.normalize("NFKC", _without_pictures(text))
    plain = re.sub(r"https?://(?:www\.)?([^\s/?#]+)\S*", _say_host(language), plain)
    for pattern, replacement in _RULES.get(language, _COMMON_RULES):
        plain = re.sub(pattern, replacement, plain)
    return " ".join(plain.split())


def _without_pictures(text: str) -> str:
    """Drop emoji, marks that join them, controls, and characters that mean nothing alone."""
    kept = []
    for letter in text:
        category = unicodedata.category(letter)
        if category in ("Cf", "Cc", "Co", "Cs", "Cn") or letter in "\ufe0e\ufe0f\u20e3":
            kept.append(" " if letter in "\t\n\r" else "")
        elif category in ("So", "Sk") and letter not in _SPOKEN_SYMBOLS:
            kept.append("")
        else:
            kept.append(letter)
    return "".join(kept)


_SPOKEN_SYMBOLS = frozenset("°℃℉№㎏㎞㎝㎜㎡㍍㌔㌘㍑①②③④⑤⑥⑦⑧⑨⑩゛゜㈱㈲℡")


def _say_host(language: str) -> Callable[[re.Match[str]], str]:
    dot = {"ja": "ドット", "zh": "点", "ko": "점", "es": " punto ", "fr": " point "}.get(
        language, " dot "
    )
    return lambda match: match[1].replace(".", dot)


def _ungroup(match: re.Match[str]) -> str:
    return match[0].replace(",", "")


Rule = tuple[str, str | Callable[[re.Match[str]], str]]

_COMMON_RULES: list[Rule] = [
    (r"\d{1,3}(?:,\d{3})+", _ungroup),
    (r"[*_~`|<>{}\[\]^\\]+", " "),
    (r"([!?])\1+", r"\1"),
]
_JA_UNITS = {
    "km": "キロメートル", "cm": "センチメートル", "mm": "ミリメートル", "kg": "キログラム",
    "ml": "ミリリットル", "m": "メートル", "g": "グラム", "L": "リットル", "GB": "ギガバイト",
    "MB": "メガバイト", "kWh": "キロワットアワー",
}  # fmt: skip
_UNIT_PATTERN = "|".join(sorted(_JA_UNITS, key=len, reverse=True))
_JA_RULES: list[Rule] = [
    *_COMMON_RULES[:1],
    (r"(?<!\d)(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?!\d)", r"\1年\2月\3日"),
    (r"(?<![\d/])(\d{1,2})/(\d{1,2})(?![\d/])", r"\1月\2日"),
    (r"(?<!\d)(\d{1,2}):00(?!\d)", r"\1時"),
    (r"(?<!\d)(\d{1,2}):0?(\d{1,2})(?!\d)", r"\1時\2分"),
    (r"[¥￥](\d+(?:\.\d+)?)", r"\1円"),
    (r"\$(\d+(?:\.\d+)?)", r"\1ドル"),
    (r"€(\d+(?:\.\d+)?)", r"\1ユーロ"),
    (rf"(?<=\d)\s*({_UNIT_PATTERN})(?![A-Za-z])", lambda match: _JA_UNITS[match[1]]),
    (r"(?<=\d)\s*(?:°C|℃)", "度"),
    (r"%", "パーセント"),
    (r"&", "アンド"),
    (r"@", "アットマーク"),
    (r"#(?=\w)", "シャープ"),
    (r"(?<=\d)\s*[~〜～]\s*(?=\d)", "から"),
    (r"(?<=\d)\s*\+\s*(?=\d)", "たす"),
    (r"(?<=\d)\s*[x×]\s*(?=\d)", "かける"),
    (r"[~〜～]+", "ー"),
    (r"[「」『』“”\"（）()【】]+", " "),
    (r"(?:\.{3,}|…+|‥+)", "、"),
    *_COMMON_RULES[1:],
    # Open JTalk reads a space as a pause; between Japanese characters it is none.
    (r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", ""),
]
_EN_RULES: list[Rule] = [
    *_COMMON_RULES,
    (r"&", " and "),
    (r"(?<=\d)\s*°C", " degrees Celsius"),
    (r"(?<=\d)\s*°F", " degrees Fahrenheit"),
    (r"\$(\d+(?:\.\d+)?)", r"\1 dollars"),
    (r"£(\d+(?:\.\d+)?)", r"\1 pounds"),
    (r"€(\d+(?:\.\d+)?)", r"\1 euros"),
    (r"[¥￥](\d+(?:\.\d+)?)", r"\1 yen"),
    (r"(?<!\d)(\d{1,2}):00(?!\d)", r"\1 o'clock"),
    (r"(?<!\d)(\d{1,2}):0(\d)(?!\d)", r"\1 oh \2"),
    (r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)", r"\1 \2"),
    (r"(?:\.{3,}|…+)", ", "),
]
_RULES: dict[str, list[Rule]] = {"ja": _JA_RULES, "en": _EN_RULES}


# --- language -------------------------------------------------------------------------------

_STOP_WORDS = {
    "en": frozenset(("the", "and", "is", "are", "you", "to", "of", "for", "it", "this", "happy")),
    "es": frozenset(("el", "los", "las", "y", "es", "de", "que", "por", "con", "muy", "feliz")),
    "fr": frozenset(("le", "les", "et", "est", "de", "que", "une", "pour", "avec", "je", "bon")),
}


def known_language(language: str) -> str:
    """Return the primary subtag of a language that is spoken here. Raises Problem."""
    primary = language.split("-", 1)[0].lower()
    if primary not in LANGUAGES:
        raise _unknown_language()
    return primary


def _unknown_language() -> Problem:
    fix = f"Choose one of {', '.join(LANGUAGES)}."
    return invalid("language", "language_unknown", "This language is not spoken here.", fix)


def detect_language(text: str) -> str:
    """Return the likely language, by script first and then by the commonest words."""
    if re.search(r"[\u3041-\u30ff\uff66-\uff9f]", text):
        return "ja"
    if re.search(r"[\uac00-\ud7a3]", text):
        return "ko"
    if re.search(r"[\u4e00-\u9fff]", text):
        return "ja" if _is_japanese_han(text) else "zh"
    words = re.findall(r"[^\W\d_]+", text.lower())
    scores = {name: sum(word in stops for word in words) for name, stops in _STOP_WORDS.items()}
    scores["es"] += len(re.findall(r"[ñ¿¡áíóú]", text.lower()))
    scores["fr"] += len(re.findall(r"[çœèêàùâîô]", text.lower()))
    return max(scores, key=lambda name: (scores[name], name == "en"))


def _is_japanese_han(text: str) -> bool:
    """Return whether Japan's own character set holds it all: simplified Chinese does not fit."""
    han = "".join(re.findall(r"[\u4e00-\u9fff]", text))
    try:
        han.encode("shift_jis")
    except UnicodeEncodeError:
        return False
    return True
