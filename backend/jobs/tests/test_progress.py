"""Progress: weighed by expected time, never backwards, never a flood."""

from backend.jobs.progress import MIN_INTERVAL_S, Plan, ProgressReporter

PLAN = Plan(speech_s=2.0, compose_s=6.0, finish_s=2.0)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Record:
    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float | None]] = []

    def __call__(self, stage: str, percent: float, eta_s: float | None, note: str | None) -> None:
        assert note is None
        self.rows.append((stage, percent, eta_s))


def test_percent_and_eta_follow_the_expected_times() -> None:
    clock, record = Clock(), Record()
    reporter = ProgressReporter(record, PLAN, clock)
    for stage, fraction in (("speaking", 0.5), ("composing", 0.5), ("finishing", 0.0)):
        reporter.report(stage, fraction)
        clock.now_s += 1
    assert record.rows == [("speaking", 10, 9), ("composing", 50, 5), ("finishing", 80, 2)]


def test_at_most_four_reports_a_second_but_every_change_of_stage() -> None:
    clock, record = Clock(), Record()
    reporter = ProgressReporter(record, PLAN, clock)
    for _ in range(100):
        reporter.report("speaking", 0.1)
        clock.now_s += 0.01
    assert len(record.rows) == 1 / MIN_INTERVAL_S
    reporter.report("composing", 0.0)
    assert record.rows[-1][0] == "composing"


def test_percent_never_falls_and_never_reaches_the_end_by_itself() -> None:
    clock, record = Clock(), Record()
    reporter = ProgressReporter(record, PLAN, clock)
    for fraction in (0.9, 0.2, 1.0, 5.0):
        reporter.report("composing", fraction)
        reporter.report("finishing", fraction)
        clock.now_s += 1
    percents = [percent for _, percent, _ in record.rows]
    assert percents == sorted(percents)
    assert percents[-1] == 99


def test_a_stage_that_takes_longer_than_expected_stands_before_its_end() -> None:
    clock, record = Clock(), Record()
    ProgressReporter(record, PLAN, clock).report_elapsed("speaking", elapsed_s=500)
    assert 18 < record.rows[0][1] < 20
