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
