"""Tables of uploads and their parts."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.db import Base, EnumText, Id


class UploadKind(StrEnum):
    """What a file is meant to be, which decides how it is opened."""

    PHOTO = "photo"
    AUDIO = "audio"


class UploadState(StrEnum):
    """Parts are still taken, or the file has been decoded."""

    OPEN = "open"
    COMPLETE = "complete"


class Upload(Base):
    """A file on its way in, and afterwards what the jail made of it.

    guest_of: the link through which a recipient sends it; the account it counts for is the
              sender's, who can use it for nothing but hearing the reply
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
    size_bytes: Mapped[int]
    part_size_bytes: Mapped[int]
    width_px: Mapped[int | None]
    height_px: Mapped[int | None]
    duration_s: Mapped[float | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    parts: Mapped[list["UploadPart"]] = relationship(
        order_by="UploadPart.number", cascade="all, delete-orphan"
    )


class UploadPart(Base):
    """A part that lies on the disk."""

    __tablename__ = "upload_parts"

    upload_id: Mapped[str] = mapped_column(
        ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
