"""`python -m backend.tests.on_postgres`: the API's tests once more, on a PostgreSQL server.

Arguments go to pytest. Where there is no server to start it says so, and fails on CI alone.
"""

# ruff: noqa: T201 - it says what was not tested

import os
import sys

import pytest

from backend.tests.postgres import MISSING, find_postgres, postgres_server

TESTS = ["backend/tests", "backend/messages", "backend/jobs"]


def main(arguments: list[str]) -> int:
    """Run the tests; return pytest's exit status."""
    programs = find_postgres()
    if programs is None:
        print(MISSING)
        return 1 if os.environ.get("CI") else 0
    with postgres_server(programs) as server:
        os.environ["TEST_DATABASE_URL"] = server.url
        return int(pytest.main([*TESTS, *arguments]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
