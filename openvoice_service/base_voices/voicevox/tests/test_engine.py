"""What is believed of the engine: on its stand-in, and on a real one (VOICEVOX_TEST_URL)."""

import os
from collections.abc import Iterator

import pytest

from openvoice_service.audio import speech_bounds
from openvoice_service.base_voices import Prosody
from openvoice_service.base_voices.voicevox import Voicevox
from openvoice_service.base_voices.voicevox.engine import EngineTrouble, VoicevoxEngine
from openvoice_service.base_voices.voicevox.tests.contract import Contract
from openvoice_service.base_voices.voicevox.tests.double import VoicevoxDouble
from openvoice_service.base_voices.voicevox.timing import reckon
from openvoice_service.base_voices.voicevox.voice import shaped
from openvoice_service.readings import parse_reading, parse_word
from openvoice_service.tests.running import serving
from openvoice_service.tests.test_accents import CARRIER, CHOSEN

TEXT = "橋の端で、箸を持つ。明日も来ますか？"
REAL = os.environ.get("VOICEVOX_TEST_URL")
WHICH = [
    "double",
    pytest.param("real", marks=pytest.mark.skipif(REAL is None, reason="VOICEVOX_TEST_URL")),
]


@pytest.fixture(scope="module", params=WHICH)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "real":
        yield str(REAL)
        return
    double = VoicevoxDouble()
    with serving(double.app) as address:
        yield address
    assert double.contract.violations == []


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[VoicevoxEngine]:
    made = VoicevoxEngine(url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def voicevox(url: str) -> Iterator[Voicevox]:
    made = Voicevox(url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def style(engine: VoicevoxEngine) -> int:
    return next(s.id for c in engine.characters() for s in c.styles if s.type == "talk")


def test_it_has_a_version_and_characters_that_speak(voicevox: Voicevox) -> None:
    assert voicevox.voices
    assert voicevox.state == "ready"
    assert voicevox.version
    for voice in voicevox.voices:
        assert voice.credit == f"VOICEVOX:{voice.character.name}"
        assert voicevox.version in voice.key


@pytest.mark.parametrize(
    "prosody",
    [Prosody(), Prosody(speed=1.7), Prosody(speed=0.6, pitch=-3.0, intonation=0.5)],
    ids=["plain", "fast", "slow and low"],
)
def test_the_sound_lasts_as_long_as_is_reckoned(
    engine: VoicevoxEngine, style: int, prosody: Prosody
) -> None:
    engine.warm_up(style)
    query = shaped(engine.query(TEXT, style), prosody)
    reckoning = reckon(query)
    wave = engine.synthesise(query, style, reckoning.duration_s)
    assert wave.duration_s == pytest.approx(reckoning.duration_s, abs=0.011)
    assert reckoning.moras[-1].end_s == pytest.approx(reckoning.duration_s, abs=0.2)


def test_a_sentence_is_heard_and_repeats_itself(voicevox: Voicevox) -> None:
    voice = voicevox.voices[0]
    first, second = (voice.speak(TEXT, Prosody()).wave for _ in range(2))
    start_s, end_s = speech_bounds(first)
    assert end_s - start_s > 1.0
    assert len(first.samples) == len(second.samples)


def test_a_character_comes_with_terms_pictures_and_samples(voicevox: Voicevox) -> None:
    voice = voicevox.voices[0]
    terms = voicevox.terms(voice)
    assert terms.text.strip()
    for picture in (voicevox.icon(voice), voicevox.portrait(voice)):
        assert picture.media_type in ("image/png", "image/jpeg")
    if terms.samples:
        sample = voicevox.sample(voice, 0)
        assert sample is not None
        assert sample.duration_s > 0.3
    assert voicevox.sample(voice, terms.samples) is None


def test_an_unknown_style_is_trouble_and_no_crash(engine: VoicevoxEngine) -> None:
    with pytest.raises(EngineTrouble):
        engine.info("00000000-0000-0000-0000-000000000000")


def test_the_description_notices_what_it_does_not_allow() -> None:
    contract = Contract()
    contract.check_request("POST", "/synthesis", {"speaker": "one"}, {"accent_phrases": 3})
    contract.check_request("POST", "/audio_query", {"speaker": "1"}, None)
    contract.check_request("GET", "/user_dict", {}, None)
    contract.check_answer("GET", "/version", 200, "application/json", b"7")
    found = "\n".join(contract.violations)
    for expected in ("?speaker at $: type", "$.accent_phrases: type", "text is missing",
                     "no such call", "/version at $: type"):  # fmt: skip
        assert expected in found


@pytest.mark.parametrize(("kana", "accent"), CHOSEN)
def test_a_chosen_accent_stands_in_the_query(
    engine: VoicevoxEngine, style: int, kana: str, accent: int
) -> None:
    texts = [*map(str, parse_word(kana)[0]), "ガ"]
    falls_after = accent or len(texts)
    texts.insert(falls_after, "'")
    line = parse_reading("".join(texts) + CARRIER).voicevox_line
    word, carrier = engine.read_as(line, style)
    assert (word.accent, len(word.moras)) == (falls_after, len(texts) - 1)
    assert carrier.accent == 3
