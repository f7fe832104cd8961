"""Opens pictures, with Pillow."""

import contextlib
import io
import warnings
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from .answer import refuse

MAX_PIXELS = 100_000_000  # 100 megapixels: more than any phone takes
MIN_SIDE_PX, MAX_SIDE_PX = 64, 4096
# Phones' MPO is opened as JPEG. TIFF is left out: no phone makes it, and its decoder is the one
# with the longest list of holes.
PHOTO_FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP"]
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, TypeError, IndexError, KeyError)


def photo(source: Path, target: Path) -> dict[str, Any]:
    """Decode a picture, turn it upright, drop its metadata, and write it as JPEG."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("ignore")  # broken metadata is no reason to refuse a picture
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    image = _opened(source)
    profile = image.info.get("icc_profile")
    _load(image)
    if image.mode in ("RGB", "RGBA", "L", "CMYK"):
        _make_small(image)  # early, since 100 megapixels are 400 MB
    was_turned = _is_turned(image)
    plain = _in_srgb(_upright(image), profile)
    _make_small(plain)
    clean = Image.new("RGB", plain.size)
    clean.paste(plain)
    clean.save(target, "JPEG", quality=92, optimize=True)
    return {
        "width_px": clean.width,
        "height_px": clean.height,
        "was_turned": was_turned,
    }


def _opened(source: Path) -> Any:
    """Open a picture and check its size, before any pixel is decoded."""
    try:
        image = Image.open(source, formats=PHOTO_FORMATS)
    except _BOMBS:
        refuse("photo_too_large")
    except (UnidentifiedImageError, *_BROKEN):
        refuse("media_truncated" if _webp_is_cut(source) else "photo_unsupported")
    if image.width * image.height > MAX_PIXELS:
        refuse("photo_too_large")
    if min(image.size) < 1:
        refuse("photo_unsupported")
    if min(image.size) < MIN_SIDE_PX:
        refuse("photo_too_small")
    return image


def _webp_is_cut(source: Path) -> bool:
    """Return whether a WebP is shorter than it says; Pillow does not even recognise such a one."""
    with source.open("rb") as stream:
        head = stream.read(12)
    is_webp = head[:4] == b"RIFF" and head[8:] == b"WEBP"
    return is_webp and int.from_bytes(head[4:8], "little") + 8 > source.stat().st_size


def _load(image: Any) -> None:
    try:
        image.draft(None, (MAX_SIDE_PX, MAX_SIDE_PX))  # JPEG decodes at a fraction for free
        image.load()
    except _BOMBS:
        refuse("photo_too_large")
    except _BROKEN as error:
        # "image file is truncated", "broken data stream", "unexpected end": each is a cut file
        said = str(error).lower()
        cut = any(word in said for word in ("truncated", "unexpected end", "broken data"))
        refuse("media_truncated" if cut else "media_unreadable")


def _make_small(image: Any) -> None:
    image.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _is_turned(image: Any) -> bool:
    """Return whether EXIF says that the picture is stored on its side, head or mirrored."""
    with contextlib.suppress(*_BROKEN):
        return image.getexif().get(ExifTags.Base.Orientation) in range(2, 9)
    return False


def _upright(image: Any) -> Any:
    with contextlib.suppress(*_BROKEN):  # EXIF that can't be read says nothing of orientation
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _in_srgb(image: Any, profile: bytes | None) -> Any:
    """Return the picture as RGB in sRGB on white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return _converted(ground, profile)
    if image.mode.startswith("I;16") or image.mode == "I":
        image = image.point(lambda level: level / 256).convert("L")
    if image.mode not in ("RGB", "CMYK", "L"):
        image = image.convert("RGB")
    return _converted(image, profile).convert("RGB")


def _converted(image: Any, profile: bytes | None) -> Any:
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, *_BROKEN):
        return image  # nor is a broken colour profile
