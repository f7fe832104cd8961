"""The function on a double of EC2's client. Needs Python alone: `python -m unittest`."""

import tempfile
import unittest
from datetime import datetime
from pathlib import Path
from unittest.mock import patch
from zipfile import ZipFile

from infra.schedule_lambda.decide import TOKYO
from infra.schedule_lambda.handler import NotDone, handler, run
from infra.schedule_lambda.pack import HANDLER, pack

NIGHT = datetime(2026, 11, 25, 23, tzinfo=TOKYO)
WEEKDAY = {"APP_HOURS": "weekday"}


class ClientError(Exception):
    """As botocore raises it."""

    def __init__(self, code):
        super().__init__(f"An error occurred ({code}): key AKIA-SECRET")
        self.response = {"Error": {"Code": code, "Message": "key AKIA-SECRET"}}


class Ec2:
    """A few machines by role, and errors for some of them."""

    def __init__(self, machines, errors=None, blind=None):
        self.machines, self.errors, self.blind = machines, errors or {}, blind
        self.calls = []

    def get_paginator(self, operation):
        assert operation == "describe_instances"
        return self

    def paginate(self, Filters):  # noqa: N803 - boto3's name
        if self.blind:
            raise self.blind
        tag, states = Filters
        assert tag["Name"] == "tag:Role"
        for number, (role, state) in enumerate(self.machines):
            if role in tag["Values"][0] and state in states["Values"]:
                tags = [{"Key": "Name", "Value": role}]
                found = {"InstanceId": f"i-{number}", "State": {"Name": state}, "Tags": tags}
                yield {"Reservations": [{"Instances": [found]}]}

    def _do(self, verb, ids):
        self.calls.append((verb, *ids))
        if error := self.errors.get(ids[0]):
            raise error

    def start_instances(self, InstanceIds):  # noqa: N803
        self._do("start", InstanceIds)

    def stop_instances(self, InstanceIds):  # noqa: N803
        self._do("stop", InstanceIds)


def outcomes(answer):
    return {each["instance"]: each["outcome"] for each in answer["results"]}


class TheFunction(unittest.TestCase):
    def test_stops_both_machines_and_tells_of_each(self):
        ec2 = Ec2([("app", "running"), ("gpu", "running")])
        answer = run({"action": "stop"}, ec2, {}, NIGHT)
        self.assertEqual(answer["statusCode"], 200)
        self.assertEqual(outcomes(answer), {"i-0": "stopped", "i-1": "stopped"})
        self.assertEqual(ec2.calls, [("stop", "i-0"), ("stop", "i-1")])
        keys = {"instance", "name", "action", "outcome", "reason"}
        self.assertTrue(all(set(each) == keys for each in answer["results"]))

    def test_starts_the_app_alone_when_nobody_says_what(self):
        ec2 = Ec2([("app", "stopped"), ("gpu", "stopped")])
        self.assertEqual(outcomes(run({"action": "start"}, ec2, {}, NIGHT)), {"i-0": "started"})

    def test_is_harmless_when_it_is_called_again(self):
        ec2 = Ec2([("app", "stopping"), ("gpu", "stopped")])
        answer = run({"action": "stop"}, ec2, {}, NIGHT)
        self.assertEqual((answer["statusCode"], set(outcomes(answer).values())), (200, {"already"}))
        self.assertEqual(ec2.calls, [])

    def test_goes_on_after_one_machines_error_and_gives_its_code_without_its_text(self):
        codes = ["RequestLimitExceeded", "InsufficientInstanceCapacity", "UnauthorizedOperation",
                 "IncorrectInstanceState"]  # fmt: skip
        for code in codes:
            ec2 = Ec2([("app", "stopped"), ("gpu", "stopped")], {"i-0": ClientError(code)})
            answer = run({"action": "start", "target": "all"}, ec2, {}, NIGHT)
            self.assertEqual(answer["statusCode"], 207)
            self.assertEqual(outcomes(answer), {"i-0": "failed", "i-1": "started"})
            self.assertEqual(answer["results"][0]["reason"], code)
            self.assertNotIn("SECRET", str(answer))

    def test_says_when_ec2_cannot_be_asked(self):
        for error in (ClientError("RequestLimitExceeded"), OSError("no route")):
            answer = run({"action": "stop"}, Ec2([], blind=error), {}, NIGHT)
            self.assertEqual((answer["statusCode"], answer["results"]), (502, []))

    def test_says_when_no_machine_has_the_tag(self):
        answer = run({"action": "stop", "target": "gpu"}, Ec2([("app", "running")]), {}, NIGHT)
        self.assertEqual((answer["statusCode"], answer["results"]), (404, []))
        self.assertIn("gpu", answer["error"])

    def test_leaves_a_terminated_machine_alone(self):
        answer = run({"action": "start"}, Ec2([("app", "terminated")]), {}, NIGHT)
        self.assertEqual(answer["statusCode"], 404)

    def test_touches_nothing_on_a_malformed_event(self):
        ec2 = Ec2([("app", "running")])
        for event in (None, {}, {"action": "stop", "target": ""}, {"action": "sleep"}):
            answer = run(event, ec2, {}, NIGHT)
            self.assertEqual((answer["statusCode"], answer["results"]), (400, []))
        self.assertEqual(ec2.calls, [])

    def test_of_a_schedule_keeps_to_the_hours_that_it_is_given(self):
        event = {"action": "start", "target": "all", "by": "schedule"}
        machines = [("app", "stopped"), ("gpu", "stopped")]
        ec2 = Ec2(machines)
        self.assertEqual(set(outcomes(run(event, ec2, WEEKDAY, NIGHT)).values()), {"skipped"})
        always = run(event, ec2, {"APP_HOURS": "always"}, NIGHT)
        self.assertEqual(outcomes(always), {"i-0": "started", "i-1": "skipped"})

    def test_finds_machines_by_the_tags_of_its_environment(self):
        ec2 = Ec2([("other", "stopped")])
        answer = run({"action": "start"}, ec2, {"APP_TAG": "Role=other"}, NIGHT)
        self.assertEqual(outcomes(answer), {"i-0": "started"})


