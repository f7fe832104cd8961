"""How a message is to look, as its sender chose."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

BurnedCaptions = Literal["none", "sentence", "word"]
Waveform = Literal["bars", "ring", "none"]
Ornament = Literal["none", "confetti", "petals", "sparkles", "hearts"]
COLOUR = r"^#[0-9a-fA-F]{6}$"
MAX_CARD_CHARACTERS = 120
# Whole pictures at every rate that a recording is made at. Captions that are kept with a recording
# are timed by it, whatever its rate: what comes before has to be as long for all.
FILMED_CARD_S = 3.0


class Style(BaseModel):
    """What is seen besides the photos or the recording.

    background:      a colour in place of the photos
    burned_captions: what is read in the picture; `word` highlights what is spoken
    waveform:        what moves with the voice over photos
    title_card, closing_card: text before the first word and after the last, none where it is empty
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    background: str | None = Field(None, pattern=COLOUR)
    burned_captions: BurnedCaptions = "none"
    waveform: Waveform = "bars"
    title_card: str = Field("", max_length=MAX_CARD_CHARACTERS)
    closing_card: str = Field("", max_length=MAX_CARD_CHARACTERS)

    @property
    def has_text(self) -> bool:
        """Whether anything is written into the picture, so that a font is needed."""
        is_carded = bool(self.title_card.strip() or self.closing_card.strip())
        return is_carded or self.burned_captions != "none"


PLAIN = Style()


class Palette(BaseModel):
    """The colours and the ornament of an occasion.

    accent:   of the word that is spoken, and of what moves with the voice
    shade:    over the picture behind a card; None leaves it as it is
    scatter:  by which the ornament's pieces are scattered; the same gives the same
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    accent: str | None = Field(None, pattern=COLOUR)
    shade: str | None = Field(None, pattern=COLOUR)
    ornament: Ornament = "none"
    scatter: str = ""


NO_PALETTE = Palette()
