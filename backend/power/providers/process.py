"""A second speech service on this computer plays the GPU machine.

For development, tests and demonstrations: it starts, takes its time to boot, is paid for by the
second and stops, like a machine of EC2. It outlives the controller that started it; the next one
adopts it by the record that the process itself has written.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from backend.locks import try_lock
from backend.power.providers.protocol import Machine, MachineState, ProviderProblem
from backend.power.providers.record import Record, Run, is_alive, read_record, write_record

KILL_AFTER_S = 5.0
LOCK_WAIT_S = 15.0
SERVICE = (sys.executable, "-m", "openvoice_service", "serve")


class ProcessProvider:
    """Starts, stops and finds the process; `environment` is the service's."""

    name = "process"

    def __init__(
        self,
        folder: Path,
        port: int,
        environment: Mapping[str, str],
        boot_delay_s: float,
        watchdog_s: float = 900.0,
        command: Sequence[str] = SERVICE,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._record = folder / "machine.json"
        self._url = f"http://127.0.0.1:{port}"
        self._environment = {**environment, "SPEECH_PORT": str(port)}
        self._boot_delay_s = boot_delay_s
        self._watchdog_s = watchdog_s
        self._command = command

    def look(self) -> Machine:
        """Return what is; a run that ended by itself is noted."""
        record = read_record(self._record)
        if record.since_s is None:
            return self._off(record)
        if not is_alive(record.process):
            with self._locked():
                return self._off(self._note_end(read_record(self._record)))
        if record.stopping_s is not None:
            self._insist(record)
            return Machine(MachineState.STOPPING, "process", None, record.since_s)
        return Machine(MachineState.RUNNING, "process", self._url, record.since_s)

    def start(self) -> None:
        """Start it, unless it lives; return when its record is written."""
        with self._locked() as lock:
            record = read_record(self._record)
            if is_alive(record.process):
                return
            self._note_end(record)
            self._spawn(lock)
        # The child lets go of the lock when it has written who it is.
        with self._locked():
            pass

    def stop(self) -> None:
        """Ask it to end, unless it has ended."""
        with self._locked():
            record = read_record(self._record)
            if record.process is None or not is_alive(record.process):
                self._note_end(record)
            elif record.stopping_s is None:
                write_record(self._record, replace(record, stopping_s=time.time()))
                _signal_group(record.process.pid, signal.SIGTERM)

    def runs(self) -> list[Run]:
        """Return the runs that ended: this provider's bill."""
        return read_record(self._record).runs

    def _off(self, record: Record) -> Machine:
        until_s = record.runs[-1].until_s if record.runs else None
        return Machine(MachineState.OFF, "process", stopped_at_s=until_s)

    def _note_end(self, record: Record) -> Record:
        """Enter a run whose process is gone into the bill; the lock is held."""
        if record.since_s is None or is_alive(record.process):
            return record
        runs = [*record.runs, Run(record.since_s, time.time())]
        ended = Record(runs=runs)
        write_record(self._record, ended)
        return ended

    def _insist(self, record: Record) -> None:
        is_late = time.time() - (record.stopping_s or 0.0) > KILL_AFTER_S
        if is_late and record.process is not None:
            _signal_group(record.process.pid, signal.SIGKILL)

    def _spawn(self, lock: int) -> None:
        boot = [sys.executable, "-m", "backend.power.providers.boot"]
        facts = [str(self._record), str(lock), str(self._boot_delay_s)]
        arguments = [*facts, self._url, str(self._watchdog_s), "--", *self._command]
        with (self._folder / "machine.log").open("ab") as log:
            subprocess.Popen(
                [*boot, *arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                start_new_session=True,
            )

    @contextmanager
    def _locked(self) -> Iterator[int]:
        lock = os.open(self._folder / "machine.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _wait_for_lock(lock)
            yield lock
        finally:
            os.close(lock)


def _wait_for_lock(lock: int) -> None:
    deadline_s = time.monotonic() + LOCK_WAIT_S
    while not try_lock(lock):
        if time.monotonic() > deadline_s:
            raise ProviderProblem(
                "Another process has been starting the machine for too long.",
                "Look into machine.log beside the data, and end that process.",
            )
        time.sleep(0.02)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
