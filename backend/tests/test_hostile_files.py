"""Files made to do harm, through every door that takes files.

Each is refused with a problem, or a harmless picture, sound or video is made of it. No door falls
over, no other file is read, no address is called, and good files go through as before. How long
each takes, and how much memory, is measured by `python -m backend.tests.hostile_soak`.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.media import MediaRejected, jail, sanitise_video
from backend.media.recording import Watch, compose_recording
from backend.media.recording_plan import RecordingPlan
from backend.media.sizes import fitted_size
from backend.settings import Settings
from backend.tests.conftest import ORIGIN
from backend.tests.hostile import SECRET, HostileFile, Lures, corpus, lay_lures
from backend.tests.samples import try_upload, upload
from backend.tests.test_replies import send_parts
from backend.tests.test_shares import message, share
from backend.tests.test_speech_api import Program, program

__all__ = ["message", "program"]  # fixtures

DOORS = ("photo", "audio", "video")
# One of each kind that reaches for something, for doors behind which the same jail stands.
REACHING = (
    "HLS of a sound file", "HLS of an address", "DASH of a file", "concat list of a file",
    "HLS with a key from a file", "SDP that listens",
)  # fmt: skip


class Listener:
    """An address of this computer that counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            caller.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture(scope="module")
def lures(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Lures:
    return lay_lures(tmp_path_factory.mktemp("lures"), listener.url)


@pytest.fixture(scope="module")
def files(lures: Lures, tmp_path_factory: pytest.TempPathFactory) -> list[HostileFile]:
    return list(corpus(lures, tmp_path_factory.mktemp("corpus")))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"upload_quota_bytes": 2_000_000_000})


