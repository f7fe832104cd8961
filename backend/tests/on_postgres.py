"""`python -m backend.tests.on_postgres`: every test that uses a database once more, on PostgreSQL.

Folders that are named are tested whole, as backend/tests_processes by `make soak`.
Where there is no server to start it says so, and fails on CI alone.
"""

# ruff: noqa: T201 - it says what was not tested

import os
import sys
from pathlib import Path

import pytest

from backend.tests.postgres import MISSING, find_postgres, postgres_server

# Hostile files are opened by the jail alike, whatever the database; encoding takes minutes, and its
# tests are named to this program by `make soak`.
# The plugin goes by its name, by which the processes of other cores find it too.
EVERY_TEST = [
    "backend",
    "--ignore=backend/tests_processes",
    "--ignore=backend/tests/test_hostile_files.py",
    "--ignore=backend/tests/test_recordings.py",
    "--ignore=backend/tests/test_on_s3.py",
    "-p",
    "backend.tests.only_with_database",
]


def main(arguments: list[str]) -> int:
    """Run the tests; return pytest's exit status."""
    programs = find_postgres()
    if programs is None:
        print(MISSING)
        return 1 if os.environ.get("CI") else 0
    are_named = any(Path(argument).exists() for argument in arguments)
    tests = [] if are_named else EVERY_TEST
    with postgres_server(programs) as server:
        os.environ["TEST_DATABASE_URL"] = server.url
        return int(pytest.main([*tests, *arguments]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
