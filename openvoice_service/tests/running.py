"""The real service on a loopback port, and a way to keep its device busy."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from openvoice_service.main import create_app
from openvoice_service.settings import SpeechSettings

PATIENCE_S = 30


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve `app` on a free port of loopback; yields its address."""
    config = uvicorn.Config(app, port=0, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)


@contextmanager
def speech_service(root: Path) -> Iterator[httpx.Client]:
    """Serve the whole service with its data in `root`; yields a client that may speak."""
    token = "the token of these tests"
    app = create_app(SpeechSettings(data_dir=root, speech_token=token))
    headers = {"Authorization": f"Bearer {token}"}
    with serving(app) as url, httpx.Client(base_url=url, headers=headers, timeout=120) as client:
        yield client


@contextmanager
def busy_readers(app: FastAPI) -> Iterator[None]:
    """Hold the thread that base voices read on: whoever wants a new sentence waits meanwhile."""
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        release.wait(PATIENCE_S)

    readers = app.state.synthesiser._readers
    holder = threading.Thread(target=readers.run, args=(None, hold))
    holder.start()
    try:
        assert held.wait(PATIENCE_S)
        yield
    finally:
        release.set()
        holder.join(PATIENCE_S)


def until(is_so: Callable[[], bool]) -> None:
    """Return as soon as the condition holds; fail after a while."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.005)
