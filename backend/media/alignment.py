"""When each sentence of a typed script is heard in a recording, by energy and lengths alone.

No recogniser is asked. Speech is told from pauses by its level; a clause is expected to
take as large a share of all speech as it has of all that is to be said, and its end is looked for
in the pauses near there. The cheapest way through all pauses is found by dynamic programming (as
Gale & Church 1993 align sentences by their lengths, with pauses in place of sentence ends).

What it can't know: words that were left out, added or said twice. Editing is for that.
"""

import array
import bisect
import itertools
import math
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from backend.speech.spoken import SpokenSentence, SpokenWord

HOP_S = 0.01
# A pause shorter than this is a stop consonant; speech shorter than this is a click.
SHORTEST_PAUSE_S, SHORTEST_SPEECH_S = 0.12, 0.06
# Where speech begins, between the quiet and the loud parts of the recording.
ONSET_SHARE, ONSET_BELOW_LOUD_DB = 0.35, 32.0
LEAST_SPEECH_S = 0.3
SILENT_DB = -65.0
# How far a sentence's speech may be from its share: relative spread of speaking rates.
RATE_SPREAD = 0.25
# What a pause is worth in the same currency, and what it costs to end without one.
PAUSE_WORTH = 1.6
NO_PAUSE_COST = {True: 4.0, False: 1.0}  # at the end of a sentence, of a clause
_CANDIDATES = 40
_CLOSERS = "」』）)”\"'"
_ENDS = re.compile(rf"(?:[。．！？!?…]+[{_CLOSERS}]*|\.(?=[\s{_CLOSERS}]|$)[{_CLOSERS}]*|\n+)\s*")
_BREATHS = re.compile(r"[、，,;；:：](?!\d)\s*")


@dataclass(frozen=True)
class Clause:
    """Words that are said in one breath."""

    text: str
    ends_sentence: bool


def split_clauses(script: str) -> list[Clause]:
    """Return the script cut at its sentences' ends and where one breathes."""
    clauses = []
    for sentence in _cut(_ENDS, script):
        parts = [part for part in _cut(_BREATHS, sentence) if _spoken_length(part) > 0]
        clauses += [Clause(part, index == len(parts) - 1) for index, part in enumerate(parts)]
    return clauses


def _cut(ends: re.Pattern[str], text: str) -> list[str]:
    """Return the pieces of `text`, each with the marks that end it and a space where one was."""
    starts = [0, *(found.end() for found in ends.finditer(text)), len(text)]
    pieces = (text[start:end] for start, end in itertools.pairwise(starts))
    return [" ".join(piece.split()) + (" " if piece[-1:].isspace() else "") for piece in pieces]


def _spoken_length(text: str) -> float:
    """Return about how long `text` takes to say, in syllables of a kana each."""
    return sum(map(_letter_length, unicodedata.normalize("NFKC", text)))


def _letter_length(letter: str) -> float:
    name = unicodedata.name(letter, "")
    if name.startswith("CJK UNIFIED"):
        return 1.9  # two kana in most readings
    if name.startswith(("HIRAGANA", "KATAKANA", "HANGUL")):
        return 0.5 if letter in "ゃゅょぁぃぅぇぉャュョァィゥェォ" else 1.0
    if letter.isdigit():
        return 1.6
    if letter.isalpha():
        return 0.42
    return 0.6 if letter in ",、，;；:：" else 0.0  # a breath


# --- speech and pauses ----------------------------------------------------------------------


@dataclass(frozen=True)
class Pause:
    """A silence in the speech, and how much speech there was before it, in seconds."""

    start_s: float
    end_s: float
    spoken_s: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


def levels_db(pcm: bytes, rate_hz: int) -> list[float]:
    """Return the level of each hundredth of a second of 16-bit mono sound, in dB of full scale."""
    samples = array.array("h")
    samples.frombytes(pcm)
    if sys.byteorder == "big":
        samples.byteswap()
    hop = round(rate_hz * HOP_S)
    blocks = (samples[at : at + hop] for at in range(0, len(samples) - hop + 1, hop))
    powers = (sum(sample * sample for sample in block) / hop for block in blocks)
    return [10 * math.log10(power + 1e-3) - 90.31 for power in powers]


