"""Files that are sent in one request, or fetched from an address: the same as sent in parts."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Semaphore, Thread
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.fetching import Reach, guarded_client
from backend.tests.samples import upload
from backend.tests.served import ServedApp
from backend.tests.test_accounts import problem_of
from backend.uploads import service, whole
from backend.uploads.models import Upload, UploadKind

HERE = "127.0.0.1"


def send(owner: TestClient, kind: str | None, content: bytes, **headers: str) -> Any:
    fields = {} if kind is None else {"kind": kind}
    files = {"file": ("photo.jpg", content)}
    return owner.post("/api/v1/uploads/files", data=fields, files=files, headers=headers)


def uploads(app: FastAPI) -> int:
    with app.state.collaborators.readers() as session:
        return session.scalars(select(func.count()).select_from(Upload)).one()


# --- in one request -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["photo", "audio"])
def test_a_file_in_one_request_is_as_one_in_parts(
    owner: TestClient, photo: Path, recording: Path, kind: str
) -> None:
    content = {"photo": photo, "audio": recording}[kind].read_bytes()
    made, in_parts = send(owner, kind, content), upload(owner, kind, content)
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "complete"
    assert made.json()[kind] == in_parts[kind]
    shown = [owner.get(one["content_url"]).content for one in (made.json(), in_parts)]
    assert shown[0] == shown[1]


def test_more_than_a_part_is_whole(owner: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PART_SIZE_BYTES", 10_000)
    noise = Path(__file__).read_bytes() * 8
    refused = send(owner, "photo", noise)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "photo"


@pytest.mark.parametrize("more", ["", "Idempotency-Key: x\r\n"])
def test_nobodys_bytes_are_taken_before_it_is_known_who_sends_them(app: FastAPI, more: str) -> None:
    with ServedApp(app) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as caller:
            head = f"POST /api/v1/uploads/files HTTP/1.1\r\nHost: {host}\r\n{more}"
            form = (
                "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n"
            )
            caller.sendall((head + form).encode())
            assert caller.recv(100).startswith(b"HTTP/1.1 401 ")


def test_it_is_sent_once_under_a_key(app: FastAPI, owner: TestClient, photo: Path) -> None:
    once = {"Idempotency-Key": "one-file"}
    answers = [send(owner, "photo", photo.read_bytes(), **once) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert uploads(app) == 1


def test_what_is_no_photo_is_refused_and_nothing_is_left(app: FastAPI, owner: TestClient) -> None:
    assert send(owner, "photo", b"no photo").status_code == 422
    problem_of(send(owner, "photo", b""), 422, "media_empty", "photo")
    assert uploads(app) == 0


def test_what_lacks_is_named(owner: TestClient, photo: Path) -> None:
    path = "/api/v1/uploads/files"
    assert send(owner, None, photo.read_bytes()).json()["errors"][0]["field"] == "kind"
    assert send(owner, "x", photo.read_bytes()).json()["errors"][0]["field"] == "kind"
    lacking = owner.post(path, data={"kind": "photo"}, files={"other": ("a", b"x")})
    assert lacking.json()["errors"][0]["field"] == "file"


def test_more_than_forty_megabytes_are_refused(owner: TestClient) -> None:
    assert send(owner, "video", bytes(41_000_000)).status_code == 413


# --- from an address ------------------------------------------------------------------------


class Elsewhere(BaseHTTPRequestHandler):
    """Somebody's server."""

    photo: bytes
    arrived = Semaphore(0)
    may_go_on = Event()

    def do_GET(self) -> None:
        if self.path == "/slow.jpg":
            self.arrived.release()
            self.may_go_on.wait(30)
        status = {"/gone.jpg": 404, "/moved.jpg": 302}.get(self.path, 200)
        self.send_response(status)
        self.send_header("Location", "http://169.254.169.254/")
        self.send_header("Content-Length", str(len(self.photo)))
        self.end_headers()
        self.wfile.write(self.photo)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere(photo: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the address of somebody's server; loopback stands for the open internet."""
    handler = type("Handler", (Elsewhere,), {"photo": photo.read_bytes()})
    server = ThreadingHTTPServer((HERE, 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(
        whole,
        "guarded_client",
        lambda _reach, total_s: guarded_client(Reach.PRIVATE_TOO, total_s=total_s),
    )
    monkeypatch.setattr(whole, "checked_url", lambda url, _reach: url)
    yield f"http://{HERE}:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(owner: TestClient, url: str, kind: str = "photo") -> Any:
    return owner.post("/api/v1/uploads/fetches", json={"kind": kind, "url": url})


def test_a_file_is_fetched_and_named_by_its_address(
    owner: TestClient, elsewhere: str, photo: Path
) -> None:
    made = fetch(owner, f"{elsewhere}/%E8%8A%B1%E5%AD%90.jpg?size=large")
    assert made.status_code == 201, made.text
    assert made.json()["filename"] == "花子.jpg"
    assert made.json()["photo"] == upload(owner, "photo", photo.read_bytes())["photo"]


def test_slow_servers_take_few_of_our_threads(
    owner: TestClient, guest: TestClient, elsewhere: str
) -> None:
    with ThreadPoolExecutor(whole.FETCHES_AT_ONCE) as pool:
        slow = [
            pool.submit(fetch, owner, f"{elsewhere}/slow.jpg") for _ in range(whole.FETCHES_AT_ONCE)
        ]
        for _ in slow:
            assert Elsewhere.arrived.acquire(timeout=30)
        one_more = fetch(owner, f"{elsewhere}/a.jpg")
        problem_of(one_more, 429, "rate_limited")
        assert one_more.headers["retry-after"] == "5"
        assert fetch(guest, f"{elsewhere}/a.jpg").status_code == 201
        Elsewhere.may_go_on.set()
        assert {answer.result().status_code for answer in slow} == {201}
    assert fetch(owner, f"{elsewhere}/a.jpg").status_code == 201


@pytest.mark.parametrize("name", ["gone.jpg", "moved.jpg"])
def test_what_answers_with_no_file_is_refused(
    app: FastAPI, owner: TestClient, elsewhere: str, name: str
) -> None:
    problem_of(fetch(owner, f"{elsewhere}/{name}"), 422, "url_status", "url")
    assert uploads(app) == 0


def test_what_is_too_large_is_read_no_further(
    owner: TestClient, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(service.MAX_BYTES, UploadKind.PHOTO, 100)
    problem_of(fetch(owner, f"{elsewhere}/a.jpg"), 413, "media_too_large", "photo")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/a.jpg", "target_not_https"),
        ("https://127.0.0.1/a.jpg", "target_not_public"),
        ("https://169.254.169.254/latest/meta-data", "target_not_public"),
        ("https://[::ffff:10.0.0.1]/a.jpg", "target_not_public"),
        ("https://user@example.com/a.jpg", "target_has_user"),
        ("file:///etc/passwd", "target_not_https"),
        ("x", "target_not_https"),
    ],
)
def test_an_address_inside_is_not_asked(owner: TestClient, url: str, code: str) -> None:
    refused = fetch(owner, url)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "url")
    assert refused.json()["code"] in (code, "target_no_url")
