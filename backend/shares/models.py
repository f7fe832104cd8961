"""Tables of share links and of who watched behind them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, EnumText, Id

# The heat strip: so many equal stretches of the video.
SEGMENTS = 50


class Share(Base):
    """A link to one message. Its token follows from the id and the signing key.

    view_limit, admissions: how many may watch, and how many were let in while the limit stood
    """

    __tablename__ = "shares"

    id: Mapped[Id]
    message_id: Mapped[str] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    label: Mapped[str | None] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    expires_at: Mapped[datetime | None]
    view_limit: Mapped[int | None]
    admissions: Mapped[int]
    allow_download: Mapped[bool]
    allow_reactions: Mapped[bool]
    allow_replies: Mapped[bool]
    cta_label: Mapped[str | None] = mapped_column(String(40))
    cta_url: Mapped[str | None] = mapped_column(String(2000))

    @property
    def is_full(self) -> bool:
        """Whether everybody whom the limit allows has been let in."""
        return self.view_limit is not None and self.admissions >= self.view_limit


class Audience(Base):
    """One message's audience: a number that grows with every change, and its first view.

    first_view_told_at: set by whoever tells the sender of the first view, once
    """

    __tablename__ = "audiences"

    message_id: Mapped[str] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int]
    first_view_at: Mapped[datetime | None]
    first_view_share_id: Mapped[str | None] = mapped_column(String(40))
    first_view_told_at: Mapped[datetime | None]


class Viewer(Base):
    """A browser that opened a link: a random id's hash, and what it watched. Nothing else of it.

    watched: SEGMENTS characters, "1" for each stretch that was played
    """

    __tablename__ = "viewers"
    __table_args__ = (UniqueConstraint("share_id", "viewer_hash", name="uq_viewers_share"),)

    id: Mapped[Id]
    share_id: Mapped[str] = mapped_column(ForeignKey("shares.id", ondelete="CASCADE"))
    viewer_hash: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime]
    views: Mapped[int]
    last_viewed_at: Mapped[datetime | None]
    watched: Mapped[str] = mapped_column(String(SEGMENTS))


class Reaction(Base):
    """One of the few emoji, at a moment of the video; each at most once a viewer."""

    __tablename__ = "reactions"

    viewer_id: Mapped[str] = mapped_column(
        ForeignKey("viewers.id", ondelete="CASCADE"), primary_key=True
    )
    emoji: Mapped[str] = mapped_column(String(8), primary_key=True)
    position_s: Mapped[float]
    created_at: Mapped[datetime]


class ReplyKind(StrEnum):
    """In what a recipient answered."""

    TEXT = "text"
    AUDIO = "audio"
    VIDEO = "video"


class Reply(Base):
    """What a recipient answered, without an account."""

    __tablename__ = "replies"

    id: Mapped[Id]
    share_id: Mapped[str] = mapped_column(ForeignKey("shares.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ReplyKind] = mapped_column(EnumText(ReplyKind, 8))
    name: Mapped[str | None] = mapped_column(String(100))
    text: Mapped[str | None] = mapped_column(Text)
    upload_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    duration_s: Mapped[float | None]
    created_at: Mapped[datetime]
