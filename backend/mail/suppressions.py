"""Who wants no more mail of an account: by their own word, or by the sender's.

The link by which somebody says so needs nothing of what was sent to them: account and address
stand in it, sealed, so that it works when the campaign was deleted long ago.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.accounts.models import Account
from backend.db import utc_now
from backend.ids import new_id
from backend.mail.models import Email, EmailKind, EmailState, Suppression
from backend.mail.transports import DeliveryProblem
from backend.messages.models import Message
from backend.pages import Page, page_of
from backend.problems import NotFound
from backend.shares.audience import touch_audience

UNSUBSCRIBED, MANUAL = "unsubscribed", "manual"
_NONCE_BYTES = 12


@dataclass(frozen=True)
class Unwilling:
    """Somebody who may want no more mail of an account; the address in lower case."""

    account_id: str
    address: str

    def token(self, key: bytes) -> str:
        """Return what stands in their link: always the same, and readable with the key alone."""
        said = f"{self.account_id} {self.address}".encode()
        nonce = hmac.digest(_derived(key), said, "sha256")[:_NONCE_BYTES]
        sealed = nonce + AESGCM(_derived(key)).encrypt(nonce, said, None)
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    @classmethod
    def named_by(cls, token: str, key: bytes) -> Self:
        """Return whom a link is for. Raises NotFound."""
        try:
            sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            account_id, _, address = (
                AESGCM(_derived(key)).decrypt(nonce, rest, None).partition(b" ")
            )
        except (InvalidTag, ValueError, binascii.Error):
            raise NotFound.named("token", "This link leads nowhere (any more).") from None
        return cls(account_id.decode(), address.decode())


def _derived(key: bytes) -> bytes:
    return hmac.digest(key, b"unsubscribe", "sha256")


def sender_of(session: Session, who: Unwilling) -> Account:
    """Return whose mails they would get no more. Raises NotFound."""
    account = session.get(Account, who.account_id)
    if account is None:
        raise NotFound.named("token", "This link leads nowhere (any more).")
    return account


def suppress(session: Session, who: Unwilling, reason: str) -> Suppression:
    """Send somebody no more mail, those in line included; asked twice it is as once."""
    session.get(Account, who.account_id, with_for_update=True)  # two at once would both add it
    known = select(Suppression).where(
        Suppression.account_id == who.account_id, Suppression.address == who.address
    )
    found = session.scalar(known)
    if found is None:
        found = Suppression(
            id=new_id("sup"),
            account_id=who.account_id,
            address=who.address,
            reason=reason,
            created_at=utc_now(),
        )
        session.add(found)
    elif reason == UNSUBSCRIBED:
        found.reason = reason
    _give_up(session, who)
    session.flush()
    return found


def _give_up(session: Session, who: Unwilling) -> None:
    query = (
        select(Email)
        .join(Message, Message.id == Email.message_id)
        .where(
            Message.account_id == who.account_id,
            Email.state == EmailState.QUEUED,
            Email.kind == EmailKind.INVITATION,
            func.lower(Email.address) == who.address,
        )
        .with_for_update(of=Email)
    )
    waiting = session.scalars(query).all()
    for message_id in sorted({email.message_id for email in waiting}):
        touch_audience(session, message_id)
    for email in waiting:
        email.state, email.problem = EmailState.FAILED, DeliveryProblem.SUPPRESSED


def list_suppressions(
    session: Session, account_id: str, limit: int, cursor: str | None
) -> Page[Suppression]:
    """Return to whom an account sends no mail, newest first."""
    return page_of(session, Suppression, Suppression.account_id == account_id, limit, cursor)


def forget_suppression(session: Session, account_id: str, suppression_id: str) -> None:
    """Let an address get mail again. Raises NotFound."""
    query = select(Suppression).where(
        Suppression.id == suppression_id, Suppression.account_id == account_id
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound.named("suppression_id", "There is no such address.")
    session.delete(found)


def suppressed_among(session: Session, account_id: str, addresses: Iterable[str]) -> set[str]:
    """Return which of these addresses want no mail of an account, in lower case."""
    query = select(Suppression.address).where(
        Suppression.account_id == account_id,
        Suppression.address.in_({address.lower() for address in addresses}),
    )
    return set(session.scalars(query))
