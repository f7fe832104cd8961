"""What the ledger bills and adds up."""

from sqlalchemy.orm import Session, sessionmaker

from backend.power import ledger
from backend.power.ledger import billed_seconds
from backend.power.tests.conftest import ON_DEMAND

Sessions = sessionmaker[Session]


def test_a_minute_is_the_least_that_is_billed_and_begun_seconds_count() -> None:
    assert billed_seconds(100.0, 103.0, ON_DEMAND) == 60
    assert billed_seconds(100.0, 160.2, ON_DEMAND) == 61


def test_a_run_is_entered_once_however_often_its_end_is_seen(sessions: Sessions) -> None:
    run = ledger.run_name("i-1", 100.0)
    for until_s in (700.0, 900.0):
        with sessions.begin() as session:
            ledger.note_start(session, run, 100.0, ON_DEMAND, "a test")
            ledger.note_stop(session, run, until_s, ON_DEMAND, "a test")
    with sessions() as session:
        assert ledger.spent_since(session, 0.0, 1000.0, ON_DEMAND).on_s == 600


def test_what_runs_side_by_side_is_busy_once() -> None:
    side_by_side, apart = [(10.0, 10.0), (9.0, 2.0), (12.0, 3.0)], [(30.0, 5.0)]
    assert ledger.busy_seconds([*side_by_side, *apart]) == 17.0
    assert ledger.busy_seconds([]) == 0.0
