"""`python -m backend.power batch`: have everything that waits spoken in one window of the machine.

It starts the machine by hand, keeps it on while jobs are done, and stops it after the last one, or
as soon as one fails. The backend's controller does the starting and stopping; this one only orders.
"""

# ruff: noqa: T201 - it tells the operator what happens

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db import create_database, create_sessions
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.power import service
from backend.power.models import GPU, GpuLane, SpeechJob
from backend.power.setup import power_of
from backend.power.situation import LaneState
from backend.settings import Settings

POLL_S = 1.0
KEEP_ON_S = 300.0
# Long enough for the controller to stop it; then the rule is in force again.
STAY_OFF_S = 60.0


@dataclass(frozen=True)
class Progress:
    """How far the window is."""

    waiting: int
    failed: int
    state: LaneState
    reason: str


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m backend.power", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    batch = commands.add_parser("batch", help="speak everything that waits, in one window")
    batch.add_argument("--patience", type=float, default=900.0, help="seconds without any progress")
    options = parser.parse_args(arguments)
    settings = Settings()
    if not power_of(settings).has_gpu:
        print("There is no machine to start: set POWER_PROVIDER to ec2 or process.")
        return 2
    engine = create_database(settings.database)
    try:
        return drain(create_sessions(engine), options.patience)
    finally:
        engine.dispose()


def drain(
    sessions: sessionmaker[Session],
    patience_s: float,
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Keep the machine on until nothing waits; return 0, or 1 when a job failed or none moves."""
    failed_before = _progress(sessions).failed
    last, moved_at_s = None, now()
    try:
        while (progress := _progress(sessions)).waiting:
            if progress.failed > failed_before:
                print(f"A message failed; {progress.waiting} still wait. The machine is stopped.")
                return 1
            if progress != last:
                print(f"{progress.waiting} wait; the machine is {progress.state}.", flush=True)
                last, moved_at_s = progress, now()
            elif now() - moved_at_s > patience_s:
                print(f"Nothing has moved for {patience_s:.0f} s: {progress.reason}")
                return 1
            with sessions.begin() as session:
                service.order_start(session, now(), KEEP_ON_S)
            sleep(POLL_S)
        print("Everything is spoken.")
        return 0
    finally:
        with sessions.begin() as session:
            service.order_stop(session, now(), STAY_OFF_S)


def _progress(sessions: sessionmaker[Session]) -> Progress:
    with sessions() as session:
        lane = session.get(GpuLane, GPU)
        failed = select(func.count()).where(Message.state == MessageState.FAILED)
        return Progress(
            waiting=session.scalar(select(func.count()).select_from(SpeechJob)) or 0,
            failed=session.scalar(failed) or 0,
            state=lane.state if lane else LaneState.STOPPED,
            reason=lane.reason if lane else "no controller has looked at the machine yet",
        )


if __name__ == "__main__":
    sys.exit(main())
