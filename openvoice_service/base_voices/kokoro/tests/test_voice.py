"""Kokoro's voices behind the base-voice protocol, on a tiny network of the same shape."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from openvoice_service import base_voices
from openvoice_service.audio import Waveform
from openvoice_service.base_voices import BaseVoices, Prosody
from openvoice_service.base_voices.espeak_ng import EspeakProcess
from openvoice_service.base_voices.kokoro import KokoroVoice, kokoro_voices, why_not_here
from openvoice_service.base_voices.kokoro.network import MAX_TOKENS, Network
from openvoice_service.base_voices.kokoro.reading import Clause, WordSpan, packed
from openvoice_service.base_voices.kokoro.tests.tiny import (
    HUM_HZ,
    SAMPLES_PER_TOKEN,
    write_tiny_kokoro,
)
from openvoice_service.models.manifest import KOKORO, Model


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def published(models_dir: Path) -> Model:
    return write_tiny_kokoro(models_dir)


@pytest.fixture(scope="module")
def voices(models_dir: Path, published: Model) -> Iterator[dict[str, KokoroVoice]]:
    espeak = EspeakProcess()
    yield {voice.id: voice for voice in kokoro_voices(models_dir, espeak, published)}
    espeak.close()


def hum_hz(wave: Waveform) -> float:
    spectrum = np.abs(np.fft.rfft(wave.samples))
    return float(np.argmax(spectrum) * wave.sample_rate_hz / len(wave.samples))


def test_the_network_gets_its_tokens_between_zeros_and_the_row_of_their_number(
    models_dir: Path, published: Model
) -> None:
    wave = Network(models_dir / published.folder).speak("a" * 300 + "❓", "af_heart", 1.0)
    assert wave.sample_rate_hz == 24_000
    assert len(wave.samples) == 302 * SAMPLES_PER_TOKEN
    assert np.abs(wave.samples).max() == pytest.approx(0.300, abs=0.006)
    assert hum_hz(wave) == pytest.approx(HUM_HZ, abs=0.1)


def test_random_sources_differ_in_themselves_and_never_between_two_times(
    models_dir: Path, published: Model
) -> None:
    network = Network(models_dir / published.folder)
    first = network.speak("a" * 40, "af_heart", 1.0).samples
    network.speak("b" * 20, "af_bella", 1.0)
    again = network.speak("a" * 40, "af_heart", 1.0).samples
    elsewhere = Network(models_dir / published.folder).speak("a" * 40, "af_heart", 1.0).samples
    assert np.array_equal(first, again)
    assert np.array_equal(first, elsewhere)
    time = np.arange(len(first)) / 24_000
    noise = first - 0.040 * np.sin(2 * np.pi * HUM_HZ * time)
    assert 0.5e-3 < noise.std() < 2e-3


def test_every_voice_says_which_it_is_and_repeats_itself(voices: dict[str, KokoroVoice]) -> None:
    assert {id: voice.languages for id, voice in voices.items()} == {
        "kokoro:af_heart": ("en",),
        "kokoro:af_bella": ("en",),
        "kokoro:bf_emma": ("en",),
        "kokoro:jf_alpha": ("ja",),
        "kokoro:ef_dora": ("es",),
        "kokoro:ff_siwis": ("fr",),
    }
    assert voices["kokoro:jf_alpha"].name == "Alpha, 日本語 (Kokoro)"
    texts = {"en": "Hello, you.", "ja": "こんにちは。", "es": "Hola.", "fr": "Bonjour."}
    for voice in voices.values():
        first, again = (voice.speak(texts[voice.languages[0]], Prosody()) for _ in range(2))
        assert np.array_equal(first.wave.samples, again.wave.samples)


def test_speed_is_the_networks_own_and_pitch_leaves_the_length(
    voices: dict[str, KokoroVoice],
) -> None:
    voice = voices["kokoro:af_heart"]
    usual = voice.speak("Happy birthday, my dear friend.", Prosody()).wave
    fast = voice.speak("Happy birthday, my dear friend.", Prosody(speed=2.0)).wave
    high = voice.speak("Happy birthday, my dear friend.", Prosody(pitch=6.0)).wave
    assert fast.duration_s == pytest.approx(usual.duration_s / 2, rel=0.01)
    assert high.duration_s == pytest.approx(usual.duration_s, rel=0.01)
    assert hum_hz(high) == pytest.approx(HUM_HZ * 2**0.5, rel=0.01)


def test_a_long_sentence_is_spoken_in_parts_and_every_word_has_its_time(
    voices: dict[str, KokoroVoice],
) -> None:
    text = ", ".join(["the quick brown fox jumps over the lazy dog"] * 20) + "."
    spoken = voices["kokoro:af_heart"].speak(text, Prosody())
    assert spoken.wave.duration_s > (MAX_TOKENS + 2) * SAMPLES_PER_TOKEN / 24_000
    assert [text[m.position] for m in spoken.marks] == [w[0] for w in text.split()]
    times = [edge for mark in spoken.marks for edge in (mark.start_s, mark.end_s)]
    assert times == sorted(times)
    assert times[-1] <= spoken.wave.duration_s


def test_nothing_to_say_is_silence(voices: dict[str, KokoroVoice]) -> None:
    assert voices["kokoro:af_heart"].speak("?", Prosody()).marks == []


def test_clauses_are_packed_and_the_longest_are_cut_between_words() -> None:
    short = Clause("ab, ", [WordSpan(0, 0, 2)])
    assert [part.symbols for part in packed([short, short, short], 8)] == ["ab, ab, ", "ab, "]
    assert packed([short, short], 8)[0].words == [WordSpan(0, 0, 2), WordSpan(0, 4, 6)]
    long = Clause("abcd efgh ijkl", [WordSpan(0, 0, 4), WordSpan(5, 5, 9), WordSpan(10, 10, 14)])
    parts = packed([long], 7)
    assert [part.symbols for part in parts] == ["abcd ", "efgh ", "ijkl"]
    assert [part.words for part in parts] == [
        [WordSpan(0, 0, 4)],
        [WordSpan(5, 0, 4)],
        [WordSpan(10, 0, 4)],
    ]
    assert [part.symbols for part in packed([Clause("a" * 5)], 2)] == ["aa", "aa", "a"]


def test_the_neural_voices_come_first_where_their_files_are(
    models_dir: Path, published: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base_voices, "why_not_here", lambda folder: why_not_here(folder, published))
    monkeypatch.setattr(
        base_voices,
        "kokoro_voices",
        lambda folder, espeak: kokoro_voices(folder, espeak, published),
    )
    voices = BaseVoices(models_dir)
    assert voices.neural_reason is None
    assert [v.id for v in voices.of_language("ja")] == ["kokoro:jf_alpha", "open_jtalk:mei_normal"]
    assert voices.of_language("en")[0].id == "kokoro:af_heart"
    assert {v.id[:7] for v in voices.finest_of_language("en")} == {"kokoro:"}
    assert {v.id[:7] for v in voices.finest_of_language("ko")} == {"espeak_"}
    voices.close()


def test_without_its_files_it_says_why(
    models_dir: Path, published: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert why_not_here(models_dir, published) is None
    for voices, reason in [
        (BaseVoices(), "make models"),
        (BaseVoices(tmp_path), f"not in {tmp_path / 'kokoro'}"),
        (BaseVoices(models_dir), "not in"),
        (BaseVoices(models_dir, allow_neural=False), "switched off"),
    ]:
        assert reason in (voices.neural_reason or "")
        assert voices.of_language("ja")[0].id == "open_jtalk:mei_normal"
        voices.close()
    spoilt = write_tiny_kokoro(tmp_path)
    (tmp_path / "kokoro" / "tokenizer.json").write_text("{}")
    assert "tokenizer.json" in (why_not_here(tmp_path, spoilt) or "")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "ONNX Runtime" in (why_not_here(models_dir, published) or "")


def test_every_language_of_the_published_voices_has_its_default_first() -> None:
    names = [Path(file.target).stem for file in KOKORO.files if "voices/" in file.target]
    firsts = {name[0]: name for name in reversed(names)}
    assert firsts == {
        "a": "af_heart",
        "b": "bf_emma",
        "e": "ef_dora",
        "f": "ff_siwis",
        "j": "jf_alpha",
    }
    assert names[0] == "af_heart"
