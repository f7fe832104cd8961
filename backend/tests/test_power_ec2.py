"""A whole life on EC2: the controller, boto3 over HTTP to moto, the real service, a spot notice."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

import backend.tables  # noqa: F401 - every table must be known
from backend.db import create_database, create_sessions
from backend.power import work
from backend.power.controller import Clocks, PowerController
from backend.power.ledger import billed_seconds
from backend.power.models import GpuLane, LedgerEntry, PowerDecision
from backend.power.providers.ec2 import Ec2Provider, create_ec2_client
from backend.power.providers.probe import HttpProbe, Readiness
from backend.power.setup import PLAYED_VOICE_S, Power
from backend.power.situation import LaneState, PolicySettings, Prices
from backend.power.tests.lanes import Clock
from backend.power.tests.moto_ec2 import REGION, TAG, inject
from backend.power.tests.test_ec2 import stopped
from backend.tests.databases import NewDatabases
from backend.tests.served import ServedApp
from openvoice_service.main import create_app
from openvoice_service.settings import SpeechSettings
from openvoice_service.tests.test_lane import Metadata

PRICES = Prices(hour_usd_micro=284_000)
TOKEN = "the speech token of the tests"


class AtHome(HttpProbe):
    """Asks the service of this computer instead of the address that moto has invented."""

    def __init__(self, home: str) -> None:
        super().__init__(TOKEN)
        self._home = home

    def is_ready(self, url: str, run: str) -> Readiness:
        assert url.endswith(":8001")
        return super().is_ready(self._home, run)

    def renew_lease(self, url: str, holder: str) -> bool:
        return super().renew_lease(self._home, holder)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[str]:
    """The speech service on a spot machine: it looks for a notice in this metadata server."""
    Metadata.notice = None
    metadata = HTTPServer(("127.0.0.1", 0), Metadata)
    thread = threading.Thread(target=metadata.serve_forever)
    thread.start()
    settings = SpeechSettings(
        data_dir=tmp_path / "gpu",
        speech_token=TOKEN,
        speech_engine="world",
        spot_metadata_url=f"http://127.0.0.1:{metadata.server_port}",
    )
    served = ServedApp(create_app(settings))
    yield served.start()
    served.stop()
    metadata.shutdown()
    metadata.server_close()
    thread.join()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nobody's")
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    # What moto pretends is the whole process's, whichever server shows it.
    httpx.post(f"http://{host}:{port}/moto-api/reset").raise_for_status()
    yield create_ec2_client(REGION, f"http://{host}:{port}")
    server.stop()


class Cloud:
    """The controller, its clock, and what it has written."""

    def __init__(self, sessions: sessionmaker[Session], client: Any, service: str) -> None:
        self.sessions = sessions
        # moto tells the true time: the clock begins there, and goes on by hand.
        self.clock = Clock(now_s=datetime.now(UTC).timestamp())
        power = Power("ec2", PolicySettings(), PRICES, PLAYED_VOICE_S)
        clocks = Clocks(self.clock.wall, self.clock.monotonic)
        provider = Ec2Provider(client, TAG)
        probe = AtHome(service)
        self.controller = PowerController(sessions, provider, probe, power, "one", clocks)

    def rounds(self, count: int, every_s: float = 5.0) -> None:
        for _ in range(count):
            self.controller.run_round()
            self.clock.pass_by(every_s)

    def intend(self) -> None:
        with self.sessions.begin() as session:
            work.note_intent(session, "acc_1", self.clock.now_s)

    @property
    def state(self) -> str:
        with self.sessions() as session:
            return str(session.get_one(GpuLane, "gpu").state)

    def said(self) -> list[str]:
        with self.sessions() as session:
            return list(session.scalars(select(PowerDecision.code).order_by(PowerDecision.id)))

    def ledger(self) -> list[LedgerEntry]:
        with self.sessions() as session:
            return list(session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))


@pytest.fixture
def cloud(
    tmp_path: Path, new_databases: NewDatabases, client: Any, service: str
) -> Iterator[Cloud]:
    with new_databases(tmp_path) as urls:
        engine = create_database(urls.app)
        yield Cloud(create_sessions(engine), client, service)
        engine.dispose()


def test_a_life_with_no_room_throttling_a_spot_notice_and_a_termination(
    cloud: Cloud, client: Any, service: str
) -> None:
    machine_id = stopped(client)
    cloud.rounds(1)
    assert cloud.state == "stopped"

    inject(client, "StartInstances", "InsufficientInstanceCapacity", 500, times=1)
    cloud.intend()
    cloud.rounds(2)
    assert cloud.state == "capacity_wait"
    cloud.rounds(7)
    cloud.intend()
    cloud.rounds(3)
    assert cloud.state == "ready"
    assert "no_capacity" in cloud.said()

    inject(client, "DescribeInstances", "RequestLimitExceeded", 503, times=1)
    cloud.rounds(1)
    assert cloud.state == "ready"
    assert cloud.said()[-1] == "throttled"

    leaves_at = datetime.fromtimestamp(cloud.clock.now_s, UTC) + timedelta(seconds=120)
    Metadata.notice = f'{{"action": "stop", "time": "{leaves_at:%Y-%m-%dT%H:%M:%SZ}"}}'
    _until_told(service)
    cloud.rounds(1)
    assert "interruption" in cloud.said()
    assert cloud.state in ("stopping", "stopped")
    cloud.rounds(1)
    assert cloud.state == "stopped"
    started, ended = cloud.ledger()
    assert started.run_id == ended.run_id
    assert started.run_id.startswith(machine_id)
    assert ended.billed_s == billed_seconds(started.at_s, ended.at_s, PRICES)

    Metadata.notice = None
    client.terminate_instances(InstanceIds=[machine_id])
    cloud.rounds(1)
    assert cloud.state == "failed"
    successor = stopped(client)
    cloud.clock.pass_by(60)
    cloud.intend()
    _until_told(service, is_leaving=False)
    cloud.rounds(4)
    assert cloud.state == "ready"
    assert cloud.ledger()[-1].run_id.startswith(successor)
    client.terminate_instances(InstanceIds=[successor])
    cloud.rounds(1)
    assert cloud.state == "failed"
    assert [entry.kind for entry in cloud.ledger()] == ["started", "stopped"] * 2


def _until_told(service: str, *, is_leaving: bool = True) -> None:
    """Wait until the service has seen what the metadata server says."""
    deadline = datetime.now(UTC) + timedelta(seconds=30)
    while (httpx.get(f"{service}/readyz").json()["interruption_at"] is not None) != is_leaving:
        assert datetime.now(UTC) < deadline


def test_a_clock_that_is_wrong_by_a_day_is_no_start_that_failed(cloud: Cloud, client: Any) -> None:
    stopped(client)
    cloud.intend()
    cloud.rounds(3)
    assert cloud.state == "ready"
    cloud.clock.set_by(86_400.0)
    cloud.rounds(3)
    assert cloud.state == "ready"
    assert LaneState.FAILED not in cloud.said()
