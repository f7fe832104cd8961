"""Japanese: Open JTalk's words and kana, as the symbols that Kokoro's Japanese voices were taught.

source: misaki 0.7 (hexgrad, Apache-2.0), the notation that the published v1.0 voices know: no
        accent marks, palatal consonants written with ʲ, ん by the sound that follows it.
"""

from collections.abc import Sequence

from openvoice_service.base_voices.japanese import Word, read_positions, read_words
from openvoice_service.base_voices.kokoro.reading import Clause, WordSpan
from openvoice_service.readings import AccentPhrase, Reading

_ROWS = """
ア a イ i ウ ɯ エ e オ o ァ a ィ i ゥ ɯ ェ e ォ o イェ je
カ ka キ kʲi ク kɯ ケ ke コ ko ヵ ka ヶ ke キャ kʲa キュ kʲɨ キョ kʲo キェ kʲe
クァ kᵝa クィ kᵝi クェ kᵝe クォ kᵝo クヮ kᵝa
ガ ɡa ギ ɡʲi グ ɡɯ ゲ ɡe ゴ ɡo ギャ ɡʲa ギュ ɡʲɨ ギョ ɡʲo ギェ ɡʲe
グァ ɡᵝa グィ ɡᵝi グェ ɡᵝe グォ ɡᵝo グヮ ɡᵝa
サ sa シ ɕi ス sɨ セ se ソ so シャ ɕa シュ ɕɨ ショ ɕo シェ ɕe スィ sʲi
ザ ʣa ジ ʥi ズ zɨ ゼ ʣe ゾ ʣo ジャ ʥa ジュ ʥɨ ジョ ʥo ジェ ʥe ズィ zʲi
タ ta チ ʨi ツ ʦɨ テ te ト to チャ ʨa チュ ʨɨ チョ ʨo チェ ʨe
ツァ ʦa ツィ ʦʲi ツェ ʦe ツォ ʦo ティ tʲi テュ tʲɨ テャ tʲa テョ tʲo トゥ tɯ
ダ da ヂ ʥi ヅ zɨ デ de ド do ヂャ ʥa ヂュ ʥɨ ヂョ ʥo ヂェ ʥe
ディ dʲi デュ dʲɨ デャ dʲa デョ dʲo ドゥ dɯ
ナ na ニ ɲi ヌ nɯ ネ ne ノ no ニャ ɲa ニュ ɲɨ ニョ ɲo ニェ ɲe
ハ ha ヒ çi フ ɸɯ ヘ he ホ ho ヒャ ça ヒュ çɨ ヒョ ço ヒェ çe
ファ ɸa フィ ɸʲi フェ ɸe フォ ɸo フャ ɸʲa フュ ɸʲɨ フョ ɸʲo
バ ba ビ bʲi ブ bɯ ベ be ボ bo ビャ bʲa ビュ bʲɨ ビョ bʲo ビェ bʲe
パ pa ピ pʲi プ pɯ ペ pe ポ po ピャ pʲa ピュ pʲɨ ピョ pʲo ピェ pʲe
マ ma ミ mʲi ム mɯ メ me モ mo ミャ mʲa ミュ mʲɨ ミョ mʲo ミェ mʲe
ヤ ja ユ jɯ ヨ jo ャ ja ュ jɯ ョ jo
ラ ɾa リ ɾʲi ル ɾɯ レ ɾe ロ ɾo リャ ɾʲa リュ ɾʲɨ リョ ɾʲo リェ ɾʲe
ワ βa ヰ i ヱ e ヲ o ヮ βa ウァ βa ウィ βi ウェ βe ウォ βo
ヴ vɯ ヴァ va ヴィ vʲi ヴェ ve ヴォ vo ヴャ bʲa ヴュ bʲɨ ヴョ bʲo
ッ ʔ ー ː
"""
_CELLS = _ROWS.split()
KANA = dict(zip(_CELLS[::2], _CELLS[1::2], strict=True))
# ン takes the place of the sound that follows it within the word, else it is ɴ.
_NASALS = (("mpb", "m"), ("kɡ", "ŋ"), ("ɲʨʥ", "ɲ"), ("ntdɾz", "n"))
_MARKS = {"、": ",", "，": ",", ",": ",", "。": ".", "．": ".", ".": ".", "！": "!", "!": "!",
          "？": "?", "?": "?", "：": ":", ":": ":", "；": ";", ";": ";", "…": "…"}  # fmt: skip


