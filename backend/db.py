"""The app's database: SQLite by default, PostgreSQL when one machine is not enough."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import DateTime, Engine, MetaData, String, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_TIMEOUT_MS = 15_000
READING = "video_message_reading"


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
    # Parameters hold scripts and addresses: they stay out of error texts, and so out of logs.
    common: dict[str, Any] = {"pool_size": 20, "max_overflow": 10, "hide_parameters": True}
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, **common)
    engine = create_engine(url, **common)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say so, below
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # an accepted message survives a power cut
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # a deleted script leaves no bytes
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    # A deferred transaction that writes later loses to a lock instead of waiting for it;
    # one that only reads has no lock to wait for.
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def create_sessions(engine: Engine) -> sessionmaker[Session]:
    """Return the maker of sessions; rows stay readable after their commit."""
    return sessionmaker(engine, expire_on_commit=False)


def create_readers(engine: Engine) -> sessionmaker[Session]:
    """Return the maker of sessions that only read and so never wait for a writer."""
    return sessionmaker(engine.execution_options(**{READING: True}), expire_on_commit=False)


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
