"""The process that plays the GPU machine: found again, ended, and never mistaken for another."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from backend.power.providers.process import ProcessProvider
from backend.power.providers.protocol import MachineState
from backend.power.providers.record import Identity, is_alive, read_record, write_record

M = MachineState
WITHIN_S = 30.0
# What matters here is the process, not what it says; the real service is in tests_processes.
SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")


def until(holds: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[ProcessProvider]:
    made = make(tmp_path)
    yield made
    made.stop()
    until(lambda: made.look().state is M.OFF)


def make(folder: Path) -> ProcessProvider:
    return ProcessProvider(folder, 1, dict(os.environ), boot_delay_s=0.0, command=SLEEPER)


def pid_of(folder: Path) -> int:
    process = read_record(folder / "machine.json").process
    assert process is not None
    return process.pid


def test_it_starts_once_is_adopted_and_its_run_is_billed(
    provider: ProcessProvider, tmp_path: Path
) -> None:
    assert provider.look().state is M.OFF
    provider.start()
    first = provider.look()
    assert first.state is M.RUNNING
    provider.start()
    heir = make(tmp_path)
    heir.start()
    assert heir.look() == first
    heir.stop()
    heir.stop()
    until(lambda: provider.look().state is M.OFF)
    (run,) = provider.runs()
    assert run.since_s == first.running_since_s
    assert provider.look().stopped_at_s == run.until_s


def test_a_machine_that_was_killed_is_off(provider: ProcessProvider, tmp_path: Path) -> None:
    provider.start()
    os.killpg(pid_of(tmp_path), signal.SIGKILL)
    until(lambda: provider.look().state is M.OFF)
    assert len(provider.runs()) == 1


def test_one_that_does_not_listen_is_ended_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.power.providers.process.KILL_AFTER_S", 0.2)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1); "
    command = (sys.executable, "-uc", deaf + "time.sleep(600)")
    made = ProcessProvider(tmp_path, 1, dict(os.environ), 0.0, command=command)
    made.start()
    until(lambda: "1" in (tmp_path / "machine.log").read_text())
    made.stop()
    until(lambda: made.look().state is M.OFF)


def test_another_process_with_its_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEPER, start_new_session=True) as stranger:
        made = make(tmp_path)
        record = read_record(tmp_path / "machine.json")
        old = Identity(stranger.pid, psutil.Process(stranger.pid).create_time() - 3600.0)
        write_record(tmp_path / "machine.json", replace(record, process=old, since_s=time.time()))
        assert made.look().state is M.OFF
        made.stop()
        assert stranger.poll() is None
        stranger.kill()


def test_a_starter_killed_anywhere_leaves_one_machine_that_is_adopted(tmp_path: Path) -> None:
    start = f"""
        import os, sys
        from pathlib import Path
        from backend.power.providers.process import ProcessProvider
        made = ProcessProvider(Path({str(tmp_path)!r}), 1, dict(os.environ), 0.0,
                               command={SLEEPER!r})
        print("go", flush=True)
        made.start()
    """
    made = make(tmp_path)
    for delay_s in (0.0, 0.01, 0.05, 0.2):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(start)], stdout=subprocess.PIPE
        ) as starter:
            assert starter.stdout is not None
            starter.stdout.readline()
            time.sleep(delay_s)  # the moment of the kill, not a wait
            starter.kill()
        made.start()
        # A watchdog that is being started looks like its parent for a moment.
        until(lambda: machines(tmp_path) == [pid_of(tmp_path)])
    made.stop()
    until(lambda: made.look().state is M.OFF)
    until(lambda: machines(tmp_path) == [])


def machines(folder: Path) -> list[int]:
    """Return every process whose log is this folder's, watchdogs left out."""
    log = folder / "machine.log"
    found = []
    for process in psutil.process_iter(["cmdline"]):
        is_dog = "watchdog" in (process.info["cmdline"] or [])
        try:
            target = Path(f"/proc/{process.pid}/fd/1").readlink()
        except OSError:
            continue
        if target == log and not is_dog:
            found.append(process.pid)
    return found


def test_a_record_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    (tmp_path / "machine.json").write_text("{broken")
    assert make(tmp_path).look().state is M.OFF
    assert not is_alive(None)


def test_with_every_backend_gone_its_watchdog_turns_it_off(tmp_path: Path) -> None:
    made = ProcessProvider(tmp_path, 1, dict(os.environ), 0.0, watchdog_s=0.4, command=SLEEPER)
    made.start()
    until(lambda: made.look().state is M.OFF)
