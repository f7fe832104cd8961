"""What a base voice is: a ready-made speaker that reads a normalised sentence aloud."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from openvoice_service.audio import Waveform
from openvoice_service.readings import Reading

Span = tuple[int, int]


@dataclass(frozen=True)
class Prosody:
    """How to read: factors of the voice's own way, 1 being that; `pitch` in semitones.

    emphases: (begin, end) in the text of what is stressed, for voices that stress it themselves
    """

    speed: float = 1.0
    pitch: float = 0.0
    intonation: float = 1.0
    emphases: tuple[Span, ...] = ()


# What every voice follows: how loud, and the pauses, are set when sentences are joined.
COMMON_CONTROLS = ("speed", "pitch", "volume", "pause_after_s")
ALL_CONTROLS = (*COMMON_CONTROLS, "intonation")


@dataclass(frozen=True)
class Mark:
    """A word: where it begins in the text that was read, and when it is heard."""

    position: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class MoraSpan:
    """A mora in katakana, and when it is heard."""

    kana: str
    start_s: float
    end_s: float

    def scaled(self, factor: float) -> "MoraSpan":
        """Return the same mora in a sound that lasts `factor` times as long."""
        return MoraSpan(self.kana, self.start_s * factor, self.end_s * factor)


@dataclass(frozen=True)
class Spoken:
    """A sentence read aloud, its words in order and, where the voice knows them, its moras."""

    wave: Waveform
    marks: Sequence[Mark]
    moras: Sequence[MoraSpan] = ()


class BaseVoiceUnavailable(Exception):
    """The synthesiser behind the voice does not answer; worth another try."""


class BaseVoice(Protocol):
    """A speaker. `speak` may be called from any thread and gives the same samples every time."""

    @property
    def id(self) -> str:
        """Return `<synthesiser>:<name>`."""

    @property
    def key(self) -> str:
        """Return what shapes the voice's sound: the id, with the version of an engine elsewhere."""

    @property
    def name(self) -> str:
        """Return what people call it."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Return BCP-47 primary subtags."""

    @property
    def credit(self) -> str | None:
        """Return the line that must go with whatever is made of it."""

    @property
    def has_accents(self) -> bool:
        """Return whether the accents of a reading are heard, not its kana alone."""

    @property
    def controls(self) -> tuple[str, ...]:
        """Return what of a sentence's delivery is heard in it."""

    @property
    def stresses(self) -> bool:
        """Return whether it stresses the `emphases` of a prosody itself."""

    def speak(self, text: str, prosody: Prosody, reading: Reading | None = None, /) -> Spoken:
        """Read one normalised sentence. Raises BaseVoiceUnavailable.

        reading: how a Japanese sentence is to be read, where that is not left to the voice
        """
