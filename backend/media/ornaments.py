"""What lies around the words of a card: drawn anew for each size, the same every time."""

import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw

from backend.media.style import Palette

_Draw = Callable[[ImageDraw.ImageDraw, float, float, float, float, str], None]
# Drawn larger and made smaller, since Pillow's edges are hard.
_FINER = 2
_COUNT = 42
_APART = 0.07
# No ornament in the middle, where the words are: fractions of width and height.
_QUIET = (0.36, 0.24)


def paint_ornament(picture: Image.Image, palette: Palette) -> Image.Image:
    """Return `picture` with the palette's ornament around its middle."""
    if palette.ornament == "none":
        return picture
    layer = ornament_layer(picture.size, palette)
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def ornament_layer(size: tuple[int, int], palette: Palette) -> Image.Image:
    """Return the palette's ornament alone, with alpha, `size` in pixels; nothing if it has none."""
    finer = (size[0] * _FINER, size[1] * _FINER)
    layer = Image.new("RGBA", finer, (0, 0, 0, 0))
    pen, chance = ImageDraw.Draw(layer), random.Random(palette.scatter)  # noqa: S311
    draw = _ORNAMENTS.get(palette.ornament, _nothing)
    for x, y in _places(chance):
        length = min(finer) * chance.uniform(0.012, 0.032)
        colour = chance.choice(_colours(palette))
        draw(pen, x * finer[0], y * finer[1], length, chance.uniform(0, math.tau), colour)
    return layer.resize(size, Image.Resampling.LANCZOS)


def _places(chance: random.Random) -> list[tuple[float, float]]:
    """Return places around the middle, none too near to another."""
    places: list[tuple[float, float]] = []
    for _ in range(40 * _COUNT):
        x, y = chance.uniform(0.02, 0.98), chance.uniform(0.02, 0.98)
        is_around = abs(x - 0.5) > _QUIET[0] or abs(y - 0.5) > _QUIET[1]
        if is_around and all(math.dist((x, y), other) > _APART for other in places):
            places.append((x, y))
    return places[:_COUNT]


def _colours(palette: Palette) -> tuple[str, ...]:
    """Return the accent, clear and half clear, and white."""
    accent = palette.accent or "#ffffff"
    return (accent + "ee", accent + "99", "#ffffffcc")


def _turned(
    points: list[tuple[float, float]], x: float, y: float, angle: float
) -> list[tuple[float, float]]:
    cos, sin = math.cos(angle), math.sin(angle)
    return [(x + px * cos - py * sin, y + px * sin + py * cos) for px, py in points]


def _nothing(
    _pen: ImageDraw.ImageDraw, _x: float, _y: float, _length: float, _angle: float, _colour: str
) -> None:
    """Draw nothing: there is a palette without an ornament."""


def _confetto(
    pen: ImageDraw.ImageDraw, x: float, y: float, length: float, angle: float, colour: str
) -> None:
    half, thin = length * 0.8, length / 3
    corners = [(-half, -thin), (half, -thin), (half, thin), (-half, thin)]
    pen.polygon(_turned(corners, x, y, angle), fill=colour)


def _petal(
    pen: ImageDraw.ImageDraw, x: float, y: float, length: float, angle: float, colour: str
) -> None:
    """A cherry's petal: an oval with a notch at its outer end."""
    right = [
        (
            length * 0.4 * math.sin(math.pi * step / 12),
            -length * 0.6 * math.cos(math.pi * step / 12),
        )
        for step in range(1, 12)
    ]
    left = [(-px, py) for px, py in reversed(right)]
    shape = [*right, (0.0, length * 0.62), *left, (0.0, -length * 0.36)]
    pen.polygon(_turned(shape, x, y, angle), fill=colour)


def _sparkle(
    pen: ImageDraw.ImageDraw, x: float, y: float, length: float, _angle: float, colour: str
) -> None:
    """A star of four points that stands upright."""
    reach = [length * (1.0 if step % 2 == 0 else 0.22) for step in range(8)]
    points = [
        (far * math.cos(step * math.pi / 4), far * math.sin(step * math.pi / 4))
        for step, far in enumerate(reach)
    ]
    pen.polygon(_turned(points, x, y, 0.0), fill=colour)


def _heart(
    pen: ImageDraw.ImageDraw, x: float, y: float, length: float, angle: float, colour: str
) -> None:
    outline = []
    for step in range(40):
        t = math.tau * step / 40
        outline.append(
            (
                length * math.sin(t) ** 3,
                -length * (13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t)) / 16,
            )
        )
    pen.polygon(_turned(outline, x, y, math.sin(angle) * 0.4), fill=colour)


_ORNAMENTS: dict[str, _Draw] = {
    "confetti": _confetto, "petals": _petal, "sparkles": _sparkle, "hearts": _heart,
}  # fmt: skip
