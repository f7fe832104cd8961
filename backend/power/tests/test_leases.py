"""The lease on the machines themselves: what the schedule and gpu-manage.sh leave on."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from backend.power.leases import LEASE_S, LeaseKeeper
from backend.power.tests.moto_ec2 import inject
from infra.schedule_lambda.handler import run

APP, GPU = "Role=video-message-app", "Role=openvoice-gpu"
NOW_S = datetime(2026, 11, 25, 10, 0, tzinfo=UTC).timestamp()


def launch(client: Any, tag: str) -> str:
    name, _, value = tag.partition("=")
    tags = [{"ResourceType": "instance", "Tags": [{"Key": name, "Value": value}]}]
    made = client.run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=tags
    )
    return str(made["Instances"][0]["InstanceId"])


def lease(client: Any, machine: str) -> str | None:
    found = client.describe_instances(InstanceIds=[machine])["Reservations"][0]["Instances"][0]
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    return tags.get("lease-until")


class Keeper:
    """A keeper whose clock and work a test sets."""

    def __init__(self, client: Any, sessions: sessionmaker[Session]) -> None:
        self.now_s = NOW_S
        self.busy: set[str] = set()
        work = {tag: lambda _session, tag=tag: tag in self.busy for tag in (APP, GPU)}
        self.keeper = LeaseKeeper(client, sessions, work, clock=lambda: self.now_s)

    def round(self) -> None:
        self.keeper.run_round()


@pytest.fixture
def keeper(client: Any, sessions: sessionmaker[Session]) -> Keeper:
    return Keeper(client, sessions)


def test_a_machine_at_work_carries_a_lease_and_an_idle_one_none(
    client: Any, keeper: Keeper
) -> None:
    app, gpu = launch(client, APP), launch(client, GPU)
    keeper.busy = {APP}
    keeper.round()
    assert lease(client, app) == "2026-11-25T10:10:00Z"
    assert lease(client, gpu) is None


def test_the_schedule_leaves_on_what_is_leased_until_the_lease_ends(
    client: Any, keeper: Keeper
) -> None:
    launch(client, APP)
    keeper.busy = {APP}
    keeper.round()
    stop = {"action": "stop", "target": "app", "by": "schedule"}
    hours = {"APP_HOURS": "weekday"}
    at = datetime(2026, 11, 25, 10, 5, tzinfo=UTC)  # 19:05 in Tokyo
    assert run(stop, client, hours, at)["results"][0]["outcome"] == "skipped"
    later = datetime(2026, 11, 25, 10, 11, tzinfo=UTC)
    assert run(stop, client, hours, later)["results"][0]["outcome"] == "stopped"


def test_a_lease_is_renewed_while_the_work_goes_on_and_runs_out_when_it_ends(
    client: Any, keeper: Keeper
) -> None:
    gpu = launch(client, GPU)
    keeper.busy = {GPU}
    keeper.round()
    keeper.now_s += LEASE_S / 2 + 60
    keeper.round()
    assert lease(client, gpu) == "2026-11-25T10:16:00Z"
    keeper.busy = set()
    keeper.now_s += LEASE_S
    keeper.round()
    assert lease(client, gpu) == "2026-11-25T10:16:00Z"


def test_a_lease_that_is_fresh_costs_no_call(client: Any, keeper: Keeper) -> None:
    launch(client, APP)
    keeper.busy = {APP}
    keeper.round()
    calls: list[str] = []
    client.meta.events.register("before-call.ec2", lambda model, **_: calls.append(model.name))
    keeper.round()
    assert calls == []


def test_what_ec2_refuses_is_tried_again_and_holds_no_other_machine_up(
    client: Any, keeper: Keeper, caplog: pytest.LogCaptureFixture
) -> None:
    app = launch(client, APP)
    keeper.busy = {APP, GPU}
    inject(client, "CreateTags", "UnauthorizedOperation", times=1)
    keeper.round()
    assert lease(client, app) is None
    assert "UnauthorizedOperation" in caplog.text
    keeper.round()
    assert lease(client, app) is not None
