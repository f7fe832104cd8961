"""What the tests of every part share: databases, on SQLite or on PostgreSQL."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from backend import security
from backend.tests.databases import NewDatabases, migrated_databases


@pytest.fixture(scope="session")
def new_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabases]:
    """Whoever asks for these runs once more on PostgreSQL (`backend.tests.on_postgres`)."""
    with migrated_databases(tmp_path_factory.mktemp("migrated")) as copies:
        yield copies


@pytest.fixture(scope="session", autouse=True)
def products_hasher() -> Iterator[PasswordHasher]:
    """Hash passwords as weakly as argon2 can: a good hash takes a quarter of a second, minutes in
    all. Processes that the tests start hash as the product does, with what is given here.
    """
    own = security._hasher
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(security, "_hasher", PasswordHasher.from_parameters(CHEAPEST))
        yield own
