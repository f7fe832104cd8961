"""The backend's client against the real speech service: what one sends, the other understands."""

import io
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.demo import SAMPLES
from backend.ids import new_id
from backend.speech.client import SpeechClient
from backend.speech.errors import SpeechRefused, SpeechUnavailable
from backend.tests_processes.rig import SPEECH, Rig

JAPANESE = "お誕生日おめでとう。来年も一緒にお祝いしようね。"


@pytest.fixture
def client(rig: Rig) -> Iterator[SpeechClient]:
    with SpeechClient(rig.proxy.target_url, rig.token) as client:
        yield client


@pytest.fixture(scope="module")
def sample(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WAV of ten seconds, as the jail would have made it."""
    target = tmp_path_factory.mktemp("sample") / "sample.wav"
    with SpeechClient(rig.proxy.target_url, rig.token) as client:
        target.write_bytes(client.speak_timed(SAMPLES["ja"][:70], language="ja").wav)
    return target


def test_it_says_that_it_is_ready_and_what_it_can_do(client: SpeechClient) -> None:
    assert client.readiness().engine == "world"
    found = client.capabilities()
    assert {language.code for language in found.languages} >= {"ja", "en", "zh", "ko", "es", "fr"}
    assert any(engine.ready and engine.default for engine in found.engines)
    assert found.limits["timed_input_characters"] >= 5_000
    offered = {voice.id for voice in client.base_voices().items}
    assert {v for language in found.languages for v in language.base_voices} <= offered


@pytest.mark.parametrize(
    ("language", "text"),
    [("ja", JAPANESE), ("en", "Happy birthday! See you soon, my friend."), ("zh", "生日快乐。")],
)
def test_timed_speech_gives_back_the_text_word_by_word(
    client: SpeechClient, language: str, text: str
) -> None:
    spoken = client.speak_timed(text, language=language)
    said = "".join(w.text for s in spoken.script.sentences for w in s.words)
    assert said.replace(" ", "") == text.replace(" ", "")
    assert spoken.script.language == language
    assert spoken.script.sample_rate_hz == 24_000
    assert all(sentence.cache_key for sentence in spoken.script.sentences)


def test_a_profile_is_made_replaced_spoken_with_and_deleted(
    client: SpeechClient, sample: Path
) -> None:
    voice_id = new_id("voc")
    for name in ("First", "Again"):
        made = client.create_voice(
            voice_id, name=name, language="ja", consent="I agree.", sample=sample
        )
        assert (made.id, made.name, made.engine) == (voice_id, name, "world")
        assert made.report["verdict"] in ("good", "usable", "poor")
    spoken = client.speak_timed("こんにちは。", language="ja", voice=voice_id)
    assert (spoken.script.voice, spoken.script.engine) == (voice_id, "world")
    client.delete_voice(voice_id)
    client.delete_voice(voice_id)
    with pytest.raises(SpeechRefused) as refusal:
        client.speak_timed("こんにちは。", language="ja", voice=voice_id)
    assert refusal.value.code in ("voice_unknown", "not_found")


def test_forgotten_speech_is_not_in_the_cache_any_more(client: SpeechClient) -> None:
    text = "Forget what I said, please."

    def is_kept(kept_for: str) -> bool:
        spoken = client.speak_timed(text, language="en", kept_for=kept_for)
        return spoken.script.sentences[0].cache_hit

    assert [is_kept("msg_1"), is_kept("msg_2")] == [False, False]
    assert [is_kept("msg_1"), is_kept("msg_2")] == [True, True]
    client.forget(["msg_1"])
    assert [is_kept("msg_1"), is_kept("msg_2")] == [False, True]


@pytest.mark.parametrize(
    ("text", "language", "voice", "code"),
    [
        ("", "en", None, "script_empty"),
        ("🎉🎉", "en", None, "script_unspeakable"),
        ("x" * 5_001, "en", None, "script_too_long"),
        ("Hello.", "tlh", None, "language_unknown"),
        ("Hello.", "en", "voc_nobody", "voice_unknown"),
    ],
)
def test_refusals_come_with_their_code_and_field(
    client: SpeechClient, text: str, language: str, voice: str | None, code: str
) -> None:
    with pytest.raises(SpeechRefused) as refusal:
        client.speak_timed(text, language=language, voice=voice)
    assert (refusal.value.code, 400 <= refusal.value.status < 500) == (code, True)
    assert refusal.value.errors[0].fix


def test_a_silent_sample_is_refused_with_the_thing_to_fix(
    client: SpeechClient, tmp_path: Path
) -> None:
    silent = tmp_path / "silent.wav"
    silent.write_bytes(_wav(bytes(2 * 24_000 * 8)))
    with pytest.raises(SpeechRefused) as refusal:
        client.create_voice(
            new_id("voc"), name="Silent", language="en", consent="I agree.", sample=silent
        )
    assert refusal.value.code == "sample_silent"


def test_a_wrong_token_is_our_mistake_and_not_the_callers(rig: Rig) -> None:
    with (
        SpeechClient(rig.proxy.target_url, "wrong") as client,
        pytest.raises(SpeechUnavailable, match="token"),
    ):
        client.speak_timed("Hello.", language="en")
    assert "wrong" not in rig.log(SPEECH)


def _wav(pcm: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, 24_000, 0, "NONE", ""))
        sound.writeframes(pcm)
    return out.getvalue()
