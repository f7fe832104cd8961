"""The product's processes without the frontend, ready to be killed, and what became of messages."""

import json
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

import av
import httpx
import sqlalchemy as sa

from backend.db import create_database, create_readers
from backend.demo.picture import draw_picture
from backend.jobs.engine import migrate_jobs
from backend.local.checks import find_free_ports
from backend.local.children import Children, Service
from backend.local.stack import (
    Ports,
    backend_service,
    place_of,
    speech_service,
    stop_played_machine,
    worker_service,
)
from backend.migrations import upgrade
from backend.settings import Settings
from backend.tests.databases import new_postgres_database, urls_on
from backend.tests.samples import sample_speech
from backend.tests_processes.account import Account
from backend.tests_processes.proxy import SpeechProxy
from videomessage import ApiProblem, ConnectionProblem

SPEECH, BACKEND, WORKER = "speech service", "backend", "worker"
EMAIL, PASSWORD = "rig@example.org", "a long password"
VICTIMS = (WORKER, BACKEND, SPEECH)
OVER = ("ready", "failed", "cancelled")
READY_WITHIN_S = 90.0
OVER_WITHIN_S = 180.0
POLL_S = 0.1
STEPS = ("compose", "speech")


class Late(AssertionError):
    """Something that had to happen did not happen in time."""


def wait_until(holds: Callable[[], Any], what: str, within_s: float = 60.0) -> Any:
    """Return what `holds` answers once it is true, or raise Late."""
    deadline_s = time.monotonic() + within_s
    while not (answer := holds()):
        if time.monotonic() > deadline_s:
            raise Late(f"not within {within_s:.0f} s: {what}")
        time.sleep(POLL_S)
    return answer


@dataclass(frozen=True)
class Order:
    """A message that was accepted, and in which attempt."""

    message_id: str
    attempt: int


@contextmanager
def _database_wishes() -> Iterator[dict[str, str]]:
    """A database on the server that TEST_DATABASE_URL names; without one, files in the folder."""
    server = os.environ.get("TEST_DATABASE_URL")
    if server is None:
        yield {}
        return
    with new_postgres_database(server) as name:
        urls = urls_on(server, name)
        yield {"DATABASE_URL": urls.app, "JOBS_DATABASE_URL": urls.jobs}


