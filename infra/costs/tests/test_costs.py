"""The bill and the plan's scenarios. Needs Python alone: `python -m unittest`."""

import contextlib
import io
import json
import tempfile
import threading
import unittest
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from infra.costs.__main__ import main
from infra.costs.bill import Usage, make_bill, surplus_usd
from infra.costs.prices import FILE, read_prices
from infra.costs.scenarios import SCENARIOS
from infra.costs.update import NotFound, find_prices, update

PRICES = read_prices()


def printed(*arguments):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = main(arguments)
    return status, out.getvalue()


class ThePlan(unittest.TestCase):
    def test_is_right_where_it_is_right(self):
        right = {each.plan_usd for each in SCENARIOS if each.is_right(PRICES)}
        self.assertEqual(right, {511, 125, 62, 31})

    def test_is_corrected_where_it_is_wrong_each_with_a_reason(self):
        wrong = {each.plan_usd: each for each in SCENARIOS if not each.is_right(PRICES)}
        self.assertEqual(set(wrong), {61, 39, 20, 40, 80, 37})
        self.assertTrue(all(each.why for each in wrong.values()))
        ours = {plan: round(each.usd(PRICES)) for plan, each in wrong.items()}
        self.assertEqual((ours[80], ours[37], ours[40], ours[20]), (125, 50, 50, 24))
        self.assertTrue(73 <= ours[61] <= 78, ours[61])
        self.assertAlmostEqual(ours[61] - ours[39], 10 * 52 / 12 * (0.71 - 0.284), delta=1)

    def test_follows_from_the_prices_and_from_nothing_else(self):
        dearer = {name: replace(each, usd=2 * each.usd) for name, each in PRICES.aws.items()}
        doubled = replace(PRICES, aws=dearer, spot_gpu_usd_hour=2 * PRICES.spot_gpu_usd_hour)
        for each in SCENARIOS:
            self.assertAlmostEqual(each.usd(doubled), 2 * each.usd(PRICES))


class ABill(unittest.TestCase):
    def test_has_a_line_for_each_thing_that_aws_bills(self):
        bill = make_bill(Usage(gpu_hours=100.0), PRICES)
        self.assertAlmostEqual(bill.of("app machine"), 720 * 0.1088)
        self.assertAlmostEqual(bill.of("GPU machine"), 71.0)
        self.assertAlmostEqual(bill.of("disks (EBS)"), 150 * 0.096)
        self.assertAlmostEqual(bill.of("public IPv4"), (720 + 100) * 0.005)
        self.assertAlmostEqual(bill.usd, sum(line.usd for line in bill.lines))

    def test_counts_disks_and_the_apps_address_of_machines_that_are_off(self):
        off = make_bill(Usage(app_hours=0.0), PRICES)
        self.assertAlmostEqual(off.of("disks (EBS)"), 14.4)
        self.assertAlmostEqual(off.of("public IPv4"), 3.6)

    def test_takes_the_spot_price_where_it_is_asked_for(self):
        spot = make_bill(Usage(gpu_hours=100.0, market="spot"), PRICES)
        self.assertAlmostEqual(spot.of("GPU machine"), 28.4)

    def test_charges_a_load_above_the_baseline_and_none_below_it(self):
        self.assertEqual(surplus_usd(Usage(app_load=0.30), PRICES), 0.0)
        busy = surplus_usd(Usage(app_hours=100.0, app_load=0.80), PRICES)
        self.assertAlmostEqual(busy, 100 * 2 * 0.5 * 0.05)

    def test_charges_egress_after_the_first_hundred_gigabytes(self):
        self.assertEqual(make_bill(Usage(egress_gb=100.0), PRICES).of("egress"), 0.0)
        self.assertAlmostEqual(make_bill(Usage(egress_gb=150.0), PRICES).of("egress"), 5.7)


class ThePriceFile(unittest.TestCase):
    def test_names_a_source_and_a_day_for_each_price(self):
        for price in PRICES.aws.values():
            self.assertTrue(price.source.startswith("https://"), price.name)
            self.assertIsInstance(price.read_on, date)


class TheCommand(unittest.TestCase):
    def test_shows_every_scenario_in_dollars_and_yen(self):
        status, text = printed("--yen", "100")
        self.assertEqual(status, 0)
        self.assertIn("| GPU always on | 511 | 511.20 | 51,120 |", text)
        self.assertTrue(all(each.name in text for each in SCENARIOS))

    def test_reckons_any_hours_at_either_market(self):
        _, text = printed("--gpu-hours", "40", "--market", "spot", "--json")
        self.assertEqual(json.loads(text)["lines"]["GPU machine"], 11.36)
        _, text = printed("--gpu-hours", "40", "--topology", "single", "--json")
        lines = json.loads(text)["lines"]
        self.assertEqual((lines["app machine"], lines["GPU machine"]), (0.0, 28.4))

    def test_says_which_prices_nobody_has_checked(self):
        self.assertIn("python -m infra.costs update", printed()[1])

    def test_refuses_what_makes_no_sense_by_the_name_of_its_option(self):
        wrong = [("--gpu-hours", "-1"), ("--gpu-hours", "9999"), ("--market", "free"),
                 ("--app-load", "2"), ("--yen", "nan"), ("--s3-gb", "many")]  # fmt: skip
        for option, value in wrong:
            told = io.StringIO()
            with self.assertRaises(SystemExit) as caught, contextlib.redirect_stderr(told):
                main([option, value])
            self.assertEqual(caught.exception.code, 2)
            self.assertIn(option, told.getvalue())


