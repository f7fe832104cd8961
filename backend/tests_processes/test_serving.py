"""Two processes serve at one address: what one is told the other knows, and one may be killed."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from backend.jobs.engine import migrate_jobs
from backend.local.checks import find_free_ports
from backend.migrations import upgrade
from backend.tests_processes.rig import wait_until
from videomessage import Client

PROCESSES, CONNECTIONS = 2, 40
PASSWORD = "correct horse battery"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Give the address and the parent of two serving processes."""
    urls = {name: f"sqlite:///{tmp_path}/{name}.db" for name in ("app", "jobs")}
    upgrade(urls["app"])
    migrate_jobs(urls["jobs"])
    (port,) = find_free_ports(1)
    wishes = {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": urls["app"],
        "JOBS_DATABASE_URL": urls["jobs"],
        "BACKEND_PORT": str(port),
        "BACKEND_PROCESSES": str(PROCESSES),
        "PUBLIC_URL": "https://video.example.com",
        "SPEECH_URL": "http://127.0.0.1:9",
    }
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-m", "backend", "serve"]
        started = subprocess.Popen(command, env=os.environ | wishes, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(address), "it answers")
        yield address, psutil.Process(started.pid)
    finally:
        started.terminate()
        started.wait(20)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=2).is_success
    except httpx.TransportError:
        return False


def serving(parent: psutil.Process) -> list[psutil.Process]:
    """Return the processes that answer; beside them there is the one that tracks resources."""
    return [child for child in parent.children() if _serves(child)]


def _serves(child: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(child.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def sign_up(address: str, token: str) -> httpx.Response:
    body = {"email": "owner@example.com", "password": PASSWORD, "name": "花子", "language": "ja",
            "owner_token": token}  # fmt: skip
    from_afar = {"X-Forwarded-For": "203.0.113.9"}
    return httpx.post(f"{address}/api/v1/accounts", json=body, headers=from_afar)


def test_both_know_the_owners_token_the_account_and_its_key(
    server: tuple[str, psutil.Process], tmp_path: Path
) -> None:
    address, parent = server
    wait_until(lambda: len(serving(parent)) == PROCESSES, "both are there")
    assert sign_up(address, "a guess").status_code == 422
    token = (tmp_path / "secrets" / "owner_token").read_text()
    signed_up = sign_up(address, token)
    assert signed_up.status_code == 201, signed_up.text
    cookie = {"Cookie": signed_up.headers["set-cookie"].partition(";")[0]}
    wish = {"name": "x", "scopes": ["messages:read", "messages:write"]}
    made = httpx.post(f"{address}/api/v1/api-keys", json=wish, headers=cookie).json()
    with Client(made["key"], address) as client:
        written = [client.messages.create(title=str(number))["id"] for number in range(20)]
    # Each client is a connection of its own, which one of the two takes.
    for _ in range(20):
        with Client(made["key"], address) as client:
            assert [one["id"] for one in client.messages.list()] == written[::-1]


def test_the_connections_are_divided_between_them(server: tuple[str, psutil.Process]) -> None:
    address, parent = server
    port = urlsplit(address).port
    wait_until(lambda: len(listening(parent, port)) == PROCESSES, "both listen")
    with ExitStack() as clients:
        for _ in range(CONNECTIONS):
            client = clients.enter_context(httpx.Client(base_url=address))
            assert client.get("/healthz").is_success
        held = [len(sockets_of(one, port, psutil.CONN_ESTABLISHED)) for one in serving(parent)]
    assert sum(held) >= CONNECTIONS
    # By chance, one time in a million less.
    assert min(held) >= 6


def listening(parent: psutil.Process, port: int | None) -> list[psutil.Process]:
    return [one for one in serving(parent) if sockets_of(one, port, psutil.CONN_LISTEN)]


def sockets_of(process: psutil.Process, port: int | None, state: str) -> list[Any]:
    held = process.net_connections("tcp")
    return [one for one in held if one.status == state and one.laddr.port == port]


def test_they_do_not_begin_where_somebody_else_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        taken = somebody.getsockname()[1]
        wishes = {
            "DATA_DIR": str(tmp_path),
            "BACKEND_PORT": str(taken),
            "BACKEND_PROCESSES": str(PROCESSES),
        }
        command = [sys.executable, "-m", "backend", "serve"]
        upgrade(f"sqlite:///{tmp_path}/app.db")
        told = subprocess.run(
            command,
            env=os.environ | wishes,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert told.returncode != 0
    assert "Address already in use" in told.stderr


def test_one_that_is_killed_comes_back_and_an_end_leaves_nobody(
    server: tuple[str, psutil.Process],
) -> None:
    address, parent = server
    wait_until(lambda: len(serving(parent)) == PROCESSES, "both are there")
    killed, other = serving(parent)
    killed.send_signal(signal.SIGKILL)

    def is_whole_again() -> bool:
        pids = {one.pid for one in serving(parent)}
        return len(pids) == PROCESSES and killed.pid not in pids and other.pid in pids

    wait_until(is_whole_again, "another took its place")
    wait_until(lambda: _answers(address), "it answers")
    everybody = [parent, *parent.children(recursive=True)]
    parent.terminate()
    _, alive = psutil.wait_procs(everybody, timeout=20)
    assert alive == []
