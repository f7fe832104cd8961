"""Opens sound and video files, with PyAV."""

import itertools
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from .answer import refuse

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
            "has_sound": bool(sounds),
            "declared_s": duration / 1_000_000 if duration and duration > 0 else None,
            "declared_rate": float(picture.average_rate or 0),
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
    return refuse("media_unreadable")


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
