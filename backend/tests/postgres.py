"""A PostgreSQL server of the tests' own: made for them, reached over loopback, gone afterwards."""

import getpass
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

FOLDERS = "/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin"
START_WITHIN_S = 60
# The server refuses to run as root; the first of these that exists runs it instead.
UNPRIVILEGED = "postgres", "nobody"
MISSING = (
    "PostgreSQL's `initdb` was not found in PG_BIN, PATH or /usr/lib/postgresql: "
    "what runs on SQLite was tested, what runs on PostgreSQL was not."
)


def find_postgres() -> Path | None:
    """Return the folder of `initdb` and `postgres`, or None."""
    on_path = shutil.which("initdb")
    # Resolved: a link on the path may stand alone, without the server beside it.
    candidates = [Path(os.environ["PG_BIN"])] if os.environ.get("PG_BIN") else []
    candidates += [Path(on_path).resolve().parent] if on_path else []
    for pattern in FOLDERS:
        candidates += sorted(Path("/").glob(pattern[1:]), reverse=True)
    whole = (c for c in candidates if (c / "initdb").exists() and (c / "postgres").exists())
    return next(whole, None)


def require_postgres() -> Path:
    """Return the folder of the server's programs; without them skip, or fail where CI is set."""
    found = find_postgres()
    if found is None and os.environ.get("CI"):
        pytest.fail(MISSING)
    if found is None:
        pytest.skip(MISSING)
    return found


class PostgresServer:
    """A running server; `create_database` gives the address of a fresh database on it."""

    def __init__(self, port: int, user: str) -> None:
        self._port = port
        self._user = user

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the database that is always there."""
        return self._url("postgres")

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give the SQLAlchemy URL of a database that exists only for this long."""
        name = f"test_{uuid.uuid4().hex}"
        self._order(f"CREATE DATABASE {name}")
        try:
            yield self._url(name)
        finally:
            self._order(f"DROP DATABASE {name} WITH (FORCE)")

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{self._user}@127.0.0.1:{self._port}/{name}"

    def _order(self, statement: str) -> None:
        address = self.url.replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())


# Nobody pulls the plug in a test, so nothing is forced on to the disk: killed are its clients.
FOR_TESTS = {"max_connections": "200", "fsync": "off", "full_page_writes": "off"}


@contextmanager
def postgres_server(
    programs: Path, options: Mapping[str, str] = FOR_TESTS
) -> Iterator[PostgresServer]:
    """Start a server in a folder of its own; stop and remove it afterwards.

    options: what is set otherwise than PostgreSQL's defaults
    """
    user = _server_user()
    folder = Path(tempfile.mkdtemp(prefix="video-message-postgres-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, user)
        _initialise(programs, folder, user)
        port = _free_port()
        with _running(programs, folder, user, port, options):
            yield PostgresServer(port, user)
    finally:
        shutil.rmtree(folder)


def _server_user() -> str:
    if os.getuid() != 0:
        return getpass.getuser()
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in known)


def _as(user: str) -> dict[str, Any]:
    """Return how a process is started as `user`, for whom root has to drop its rights."""
    if os.getuid() != 0:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _initialise(programs: Path, folder: Path, user: str) -> None:
    # trust: it listens on loopback only, and holds what the tests made up.
    command = [str(programs / "initdb"), "-D", str(folder / "cluster"), "-U", user, "-A", "trust",
               "-E", "UTF8", "--locale=C", "--no-sync"]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **_as(user))


@contextmanager
def _running(
    programs: Path, folder: Path, user: str, port: int, options: Mapping[str, str]
) -> Iterator[None]:
    command = [str(programs / "postgres"), "-D", str(folder / "cluster"), "-p", str(port),
               "-h", "127.0.0.1", "-k", ""]  # fmt: skip
    command += [f"--{name}={value}" for name, value in options.items()]
    log = folder / "log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            command, stdout=stream, stderr=subprocess.STDOUT, cwd=folder, **_as(user)
        )
    try:
        _wait_until_it_answers(server, port, user, log)
        yield
    finally:
        server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: open sessions are ended
        server.wait(60)


def _wait_until_it_answers(
    server: "subprocess.Popen[bytes]", port: int, user: str, log: Path
) -> None:
    for _ in range(START_WITHIN_S * 10):
        try:
            psycopg.connect(f"postgresql://{user}@127.0.0.1:{port}/postgres").close()
            return
        except psycopg.OperationalError:
            try:
                server.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            break
    pytest.fail(f"the PostgreSQL server does not start: {log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
