"""Who does a write, and what the others are told who send it again."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Response
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.idempotency.answers import Seal
from backend.idempotency.models import IdempotentWrite
from backend.problems import Conflict, FieldError, Invalid

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
# Longer than any request takes; whoever is at work longer was killed.
AT_WORK = timedelta(minutes=5)


class WriteAtWork(Conflict):
    """409: the same write is being done at this moment."""

    code = "idempotency_at_work"
    title = "The same request is being answered"

    def headers(self) -> dict[str, str]:
        """Say when another try is worth it."""
        return {"Retry-After": "1"}

    @classmethod
    def told(cls) -> "WriteAtWork":
        """Return it."""
        message, fix = "The first one with this key has no answer yet.", "Send it again in a while."
        return cls(f"{message} {fix}", [FieldError(HEADER, cls.code, message, fix)])


class AnsweredBefore(Exception):
    """The write was done: its answer is told again."""

    def __init__(self, response: Response) -> None:
        super().__init__("answered before")
        self.response = response


@dataclass(frozen=True)
class Claim:
    """A write that this request alone does."""

    account_id: str
    seal: Seal

    def keep(self, session: Session, response: Response) -> None:
        """Keep the answer, best in the very transaction that does the write."""
        kept = {
            "is_done": True,
            "kept_until": utc_now() + KEPT,
            "answer": self.seal.seal(response),
        }
        session.execute(update(IdempotentWrite).where(*self._row()).values(kept))

    def release(self, session: Session) -> None:
        """Forget a write that was refused: the key may be sent with another body."""
        at_work = IdempotentWrite.is_done.is_(False)
        session.execute(delete(IdempotentWrite).where(*self._row(), at_work))

    def _row(self) -> tuple[ColumnElement[bool], ...]:
        return (
            IdempotentWrite.account_id == self.account_id,
            IdempotentWrite.key_hash == self.seal.key_hash,
        )


def claim_write(
    sessions: sessionmaker[Session], account_id: str, seal: Seal, fingerprint: str
) -> Claim:
    """Return the leave to do a write that was not done before.

    raises: AnsweredBefore with its answer, Invalid where the key was sent with another request,
            WriteAtWork
    """
    try:
        with sessions.begin() as session:
            found = _find(session, account_id, seal.key_hash)
            if found is None:
                session.add(_at_work(account_id, seal.key_hash, fingerprint))
    except IntegrityError:  # two at the same moment
        raise WriteAtWork.told() from None
    if found is not None:
        raise _refusal(found, seal, fingerprint)
    return Claim(account_id, seal)


def _find(session: Session, account_id: str, key_hash: str) -> IdempotentWrite | None:
    """Return what is known of the key; a row past its time is forgotten first."""
    row = (IdempotentWrite.account_id == account_id, IdempotentWrite.key_hash == key_hash)
    over = IdempotentWrite.kept_until <= utc_now()
    session.execute(delete(IdempotentWrite).where(*row, over))
    return session.scalar(select(IdempotentWrite).where(*row))


def _at_work(account_id: str, key_hash: str, fingerprint: str) -> IdempotentWrite:
    return IdempotentWrite(
        account_id=account_id,
        key_hash=key_hash,
        fingerprint=fingerprint,
        is_done=False,
        kept_until=utc_now() + AT_WORK,
        answer=None,
    )


def _refusal(found: IdempotentWrite, seal: Seal, fingerprint: str) -> Exception:
    if found.fingerprint != fingerprint:
        message = "This key was sent with another request."
        return Invalid.field(HEADER, "idempotency_key_reused", message, "Send a new key.")
    if found.answer is None:
        return WriteAtWork.told()
    return AnsweredBefore(seal.open(found.answer))


def release_all(session: Session) -> None:
    """Forget what is at work: for a server that starts, and is the only one."""
    session.execute(delete(IdempotentWrite).where(IdempotentWrite.is_done.is_(False)))


def forget_old(session: Session) -> None:
    """Remove the rows whose time is over."""
    session.execute(delete(IdempotentWrite).where(IdempotentWrite.kept_until <= utc_now()))
