"""The schedule's function over real boto3 calls, on moto's EC2: its double's contract."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.schedule_lambda.handler import create_client, handler, run

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
ROLES = {"app": "video-message-app", "gpu": "openvoice-gpu"}


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield create_client()


def launch(ec2: Any, role: str, **tags: str) -> str:
    found = {"Role": ROLES[role], "Name": f"video-message-{role}", **tags}
    made = ec2.run_instances(
        ImageId="ami-12345678",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[
            {
                "ResourceType": "instance",
                "Tags": [{"Key": key, "Value": value} for key, value in found.items()],
            }
        ],
    )
    return str(made["Instances"][0]["InstanceId"])


def states(ec2: Any) -> dict[str, str]:
    return {
        each["InstanceId"]: each["State"]["Name"]
        for group in ec2.describe_instances()["Reservations"]
        for each in group["Instances"]
    }


def test_it_stops_and_starts_what_carries_the_tags_and_nothing_else(ec2: Any) -> None:
    app, gpu = launch(ec2, "app"), launch(ec2, "gpu")
    other = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)
    stranger = other["Instances"][0]["InstanceId"]
    assert run({"action": "stop"}, ec2, {}, NOW)["statusCode"] == 200
    assert states(ec2) == {app: "stopped", gpu: "stopped", stranger: "running"}
    answer = run({"action": "start"}, ec2, {}, NOW)
    assert [each["outcome"] for each in answer["results"]] == ["started"]
    assert states(ec2) == {app: "running", gpu: "stopped", stranger: "running"}


def test_a_lease_in_a_tag_is_honoured_until_it_is_forced(ec2: Any) -> None:
    gpu = launch(ec2, "gpu", **{"lease-until": "2026-11-25T04:00:00Z"})
    event = {"action": "stop", "target": "gpu"}
    answer = run(event, ec2, {}, NOW)
    assert (answer["results"][0]["outcome"], states(ec2)[gpu]) == ("skipped", "running")
    assert run({**event, "force": True}, ec2, {}, NOW)["results"][0]["outcome"] == "stopped"


def test_a_refusal_of_ec2_is_told_by_its_code(ec2: Any) -> None:
    launch(ec2, "app")
    ec2.meta.events.register_first(
        "before-parameter-build.ec2.StopInstances",
        lambda params, **_: params.update(InstanceIds=["i-00000000000000000"]),
    )
    answer = run({"action": "stop"}, ec2, {}, NOW)
    assert (answer["statusCode"], answer["results"][0]["outcome"]) == (207, "failed")
    assert answer["results"][0]["reason"] == "InvalidInstanceID.NotFound"


def test_lambda_calls_it_with_an_event_and_a_context(ec2: Any) -> None:
    assert handler({"action": "stop", "target": "gpu"}, None)["statusCode"] == 404
    assert boto3.client("ec2").describe_instances()["Reservations"] == []
