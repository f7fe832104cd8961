"""Who may come in: the owner first, then whom the owner invites."""

import hmac
import re
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from backend.accounts.models import Account, Invitation, LoginSession
from backend.accounts.schemas import AccountChanges, NewAccount
from backend.api_keys.known import ACCESS_CHANGED
from backend.db import after_commit, utc_now
from backend.ids import new_id
from backend.languages import known_language
from backend.problems import Conflict, Invalid, NotFound, WrongCredentials
from backend.security import derive_token, hash_password, hash_token, new_token, verify_password

MIN_PASSWORD_CHARACTERS = 10
INVITATION_LIFETIME = timedelta(days=14)
_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")


@dataclass(frozen=True)
class Door:
    """What decides who may sign up: the setting, the start's token, and where the browser is."""

    is_open: bool
    owner_token: str | None
    is_local: bool


def has_accounts(session: Session) -> bool:
    """Return whether the owner's account exists."""
    return bool(session.scalar(select(exists().where(Account.id.is_not(None)))))


def sign_up(session: Session, door: Door, body: NewAccount) -> Account:
    """Return the new account; the first one is the owner's."""
    email = _checked_email(body.email)
    _require_password(body.password)
    # Before the first query: it takes a while, and from there on no other request can write.
    password_hash = hash_password(body.password)
    first = not has_accounts(session)
    invitation = None if first else _admit(session, door, body.invitation, email)
    if first:
        _require_owner(door, body.owner_token)
    account = Account(
        id=new_id("acc"),
        email=email,
        name=body.name.strip() or body.name,
        language=known_language(body.language),
        password_hash=password_hash,
        is_owner=first,
        mail_at_first_view=True,
        created_at=utc_now(),
    )
    session.add(account)
    _flush_unique(session)
    if invitation is not None:
        invitation.used_at = utc_now()
    return account


def _checked_email(email: str) -> str:
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address):
        fix = "Write it like name@example.com."
        raise Invalid.field("email", "email_invalid", "This is no e-mail address.", fix)
    return address


def _require_password(password: str) -> None:
    if len(password) < MIN_PASSWORD_CHARACTERS:
        fix = f"Use at least {MIN_PASSWORD_CHARACTERS} characters."
        raise Invalid.field("password", "password_too_short", "The password is too short.", fix)


def _require_owner(door: Door, token: str | None) -> None:
    expected = door.owner_token
    if door.is_local:
        return
    if expected is None or not hmac.compare_digest((token or "").encode(), expected.encode()):
        raise Invalid.field(
            "owner_token",
            "owner_token_wrong",
            "The first account can be opened from afar only with the token of the start.",
            "Copy it from the terminal of the start, or from the file named there.",
        )


def _admit(session: Session, door: Door, token: str | None, email: str) -> Invitation | None:
    if token is None and door.is_open:
        return None
    invitation = session.scalar(
        select(Invitation)
        .where(
            Invitation.token_hash == hash_token(token or ""),
            Invitation.used_at.is_(None),
            Invitation.expires_at > utc_now(),
        )
        .with_for_update()
    )
    if invitation is None or invitation.email not in (None, email):
        raise Invalid.field(
            "invitation",
            "invitation_invalid",
            "This invitation does not hold (any more).",
            "Ask the owner for another, and use the address it was made for.",
        )
    return invitation


def _flush_unique(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        fix = "Sign in instead, or use another address."
        raise Invalid.field("email", "email_taken", "There is such an account.", fix) from error


def sign_in(readers: sessionmaker[Session], email: str, password: str) -> Account:
    """Return the account whose e-mail and password these are, or raise WrongCredentials.

    The password is hashed between transactions, since it takes a while.
    """
    with readers() as session:
        account = session.scalar(select(Account).where(Account.email == email.strip().lower()))
    if not verify_password(password, account.password_hash if account else None) or not account:
        raise WrongCredentials.told()
    return account


def open_login(session: Session, account: Account, lifetime_s: int) -> str:
    """Return the token of a new session; only its hash is kept."""
    token, now = new_token(), utc_now()
    session.execute(delete(LoginSession).where(LoginSession.expires_at < now))
    session.add(
        LoginSession(
            token_hash=hash_token(token),
            account_id=account.id,
            created_at=now,
            expires_at=now + timedelta(seconds=lifetime_s),
        )
    )
    session.flush()
    return token


def account_of(session: Session, token: str) -> Account | None:
    """Return whose session this is, or None."""
    query = (
        select(Account)
        .join(LoginSession, LoginSession.account_id == Account.id)
        .where(LoginSession.token_hash == hash_token(token), LoginSession.expires_at > utc_now())
    )
    return session.scalar(query)


def find_account(session: Session, account_id: str) -> Account | None:
    """Return the account of this id, or None."""
    return session.get(Account, account_id)


def close_login(session: Session, token: str) -> None:
    """End the session of `token`."""
    session.execute(delete(LoginSession).where(LoginSession.token_hash == hash_token(token)))


def change_account(session: Session, account_id: str, changes: AccountChanges) -> Account:
    """Set the given fields."""
    account = session.get_one(Account, account_id)
    given = changes.model_dump(exclude_unset=True)
    if "language" in given:
        given["language"] = known_language(given["language"])
    for field, value in given.items():
        setattr(account, field, value)
    session.flush()
    after_commit(session, ACCESS_CHANGED)
    return account


def require_own_password(readers: sessionmaker[Session], account_id: str, password: str) -> Account:
    """Return the account if the password is its own, or raise on the field."""
    with readers() as session:
        account = session.get_one(Account, account_id)
    if not verify_password(password, account.password_hash):
        fix = "Type the password you sign in with."
        raise Invalid.field("password", "wrong_credentials", "The password is wrong.", fix)
    return account


def require_may_leave(session: Session, account: Account) -> None:
    """Raise Conflict when an owner would leave others behind without anybody to invite."""
    others = session.scalar(select(exists().where(Account.id != account.id)))
    if account.is_owner and others:
        raise Conflict("The owner's account can be deleted only when no other is left.")


# --- invitations ----------------------------------------------------------------------------


def invite(session: Session, key: bytes, account_id: str, email: str | None) -> Invitation:
    """Return an invitation that holds for two weeks and one account."""
    now = utc_now()
    invitation_id = new_id("inv")
    invitation = Invitation(
        id=invitation_id,
        account_id=account_id,
        email=_checked_email(email) if email else None,
        token_hash=hash_token(invitation_token(key, invitation_id)),
        created_at=now,
        expires_at=now + INVITATION_LIFETIME,
        used_at=None,
    )
    session.add(invitation)
    session.flush()
    return invitation


def invitation_token(key: bytes, invitation_id: str) -> str:
    """Return the token of an invitation; it follows from the id, so the link can be shown again."""
    return derive_token(key, "invitation", invitation_id)


def list_invitations(session: Session, account_id: str) -> list[Invitation]:
    """Return the account's invitations, newest first."""
    query = select(Invitation).where(Invitation.account_id == account_id)
    return list(session.scalars(query.order_by(Invitation.id.desc())))


def withdraw_invitation(session: Session, account_id: str, invitation_id: str) -> None:
    """Remove an invitation."""
    own = (Invitation.id == invitation_id) & (Invitation.account_id == account_id)
    if session.scalar(select(Invitation.id).where(own)) is None:
        raise NotFound.named("invitation_id", "There is no such invitation.")
    session.execute(delete(Invitation).where(own))
