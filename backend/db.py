"""The app's database: SQLite by default, PostgreSQL when one machine is not enough."""

import fcntl
import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from psycopg import OperationalError
from pydantic_core import from_json
from sqlalchemy import URL, DateTime, Engine, MetaData, String, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator

from backend.postgres_cursor import LazyCursor

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_TIMEOUT_MS = 15_000
_HAS_TURN, _LAST_USED_S = "has_turn", "last_used_s"
# So soon after it was used a connection is taken to be alive.
_ALIVE_FOR_S = 1.0


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets time zones; this puts the only one we use back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Store UTC."""
        del dialect
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Read UTC."""
        del dialect
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum kept as its text. A plain string column would give back `str`, and `is` fails."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, dialect: Any) -> str | None:
        """Store the text."""
        del dialect
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Any) -> StrEnum | None:
        """Read the member."""
        del dialect
        return None if value is None else self.kind(value)


class Base(DeclarativeBase):
    """Parent of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime()}  # noqa: RUF012 - SQLAlchemy's own way


Id = Annotated[str, mapped_column(String(40), primary_key=True)]


def create_database(url: str) -> Engine:
    """Return the engine for `url`, set so that concurrent writers wait instead of failing."""
    if not url.startswith("sqlite"):
        return _postgres(url)
    engine = _sqlite(url)
    turns = _Turns(Path(f"{engine.url.database}-turnstile"))
    event.listen(engine, "begin", turns.begin)
    event.listen(engine, "checkin", turns.end)
    return engine


_COMMON: dict[str, Any] = {
    # Parameters hold scripts and addresses: they stay out of error texts, and so out of logs.
    "hide_parameters": True,
    "pool_size": 15,
    "max_overflow": 10,
    "json_deserializer": from_json,  # five times as quick as the standard library's
}


def _sqlite(url: str | URL, **more: Any) -> Engine:
    # A connection for each thread of the server: those who wait for their turn keep theirs.
    engine = create_engine(url, **(_COMMON | {"pool_size": 60, "max_overflow": 20} | more))
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _postgres(url: str | URL, **more: Any) -> Engine:
    lean = {"cursor_factory": LazyCursor}
    engine = create_engine(url, connect_args=lean, **(_COMMON | more))
    event.listen(engine, "checkin", _note_time)
    event.listen(engine, "checkout", _ping_idle)
    return engine


def _note_time(_connection: Any, record: Any) -> None:
    record.info[_LAST_USED_S] = time.monotonic()


def _ping_idle(connection: Any, record: Any, _proxy: Any) -> None:
    """Have a connection replaced that died while nobody used it, as at the server's restart.

    The pool's own `pre_ping` asks each time, which doubles the time of a short query.
    """
    if time.monotonic() - record.info.get(_LAST_USED_S, math.inf) < _ALIVE_FOR_S:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except OperationalError as error:
        raise DisconnectionError("the connection died while nobody used it") from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say so, below
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # an accepted message survives a power cut
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # a deleted script leaves no bytes
    cursor.close()


class _Turns:
    """Whose turn it is to write, among the threads of this process and among processes.

    SQLite's own waiting sleeps longer and longer, up to a tenth of a second, while others overtake:
    under load a write took seconds. Only one of all waits in it: who holds the turnstile, a locked
    file. Whoever has just written must pass that as well, and so overtakes nobody.
    """

    def __init__(self, turnstile: Path) -> None:
        self._lock = threading.Lock()
        self._turnstile = turnstile

    def begin(self, connection: Any) -> None:
        """Wait for the turn to begin a transaction, as long as SQLite would."""
        if not connection.info.get(_HAS_TURN):
            connection.info[_HAS_TURN] = self._lock.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
        with self._turnstile.open("ab") as turnstile:
            fcntl.flock(turnstile, fcntl.LOCK_EX)
            # A deferred transaction that writes later would lose to a lock instead of waiting.
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    def end(self, _connection: Any, record: Any) -> None:
        """Let the next one write, once the connection is back in the pool: by then it is saved."""
        if record.info.pop(_HAS_TURN, False):
            self._lock.release()


def create_sessions(engine: Engine) -> sessionmaker[Session]:
    """Return the maker of sessions; rows stay readable after their commit."""
    return sessionmaker(engine, expire_on_commit=False)


def create_readers(engine: Engine) -> sessionmaker[Session]:
    """Return the maker of sessions that only read and so never wait for a writer."""
    make = _sqlite if engine.dialect.name == "sqlite" else _postgres
    # Connections of their own, without transactions: to begin and to end one takes as long as a
    # statement, and each sees what is newest.
    made = make(engine.url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None)
    event.listen(engine, "engine_disposed", lambda _engine: made.dispose())
    return sessionmaker(made, expire_on_commit=False)


def after_commit(session: Session, name: str) -> None:
    """Call what the sessionmaker's `info` has under `name`, once what was written is saved."""
    call: Callable[[], None] | None = session.info.get(name)
    if call is not None:
        event.listen(session, "after_commit", lambda _session: call(), once=True)


def purge_deleted(sessions: sessionmaker[Session]) -> None:
    """Fold the write-ahead log into the file, so that it keeps no deleted row either."""
    with sessions() as session:
        engine = session.get_bind().engine
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")  # a checkpoint runs outside a transaction
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
