"""`python -m backend.tests.on_postgres`: every test that uses a database once more, on PostgreSQL.

Folders that are named are tested whole, as backend/tests_processes by `make soak`.
Where there is no server to start it says so, and fails on CI alone.
"""

# ruff: noqa: T201 - it says what was not tested

import os
import sys

import pytest

from backend.tests.postgres import MISSING, find_postgres, postgres_server


class OnlyWithDatabase:
    """Leaves out what was tested already and knows of no database."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the tests that have a database, by the fixture that makes it."""
        items[:] = [item for item in items if "new_databases" in getattr(item, "fixturenames", ())]


def main(arguments: list[str]) -> int:
    """Run the tests; return pytest's exit status."""
    programs = find_postgres()
    if programs is None:
        print(MISSING)
        return 1 if os.environ.get("CI") else 0
    are_named = any(not argument.startswith("-") for argument in arguments)
    tests = [] if are_named else ["backend", "--ignore=backend/tests_processes"]
    with postgres_server(programs) as server:
        os.environ["TEST_DATABASE_URL"] = server.url
        plugins = [] if are_named else [OnlyWithDatabase()]
        return int(pytest.main([*tests, *arguments], plugins=plugins))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
