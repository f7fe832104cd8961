"""The voices that read the text; whose tone it gets is the engine's part."""

from collections.abc import Iterator
from pathlib import Path

from openvoice_service.base_voices.espeak_ng import EspeakProcess, espeak_voices
from openvoice_service.base_voices.kokoro import kokoro_voices, why_not_here
from openvoice_service.base_voices.open_jtalk import OpenJTalk
from openvoice_service.base_voices.protocol import (
    BaseVoice,
    BaseVoiceUnavailable,
    Mark,
    Prosody,
    Spoken,
)
from openvoice_service.base_voices.voicevox import Voicevox

__all__ = [
    "BaseVoice",
    "BaseVoiceUnavailable",
    "BaseVoices",
    "Mark",
    "Prosody",
    "Spoken",
]


class BaseVoices:
    """All base voices of this service, by id and by language.

    models_dir:    folder of downloaded weights; the neural voices are there, or are left out
    allow_neural:  whether they are wanted
    voicevox_url:  address of a VOICEVOX engine, empty where there is none
    neural_reason: a sentence why the neural voices are left out, or None where they are used
    """

    def __init__(
        self,
        models_dir: Path | None = None,
        allow_neural: bool = True,
        voicevox_url: str = "",
    ) -> None:
        self._espeak = EspeakProcess()
        self.open_jtalk = OpenJTalk()
        self.voicevox = Voicevox(voicevox_url)
        self.neural_reason = _why_simple(models_dir, allow_neural)
        voices: list[BaseVoice] = [self.open_jtalk, *espeak_voices(self._espeak)]
        if models_dir is not None and self.neural_reason is None:
            voices = [*kokoro_voices(models_dir, self._espeak), *voices]
        self._by_id = {voice.id: voice for voice in voices}

    def __iter__(self) -> Iterator[BaseVoice]:
        # Those that come over the network last: nobody's default waits for them.
        return iter([*self._by_id.values(), *self.voicevox.voices])

    def get(self, voice_id: str) -> BaseVoice | None:
        """Return the voice with this id, or None."""
        return self._by_id.get(voice_id) or self.voicevox.get(voice_id)

    def of_language(self, language: str) -> list[BaseVoice]:
        """Return the voices that read `language`, the default first."""
        return [voice for voice in self if language in voice.languages]

    def finest_of_language(self, language: str) -> list[BaseVoice]:
        """Return the voices of the default's synthesiser: those that a clone may be built on."""
        voices = self.of_language(language)
        return [voice for voice in voices if _synthesiser(voice) == _synthesiser(voices[0])]

    @property
    def languages(self) -> list[str]:
        """Return every language that is read."""
        return list(dict.fromkeys(language for voice in self for language in voice.languages))

    def close(self) -> None:
        """End what was started."""
        self._espeak.close()
        self.voicevox.close()


def _synthesiser(voice: BaseVoice) -> str:
    return voice.id.split(":", 1)[0]


def _why_simple(models_dir: Path | None, allow_neural: bool) -> str | None:
    if not allow_neural:
        return "The neural base voice is switched off (SPEECH_NEURAL_BASE)."
    if models_dir is None:
        return "The neural base voice needs a folder of weights: `make models` fetches them."
    return why_not_here(models_dir)
