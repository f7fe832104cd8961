"""What the speech service says of itself: whether it can speak, with what and how much."""

from pydantic import Field

from backend.speech.answers import Answer


class SpeechReadiness(Answer):
    """Whether the service can speak at once, and with what."""

    ready: bool
    engine: str | None = None
    device: str | None = None


class SpeechEngine(Answer):
    """One engine of the service; `reason` says why it is not ready."""

    name: str
    ready: bool
    device: str | None = None
    reason: str | None = None
    default: bool = False


class SpeechLanguage(Answer):
    """A language the service speaks, and its base voices."""

    code: str
    base_voices: tuple[str, ...] = ()


class SpeechNeuralBase(Answer):
    """Whether natural base voices read; `reason` says why the simple ones do."""

    ready: bool
    reason: str | None = None


class SpeechCapabilities(Answer):
    """Engines, languages and limits of the speech service."""

    engines: tuple[SpeechEngine, ...] = ()
    languages: tuple[SpeechLanguage, ...] = ()
    neural_base: SpeechNeuralBase = Field(default_factory=lambda: SpeechNeuralBase(ready=False))
    formats: tuple[str, ...] = ()
    limits: dict[str, float] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()
