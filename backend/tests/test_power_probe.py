"""What the probe believes of a service: only one that says so and has spoken is ready."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from backend.power.providers.probe import HttpProbe, Readiness
from backend.tests.conftest import SpeechService

WAV = b"RIFF" + bytes(10_000)


class Service(BaseHTTPRequestHandler):
    """A service that answers as a test says."""

    readyz: tuple[int, bytes] = (200, b"{}")
    speech: tuple[int, bytes] = (200, WAV)
    spoken = 0

    def do_GET(self) -> None:
        self._answer(*type(self).readyz)

    def do_POST(self) -> None:
        type(self).spoken += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(*type(self).speech)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tell nobody."""


READY = (200, json.dumps({"ready": True}).encode())


@pytest.fixture
def url() -> Iterator[str]:
    Service.readyz, Service.speech, Service.spoken = READY, (200, WAV), 0
    server = HTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_it_is_ready_when_it_says_so_and_has_spoken_once_in_a_run(url: str) -> None:
    probe = HttpProbe("token")
    assert probe.is_ready(url, "run 1").is_ready
    assert probe.is_ready(url, "run 1").is_ready
    assert Service.spoken == 1
    assert probe.is_ready(url, "run 2").is_ready
    assert Service.spoken == 2


@pytest.mark.parametrize(
    "readyz",
    [(503, b'{"ready": false}'), (200, b"<html>"), (200, b""), (200, b"[]"), (500, b"Traceback")],
)
def test_whatever_else_it_says_it_is_not(url: str, readyz: tuple[int, bytes]) -> None:
    Service.readyz = readyz
    assert HttpProbe("token").is_ready(url, "run") == Readiness(is_ready=False)


@pytest.mark.parametrize("speech", [(500, b""), (200, b""), (200, b"RIFF"), (200, b"x" * 9_000)])
def test_one_that_says_so_and_does_not_speak_is_not(url: str, speech: tuple[int, bytes]) -> None:
    Service.speech = speech
    assert not HttpProbe("token").is_ready(url, "run").is_ready


def test_a_spot_notice_is_passed_on(url: str) -> None:
    body: dict[str, Any] = {"ready": True, "interruption_at": "2026-11-24T08:00:00Z"}
    Service.readyz = (200, json.dumps(body).encode())
    assert HttpProbe("token").is_ready(url, "run").interruption_at_s == 1_795_507_200.0


def test_an_address_where_nobody_listens_is_not_ready_and_takes_no_lease() -> None:
    probe = HttpProbe("token")
    assert not probe.is_ready("http://127.0.0.1:9", "run").is_ready
    assert not probe.renew_lease("http://127.0.0.1:9", "one")


def test_the_real_service_speaks_and_counts_the_lease(speech: SpeechService) -> None:
    import httpx

    probe = HttpProbe(speech.token)
    assert probe.is_ready(speech.url, "run").is_ready
    before = httpx.get(f"{speech.url}/healthz").json()["lease_renewals"]
    assert probe.renew_lease(speech.url, "one")
    assert httpx.get(f"{speech.url}/healthz").json()["lease_renewals"] == before + 1
