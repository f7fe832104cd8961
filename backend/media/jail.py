"""The jail: every process that opens untrusted bytes runs in here.

Inner walls, everywhere: limits on memory, CPU time, output size, open files and wall-clock
time. Outer wall, where the system has it: bubblewrap, in which there is no network and no file
but the program, its one folder of work and what is bound read-only. Whether it works is probed
once, since containers differ in what they permit.
"""

import contextlib
import functools
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

MEBIBYTE = 1024 * 1024
_POLL_S = 0.05
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
    """

    wall_s: float = 60.0
    cpu_s: int = 120
    memory_bytes: int = 2048 * MEBIBYTE
    output_bytes: int = 1024 * MEBIBYTE
    open_files: int = 64


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
    if os.environ.get("MEDIA_SANDBOX") == "off" or shutil.which("bwrap") is None:
        return False
    probe = [*_wall([], Path("/tmp")), "/bin/true"]  # noqa: S108 - an empty folder to stand in
    return subprocess.run(probe, capture_output=True, timeout=10, check=False).returncode == 0


def run(
    command: Sequence[str],
    work: Path,
    readable: Sequence[Path] = (),
    limits: Limits | None = None,
    on_line: Callable[[str], None] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run `command` in the jail and return what it wrote to stderr.

    work:     the one folder that it may write to, and its working directory
    readable: files and folders that it may read besides
    on_line:  called with each line of its stdout
    raises:   JailBroken
    """
    limits = limits or Limits()
    wall = _wall([*readable, *_own_code()], work) if bubblewrap_works() else []
    errors = work / ".stderr"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            [*wall, *command],
            cwd=work,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
            preexec_fn=functools.partial(_apply, limits),  # noqa: PLW1509 - only makes system calls
        )
        try:
            reason = _watch(process, limits.wall_s, on_line, is_cancelled)
        finally:
            _end(process)
    said = errors.read_text(errors="replace")[-8_000:]
    errors.unlink(missing_ok=True)
    if reason is not None or process.returncode != 0:
        raise JailBroken(reason or f"exit {process.returncode}", said)
    return said


def _wall(readable: Sequence[Path], work: Path) -> list[str]:
    wall = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    for folder in _SYSTEM_FOLDERS:
        wall += ["--ro-bind-try", folder, folder]
    wall += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - the jail's own
    for path in readable:
        wall += ["--ro-bind", str(path), str(path)]
    return [*wall, "--bind", str(work), str(work), "--chdir", str(work)]


@functools.cache
def _own_code() -> tuple[Path, ...]:
    """Return the folders of this Python, its packages and this package."""
    prefixes = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}
    package = Path(__file__).resolve().parents[1]
    return (*sorted(prefix for prefix in prefixes if str(prefix) != "/usr"), package)


def _apply(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output_bytes, limits.output_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.open_files, limits.open_files))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # macOS refuses to limit the address space
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))


def _watch(
    process: subprocess.Popen[bytes],
    wall_s: float,
    on_line: Callable[[str], None] | None,
    is_cancelled: Callable[[], bool],
) -> str | None:
    """Wait for the end and pass lines on; return why it must be ended before, if it must."""
    assert process.stdout is not None  # noqa: S101 - it was asked for
    os.set_blocking(process.stdout.fileno(), False)
    deadline_s = time.monotonic() + wall_s
    pending = b""
    while True:
        chunk = process.stdout.read()
        *lines, pending = (pending + (chunk or b"")).split(b"\n")
        for line in lines:
            if on_line is not None:
                on_line(line.decode(errors="replace"))
        if chunk == b"" or process.poll() is not None:
            return None if _ends_by(process, deadline_s) else "timeout"
        if is_cancelled():
            return "cancelled"
        if time.monotonic() > deadline_s:
            return "timeout"
        if not chunk:
            time.sleep(_POLL_S)


def _ends_by(process: subprocess.Popen[bytes], deadline_s: float) -> bool:
    try:
        process.wait(timeout=max(deadline_s - time.monotonic(), 1.0))
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of the process or its children behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
