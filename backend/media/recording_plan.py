"""What a recorded video is made of, and how long and how fast it is."""

from dataclasses import dataclass
from pathlib import Path

from backend.media.captions import CREDIT_S, Cue
from backend.media.fonts import Font
from backend.media.style import FILMED_CARD_S, NO_PALETTE, PLAIN, Palette, Style
from backend.media.timeline import MARGIN_AFTER_S, MARGIN_BEFORE_S
from backend.speech.spoken import SpokenScript

MOST_CHANGE_OF_PACE = 0.15
# Constant rates, so that every player and messenger shows it; a camera's own varies.
FRAME_RATES = (15, 20, 24, 25, 30)
_LIKE_SPEED = 0.5  # a mean of 29.6 is a camera of 30


@dataclass(frozen=True)
class Voiceover:
    """A voice that speaks in place of the recorded sound: a mono WAV, and what it says when."""

    speech: Path
    spoken: SpokenScript


@dataclass(frozen=True)
class RecordingPlan:
    """All that the video is made of.

    span_s:     what is kept of the recording, in seconds of its own
    frame_rate: pictures a second of the recording, on average
    captions:   given ones, their times in seconds of the recording; None for those of the script
    style:      what is written into the picture and shown before and after it
    font:       what that is written with
    """

    recording: Path
    span_s: tuple[float, float]
    has_audio: bool
    frame_rate: float
    width_px: int
    height_px: int
    script: str
    language: str
    captions: tuple[Cue, ...] | None = None
    music: Path | None = None
    voiceover: Voiceover | None = None
    style: Style = PLAIN
    palette: Palette = NO_PALETTE
    font: Font | None = None

    @property
    def kept_s(self) -> float:
        """Seconds of the recording that are kept."""
        return self.span_s[1] - self.span_s[0]

    @property
    def duration_s(self) -> float:
        """Seconds of the video, cards included."""
        return self.opening_s + self.filmed_s + self.closing_s

    @property
    def opening_s(self) -> float:
        """Seconds before what was filmed is seen and heard."""
        return FILMED_CARD_S if self.style.title_card.strip() else 0.0

    @property
    def closing_s(self) -> float:
        """Seconds after it."""
        return FILMED_CARD_S if self.style.closing_card.strip() else 0.0

    @property
    def filmed_s(self) -> float:
        """Seconds of the video without its cards."""
        if self.voiceover is None:
            return self.kept_s
        after_s = MARGIN_AFTER_S if self.credit is None else CREDIT_S
        return self.lead_s + self.voiceover.spoken.duration_s + after_s

    @property
    def lead_s(self) -> float:
        """Seconds of what was filmed before a voice in place of its sound begins."""
        return 0.0 if self.voiceover is None else MARGIN_BEFORE_S

    @property
    def credit(self) -> str | None:
        """Whose voice it is, where that voice's terms ask for it."""
        return None if self.voiceover is None else self.voiceover.spoken.credit

    @property
    def pace(self) -> float:
        """How much longer a moment of the picture lasts than it did: above 1 is slower."""
        if self.voiceover is None:
            return 1.0
        wanted = self.filmed_s / self.kept_s
        return min(max(wanted, 1 - MOST_CHANGE_OF_PACE), 1 + MOST_CHANGE_OF_PACE)

    @property
    def made_rate(self) -> int:
        """Pictures a second of the video."""
        wanted = self.frame_rate / self.pace - _LIKE_SPEED
        return next((rate for rate in FRAME_RATES if rate >= wanted), FRAME_RATES[-1])

    @property
    def filmed_frames(self) -> int:
        """Pictures of the video without its cards."""
        return max(round(self.filmed_s * self.made_rate), 1)
