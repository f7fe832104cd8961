"""The program in the jail that looks into untrusted files: `python worker.py VERB IN [OUT]`.

It prints one line of JSON: the facts, or {"code", …} for a refusal. It imports nothing of the
product, so that the jail need not show it anything else.
"""

import io
import json
import sys
import warnings
from pathlib import Path
from typing import Any, NoReturn

import av
from av.error import FFmpegError
from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

MAX_PIXELS = 100_000_000  # 100 megapixels: more than any phone takes
MAX_SIDE_PX = 4096
PHOTO_FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "MPO", "TIFF", "BMP"]
AUDIO_CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,ogg,wav,mp3,flac,aac,aiff,caf"
MAX_STREAMS = 8


def refuse(code: str, **facts: Any) -> NoReturn:
    """Print a refusal and end."""
    sys.stdout.write(json.dumps({"code": code, **facts}) + "\n")
    sys.exit(0)


def photo(source: Path, target: Path) -> dict[str, Any]:
    """Decode a picture, turn it upright, drop its metadata, and write it as JPEG."""

    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error")
    try:
        image = Image.open(source, formats=PHOTO_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        refuse("photo_too_large")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Warning):
        refuse("photo_unsupported")
    width_px, height_px = image.size
    if width_px < 1 or height_px < 1:
        refuse("photo_unsupported")
    if width_px * height_px > MAX_PIXELS:
        refuse("photo_too_large", width_px=width_px, height_px=height_px)
    if min(width_px, height_px) < 64:
        refuse("photo_too_small", width_px=width_px, height_px=height_px)
    try:
        image.draft("RGB", (MAX_SIDE_PX, MAX_SIDE_PX))  # JPEG decodes at a fraction for free
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError, Warning) as error:
        refuse("media_truncated" if "truncated" in str(error).lower() else "media_unreadable")
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX), Image.Resampling.LANCZOS)
    plain = _in_srgb(_on_white(upright), profile)
    clean = Image.new("RGB", plain.size)
    clean.paste(plain)
    clean.save(target, "JPEG", quality=92, optimize=True)
    return {"width_px": clean.width, "height_px": clean.height}


def _on_white(image: Any) -> Any:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(ground, layer).convert("RGB")
    if image.mode.startswith("I;16") or image.mode == "I":
        return image.point(lambda level: level / 256).convert("L").convert("RGB")
    return image.convert("RGB")


def _in_srgb(image: Any, profile: bytes | None) -> Any:
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # a broken colour profile is no reason to refuse the picture


def sound(source: Path, _target: Path) -> dict[str, Any]:
    """Probe a sound file: its declared duration and streams. Decoding it is ffmpeg's part."""
    options = {"format_whitelist": AUDIO_CONTAINERS, "protocol_whitelist": "file"}
    try:
        container = av.open(f"file:{source}", options=options, metadata_errors="ignore")
    except (FFmpegError, ValueError, UnicodeError):
        refuse("media_unreadable")
    with container:
        if len(container.streams) > MAX_STREAMS:
            refuse("media_unreadable")
        pictures = [s for s in container.streams.video if not _is_cover(s)]
        if not container.streams.audio:
            refuse("sample_is_video" if pictures else "media_unreadable")
        if pictures:
            refuse("sample_is_video")
        duration = container.duration
        return {"declared_s": duration / 1_000_000 if duration and duration > 0 else None}


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition.value & 0x400)  # AV_DISPOSITION_ATTACHED_PIC


if __name__ == "__main__":
    verb = {"photo": photo, "sound": sound}[sys.argv[1]]
    sys.stdout.write(json.dumps(verb(Path(sys.argv[2]), Path(sys.argv[3]))) + "\n")
