"""The Lambda function: finds the machines by their tags, and starts or stops each of them.

Environment: APP_TAG and GPU_TAG (Role=…), APP_HOURS (always or weekday), SKIP_HOLIDAYS (true or
false). `python -m infra.schedule_lambda.pack` makes what is uploaded.
"""

import json
import logging
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from infra.schedule_lambda.decide import (
    Action,
    BadEvent,
    Hours,
    Machine,
    Order,
    Role,
    judge,
    read_order,
)

LIVE = ["pending", "running", "stopping", "stopped"]
OK, SOME_FAILED, BAD_EVENT, NO_MACHINE, NOT_ASKED = 200, 207, 400, 404, 502
# Without a machine (the single topology has no GPU machine) there is nothing to ask for again.
WORTH_ANOTHER_TRY = {SOME_FAILED, BAD_EVENT, NOT_ASKED}
Result = dict[str, str]

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)  # Lambda's own level is WARNING


class NotDone(RuntimeError):
    """An order of the clock that failed. To it nobody reads an answer."""


def handler(event: object, _context: object) -> dict[str, Any]:
    """Do what the event asks; answer {statusCode, results} or {statusCode, error, results}.

    Raises NotDone where the clock asked and it failed: Lambda then asks twice more, some minutes
    apart, and at last keeps the event in the queue on which an alarm is set.
    """
    answer = run(event, create_client(), os.environ, datetime.now(UTC))
    logger.info(json.dumps(answer))
    is_by_clock = isinstance(event, Mapping) and "by" in event
    if is_by_clock and answer["statusCode"] in WORTH_ANOTHER_TRY:
        raise NotDone(json.dumps(answer))
    return answer


def create_client() -> Any:
    """Return EC2's client, which repeats throttled calls by itself."""
    # Imported where it is used: the rest is tested without it.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client("ec2", config=Config(retries={"total_max_attempts": 5, "mode": "standard"}))


def run(event: object, ec2: Any, environment: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Do what `handler` does, on a client and a clock that are passed in."""
    try:
        order = read_order(event)
    except BadEvent as problem:
        return _answer(BAD_EVENT, [], str(problem))
    try:
        machines = [each for role in order.roles for each in find(ec2, role, environment)]
    except Exception as error:
        return _answer(NOT_ASKED, [], f"EC2 could not be asked: {reason_of(error)}")
    if not machines:
        return _answer(NO_MACHINE, [], f"No machine is tagged for {', '.join(order.roles)}.")
    hours = Hours(
        is_always=environment.get("APP_HOURS", "always") != "weekday",
        skips_holidays=environment.get("SKIP_HOLIDAYS", "false") == "true",
    )
    results = [act(ec2, order, machine, now, hours) for machine in machines]
    has_failed = any(result["outcome"] == "failed" for result in results)
    return _answer(SOME_FAILED if has_failed else OK, results)


def _answer(status: int, results: list[Result], error: str | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = {"statusCode": status, "results": results}
    return answer if error is None else {**answer, "error": error}


def find(ec2: Any, role: Role, environment: Mapping[str, str]) -> Iterable[Machine]:
    """Return the machines of that role that were not terminated."""
    usual = {Role.APP: "Role=video-message-app", Role.GPU: "Role=openvoice-gpu"}[role]
    name, _, value = environment.get(f"{role.upper()}_TAG", usual).partition("=")
    pages = ec2.get_paginator("describe_instances").paginate(
        Filters=[
            {"Name": f"tag:{name}", "Values": [value]},
            {"Name": "instance-state-name", "Values": LIVE},
        ]
    )
    for page in pages:
        for group in page["Reservations"]:
            for found in group["Instances"]:
                yield _machine(found, role)


def _machine(found: Mapping[str, Any], role: Role) -> Machine:
    tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
    return Machine(
        id=found["InstanceId"],
        name=tags.get("Name", found["InstanceId"]),
        role=role,
        state=found["State"]["Name"],
        lease_until=tags.get("lease-until"),
    )


def act(ec2: Any, order: Order, machine: Machine, now: datetime, hours: Hours) -> Result:
    """Start or stop one machine; what goes wrong is told, and stops nobody else."""
    verdict = judge(order, machine, now, hours)
    outcome, reason = verdict.outcome, verdict.reason
    if outcome is None:
        outcome, reason = _call(ec2, order.action, machine)
    return {
        "instance": machine.id,
        "name": machine.name,
        "action": order.action.value,
        "outcome": outcome,
        "reason": reason,
    }


def _call(ec2: Any, action: Action, machine: Machine) -> tuple[str, str]:
    try:
        if action is Action.START:
            ec2.start_instances(InstanceIds=[machine.id])
            return "started", "it was asked to start"
        ec2.stop_instances(InstanceIds=[machine.id])
    except Exception as error:
        return "failed", reason_of(error)
    return "stopped", "it was asked to stop"


def reason_of(error: Exception) -> str:
    """Return EC2's own code for what went wrong; its text may hold more than a log should."""
    response = getattr(error, "response", None)
    if isinstance(response, Mapping):
        return str(response.get("Error", {}).get("Code", type(error).__name__))
    return type(error).__name__
