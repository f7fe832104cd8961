"""`aws ec2 describe-instances --output json | python -m infra.costs.today`: the status table."""

# ruff: noqa: T201 - it is there to print

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from infra.costs.prices import PriceList, read_prices

TOKYO = timezone(timedelta(hours=9), "JST")
HEAD = ("name", "state", "type", "uptime", "today $")
ON = ("running", "stopping")


def main() -> int:
    """Read AWS's answer, print the table; return 1 where there is no machine."""
    answer = json.load(sys.stdin)
    found = [each for group in answer["Reservations"] for each in group["Instances"]]
    shown = [each for each in found if each["State"]["Name"] != "terminated"]
    if not shown:
        print("No machine carries these tags.", file=sys.stderr)
        return 1
    print(as_table(shown, read_prices(), datetime.now(UTC)))
    return 0


def as_table(machines: Sequence[Mapping[str, Any]], prices: PriceList, now: datetime) -> str:
    """Return a line for each machine, its present run's cost since midnight in Tokyo included."""
    rows = [HEAD, *(_row(machine, prices, now) for machine in machines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _row(machine: Mapping[str, Any], prices: PriceList, now: datetime) -> tuple[str, ...]:
    tags = {tag["Key"]: tag["Value"] for tag in machine.get("Tags", [])}
    state, kind = machine["State"]["Name"], machine["InstanceType"]
    since = datetime.fromisoformat(machine["LaunchTime"]) if state in ON else now
    midnight = now.astimezone(TOKYO).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = max((now - max(since, midnight)).total_seconds(), 0.0) / 3600
    hour_usd = _hour_usd(kind, machine.get("InstanceLifecycle") == "spot", prices)
    uptime = _length(now - since) if state in ON else "-"
    cost = "?" if hour_usd is None else f"{hours * hour_usd:.2f}"
    return tags.get("Name", machine["InstanceId"]), state, kind, uptime, cost


def _hour_usd(kind: str, is_spot: bool, prices: PriceList) -> float | None:
    if is_spot and kind == "g4dn.xlarge":
        return prices.spot_gpu_usd_hour
    listed = prices.aws.get(kind.replace(".", "_"))
    return listed.usd if listed is not None else None


def _length(time: timedelta) -> str:
    minutes = int(time.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02} min"


if __name__ == "__main__":
    sys.exit(main())
