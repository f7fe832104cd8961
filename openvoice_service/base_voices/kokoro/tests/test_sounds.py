"""What Kokoro is given to say: golden sentences, and nothing that its voices were not taught."""

from collections.abc import Iterator

import pytest

from openvoice_service.base_voices.espeak_ng import EspeakProcess
from openvoice_service.base_voices.kokoro.alphabetic import ACCENTS, read_alphabetic
from openvoice_service.base_voices.kokoro.japanese import KANA, kana_symbols, read_japanese
from openvoice_service.base_voices.kokoro.reading import Clause
from openvoice_service.base_voices.kokoro.tests.tiny import SYMBOLS
from openvoice_service.readings import parse_reading
from openvoice_service.tones import CORPUS

JAPANESE = {
    "お誕生日おめでとうございます。": "otaɲʥoːbʲi omedetoː ɡoʣai masɨ.",
    "こんにちは、お元気ですか?": "koɲɲiʨiβa, oɡeŋkʲi desɨ ka?",
    "ちょっと待って、もう一度言ってください。": "ʨoʔto maʔte, moːiʨido iʔte kɯdasai.",
    "彼女はファッションが好きではなかった。": "kanoʥo βa ɸaʔɕoɴ ɡa sɨkʲi de βa nakaʔta.",
    "新幹線で京都まで行きました。": "ɕiŋkaɴseɴ de kʲoːto made ikʲi maɕita.",
    "あらゆる現実をねじ曲げたのだ。": "aɾajɯɾɯ ɡeɲʥiʦɨ o neʥimaɡeta no da.",
}
AMERICAN = {
    "Happy birthday, my friend!": "hˈæpi bˈɜɹθdA, mI fɹˈɛnd!",
    "The quick brown fox jumps over the lazy dog.": (
        "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˌOvəɹ ðə lˈAzi dˈɑɡ."
    ),
    "Little bottles of water; a button?": "lˈɪTᵊl bˈɑTᵊlz ʌv wˈɔTəɹ; ə bˈʌtᵊn?",
    "It costs 3.5 dollars — at 10 o'clock.": ("ɪt kˈɔsts θɹˈi pYnt fˈIv dˈɑləɹz — æt tˈɛn əklˈɑk."),
}
BRITISH = {
    "Please bring your oldest friends here.": "plˈiːz bɹˈɪŋ jɔːɹ ˈQldɪst fɹˈɛndz hˈɪə.",
    "There is a bird on the path.": "ðɛːɹ ɪz ə bˈɜːd ɒnðə pˈɑːθ.",
}
SPANISH = {"¡Hola, amigo mío! ¿Qué tal?": "ˈola, amˈiɣo mˈio! kˈe tˈal?"}
FRENCH = {"Bonjour, mon ami.": "bɔ̃ʒˈuʁ, mɔ̃n amˈi."}


@pytest.fixture(scope="module")
def espeak() -> Iterator[EspeakProcess]:
    process = EspeakProcess()
    yield process
    process.close()


def said(clauses: list[Clause]) -> str:
    return "".join(clause.symbols for clause in clauses).strip()


@pytest.mark.parametrize("text", JAPANESE)
def test_japanese_sounds(text: str) -> None:
    assert said(read_japanese(text)) == JAPANESE[text]


@pytest.mark.parametrize(
    ("accent", "text", "sounds"),
    [
        *(("en-us", *pair) for pair in AMERICAN.items()),
        *(("en-gb", *pair) for pair in BRITISH.items()),
        *(("es", *pair) for pair in SPANISH.items()),
        *(("fr", *pair) for pair in FRENCH.items()),
    ],
)
def test_alphabetic_sounds(espeak: EspeakProcess, accent: str, text: str, sounds: str) -> None:
    assert said(read_alphabetic(text, accent, espeak.spell)) == sounds


def test_every_kana_is_a_sound_that_is_known() -> None:
    assert {symbol for sounds in KANA.values() for symbol in sounds} <= set(SYMBOLS)
    single = {chr(code) for code in range(ord("ァ"), ord("ヷ"))} - {"ン"}
    assert single <= set(KANA)


@pytest.mark.parametrize(
    ("kana", "sounds"),
    [("サンポ", "sampo"), ("サンカ", "saŋka"), ("サンニン", "saɲɲiɴ"), ("サンド", "sando"),
     ("ホンヤ", "hoɴja"), ("キッテ", "kʲiʔte"), ("デス’", "desɨ"), ("ウィーン", "βiːɴ")],
)  # fmt: skip
def test_a_nasal_takes_the_place_of_what_follows(kana: str, sounds: str) -> None:
    assert kana_symbols(kana) == sounds


def test_a_nasal_hears_the_word_that_is_joined_to_its_own() -> None:
    assert kana_symbols("サン", following="ビキ") == "sam"


def read(language: str, text: str, espeak: EspeakProcess) -> list[list[Clause]]:
    if language == "ja":
        return [read_japanese(text)]
    accents = [accent for accent in ACCENTS if accent.startswith(language)]
    return [read_alphabetic(text, accent, espeak.spell) for accent in accents]


ODD = (
    '3.5 + 4 = 7.5 (really?) — yes: «maybe»; 10:30, 21st, A/B & C\'s "quote"…',
    "naïve café Schadenfreude jalapeño façade, Loch x-ray",
    "! ? ...",
)


@pytest.mark.parametrize("language", ["ja", "en", "es", "fr"])
def test_nothing_is_said_that_the_voices_were_not_taught(
    language: str, espeak: EspeakProcess
) -> None:
    for text in (*CORPUS[language], *ODD):
        for clauses in read(language, text, espeak):
            assert set(said(clauses)) <= set(SYMBOLS), text


@pytest.mark.parametrize("language", ["ja", "en", "es", "fr"])
def test_words_lie_one_after_the_other_from_where_they_are_written(
    language: str, espeak: EspeakProcess
) -> None:
    for text in CORPUS[language]:
        for clauses in read(language, text, espeak):
            positions = [word.position for clause in clauses for word in clause.words]
            assert positions == sorted(set(positions))
            assert text[positions[0] :] == text.lstrip("¡¿")
            for clause in clauses:
                shares = [edge for _, *edges in clause.shares() for edge in edges]
                assert shares == sorted(shares)
                assert 0.0 <= shares[0] <= shares[-1] <= 1.0


def test_a_reading_says_how_a_name_sounds() -> None:
    reading = parse_reading("トーカイ'リンサン、オメデト'ー？")
    clauses = read_japanese("東海林さん、おめでとう。", reading)
    assert said(clauses) == "toːkaiɾʲiɴsaɴ, omedetoː?"
    assert [word.position for clause in clauses for word in clause.words] == [0, 6]
