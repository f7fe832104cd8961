"""Tables of uploads and their parts."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db import Base, EnumText, Id


class UploadKind(StrEnum):
    """What a file is meant to be, which decides how it is opened."""

    PHOTO = "photo"
    AUDIO = "audio"
    VIDEO = "video"


class UploadState(StrEnum):
    """Parts are still taken, or the file has been decoded."""

    OPEN = "open"
    COMPLETE = "complete"


class Upload(Base):
    """A file on its way in, and afterwards what the jail made of it.

    guest_of: the link through which a recipient sends it; the account it counts for is the
              sender's, who can use it for nothing but hearing the reply
    size_bytes:       None while a recording goes on that nobody knows the end of
    frame_rate:       frames a second on average; a camera's vary
    was_turned, faces: of a photo: whether the camera had held it another way, and where faces are
                      in it, each left, top, width, height in fractions; None where nobody looked
    stream_type:      what browsers play the sanitised video as; None where not all of them can
    content_bytes:    what is kept of it once it is complete
    completing_until: until when somebody's completing it is believed to be alive
    """

    __tablename__ = "uploads"

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    # No foreign key: a link that is gone must not make it the account's own.
    guest_of: Mapped[str | None] = mapped_column(String(40), index=True)
    kind: Mapped[UploadKind] = mapped_column(EnumText(UploadKind, 10))
    state: Mapped[UploadState] = mapped_column(EnumText(UploadState, 10))
    filename: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int | None]
    part_size_bytes: Mapped[int]
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    duration_s: Mapped[float | None]
    has_audio: Mapped[bool | None]
    frame_rate: Mapped[float | None]
    stream_type: Mapped[str | None] = mapped_column(String(16))
    was_turned: Mapped[bool | None]
    faces: Mapped[list[list[float]] | None] = mapped_column(JSON(none_as_null=True))
    content_bytes: Mapped[int | None] = mapped_column(BigInteger)
    completing_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    parts: Mapped[list["UploadPart"]] = relationship(
        order_by="UploadPart.number", cascade="all, delete-orphan"
    )

    @property
    def has_content(self) -> bool:
        """Whether there is something to show: a picture, sound, or video that browsers play."""
        is_shown = self.kind is not UploadKind.VIDEO or self.stream_type is not None
        return self.state is UploadState.COMPLETE and is_shown


class UploadPart(Base):
    """A part that lies in the storage, or that may be sent there directly.

    Whether it is there says the storage alone. Until then its size is reserved for it.
    size_bytes:     as it was last told
    reserved_bytes: the longest that it may still come with: an address once given is not taken back
    sha256:         empty where nobody told it
    """

    __tablename__ = "upload_parts"

    upload_id: Mapped[str] = mapped_column(
        ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    reserved_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
