"""Bodies that are nested deep, endless or ten gigabytes long: refused by every route with one."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.api_keys.scopes import Scope
from backend.tests.served import ServedApp
from backend.tests.test_ownership import PUBLIC, bearer, operations

DEEP = 1_000
TEN_GIGABYTES = 10_000_000_000
NESTED = {
    "lists": b"[" * DEEP + b"]" * DEEP,
    "objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "lists that never close": b"[" * DEEP,
    "a field of lists": b'{"title":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "a hundred thousand lists": b"[" * 100_000 + b"]" * 100_000,
}


def writes(app: FastAPI) -> list[tuple[str, str, str]]:
    described = app.openapi()["paths"]
    return [
        (name, method, path)
        for name, method, path in operations(app)
        if "requestBody" in described[path][method.lower()]
    ]


@pytest.mark.parametrize("kind", NESTED)
def test_json_that_is_nested_deep_is_refused_everywhere(
    app: FastAPI, owner: TestClient, kind: str
) -> None:
    headers = {"Content-Type": "application/json"}
    for name, method, path in writes(app):
        app.state.collaborators.limiter.storage.reset()
        answer = owner.request(method, path, content=NESTED[kind], headers=headers)
        assert 400 <= answer.status_code < 500, (name, answer.status_code)
        assert answer.headers["content-type"] == "application/problem+json", name


def test_a_reading_nested_deep_within_a_body_names_the_field(owner: TestClient) -> None:
    nested: list[object] = []
    for _ in range(200):
        nested = [nested]
    refused = owner.post("/api/v1/messages", json={"readings": nested})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].startswith("readings")


@pytest.fixture
def served(app: FastAPI) -> Iterator[tuple[str, int]]:
    running = ServedApp(app)
    address = urlsplit(running.start())
    yield str(address.hostname), int(address.port or 0)
    running.stop()


def status_of(served: tuple[str, int], head: list[str], chunk: bytes = b"") -> int:
    """Return how a request is answered whose body is `chunk`, again and again."""
    request = "\r\n".join([*head, "Host: localhost:55434", "Connection: close", "", ""])
    with socket.create_connection(served, timeout=30) as connection:
        connection.sendall(request.encode())
        answer = _send_until_answered(connection, chunk)
    return int(answer.split()[1])


def _send_until_answered(connection: socket.socket, chunk: bytes) -> bytes:
    sent = 0
    connection.settimeout(0.05 if chunk else 30)
    while True:
        try:
            return connection.recv(200)
        except TimeoutError:
            assert chunk, "there is no answer"
        connection.settimeout(30)
        try:
            connection.sendall(chunk)
        except OSError:
            return connection.recv(200)
        sent += len(chunk)
        assert sent < 100_000_000, "it is taken without an end"
        connection.settimeout(0.001)


def test_ten_gigabytes_are_refused_before_they_come(
    app: FastAPI, owner: TestClient, served: tuple[str, int]
) -> None:
    header, _ = bearer(owner, *Scope)
    for name, method, path in writes(app):
        head = [f"{method} {path} HTTP/1.1", f"Content-Length: {TEN_GIGABYTES}"]
        head += ["Content-Type: application/json", f"Authorization: {header['Authorization']}"]
        status = status_of(served, head)
        # Whoever needs a cookie or a signature is told so first; nothing of the body is read.
        assert status in ((401, 403, 404, 413, 422) if name in PUBLIC else (401, 413)), name


@pytest.mark.parametrize("path", ["/api/v1/messages", "/api/v1/words", "/v1/audio/speech"])
def test_a_body_without_an_end_is_cut_off(
    owner: TestClient, served: tuple[str, int], path: str
) -> None:
    header, _ = bearer(owner, *Scope)
    head = [f"POST {path} HTTP/1.1", "Transfer-Encoding: chunked"]
    head += ["Content-Type: application/json", f"Authorization: {header['Authorization']}"]
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    assert status_of(served, head, chunk) == 413
