"""The whole product on this computer: speech service, backend, worker and frontend."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from backend.jobs.worker import ready_file
from backend.local.checks import require_disk, require_free_ports, require_node
from backend.local.children import Children, Service
from backend.local.frontend import prepare_frontend
from backend.local.problem import StartProblem
from backend.locks import try_lock
from backend.settings import Settings
from backend.storage import storage_of

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "frontend"
READY_WITHIN_S = 120.0
PROBE_TIMEOUT_S = 2.0
POLL_S = 0.1
MACHINE_STOPS_WITHIN_S = 10.0
# A child that dies this often before it was ever ready will not come up by itself.
HOPELESS_DEATHS = 2

OnWait = Callable[[str], None]


@dataclass(frozen=True)
class Ports:
    """Where each part listens on this computer."""

    speech: int
    backend: int
    frontend: int


@dataclass(frozen=True)
class Place:
    """Where a start keeps everything, and how it is reached."""

    folder: Path
    ports: Ports
    settings: Settings
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        """The address to open."""
        return self.settings.public_url

    @property
    def log_folder(self) -> Path:
        """Where each child writes."""
        return self.folder / "logs"


# What would lead a start of its own to somebody else's data.
_FOREIGN = ("database_url", "jobs_database_url", "shared_root", "speech_url", "public_url",
            "worker_slot")  # fmt: skip


def place_of(folder: Path, ports: Ports, is_own: bool) -> Place:
    """Describe a start in `folder`.

    is_own: leave the environment's databases, folders and addresses alone, as the demo must
    """
    names = {name.upper() for name in _FOREIGN} if is_own else set[str]()
    environment = {name: value for name, value in os.environ.items() if name not in names}
    environment |= {
        "DATA_DIR": str(folder),
        "SPEECH_PORT": str(ports.speech),
        "BACKEND_PORT": str(ports.backend),
        "FRONTEND_PORT": str(ports.frontend),
        "PUBLIC_URL": environment.get("PUBLIC_URL") or f"http://localhost:{ports.frontend}",
        "FRONTEND_DIST": str(_dist(environment)),
        "PYTHONUNBUFFERED": "1",
    }
    wishes = {name.lower(): value for name, value in environment.items()}
    own = {name: Settings.model_fields[name].get_default() for name in _FOREIGN if is_own}
    known = {name: wishes[name] for name in Settings.model_fields if name in wishes}
    return Place(folder, ports, Settings(**(own | known)), environment)


def _dist(environment: Mapping[str, str]) -> Path:
    given = environment.get("FRONTEND_DIST")
    return Path(given).absolute() if given else FRONTEND / "dist"


class Stack:
    """All processes of one place. `start`, then `tend` now and then, and `stop` in the end."""

    def __init__(self, place: Place, on_wait: OnWait = lambda _what: None) -> None:
        self.place = place
        self.on_wait = on_wait
        self._children: Children | None = None

    @property
    def backend_url(self) -> str:
        """Where the API listens on this computer."""
        return f"http://127.0.0.1:{self.place.ports.backend}"

    def start(self) -> None:
        """Check, prepare and start everything; return when all are ready. Raises StartProblem."""
        place = self.place
        for folder in (place.folder, place.log_folder, place.folder / "run"):
            folder.mkdir(parents=True, exist_ok=True)
        require_disk(place.folder)
        node = require_node()
        require_free_ports({
            "SPEECH_PORT": place.ports.speech,
            "BACKEND_PORT": place.ports.backend,
            "FRONTEND_PORT": place.ports.frontend,
        })  # fmt: skip
        settings = place.settings
        # Both sides read the secrets; made here, they are there before anybody looks.
        _ = settings.speech_bearer, settings.signing_secret
        # The slowest to start goes first and warms up while the rest is prepared.
        self._children = Children(place.log_folder)
        self._children.start(speech_service(place))
        dist = Path(place.environment["FRONTEND_DIST"])
        prepare_frontend(FRONTEND, dist, place.log_folder / "build.log", self.on_wait)
        self._migrate(settings)
        self._children.start(frontend_service(place, node))
        self._children.start(backend_service(place))
        self._children.start(worker_service(place, settings.worker_slot))
        self._wait_until_ready()

    def _migrate(self, settings: Settings) -> None:
        from backend.jobs.engine import migrate_jobs  # noqa: PLC0415 - slow to import
        from backend.migrations import upgrade  # noqa: PLC0415 - slow to import

        self.on_wait("Bringing the databases up to date")
        upgrade(settings.database)
        migrate_jobs(settings.jobs_database)

    def _wait_until_ready(self) -> None:
        children = self._running()
        deadline_s = time.monotonic() + READY_WITHIN_S
        while names := children.waited_for():
            self.on_wait("Waiting for " + ", ".join(names))
            for child in children.tend():
                if child.deaths_in_a_row >= HOPELESS_DEATHS:
                    raise StartProblem(
                        f"The {child.service.name} does not start. It said:\n"
                        f"{child.last_words()}\nThe whole of it is in {child.log}."
                    )
            if time.monotonic() > deadline_s:
                raise StartProblem(
                    f"Not ready after {READY_WITHIN_S:.0f} s: {', '.join(names)}. "
                    f"What they said is in {self.place.log_folder}."
                )
            time.sleep(POLL_S)

    def tend(self) -> list[str]:
        """Restart what died and is due; return a sentence for each that died just now."""
        return [
            f"The {child.service.name} ended unexpectedly and is started again "
            f"(its words: {child.log})."
            for child in self._running().tend()
        ]

    def description(self) -> str:
        """Return what a script needs to know: addresses and process ids, as JSON."""
        ports = self.place.ports
        return json.dumps(
            {
                "url": self.place.url,
                "frontend_url": f"http://127.0.0.1:{ports.frontend}",
                "backend_url": self.backend_url,
                "speech_url": f"http://127.0.0.1:{ports.speech}",
                "data_dir": str(self.place.folder),
                "pids": {"local": os.getpid(), **self._running().pids()},
            }
        )

    def owner_token_line(self, is_kept: bool) -> str | None:
        """Return what the first account needs, if the backend left a token for it.

        is_kept: whether what is printed may stay somewhere, so that only its place is told
        """
        path = self.place.settings.owner_token_file
        if not path.exists():
            return None
        if is_kept:
            return f"The first account needs the token in {path}"
        return f"The first account needs this token: {path.read_text()}"

    def stop(self) -> None:
        """End everything that was started."""
        if self._children is not None:
            self._children.stop()
            self._children = None
            stop_played_machine(self.place.settings)

    def _running(self) -> Children:
        if self._children is None:
            raise RuntimeError("the stack was not started")
        return self._children


def stop_played_machine(settings: Settings) -> None:
    """End the process that plays the GPU machine: it outlives its backend on purpose."""
    if settings.power_provider != "process":
        return
    from backend.power.setup import create_process_provider  # noqa: PLC0415 - seldom needed

    machine = create_process_provider(settings)
    machine.stop()
    deadline_s = time.monotonic() + MACHINE_STOPS_WITHIN_S
    while machine.look().state != "off" and time.monotonic() < deadline_s:
        time.sleep(POLL_S)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the data folder; a second start in it is told about the first."""
    (folder / "run").mkdir(parents=True, exist_ok=True)
    with (folder / "run" / "local.lock").open("a+") as lock:
        if not try_lock(lock.fileno()):
            lock.seek(0)
            raise StartProblem(
                f"It already runs with the data in {folder} (process {lock.read().strip()}). "
                "Stop that one with Ctrl-C, or start this one with a DATA_DIR and ports of its own."
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


# --- the services ---------------------------------------------------------------------------


def _answers(url: str) -> Callable[[int], bool]:
    def check(_pid: int) -> bool:
        try:
            return httpx.get(url, timeout=PROBE_TIMEOUT_S, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    return check


def _python(place: Place, name: str, *arguments: str, check: Callable[[int], bool]) -> Service:
    command = (sys.executable, "-m", *arguments)
    return Service(name, command, place.environment, check, ROOT)


def speech_service(place: Place) -> Service:
    """Describe the speech service."""
    check = _answers(f"http://127.0.0.1:{place.ports.speech}/readyz")
    return _python(place, "speech service", "openvoice_service", "serve", check=check)


def backend_service(place: Place) -> Service:
    """Describe the API."""
    check = _answers(f"http://127.0.0.1:{place.ports.backend}/readyz")
    return _python(place, "backend", "backend", "serve", check=check)


def worker_service(place: Place, slot: str) -> Service:
    """Describe a worker; it says that it is ready in a file, having no port."""
    path = ready_file(place.folder, slot)

    def check(pid: int) -> bool:
        try:
            return bool(json.loads(path.read_text())["pid"] == pid)
        except (OSError, ValueError):
            return False

    return _python(place, "worker", "backend", "worker", check=check)


def frontend_service(place: Place, node: str) -> Service:
    """Describe the frontend's server, which passes API calls on to the backend."""
    dist = place.environment["FRONTEND_DIST"]
    vite = str(FRONTEND / "node_modules" / "vite" / "bin" / "vite.js")
    # Node itself, not npx: an npm between us and it would have to pass signals on.
    command = (node, vite, "preview", "--strictPort", "--outDir", dist)
    check = _answers(f"http://127.0.0.1:{place.ports.frontend}/")
    origin = storage_of(place.settings).put_origin or ""
    environment = {**place.environment, "STORAGE_ORIGIN": origin}
    return Service("frontend", command, environment, check, FRONTEND)
