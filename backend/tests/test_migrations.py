"""The revisions make the tables that the code expects, forward and back, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from backend.db import create_database, create_sessions
from backend.migrations import alembic_config, upgrade
from backend.shares.models import Audience, Share
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


ROWS = (
    "INSERT INTO accounts (id, email, name, language, password_hash, is_owner, created_at)"
    " VALUES ('acc_1', 'a@example.com', 'A', 'en', 'x', true, '2026-01-01')",
    "INSERT INTO messages (id, account_id, title, script, language, aspect, state, attempt,"
    " percent, has_small_video, created_at, updated_at) VALUES ('msg_1', 'acc_1', 't', 's', 'en',"
    " '16:9', 'ready', 1, 100, false, '2026-01-01', '2026-01-01')",
    "INSERT INTO shares (id, message_id, token_hash, created_at)"
    " VALUES ('shr_1', 'msg_1', 'hash', '2026-01-01')",
)


def test_links_of_before_stay_open_and_get_an_audience(url: str) -> None:
    command.upgrade(alembic_config(url), "0004")
    engine = create_database(url)
    with engine.begin() as connection:
        for row in ROWS:
            connection.exec_driver_sql(row)
    upgrade(url)
    with create_sessions(engine)() as session:
        share = session.get_one(Share, "shr_1")
        assert (share.password_hash, share.view_limit, share.expires_at) == (None, None, None)
        assert (share.allow_download, share.allow_reactions, share.allow_replies) == (
            False, True, True,
        )  # fmt: skip
        assert session.get_one(Audience, "msg_1").version == 0
    command.downgrade(alembic_config(url), "0004")
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT id, token_hash FROM shares").fetchall()
    assert [tuple(row) for row in kept] == [("shr_1", "hash")]
    engine.dispose()