COLUMNS = ("SKU", "TermType", "StartingRange", "PricePerUnit", "Currency", "Tenancy", "usageType",
           "operation", "CapacityStatus")  # fmt: skip


def price_list(*rows):
    """As AWS writes it: five lines of its own, the columns by its own spelling, the prices."""
    own = ['"FormatVersion","v1.0"', '"Disclaimer","none"', '"Publication Date","2026-11-20"',
           '"Version","1"', '"OfferCode","AmazonEC2"']  # fmt: skip
    table = [COLUMNS, *rows]
    return [f"{line}\n" for line in own] + [
        ",".join(f'"{cell}"' for cell in row) + "\n" for row in table
    ]


def row(usage_type, usd, start="0", term="OnDemand", **more):
    facts = {"Tenancy": "Shared", "operation": "RunInstances", "CapacityStatus": "Used"} | more
    return ("X", term, start, usd, "USD", facts["Tenancy"], usage_type, facts["operation"],
            facts["CapacityStatus"])  # fmt: skip


class TheUpdate(unittest.TestCase):
    t3 = PRICES.aws["t3_large"]
    egress = PRICES.aws["egress"]

    def test_finds_the_plain_linux_price_among_a_machines_many(self):
        kind = self.t3.usage_type
        lines = price_list(
            row(kind, "0.2", operation="RunInstances:0002"),
            row(kind, "0.3", Tenancy="Dedicated"),
            row(kind, "0.05", term="Reserved"),
            row(kind, "0", CapacityStatus="AllocatedCapacityReservation"),
            row(kind, "0.11"),
        )
        self.assertEqual(find_prices(lines, [self.t3]), {"t3_large": 0.11})

    def test_takes_the_first_step_that_costs_something(self):
        kind = self.egress.usage_type
        lines = price_list(
            row(kind, "0.08", "10240"), row(kind, "0", "0"), row(kind, "0.12", "100")
        )
        self.assertEqual(find_prices(lines, [self.egress]), {"egress": 0.12})

    def test_refuses_a_list_without_the_price_and_what_is_no_list(self):
        with self.assertRaisesRegex(NotFound, "t3_large"):
            find_prices(price_list(), [self.t3])
        with self.assertRaisesRegex(NotFound, "no price list"):
            find_prices(["<html>\n"], [self.t3])

    def test_writes_what_a_server_says_into_a_copy_of_the_file_and_keeps_the_rest(self):
        lists = {
            offer: price_list(*(row(each.usage_type, "9.5") for each in PRICES.aws.values()
                                if each.offer == offer))
            for offer in {each.offer for each in PRICES.aws.values()}
        }  # fmt: skip
        with tempfile.TemporaryDirectory() as folder, served(lists) as address:
            copy = Path(folder, "prices.toml")
            copy.write_text(FILE.read_text())
            update(copy, PRICES, date(2027, 1, 2), address)
            new = read_prices(copy)
            changed = copy.read_text()
        self.assertEqual({each.usd for each in new.aws.values()}, {9.5})
        self.assertEqual({each.read_on for each in new.aws.values()}, {date(2027, 1, 2)})
        self.assertTrue(all(each.is_checked for each in new.aws.values()))
        self.assertEqual(new.spot_gpu_usd_hour, PRICES.spot_gpu_usd_hour)
        self.assertIn("hour_usd = 9.5\n", changed)
        self.assertEqual(len(changed.splitlines()), len(FILE.read_text().splitlines()))

    def test_leaves_the_file_alone_when_nobody_answers(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, "prices.toml")
            copy.write_text(FILE.read_text())
            told = io.StringIO()
            with contextlib.redirect_stderr(told):
                status = main(
                    ["update", "--prices", str(copy), "--price-list", "http://127.0.0.1:9"]
                )
            self.assertEqual((status, copy.read_text()), (1, FILE.read_text()))
            self.assertIn("stay as they were", told.getvalue())


@contextlib.contextmanager
def served(lists):
    """AWS's address on this computer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            offer = self.path.split("/")[4]
            self.send_response(200)
            self.end_headers()
            self.wfile.write("".join(lists[offer]).encode())

        def log_message(self, *_):
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