class Rig:
    """Speech service, proxy, backend and worker in a folder and on ports of their own."""

    def __init__(self, **environment: str) -> None:
        self._outside = ExitStack()
        environment = self._outside.enter_context(_database_wishes()) | environment
        self._holder = tempfile.TemporaryDirectory(prefix="video-message-rig-")
        self.folder = Path(self._holder.name)
        ports = Ports(*find_free_ports(3))
        place = place_of(self.folder, ports, is_own=True)
        self.proxy = SpeechProxy(f"http://127.0.0.1:{ports.speech}")
        wishes = {"SPEECH_URL": self.proxy.url, "PUBLIC_URL": "http://localhost"} | environment
        self.place = replace(
            place,
            environment={**place.environment, **wishes},
            settings=_with_wishes(place.settings, wishes),
        )
        self.backend_url = f"http://127.0.0.1:{ports.backend}"
        self._children = Children(place.log_folder)
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self.photo_id = ""

    # --- life -------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        for name in ("logs", "run"):
            (self.folder / name).mkdir()
        settings = self.place.settings
        upgrade(settings.database)
        migrate_jobs(settings.jobs_database)
        self._database = create_database(settings.database)
        self._readers = create_readers(self._database)
        self.token = settings.speech_bearer
        for service in self._services():
            self._children.start(service)
        threading.Thread(target=self._tend, daemon=True).start()
        self.wait_until_ready()
        self.api = Account(self.backend_url)
        self.api.sign_up(EMAIL, PASSWORD, "Rig")
        draw_picture(self.folder / "picture.jpg")
        self.photo_id = self.api.upload("photo", self.folder / "picture.jpg")["id"]
        return self

    def __exit__(self, *_error: object) -> None:
        self._ending.set()
        with self._lock:
            self._children.stop()
        stop_played_machine(self.place.settings)
        self.proxy.close()
        self._database.dispose()
        self._holder.cleanup()
        self._outside.close()

    def _services(self) -> list[Service]:
        return [
            speech_service(self.place),
            backend_service(self.place),
            worker_service(self.place, "0"),
        ]

    def _tend(self) -> None:
        """Start again what died, as `make run` does."""
        while not self._ending.wait(POLL_S):
            with self._lock:
                # The end may have come while this waited for its turn.
                if not self._ending.is_set():
                    self._children.tend()

    def wait_until_ready(self) -> None:
        """Wait for all three."""

        def all_ready() -> bool:
            with self._lock:
                return not self._children.waited_for()

        wait_until(all_ready, "all processes are ready", READY_WITHIN_S)

    def pid(self, name: str) -> int | None:
        """Return the process id of a service that lives."""
        with self._lock:
            return self._children.pids().get(name)

    def kill(self, name: str) -> None:
        """kill -9; the rig starts it again."""
        pid = wait_until(lambda: self.pid(name), f"{name} lives")
        os.kill(pid, signal.SIGKILL)

    def restart(self, name: str, **environment: str) -> None:
        """Stop a service and start it with other wishes on top."""
        before = self.pid(name)
        wishes = {**self.place.environment, **environment}
        place = replace(self.place, environment=wishes)
        service = {
            SPEECH: lambda: speech_service(place),
            BACKEND: lambda: backend_service(place),
            WORKER: lambda: worker_service(place, "0"),
        }[name]()
        with self._lock:
            self._children.replace(service)
        wait_until(lambda: self.pid(name) not in (None, before), f"{name} is started again")
        self.wait_until_ready()

    def log(self, name: str) -> str:
        """Return all that a service wrote."""
        path = self.place.log_folder / f"{name.replace(' ', '-')}.log"
        return path.read_text(errors="replace")

    # --- messages ---------------------------------------------------------------------------

    def submit(
        self, script: str, priority: Literal["personal", "bulk"] = "personal", **fields: Any
    ) -> Order:
        """Create a message and have it rendered, as stubbornly as a browser that retries."""
        wish = {"title": "t", "script": script, "language": "en", "voice": self.base_voice("en"),
                "photo_upload_id": self.photo_id, "aspect": "1:1"} | fields  # fmt: skip
        message = self.insist(lambda: self.api.create_message(**wish))
        accepted = self.insist(lambda: self._ordered(message["id"], priority))
        return Order(accepted["id"], accepted["attempt"])

    def _ordered(self, message_id: str, priority: Literal["personal", "bulk"]) -> Any:
        """Order a video, perhaps again: what is in the queue stays, what is ready is refused."""
        try:
            return self.api.render(message_id, priority)
        except ApiProblem as refused:
            if refused.status != 409:
                raise
            return self.api.message(message_id)

    def own_voice(self) -> str:
        """Return the id of a voice that is cloned now."""
        sample = sample_speech(self.folder / "sample.wav")
        made: str = self.api.create_voice("Own", "ja", self.api.upload("audio", sample)["id"])["id"]
        return made

    def base_voice(self, language: str) -> str:
        """Return the name of a base voice."""
        return {"en": "espeak_ng:en-us+f3", "ja": "open_jtalk:mei_normal"}[language]

    def speak_with_key(self, key: str, text: str) -> None:
        """Have `text` spoken as a program would."""
        wish = {"input": text, "language": "en"}
        bearer = {"Authorization": f"Bearer {key}"}
        address = f"{self.backend_url}/v1/audio/speech"
        httpx.post(address, json=wish, headers=bearer, timeout=60).raise_for_status()

    def message(self, order: Order) -> Any:
        """Return the message as the API shows it."""
        return self.insist(lambda: self.api.message(order.message_id))

    def wait_until_over(self, order: Order, within_s: float = OVER_WITHIN_S) -> Any:
        """Return the message once nothing more will happen to it."""

        def over() -> Any:
            message = self.message(order)
            return message if message["state"] in OVER else None

        return wait_until(over, f"{order.message_id} is over", within_s)

    def wait_for(self, order: Order, holds: Callable[[Any], bool], what: str) -> Any:
        """Return the message once `holds` is true of it."""

        def check() -> Any:
            message = self.message(order)
            return message if holds(message) else None

        return wait_until(check, what)

    def insist(self, call: Callable[[], Any]) -> Any:
        """Return what `call` answers, as stubbornly as a browser that retries."""
        deadline_s = time.monotonic() + READY_WITHIN_S
        while True:
            try:
                return call()
            except ConnectionProblem:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(POLL_S)

    # --- what became of them ----------------------------------------------------------------

    @property
    def database(self) -> sa.Engine:
        """The app's database, as the processes have it."""
        return self._database

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return rows of the app's database, SQLite or PostgreSQL; a list fills `IN :name`."""
        lists: list[sa.BindParameter[Any]] = [
            sa.bindparam(n, expanding=True) for n, v in values.items() if isinstance(v, list)
        ]
        with self._readers() as session:
            found = session.execute(sa.text(query).bindparams(*lists), values)
            return [tuple(row) for row in found]

    def steps_done(self, order: Order) -> list[str]:
        """Return the names of all finished steps of an attempt, each as often as it was done."""
        query = "SELECT step FROM step_runs WHERE message_id = :id AND attempt = :attempt"
        rows = self.rows(query, id=order.message_id, attempt=order.attempt)
        return sorted(step for (step,) in rows)

    def folder_of(self, order: Order) -> Path:
        """Return where the message's attempts lie."""
        return self.folder / "storage" / "messages" / order.message_id

    def faults_of(self, order: Order) -> list[str]:
        """Return what is wrong with a message that should be over: lost, doubled, mute."""
        message = self.message(order)
        faults = []
        done = self.steps_done(order)
        if len(done) != len(set(done)):
            faults.append(f"a step was done twice: {done}")
        if message["state"] == "failed":
            return faults if message["problem"]["detail"] else [*faults, "failed without a reason"]
        if message["state"] != "ready":
            return [*faults, f"it is {message['state']}"]
        if tuple(done) != STEPS:
            faults.append(f"ready, and yet its steps were {done}")
        query = "SELECT count(*) FROM message_events WHERE message_id = :id AND state = 'ready'"
        if self.rows(query, id=order.message_id) != [(1,)]:
            faults.append("it became ready more than once")
        return faults + self._file_faults(order, message)

    def _shelf_faults(self, order: Order) -> list[str]:
        """What is kept beside the attempts is what the newest video is joined of, and no more."""
        folder = self.folder_of(order)
        composed = json.loads((folder / str(order.attempt) / "composed.json").read_text())
        wanted = {f"{key}.mp4" for key in composed["segments"]}
        shelf = folder / "segments"
        kept = {path.name for path in shelf.iterdir()} if shelf.is_dir() else set()
        return [] if kept == wanted else [f"its segments are {sorted(kept ^ wanted)} off"]

    def _file_faults(self, order: Order, message: Any) -> list[str]:
        folders = {path.name for path in self.folder_of(order).iterdir()}
        attempts = sorted(folders - {"segments"})  # kept for the next attempt and for copies
        if attempts != [str(order.attempt)]:
            return [f"its folders are {attempts}"]
        faults = self._shelf_faults(order)
        if faults:
            return faults
        names = {path.name for path in (self.folder_of(order) / attempts[0]).iterdir()}
        wanted = {"speech.wav", "spoken.json", "timeline.json", "video.mp4", "poster.jpg",
                  "captions.vtt", "thumbnail.gif", "waveform.json", "composed.json"}  # fmt: skip
        if names != wanted:
            return [f"its files are {sorted(names ^ wanted)} off"]
        with av.open(str(self.folder_of(order) / attempts[0] / "video.mp4")) as video:
            frames = sum(1 for _ in video.decode(video=0))
            rate = float(video.streams.video[0].average_rate or 1)
        if abs(frames / rate - message["duration_s"]) > 0.1:
            return [f"its video has {frames} frames for {message['duration_s']} s"]
        return []


def _with_wishes(settings: Settings, wishes: Mapping[str, str]) -> Settings:
    """Return what the children will read: the same databases are migrated and looked into."""
    known = {n: wishes[n.upper()] for n in Settings.model_fields if n.upper() in wishes}
    return Settings(**(settings.model_dump() | known))


__all__ = ["ApiProblem", "Late", "Order", "Rig", "wait_until"]
