"""API keys: made, listed, revoked, and recognised when a program sends one."""

import hmac
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from backend.api_keys.form import hint_of, new_key
from backend.api_keys.models import ApiKey
from backend.api_keys.scopes import Scope
from backend.db import utc_now
from backend.ids import new_id
from backend.problems import Conflict, NotFound
from backend.security import hash_token

MAX_KEYS = 50
# A busy program would otherwise write to the database with every sentence.
USE_NOTED_EVERY = timedelta(minutes=1)


def create_key(
    session: Session, account_id: str, name: str, scopes: Collection[Scope]
) -> tuple[ApiKey, str]:
    """Return the row of a new key and the key itself, which is kept nowhere.

    raises: Conflict when the account has as many as it may
    """
    _require_room(session, account_id)
    key = new_key()
    row = ApiKey(
        id=new_id("key"),
        account_id=account_id,
        name=name.strip() or name,
        hint=hint_of(key),
        key_hash=hash_token(key),
        scopes=[scope for scope in Scope if scope in scopes],
        created_at=utc_now(),
        last_used_at=None,
    )
    session.add(row)
    session.flush()
    return row, key


def _require_room(session: Session, account_id: str) -> None:
    own = select(func.count()).where(ApiKey.account_id == account_id)
    if session.scalars(own).one() >= MAX_KEYS:
        raise Conflict(f"There are {MAX_KEYS} keys already. Revoke one first.")


def list_keys(session: Session, account_id: str) -> list[ApiKey]:
    """Return the account's keys, newest first."""
    query = select(ApiKey).where(ApiKey.account_id == account_id)
    return list(session.scalars(query.order_by(ApiKey.id.desc())))


def revoke_key(session: Session, account_id: str, key_id: str) -> None:
    """Forget a key: from now on it opens nothing."""
    own = (ApiKey.id == key_id) & (ApiKey.account_id == account_id)
    if session.scalar(select(ApiKey.id).where(own)) is None:
        raise NotFound.named("key_id", "There is no such key.")
    session.execute(delete(ApiKey).where(own))


def find_key(session: Session, key: str) -> ApiKey | None:
    """Return the row of `key`, or None.

    It is looked for by the part that may be shown; the secret rest is compared in constant time,
    so that the time of the answer tells nothing about it.
    """
    key_hash = hash_token(key)
    candidates = session.scalars(select(ApiKey).where(ApiKey.hint == hint_of(key)))
    return next((c for c in candidates if hmac.compare_digest(c.key_hash, key_hash)), None)


def note_use(sessions: sessionmaker[Session], key: ApiKey) -> None:
    """Write down that the key was used now; at most once a minute."""
    now = utc_now()
    if key.last_used_at is not None and key.last_used_at > now - USE_NOTED_EVERY:
        return
    stale = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - USE_NOTED_EVERY)
    with sessions.begin() as session:
        session.execute(update(ApiKey).where(ApiKey.id == key.id, stale).values(last_used_at=now))
