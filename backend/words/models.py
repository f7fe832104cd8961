"""Table of the words that people want read in their own way."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, Id


class Word(Base):
    """How an account's owner says a word, most often a name; nobody else's speech knows it."""

    __tablename__ = "words"
    __table_args__ = (UniqueConstraint("account_id", "surface"),)

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    surface: Mapped[str] = mapped_column(String(40))
    kana: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
