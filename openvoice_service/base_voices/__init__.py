"""The voices that read the text; whose tone it gets is the engine's part."""

from collections.abc import Iterator

from openvoice_service.base_voices.espeak_ng import EspeakProcess, espeak_voices
from openvoice_service.base_voices.open_jtalk import OpenJTalk
from openvoice_service.base_voices.protocol import (
    BaseVoice,
    BaseVoiceUnavailable,
    Mark,
    Prosody,
    Spoken,
)

__all__ = [
    "BaseVoice",
    "BaseVoiceUnavailable",
    "BaseVoices",
    "Mark",
    "Prosody",
    "Spoken",
]


class BaseVoices:
    """All base voices of this service, by id and by language."""

    def __init__(self) -> None:
        self._espeak = EspeakProcess()
        voices: list[BaseVoice] = [OpenJTalk(), *espeak_voices(self._espeak)]
        self._by_id = {voice.id: voice for voice in voices}

    def __iter__(self) -> Iterator[BaseVoice]:
        return iter(self._by_id.values())

    def get(self, voice_id: str) -> BaseVoice | None:
        """Return the voice with this id, or None."""
        return self._by_id.get(voice_id)

    def of_language(self, language: str) -> list[BaseVoice]:
        """Return the voices that read `language`, the default first."""
        return [voice for voice in self if language in voice.languages]

    @property
    def languages(self) -> list[str]:
        """Return every language that is read."""
        return list(dict.fromkeys(language for voice in self for language in voice.languages))

    def close(self) -> None:
        """End what was started."""
        self._espeak.close()
