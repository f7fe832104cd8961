"""Recordings whose browser, backend, worker or one request dies: nothing lost, nothing left over.

On the disk and in S3, where parts go without us. `make test` tries six of the deaths of an upload;
`UPLOAD_KILL_MOMENTS` is how often each of all is tried on each storage, ten times in `make soak`.
"""

import hashlib
import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import urljoin

import av
import httpx
import pytest

from backend.db import create_sessions
from backend.jobs.sweeps import tidy_uploads
from backend.media.tests.material import LIVE_WEBM, film
from backend.storage import storage_of
from backend.storage.tests.moto_s3 import new_bucket
from backend.tests_processes.rig import (
    BACKEND,
    EMAIL,
    PASSWORD,
    WORKER,
    ApiProblem,
    Order,
    Rig,
    wait_until,
)
from videomessage import ConnectionProblem

MOMENTS = int(os.environ.get("UPLOAD_KILL_MOMENTS", "0"))
PART = 1024 * 1024
RECORDING_FILES = {
    "poster.jpg", "thumbnail.gif", "waveform.json", "captions.vtt", "video.mp4", "composed.json"
}  # fmt: skip


@pytest.fixture(scope="module")
def rig_on_s3() -> Iterator[Rig]:
    """The product's processes with their files in S3."""
    with new_bucket() as bucket, Rig(STORAGE_BUCKET=bucket.name, SPEECH_TIMEOUT_S="20") as running:
        yield running


@pytest.fixture
def stage(request: pytest.FixtureRequest) -> Rig:
    """The product's processes with their files on the disk, or in S3."""
    found: Rig = request.getfixturevalue({"disk": "rig", "s3": "rig_on_s3"}[request.param])
    return found


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A browser's recording of several parts."""
    path = tmp_path_factory.mktemp("take") / "take.webm"
    film(path, 14.0, *LIVE_WEBM, "-b:v", "4M", "-minrate", "4M", size="640x360")
    raw = path.read_bytes()
    assert len(raw) > 3 * PART
    return raw


@pytest.fixture(scope="module")
def wanted_sha256(rig: Rig, take: bytes) -> str:
    """What becomes of the take when nothing happens to it."""
    studio = Studio(rig, take)
    studio.send_missing()
    return studio.finish()


class Died(Exception):
    """The sender of a request is gone in the middle of it."""


class Studio:
    """A browser that records: it knows its take, its upload's id, and what the server tells."""

    def __init__(self, rig: Rig, take: bytes) -> None:
        self._rig = rig
        self._parts = [take[at : at + PART] for at in range(0, len(take), PART)]
        self._size = len(take)
        body = {"kind": "video", "filename": "take.webm", "size_bytes": None}
        self.id: str = rig.api.call("POST", "/uploads", body)["id"]

    def request_for(self, number: int) -> dict[str, Any]:
        """Ask where to send a part; return the request without its content."""
        part = self._parts[number - 1]
        sha256 = hashlib.sha256(part).hexdigest()
        wish = {"number": number, "size_bytes": len(part), "sha256": sha256}
        told = self._ask("POST", f"/uploads/{self.id}/parts", wish)
        # Like a browser, which tells the length by itself, also of what it does not finish.
        headers = told["headers"] | {"Content-Length": str(len(part))}
        url = urljoin(self._rig.backend_url, told["url"])
        return {"method": told["method"], "url": url, "headers": headers, "timeout": 30}

    def send_missing(self) -> None:
        """Ask what is held, and send the rest: what a page does that was loaded again."""
        upload = self._ask("GET", f"/uploads/{self.id}")
        if upload["state"] == "complete":  # whoever died had done it all
            return
        held = {part["number"] for part in upload["parts"]}
        for number in range(1, len(self._parts) + 1):
            if number not in held:
                self._put(number)

    def break_off(self, number: int, at: int, then: Any) -> None:
        """Send a part up to byte `at`, do `then`, and be gone."""

        def half() -> Iterator[bytes]:
            yield self._parts[number - 1][:at]
            then()
            raise Died

        with suppress(Died, httpx.TransportError):
            httpx.request(**self.request_for(number), content=half())

    def finish(self) -> str:
        """Complete it as stubbornly as a page does; return the sha-256 of what can be watched."""
        told = {"size_bytes": self._size}

        def done() -> Any:
            try:
                return self._ask("POST", f"/uploads/{self.id}/complete", told)
            except ApiProblem as problem:
                if problem.code == "upload_incomplete":
                    self.send_missing()
                elif problem.code != "upload_busy":
                    raise
                return None

        url = wait_until(done, "the take is complete")["content_url"]
        content = httpx.get(self._rig.backend_url + url, cookies=self._rig.api.cookies)
        return hashlib.sha256(content.content).hexdigest()

    def try_to_finish(self) -> None:
        """Ask once for its completion; whoever asks may be gone before there is an answer."""
        told = {"size_bytes": self._size}
        with suppress(ConnectionProblem, ApiProblem):
            self._rig.api.call("POST", f"/uploads/{self.id}/complete", told)

    def _put(self, number: int) -> None:
        def sent() -> bool:
            with suppress(httpx.TransportError):
                wanted = self.request_for(number)
                return httpx.request(**wanted, content=self._parts[number - 1]).is_success
            return False

        wait_until(sent, f"part {number} is sent")

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        def answer() -> Any:
            with suppress(ConnectionProblem):
                return self._rig.api.call(method, path, body)
            return None

        return wait_until(answer, f"{method} {path} is answered")


