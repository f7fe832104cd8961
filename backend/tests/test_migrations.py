"""The revisions make the tables that the code expects, forward and back, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from backend.db import create_database
from backend.migrations import alembic_config, upgrade
from backend.tables import METADATA


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'app.db'}"
        return
    with request.getfixturevalue("postgres").database() as address:
        yield address


def test_the_tables_are_those_of_the_code_after_going_forth_and_back_and_forth(url: str) -> None:
    upgrade(url)
    command.downgrade(alembic_config(url), "base")
    engine = create_database(url)
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    upgrade(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_taking_recordings_loses_nothing_of_what_was_there(url: str) -> None:
    """SQLite replaces a table to change it, and what hangs on it by a foreign key must stay."""
    config = alembic_config(url)
    command.upgrade(config, "0004")
    engine = create_database(url)
    now = "2026-11-24 12:00:00+00:00"
    with engine.begin() as connection:
        for statement in (
            "INSERT INTO accounts (id, email, name, language, password_hash, is_owner, created_at)"
            f" VALUES ('acc_1', 'a@example.org', 'A', 'en', '', false, '{now}')",
            "INSERT INTO uploads (id, account_id, kind, state, filename, size_bytes,"
            " part_size_bytes, created_at, expires_at)"
            f" VALUES ('upl_1', 'acc_1', 'audio', 'open', 'f', 9, 8, '{now}', '{now}')",
            "INSERT INTO upload_parts VALUES ('upl_1', 1, 8, 'abc')",
            "INSERT INTO messages (id, account_id, title, script, language, aspect, state, attempt,"
            " percent, has_small_video, created_at, updated_at) VALUES"
            f" ('msg_1', 'acc_1', '', '', 'en', '16:9', 'ready', 1, 100, false, '{now}', '{now}')",
            "INSERT INTO shares (id, message_id, token_hash, created_at)"
            f" VALUES ('shr_1', 'msg_1', 'hash', '{now}')",
        ):
            connection.execute(sa.text(statement))
    for move in (lambda: upgrade(url), lambda: command.downgrade(config, "0004")):
        move()
        with engine.connect() as connection:
            for table in ("upload_parts", "shares"):
                count = connection.scalar(sa.text(f"SELECT count(*) FROM {table}"))
                assert count == 1, table
    engine.dispose()
