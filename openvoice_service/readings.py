"""How a Japanese sentence is read: its moras, and where the pitch falls, as a line of katakana.

The notation is AquesTalk's, which VOICEVOX takes too:

    キョ'ーワ/イイテ'ンキデスネ、ア'メハ/フリマス'カ？

    '  behind the mora after which the pitch falls; behind the last one where it stays high
    /  between two accent phrases      、 the same, with a pause
    _  before a mora of which only the consonant is heard      ？ behind the end of a question

Each accent phrase begins low and rises after its first mora, unless the pitch falls there.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

MAX_LINE_CHARACTERS = 1_000
# What Open JTalk and VOICEVOX both speak as one mora.
_ROWS = """
ア イ ウ エ オ ァ ィ ゥ ェ ォ イェ ウィ ウェ ウォ ン ッ ー
カ キ ク ケ コ キャ キュ キョ キェ クァ クィ クゥ クェ クォ クヮ ヶ
ガ ギ グ ゲ ゴ ギャ ギュ ギョ ギェ グァ グィ グゥ グェ グォ グヮ
サ シ ス セ ソ シャ シュ ショ シェ スィ ザ ジ ズ ゼ ゾ ジャ ジュ ジョ ジェ ズィ
タ チ ツ テ ト チャ チュ チョ チェ ツァ ツィ ツェ ツォ ティ テャ テュ テョ トゥ
ダ ヂ ヅ デ ド ヂャ ヂュ ヂョ ディ デャ デュ デョ ドゥ
ナ ニ ヌ ネ ノ ニャ ニュ ニョ ニェ
ハ ヒ フ ヘ ホ ヒャ ヒュ ヒョ ヒェ ファ フィ フェ フォ
バ ビ ブ ベ ボ ビャ ビュ ビョ ビェ パ ピ プ ペ ポ ピャ ピュ ピョ ピェ
マ ミ ム メ モ ミャ ミュ ミョ ミェ ヤ ユ ヨ ャ ュ ョ
ラ リ ル レ ロ リャ リュ リョ リェ ワ ヰ ヱ ヲ ヮ ヴ ヴァ ヴィ ヴェ ヴォ ヴャ ヴュ ヴョ
"""
MORAS = frozenset(_ROWS.split())
VOWELLESS = frozenset("ンッー")
_VOWELS = {
    kana: vowel
    for vowel, row in {
        "ア": "アカサタナハマヤラワガザダバパァャヮ",
        "イ": "イキシチニヒミリヰギジヂビピィ",
        "ウ": "ウクスツヌフムユルグズヅブプヴゥュ",
        "エ": "エケセテネヘメレヱゲゼデベペェヶ",
        "オ": "オコソトノホモヨロヲゴゾドボポォョ",
        "ン": "ン",
        "ッ": "ッ",
    }.items()
    for kana in row
}
_SMALL_VOWELS = dict(zip("ァィゥェォ", "アイウエオ", strict=True))
# As people and their keyboards write the marks.
_SAME = {
    **dict.fromkeys("’‘´`ʼ＇ꞌ", "'"),
    **dict.fromkeys("，,､。｡", "、"),
    **dict.fromkeys("？", "?"),
    **dict.fromkeys("〜～~-－—―–‐", "ー"),
}


class ReadingError(ValueError):
    """A line that cannot be read aloud.

    code: a stable name; at: the place in the line, counted from 1
    """

    def __init__(self, code: str, at: int, message: str, fix: str) -> None:
        super().__init__(f"{message} {fix}")
        self.code = code
        self.at = at
        self.message = message
        self.fix = fix


@dataclass(frozen=True)
class Mora:
    """One beat; `is_whispered` where its vowel is not heard."""

    kana: str
    is_whispered: bool = False

    def __str__(self) -> str:
        return f"_{self.kana}" if self.is_whispered else self.kana


@dataclass(frozen=True)
class AccentPhrase:
    """Moras with at most one fall of the pitch: after mora number `accent`, counted from 1.

    Where `accent` is the number of moras the pitch stays high to the end.
    """

    moras: tuple[Mora, ...]
    accent: int
    has_pause: bool = False
    is_question: bool = False

    @property
    def is_high(self) -> tuple[bool, ...]:
        """Return for each mora whether it is high, as in Tokyo."""
        count = range(1, len(self.moras) + 1)
        return tuple(n <= self.accent and (n > 1 or self.accent == 1) for n in count)


@dataclass(frozen=True)
class Reading:
    """The accent phrases of a sentence; at least one, and no pause behind the last."""

    phrases: tuple[AccentPhrase, ...]

    @property
    def moras(self) -> tuple[Mora, ...]:
        """Return all moras in order."""
        return tuple(mora for phrase in self.phrases for mora in phrase.moras)

    def cut(self, places: Sequence[int]) -> "list[Reading | None]":
        """Return what stands between moras `places`; None where that is nothing.

        A phrase that is cut behind its fall begins anew: there is no phrase that is low throughout.
        """
        borders = [0, *(self._without_long(place) for place in places), len(self.moras)]
        return [self._between(begin, end) for begin, end in pairwise(borders)]

    def _without_long(self, place: int) -> int:
        while place < len(self.moras) and self.moras[place].kana == "ー":
            place += 1
        return place

    def _between(self, begin: int, end: int) -> "Reading | None":
        phrases, at = [], 0
        for phrase in self.phrases:
            first, last = max(begin - at, 0), min(end - at, len(phrase.moras))
            at += len(phrase.moras)
            if first < last:
                accent = min(max(phrase.accent - first, 1), last - first)
                is_whole = last == len(phrase.moras)
                is_question = phrase.is_question and is_whole
                has_pause = phrase.has_pause and at < end
                moras = phrase.moras[first:last]
                phrases.append(AccentPhrase(moras, accent, has_pause, is_question))
        return Reading(tuple(phrases)) if phrases else None

    @property
    def line(self) -> str:
        """Return the reading as people write it."""
        return _written(self.phrases, lambda moras: [str(mora) for mora in moras])

    @property
    def voicevox_line(self) -> str:
        """Return the line for VOICEVOX's `/accent_phrases?is_kana=true`.

        It knows no ー, and takes キィ for one mora: such vowels are written out.
        """
        return _written(self.phrases, _with_vowels_written_out)


def _written(
    phrases: tuple[AccentPhrase, ...], written: Callable[[tuple[Mora, ...]], list[str]]
) -> str:
    line = ""
    for phrase in phrases:
        texts = written(phrase.moras)
        line += "".join(texts[: phrase.accent]) + "'" + "".join(texts[phrase.accent :])
        line += ("？" if phrase.is_question else "") + ("、" if phrase.has_pause else "/")
    return line.rstrip("/、")


def _with_vowels_written_out(moras: tuple[Mora, ...]) -> list[str]:
    texts: list[str] = []
    for mora in moras:
        kana = _VOWELS[texts[-1][-1]] if mora.kana == "ー" else mora.kana
        texts.append(str(Mora(_SMALL_VOWELS.get(kana, kana), mora.is_whispered)))
    return texts


# --- from a line ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sign:
    """A mora or a mark, and the place in the line where it was written."""

    text: str
    at: int


def parse_reading(line: str) -> Reading:
    """Return what a line means; hiragana and other ways to write the marks are understood.

    raises: ReadingError, which names the place
    """
    signs = list(_signs(line))
    while signs and signs[-1].text == "、":
        signs.pop()
    if not signs:
        raise _error("reading_empty", 1, "The reading is empty.", "Write it in katakana.")
    phrases, begin = [], 0
    for index, sign in enumerate(signs):
        if sign.text in "/、":
            phrases.append(_phrase(signs[begin:index], sign, has_pause=sign.text == "、"))
            begin = index + 1
    phrases.append(_phrase(signs[begin:], signs[-1], has_pause=False))
    return Reading(tuple(phrases))


def parse_word(line: str) -> tuple[tuple[Mora, ...], int]:
    """Return a word's moras and its accent: 0 where nothing marks a fall, as in most names.

    raises: ReadingError
    """
    signs = list(_signs(line))
    borders = [sign for sign in signs if sign.text in "/、?"]
    if borders:
        fix = "Leave out /, 、 and ？."
        raise _error("reading_not_a_word", borders[0].at, "A word is read in one phrase.", fix)
    if not signs:
        raise _error("reading_empty", 1, "The reading is empty.", "Write it in katakana.")
    is_flat = all(sign.text != "'" for sign in signs)
    if is_flat:
        signs.append(_Sign("'", signs[-1].at))
    phrase = _phrase(signs, signs[-1], has_pause=False)
    return phrase.moras, 0 if is_flat else phrase.accent


def _phrase(signs: list[_Sign], border: _Sign, *, has_pause: bool) -> AccentPhrase:
    is_question = bool(signs) and signs[-1].text == "?"
    moras, accents = _moras_and_accents(signs[:-1] if is_question else signs)
    if not moras:
        raise _error(
            "reading_phrase_empty", border.at, "There is no kana between two borders.",
            "Take one of them out.",
        )  # fmt: skip
    if not accents:
        raise _error(
            "reading_accent_missing", signs[-1].at,
            f"The phrase {''.join(map(str, moras))} has no accent mark.",
            "Put ' behind the mora after which the pitch falls; at the end where it stays high.",
        )  # fmt: skip
    return AccentPhrase(tuple(moras), accents[0], has_pause, is_question)


def _moras_and_accents(signs: list[_Sign]) -> tuple[list[Mora], list[int]]:
    moras: list[Mora] = []
    accents: list[int] = []
    whisper: _Sign | None = None
    for sign in signs:
        if sign.text == "'":
            _require_accent_place(sign, moras, accents)
            accents.append(len(moras))
        elif sign.text == "?":
            raise _error(
                "reading_question_inside", sign.at, "？ stands inside a phrase.",
                "Put it at the phrase's end.",
            )  # fmt: skip
        elif sign.text == "_":
            whisper = sign
        else:
            _require_mora_place(sign, moras, whisper)
            moras.append(Mora(sign.text, whisper is not None))
            whisper = None
    if whisper is not None:
        raise _whisper_error(whisper)
    return moras, accents


def _require_accent_place(sign: _Sign, moras: list[Mora], accents: list[int]) -> None:
    if not moras:
        raise _error(
            "reading_accent_first", sign.at, "The accent mark stands before any kana.",
            "Put it behind the mora after which the pitch falls.",
        )  # fmt: skip
    if accents:
        raise _error(
            "reading_accent_twice", sign.at, "The phrase has two accent marks.",
            "Take one out, or put / between two phrases.",
        )  # fmt: skip


def _require_mora_place(sign: _Sign, moras: list[Mora], whisper: _Sign | None) -> None:
    if sign.text == "ー" and not moras:
        raise _error(
            "reading_long_first", sign.at, "ー has no vowel before it.", "Write a kana first."
        )
    if whisper is not None and sign.text in VOWELLESS:
        raise _whisper_error(whisper)


def _whisper_error(sign: _Sign) -> ReadingError:
    return _error(
        "reading_whisper_misplaced", sign.at, "_ stands before no kana with a vowel.",
        "Put it right before the kana that is whispered, or take it out.",
    )  # fmt: skip


def _signs(line: str) -> Iterator[_Sign]:
    """Yield moras and marks; the longest that fits first, as キャ before キ."""
    if len(line) > MAX_LINE_CHARACTERS:
        raise _error(
            "reading_too_long", MAX_LINE_CHARACTERS + 1,
            f"The reading has {len(line):,} characters.", f"Shorten it to {MAX_LINE_CHARACTERS:,}.",
        )  # fmt: skip
    letters = _letters(line)
    index = 0
    while index < len(letters):
        pair = "".join(letter.text for letter in letters[index : index + 2])
        single = letters[index]
        if len(pair) == 2 and pair in MORAS:
            yield _Sign(pair, single.at)
            index += 2
        elif single.text in MORAS or single.text in "'/、_?":
            yield single
            index += 1
        else:
            raise _error(
                "reading_letter_unknown", single.at, f"“{line[single.at - 1]}” is no katakana.",
                "Write the sound in katakana; the marks are ' / 、 _ ？.",
            )  # fmt: skip


def _letters(line: str) -> list[_Sign]:
    """Return the line's letters in one way of writing, each with the place where it stood."""
    letters: list[_Sign] = []
    for at, typed in enumerate(line, 1):
        plain = _SAME.get(typed) or unicodedata.normalize("NFKC", typed)
        if letters and plain in ("\u3099", "\u309a"):
            whole = unicodedata.normalize("NFC", letters[-1].text + plain)
            letters[-1] = _Sign(whole, letters[-1].at)
        else:
            letters += [_Sign(_katakana(letter), at) for letter in plain if not letter.isspace()]
    return letters


def _katakana(letter: str) -> str:
    return chr(ord(letter) + 0x60) if "ぁ" <= letter <= "ゖ" else letter


def _error(code: str, at: int, message: str, fix: str) -> ReadingError:
    return ReadingError(code, at, message, fix)
