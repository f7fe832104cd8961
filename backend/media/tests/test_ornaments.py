"""An occasion's colours: over the picture behind a card, and in what is written."""

import pytest
from PIL import Image, ImageStat

from backend.media.scene import paint_card
from backend.media.style import NO_PALETTE, Palette

SCENE = Image.new("RGB", (640, 360), "#c0c0c0")
PURPLE = Palette(accent="#ffc94d", shade="#7a2e5d", ornament="confetti", scatter="birthday")


def middle_of(picture: Image.Image) -> list[float]:
    width, height = picture.size
    box = (width * 0.3, height * 0.4, width * 0.7, height * 0.6)
    return ImageStat.Stat(picture.crop(box)).mean


def test_a_card_takes_the_colour_of_its_occasion() -> None:
    red, green, blue = middle_of(paint_card(SCENE, PURPLE))
    assert red > blue > green
    plain = middle_of(paint_card(SCENE, NO_PALETTE))
    assert max(plain) - min(plain) < 2


def test_words_stand_out_from_every_shade() -> None:
    assert max(middle_of(paint_card(SCENE, PURPLE))) < 160


@pytest.mark.parametrize("ornament", ["confetti", "petals", "sparkles", "hearts"])
def test_an_ornament_is_drawn_in_the_accent(ornament: str) -> None:
    palette = Palette(accent="#00ff00", ornament=ornament, scatter="x")
    red, green, blue = (band.tobytes() for band in paint_card(SCENE, palette).split())
    greenest = max(g - max(r, b) for r, g, b in zip(red, green, blue, strict=True))
    assert greenest > 100
