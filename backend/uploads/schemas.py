"""What an upload looks like on the wire."""

from datetime import datetime

from pydantic import BaseModel, Field

from backend.bodies import RequestBody
from backend.uploads.models import Upload, UploadKind, UploadState


class NewUpload(RequestBody):
    """A file that is about to be sent."""

    kind: UploadKind
    filename: str = Field(min_length=1, max_length=255)
    size_bytes: int
    content_type: str | None = Field(None, max_length=100)


class Part(BaseModel):
    """A part that has arrived."""

    number: int
    size_bytes: int
    sha256: str


class PhotoFacts(BaseModel):
    """The picture that was made of the upload."""

    width_px: int
    height_px: int


class AudioFacts(BaseModel):
    """The sound that was made of the upload."""

    duration_s: float


class UploadBody(BaseModel):
    """An upload and the parts held so far, numbered from 1."""

    id: str
    kind: UploadKind
    state: UploadState
    filename: str
    size_bytes: int
    part_size_bytes: int
    parts: list[Part]
    photo: PhotoFacts | None
    audio: AudioFacts | None
    content_url: str | None
    expires_at: datetime


class PartRequest(BaseModel):
    """The part for which an address is wanted; with a sha-256 the part is checked against it."""

    number: int = Field(ge=1, le=10_000)
    sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")


class PartAddress(BaseModel):
    """Where to PUT the part's bytes, and until when."""

    url: str
    method: str
    headers: dict[str, str]
    expires_at: datetime


def upload_body(upload: Upload) -> UploadBody:
    """Return `upload` as the wire shows it."""
    complete = upload.state is UploadState.COMPLETE
    photo = audio = None
    if complete and upload.width_px is not None and upload.height_px is not None:
        photo = PhotoFacts(width_px=upload.width_px, height_px=upload.height_px)
    if complete and upload.duration_s is not None:
        audio = AudioFacts(duration_s=upload.duration_s)
    return UploadBody(
        id=upload.id,
        kind=upload.kind,
        state=upload.state,
        filename=upload.filename,
        size_bytes=upload.size_bytes,
        part_size_bytes=upload.part_size_bytes,
        parts=[
            Part(number=part.number, size_bytes=part.size_bytes, sha256=part.sha256)
            for part in upload.parts
        ],
        photo=photo,
        audio=audio,
        content_url=f"/api/v1/uploads/{upload.id}/content" if complete else None,
        expires_at=upload.expires_at,
    )
