"""`python -m backend.power.bench`: what the queue's length and a thousand waiting jobs cost."""

# ruff: noqa: T201 - it prints a table

import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from sqlalchemy import event, insert
from sqlalchemy.orm import Session, sessionmaker

import backend.tables  # noqa: F401 - every table must be known
from backend.accounts.models import Account
from backend.db import create_database, create_readers, create_sessions, utc_now
from backend.local.checks import find_free_ports
from backend.messages.models import Message
from backend.migrations import upgrade
from backend.power import work
from backend.power.models import SpeechJob
from backend.power.route import LaneName
from backend.tests_processes.rig import BACKEND, WORKER, Rig, wait_until

FINISHED = 100_000
WAITING = 1_000
LOOKED_S = 20.0


def main() -> None:
    """Print the table."""
    with TemporaryDirectory() as folder:
        milliseconds, queries = time_the_queue(Path(folder))
    print("| what | figure |\n|---|---|")
    behind = f"{FINISHED:,} finished and {WAITING:,} waiting jobs"
    print(f"| the queue's length, {behind} | {milliseconds:.2f} ms, {queries} query |")
    idle, waiting, leased = cpu_of_waiting()
    print(f"| CPU of backend and worker, nothing waiting | {idle:.1%} of a core |")
    print(f"| the same, {WAITING:,} jobs waiting for the GPU lane | {waiting:.1%} of a core |")
    print(f"| of these at work, and so in a worker's slot | {leased} |")


def time_the_queue(folder: Path) -> tuple[float, int]:
    """Return the median milliseconds of a count, and how many queries it takes."""
    url = f"sqlite:///{folder / 'app.db'}"
    upgrade(url)
    engine = create_database(url)
    with create_sessions(engine).begin() as session:
        _fill(session)
    readers = create_readers(engine)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, text, *_rest: asked.append(text))
    times = [_timed(readers) for _ in range(50)]
    queries = sum(text.startswith("SELECT") for text in asked) // 50
    engine.dispose()
    return statistics.median(times), queries


def _fill(session: Session) -> None:
    now = utc_now()
    account = {"id": "acc_1", "email": "a@example.org", "name": "A", "language": "en",
               "password_hash": "x", "is_owner": True, "created_at": now}  # fmt: skip
    session.execute(insert(Account), [account])
    message = {"account_id": "acc_1", "title": "", "script": "Hello.", "language": "en",
               "aspect": "1:1", "state": "ready", "attempt": 1, "percent": 100.0,
               "has_small_video": False, "created_at": now, "updated_at": now}  # fmt: skip
    session.execute(
        insert(Message), [{**message, "id": f"msg_{number}"} for number in range(FINISHED)]
    )
    job = {"attempt": 1, "lane": LaneName.GPU, "is_bulk": False, "submitted_s": time.time(),
           "is_settled": False}  # fmt: skip
    session.execute(
        insert(SpeechJob), [{**job, "message_id": f"msg_{number}"} for number in range(WAITING)]
    )


def _timed(readers: sessionmaker[Session]) -> float:
    with readers() as session:
        began_s = time.perf_counter()
        counts = work.count_jobs(session, time.time())
        took_s = time.perf_counter() - began_s
    if counts.queue.waiting != WAITING:
        raise RuntimeError(f"{counts.queue.waiting} jobs were counted")
    return 1000.0 * took_s


def cpu_of_waiting() -> tuple[float, float, int]:
    """Return the share of a core that backend and worker take: idle, and with jobs waiting.

    The plan's rule speaks on the GPU alone, and with no hours allowed that never comes.
    """
    (port,) = find_free_ports(1)
    wishes = {"POWER_PROVIDER": "process", "POWER_POLICY": "plan", "POWER_DAY_HOURS": "0",
              "POWER_PROCESS_PORT": str(port)}  # fmt: skip
    with Rig(**wishes) as rig:
        idle = _cpu_share(rig)
        for number in range(WAITING):
            rig.submit(f"Message {number}.")
        wait_until(lambda: _in_line(rig) == WAITING, "all stand in line", 120.0)
        waiting = _cpu_share(rig)
        leased = rig.rows("SELECT count(*) FROM speech_jobs WHERE leased_until_s IS NOT NULL")
    return idle, waiting, int(leased[0][0])


def _in_line(rig: Rig) -> int:
    return int(rig.rows("SELECT count(*) FROM speech_jobs WHERE lane = 'gpu'")[0][0])


def _cpu_share(rig: Rig) -> float:
    processes = [psutil.Process(rig.pid(name)) for name in (BACKEND, WORKER)]
    time.sleep(5.0)  # what was begun before is done
    before_s = sum(sum(process.cpu_times()[:2]) for process in processes)
    time.sleep(LOOKED_S)
    return (sum(sum(process.cpu_times()[:2]) for process in processes) - before_s) / LOOKED_S


if __name__ == "__main__":
    main()
