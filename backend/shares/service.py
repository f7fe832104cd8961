"""Links to a message: unguessable, revocable, and checked alike for the page and every file."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.models import Account
from backend.db import utc_now
from backend.ids import new_id
from backend.messages import service as messages
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.problems import Conflict, NotFound
from backend.security import derive_token, hash_token
from backend.shares.models import Share


def share_message(session: Session, key: bytes, account_id: str, message_id: str) -> Share:
    """Return a new link to a finished message."""
    message = messages.get_message(session, account_id, message_id)
    if message.state is not MessageState.READY:
        raise Conflict("The video is not ready yet. Share it when it is.")
    share_id = new_id("shr")
    share = Share(
        id=share_id,
        message_id=message.id,
        token_hash=hash_token(share_token(key, share_id)),
        created_at=utc_now(),
        revoked_at=None,
    )
    session.add(share)
    session.flush()
    return share


def share_token(key: bytes, share_id: str) -> str:
    """Return the token of a share; it follows from the id, so the link can be shown again."""
    return derive_token(key, "share", share_id)


def list_shares(session: Session, account_id: str, message_id: str) -> list[Share]:
    """Return the links to a message, newest first."""
    message = messages.get_message(session, account_id, message_id)
    query = select(Share).where(Share.message_id == message.id).order_by(Share.id.desc())
    return list(session.scalars(query))


def revoke_share(session: Session, account_id: str, share_id: str) -> None:
    """Make a link lead nowhere, at once."""
    query = select(Share).join(Message, Message.id == Share.message_id)
    share = session.scalar(query.where(Share.id == share_id, Message.account_id == account_id))
    if share is None:
        raise NotFound.named("share_id", "There is no such link.")
    share.revoked_at = share.revoked_at or utc_now()


def open_share(session: Session, token: str) -> tuple[Message, Account]:
    """Return the message behind a link and who sent it, or raise NotFound."""
    query = (
        select(Message, Account)
        .join(Share, Share.message_id == Message.id)
        .join(Account, Account.id == Message.account_id)
        .where(
            Share.token_hash == hash_token(token),
            Share.revoked_at.is_(None),
            Message.state == MessageState.READY,
        )
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound.named("token", "This link leads nowhere (any more).")
    return found[0], found[1]
