"""Table of API keys."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, Id


class ApiKey(Base):
    """Leave for a program to act for an account. Of the key itself only its hash is kept."""

    __tablename__ = "api_keys"

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(100))
    hint: Mapped[str] = mapped_column(String(16), index=True)  # its first characters
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]  # set when another has taken its place
