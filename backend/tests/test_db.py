"""Writers take turns, readers never wait, and a server that was restarted is met again."""

import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from backend import db
from backend.db import create_database, create_readers, create_sessions
from backend.postgres_cursor import LazyCursor
from backend.tests.postgres import PostgresServer
from backend.tests_processes.rig import wait_until

WAITED_S = 10


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "turns.db"


@pytest.fixture
def engine(file: Path) -> Iterator[sa.Engine]:
    made = create_database(f"sqlite:///{file}")
    with made.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE counted (id INTEGER PRIMARY KEY, n INTEGER)")
        connection.exec_driver_sql("INSERT INTO counted VALUES (1, 0)")
    yield made
    made.dispose()


@pytest.fixture
def sessions(engine: sa.Engine) -> sessionmaker[Session]:
    return create_sessions(engine)


def count(session: Session) -> int:
    n: int = session.execute(sa.text("SELECT n FROM counted")).scalar_one()
    return n


def count_one_more(session: Session) -> None:
    session.execute(sa.text("UPDATE counted SET n = :n"), {"n": count(session) + 1})


def test_of_many_who_write_at_once_nobody_is_lost(sessions: sessionmaker[Session]) -> None:
    def write(_number: int) -> None:
        with sessions.begin() as session:
            count_one_more(session)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(200)))
    with sessions() as session:
        assert count(session) == 200


def test_who_reads_waits_for_no_writer(engine: sa.Engine, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        count_one_more(session)
        with create_readers(engine)() as reader:
            assert count(reader) == 0


def test_the_turn_is_given_on_also_by_who_fails(sessions: sessionmaker[Session]) -> None:
    with pytest.raises(IntegrityError), sessions.begin() as session:
        session.execute(sa.text("INSERT INTO counted VALUES (1, 5)"))
    with pytest.raises(OperationalError), sessions.begin() as session:
        session.execute(sa.text("UPDATE nothing SET n = 1"))
    with ThreadPoolExecutor(1) as another, sessions() as session:
        session.rollback()
        assert another.submit(_count_in, sessions).result(WAITED_S) == 0


def _count_in(sessions: sessionmaker[Session]) -> int:
    with sessions.begin() as session:
        return count(session)


def test_another_process_is_waited_for_in_vain_only_so_long(
    file: Path, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "BUSY_TIMEOUT_MS", 50)
    sessions.kw["bind"].dispose()  # connections anew, which wait as told
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"), sessions.begin() as session:
        count(session)
    other.execute("ROLLBACK")
    other.close()
    assert _count_in(sessions) == 0


def test_the_next_one_writes_when_the_one_before_has_saved(
    sessions: sessionmaker[Session],
) -> None:
    has_turn, may_end = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with sessions.begin() as session:
            count_one_more(session)
            has_turn.set()
            assert may_end.wait(WAITED_S)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(write_slowly)
        assert has_turn.wait(WAITED_S)
        second = pool.submit(_count_in, sessions)
        assert not second.done()
        may_end.set()
        first.result(WAITED_S)
        assert second.result(WAITED_S) == 1


def test_a_process_that_waits_is_not_overtaken_by_the_one_that_has_just_written(
    file: Path, sessions: sessionmaker[Session]
) -> None:
    """Another engine stands for another process: its turns and its turnstile are its own."""
    other_engine = create_database(f"sqlite:///{file}")
    others, order = create_sessions(other_engine), []

    def write(who: str, make: sessionmaker[Session]) -> None:
        with make.begin() as session:
            count_one_more(session)
            order.append(who)

    with ThreadPoolExecutor(2) as pool:
        with sessions.begin() as session:
            count_one_more(session)
            waiting = pool.submit(write, "other process", others)
            wait_until(lambda: not is_free(file), "it stands in the turnstile", WAITED_S)
            next_here = pool.submit(write, "same process", sessions)
        waiting.result(WAITED_S)
        next_here.result(WAITED_S)
    assert order == ["other process", "same process"]
    other_engine.dispose()


def is_free(file: Path) -> bool:
    with Path(f"{file}-turnstile").open("ab") as turnstile:
        try:
            fcntl.flock(turnstile, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_the_lean_cursor_tells_of_columns_what_psycopg_does(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.url.replace("+psycopg", "")) as connection:
        usual, lean = connection.cursor(), LazyCursor(connection)
        assert told_by(lean) is None
        for cursor in (usual, lean):
            cursor.execute("SELECT 1 AS one, 'two'::varchar(5) AS two, now() AS three")
        columns = told_by(lean)
        assert [tuple(column) for column in columns] == [*map(tuple, told_by(usual))]
        assert [column.name for column in columns[-2:]] == ["two", "three"]
        assert columns[-1].type_code == told_by(usual)[-1].type_code
        assert len(columns) == 3
        lean.execute("CREATE TEMPORARY TABLE none (n int)")
        assert told_by(lean) is None


def told_by(cursor: psycopg.Cursor[Any]) -> Any:
    return cursor.description


@pytest.mark.parametrize("create", [create_sessions, create_readers])
def test_a_connection_that_died_while_nobody_used_it_is_replaced(
    postgres: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
    create: Callable[[sa.Engine], sessionmaker[Session]],
) -> None:
    with postgres.database() as url:
        engine = create_database(url)
        sessions = create(engine)
        first = _pid(sessions)
        assert _pid(sessions) == first
        _end_connections(postgres.url, url)
        # Right after its last use it is taken to be alive.
        monkeypatch.setattr(db, "_ALIVE_FOR_S", 3600.0)
        with pytest.raises(OperationalError):
            _pid(sessions)
        second = _pid(sessions)
        _end_connections(postgres.url, url)
        monkeypatch.setattr(db, "_ALIVE_FOR_S", 0.0)
        assert _pid(sessions) not in (first, second)
        engine.dispose()


def _pid(make: sessionmaker[Session]) -> int:
    with make() as session:
        pid: int = session.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        return pid


def _end_connections(admin: str, url: str) -> None:
    ended = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
    engine = sa.create_engine(admin, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(ended, {"name": sa.make_url(url).database})
