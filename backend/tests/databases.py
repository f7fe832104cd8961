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


@contextmanager
def _postgres_copies(server: str) -> Iterator[NewDatabases]:
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")

    @contextmanager
    def database(template: str = "template1") -> Iterator[str]:
        name = f"test_{uuid.uuid4().hex}"
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield name
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")

    def urls_of(name: str) -> Urls:
        url = sa.make_url(server).set(database=name).render_as_string(hide_password=False)
        return Urls(url, url)

    with database() as migrated:
        _migrate(urls_of(migrated))

        @contextmanager
        def copy(folder: Path) -> Iterator[Urls]:
            folder.mkdir(parents=True, exist_ok=True)
            with database(migrated) as name:
                yield urls_of(name)

        yield copy
    admin.dispose()


def _migrate(urls: Urls) -> None:
    upgrade(urls.app)
    migrate_jobs(urls.jobs)
