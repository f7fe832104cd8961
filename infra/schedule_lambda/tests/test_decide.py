"""What an event does, by the clock in Tokyo. Needs Python alone: `python -m unittest`."""

import unittest
from datetime import UTC, date, datetime

from infra.schedule_lambda.decide import (
    GO,
    TOKYO,
    Action,
    BadEvent,
    Hours,
    Machine,
    Order,
    Role,
    judge,
    read_order,
)
from infra.schedule_lambda.holidays import is_holiday

WEEKDAY = Hours(is_always=False)
NO_HOLIDAYS = Hours(is_always=False, skips_holidays=True)
WEDNESDAY_10H = datetime(2026, 11, 25, 10, tzinfo=TOKYO)
SATURDAY_10H = datetime(2026, 11, 28, 10, tzinfo=TOKYO)
LABOUR_DAY_10H = datetime(2026, 11, 23, 10, tzinfo=TOKYO)


def machine(role=Role.APP, state="stopped", lease_until=None):
    return Machine("i-1", role.value, role, state, lease_until)


def at(hour, minute=0, second=0, day=25):
    return datetime(2026, 11, day, hour, minute, second, tzinfo=TOKYO)


class AnEvent(unittest.TestCase):
    def test_without_a_target_start_means_the_app_and_stop_means_all(self):
        self.assertEqual(read_order({"action": "start"}).roles, (Role.APP,))
        self.assertEqual(read_order({"action": "stop"}).roles, (Role.APP, Role.GPU))

    def test_names_one_machine_or_all(self):
        self.assertEqual(read_order({"action": "start", "target": "gpu"}).roles, (Role.GPU,))
        self.assertEqual(read_order({"action": "stop", "target": "all"}).roles, tuple(Role))

    def test_says_who_asked_and_whether_it_must_be(self):
        order = read_order({"action": "stop", "force": True, "by": "schedule"})
        self.assertEqual((order.force, order.by_schedule), (True, True))
        self.assertFalse(read_order({"action": "stop"}).by_schedule)

    def test_that_is_malformed_is_refused_by_the_name_of_its_field(self):
        malformed: list[tuple[object, str]] = [
            (None, "event"), ("stop", "event"), ([], "event"), (7, "event"),
            ({}, "action"), ({"action": None}, "action"), ({"action": ""}, "action"),
            ({"action": "START"}, "action"), ({"action": "restart"}, "action"),
            ({"action": ["start"]}, "action"), ({"action": {"start": 1}}, "action"),
            ({"action": "stop", "target": ""}, "target"),
            ({"action": "stop", "target": None}, "target"),
            ({"action": "stop", "target": "everything"}, "target"),
            ({"action": "stop", "target": ["app"]}, "target"),
            ({"action": "stop", "force": "yes"}, "force"),
            ({"action": "stop", "force": 1}, "force"),
            ({"action": "stop", "by": "me"}, "by"),
            ({"action": "stop", "targte": "gpu"}, "targte"),
            ({"action": "stop", 5: 6}, "5"),
        ]  # fmt: skip
        for event, field in malformed:
            with self.subTest(event=event), self.assertRaises(BadEvent) as caught:
                read_order(event)
            self.assertIn(field, str(caught.exception))


class TheClock(unittest.TestCase):
    def test_opens_on_weekdays_at_nine_and_closes_at_seven_in_the_evening(self):
        for moment, is_open in [
            (at(8, 59, 59), False), (at(9), True), (at(18, 59, 59), True), (at(19), False),
            (at(0), False), (at(23, 59, 59), False),
            (at(18, 59, day=27), True), (at(9, day=28), False), (at(9, day=29), False),
            (at(8, 59, day=30), False), (at(9, day=30), True),
        ]:  # fmt: skip
            with self.subTest(moment=moment):
                self.assertIs(WEEKDAY.are_open(moment), is_open)

    def test_is_tokyos_wherever_the_function_runs(self):
        self.assertTrue(WEEKDAY.are_open(datetime(2026, 11, 25, 0, 0, tzinfo=UTC)))
        self.assertFalse(WEEKDAY.are_open(datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC)))
        # Sunday evening in London is Monday morning in Tokyo.
        self.assertTrue(WEEKDAY.are_open(datetime(2026, 11, 30, 0, 30, tzinfo=UTC)))

    def test_knows_holidays_only_where_it_is_told_to(self):
        self.assertTrue(WEEKDAY.are_open(LABOUR_DAY_10H))
        self.assertFalse(NO_HOLIDAYS.are_open(LABOUR_DAY_10H))

    def test_that_is_always_open_never_closes(self):
        self.assertTrue(Hours().are_open(SATURDAY_10H))


