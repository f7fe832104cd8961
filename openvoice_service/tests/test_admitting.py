"""More than it can do at once, and clients that hang up: it stays up and frees its device."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
from fastapi import FastAPI

from openvoice_service.main import create_app
from openvoice_service.settings import SpeechSettings
from openvoice_service.tests.running import PATIENCE_S, busy_readers, serving, until

TOKEN = "the token of these tests"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
QUEUE = 16


@dataclass
class Running:
    app: FastAPI
    url: str

    @property
    def inside(self) -> int:
        return self.app.state.admission.inside

    @property
    def waiting(self) -> int:
        return self.app.state.synthesiser.waiting


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("speech")
    app = create_app(SpeechSettings(data_dir=folder, speech_token=TOKEN, speech_queue=QUEUE))
    with serving(app) as url:
        assert httpx.get(f"{url}/readyz", timeout=PATIENCE_S).status_code == 200
        yield Running(app, url)


def speak(url: str, text: str, **body: object) -> httpx.Response:
    asked = {"input": text, "response_format": "pcm", **body}
    return httpx.post(f"{url}/v1/audio/speech", json=asked, headers=HEADERS, timeout=PATIENCE_S)


def test_fifty_at_once_on_a_queue_of_sixteen(running: Running) -> None:
    refused_all = threading.Semaphore(0)

    def ask(index: int) -> httpx.Response:
        answer = speak(running.url, f"Sentence number {index}.")
        if answer.status_code == 429:
            refused_all.release()
        return answer

    with ThreadPoolExecutor(50) as pool, busy_readers(running.app):
        asked = [pool.submit(ask, index) for index in range(50)]
        for _ in range(50 - QUEUE):  # told at once, while the device does nothing at all
            assert refused_all.acquire(timeout=PATIENCE_S)
        assert running.inside == QUEUE
        for path in ("/healthz", "/readyz", "/metrics"):
            assert httpx.get(running.url + path).status_code == 200
        assert f"speech_queue_length {QUEUE}.0" in httpx.get(f"{running.url}/metrics").text
    answers = [future.result() for future in asked]
    assert sorted({answer.status_code for answer in answers}) == [200, 429]
    for answer in (a for a in answers if a.status_code == 429):
        assert answer.json()["code"] == "queue_full"
        assert answer.headers["content-type"] == "application/problem+json"
        assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert sum(answer.status_code == 200 for answer in answers) == QUEUE
    until(lambda: running.inside == 0)
    assert speak(running.url, "And now there is room again.").status_code == 200
    assert httpx.get(f"{running.url}/readyz").json()["ready"] is True


def test_interactive_is_spoken_before_bulk_that_came_first(running: Running) -> None:
    order: list[str] = []

    def became(enough: int) -> bool:
        return running.waiting == enough

    def ask(priority: str, index: int) -> None:
        assert speak(running.url, f"{priority} {index}.", priority=priority).status_code == 200
        order.append(priority)

    with ThreadPoolExecutor(4) as pool, busy_readers(running.app):
        for index, priority in enumerate(("bulk", "bulk", "interactive")):
            waiting = running.waiting
            pool.submit(ask, priority, index)
            until(partial(became, waiting + 1))
    assert order[0] == "interactive"
    assert order.count("bulk") == 2


@pytest.mark.parametrize("path", ["/v1/audio/speech", "/v1/audio/speech/timed"])
def test_a_client_that_hangs_up_leaves_nothing_waiting(running: Running, path: str) -> None:
    with busy_readers(running.app):
        client = connected(running.url, path, '{"input": "Nobody will hear this."}')
        until(lambda: running.waiting == 1)
        client.close()
        until(lambda: running.inside == 0)  # although the device is still held
        assert running.waiting == 0
    assert speak(running.url, "Next, please.").status_code == 200


@pytest.mark.parametrize("stream_format", ["audio", "sse"])
def test_a_listener_that_hangs_up_ends_the_stream_before_the_next_sentence(
    running: Running, stream_format: str
) -> None:
    known = f"This one is known, {stream_format}."
    assert speak(running.url, known).status_code == 200
    body = {
        "input": f"{known} This one is never spoken.",
        "response_format": "wav",
        "stream_format": stream_format,
    }
    with busy_readers(running.app), httpx.Client(timeout=PATIENCE_S) as client:
        url = f"{running.url}/v1/audio/speech"
        with client.stream("POST", url, json=body, headers=HEADERS) as answer:
            pieces = answer.iter_raw()
            # The first sentence comes although the second cannot.
            assert next(pieces).startswith(b"RIFF" if stream_format == "audio" else b"data: ")
            until(lambda: running.waiting == 1)
        until(lambda: running.inside == 0)
        assert running.waiting == 0
    assert speak(running.url, "Next, please.").status_code == 200


def test_a_client_that_leaves_at_once_costs_nothing(running: Running) -> None:
    for _ in range(20):
        connected(running.url, "/v1/audio/speech", '{"input": "I am gone already."}').close()
    until(lambda: running.inside == 0 and running.waiting == 0)
    assert httpx.get(f"{running.url}/readyz").json()["ready"] is True


def test_a_bad_request_gives_its_place_back(running: Running) -> None:
    for _ in range(QUEUE + 4):
        assert speak(running.url, "").status_code == 422
        assert speak(running.url, "a", speed=9).status_code == 422
    until(lambda: running.inside == 0)


def connected(url: str, path: str, body: str) -> socket.socket:
    """Send a whole request and return the socket, the answer unread."""
    host, port = url.removeprefix("http://").split(":")
    client = socket.create_connection((host, int(port)))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    client.sendall((head + body).encode())
    return client
