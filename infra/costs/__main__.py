"""`python -m infra.costs`: the plan's scenarios recomputed, ours beside them, and a month of yours.

python -m infra.costs                                   all scenarios
python -m infra.costs --gpu-hours 40 --market spot      one month, line by line
python -m infra.costs update                            read AWS's price list anew
"""

# ruff: noqa: T201 - it is there to print

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from infra.costs.bill import MONTH_H, Bill, Usage, make_bill
from infra.costs.prices import FILE, PriceList, read_prices
from infra.costs.scenarios import OURS, SCENARIOS, SINGLE
from infra.costs.update import NotFound, update


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status."""
    options = _parser().parse_args(arguments)
    prices = read_prices(options.prices)
    if options.command == "update":
        return _update(options.prices, prices, options.price_list)
    if options.yen is not None:
        prices = replace(prices, yen_per_dollar=options.yen)
    if options.gpu_hours is None and options.app_hours is None:
        print(_as_json(prices) if options.json else _as_tables(prices))
    else:
        bill = make_bill(_usage(options), prices)
        print(_bill_as_json(bill, prices) if options.json else _bill_as_table(bill, prices))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.costs",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("command", nargs="?", choices=["table", "update"], default="table")
    add("--topology", choices=["split", "single"], default="split")
    add("--market", choices=["on_demand", "spot"], default="on_demand")
    add("--gpu-hours", type=_hours, help="of the g4dn.xlarge in a month")
    add("--app-hours", type=_hours, help="of the t3.large in a month (default: always)")
    add("--app-load", type=_share, default=Usage.app_load, help="its mean load while on, 0 to 1")
    for name in ("efs_gb", "s3_gb", "egress_gb"):
        add(f"--{name.replace('_', '-')}", type=_amount, default=getattr(Usage, name))
    add("--yen", type=_amount, help="yen for a dollar")
    add("--json", action="store_true")
    add("--prices", type=Path, default=FILE, help=argparse.SUPPRESS)
    add("--price-list", help=argparse.SUPPRESS)
    return parser


def _amount(text: str) -> float:
    number = float(text)
    if not 0.0 <= number < 1e9:
        raise argparse.ArgumentTypeError(f"{text} must be 0 or more")
    return number


def _hours(text: str) -> float:
    number = _amount(text)
    if number > MONTH_H + 24:
        raise argparse.ArgumentTypeError(f"{text} is more than a month has hours")
    return number


def _share(text: str) -> float:
    number = _amount(text)
    if number > 1.0:
        raise argparse.ArgumentTypeError(f"{text} must be between 0 and 1")
    return number


def _usage(options: argparse.Namespace) -> Usage:
    base = SINGLE if options.topology == "single" else Usage()
    app_hours = MONTH_H if options.app_hours is None else options.app_hours
    return replace(
        base,
        app_hours=0.0 if options.topology == "single" else app_hours,
        app_load=options.app_load,
        gpu_hours=options.gpu_hours or 0.0,
        market=options.market,
        efs_gb=options.efs_gb,
        s3_gb=options.s3_gb,
        egress_gb=options.egress_gb,
    )


def _update(path: Path, prices: PriceList, price_list: str | None) -> int:
    today = datetime.now(UTC).date()
    try:
        found = update(path, prices, today, price_list) if price_list else update(
            path, prices, today
        )  # fmt: skip
    except (OSError, NotFound) as problem:
        print(f"The prices stay as they were: {problem}", file=sys.stderr)
        return 1
    for name, usd in sorted(found.items()):
        before = prices.usd(name)
        print(f"{name}: {usd:g} $" + ("" if usd == before else f" (was {before:g} $)"))
    return 0


# --- tables ---------------------------------------------------------------------------------


def _money(usd: float, prices: PriceList) -> str:
    return f"{usd:,.2f} | {usd * prices.yen_per_dollar:,.0f}"


def _as_tables(prices: PriceList) -> str:
    rows = [
        "| the plan's scenario | the plan $ | $ a month | ¥ | why it differs |",
        "|---|---|---|---|---|",
    ]
    for each in SCENARIOS:
        usd = each.usd(prices)
        rows.append(f"| {each.name} | {each.plan_usd:.0f} | {_money(usd, prices)} | {each.why} |")
    rows += ["", "| complete bills | $ a month | ¥ |", "|---|---|---|"]
    for name, usage in OURS:
        rows.append(f"| {name} | {_money(make_bill(usage, prices).usd, prices)} |")
    return "\n".join([*rows, "", *_notes(prices)])


def _notes(prices: PriceList) -> list[str]:
    days = sorted(price.read_on for price in prices.aws.values())
    notes = [
        f"Prices of {days[0]} in backend/power/prices.toml; {prices.yen_per_dollar:g} ¥ a dollar."
    ]
    if unchecked := [price.name for price in prices.aws.values() if not price.is_checked]:
        names = ", ".join(unchecked)
        notes.append(f"Not read from AWS's list yet (`python -m infra.costs update`): {names}.")
    return notes


def _bill_as_table(bill: Bill, prices: PriceList) -> str:
    rows = ["| a month | $ | ¥ |", "|---|---|---|"]
    rows += [f"| {line.what} | {_money(line.usd, prices)} |" for line in bill.lines]
    rows.append(f"| **all** | {_money(bill.usd, prices)} |")
    return "\n".join([*rows, "", *_notes(prices)])


def _as_json(prices: PriceList) -> str:
    scenarios = [
        {
            "name": each.name,
            "plan_usd": each.plan_usd,
            "usd": round(each.usd(prices), 2),
            "plan_is_right": each.is_right(prices),
            "why": each.why,
        }
        for each in SCENARIOS
    ]
    ours = [{"name": name, "usd": round(make_bill(each, prices).usd, 2)} for name, each in OURS]
    return json.dumps({"scenarios": scenarios, "ours": ours}, indent=2)


def _bill_as_json(bill: Bill, prices: PriceList) -> str:
    lines = {line.what: round(line.usd, 2) for line in bill.lines}
    yen = round(bill.usd * prices.yen_per_dollar)
    return json.dumps({"lines": lines, "usd": round(bill.usd, 2), "yen": yen}, indent=2)


if __name__ == "__main__":
    sys.exit(main())