class AHoliday(unittest.TestCase):
    """The lists of the Cabinet Office (https://www8.cao.go.jp/chosei/shukujitsu/gaiyou.html)."""

    def test_of_2026_and_2027_is_found_and_no_other_day_is(self):
        listed = {
            2026: "1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/20 8/11 9/21 9/22 9/23 10/12 "
            "11/3 11/23",
            2027: "1/1 1/11 2/11 2/23 3/21 3/22 4/29 5/3 5/4 5/5 7/19 8/11 9/20 9/23 10/11 11/3 "
            "11/23",
        }
        for year, days in listed.items():
            first = date(year, 1, 1).toordinal()
            year_long = (date.fromordinal(first + number) for number in range(365))
            found = [f"{day.month}/{day.day}" for day in year_long if is_holiday(day)]
            self.assertEqual(found, days.split())


class AStart(unittest.TestCase):
    order = Order(Action.START, tuple(Role))
    scheduled = Order(Action.START, tuple(Role), by_schedule=True)

    def test_goes_ahead_for_a_machine_that_is_stopped(self):
        self.assertEqual(judge(self.order, machine(), SATURDAY_10H, WEEKDAY), GO)
        self.assertEqual(judge(self.scheduled, machine(), WEDNESDAY_10H, WEEKDAY), GO)

    def test_by_hand_may_be_the_gpus_and_by_schedule_never(self):
        gpu = machine(Role.GPU)
        self.assertEqual(judge(self.order, gpu, WEDNESDAY_10H, WEEKDAY), GO)
        verdict = judge(self.scheduled, gpu, WEDNESDAY_10H, WEEKDAY)
        self.assertEqual((verdict.outcome, "GPU" in verdict.reason), ("skipped", True))

    def test_that_a_schedule_delivers_hours_late_or_on_a_holiday_is_left(self):
        for moment, hours in [(at(21), WEEKDAY), (SATURDAY_10H, WEEKDAY),
                              (LABOUR_DAY_10H, NO_HOLIDAYS)]:  # fmt: skip
            self.assertEqual(judge(self.scheduled, machine(), moment, hours).outcome, "skipped")

    def test_again_changes_nothing(self):
        for state in ("running", "pending"):
            verdict = judge(self.order, machine(state=state), WEDNESDAY_10H, WEEKDAY)
            self.assertEqual(verdict.outcome, "already")

    def test_of_one_that_is_still_stopping_says_so(self):
        verdict = judge(self.order, machine(state="stopping"), WEDNESDAY_10H, WEEKDAY)
        self.assertEqual((verdict.outcome, "ask again" in verdict.reason), ("failed", True))


class AStop(unittest.TestCase):
    order = Order(Action.STOP, tuple(Role))
    scheduled = Order(Action.STOP, tuple(Role), by_schedule=True)
    forced = Order(Action.STOP, tuple(Role), force=True)

    def test_goes_ahead_for_a_machine_that_runs(self):
        for state in ("running", "pending"):
            self.assertEqual(judge(self.order, machine(state=state), at(10), WEEKDAY), GO)

    def test_again_changes_nothing(self):
        for state in ("stopped", "stopping"):
            verdict = judge(self.order, machine(state=state), at(20), WEEKDAY)
            self.assertEqual(verdict.outcome, "already")

    def test_of_the_evening_that_comes_next_morning_is_left_but_the_gpus_is_not(self):
        app, gpu = machine(state="running"), machine(Role.GPU, "running")
        self.assertEqual(judge(self.scheduled, app, at(9, 30), WEEKDAY).outcome, "skipped")
        self.assertEqual(judge(self.scheduled, gpu, at(9, 30), WEEKDAY), GO)
        self.assertEqual(judge(self.scheduled, app, at(19), WEEKDAY), GO)

    def test_waits_for_leased_work_unless_it_must_be(self):
        busy = machine(Role.GPU, "running", "2026-11-25T12:00:00Z")
        before = datetime(2026, 11, 25, 11, 59, 59, tzinfo=UTC)
        verdict = judge(self.order, busy, before, WEEKDAY)
        self.assertEqual(verdict.outcome, "skipped")
        self.assertIn("2026-11-25T12:00:00Z", verdict.reason)
        self.assertEqual(judge(self.forced, busy, before, WEEKDAY), GO)

    def test_goes_ahead_when_the_lease_is_over(self):
        busy = machine(Role.GPU, "running", "2026-11-25T12:00:00+00:00")
        after = datetime(2026, 11, 25, 12, tzinfo=UTC)
        self.assertEqual(judge(self.order, busy, after, WEEKDAY), GO)

    def test_with_a_lease_that_cannot_be_read_fails_and_says_how_it_is_written(self):
        odd = machine(Role.GPU, "running", "tomorrow")
        verdict = judge(self.order, odd, WEDNESDAY_10H, WEEKDAY)
        self.assertEqual((verdict.outcome, "09:30:00Z" in verdict.reason), ("failed", True))
