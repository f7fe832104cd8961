"""The only place where untrusted media is opened, and where videos are made."""

from backend.media.compose import ComposedVideo, SegmentShelf, compose_video, shrink_video
from backend.media.decode import Photo, Sound, decode_audio, decode_photo, find_faces
from backend.media.jail import SandboxReport, sandbox_report
from backend.media.rejection import MediaRejected
from backend.media.sanitise import Video, sanitise_video

__all__ = [
    "ComposedVideo",
    "MediaRejected",
    "Photo",
    "SandboxReport",
    "SegmentShelf",
    "Sound",
    "Video",
    "compose_video",
    "decode_audio",
    "decode_photo",
    "find_faces",
    "sandbox_report",
    "sanitise_video",
    "shrink_video",
]
