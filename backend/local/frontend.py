"""Installs and builds the frontend when its sources changed, and only then."""

import hashlib
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from backend.local.problem import StartProblem
from backend.locks import try_lock

# npm 11's `ci` refuses lock files without other platforms' optional packages; 10.9 takes them.
NPM = ("npx", "--yes", "npm@10.9.9")
INSTALL = (*NPM, "ci", "--no-audit", "--no-fund", "--loglevel=error")
SOURCES = ("package.json", "package-lock.json", "index.html", "share.html", "vite.config.ts",
           "tsconfig.json", "src", "public")  # fmt: skip
LAST_LINES = 15

OnWait = Callable[[str], None]


def prepare_frontend(frontend: Path, dist: Path, log: Path, on_wait: OnWait) -> None:
    """Make `node_modules` and `dist` match the sources.

    on_wait: told about what is being done, some times a second
    raises:  StartProblem with the end of the tool's own words
    """
    if not (frontend / "package.json").exists():
        raise StartProblem(f"The folder {frontend} is missing: start from the project's root.")
    with _alone(frontend / "package.json", on_wait):
        if not _is_installed(frontend):
            _run(INSTALL, frontend, log, "Installing the frontend's packages", on_wait)
            (frontend / "node_modules" / ".ready").touch()
        stamp = _stamp(frontend)
        if _read(dist / ".stamp") != stamp:
            build = ("node", "node_modules/vite/bin/vite.js", "build", "--outDir", str(dist),
                     "--emptyOutDir")  # fmt: skip
            _run(build, frontend, log, "Building the frontend", on_wait)
            (dist / ".stamp").write_text(stamp)


@contextmanager
def _alone(anchor: Path, on_wait: OnWait) -> Iterator[None]:
    """Let one start at a time touch the checkout's build; a demo may start beside the app."""
    with anchor.open("rb") as held:
        while not try_lock(held.fileno()):
            on_wait("Waiting for another start that builds the frontend")
            time.sleep(0.2)
        yield


def _is_installed(frontend: Path) -> bool:
    """The stamp is the Makefile's: newer than the lock file means installed from it."""
    ready = frontend / "node_modules" / ".ready"
    lock = frontend / "package-lock.json"
    return ready.exists() and ready.stat().st_mtime >= lock.stat().st_mtime


def _stamp(frontend: Path) -> str:
    """Return a hash of what the build reads; times don't count, contents do."""
    digest = hashlib.sha256()
    for source in SOURCES:
        path = frontend / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(str(file.relative_to(frontend)).encode() + b"\0")
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _run(command: Sequence[str], frontend: Path, log: Path, what: str, on_wait: OnWait) -> None:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=frontend, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        started_s = time.monotonic()
        try:
            while process.poll() is None:
                on_wait(f"{what} ({time.monotonic() - started_s:.0f} s)")
                time.sleep(0.1)
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0:
        said = "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])
        raise StartProblem(f"{what} failed. It said:\n{said}\nThe whole of it is in {log}.")
