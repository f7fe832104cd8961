"""Tables of messages and of what happened to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, EnumText, Id
from backend.messages.state import MessageState


class Message(Base):
    """A video message, from the first typed letter to the finished file.

    attempt: counts renders; each has a folder and workflow ids of its own
    lane, speech_s, speech_usd_micro: the receipt of speaking it
    """

    __tablename__ = "messages"

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str] = mapped_column(String(200))
    script: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(16))
    voice: Mapped[str | None] = mapped_column(String(80))
    photo_upload_id: Mapped[str | None] = mapped_column(String(40))
    aspect: Mapped[str] = mapped_column(String(8))

    state: Mapped[MessageState] = mapped_column(EnumText(MessageState, 12), index=True)
    attempt: Mapped[int]
    stage: Mapped[str | None] = mapped_column(String(24))
    percent: Mapped[float]
    eta_s: Mapped[float | None]
    note: Mapped[str | None] = mapped_column(String(80))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    engine: Mapped[str | None] = mapped_column(String(40))
    base_voice: Mapped[str | None] = mapped_column(String(80))
    credit: Mapped[str | None] = mapped_column(String(200))
    lane: Mapped[str | None] = mapped_column(String(8))
    speech_s: Mapped[float | None]
    speech_usd_micro: Mapped[int | None]
    duration_s: Mapped[float | None]
    has_small_video: Mapped[bool]

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def folder(self) -> str:
        """Storage key of everything made for this message."""
        return f"messages/{self.id}"

    def file_key(self, name: str) -> str:
        """Return the storage key of a file of the present attempt."""
        return f"{self.folder}/{self.attempt}/{name}"


class MessageEvent(Base):
    """One step of a message's progress, replayed to whoever reconnects."""

    __tablename__ = "message_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message_id: Mapped[str] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    attempt: Mapped[int]
    state: Mapped[MessageState] = mapped_column(EnumText(MessageState, 12))
    stage: Mapped[str | None] = mapped_column(String(24))
    percent: Mapped[float]
    eta_s: Mapped[float | None]
    note: Mapped[str | None] = mapped_column(String(80))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    at: Mapped[datetime]


class LeftSpeech(Base):
    """Something deleted whose cached sentences the speech service has still to delete."""

    __tablename__ = "left_speech"

    id: Mapped[Id]
    kept_for: Mapped[str] = mapped_column(String(64))
    left_at: Mapped[datetime]
