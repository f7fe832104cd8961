"""Tables of mails and of who wants none. A mail is its own place in the queue, by `due_at`."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, EnumText, Id
from backend.mail.transports import DeliveryProblem


class EmailState(StrEnum):
    """Where a mail stands. A refused address bounces; all else that is final fails."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"


class EmailKind(StrEnum):
    """To a recipient with a link, or to the sender about the first view."""

    INVITATION = "invitation"
    FIRST_VIEW = "first_view"


class Email(Base):
    """One mail to one address.

    share_id:   the link in it, or through which the first view came
    tries:      how often it was handed to a mail server, or was about to be
    due_at:     when it is tried next; while somebody is at it, when that one counts as dead
    claimed_by: which worker is at it
    """

    __tablename__ = "emails"

    id: Mapped[Id]
    message_id: Mapped[str] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    share_id: Mapped[str] = mapped_column(ForeignKey("shares.id", ondelete="CASCADE"), index=True)
    kind: Mapped[EmailKind] = mapped_column(EnumText(EmailKind, 12))
    address: Mapped[str] = mapped_column(String(254))
    name: Mapped[str | None] = mapped_column(String(100))
    subject: Mapped[str | None] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    reply_to: Mapped[str | None] = mapped_column(String(254))

    state: Mapped[EmailState] = mapped_column(EnumText(EmailState, 8))
    tries: Mapped[int]
    problem: Mapped[DeliveryProblem | None] = mapped_column(EnumText(DeliveryProblem, 20))
    server_code: Mapped[int | None]
    due_at: Mapped[datetime]
    claimed_by: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_emails_waiting", "state", "due_at"),)


class MailDay(Base):
    """How many mails an account has sent on a day (UTC); deleting a message gives none back."""

    __tablename__ = "mail_days"

    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    count: Mapped[int]


class Suppression(Base):
    """An address to which an account sends no more mail, and who wanted it so."""

    __tablename__ = "suppressions"
    __table_args__ = (UniqueConstraint("account_id", "address"),)

    id: Mapped[Id]
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    address: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]
