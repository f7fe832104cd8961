"""The EC2 provider by real boto3 calls over HTTP to moto's EC2, with the errors that EC2 gives."""

from typing import Any

import boto3
import pytest

from backend.power.providers.ec2 import CONFIG, Ec2Provider, create_ec2_client
from backend.power.providers.protocol import (
    Ambiguous,
    Gone,
    Interrupted,
    MachineState,
    NoCapacity,
    NotAllowed,
    ProviderProblem,
    Throttled,
    Unreachable,
)
from backend.power.tests.moto_ec2 import IMAGE, REGION, SECRET, TAG, inject

M = MachineState


def launch(client: Any, zone: str = "a", **more: Any) -> str:
    tags = [{"Key": TAG[0], "Value": TAG[1]}]
    answer = client.run_instances(
        ImageId=IMAGE,
        MinCount=1,
        MaxCount=1,
        InstanceType="g4dn.xlarge",
        Placement={"AvailabilityZone": f"{REGION}{zone}"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        **more,
    )
    return str(answer["Instances"][0]["InstanceId"])


def stopped(client: Any, zone: str = "a") -> str:
    machine_id = launch(client, zone)
    client.stop_instances(InstanceIds=[machine_id])
    return machine_id


def test_a_whole_life_found_by_the_tag(client: Any) -> None:
    machine_id = stopped(client)
    provider = Ec2Provider(client, TAG)
    off = provider.look()
    assert (off.state, off.id, off.running_since_s) == (M.OFF, machine_id, None)
    provider.start()
    on = provider.look()
    assert (on.state, on.id) == (M.RUNNING, machine_id)
    assert on.url is not None
    assert on.url.endswith(":8001")
    assert on.running_since_s is not None
    provider.start()  # asked again it changes nothing
    assert provider.look() == on
    provider.stop()
    provider.stop()
    gone_off = provider.look()
    assert gone_off.state is M.OFF
    assert gone_off.stopped_at_s is not None
    assert gone_off.stopped_at_s >= int(on.running_since_s)


def test_a_machine_of_another_tag_is_never_touched(client: Any) -> None:
    other = launch(client)
    client.create_tags(Resources=[other], Tags=[{"Key": TAG[0], "Value": "app"}])
    provider = Ec2Provider(client, TAG)
    provider.stop()
    states = client.describe_instances(InstanceIds=[other])["Reservations"][0]["Instances"]
    assert states[0]["State"]["Name"] == "running"
    with pytest.raises(Gone, match="terminated"):
        provider.start()


def test_two_machines_of_one_zone_are_named_and_left_alone(client: Any) -> None:
    ids = [stopped(client), stopped(client)]
    with pytest.raises(Ambiguous) as problem:
        Ec2Provider(client, TAG).start()
    assert all(machine_id in problem.value.detail for machine_id in ids)


def test_a_terminated_machine_is_gone_and_its_successor_is_found(client: Any) -> None:
    first = stopped(client)
    client.terminate_instances(InstanceIds=[first])
    provider = Ec2Provider(client, TAG)
    gone = provider.look()
    assert gone.state is M.GONE
    assert "terminated" in gone.detail
    with pytest.raises(Gone):
        provider.start()
    second = stopped(client)
    assert provider.look().id == second


def test_no_room_here_leads_to_the_next_type_and_then_to_the_next_zone(client: Any) -> None:
    first, second = stopped(client, "a"), stopped(client, "c")
    asked = inject(client, "StartInstances", "InsufficientInstanceCapacity", 500, times=2)
    Ec2Provider(client, TAG, types=["g4dn.xlarge", "g5.xlarge"]).start()
    assert len(asked) == 3
    assert kinds(client) == {first: ("stopped", "g5.xlarge"), second: ("running", "g4dn.xlarge")}
    assert Ec2Provider(client, TAG).look().id == second


def test_it_goes_back_to_the_type_that_is_preferred(client: Any) -> None:
    machine = stopped(client)
    provider = Ec2Provider(client, TAG, types=["g4dn.xlarge", "g5.xlarge"])
    asked = inject(client, "StartInstances", "InsufficientInstanceCapacity", 500, times=1)
    provider.start()
    assert (len(asked), provider.look().kind) == (2, "g5.xlarge")
    provider.stop()
    provider.start()
    assert kinds(client) == {machine: ("running", "g4dn.xlarge")}


def kinds(client: Any) -> dict[str, tuple[str, str]]:
    return {
        each["InstanceId"]: (each["State"]["Name"], each["InstanceType"])
        for group in client.describe_instances()["Reservations"]
        for each in group["Instances"]
    }


@pytest.mark.parametrize(
    ("code", "problem", "fix"),
    [
        ("InsufficientInstanceCapacity", NoCapacity, "CPU lane"),
        ("RequestLimitExceeded", Throttled, "next round"),
        ("UnauthorizedOperation", NotAllowed, "ec2:StartInstances"),
        ("RequestExpired", NotAllowed, "clock"),
        ("ExpiredToken", NotAllowed, "Renew"),
        ("IncorrectInstanceState", ProviderProblem, "console"),
    ],
)
def test_each_refusal_says_what_it_is_and_what_helps_and_no_secret(
    client: Any, code: str, problem: type[ProviderProblem], fix: str
) -> None:
    stopped(client)
    asked = inject(client, "StartInstances", code)
    with pytest.raises(problem) as refused:
        Ec2Provider(client, TAG).start()
    assert type(refused.value) is problem
    assert fix in refused.value.fix
    assert SECRET not in f"{refused.value.detail} {refused.value.fix}"
    # botocore repeats nothing in silence: the controller's next round does, and says so.
    assert len(asked) == 1


def test_without_credentials_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    session = boto3.Session()
    client = session.client("ec2", REGION, endpoint_url="http://127.0.0.1:9", config=CONFIG)
    with pytest.raises(NotAllowed, match="no AWS credentials"):
        Ec2Provider(client, TAG).look()


def test_an_address_that_does_not_answer_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATESTTESTTEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    provider = Ec2Provider(create_ec2_client(REGION, "http://127.0.0.1:9"), TAG)
    with pytest.raises(Unreachable):
        provider.look()


def spot(client: Any, code: str | None) -> Ec2Provider:
    """A stopped machine of a persistent spot request whose status is `code`."""
    machine_id = stopped(client)

    def describe(**_: Any) -> dict[str, Any]:
        return {"SpotInstanceRequests": [{"Status": {"Code": code}}]}

    found = client.describe_instances

    def with_request(**arguments: Any) -> Any:
        answer = found(**arguments)
        for group in answer["Reservations"]:
            for each in group["Instances"]:
                each["SpotInstanceRequestId"] = "sir-1"
        return answer

    client.describe_instances = with_request
    client.describe_spot_instance_requests = describe
    assert machine_id
    return Ec2Provider(client, TAG)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("instance-stopped-by-price", M.INTERRUPTED),
        ("instance-stopped-no-capacity", M.INTERRUPTED),
        ("instance-stopped-capacity-oversubscribed", M.INTERRUPTED),
        ("marked-for-stop", M.INTERRUPTED),
        ("instance-stopped-by-user", M.OFF),
        ("fulfilled", M.OFF),
    ],
)
def test_a_spot_machine_that_was_taken_back_is_told_from_one_that_we_stopped(
    client: Any, code: str, state: MachineState
) -> None:
    provider = spot(client, code)
    assert provider.look().state is state
    if state is M.INTERRUPTED:
        with pytest.raises(Interrupted, match="taken"):
            provider.start()
    else:
        provider.start()
