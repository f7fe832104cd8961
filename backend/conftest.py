"""What the tests of every part share: databases, on SQLite or on PostgreSQL."""

from collections.abc import Iterator

import pytest

from backend.tests.databases import NewDatabases, migrated_databases


@pytest.fixture(scope="session")
def new_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabases]:
    """Whoever asks for these runs once more on PostgreSQL (`backend.tests.on_postgres`)."""
    with migrated_databases(tmp_path_factory.mktemp("migrated")) as copies:
        yield copies
