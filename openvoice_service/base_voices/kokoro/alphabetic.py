"""English, Spanish and French: eSpeak NG's IPA, as the symbols that Kokoro was taught.

source: misaki 0.7 (hexgrad, Apache-2.0). A two-letter sound, which eSpeak ties with ^, is one
        symbol: capitals for diphthongs, ligatures for affricates. English voices know a flap
        as T, no length marks in American, and British oh as Q.
"""

import re
from collections.abc import Callable, Sequence

from openvoice_service.base_voices.kokoro.reading import Clause, WordSpan

Replacements = Sequence[tuple[str, str]]
Spell = Callable[[str, list[str]], list[str]]

_AFFRICATES = (("d^ʒ", "ʤ"), ("t^ʃ", "ʧ"))
_COMMON: Replacements = (
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^z", "ʣ"), *_AFFRICATES, ("e^ɪ", "A"), ("o^ʊ", "O"),
    ("ə^ʊ", "Q"), ("s^s", "S"), ("t^s", "ʦ"), ("ɔ^ɪ", "Y"),
)  # fmt: skip
_ENGLISH: Replacements = (
    ("ʔˌn\u0329", "tᵊn"), ("ʔn\u0329", "tᵊn"), ("ʔn", "tᵊn"), ("a^ɪ", "I"), ("a^ʊ", "W"),
    *_AFFRICATES, ("e^ɪ", "A"), ("ɔ^ɪ", "Y"), ("ə^l", "ᵊl"), ("\u0303", ""),
    ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("ɚ", "əɹ"), ("ɬ", "l"), ("ʔ", "t"),
    ("ʲ", ""), ("ɾ", "T"), ("n\u0329", "ᵊn"), ("l\u0329", "ᵊl"), ("m\u0329", "ᵊm"),
)  # fmt: skip
_AMERICAN: Replacements = (
    *_ENGLISH, ("o^ʊ", "O"), ("e", "A"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪ^ə", "iə"), ("ː", ""),
    ("o", "ɔ"),
)  # fmt: skip
_BRITISH: Replacements = (
    *_ENGLISH, ("ə^ʊ", "Q"), ("o^ʊ", "Q"), ("e^ə", "ɛː"), ("i^ə", "ɪə"), ("e", "A"), ("o", "ɔ"),
)  # fmt: skip
# eSpeak NG's voice, and what its IPA becomes.
ACCENTS: dict[str, tuple[str, Replacements]] = {
    "en-us": ("en-us", _AMERICAN),
    "en-gb": ("en-gb-x-rp", _BRITISH),
    "es": ("es", _COMMON),
    "fr": ("fr", _COMMON),
}

# Where a clause ends: marks before a space or the end, so that 3.5 and 10:30 stay whole.
_MARK = re.compile(r"([,.!?;:…—–]+)[\"'”’»)]*(?=\s|$)|\s[—–-]+\s|[()\"“”«»¿¡]+|—")
_SYMBOL_OF_MARK = {"–": "—", "-": "—"}
_PAUSING = frozenset(",.!?;:…—")


def read_alphabetic(text: str, accent: str, spell: Spell) -> list[Clause]:
    """Return the clauses of a normalised sentence.

    spell: gives eSpeak NG's IPA of each text in a voice, sounds of two letters tied with ^

    Where one word ends in a clause's IPA is not known, since eSpeak NG joins and parts words: each
    gets a share by the symbols that it has when it stands alone.
    """
    voice, replacements = ACCENTS[accent]
    clauses = _split(text)
    words = [word for clause, _, _ in clauses for word in clause.split()]
    answer = spell(voice, [clause for clause, _, _ in clauses] + words)
    symbols = [to_symbols(ipa, replacements) for ipa in answer]
    alone = iter(symbols[len(clauses) :])
    read = []
    for (clause, start, mark), said in zip(clauses, symbols[: len(clauses)], strict=True):
        lengths = [len(next(alone)) for _ in clause.split()]
        if said:
            pause = f"{' ' if mark == '—' else ''}{mark} "
            read.append(Clause(said + pause, _shared_out(clause, start, len(said), lengths)))
    return read


def to_symbols(ipa: str, replacements: Replacements) -> str:
    """Return what Kokoro calls these sounds."""
    plain = re.sub(r"\([^)]*\)", "", ipa)  # eSpeak NG's notes of a word from another language
    for old, new in replacements:
        plain = plain.replace(old, new)
    return " ".join(plain.replace("^", "").replace("-", "").split())


def _split(text: str) -> list[tuple[str, int, str]]:
    """Return (words, position of the first, mark that follows) of each clause."""
    clauses, start = [], 0
    for match in _MARK.finditer(text):
        mark = match[1] or match[0]
        clauses.append((text[start : match.start()], start, _mark_symbol(mark)))
        start = match.end()
    clauses.append((text[start:], start, ""))
    return [
        (clause.strip(), begin + len(clause) - len(clause.lstrip()), mark)
        for clause, begin, mark in clauses
        if clause.strip()
    ]


def _mark_symbol(mark: str) -> str:
    symbol = mark.strip()[:1]
    symbol = _SYMBOL_OF_MARK.get(symbol, symbol)
    return symbol if symbol in _PAUSING else ""


def _shared_out(clause: str, start: int, length: int, alone: Sequence[int]) -> list[WordSpan]:
    whole, passed = sum(alone) or 1, 0
    spans = []
    for match, own in zip(re.finditer(r"\S+", clause), alone, strict=True):
        first, passed = passed, passed + own
        position = start + match.start()
        spans.append(WordSpan(position, length * first / whole, length * passed / whole))
    return spans
