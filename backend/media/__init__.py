"""The only place where untrusted media is opened, and where videos are made."""

from backend.media.decode import Photo, Sound, decode_audio, decode_photo
from backend.media.jail import SandboxReport, sandbox_report
from backend.media.rejection import MediaRejected

__all__ = [
    "MediaRejected",
    "Photo",
    "SandboxReport",
    "Sound",
    "decode_audio",
    "decode_photo",
    "sandbox_report",
]