class TheEntrance(unittest.TestCase):
    def invoke(self, event, ec2):
        with (
            patch("infra.schedule_lambda.handler.create_client", lambda: ec2),
            self.assertLogs("infra.schedule_lambda.handler", "INFO") as log,
        ):
            try:
                return handler(event, None)
            finally:
                self.log = "".join(log.output)

    def test_writes_into_the_log_what_became_of_which_machine(self):
        answer = self.invoke({"action": "stop"}, Ec2([("app", "running"), ("gpu", "stopped")]))
        self.assertEqual(outcomes(answer), {"i-0": "stopped", "i-1": "already"})
        self.assertIn('"i-0"', self.log)
        self.assertIn('"already"', self.log)

    def test_of_the_clock_fails_with_what_it_asked_for_so_that_lambda_asks_again(self):
        event = {"action": "stop", "target": "gpu", "by": "schedule"}
        throttled = ClientError("RequestLimitExceeded")
        for ec2 in (Ec2([("gpu", "running")], {"i-0": throttled}), Ec2([], blind=throttled)):
            with self.assertRaisesRegex(NotDone, "RequestLimitExceeded"):
                self.invoke(event, ec2)
            self.assertIn("RequestLimitExceeded", self.log)
        with self.assertRaises(NotDone):
            self.invoke({**event, "target": "gpus"}, Ec2([]))

    def test_of_the_clock_is_quiet_where_there_is_no_such_machine_or_nothing_to_do(self):
        event = {"action": "stop", "target": "gpu", "by": "schedule"}
        self.assertEqual(self.invoke(event, Ec2([("app", "running")]))["statusCode"], 404)
        self.assertEqual(self.invoke(event, Ec2([("gpu", "stopped")]))["statusCode"], 200)

    def test_by_hand_is_answered_whatever_happens(self):
        ec2 = Ec2([("app", "stopped")], {"i-0": ClientError("InsufficientInstanceCapacity")})
        self.assertEqual(self.invoke({"action": "start"}, ec2)["statusCode"], 207)
        self.assertEqual(self.invoke("stop", ec2)["statusCode"], 400)


class TheArchive(unittest.TestCase):
    def test_holds_what_the_handler_needs_and_is_the_same_each_time(self):
        with tempfile.TemporaryDirectory() as folder:
            one, two = Path(folder, "one.zip"), Path(folder, "two.zip")
            pack(one)
            pack(two)
            self.assertEqual(one.read_bytes(), two.read_bytes())
            names = ZipFile(one).namelist()
        module = HANDLER.rsplit(".", 1)[0].replace(".", "/") + ".py"
        self.assertIn(module, names)
        self.assertFalse([name for name in names if "test" in name])
