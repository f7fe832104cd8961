"""One window for everything that waits: one start, one stop, and a stop when a job fails."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.power import work
from backend.power.__main__ import drain, main
from backend.power.models import GpuLane, SpeechJob
from backend.power.route import LaneName
from backend.power.situation import LaneState
from backend.power.tests.conftest import Rule
from backend.power.tests.lanes import Clock, FakeMachine

Sessions = sessionmaker[Session]


def enter(sessions: Sessions, clock: Clock, count: int) -> None:
    with sessions.begin() as session:
        for number in range(count):
            session.add(
                SpeechJob(
                    message_id=f"msg_{number}",
                    attempt=1,
                    lane=LaneName.CPU,
                    is_bulk=False,
                    submitted_s=clock.now_s,
                    leased_until_s=None,
                    is_settled=False,
                )
            )


def passing(
    sessions: Sessions, clock: Clock, controller_round: Callable[[], bool], finish: bool
) -> Callable[[float], None]:
    """Let time pass as if a backend and a worker were there: a job is spoken each round."""

    def sleep(_seconds: float) -> None:
        clock.pass_by(5.0)
        controller_round()
        with sessions.begin() as session:
            lane = session.get(GpuLane, "gpu")
            job = session.scalar(select(SpeechJob).limit(1))
            if finish and job is not None and lane and lane.state is LaneState.READY:
                work.leave_job(session, job.message_id, job.attempt, clock.now_s)

    return sleep


def test_fifty_jobs_are_drained_in_exactly_one_start_and_one_stop(
    sessions: Sessions, clock: Clock, machine: FakeMachine, rule: Rule
) -> None:
    controller = rule(name="cpu_only")
    enter(sessions, clock, 50)
    sleep = passing(sessions, clock, controller.run_round, finish=True)
    assert drain(sessions, 900.0, clock.wall, sleep) == 0
    for _ in range(10):
        clock.pass_by(5.0)
        controller.run_round()
    assert (machine.starts, machine.stops) == (1, 1)
    with sessions() as session:
        assert session.get_one(GpuLane, "gpu").state is LaneState.STOPPED


def test_when_nothing_moves_it_gives_up_and_stops_the_machine(
    sessions: Sessions,
    clock: Clock,
    machine: FakeMachine,
    rule: Rule,
    capsys: pytest.CaptureFixture[str],
) -> None:
    controller = rule(name="cpu_only")
    enter(sessions, clock, 3)
    sleep = passing(sessions, clock, controller.run_round, finish=False)
    assert drain(sessions, 300.0, clock.wall, sleep) == 1
    assert "Nothing has moved for 300 s" in capsys.readouterr().out
    for _ in range(5):
        clock.pass_by(5.0)
        controller.run_round()
    assert (machine.starts, machine.stops) == (1, 1)


def test_a_job_that_fails_ends_the_window(
    sessions: Sessions,
    clock: Clock,
    machine: FakeMachine,
    rule: Rule,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from backend.power import __main__ as batch

    controller = rule(name="cpu_only")
    enter(sessions, clock, 3)
    rounds = 0
    whole = batch._progress

    def one_fails(these: Sessions) -> batch.Progress:
        found = whole(these)
        return batch.Progress(found.waiting, int(rounds > 20), found.state, found.reason)

    def sleep(_seconds: float) -> None:
        nonlocal rounds
        rounds += 1
        clock.pass_by(5.0)
        controller.run_round()

    monkeypatch.setattr(batch, "_progress", one_fails)
    assert drain(sessions, 900.0, clock.wall, sleep) == 1
    for _ in range(5):
        clock.pass_by(5.0)
        controller.run_round()
    assert (machine.starts, machine.stops) == (1, 1)


def test_without_a_machine_it_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWER_PROVIDER", "none")
    assert main(["batch"]) == 2
    assert "POWER_PROVIDER" in capsys.readouterr().out
