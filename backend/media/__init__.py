"""The only place where untrusted media is opened, and where videos are made."""

from backend.media.compose import ComposedVideo, compose_video, shrink_video
from backend.media.decode import Photo, Sound, decode_audio, decode_photo
from backend.media.jail import SandboxReport, sandbox_report
from backend.media.rejection import MediaRejected

__all__ = [
    "ComposedVideo",
    "MediaRejected",
    "Photo",
    "SandboxReport",
    "Sound",
    "compose_video",
    "decode_audio",
    "decode_photo",
    "sandbox_report",
    "shrink_video",
]
