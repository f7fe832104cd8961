"""The GPU machine on EC2: found by its tag, started, stopped, and asked what it is.

Only states that EC2 itself tells are believed, and no id is ever written down: a machine that was
replaced is found again. Prices and bills are the ledger's.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from backend.power.providers.protocol import (
    Ambiguous,
    Gone,
    Interrupted,
    Machine,
    MachineState,
    NoCapacity,
    NotAllowed,
    ProviderProblem,
    Throttled,
    Unreachable,
)

# One try each: the controller's next round is the repetition, and it says so.
CONFIG = Config(
    connect_timeout=5,
    read_timeout=10,
    retries={"total_max_attempts": 1, "mode": "standard"},
)
_STATES = {
    "pending": MachineState.PENDING,
    "running": MachineState.RUNNING,
    "stopping": MachineState.STOPPING,
    "shutting-down": MachineState.STOPPING,
    "stopped": MachineState.OFF,
}
_CAPACITY = {
    "InsufficientInstanceCapacity",
    "InsufficientHostCapacity",
    "InsufficientReservedInstanceCapacity",
    "InsufficientCapacityOnHost",
    "SpotMaxPriceTooLow",
    "MaxSpotInstanceCountExceeded",
    "InstanceLimitExceeded",
    "VcpuLimitExceeded",
    "Unsupported",
}
_THROTTLED = {"RequestLimitExceeded", "Throttling", "ThrottlingException", "EC2ThrottledException"}
_FORBIDDEN = {"UnauthorizedOperation", "AccessDenied", "AccessDeniedException"}
_CREDENTIALS = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "RequestExpired",
    "UnrecognizedClientException",
}
# source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-request-status.html
_TAKEN_BACK = re.compile(r"^(instance-stopped-|marked-for-stop)(?!by-user)")
# EC2's own words for when a stop began, as in "User initiated (2026-11-24 08:00:00 GMT)".
_STOPPED_AT = re.compile(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)")


def create_ec2_client(region: str, endpoint_url: str | None = None) -> Any:
    """Return the client; credentials come from the environment or the machine's role."""
    return boto3.client("ec2", region_name=region, endpoint_url=endpoint_url, config=CONFIG)


