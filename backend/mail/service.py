"""What a sender does with mails: write them, look what became of them, send one again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.accounts.models import Account
from backend.db import utc_now
from backend.dependencies import Collaborators
from backend.mail.addresses import AddressInvalid, checked_address
from backend.mail.models import Email, EmailKind, EmailState, MailDay
from backend.mail.queue import Letter, new_email
from backend.mail.schemas import NewEmails, Recipient
from backend.mail.suppressions import suppressed_among
from backend.messages import service as messages
from backend.messages.models import Message
from backend.messages.state import IN_WORK, MessageState
from backend.problems import Conflict, Invalid, NotFound, RateLimited
from backend.shares import service as shares


class MailOff(Conflict):
    """409: this installation sends no mail."""

    code = "mail_off"
    title = "This server sends no mail"


class MailLimit(RateLimited):
    """429: an account has sent its mails of the day."""

    code = "mail_limit"
    title = "No more mails today"


@dataclass(frozen=True)
class Office:
    """What the installation allows: whether mails leave at all, and how many a day and account."""

    is_open: bool
    day_limit: int

    def require_open(self) -> None:
        """Raise MailOff where no mail leaves."""
        if not self.is_open:
            raise MailOff("This server sends no mail. Copy the link and send it yourself.")


def office_of(app: Collaborators) -> Office:
    """Return what this installation allows."""
    return Office(app.settings.mail_transport != "none", app.settings.mail_day_limit)


def send_emails(
    session: Session, key: bytes, office: Office, account: Account, message_id: str, body: NewEmails
) -> list[Email]:
    """Make a link for each recipient and queue its mail; it leaves when the video is ready."""
    _require_once(body.recipients)
    _require_wanted(session, account.id, body.recipients)
    labels = [(who.name or who.email)[: shares.MAX_LABEL_CHARACTERS] for who in body.recipients]
    links = shares.share_with_each(session, key, account.id, message_id, body.rules, labels)
    office.require_open()
    _require_video_to_come(messages.get_message(session, account.id, message_id))
    spend(session, office, account.id, len(body.recipients))
    reply_to = own_address(account) if body.reply_to_me else None
    now = utc_now()
    mails = [
        new_email(link.message_id, link.id, EmailKind.INVITATION, _letter(body, who, reply_to), now)
        for who, link in zip(body.recipients, links, strict=True)
    ]
    session.add_all(mails)
    session.flush()
    return mails


def _require_once(recipients: Sequence[Recipient]) -> None:
    seen = set[str]()
    for place, recipient in enumerate(recipients):
        address = recipient.email.lower()
        if address in seen:
            field, fix = f"recipients.{place}.email", "Leave one of them out."
            raise Invalid.field(field, "email_twice", "This address is there twice.", fix)
        seen.add(address)


def _require_wanted(session: Session, account_id: str, recipients: Sequence[Recipient]) -> None:
    unwanted = suppressed_among(session, account_id, [who.email for who in recipients])
    for place, recipient in enumerate(recipients):
        if recipient.email.lower() in unwanted:
            field = f"recipients.{place}.email"
            fix = "Leave them out, or give them the link in another way."
            raise Invalid.field(field, "email_suppressed", "They want no mail from you.", fix)


def _require_video_to_come(message: Message) -> None:
    if message.state is not MessageState.READY and message.state not in IN_WORK:
        raise Conflict("The video could not be made. Send it when it is.")


def _letter(body: NewEmails, who: Recipient, reply_to: str | None) -> Letter:
    return Letter(who.email, who.name, body.language, body.subject, body.note, reply_to)


def own_address(account: Account) -> str | None:
    """Return where replies go; None for an address with which an account was opened but no mail."""
    try:
        return checked_address(account.email)
    except AddressInvalid:
        return None


def require_left(session: Session, office: Office, account_id: str, count: int) -> None:
    """Raise MailLimit unless so many more mails may go today."""
    now = utc_now()
    today = session.get(MailDay, (account_id, now.date()))
    used = today.count if today is not None else 0
    if used + count > office.day_limit:
        left = max(office.day_limit - used, 0)
        detail = f"Of {office.day_limit} mails a day {left} are left. Go on tomorrow."
        raise MailLimit(detail, retry_after_s=_until_midnight_s(now))


def spend(session: Session, office: Office, account_id: str, count: int) -> None:
    """Count mails of today; the account is locked, so that two requests at once both count.

    raises: MailLimit
    """
    session.get(Account, account_id, with_for_update=True)
    require_left(session, office, account_id, count)
    now = utc_now()
    session.execute(delete(MailDay).where(MailDay.day < now.date()))
    today = session.get(MailDay, (account_id, now.date()))
    if today is None:
        today = MailDay(account_id=account_id, day=now.date(), count=0)
        session.add(today)
    today.count += count
    session.flush()


def _until_midnight_s(now: datetime) -> int:
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - now).total_seconds()) + 1


def list_emails(session: Session, account_id: str, message_id: str) -> list[Email]:
    """Return the mails to recipients of a message, newest first."""
    message = messages.get_message(session, account_id, message_id)
    query = select(Email).where(Email.message_id == message.id, Email.kind == EmailKind.INVITATION)
    return list(session.scalars(query.order_by(Email.id.desc())))


def retry_email(session: Session, office: Office, account_id: str, email_id: str) -> Email:
    """Queue a mail again that was given up; its link and its name stay the same."""
    query = select(Email).join(Message, Message.id == Email.message_id)
    query = query.where(Email.id == email_id, Message.account_id == account_id)
    query = query.where(Email.kind == EmailKind.INVITATION)
    email = session.scalar(query.with_for_update(of=Email))
    if email is None:
        raise NotFound.named("email_id", "There is no such mail.")
    office.require_open()
    if email.state not in (EmailState.FAILED, EmailState.BOUNCED):
        raise Conflict("Only a mail that has failed can be sent again.")
    if suppressed_among(session, account_id, [email.address]):
        raise Conflict("They want no mail from you. Give them the link in another way.")
    spend(session, office, account_id, 1)
    email.state, email.tries, email.due_at = EmailState.QUEUED, 0, utc_now()
    email.problem = email.server_code = None
    session.flush()
    return email
