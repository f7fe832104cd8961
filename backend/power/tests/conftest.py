"""A database of the power's own tests, and a controller on a machine that a test moves."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from backend.db import create_database, create_sessions
from backend.power.controller import Clocks, PowerController
from backend.power.providers.ec2 import create_ec2_client
from backend.power.setup import Power
from backend.power.situation import PolicySettings, Prices
from backend.power.tests.lanes import Clock, FakeMachine
from backend.power.tests.moto_ec2 import REGION, SECRET
from backend.tables import METADATA
from backend.tests.databases import NewDatabases

ON_DEMAND = Prices(hour_usd_micro=710_000)

Rule = Callable[..., PowerController]


@pytest.fixture(scope="session")
def database(
    new_databases: NewDatabases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One database for all of these tests: a copy each would take longer than most of them."""
    with new_databases(tmp_path_factory.mktemp("power")) as urls:
        engine = create_database(urls.app)
        yield engine
        engine.dispose()


@pytest.fixture
def sessions(database: Engine) -> Iterator[sessionmaker[Session]]:
    """The database, empty again after each test."""
    yield create_sessions(database)
    with create_sessions(database).begin() as session:
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


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(aws: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    httpx.post(f"{aws}/moto-api/reset").raise_for_status()
    return create_ec2_client(REGION, aws)
