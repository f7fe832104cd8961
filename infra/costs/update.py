"""Reads AWS's public price list, and writes what it says into the price file.

The list's CSV is read line by line, since EC2's has hundreds of megabytes.
Source: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
"""

import csv
import re
import urllib.request
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from pathlib import Path

from infra.costs.prices import GPU_MACHINE, Price, PriceList

BASE = "https://pricing.us-east-1.amazonaws.com"
PATH = "/offers/v1.0/aws/{offer}/current/{region}/index.csv"
REGION = "ap-northeast-1"
TIMEOUT_S = 60
# Of a machine's many prices the plain Linux one, on shared hardware, by the hour.
PLAIN_LINUX = {"operation": "RunInstances", "Tenancy": "Shared", "CapacityStatus": "Used"}


class NotFound(LookupError):
    """The list has no such price."""


def fetch_offer(offer: str, base: str = BASE) -> Iterator[str]:
    """Give the lines of an offer's list in Tokyo. Raises OSError."""
    url = base + PATH.format(offer=offer, region=REGION)
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - https, or a test's
        for line in answer:
            yield line.decode("utf-8")


def find_prices(lines: Iterable[str], wanted: Iterable[Price]) -> dict[str, float]:
    """Return the dollars of each wanted price by its name. Raises NotFound."""
    by_type = {price.usage_type: price for price in wanted}
    steps: dict[str, list[tuple[float, float]]] = {each.name: [] for each in by_type.values()}
    for row in _rows(lines):
        price = by_type.get(row["usageType"])
        if price is not None and _is_meant(row, price) and float(row["PricePerUnit"]) > 0.0:
            step = (float(row["StartingRange"] or 0.0), float(row["PricePerUnit"]))
            steps[price.name].append(step)
    if lacking := sorted(name for name, found in steps.items() if not found):
        raise NotFound(f"AWS's list has no price for {', '.join(lacking)}.")
    # Prices fall with the quantity: ours is the first that costs something.
    return {name: min(found)[1] for name, found in steps.items()}


def _rows(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """Give the table that stands below the list's own few lines."""
    rest = iter(lines)
    for line in rest:
        if line.startswith('"SKU"'):
            yield from csv.DictReader(chain([line], rest))
            return
    raise NotFound("This is no price list of AWS: it has no line of columns.")


def _is_meant(row: dict[str, str], price: Price) -> bool:
    if row["TermType"] != "OnDemand" or row["Currency"] != "USD":
        return False
    if "BoxUsage" not in price.usage_type:
        return True
    return all(row.get(column) == value for column, value in PLAIN_LINUX.items())


def write_prices(path: Path, found: dict[str, float], today: date) -> None:
    """Put the found prices into the file, with their day; everything else stays as it is."""
    text = path.read_text()
    for name, usd in found.items():
        is_machine = name == GPU_MACHINE
        table, key = ("ec2.on_demand", "hour_usd") if is_machine else (f"aws.{name}", "usd")
        values = {key: f"{usd:g}", "read_on": f"{today}", "checked": "true"}
        text = _in_table(text, table, values)
    path.write_text(text)


def _in_table(text: str, table: str, values: dict[str, str]) -> str:
    begin = text.index(f"[{table}]")
    end = text.find("\n[", begin)
    body = text[begin : end if end >= 0 else len(text)]
    changed = body
    for key, value in values.items():
        changed = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", changed, count=1)
    return text.replace(body, changed, 1)


def update(path: Path, prices: PriceList, today: date, base: str = BASE) -> dict[str, float]:
    """Read every price of the file anew; return those found. Raises OSError, NotFound."""
    found: dict[str, float] = {}
    for offer in sorted({price.offer for price in prices.aws.values()}):
        wanted = [price for price in prices.aws.values() if price.offer == offer]
        found |= find_prices(fetch_offer(offer, base), wanted)
    write_prices(path, found, today)
    return found
