"""Japanese text as Open JTalk's dictionary reads it, and readings as its labels want them."""

import difflib
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openvoice_service.readings import MORAS, AccentPhrase, Mora, Reading

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyopenjtalk
    from pyopenjtalk.types import NJDFeature

# What Open JTalk calls a word: surface, pronunciation, accent, number of moras, kind.
Word = NJDFeature
# Open JTalk puts it behind a mora whose vowel is not heard.
WHISPER = "’"
_MORA = re.compile("|".join(sorted(MORAS, key=len, reverse=True)))
# A name that the dictionary knows: what stands around it is read as around any name.
_PLACEHOLDER = "田中"


@dataclass(frozen=True)
class Pronunciation:
    """How somebody wants a word to be read; accent 0 is flat."""

    surface: str
    moras: tuple[Mora, ...]
    accent: int

    @property
    def kana(self) -> str:
        """Return the moras in Open JTalk's writing."""
        return _pronounced(self.moras)


def read_words(text: str, pronunciations: Sequence[Pronunciation] = ()) -> list[Word]:
    """Return the words of a normalised sentence, with accents as in this sentence."""
    pronunciations = [one for one in pronunciations if one.surface and one.surface in text]
    if not pronunciations:
        return list(pyopenjtalk.run_frontend(text, predict_nani=False))
    words = pyopenjtalk.run_njd_from_mecab(_morphemes(text, pronunciations))
    own = {(one.surface, one.kana.replace(WHISPER, "")) for one in pronunciations}
    for word in words:
        heard = word["pron"].replace(WHISPER, "")
        word["is_reading_protected"] = (word["string"], heard) in own
    return list(pyopenjtalk.apply_postprocessing(text, words, predict_nani=False))


def reading_of(words: Sequence[Word]) -> Reading | None:
    """Return the accent phrases that these words make, or None where nothing sounds."""
    phrases: list[AccentPhrase] = []
    is_open = False
    for word in words:
        moras = _moras(word["pron"], is_first=not is_open) if word["mora_size"] > 0 else ()
        if not moras:
            is_open = False
            phrases[-1:] = [_ended(phrase, word["pron"]) for phrase in phrases[-1:]]
        elif is_open and (word["chain_flag"] == 1 or moras[0].kana == "ー"):
            phrases[-1] = _longer(phrases[-1], moras)
        else:
            # 0 is flat: as high at the end as if the pitch fell only behind it.
            phrases.append(AccentPhrase(moras, word["acc"] or _TO_THE_END))
            is_open = True
    return _tidy(phrases) if phrases else None


_TO_THE_END = 1_000


def _ended(phrase: AccentPhrase, mark: str) -> AccentPhrase:
    is_question = phrase.is_question or mark in ("？", "?")
    return AccentPhrase(phrase.moras, phrase.accent, True, is_question)


def _longer(phrase: AccentPhrase, moras: tuple[Mora, ...]) -> AccentPhrase:
    return AccentPhrase(phrase.moras + moras, phrase.accent)


def _tidy(phrases: Sequence[AccentPhrase]) -> Reading:
    last = len(phrases) - 1
    return Reading(
        tuple(
            AccentPhrase(
                phrase.moras,
                min(phrase.accent, len(phrase.moras)),
                phrase.has_pause and index < last,
                phrase.is_question,
            )
            for index, phrase in enumerate(phrases)
        )
    )


def _moras(pronunciation: str, *, is_first: bool) -> tuple[Mora, ...]:
    found = list(_MORA.finditer(pronunciation))
    while is_first and found and found[0][0] == "ー":
        del found[0]  # a sigh that begins with a long vowel has none to lengthen
    whispered = [pronunciation[match.end() :].startswith(WHISPER) for match in found]
    return tuple(
        Mora(match[0], is_whispered and match[0] not in "ンッー")
        for match, is_whispered in zip(found, whispered, strict=True)
    )


def labels_of(reading: Reading) -> list[str]:
    """Return the full-context labels of a reading: one word for each accent phrase."""
    words: list[Word] = []
    for phrase in reading.phrases:
        words.append(_word(_pronounced(phrase.moras), phrase.accent, len(phrase.moras)))
        if phrase.is_question:
            words.append(_word("？", 0, 0))
        elif phrase.has_pause:
            words.append(_word("、", 0, 0))
    return list(pyopenjtalk.make_label(words))