def read_japanese(text: str, reading: Reading | None = None) -> list[Clause]:
    """Return the clauses of a normalised Japanese sentence, as `reading` says or the dictionary."""
    words = read_words(text)
    return _as_written(words) if reading is None else _as_read(words, reading)


def _as_read(words: Sequence[Word], reading: Reading) -> list[Clause]:
    """Return the clauses of a reading: one gap between accent phrases; accents are not heard."""
    positions = read_positions(words, reading)
    clauses, current, at = [], Clause(""), 0
    for phrase in reading.phrases:
        gap = " " if current.symbols else ""
        symbols = gap + kana_symbols("".join(mora.kana for mora in phrase.moras))
        current += Clause(symbols, [WordSpan(positions[at], len(gap), len(symbols))])
        at += len(phrase.moras)
        if mark := _mark_behind(phrase):
            clauses.append(current + Clause(f"{mark} "))
            current = Clause("")
    return [*clauses, current] if current.symbols else clauses


def _mark_behind(phrase: AccentPhrase) -> str:
    return "?" if phrase.is_question else "," if phrase.has_pause else ""


def _as_written(words: Sequence[Word]) -> list[Clause]:
    clauses, current, position = [], Clause(""), 0
    for index, word in enumerate(words):
        mark = _MARKS.get(word["string"])
        if word["mora_size"] > 0:
            following = _following(words, index)
            current += _sounding(word, position, following, has_gap=_has_gap(words, index))
        elif mark and current.symbols:
            clauses.append(current + Clause(f"{mark} "))
            current = Clause("")
        position += len(word["string"])
    return [*clauses, current] if current.symbols else clauses


def _sounding(word: Word, position: int, following: str, *, has_gap: bool) -> Clause:
    gap = " " if has_gap else ""
    symbols = kana_symbols(word["pron"], following)
    return Clause(gap + symbols, [WordSpan(position, len(gap), len(gap) + len(symbols))])


def _has_gap(words: Sequence[Word], index: int) -> bool:
    """Return whether a gap stands before the word; endings are written together with their verb."""
    if index == 0 or words[index - 1]["mora_size"] == 0:
        return False
    before, word = words[index - 1], words[index]
    if word["pron"].startswith("ー") or before["pos"] == "接頭詞":
        return False
    if before["pos"] == "助動詞":
        return bool(word["pos"] != "助動詞")
    if before["pos"] in ("動詞", "形容詞"):
        return word["string"] not in ("て", "で", "た", "だ", "ば")
    is_compound = before["pos"] == word["pos"] == "名詞" and word["chain_flag"] == 1
    return not is_compound


def _following(words: Sequence[Word], index: int) -> str:
    is_joined = index + 1 < len(words) and not _has_gap(words, index + 1)
    return str(words[index + 1]["pron"]) if is_joined and words[index + 1]["mora_size"] else ""


def kana_symbols(kana: str, following: str = "") -> str:
    """Return the symbols of a word in katakana; `following` is joined to it without a gap.

    Open JTalk's ’ after a mora whose vowel is hardly heard is left out: the voices know when.
    """
    plain = kana.replace("’", "")
    morae = _morae(plain + following.replace("’", ""))
    symbols, done = "", 0
    for index, mora in enumerate(morae):
        if done >= len(plain):
            break
        after = morae[index + 1] if index + 1 < len(morae) else ""
        symbols += _nasal(KANA.get(after, "")) if mora == "ン" else KANA.get(mora, "")
        done += len(mora)
    return symbols


def _morae(kana: str) -> list[str]:
    morae, index = [], 0
    while index < len(kana):
        length = 2 if kana[index : index + 2] in KANA else 1
        morae.append(kana[index : index + length])
        index += length
    return morae


def _nasal(after: str) -> str:
    return next((nasal for sounds, nasal in _NASALS if after and after[0] in sounds), "ɴ")
