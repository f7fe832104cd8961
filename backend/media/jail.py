"""The jail: every process that opens untrusted bytes runs in here.

Inner walls, everywhere: limits on memory, CPU time, output size, open files and wall-clock
time. Outer wall, where the system has it: bubblewrap, in which there is no network and no file
but the program, its one folder of work and what is bound read-only. Whether it works is probed
once, since containers differ in what they permit.
"""

import contextlib
import functools
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import BaseModel

MEBIBYTE = 1024 * 1024
_POLL_S = 0.05
_TAIL_BYTES = 8_000
_MAX_LINE_BYTES = 65_536
_LAUNCHER = Path(__file__).with_name("launch.py")
# Where bubblewrap is looked for; the environment of the server does not matter.
_PATH = "/usr/local/bin:/usr/bin:/bin"
# Gives the bytes that a process reads of its stdin; called once for each process.
Feed = Callable[[], Iterable[bytes | memoryview]]
# What ffmpeg and Python load their own code from; none of it is anybody's data.
_SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/fonts")


class JailBroken(Exception):
    """The process ended badly; `reason` is "timeout", "cancelled", or its exit code in words."""

    def __init__(self, reason: str, stderr: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.stderr = stderr


@dataclass(frozen=True)
class Limits:
    """What a process in the jail may use.

    memory_bytes: address space; 512 MB broke a good x264 encode, 1 GB passed
    niceness:     0 where somebody waits for an answer; an encoder yields to whoever does
    """

    wall_s: float = 60.0
    cpu_s: int = 120
    memory_bytes: int = 2048 * MEBIBYTE
    output_bytes: int = 1024 * MEBIBYTE
    open_files: int = 64
    niceness: int = 10


class SandboxReport(BaseModel):
    """What keeps untrusted files in on this machine, and what is lacking, in words."""

    bubblewrap: bool
    limits: bool
    lacking: list[str]


def sandbox_report() -> SandboxReport:
    """Say which walls stand here."""
    lacking = []
    if not bubblewrap_works():
        lacking.append(
            "No bubblewrap sandbox: media programs run under resource limits and timeouts alone."
        )
    if sys.platform != "linux":
        lacking.append("This system does not enforce a limit on memory for a single process.")
    return SandboxReport(bubblewrap=bubblewrap_works(), limits=True, lacking=lacking)


@functools.cache
def bubblewrap_works() -> bool:
    """Return whether a bubblewrap sandbox can be opened here; `MEDIA_SANDBOX=off` says no."""
    if os.environ.get("MEDIA_SANDBOX") == "off" or shutil.which("bwrap", path=_PATH) is None:
        return False
    probe = [*_wall([], Path("/tmp")), "true"]  # noqa: S108 - an empty folder to stand in
    try:
        ended = subprocess.run(
            probe, env={"PATH": _PATH}, capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


def regular_file(path: Path) -> Path:
    """Return `path`, made in the jail, if it is a plain file: a link could lead anywhere.

    raises: JailBroken
    """
    if path.is_symlink() or not path.is_file():
        raise JailBroken("nothing was made")
    return path


def run(
    command: Sequence[str],
    work: Path,
    readable: Sequence[Path] = (),
    limits: Limits | None = None,
    on_line: Callable[[str], None] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    feed: Feed | None = None,
) -> str:
    """Run `command` in the jail and return what it wrote to stderr.

    work:     the one folder that it may write to, and its working directory
    readable: files and folders that it may read besides
    on_line:  called with each line of its stdout
    feed:     what it reads of its stdin; nothing more is taken of it once the process has ended
    raises:   JailBroken
    """
    limits = limits or Limits()
    gate = _Gate()
    wall = _wall(readable, work) if bubblewrap_works() else []
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()), str(gate.theirs)]
    launcher += [str(limits.niceness), _rlimits(limits)]
    # Not in `work`: what runs in the jail could put a link to another file in its place.
    with gate, tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            [*launcher, *wall, *gate.before(command)],
            cwd=work,
            env={"PATH": _PATH, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL if feed is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
            pass_fds=[gate.theirs],
        )
        feeder = _Feeder(process, feed)
        try:
            feeder.start()
            gate.open(limits.wall_s)
            reason = _watch(process, limits.wall_s, on_line, is_cancelled)
        finally:
            _end(process)
        feeder.join()
        said = _tail(stderr)
    if feeder.error is not None:
        raise feeder.error
    if reason is not None or process.returncode != 0:
        raise JailBroken(reason or f"exit {process.returncode}", said)
    return said


