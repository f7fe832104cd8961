"""What an upload looks like on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, cast

from pydantic import BaseModel, Field

from backend.bodies import RequestBody
from backend.media.framing import Box, Crop, is_soft, offer_crop
from backend.media.sizes import CANVAS_PX
from backend.uploads.models import Upload, UploadKind, UploadPart, UploadState


class NewUpload(RequestBody):
    """A file that is about to be sent; `size_bytes` is null for a recording that goes on."""

    kind: UploadKind
    filename: str = Field(min_length=1, max_length=255)
    size_bytes: int | None
    content_type: str | None = Field(None, max_length=100)


class FetchOrder(RequestBody):
    """A file that is fetched from where it lies; without a name it has that of its address."""

    kind: UploadKind
    url: str = Field(min_length=1, max_length=2000)
    filename: str | None = Field(None, min_length=1, max_length=255)


class Part(BaseModel):
    """A part that has arrived.

    sha256: null where it went to the storage directly, and nobody told it
    """

    number: int
    size_bytes: int
    sha256: str | None


class PhotoFrame(BaseModel):
    """How the picture fits a video format.

    is_soft: whether it has too few pixels to be sharp there
    crop:    the part that frames its faces; null where the whole picture is as good
    """

    is_soft: bool
    crop: Crop | None


class PhotoFacts(BaseModel):
    """The picture that was made of the upload.

    was_turned: whether the camera had held it another way, and it was set upright
    faces:      how many were found; null where nobody could look
    frames:     by the video's format
    """

    width_px: int
    height_px: int
    was_turned: bool
    faces: int | None
    frames: dict[str, PhotoFrame]


class AudioFacts(BaseModel):
    """The sound that was made of the upload."""

    duration_s: float


StreamType = Literal["video/webm", "video/mp4"]


class VideoFacts(BaseModel):
    """The video that was made of the upload, as it is shown upright.

    stream_type: what the content is played as; null where not every browser could: such a
                 recording can be watched once its message's MP4 is ready
    """

    duration_s: float
    width_px: int
    height_px: int
    has_audio: bool
    stream_type: StreamType | None


class Completion(RequestBody):
    """How long the file has become; needed where that was not known at its beginning."""

    size_bytes: int | None = None


class UploadBody(BaseModel):
    """An upload and the parts held so far, numbered from 1.

    size_bytes: null while a recording goes on
    """

    id: str
    kind: UploadKind
    state: UploadState
    filename: str
    size_bytes: int | None
    part_size_bytes: int
    parts: list[Part]
    photo: PhotoFacts | None
    audio: AudioFacts | None
    video: VideoFacts | None
    content_url: str | None
    expires_at: datetime


class PartRequest(BaseModel):
    """The part for which an address is wanted; with a sha-256 the part is checked against it.

    size_bytes: of this part, where a recording goes on and it is not full
    """

    number: int = Field(ge=1, le=10_000)
    size_bytes: int | None = None
    sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")


class PartAddress(BaseModel):
    """Where to PUT the part's bytes, with which headers, and until when.

    url: a path of ours, or an address of the storage itself
    """

    url: str
    method: str
    headers: dict[str, str]
    expires_at: datetime


def upload_body(upload: Upload, held: Sequence[UploadPart] = ()) -> UploadBody:
    """Return `upload` as the wire shows it.

    held: the parts of an open one that have arrived
    """
    return UploadBody(
        id=upload.id,
        kind=upload.kind,
        state=upload.state,
        filename=upload.filename,
        size_bytes=upload.size_bytes,
        part_size_bytes=upload.part_size_bytes,
        parts=[
            Part(number=part.number, size_bytes=part.size_bytes, sha256=part.sha256 or None)
            for part in held
        ],
        photo=_photo_facts(upload),
        audio=_audio_facts(upload),
        video=_video_facts(upload),
        content_url=f"/api/v1/uploads/{upload.id}/content" if upload.has_content else None,
        expires_at=upload.expires_at,
    )


def _photo_facts(upload: Upload) -> PhotoFacts | None:
    is_there = upload.kind is UploadKind.PHOTO and upload.state is UploadState.COMPLETE
    if not is_there or upload.width_px is None or upload.height_px is None:
        return None
    faces = None if upload.faces is None else [Box(*face) for face in upload.faces]
    size_px = (upload.width_px, upload.height_px)
    return PhotoFacts(
        width_px=size_px[0],
        height_px=size_px[1],
        was_turned=bool(upload.was_turned),
        faces=None if faces is None else len(faces),
        frames={
            aspect: PhotoFrame(
                is_soft=is_soft(*size_px, aspect), crop=offer_crop(*size_px, faces or [], aspect)
            )
            for aspect in CANVAS_PX
        },
    )


def _audio_facts(upload: Upload) -> AudioFacts | None:
    is_there = upload.kind is UploadKind.AUDIO and upload.state is UploadState.COMPLETE
    if not is_there or upload.duration_s is None:
        return None
    return AudioFacts(duration_s=upload.duration_s)


def _video_facts(upload: Upload) -> VideoFacts | None:
    if upload.kind is not UploadKind.VIDEO or upload.state is not UploadState.COMPLETE:
        return None
    return VideoFacts(
        duration_s=upload.duration_s or 0.0,
        width_px=upload.width_px or 0,
        height_px=upload.height_px or 0,
        has_audio=bool(upload.has_audio),
        stream_type=cast("StreamType | None", upload.stream_type),
    )