def send_live(client: TestClient, content: bytes):
    """Send a file as a recording that goes on; return the answer to its completion."""
    body = {"kind": "video", "filename": "take.webm", "size_bytes": None}
    made = client.post("/api/v1/uploads", json=body).json()
    size = made["part_size_bytes"]
    for at in range(0, len(content), size):
        number = {"number": at // size + 1}
        url = client.post(f"/api/v1/uploads/{made['id']}/parts", json=number).json()["url"]
        assert client.put(url, content=content[at : at + size]).status_code == 200
    told = {"size_bytes": len(content)}
    return client.post(f"/api/v1/uploads/{made['id']}/complete", json=told)


def test_the_corpus_is_large_enough(files: list[HostileFile]) -> None:
    names = [file.name for file in files]
    assert len(set(names)) == len(names) >= 60
    assert all(file.content for file in files)


@pytest.mark.parametrize("door", DOORS)
def test_nothing_comes_through_a_door(
    door: str,
    owner: TestClient,
    app: FastAPI,
    files: list[HostileFile],
    lures: Lures,
    listener: Listener,
) -> None:
    for file in files:
        answer = try_upload(owner, door, file.content, "holiday.mp4")
        if is_harmlessly_refused(file, answer):
            continue
        assert not file.must_be_refused, (file.name, answer.json())
        assert_harmless(owner, app, answer.json())
    assert listener.calls == 0
    assert_service_unharmed(owner, app, lures)


def test_of_a_take_that_broke_off_only_what_was_recorded_is_kept(
    owner: TestClient,
    app: FastAPI,
    files: list[HostileFile],
    lures: Lures,
    listener: Listener,
) -> None:
    """Where nobody knows how long a file should be, less is refused; what is kept is ours."""
    some = [file for file in files if file.name.startswith(("MP4", "WebM", "HLS", "VP8", "H.264"))]
    assert len(some) > 20
    kept = set()
    for file in some:
        answer = send_live(owner, file.content)
        if not is_harmlessly_refused(file, answer):
            kept.add(file.name)
            assert not file.must_be_refused or "cut" in file.name, file.name
            assert_harmless(owner, app, answer.json())
    assert "WebM cut in the middle" in kept
    assert listener.calls == 0
    assert_service_unharmed(owner, app, lures)


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_nothing_comes_through_the_door_of_a_reply(
    kind: str,
    owner: TestClient,
    message: dict,
    app: FastAPI,
    files: list[HostileFile],
    listener: Listener,
) -> None:
    _, path = share(owner, message)
    before = files_below(app)
    for place, file in enumerate(reaching(files)):
        recipient = TestClient(app, base_url=ORIGIN, client=(f"10.0.0.{place}", 1))
        answer = send_parts(recipient, path, file.content, kind)
        assert is_harmlessly_refused(file, answer), file.name
    assert files_below(app) == before
    assert listener.calls == 0


def test_nothing_comes_through_the_door_of_a_program(
    program: Program, own_voice: str, files: list[HostileFile], listener: Listener
) -> None:
    for file in reaching(files):
        answer = program.convert(file.content, voice=own_voice)
        assert is_harmlessly_refused(file, answer), file.name
    assert listener.calls == 0


def test_nothing_of_them_is_taken_for_captions(
    owner: TestClient, files: list[HostileFile], listener: Listener
) -> None:
    draft = owner.post("/api/v1/messages", json={"kind": "recording"}).json()
    address = f"/api/v1/messages/{draft['id']}/captions"
    for file in files:
        for kind in ("text/vtt", "application/x-subrip"):
            headers = {"Content-Type": kind}
            answer = owner.put(address, content=file.content, headers=headers)
            assert answer.status_code in (413, 422), (file.name, answer.status_code)
            assert answer.headers["content-type"] == "application/problem+json"
            assert SECRET not in answer.text
    assert owner.get(f"/api/v1/messages/{draft['id']}").json()["captions_vtt"] is None
    assert listener.calls == 0


def reaching(files: list[HostileFile]) -> list[HostileFile]:
    some = [file for file in files if file.name in REACHING]
    assert len(some) == len(REACHING)
    return some


def files_below(app: FastAPI) -> set[Path]:
    return {path for path in app.state.collaborators.storage.root.rglob("*") if path.is_file()}


def test_of_what_is_let_in_a_video_is_made_or_it_fails_with_a_reason(
    files: list[HostileFile], tmp_path: Path
) -> None:
    """What was remuxed still holds the pictures that somebody else encoded."""
    made = []
    for file in files:
        work = tmp_path / file.name.replace(" ", "-")
        work.mkdir()
        (work / "given").write_bytes(file.content)
        try:
            video = sanitise_video(work / "given", work / "made", may_be_cut=True)
        except MediaRejected:
            continue
        plan = RecordingPlan(
            work / "made", (0.0, video.duration_s), video.has_audio, video.frame_rate,
            *fitted_size(video.width_px, video.height_px), script="", language="en",
        )  # fmt: skip
        watch = Watch(lambda _fraction: None, lambda _poster: None, lambda: False)
        with suppress(jail.JailBroken, MediaRejected):
            composed = compose_recording(plan, work, watch)
            assert SECRET.encode() not in composed.video.read_bytes()
            made.append(file.name)
    assert len(made) > 5


def is_harmlessly_refused(file: HostileFile, answer) -> bool:
    """Return whether it was refused, by a problem that names the fix and tells nothing else."""
    assert answer.status_code in (200, 422), (file.name, answer.status_code, answer.text)
    if answer.status_code == 200:
        return False
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["fix"], (file.name, answer.text)
    assert SECRET not in answer.text
    return True


def assert_harmless(client: TestClient, app: FastAPI, made: dict) -> None:
    """What is kept is what we made, and holds nothing of another file or of what was hidden."""
    folder = app.state.collaborators.storage.root / "uploads" / made["id"]
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert [path.name for path in kept] in (
        ["photo.jpg"], ["audio.wav"], ["stream.webm"], ["stream.mp4"], ["source.mkv"]
    )  # fmt: skip
    assert SECRET.encode() not in kept[0].read_bytes()
    assert client.delete(f"/api/v1/uploads/{made['id']}").status_code == 204


def assert_service_unharmed(client: TestClient, app: FastAPI, lures: Lures) -> None:
    """Good files go through, and nothing of the bad ones is left."""
    root: Path = app.state.collaborators.storage.root
    assert [path for path in root.rglob("*") if path.is_file()] == []
    for door, path in (("photo", lures.photo), ("audio", lures.sound), ("video", lures.clip)):
        upload(client, door, path.read_bytes())
    assert client.get("/healthz").status_code == 200
