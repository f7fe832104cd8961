"""Who may open what behind a link. The page and every file ask here, and are refused alike."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from backend.accounts.models import Account
from backend.db import utc_now
from backend.messages.models import Message
from backend.problems import NotFound
from backend.security import derive_token, hash_token
from backend.shares.models import Share
from backend.shares.refusals import AdmissionNeeded, LinkExpired, PasswordNeeded, ViewsSpent

PASS_LIFETIME = timedelta(hours=12)


class PassKind(StrEnum):
    """What a pass says of its holder."""

    UNLOCKED = "unlocked"  # knew the password
    ADMITTED = "admitted"  # was counted against the view limit


@dataclass(frozen=True)
class Visitor:
    """A browser at a link, by what it carries; whether any of it holds is looked at later."""

    account_id: str | None
    passes: dict[PassKind, str]
    viewer: str | None
    address: str


@dataclass(frozen=True)
class Visit:
    """A link that exists, and what its visitor has shown."""

    share: Share
    message: Message
    sender: Account
    is_sender: bool
    is_unlocked: bool
    is_admitted: bool

    @property
    def needs_password(self) -> bool:
        """Whether the password is still to be typed."""
        return self.share.password_hash is not None and not (self.is_unlocked or self.is_sender)

    @property
    def needs_admission(self) -> bool:
        """Whether the visitor must ask to be let in before anything plays."""
        return self.share.view_limit is not None and not (self.is_admitted or self.is_sender)

    @property
    def is_open_to_all(self) -> bool:
        """Whether everybody who has the link may watch, so that other pages may embed it."""
        return self.share.password_hash is None and self.share.view_limit is None


def find_visit(session: Session, key: bytes, token: str, visitor: Visitor) -> Visit:
    """Return the visit to a link that leads somewhere, or raise NotFound."""
    query = (
        select(Share, Message, Account)
        .join(Message, Share.message_id == Message.id)
        .join(Account, Account.id == Message.account_id)
        .where(Share.token_hash == hash_token(token), Share.revoked_at.is_(None))
    )
    found = session.execute(query).one_or_none()
    if found is None or not found[1].is_watchable:
        raise NotFound.named("token", "This link leads nowhere (any more).")
    share, message, sender = found
    return Visit(
        share,
        message,
        sender,
        is_sender=visitor.account_id == sender.id,
        is_unlocked=_holds(key, PassKind.UNLOCKED, share, visitor),
        is_admitted=_holds(key, PassKind.ADMITTED, share, visitor),
    )


def require_alive(visit: Visit) -> None:
    """Raise when the link's time or its places are over."""
    if visit.is_sender:
        return
    if visit.share.expires_at is not None and visit.share.expires_at <= utc_now():
        raise LinkExpired("Ask the sender for another link.")
    if visit.share.is_full and not visit.is_admitted:
        raise ViewsSpent("Ask the sender for another link.")


def require_page(visit: Visit) -> None:
    """Raise unless the visitor may see the page and the pictures on it."""
    require_alive(visit)
    if visit.needs_password:
        raise PasswordNeeded("Type the password that the sender gave you.")


def require_content(visit: Visit) -> None:
    """Raise unless the visitor may play the message too."""
    require_page(visit)
    if visit.needs_admission:
        raise AdmissionNeeded("This link counts its viewers: press play to be let in.")


def admit(session: Session, visit: Visit) -> None:
    """Let the visitor in once more: one place of the limit, whoever else asks meanwhile.

    raises: ViewsSpent when all places are taken
    """
    require_page(visit)
    if not visit.needs_admission:
        return
    place = (
        update(Share)
        .where(Share.id == visit.share.id)
        .where(or_(Share.view_limit.is_(None), Share.admissions < Share.view_limit))
        .values(admissions=Share.admissions + 1)
        .returning(Share.id)
        .execution_options(synchronize_session=False)
    )
    if session.scalar(place) is None:
        raise ViewsSpent("Ask the sender for another link.")


# --- passes ---------------------------------------------------------------------------------


def sign_pass(key: bytes, kind: PassKind, share: Share, until: datetime) -> str:
    """Return a pass for one link: when it ends, and a signature that only we can make."""
    until_s = int(until.timestamp())
    return f"{until_s}.{_signature(key, kind, share, until_s)}"


def _signature(key: bytes, kind: PassKind, share: Share, until_s: int) -> str:
    # Another password makes the passes of the old one worthless.
    secret = share.password_hash if kind is PassKind.UNLOCKED else ""
    return derive_token(key, f"pass-{kind}", f"{share.id}:{until_s}:{secret}")


def _holds(key: bytes, kind: PassKind, share: Share, visitor: Visitor) -> bool:
    until, _, signature = visitor.passes.get(kind, "").partition(".")
    if not (until.isascii() and until.isdigit() and len(until) <= 12):
        return False
    expected = _signature(key, kind, share, int(until))
    is_ours = hmac.compare_digest(expected.encode(), signature.encode())
    return is_ours and int(until) > utc_now().timestamp()
