"""Starts processes in groups of their own, restarts those that die, and ends them all."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STOP_WITHIN_S = 8.0
FIRST_BACK_OFF_S = 0.25
LONGEST_BACK_OFF_S = 15.0
LOG_LIMIT_BYTES = 10_000_000


@dataclass(frozen=True)
class Service:
    """One process to run: `is_ready(pid)` asks it, and must answer within a second or two."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    is_ready: Callable[[int], bool]
    folder: Path


class Guardian:
    """Our end of the pipe to the process that outlives us."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("guardian.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def protect(self, group: int) -> None:
        """Have `group` killed when this process dies."""
        self._tell(f"+{group}")

    def release(self, group: int) -> None:
        """Forget `group`, which has ended: its number may come back as somebody else's."""
        self._tell(f"-{group}")

    def dismiss(self) -> None:
        """End the guardian."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(line + "\n")
                self._process.stdin.flush()


@dataclass
class Child:
    """A service at work, or waiting to be started again."""

    service: Service
    log: Path
    process: subprocess.Popen[bytes] | None = None
    was_ready: bool = False
    deaths_in_a_row: int = 0
    due_s: float = 0.0
    restarts: int = field(default=0)

    @property
    def pid(self) -> int | None:
        """Its process id while it lives."""
        return self.process.pid if self.process is not None else None

    def start(self, guardian: Guardian) -> None:
        """Start it in a group of its own, so that Ctrl-C reaches it through us only."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.service.command,
                cwd=self.service.folder,
                env=dict(self.service.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        guardian.protect(self.process.pid)
        self.was_ready = False

    def is_ready(self) -> bool:
        """Ask it, until it has said yes once."""
        if self.process is not None and not self.was_ready:
            self.was_ready = self.service.is_ready(self.process.pid)
        return self.was_ready

    def note_death(self, now_s: float) -> None:
        """It has ended by itself: it is due again after a while, longer each time."""
        self.deaths_in_a_row = 1 if self.was_ready else self.deaths_in_a_row + 1
        back_off_s = FIRST_BACK_OFF_S * 2.0 ** (self.deaths_in_a_row - 1)
        self.due_s = now_s + min(back_off_s, LONGEST_BACK_OFF_S)
        self.was_ready = False

    def last_words(self, lines: int = 12) -> str:
        """Return the end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Children:
    """All processes of one start."""

    def __init__(self, log_folder: Path) -> None:
        self._log_folder = log_folder
        self._guardian = Guardian()
        self._children: list[Child] = []

    def start(self, service: Service) -> Child:
        """Start a service and keep it."""
        name = service.name.replace(" ", "-")
        child = Child(service, self._log_folder / f"{name}.log")
        self._children.append(child)
        child.start(self._guardian)
        return child

    def replace(self, service: Service) -> None:
        """End the service of the same name; the next `tend` starts this one in its place."""
        child = next(child for child in self._children if child.service.name == service.name)
        if child.process is not None:
            _signal_group(child.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(STOP_WITHIN_S)
            self._clear_away(child)
        child.service, child.was_ready, child.due_s = service, False, 0.0

    def waited_for(self) -> list[str]:
        """Return the names of those that are not ready yet."""
        return [child.service.name for child in self._children if not child.is_ready()]

    def pids(self) -> dict[str, int]:
        """Return the process ids of those that live, by name."""
        return {c.service.name: c.pid for c in self._children if c.pid is not None}

    def tend(self) -> list[Child]:
        """Restart what died and is due; return those that died since the last call."""
        died = []
        now_s = time.monotonic()
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                self._clear_away(child)
                child.note_death(now_s)
                died.append(child)
            elif child.process is None and now_s >= child.due_s:
                child.restarts += 1
                child.start(self._guardian)
            else:
                child.is_ready()
        return died

    def _clear_away(self, child: Child) -> None:
        """End what the dead child's group still holds, and forget the group."""
        if child.process is not None:
            _signal_group(child.process.pid, signal.SIGKILL)
            child.process.wait()
            self._guardian.release(child.process.pid)
            child.process = None

    def stop(self) -> None:
        """End all: politely at once, then by force what did not listen."""
        alive = [child for child in self._children if child.process is not None]
        for child in reversed(alive):
            _signal_group(child.pid, signal.SIGTERM)
        deadline_s = time.monotonic() + STOP_WITHIN_S
        for child in alive:
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(deadline_s - time.monotonic(), 0.1))
        for child in alive:
            self._clear_away(child)
        self._guardian.dismiss()


def _signal_group(group: int | None, number: signal.Signals) -> None:
    if group is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
