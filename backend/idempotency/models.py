"""Table of writes that were sent with an `Idempotency-Key`."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class IdempotentWrite(Base):
    """A write, from the moment it is taken up, and its answer once it was done.

    key_hash:    of the key alone; the key itself is kept nowhere
    fingerprint: sha-256 of method, address and body
    is_done:     whether `answer` is there; until then the write is at work, or its server died
    kept_until:  when the row is forgotten; while at work, when that server counts as dead
    answer:      encrypted with the key, so that what it says of a deleted thing is read by nobody
    """

    __tablename__ = "idempotent_writes"

    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    is_done: Mapped[bool]
    kept_until: Mapped[datetime] = mapped_column(index=True)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
