"""The queue of mails: which is due, who is at it, and what comes after a try.

The rows are the queue. A worker claims one in a transaction, hands it over outside of any, and
writes down what came of it: one that is killed in between leaves a claim that ends, and the mail
goes out (perhaps again, under the same Message-ID). None is lost, and no transaction is open while
a mail server is asked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from backend.accounts.models import Account
from backend.bodies import on_one_line
from backend.db import utc_now
from backend.ids import new_id
from backend.mail.addresses import AddressInvalid, checked_address
from backend.mail.models import Email, EmailKind, EmailState
from backend.mail.transports import DeliveryProblem, NotDelivered
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.shares.audience import touch_audience
from backend.shares.models import Audience, Share

# Longer than any conversation with a mail server.
CLAIM = timedelta(minutes=10)
# About eight hours in all; then whoever sent it decides.
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 120, 240))
MAX_TRIES = len(BACK_OFF) + 1
# Whoever turns mail on is not told of what was watched long ago.
FIRST_VIEW_NEWS = timedelta(days=1)


@dataclass(frozen=True)
class Claimed:
    """A mail to hand over, with all that it is made of."""

    email: Email
    message: Message
    share: Share
    sender: Account

    @property
    def sender_name(self) -> str:
        """The sender's name as a header takes it."""
        return on_one_line(self.sender.name) or self.sender.email


@dataclass(frozen=True)
class Letter:
    """What is written to whom."""

    address: str
    name: str | None
    language: str
    subject: str | None = None
    note: str = ""
    reply_to: str | None = None


def new_email(
    message_id: str, share_id: str, kind: EmailKind, letter: Letter, due_at: datetime
) -> Email:
    """Return a mail that waits in line until `due_at`."""
    return Email(
        id=new_id("eml"),
        message_id=message_id,
        share_id=share_id,
        kind=kind,
        address=letter.address,
        name=letter.name,
        subject=letter.subject,
        note=letter.note,
        language=letter.language,
        reply_to=letter.reply_to,
        state=EmailState.QUEUED,
        tries=0,
        problem=None,
        server_code=None,
        due_at=due_at,
        claimed_by=None,
        created_at=utc_now(),
        sent_at=None,
    )


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    is_ready = Message.state == MessageState.READY
    return (
        Email.state == EmailState.QUEUED,
        Email.due_at <= now,
        or_(is_ready, Email.kind == EmailKind.FIRST_VIEW),
    )


def is_any_due(session: Session, now: datetime) -> bool:
    """Return whether there is something to do; asked often, and of a session that only reads."""
    query = select(Email.id).join(Message, Message.id == Email.message_id).where(*_due(now))
    return session.scalar(query.limit(1)) is not None


def claim_next(session: Session, worker: str, now: datetime) -> Claimed | None:
    """Return the mail that has waited longest, for this worker alone until its claim ends."""
    query = (
        select(Email, Message, Share, Account)
        .join(Message, Message.id == Email.message_id)
        .join(Share, Share.id == Email.share_id)
        .join(Account, Account.id == Message.account_id)
        .where(*_due(now))
        .order_by(Email.due_at)
        .limit(1)
        .with_for_update(of=Email, skip_locked=True)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    claimed = Claimed(*found)
    claimed.email.tries += 1
    claimed.email.due_at, claimed.email.claimed_by = now + CLAIM, worker
    session.flush()
    return claimed


def release_claims(session: Session, worker: str) -> None:
    """Take up again what this worker was at when it died."""
    mine = update(Email).where(Email.claimed_by == worker, Email.state == EmailState.QUEUED)
    session.execute(mine.values(claimed_by=None, due_at=utc_now()))


# --- what came of a try ---------------------------------------------------------------------


def note_sent(session: Session, email_id: str, now: datetime) -> None:
    """Note that a mail server has taken it."""
    email = _locked(session, email_id)
    if email is not None:
        email.state, email.sent_at, email.claimed_by = EmailState.SENT, now, None
        email.problem = email.server_code = None


def note_failure(session: Session, email_id: str, failure: NotDelivered, now: datetime) -> None:
    """Plan the next try, or give the mail up."""
    email = _locked(session, email_id)
    if email is None:
        return
    email.problem, email.server_code = failure.problem, failure.server_code
    email.claimed_by = None
    if failure.is_final or email.tries >= MAX_TRIES:
        is_refused = failure.problem is DeliveryProblem.ADDRESS_REFUSED
        email.state = EmailState.BOUNCED if is_refused else EmailState.FAILED
    else:
        email.due_at = now + BACK_OFF[email.tries - 1]


def _locked(session: Session, email_id: str) -> Email | None:
    """Return the mail, unless it was deleted meanwhile; the sender's page is told of the change."""
    message_id = session.scalar(select(Email.message_id).where(Email.id == email_id))
    if message_id is None:
        return None
    touch_audience(session, message_id)
    return session.get(Email, email_id, with_for_update=True)


def _hopeless() -> tuple[ColumnElement[bool], ...]:
    return (
        Email.message_id == Message.id,
        Email.state == EmailState.QUEUED,
        Email.kind == EmailKind.INVITATION,
        Message.state.in_((MessageState.FAILED, MessageState.CANCELLED)),
    )


def is_any_hopeless(session: Session) -> bool:
    """Return whether a mail waits for a video that will not come by itself."""
    return session.scalar(select(Email.id).where(*_hopeless()).limit(1)) is not None


def give_up_hopeless(session: Session) -> int:
    """Fail what waits for a video that was not made; return how many mails that were."""
    query = select(Email).where(*_hopeless()).with_for_update(of=Email)
    hopeless = session.scalars(query).all()
    for message_id in sorted({email.message_id for email in hopeless}):
        touch_audience(session, message_id)
    for email in hopeless:
        email.state, email.problem = EmailState.FAILED, DeliveryProblem.VIDEO_FAILED
    session.flush()
    return len(hopeless)


# --- the first view -------------------------------------------------------------------------


def is_any_first_view_untold(session: Session) -> bool:
    """Return whether a message was watched for the first time, and nobody has looked at that."""
    query = select(Audience.message_id).where(_UNTOLD)
    return session.scalar(query.limit(1)) is not None


_UNTOLD = Audience.first_view_at.is_not(None) & Audience.first_view_told_at.is_(None)


def tell_first_views(session: Session, now: datetime) -> None:
    """Queue a mail to each sender whose message was just watched, once, if it is wanted."""
    query = (
        select(Audience, Message, Account)
        .join(Message, Message.id == Audience.message_id)
        .join(Account, Account.id == Message.account_id)
        .where(_UNTOLD)
        .with_for_update(of=Audience, skip_locked=True)
    )
    for audience, message, account in session.execute(query).all():
        audience.first_view_told_at = now
        viewed_at = audience.first_view_at
        is_news = viewed_at is not None and now - viewed_at < FIRST_VIEW_NEWS
        if is_news and account.mail_at_first_view:
            _queue_first_view(session, audience, message, account, now)
    session.flush()


def _queue_first_view(
    session: Session, audience: Audience, message: Message, account: Account, now: datetime
) -> None:
    try:
        address = checked_address(account.email)
    except AddressInvalid:
        return
    share = session.get(Share, audience.first_view_share_id)
    if share is None:
        return
    letter = Letter(address, on_one_line(account.name), account.language)
    kind = EmailKind.FIRST_VIEW
    session.add(new_email(message.id, share.id, kind, letter, now))
