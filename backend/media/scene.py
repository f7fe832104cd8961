"""The still picture behind everything: the photo on a backdrop made of itself."""

from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from backend.media.framing import Crop
from backend.media.ornaments import paint_ornament
from backend.media.style import Palette

# A photo this near to the canvas's own shape fills it; any other is shown whole, as a card.
FILL_TOLERANCE = 0.16
CARD_SHARE = 0.78
CORNER_SHARE = 0.028
BACKDROP_BRIGHTNESS = 0.55
CARD_BRIGHTNESS = 0.5
CARD_SHADE = 0.62  # of the occasion's colour over the picture behind a card
SHADE_FROM = 0.62  # the lower part is darkened, so that waveform and captions stand out


def paint_scene(
    photo: Path, width_px: int, height_px: int, crop: Crop | None = None
) -> Image.Image:
    """Return the canvas with the photo on it, RGB, `width_px` x `height_px`.

    crop: the part of the photo that is taken for all of it
    """
    with Image.open(photo, formats=["JPEG", "PNG"]) as opened:
        picture = opened.convert("RGB")
    if crop is not None:
        picture = picture.crop(crop.in_pixels(*picture.size))
    shape = picture.width / picture.height / (width_px / height_px)
    if abs(shape - 1) <= FILL_TOLERANCE:
        canvas = ImageOps.fit(
            picture, (width_px, height_px), Image.Resampling.LANCZOS, 0, (0.5, 0.35)
        )
    else:
        canvas = _backdrop(picture, width_px, height_px)
        _lay_card(canvas, picture)
    return _shaded(canvas)


def paint_colour(colour: str, width_px: int, height_px: int) -> Image.Image:
    """Return a canvas of one colour, `#rrggbb`."""
    return Image.new("RGB", (width_px, height_px), colour)


def paint_card(scene: Image.Image, palette: Palette) -> Image.Image:
    """Return what lies behind the text of a card: `scene`, blurred, darkened and shaded."""
    small_px = (max(scene.width // 16, 1), max(scene.height // 16, 1))
    small = scene.resize(small_px, Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(3))
    dark = ImageEnhance.Brightness(soft).enhance(CARD_BRIGHTNESS)
    card = dark.resize(scene.size, Image.Resampling.BICUBIC)
    if palette.shade is not None:
        card = Image.blend(card, paint_colour(palette.shade, *card.size), CARD_SHADE)
    return paint_ornament(card, palette)


def is_light(colour: str) -> bool:
    """Return whether white would not stand out on `#rrggbb` (luma of ITU-R BT.709)."""
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 150


def _backdrop(picture: Image.Image, width_px: int, height_px: int) -> Image.Image:
    small = ImageOps.fit(picture, (width_px // 8, height_px // 8), Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(7))
    dark = ImageEnhance.Brightness(soft).enhance(BACKDROP_BRIGHTNESS)
    return dark.resize((width_px, height_px), Image.Resampling.BICUBIC)


def _lay_card(canvas: Image.Image, picture: Image.Image) -> None:
    room = (round(canvas.width * CARD_SHARE), round(canvas.height * CARD_SHARE))
    card = ImageOps.contain(picture, room, Image.Resampling.LANCZOS)
    left = (canvas.width - card.width) // 2
    top = round((canvas.height - card.height) * 0.32)
    mask = _rounded(card.size, round(min(canvas.size) * CORNER_SHARE))
    shadow = Image.new("L", canvas.size, 0)
    shadow.paste(
        mask.point(lambda level: level * 3 // 5), (left, top + round(canvas.height * 0.012))
    )
    shadow = shadow.filter(ImageFilter.GaussianBlur(min(canvas.size) // 40))
    canvas.paste((0, 0, 0), (0, 0), shadow)
    canvas.paste(card, (left, top), mask)


def _rounded(size: tuple[int, int], radius_px: int) -> Image.Image:
    # Drawn four times as large and scaled down: Pillow's own corners are jagged.
    large = Image.new("L", (size[0] * 4, size[1] * 4), 0)
    box = (0, 0, large.width - 1, large.height - 1)
    ImageDraw.Draw(large).rounded_rectangle(box, radius_px * 4, fill=255)
    return large.resize(size, Image.Resampling.BOX)


def _shaded(canvas: Image.Image) -> Image.Image:
    shade = Image.new("L", (1, canvas.height), 0)
    begin = round(canvas.height * SHADE_FROM)
    for row in range(begin, canvas.height):
        shade.putpixel((0, row), round(140 * (row - begin) / (canvas.height - begin)))
    canvas.paste((0, 0, 0), (0, 0), shade.resize(canvas.size))
    return canvas