def spoken_stretches(levels: Sequence[float]) -> list[tuple[float, float]]:
    """Return from when until when somebody speaks, in seconds."""
    if not levels:
        return []
    ranked = sorted(levels)
    quiet, loud = ranked[len(ranked) // 10], ranked[len(ranked) * 19 // 20]
    onset = max(quiet + ONSET_SHARE * (loud - quiet), loud - ONSET_BELOW_LOUD_DB)
    if loud < SILENT_DB:
        return []
    if loud - quiet < 6:  # no pauses at all, or nothing but noise
        onset = quiet - 1
    runs: list[tuple[float, float]] = []
    at = 0
    for is_speech, group in itertools.groupby(level > onset for level in levels):
        count = len(list(group))
        if is_speech and count * HOP_S >= SHORTEST_SPEECH_S:
            runs.append((at * HOP_S, (at + count) * HOP_S))
        at += count
    return _without_short_pauses(runs)


def _without_short_pauses(runs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for start_s, end_s in runs:
        if joined and start_s - joined[-1][1] < SHORTEST_PAUSE_S:
            joined[-1] = (joined[-1][0], end_s)
        else:
            joined.append((start_s, end_s))
    return joined


# --- the way through the pauses -------------------------------------------------------------


def align_script(script: str, pcm: bytes, rate_hz: int) -> list[SpokenSentence]:
    """Return the script's sentences with the times at which they are probably heard.

    pcm:     16-bit mono samples
    returns: the sentences, their clauses in place of words; nothing where the script is empty or
             nobody speaks
    """
    clauses = split_clauses(script)
    stretches = spoken_stretches(levels_db(pcm, rate_hz))
    spoken_s = sum(end_s - start_s for start_s, end_s in stretches)
    if not clauses or spoken_s < LEAST_SPEECH_S:
        return []
    lengths = [_spoken_length(clause.text) for clause in clauses]
    ends_s = [spoken_s * seen / sum(lengths) for seen in itertools.accumulate(lengths)]
    pauses = _pauses(stretches, ends_s[:-1])
    chosen = _cheapest_way(pauses, ends_s, [clause.ends_sentence for clause in clauses])
    starts_s = [stretches[0][0], *(pause.end_s for pause in chosen)]
    stops_s = [*(pause.start_s for pause in chosen), stretches[-1][1]]
    words = [
        SpokenWord(text=clause.text, start_s=start_s, end_s=max(stop_s, start_s + HOP_S))
        for clause, start_s, stop_s in zip(clauses, starts_s, stops_s, strict=True)
    ]
    return _sentences(clauses, words)


def _sentences(clauses: list[Clause], words: list[SpokenWord]) -> list[SpokenSentence]:
    sentences: list[SpokenSentence] = []
    begun: list[SpokenWord] = []
    for clause, word in zip(clauses, words, strict=True):
        begun.append(word)
        if clause.ends_sentence:
            sentences.append(
                SpokenSentence(
                    index=len(sentences),
                    text="".join(part.text for part in begun).strip(),
                    start_s=begun[0].start_s,
                    end_s=begun[-1].end_s,
                    words=tuple(begun),
                )
            )
            begun = []
    return sentences


def _pauses(stretches: list[tuple[float, float]], ends_s: list[float]) -> list[Pause]:
    """Return all pauses, and one of no length where each clause is expected to end."""
    spoken = [0.0, *itertools.accumulate(end_s - start_s for start_s, end_s in stretches)]
    heard = [
        Pause(before[1], after[0], spoken[index + 1])
        for index, (before, after) in enumerate(itertools.pairwise(stretches))
    ]
    expected = []
    for end_s in ends_s:
        index = min(max(bisect.bisect_left(spoken, end_s) - 1, 0), len(stretches) - 1)
        moment_s = stretches[index][0] + end_s - spoken[index]
        expected.append(Pause(moment_s, moment_s, end_s))
    return sorted([*heard, *expected], key=lambda pause: (pause.spoken_s, pause.start_s))


def _cheapest_way(
    pauses: list[Pause], ends_s: list[float], ends_sentence: list[bool]
) -> list[Pause]:
    """Return the pause after each clause but the last.

    ends_s: how much speech there should be before the end of each clause, in seconds
    """
    lengths_s = [end_s - before_s for before_s, end_s in itertools.pairwise([0.0, *ends_s])]
    costs: dict[int, float] = {-1: 0.0}
    steps: list[dict[int, int]] = []
    for number, end_s in enumerate(ends_s[:-1]):
        cheapest = {
            here: _cheapest(costs, pauses, here, lengths_s[number])
            for here in _near(pauses, end_s)
            if here > min(costs)
        }
        steps.append({here: before for here, (_, before) in cheapest.items()})
        costs = {
            here: cost + _pause_cost(pauses[here], ends_sentence[number])
            for here, (cost, _) in cheapest.items()
        }
    pauses = [*pauses, Pause(0.0, 0.0, ends_s[-1])]
    way = [_cheapest(costs, pauses, len(pauses) - 1, lengths_s[-1])[1]]
    for step in reversed(steps[1:]):
        way.append(step[way[-1]])
    return [pauses[index] for index in reversed(way) if index >= 0]


def _cheapest(
    costs: dict[int, float], pauses: list[Pause], here: int, wanted_s: float
) -> tuple[float, int]:
    """Return what it costs at least that a clause ends `here`, and where it then began."""
    return min(
        (cost + _rate_cost(pauses, before, here, wanted_s), before)
        for before, cost in costs.items()
        if before < here
    )


def _near(pauses: list[Pause], end_s: float) -> range:
    """Return the pauses around where a clause is expected to end."""
    middle = bisect.bisect_left(pauses, end_s, key=lambda pause: pause.spoken_s)
    return range(max(0, middle - _CANDIDATES), min(len(pauses), middle + _CANDIDATES))


def _rate_cost(pauses: list[Pause], before: int, here: int, wanted_s: float) -> float:
    """Return how unlikely it is that a clause of `wanted_s` lasted from one pause to another."""
    from_s = pauses[before].spoken_s if before >= 0 else 0.0
    spread_s = RATE_SPREAD * wanted_s + 0.15
    return ((pauses[here].spoken_s - from_s - wanted_s) / spread_s) ** 2


def _pause_cost(pause: Pause, ends_sentence: bool) -> float:
    if pause.length_s == 0:
        return NO_PAUSE_COST[ends_sentence]
    return -PAUSE_WORTH * math.log(pause.length_s / 0.3)
