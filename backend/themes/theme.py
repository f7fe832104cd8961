"""A theme as it stands in a TOML file, and where those files are.

A file names colours, words and music, never a place: what it may say is all listed here, so that
one from a stranger can do no more than be ugly.
"""

import logging
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from backend.media.style import Ornament, Palette
from backend.music.score import Names, Slug, all_tracks

logger = logging.getLogger(__name__)
FOLDER = Path(__file__).with_name("occasions")
MAX_BYTES = 16_384

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]


class ThemeUnreadable(Exception):
    """A theme's file can't be used; the text names the file, the field and what is wrong."""


class _Document(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_serialization_defaults_required=True
    )


class CardText(_Document):
    """What a card says, in each language of the app."""

    ja: str = Field("", max_length=120)
    en: str = Field("", max_length=120)


class Theme(_Document):
    """An occasion.

    accent: of what is spoken at the moment, of ring and waveform; shade: of the cards
    """

    id: Slug
    name: Names
    accent: Colour
    shade: Colour
    ornament: Ornament = "none"
    title: CardText = CardText()
    closing: CardText = CardText()
    music: Slug | None = None
    waveform: Literal["bars", "ring", "none"] = "bars"

    @property
    def palette(self) -> Palette:
        """What of it is drawn."""
        return Palette(
            accent=self.accent, shade=self.shade, ornament=self.ornament, scatter=self.id
        )

    @field_validator("music")
    @classmethod
    def _is_there(cls, music: str | None) -> str | None:
        if music is not None and music not in all_tracks():
            raise ValueError(f"there is no such music; there is {', '.join(all_tracks())}")
        return music


def read_theme(file: Path) -> Theme:
    """Return the theme in `file`, whose name is its id. Raises ThemeUnreadable."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ThemeUnreadable(f"{file.name}: a theme has at most {MAX_BYTES:,} bytes")
        said = tomllib.loads(file.read_text("utf-8"))
        return Theme.model_validate(said | {"id": file.stem})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise ThemeUnreadable(f"{file.name}: {field}: {first['msg']}") from None
    except RecursionError:
        raise ThemeUnreadable(f"{file.name}: it is nested too deep") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ThemeUnreadable(f"{file.name}: {error}") from None


def all_themes(added: Path | None) -> dict[str, Theme]:
    """Return the themes by id: ours, then those in the folder `added`, which may replace ours.

    One that can't be read is left out and told in the log: the others still serve.
    """
    files = [*sorted(FOLDER.glob("*.toml")), *(sorted(added.glob("*.toml")) if added else [])]
    themes: dict[str, Theme] = {}
    for file in files:
        try:
            theme = read_theme(file)
        except ThemeUnreadable as reason:
            logger.warning("a theme is left out: %s", reason)
        else:
            themes[theme.id] = theme
    return themes