class _Gate:
    """Before it a command waits until somebody who lives lets it through.

    While bubblewrap builds the walls, the part of it that stays within does not yet hear when who
    called it dies, and would run the command for nobody. When the command asks, it does hear; and
    one whose server was killed before that gets no answer.
    """

    # Descriptor 3 is `theirs`, as the launcher puts it there; the command itself does not get it.
    _ASK = 'echo up >&3 && read -r go <&3 && exec "$@" 3>&-'

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self.theirs = self._theirs.fileno()

    def before(self, command: Sequence[str]) -> list[str]:
        """Return what runs `command` once it is let through."""
        return ["sh", "-c", self._ASK, "gate", *command]

    def open(self, wait_s: float) -> None:
        """Let through whoever asks; return when it has, or when nobody is left who could."""
        self._theirs.close()
        self._ours.settimeout(max(wait_s, _POLL_S))  # 0 would mean not to wait at all
        with contextlib.suppress(TimeoutError, BrokenPipeError, ConnectionResetError):
            if self._ours.recv(16):
                self._ours.send(b"go\n")

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_raised: object) -> None:
        self._ours.close()
        self._theirs.close()


def _wall(readable: Sequence[Path], work: Path) -> list[str]:
    wall = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    for folder in _SYSTEM_FOLDERS:
        wall += ["--ro-bind-try", folder, folder]
    wall += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - the jail's own
    for path in readable:
        wall += ["--ro-bind", str(path), str(path)]
    return [*wall, "--bind", str(work), str(work), "--chdir", str(work)]


@functools.cache
def python_folders() -> tuple[Path, ...]:
    """Return the folders that this Python and its packages lie in, for `readable`."""
    prefixes = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}
    return tuple(sorted(prefix for prefix in prefixes if str(prefix) != "/usr"))


def _rlimits(limits: Limits) -> str:
    values = {
        "RLIMIT_CPU": limits.cpu_s,
        "RLIMIT_FSIZE": limits.output_bytes,
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_CORE": 0,
    }
    if sys.platform == "linux":  # macOS refuses to limit the address space
        values["RLIMIT_AS"] = limits.memory_bytes
    return ",".join(f"{name}={value}" for name, value in values.items())


def _watch(
    process: subprocess.Popen[bytes],
    wall_s: float,
    on_line: Callable[[str], None] | None,
    is_cancelled: Callable[[], bool],
) -> str | None:
    """Wait for the end and pass lines on; return why it must be ended before, if it must."""
    deadline_s = time.monotonic() + wall_s
    lines = _Lines(process, on_line)
    while True:
        # In this order: what was written before the end is then read after it.
        has_ended = process.poll() is not None
        if not lines.read(0 if has_ended else _POLL_S) and has_ended:
            return None
        if is_cancelled():
            return "cancelled"
        if time.monotonic() > deadline_s:
            return "timeout"


class _Feeder(threading.Thread):
    """Writes the process's stdin; `error` is what kept the feed from coming to its end."""

    def __init__(self, process: subprocess.Popen[bytes], feed: Feed | None) -> None:
        super().__init__(name="feeder")
        self._stream = process.stdin
        self._feed = feed or tuple
        self.error: Exception | None = None

    def run(self) -> None:
        """Write until the feed or the process has ended."""
        if self._stream is None:
            return
        try:
            with self._stream as stream:
                for piece in self._feed():
                    stream.write(piece)
        except BrokenPipeError:
            pass  # it has read enough, or was ended
        except Exception as error:
            self.error = error


class _Lines:
    """The lines of a process's stdout, as they come."""

    def __init__(
        self, process: subprocess.Popen[bytes], on_line: Callable[[str], None] | None
    ) -> None:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        self._process = process
        self._stream = process.stdout
        self._on_line = on_line or (lambda _line: None)
        self._pending = b""
        self._is_open = True

    def read(self, wait_s: float) -> bool:
        """Pass on what has come within `wait_s`; return whether anything had."""
        if not self._is_open:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(wait_s)
            return False
        if not select.select([self._stream], [], [], wait_s)[0]:
            return False
        chunk = os.read(self._stream.fileno(), 65_536)
        self._is_open = bool(chunk)
        *lines, self._pending = (self._pending[-_MAX_LINE_BYTES:] + chunk).split(b"\n")
        for line in lines:
            self._on_line(line.decode(errors="replace"))
        return self._is_open


def _tail(stream: IO[bytes]) -> str:
    stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TAIL_BYTES))
    return stream.read().decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of the process or its children behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
