"""A picture of the project's own, for who has no photo at hand: hills at sunrise.

Drawn by rule, without chance: the same bytes on every computer with the same Pillow.
"""

import math
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageOps

SIZE_PX = (1600, 1200)
# Edges are drawn twice as fine and averaged, which smooths them.
FINER = 2
SKY = ("#2b3a67", "#f29f8a", "#ffe3b0")
SUN_AT, SUN_RADIUS, GLOW_RADIUS = (0.62, 0.52), 0.055, 0.55
# Far to near: colour, height of the crest, how high its waves are, how many there are.
HILLS = (
    ("#b98aa0", 0.60, 0.035, 1.4),
    ("#8a6f95", 0.68, 0.050, 1.1),
    ("#5b547f", 0.77, 0.045, 1.7),
    ("#343a5e", 0.87, 0.035, 1.2),
)


def draw_picture(target: Path) -> None:
    """Write the picture as a JPEG."""
    width, height = (side * FINER for side in SIZE_PX)
    picture = _sky(width, height)
    _add_sun(picture)
    draw = ImageDraw.Draw(picture)
    for index, hill in enumerate(HILLS):
        draw.polygon(_crest(width, height, index, hill), fill=hill[0])
    picture.resize(SIZE_PX, Image.Resampling.LANCZOS).save(target, "JPEG", quality=90)


def _sky(width: int, height: int) -> Image.Image:
    top, middle, bottom = SKY
    shades = Image.linear_gradient("L").resize((width, height), Image.Resampling.BICUBIC)
    return ImageOps.colorize(shades, top, bottom, mid=middle, midpoint=140)


def _add_sun(picture: Image.Image) -> None:
    width, height = picture.size
    x, y = int(width * SUN_AT[0]), int(height * SUN_AT[1])
    reach = int(width * GLOW_RADIUS)
    fading = ImageChops.invert(Image.radial_gradient("L")).resize((2 * reach, 2 * reach))
    glow = fading.point([int(130 * (value / 255) ** 2) for value in range(256)])
    picture.paste("#fff1c9", (x - reach, y - reach), glow)
    radius = int(width * SUN_RADIUS)
    box = (x - radius, y - radius, x + radius, y + radius)
    ImageDraw.Draw(picture).ellipse(box, fill="#fff6df")


def _crest(
    width: int, height: int, index: int, hill: tuple[str, float, float, float]
) -> list[tuple[float, float]]:
    _colour, at, waves, count = hill
    points = [(0.0, float(height))]
    for step in range(201):
        angle = 2 * math.pi * (count * step / 200 + index * 0.37)
        wave = math.sin(angle) + 0.35 * math.sin(2.3 * angle + index)
        points.append((width * step / 200, height * (at + waves * wave)))
    return [*points, (float(width), float(height))]