class Ec2Provider:
    """Machines that carry one tag: one, or one in each zone of which any will do.

    tag:    (name, value)
    types:  instance types in order of preference, tried in turn where there is no room for one;
            without any the machine stays what it is
    """

    name = "ec2"

    def __init__(
        self,
        client: Any,
        tag: tuple[str, str],
        port: int = 8001,
        types: Sequence[str] = (),
    ) -> None:
        self._client = client
        self._tag = tag
        self._port = port
        self._types = types

    def look(self) -> Machine:
        """Return what EC2 says of the tagged machine. Raises ProviderProblem."""
        machines = self._find()
        if not machines:
            return Machine(MachineState.GONE, detail=" ".join(self._nothing_to_start()))
        found = _present(machines)
        state = _STATES[found["State"]["Name"]]
        if state is MachineState.OFF and self._is_taken_back(found):
            state = MachineState.INTERRUPTED
        running_s = _running_since_s(found, state)
        address = found.get("PrivateIpAddress")
        return Machine(
            state=state,
            id=found["InstanceId"],
            url=f"http://{address}:{self._port}" if address else None,
            running_since_s=running_s,
            stopped_at_s=_stopped_at_s(found),
            detail=f"{found['InstanceId']} is {found['State']['Name']}",
            kind=found["InstanceType"],
        )

    def start(self) -> None:
        """Start the machine, by another type or in another zone where there is no room."""
        machines = self._find()
        if any(each["State"]["Name"] in ("running", "pending") for each in machines):
            return
        self._refuse_taken_back(machines)
        refusal: ProviderProblem = Gone(*self._nothing_to_start())
        for machine in machines:
            try:
                self._start_as_what_there_is_room_for(machine)
            except NoCapacity as problem:
                refusal = problem
            else:
                return
        raise refusal

    def stop(self) -> None:
        """Stop every tagged machine that runs; stopped ones are fine."""
        running = [
            each["InstanceId"]
            for each in self._find()
            if each["State"]["Name"] in ("running", "pending")
        ]
        if running:
            self._call("stop_instances", InstanceIds=running)

    # --- finding ----------------------------------------------------------------------------

    def _find(self) -> list[Mapping[str, Any]]:
        """Return the tagged machines that were not terminated; the first zone comes first."""
        name, value = self._tag
        states = [state for state in _STATES if state != "shutting-down"]
        answer = self._call(
            "describe_instances",
            Filters=[
                {"Name": f"tag:{name}", "Values": [value]},
                {"Name": "instance-state-name", "Values": states},
            ],
        )
        found = [each for group in answer["Reservations"] for each in group["Instances"]]
        found.sort(key=lambda each: each.get("Placement", {}).get("AvailabilityZone", ""))
        self._refuse_two_of_a_zone(found)
        return found

    def _refuse_two_of_a_zone(self, found: Sequence[Mapping[str, Any]]) -> None:
        zones = [each.get("Placement", {}).get("AvailabilityZone") for each in found]
        if len(set(zones)) < len(zones):
            ids = ", ".join(str(each["InstanceId"]) for each in found)
            raise Ambiguous(
                f"Several machines of one zone carry the tag {'='.join(self._tag)}: {ids}.",
                "Take the tag off all but one of each zone.",
            )

    def _nothing_to_start(self) -> tuple[str, str]:
        return (
            f"No machine carries the tag {'='.join(self._tag)}; it may have been terminated.",
            "Make one with Terraform, or correct POWER_EC2_TAG.",
        )

    # --- spot -------------------------------------------------------------------------------

    def _is_taken_back(self, machine: Mapping[str, Any]) -> bool:
        request = machine.get("SpotInstanceRequestId")
        if request is None:
            return False
        answer = self._call("describe_spot_instance_requests", SpotInstanceRequestIds=[request])
        codes = [each.get("Status", {}).get("Code", "") for each in answer["SpotInstanceRequests"]]
        return any(_TAKEN_BACK.match(code) and not code.endswith("by-user") for code in codes)

    def _refuse_taken_back(self, machines: Sequence[Mapping[str, Any]]) -> None:
        if machines and all(self._is_taken_back(each) for each in machines):
            raise Interrupted("EC2 has taken the spot machine back.")

    # --- starting ---------------------------------------------------------------------------

    def _start_as_what_there_is_room_for(self, machine: Mapping[str, Any]) -> None:
        machine_id, own = str(machine["InstanceId"]), str(machine["InstanceType"])
        refusal = NoCapacity("No type is configured.")
        for kind in self._types or [own]:
            if kind != own:
                self._change_type(machine_id, kind)
                own = kind
            try:
                self._call("start_instances", InstanceIds=[machine_id])
            except NoCapacity as problem:
                refusal = problem
            else:
                return
        raise refusal

    def _change_type(self, machine_id: str, kind: str) -> None:
        self._call("modify_instance_attribute", InstanceId=machine_id, InstanceType={"Value": kind})

    def _call(self, operation: str, **arguments: Any) -> Any:
        try:
            return getattr(self._client, operation)(**arguments)
        except ClientError as error:
            raise _problem_of(error, operation) from None
        except NoCredentialsError:
            raise NotAllowed(
                "There are no AWS credentials.",
                "Give the machine a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
            ) from None
        except BotoCoreError as error:
            raise Unreachable(f"EC2 does not answer ({type(error).__name__}).") from None


def _present(machines: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the machine that runs, else the first one."""
    at_work = [each for each in machines if each["State"]["Name"] != "stopped"]
    return (at_work or machines)[0]


def _problem_of(error: ClientError, operation: str) -> ProviderProblem:
    """Return what an error of EC2 means; its own text is left out, since it may quote a key."""
    code = str(error.response.get("Error", {}).get("Code", "unknown"))
    if code in _CAPACITY:
        return NoCapacity(f"EC2 has no room for the machine just now ({code}).")
    if code in _THROTTLED:
        return Throttled(f"EC2 was asked too often ({code}).")
    if code in _FORBIDDEN:
        action = "".join(word.capitalize() for word in operation.split("_"))
        return NotAllowed(
            f"The credentials may not do this ({code}).", f"Allow ec2:{action} for this role."
        )
    if code in _CREDENTIALS:
        return NotAllowed(
            f"The AWS credentials are not valid, or not any more ({code}).",
            "Renew them, and look at this computer's clock.",
        )
    if code.startswith("InvalidInstanceID"):
        return Gone("The machine is gone.", "Make one with Terraform.")
    return ProviderProblem(f"EC2 refused {operation} ({code}).", "See the AWS console.")


def _running_since_s(machine: Mapping[str, Any], state: MachineState) -> float | None:
    if state not in (MachineState.RUNNING, MachineState.STOPPING):
        return None
    launched: datetime = machine["LaunchTime"]
    return launched.timestamp()


def _stopped_at_s(machine: Mapping[str, Any]) -> float | None:
    told = _STOPPED_AT.search(str(machine.get("StateTransitionReason", "")))
    if told is None:
        return None
    moment = datetime.strptime(told[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return moment.timestamp()