KINDS = ("a request", "the backend", "the backend at the end", "the browser")


def deaths() -> list[Any]:
    """Return (storage, what dies, moment) of each try."""
    if MOMENTS:
        every = [(on, kind, n) for on in ("disk", "s3") for kind in KINDS for n in range(MOMENTS)]
    else:
        # In the middle of a part the backend holds only what comes to the disk.
        at_all = [(on, kind, 0) for on in ("disk", "s3") for kind in ("a request", "the browser")]
        every = [*at_all, ("disk", "the backend", 0), ("s3", "the backend at the end", 0)]
    return sorted(every)


@pytest.mark.parametrize(("stage", "dies", "moment"), deaths(), indirect=["stage"])
def test_a_take_arrives_whole_whatever_dies(
    stage: Rig, take: bytes, wanted_sha256: str, dies: str, moment: int
) -> None:
    rig = stage
    dice = random.Random(f"{dies} {moment}")
    studio = Studio(rig, take)
    at = dice.randrange(1, PART)
    if dies == "a request":
        studio.break_off(dice.choice((1, 2, 3)), at, lambda: None)
    elif dies == "the backend":
        studio.break_off(dice.choice((1, 2, 3)), at, lambda: rig.kill(BACKEND))
        rig.wait_until_ready()
    elif dies == "the backend at the end":
        studio.send_missing()
        _kill_while_completing(rig, studio, dice.uniform(0.05, 0.6))
    else:
        studio.break_off(2, at, lambda: None)
        rig.api.call("POST", "/sessions", {"email": EMAIL, "password": PASSWORD})
    studio.send_missing()
    assert studio.finish() == wanted_sha256
    assert_nothing_is_left_over(rig, studio.id)


def _kill_while_completing(rig: Rig, studio: Studio, after_s: float) -> None:
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(studio.try_to_finish)
        threading.Event().wait(after_s)  # the moment is what is tried here
        rig.kill(BACKEND)
        asked.result(60)
    rig.wait_until_ready()


def assert_nothing_is_left_over(rig: Rig, upload_id: str) -> None:
    """After the sweep there is the stream and nothing else: no part, no draft, no workshop."""
    settings = rig.place.settings
    storage = storage_of(settings)
    tidy_uploads(create_sessions(rig.database), storage)
    assert storage.names(f"uploads/{upload_id}") == ["stream.webm"]
    folder = settings.storage_root / "uploads" / upload_id
    assert [path.name for path in folder.rglob("*")] == ["stream.webm"][
        : not settings.storage_bucket
    ]
    # Living processes may have folders of their own, with nothing in them.
    assert list((settings.data_dir / "scratch").glob("*/*")) == []


@pytest.mark.parametrize(
    ("stage", "moment"),
    [(on, moment) for on in ("disk", "s3") for moment in range(MOMENTS)] or [("s3", 0)],
    indirect=["stage"],
)
def test_a_recording_is_composed_once_though_its_worker_dies(
    stage: Rig, take: bytes, moment: int
) -> None:
    rig = stage
    studio = Studio(rig, take)
    studio.send_missing()
    studio.finish()
    order = rig.submit("", kind="recording", recording_upload_id=studio.id, voice=None)
    is_watched_at_once = rig.message(order)["stream_url"]
    assert is_watched_at_once
    dice = random.Random(moment)
    least_percent = dice.uniform(0, 60)
    rig.wait_for(
        order,
        lambda message: (
            message["state"] == "ready"
            or (message["state"] == "composing" and message["progress"]["percent"] >= least_percent)
        ),
        "it is being composed",
    )
    rig.kill(WORKER)
    ready = rig.wait_until_over(order)
    assert ready["state"] == "ready"
    assert rig.steps_done(order) == ["transcode"]
    assert_files_are_whole(rig, order, ready)


def assert_files_are_whole(rig: Rig, order: Order, ready: Any) -> None:
    storage = storage_of(rig.place.settings)
    folder = f"messages/{order.message_id}/{order.attempt}"
    assert set(storage.names(folder)) == RECORDING_FILES
    with storage.reading(f"{folder}/video.mp4") as path, av.open(str(path)) as video:
        pictures = sum(1 for _ in video.decode(video=0))
    assert pictures / 30 == pytest.approx(ready["duration_s"], abs=0.1)
