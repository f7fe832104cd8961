"""`python -m backend.tests.on_postgres`: tests that use a database once more, on PostgreSQL.

Usually those whose SQL, locks or transactions could go differently there; with `--every` (in
`make soak`) all that have a database. Folders that are named are tested whole.
Where there is no server to start it says so, and fails on CI alone.
"""

# ruff: noqa: T201 - it says what was not tested

import os
import sys
from pathlib import Path

import pytest

from backend.tests.postgres import MISSING, find_postgres, postgres_server

# The plugin goes by its name, by which the processes of other cores find it too.
WITH_DATABASE = ["-p", "backend.tests.only_with_database"]
# Hostile files are opened by the jail alike, whatever the database; encoding takes minutes, and its
# tests are named to this program by `make soak`.
EVERY_TEST = [
    "backend",
    "--ignore=backend/tests_processes",
    "--ignore=backend/tests/test_hostile_files.py",
    "--ignore=backend/tests/test_recordings.py",
    "--ignore=backend/tests/test_on_s3.py",
    *WITH_DATABASE,
]
# What the others say to the database is said by these too; what they are about is files, sound,
# pages or another service.
WHAT_MAY_DIFFER = [
    "backend/jobs",  # the outbox, steps that are done once, sweeps
    "backend/power",  # leader, leases, ledger
    "backend/tests/test_accounts.py",
    "backend/tests/test_api_keys.py",
    "backend/tests/test_audience.py",  # counting, versions, listening
    "backend/tests/test_deleted_bytes.py",
    "backend/tests/test_idempotency.py",
    "backend/tests/test_mail.py",  # claims
    "backend/tests/test_messages.py",
    "backend/tests/test_migrations.py",
    "backend/tests/test_odd_values.py",
    "backend/tests/test_ownership.py",
    "backend/tests/test_replies.py",  # limits that are taken together
    "backend/tests/test_share_rules.py",
    "backend/tests/test_uploads.py",
    "backend/tests/test_voices.py",
    "backend/tests/webhooks",  # claims, order
    *WITH_DATABASE,
]


def main(arguments: list[str]) -> int:
    """Run the tests; return pytest's exit status."""
    programs = find_postgres()
    if programs is None:
        print(MISSING)
        return 1 if os.environ.get("CI") else 0
    are_named = any(Path(argument).exists() for argument in arguments)
    tests = [] if are_named else WHAT_MAY_DIFFER
    if "--every" in arguments:
        arguments = [argument for argument in arguments if argument != "--every"]
        tests = EVERY_TEST
    with postgres_server(programs) as server:
        os.environ["TEST_DATABASE_URL"] = server.url
        return int(pytest.main([*tests, *arguments]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