def _pronounced(moras: Sequence[Mora]) -> str:
    return "".join(mora.kana + (WHISPER if mora.is_whispered else "") for mora in moras)


def _word(pronunciation: str, accent: int, moras: int) -> Word:
    kind = ("名詞", "一般") if moras else ("記号", "読点")
    return {
        "string": pronunciation,
        "pos": kind[0],
        "pos_group1": kind[1],
        "pos_group2": "*",
        "pos_group3": "*",
        "ctype": "*",
        "cform": "*",
        "orig": pronunciation,
        "read": pronunciation,
        "pron": pronunciation,
        "acc": accent,
        "mora_size": moras,
        "chain_rule": "*",
        "chain_flag": 0,
        "is_reading_protected": False,
        "is_reading_rewritten": False,
    }


# --- the words that somebody wants read otherwise -------------------------------------------


def _morphemes(text: str, pronunciations: Sequence[Pronunciation]) -> list[str]:
    """Return the dictionary's morphemes with those of `pronunciations` in their places."""
    by_surface = {one.surface: one for one in pronunciations}
    longest_first = sorted(by_surface, key=len, reverse=True)
    pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", text)
    whole = "".join(_PLACEHOLDER if piece in by_surface else piece for piece in pieces)
    begins = _begins(whole)
    at, morphemes = 0, []
    for piece in pieces:
        own = by_surface.get(piece)
        end = at + len(_PLACEHOLDER if own else piece)
        if at not in begins or (end not in begins and end < len(whole)):
            return _apart(pieces, by_surface)
        found = [features for begin, features in begins.items() if at <= begin < end and features]
        morphemes += [_morpheme(own)] if own else found
        at = end
    return morphemes


def _begins(text: str) -> dict[int, str]:
    """Return the morpheme that begins at each place; of blanks only the place."""
    _, morphs = pyopenjtalk.run_mecab_detailed(text)
    return {0: ""} | {
        morph["char_span"][0]: "" if morph["is_ignored"] else ",".join(morph["features"])
        for morph in morphs
    }


def _apart(pieces: Sequence[str], by_surface: Mapping[str, Pronunciation]) -> list[str]:
    """Read what stands between on its own, where the dictionary joins it to the placeholder."""
    morphemes: list[str] = []
    for piece in pieces:
        own = by_surface.get(piece)
        morphemes += [_morpheme(own)] if own else pyopenjtalk.run_mecab(piece) if piece else []
    return morphemes


def _morpheme(own: Pronunciation) -> str:
    accent = f"{own.accent}/{len(own.moras)}"
    return (
        f"{own.surface},名詞,固有名詞,人名,名,*,*,{own.surface},{own.kana},{own.kana},{accent},C2"
    )


# --- which mora speaks which word -----------------------------------------------------------


def word_positions(words: Sequence[Word]) -> list[int]:
    """Return for each mora of the words where its word begins in the text."""
    positions, at = [], 0
    for word in words:
        positions += [at] * word["mora_size"]
        at += len(word["string"])
    return positions


def read_positions(words: Sequence[Word], reading: Reading) -> list[int]:
    """Return the same for each mora of a reading, which may differ from what the words say."""
    own = word_positions(words)
    said = [mora.kana for word in words if word["mora_size"] for mora in _moras_of(word)]
    if len(own) != len(said) or not own:
        return [0] * len(reading.moras)
    read = [mora.kana for mora in reading.moras]
    positions = [0] * len(read)
    matcher = difflib.SequenceMatcher(None, said, read, autojunk=False)
    for _, begin, end, read_begin, read_end in matcher.get_opcodes():
        for index in range(read_begin, read_end):
            share = (index - read_begin) * (end - begin) // (read_end - read_begin)
            positions[index] = own[min(begin + share, len(own) - 1)]
    return positions


def _moras_of(word: Word) -> tuple[Mora, ...]:
    return _moras(word["pron"], is_first=False)
