"""A database of the power's own tests, and a controller on a machine that a test moves."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

import backend.tables  # noqa: F401 - every table must be known
from backend.db import create_database, create_sessions
from backend.migrations import upgrade
from backend.power.controller import Clocks, PowerController
from backend.power.setup import Power
from backend.power.situation import PolicySettings, Prices
from backend.power.tests.lanes import Clock, FakeMachine
from backend.tests.postgres import PostgresServer, postgres_server, require_postgres

ON_DEMAND = Prices(hour_usd_micro=710_000)

Rule = Callable[..., PowerController]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of these tests' own."""
    with postgres_server(require_postgres()) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'app.db'}"
        return
    with request.getfixturevalue("postgres").database() as address:
        yield address


@pytest.fixture
def sessions(url: str) -> Iterator[sessionmaker[Session]]:
    upgrade(url)
    engine = create_database(url)
    yield create_sessions(engine)
    engine.dispose()


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
