"""A database of the power's own tests, and a controller on a machine that a test moves."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from backend.db import create_database, create_sessions
from backend.migrations import upgrade
from backend.power.controller import Clocks, PowerController
from backend.power.setup import Power
from backend.power.situation import PolicySettings, Prices
from backend.power.tests.lanes import Clock, FakeMachine
from backend.tables import METADATA
from backend.tests.postgres import PostgresServer, postgres_server, require_postgres

ON_DEMAND = Prices(hour_usd_micro=710_000)

Rule = Callable[..., PowerController]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of these tests' own."""
    with postgres_server(require_postgres()) as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A database with its tables, made once: migrating takes longer than most tests."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('power') / 'app.db'}"
        else:
            url = stack.enter_context(request.getfixturevalue("postgres").database())
        upgrade(url)
        engine = create_database(url)
        stack.callback(engine.dispose)
        yield engine


@pytest.fixture
def sessions(migrated: Engine) -> Iterator[sessionmaker[Session]]:
    """The database, empty again after each test."""
    yield create_sessions(migrated)
    with create_sessions(migrated).begin() as session:
        for table in reversed(METADATA.sorted_tables):
            session.execute(table.delete())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def machine(clock: Clock) -> FakeMachine:
    return FakeMachine(clock)


@pytest.fixture
def rule(sessions: sessionmaker[Session], clock: Clock, machine: FakeMachine) -> Rule:
    """Make a controller with this policy, and with this name where there are two."""

    def make(holder: str = "one", **policy: object) -> PowerController:
        return PowerController(
            sessions,
            machine,
            machine,
            Power("fake", PolicySettings(**policy), ON_DEMAND),  # type: ignore[arg-type]
            holder,
            Clocks(clock.wall, clock.monotonic),
        )

    return make
