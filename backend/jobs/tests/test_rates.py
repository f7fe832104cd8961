"""ETAs come from what was measured here."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from backend.jobs.models import StepRun
from backend.jobs.rates import (
    FIRST_GUESS_S,
    KEEP,
    OVERHEAD_S,
    forget_old_steps,
    learn_rates,
    remember_step,
)


def _remember(session: Session, count: int, amount: float, elapsed_s: float) -> None:
    for _ in range(count):
        remember_step(session, "compose", "msg_1", 1, amount, elapsed_s)


def test_without_history_there_is_a_first_guess(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        rates = learn_rates(session)
    assert rates.expected_s("compose", 10) == OVERHEAD_S["compose"] + 10 * FIRST_GUESS_S["compose"]


def test_the_median_of_the_last_runs_counts_and_one_odd_run_does_not(
    sessions: sessionmaker[Session],
) -> None:
    with sessions.begin() as session:
        _remember(session, 30, 10.0, OVERHEAD_S["compose"] + 90.0)  # long ago
        _remember(session, 20, 10.0, OVERHEAD_S["compose"] + 20.0)
        _remember(session, 1, 10.0, 10_000.0)
        _remember(session, 1, 0.1, 5.0)  # too small to tell anything
    with sessions() as session:
        assert abs(learn_rates(session).seconds_per_unit["compose"] - 2.0) < 1e-9


def test_old_runs_are_forgotten(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        _remember(session, KEEP + 30, 10.0, 5.0)
    with sessions.begin() as session:
        forget_old_steps(session)
        assert session.scalar(select(func.count()).select_from(StepRun)) == KEEP
