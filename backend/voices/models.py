"""Table of voices."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, EnumText, Id


class VoiceState(StrEnum):
    """`profiling` while the speech service listens; `deleting` until it has forgotten."""

    PROFILING = "profiling"
    READY = "ready"
    DELETING = "deleting"


class Voice(Base):
    """A person's voice. The profile itself lies with the speech service under the same id."""

    __tablename__ = "voices"

    id: Mapped[Id]
    # Without a foreign key: a voice being deleted outlives its account until its bytes are gone.
    account_id: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(8))
    # Who reads Japanese before it gets this tone: a VOICEVOX character, or the service's choice.
    base_voice: Mapped[str | None] = mapped_column(String(80))
    state: Mapped[VoiceState] = mapped_column(EnumText(VoiceState, 10), index=True)
    engine: Mapped[str | None] = mapped_column(String(40))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    consent_text: Mapped[str] = mapped_column(Text)
    consent_at: Mapped[datetime]
    created_at: Mapped[datetime]
