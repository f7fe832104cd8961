"""A sentence as the network reads it: symbols of sound, and which word each of them is of."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

# A pause lasts about as long as three sounds; stress marks and the gap between words take no time.
_PAUSES = frozenset(",.!?;:…—")
_SILENT = frozenset(' ˈˌ"“”()')
_PAUSE_WEIGHT = 3


class WordSpan(NamedTuple):
    """Where a word lies.

    position:    of its first character in the text that was read
    first, last: in symbols of its clause; fractions where the border is not known exactly
    """

    position: int
    first: float
    last: float


@dataclass(frozen=True)
class Clause:
    """Symbols up to a mark that makes a pause, that mark included, and the words in order."""

    symbols: str
    words: Sequence[WordSpan] = ()

    def __add__(self, other: "Clause") -> "Clause":
        return Clause(
            self.symbols + other.symbols, [*self.words, *other._shifted(len(self.symbols))]
        )

    def cut(self, at: int) -> tuple["Clause", "Clause"]:
        """Return what stands before symbol `at`, and the rest."""
        before = [word for word in self.words if word.first < at]
        after = [word for word in self._shifted(-at) if word.first >= 0]
        return Clause(self.symbols[:at], before), Clause(self.symbols[at:], after)

    def shares(self) -> list[tuple[int, float, float]]:
        """Return (position, begin, end) of each word as parts of the clause's time, 0 to 1."""
        passed = [0.0, *accumulate(map(_weight, self.symbols))]
        whole = passed[-1] or 1.0
        return [
            (word.position, _at(passed, word.first) / whole, _at(passed, word.last) / whole)
            for word in self.words
        ]

    def _shifted(self, by: float) -> list[WordSpan]:
        return [WordSpan(p, first + by, last + by) for p, first, last in self.words]


def _weight(symbol: str) -> int:
    return _PAUSE_WEIGHT if symbol in _PAUSES else int(symbol not in _SILENT)


def _at(passed: Sequence[float], symbol: float) -> float:
    whole = min(int(symbol), len(passed) - 1)
    following = min(whole + 1, len(passed) - 1)
    return passed[whole] + (symbol - whole) * (passed[following] - passed[whole])


def packed(clauses: Sequence[Clause], limit: int) -> list[Clause]:
    """Return the clauses put together to as few as hold at most `limit` symbols each.

    A clause that is too long in itself is cut at its last gap between words that fits.
    """
    parts: list[Clause] = []
    for clause in clauses:
        for part in _cut_long(clause, limit):
            if parts and len(parts[-1].symbols) + len(part.symbols) <= limit:
                parts[-1] += part
            else:
                parts.append(part)
    return parts


def _cut_long(clause: Clause, limit: int) -> list[Clause]:
    parts = []
    while len(clause.symbols) > limit:
        gap = clause.symbols.rfind(" ", 1, limit)
        part, clause = clause.cut(gap + 1 if gap > 0 else limit)
        parts.append(part)
    return [*parts, clause] if clause.symbols else parts
