"""Which word of the text each mora belongs to.

The engine tells moras without saying where in the text they come from. Open JTalk, which it reads
with too, tells words with their readings; the two sequences are laid beside each other.
"""

import difflib
import re
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from openvoice_service.base_voices.protocol import Mark, MoraSpan

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyopenjtalk

_MORA = re.compile(r"[ァ-ヴー][ァィゥェォャュョヮ]?")
_VOWEL_ROWS = {
    "ア": "アカサタナハマヤラワガザダバパァャヮ",
    "イ": "イキシチニヒミリギジヂビピィ",
    "ウ": "ウクスツヌフムユルグズヅブプヴゥュ",
    "エ": "エケセテネヘメレゲゼデベペェ",
    "オ": "オコソトノホモヨロヲゴゾドボポォョ",
}
_VOWELS = {kana: vowel for vowel, row in _VOWEL_ROWS.items() for kana in row}
_SAME_SOUND = {"ヲ": "オ", "ヂ": "ジ", "ヅ": "ズ"}


@dataclass(frozen=True)
class _Word:
    position: int  # of its first character in the text
    kana: list[str]


def word_marks(text: str, moras: Sequence[MoraSpan]) -> list[Mark]:
    """Return each word of `text` with the time of its moras."""
    words = _read_words(text)
    borders = _borders([kana for word in words for kana in word.kana], [m.kana for m in moras])
    marks: list[Mark] = []
    seen = 0
    for word in words:
        first, last = borders[seen], borders[seen + len(word.kana)]
        seen += len(word.kana)
        if first < len(moras):
            end_s = moras[max(last - 1, first)].end_s
            marks.append(Mark(word.position, moras[first].start_s, end_s))
    return marks


def _read_words(text: str) -> list[_Word]:
    """Return the words that sound, with their readings."""
    found = pyopenjtalk.run_frontend(text, predict_nani=False)
    pieces = [unicodedata.normalize("NFKC", word["string"]) for word in found]
    places = _places("".join(pieces), text)
    words, at = [], 0
    for word, piece in zip(found, pieces, strict=True):
        kana = _with_vowels(_MORA.findall(word["pron"])) if word["mora_size"] > 0 else []
        if kana:
            words.append(_Word(places[min(at, len(places) - 1)], kana))
        at += len(piece)
    return words


def _places(read: str, text: str) -> list[int]:
    """Return for each place in what was read where it stands in the text: figures are rewritten."""
    places: list[int] = []
    matcher = difflib.SequenceMatcher(None, read, text, autojunk=False)
    for tag, begin, end, text_begin, _ in matcher.get_opcodes():
        places += [text_begin + (i if tag == "equal" else 0) for i in range(end - begin)]
    return [*places, len(text)]


def _with_vowels(kana: Sequence[str]) -> list[str]:
    """Return moras as the engine writes them: a long vowel as the vowel that it is."""
    written: list[str] = []
    for mora in kana:
        if mora == "ー" and written:
            written.append(_VOWELS.get(written[-1][-1], mora))
        else:
            written.append(_SAME_SOUND.get(mora, mora))
    return written


def _borders(ours: Sequence[str], theirs: Sequence[str]) -> list[int]:
    """Return for each of our mora borders the engine's; in between where readings differ."""
    if len(ours) == len(theirs):
        return list(range(len(ours) + 1))
    borders: list[int] = []
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    for _, begin, end, first, last in matcher.get_opcodes():
        step = (last - first) / max(end - begin, 1)
        borders += [first + round(i * step) for i in range(end - begin)]
    return [*borders, len(theirs)]
