"""The program in the jail that looks into untrusted files: `python worker.py VERB IN [OUT]`.

It prints one line of JSON: the facts, or {"code", …} for a refusal. It imports nothing of the
product, so that the jail need not show it anything else.
"""

import contextlib
import io
import itertools
import json
import sys
import warnings
from pathlib import Path
from typing import Any, NoReturn

import av
from av.error import FFmpegError
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MAX_PIXELS = 100_000_000  # 100 megapixels: more than any phone takes
MIN_SIDE_PX, MAX_SIDE_PX = 64, 4096
# Phones' MPO is opened as JPEG. TIFF is left out: no phone makes it, and its decoder is the one
# with the longest list of holes.
PHOTO_FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP"]
# The same as ffmpeg.py's, where the decoding happens.
AUDIO_FORMATS = "mov,matroska,ogg,wav,mp3,flac,aac"
AUDIO_CODECS = (
    "aac,mp3,mp3float,opus,libopus,vorbis,flac,alac,"
    "pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f64le,"
    "pcm_alaw,pcm_mulaw,adpcm_ms,adpcm_ima_wav"
)
MAX_STREAMS = 8
# The same as ffmpeg.py's, where the remuxing happens.
VIDEO_FORMATS = "mov,matroska"
VIDEO_CODECS = "h264,hevc,vp8,vp9,av1,libdav1d"
MAX_VIDEO_STREAMS = 16  # a phone's own files bring several tracks of sensor readings
MAX_FRAME_PIXELS = 16_777_216
# A picture comes within the first packets, or something is wrong with the codec's own header.
MAX_PACKETS_TO_PICTURE = 300
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, TypeError, IndexError, KeyError)


def refuse(code: str, **facts: Any) -> NoReturn:
    """Print a refusal and end."""
    sys.stdout.write(json.dumps({"code": code, **facts}) + "\n")
    sys.exit(0)


# --- pictures -------------------------------------------------------------------------------


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
    plain = _in_srgb(_upright(image), profile)
    _make_small(plain)
    clean = Image.new("RGB", plain.size)
    clean.paste(plain)
    clean.save(target, "JPEG", quality=92, optimize=True)
    return {"width_px": clean.width, "height_px": clean.height}


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


# --- sound ----------------------------------------------------------------------------------


def sound(source: Path, _target: Path) -> dict[str, Any]:
    """Probe a sound file: its declared duration and streams. Decoding it is ffmpeg's part."""
    options = {
        "format_whitelist": AUDIO_FORMATS,
        "codec_whitelist": AUDIO_CODECS,
        "protocol_whitelist": "file",
        "max_streams": str(MAX_STREAMS),
    }
    try:
        container = av.open(f"file:{source}", options=options, metadata_errors="ignore")
    except (FFmpegError, ValueError, UnicodeError):
        refuse("media_unreadable")
    with container:
        if any(not _is_cover(stream) for stream in container.streams.video):
            refuse("sample_is_video")
        if not container.streams.audio:
            refuse("media_unreadable")
        duration = container.duration
        declared_s = duration / 1_000_000 if duration and duration > 0 else None
        return {"declared_s": declared_s, "is_cut": _is_cut(source)}


# --- video ----------------------------------------------------------------------------------


def video(source: Path, _target: Path) -> dict[str, Any]:
    """Probe a video: what is in it, upright size, and whether a first picture can be decoded."""
    with _opened_video(source) as container:
        pictures = [stream for stream in container.streams.video if not _is_cover(stream)]
        if not pictures:
            refuse("recording_without_picture" if container.streams.audio else "media_unreadable")
        picture, sounds = pictures[0], container.streams.audio
        codec = _known_codec(picture, VIDEO_CODECS)
        sound_codec = _known_codec(sounds[0], AUDIO_CODECS) if sounds else None
        if not 0 < picture.codec_context.width * picture.codec_context.height <= MAX_FRAME_PIXELS:
            refuse("recording_resolution")
        frame = _first_frame(container, picture)
        is_on_its_side = round(frame.rotation / 90) % 2 == 1
        size = (frame.height, frame.width) if is_on_its_side else (frame.width, frame.height)
        duration = container.duration
        return {
            "codec": codec,
            "sound_codec": sound_codec,
            "pixels": frame.format.name,
            "transfer": int(frame.color_trc),
            "matrix": int(frame.colorspace),
            "width_px": size[0],
            "height_px": size[1],
            "picture": picture.index,
            "sound": sounds[0].index if sounds else None,
            "declared_s": duration / 1_000_000 if duration and duration > 0 else None,
        }


def _opened_video(source: Path) -> Any:
    options = {
        "format_whitelist": VIDEO_FORMATS,
        "codec_whitelist": f"{VIDEO_CODECS},{AUDIO_CODECS}",
        "protocol_whitelist": "file",
        "max_streams": str(MAX_VIDEO_STREAMS),
    }
    try:
        return av.open(f"file:{source}", options=options, metadata_errors="ignore")
    except (FFmpegError, ValueError, UnicodeError):
        refuse("media_unreadable")


def _known_codec(stream: Any, known: str) -> str:
    """Return the codec's own name, whatever its decoder is called."""
    context = stream.codec_context
    if context is None or context.name not in known.split(","):
        refuse("recording_unsupported")
    return str(context.codec.canonical_name)


def _first_frame(container: Any, picture: Any) -> Any:
    picture.codec_context.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
    try:
        for packet in itertools.islice(container.demux(picture), MAX_PACKETS_TO_PICTURE):
            for frame in packet.decode():
                return frame
    except (FFmpegError, ValueError):
        pass
    refuse("media_unreadable")


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition.value & 0x400)  # AV_DISPOSITION_ATTACHED_PIC


def _is_cut(source: Path) -> bool:
    """Return whether a RIFF or Ogg file ends before its own headers say."""
    raw = source.read_bytes()
    if raw[:4] == b"RIFF":
        return _riff_is_cut(raw)
    if raw[:4] == b"OggS":
        return _ogg_is_cut(raw)
    return False


def _riff_is_cut(raw: bytes) -> bool:
    at = 12
    while at + 8 <= len(raw):
        size = int.from_bytes(raw[at + 4 : at + 8], "little")
        if raw[at : at + 4] == b"data":
            # A recorder that could not seek back leaves 0 or the largest number: it says nothing.
            return size < 0xFFFF_0000 and at + 8 + size > len(raw) + 1
        at += 8 + size + size % 2
    return False


def _ogg_is_cut(raw: bytes) -> bool:
    """Return whether the last page is shorter than its segment table (RFC 3533, section 6)."""
    at = raw.rfind(b"OggS")
    segments = raw[at + 26] if at + 26 < len(raw) else 0
    body = sum(raw[at + 27 : at + 27 + segments])
    return at + 27 + segments + body > len(raw) or at + 27 > len(raw)


if __name__ == "__main__":
    verb = {"photo": photo, "sound": sound, "video": video}[sys.argv[1]]
    sys.stdout.write(json.dumps(verb(Path(sys.argv[2]), Path(sys.argv[3]))) + "\n")
