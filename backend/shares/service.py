"""Links to a message: unguessable, revocable, each with rules of its own."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from backend.db import utc_now
from backend.ids import new_id
from backend.messages import service as messages
from backend.messages.models import Message
from backend.problems import Conflict, Invalid, NotFound
from backend.revisions import require_match, revision_of_parts
from backend.security import derive_token, hash_password, hash_token
from backend.shares.models import Audience, Share
from backend.shares.schemas import ShareChanges, ShareState

MAX_LABEL_CHARACTERS = 100


def share_message(
    session: Session, key: bytes, account_id: str, message_id: str, rules: ShareChanges
) -> Share:
    """Return a new link to a message that can be watched."""
    fields = _fields(rules)
    message = _watchable(session, account_id, message_id)
    return _new_share(session, key, message, fields)


def share_with_each(
    session: Session,
    key: bytes,
    account_id: str,
    message_id: str,
    rules: ShareChanges,
    labels: Sequence[str],
) -> list[Share]:
    """Return a new link for each label, all under the same rules."""
    fields = _fields(rules)
    message = _watchable(session, account_id, message_id)
    return [_new_share(session, key, message, fields | {"label": label}) for label in labels]


def personal_share(session: Session, key: bytes, message: Message, label: str) -> Share:
    """Return a new link to a message that is made for one person, who is its label."""
    return _new_share(session, key, message, {"label": label[:MAX_LABEL_CHARACTERS]})


def _watchable(session: Session, account_id: str, message_id: str) -> Message:
    message = messages.get_message(session, account_id, message_id)
    if not message.is_watchable:
        raise Conflict("The video is not ready yet. Share it when it is.")
    return message


def _new_share(session: Session, key: bytes, message: Message, fields: dict[str, Any]) -> Share:
    _begin_audience(session, message.id)
    share_id = new_id("shr")
    share = Share(
        id=share_id,
        message_id=message.id,
        token_hash=hash_token(share_token(key, share_id)),
        created_at=utc_now(),
        revoked_at=None,
        admissions=0,
        allow_download=False,
        allow_reactions=True,
        allow_replies=True,
    )
    _apply(share, fields)
    session.add(share)
    session.flush()
    return share


def _begin_audience(session: Session, message_id: str) -> None:
    # The message is locked: on PostgreSQL two first links at once would both begin it.
    session.get(Message, message_id, with_for_update=True)
    if session.get(Audience, message_id) is None:
        session.add(Audience(message_id=message_id, version=0))
        session.flush()


def _fields(rules: ShareChanges) -> dict[str, Any]:
    """Return the columns to set. Called before the first query: a password takes a while."""
    fields = rules.model_dump(exclude_unset=True, exclude={"password", "cta"})
    if rules.expires_at is not None and rules.expires_at <= utc_now():
        fix = "Choose a day to come, or revoke the link."
        raise Invalid.field("expires_at", "expires_past", "This moment is over.", fix)
    if "password" in rules.model_fields_set:
        fields["password_hash"] = hash_password(rules.password) if rules.password else None
    if "cta" in rules.model_fields_set:
        fields["cta_label"] = rules.cta.label if rules.cta else None
        fields["cta_url"] = str(rules.cta.url) if rules.cta else None
    return fields


def _apply(share: Share, fields: dict[str, Any]) -> None:
    for field, value in fields.items():
        setattr(share, field, value)
    if share.view_limit is None:
        share.admissions = 0  # a limit that is set later counts from then on


def share_token(key: bytes, share_id: str) -> str:
    """Return the token of a share; it follows from the id, so the link can be shown again."""
    return derive_token(key, "share", share_id)


def share_state(share: Share) -> ShareState:
    """Return whether a link lets anybody new in."""
    if share.revoked_at is not None:
        return ShareState.REVOKED
    if share.expires_at is not None and share.expires_at <= utc_now():
        return ShareState.EXPIRED
    return ShareState.SPENT if share.is_full else ShareState.OPEN


_OF_MESSAGE = (
    select(Share).where(Share.message_id == bindparam("message_id")).order_by(Share.id.desc())
)


def list_shares(session: Session, account_id: str, message_id: str) -> list[Share]:
    """Return the links to a message, newest first."""
    messages.require_own(session, account_id, message_id)
    return list(session.scalars(_OF_MESSAGE, {"message_id": message_id}))


def revision_of(share: Share) -> str:
    """Return the revision of a link's rules; that somebody watches is none."""
    return revision_of_parts(
        share.label,
        share.password_hash,
        share.expires_at,
        share.view_limit,
        share.allow_download,
        share.allow_reactions,
        share.allow_replies,
        share.cta_label,
        share.cta_url,
        share.revoked_at,
    )


def change_share(
    session: Session,
    account_id: str,
    share_id: str,
    rules: ShareChanges,
    if_match: str | None = None,
) -> Share:
    """Set the rules that are given; they hold for the page and every file at once.

    raises: NotFound, Conflict for a link that was revoked, Changed, Invalid
    """
    fields = _fields(rules)
    share = _own_share(session, account_id, share_id)
    if share.revoked_at is not None:
        raise Conflict("This link was revoked. Make another.")
    require_match(if_match, revision_of(share))
    _apply(share, fields)
    session.flush()
    return share


def revoke_share(session: Session, account_id: str, share_id: str) -> None:
    """Make a link lead nowhere, at once."""
    share = _own_share(session, account_id, share_id)
    share.revoked_at = share.revoked_at or utc_now()


def get_share(session: Session, account_id: str, share_id: str) -> Share:
    """Return a link to one of the account's messages."""
    query = select(Share).join(Message, Message.id == Share.message_id)
    share = session.scalar(query.where(Share.id == share_id, Message.account_id == account_id))
    if share is None:
        raise NotFound.named("share_id", "There is no such link.")
    return share


def _own_share(session: Session, account_id: str, share_id: str) -> Share:
    # Locked: on PostgreSQL it would otherwise overwrite whom the limit lets in meanwhile.
    query = select(Share).join(Message, Message.id == Share.message_id)
    query = query.where(Share.id == share_id, Message.account_id == account_id)
    share = session.scalar(query.with_for_update(of=Share))
    if share is None:
        raise NotFound.named("share_id", "There is no such link.")
    return share
