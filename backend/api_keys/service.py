"""API keys: made, listed, rotated, revoked, and recognised when a program sends one."""

import hmac
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from backend.api_keys.form import hint_of, new_key
from backend.api_keys.known import ACCESS_CHANGED
from backend.api_keys.models import ApiKey
from backend.api_keys.scopes import Scope
from backend.db import after_commit, utc_now
from backend.ids import new_id
from backend.problems import Conflict, NotFound
from backend.security import hash_token

MAX_KEYS = 50
# One that was replaced counts here alone: a leaked key can be replaced with all places taken.
MAX_ENDING_KEYS = 50
# A busy program would otherwise write to the database with every sentence.
USE_NOTED_EVERY = timedelta(minutes=1)


def create_key(
    session: Session, account_id: str, name: str, scopes: Collection[Scope]
) -> tuple[ApiKey, str]:
    """Return the row of a new key and the key itself, which is kept nowhere.

    raises: Conflict when the account has as many as it may
    """
    _require_room(session, account_id)
    return _add_key(session, account_id, name.strip() or name, scopes)


def _add_key(
    session: Session, account_id: str, name: str, scopes: Collection[str]
) -> tuple[ApiKey, str]:
    key = new_key()
    row = ApiKey(
        id=new_id("key"),
        account_id=account_id,
        name=name,
        hint=hint_of(key),
        key_hash=hash_token(key),
        scopes=[scope for scope in Scope if scope in scopes],
        created_at=utc_now(),
        last_used_at=None,
        expires_at=None,
    )
    session.add(row)
    session.flush()
    return row, key


def _require_room(session: Session, account_id: str) -> None:
    if _count(session, account_id, ApiKey.expires_at.is_(None)) >= MAX_KEYS:
        raise Conflict(f"There are {MAX_KEYS} keys already. Revoke one first.")


def _count(session: Session, account_id: str, condition: ColumnElement[bool]) -> int:
    own = select(func.count()).where(ApiKey.account_id == account_id, condition)
    return session.scalars(own).one()


def _is_open() -> ColumnElement[bool]:
    return or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > utc_now())


def list_keys(session: Session, account_id: str) -> list[ApiKey]:
    """Return the account's keys that open something, newest first."""
    query = select(ApiKey).where(ApiKey.account_id == account_id, _is_open())
    return list(session.scalars(query.order_by(ApiKey.id.desc())))


def rotate_key(
    session: Session, account_id: str, key_id: str, overlap: timedelta
) -> tuple[ApiKey, str]:
    """Return the row of a key that takes another's place, and the key itself.

    It has the other's name and scopes; the other goes on for `overlap` and then opens nothing.
    raises: Conflict when it was replaced already, or too many that were have not ended
    """
    _forget_ended(session, account_id)
    old = _own_key(session, account_id, key_id)
    if _count(session, account_id, ApiKey.expires_at.is_not(None)) >= MAX_ENDING_KEYS:
        raise Conflict("Too many replaced keys have not ended yet. Revoke one of them first.")
    _end_key(session, old, utc_now() + overlap)
    return _add_key(session, account_id, old.name, old.scopes)


def _end_key(session: Session, key: ApiKey, at: datetime) -> None:
    # Asked of the database: of two who replace it at once, one does.
    still = (ApiKey.id == key.id) & ApiKey.expires_at.is_(None)
    ended = update(ApiKey).where(still).values(expires_at=at).returning(ApiKey.id)
    if session.scalar(ended) is None:
        raise Conflict("Another key has taken its place already; this one ends by itself.")
    after_commit(session, ACCESS_CHANGED)


def _forget_ended(session: Session, account_id: str) -> None:
    ended = (ApiKey.account_id == account_id) & (ApiKey.expires_at <= utc_now())
    session.execute(delete(ApiKey).where(ended))


def revoke_key(session: Session, account_id: str, key_id: str) -> None:
    """Forget a key: from now on it opens nothing."""
    found = _own_key(session, account_id, key_id)
    session.execute(delete(ApiKey).where(ApiKey.id == found.id))
    after_commit(session, ACCESS_CHANGED)


def _own_key(session: Session, account_id: str, key_id: str) -> ApiKey:
    own = (ApiKey.id == key_id) & (ApiKey.account_id == account_id)
    found = session.scalar(select(ApiKey).where(own, _is_open()))
    if found is None:
        raise NotFound.named("key_id", "There is no such key.")
    return found


def find_key(session: Session, key: str) -> ApiKey | None:
    """Return the row of `key`, or None.

    It is looked for by the part that may be shown; the secret rest is compared in constant time,
    so that the time of the answer tells nothing about it.
    """
    key_hash = hash_token(key)
    candidates = session.scalars(select(ApiKey).where(ApiKey.hint == hint_of(key), _is_open()))
    return next((c for c in candidates if hmac.compare_digest(c.key_hash, key_hash)), None)


def note_use(sessions: sessionmaker[Session], key: ApiKey) -> None:
    """Write down that the key was used now; at most once a minute."""
    now = utc_now()
    if key.last_used_at is not None and key.last_used_at > now - USE_NOTED_EVERY:
        return
    stale = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - USE_NOTED_EVERY)
    with sessions.begin() as session:
        session.execute(update(ApiKey).where(ApiKey.id == key.id, stale).values(last_used_at=now))
