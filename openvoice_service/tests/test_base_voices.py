"""Every base voice speaks, and says the same thing the same way."""

from collections.abc import Iterator

import numpy as np
import pytest

from openvoice_service.audio import speech_bounds
from openvoice_service.base_voices import BaseVoices, Prosody

GREETINGS = {
    "ja": "こんにちは、お元気ですか。",
    "en": "Hello there, my friend.",
    "zh": "你好，我的朋友。",
    "ko": "안녕하세요, 친구.",
    "es": "Hola, amigo mío.",
    "fr": "Bonjour, mon ami.",
}


@pytest.fixture(scope="module")
def base_voices() -> Iterator[BaseVoices]:
    voices = BaseVoices()
    yield voices
    voices.close()


def test_every_language_has_a_greeting_here(base_voices: BaseVoices) -> None:
    assert set(base_voices.languages) == set(GREETINGS)


@pytest.mark.parametrize("language", GREETINGS)
def test_every_voice_speaks_and_repeats_itself_exactly(
    base_voices: BaseVoices, language: str
) -> None:
    """The second voice in between must leave no trace in the first."""
    said: dict[str, np.ndarray] = {}
    for _ in range(2):
        for voice in base_voices.of_language(language):
            wave = voice.speak(GREETINGS[language], Prosody()).wave
            start_s, end_s = speech_bounds(wave)
            assert end_s - start_s > 0.4
            first = said.setdefault(voice.id, wave.samples)
            assert np.array_equal(first, wave.samples)
