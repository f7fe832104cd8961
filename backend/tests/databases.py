"""Databases with all tables, one for each test: copies of one that was migrated once.

They are SQLite files, or databases of the PostgreSQL server that TEST_DATABASE_URL names.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from backend.jobs.engine import migrate_jobs
from backend.migrations import upgrade


@dataclass(frozen=True)
class Urls:
    """SQLAlchemy URLs of the app's tables and of the job engine's."""

    app: str
    jobs: str


NewDatabases = Callable[[Path], AbstractContextManager[Urls]]


@contextmanager
def migrated_databases(folder: Path) -> Iterator[NewDatabases]:
    """Migrate once, and give what makes a copy, beside which a test may keep its files."""
    server = os.environ.get("TEST_DATABASE_URL")
    if server is None:
        yield _sqlite_copies(folder)
    else:
        with _postgres_copies(server) as copies:
            yield copies


def _sqlite_copies(migrated: Path) -> NewDatabases:
    migrated.mkdir(parents=True, exist_ok=True)
    _migrate(_sqlite_urls(migrated))

    @contextmanager
    def copy(folder: Path) -> Iterator[Urls]:
        folder.mkdir(parents=True, exist_ok=True)
        for file in migrated.iterdir():
            shutil.copy(file, folder)
        yield _sqlite_urls(folder)

    return copy


def _sqlite_urls(folder: Path) -> Urls:
    return Urls(f"sqlite:///{folder / 'app.db'}", f"sqlite:///{folder / 'jobs.db'}")


def urls_on(server: str, name: str) -> Urls:
    """Return the URLs of one database of a PostgreSQL server, which holds both schemas."""
    url = sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    return Urls(url, url)


@contextmanager
def new_postgres_database(server: str, template: str = "template1") -> Iterator[str]:
    """Give the name of a database that exists only for this long."""
    name = f"test_{uuid.uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield name
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _postgres_copies(server: str) -> Iterator[NewDatabases]:
    with new_postgres_database(server) as migrated:
        _migrate(urls_on(server, migrated))

        @contextmanager
        def copy(folder: Path) -> Iterator[Urls]:
            folder.mkdir(parents=True, exist_ok=True)
            with new_postgres_database(server, migrated) as name:
                yield urls_on(server, name)

        yield copy


def _migrate(urls: Urls) -> None:
    upgrade(urls.app)
    migrate_jobs(urls.jobs)
