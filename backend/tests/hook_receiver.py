"""A receiver of webhooks on this computer, which answers as a test tells it to."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request: its headers in lower case, and its body as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What to say; `hangs` says nothing for as long as the test lasts."""

    status: int = 204
    body: bytes = b""
    location: str = ""
    hangs: bool = False


class Receiver:
    """Keeps what came, and which of it was answered with 2xx."""

    def __init__(self) -> None:
        self.behave: Callable[[Received], Answer] = lambda _request: Answer()
        self.requests: list[Received] = []
        self.taken: list[Received] = []
        self.arrived = threading.Condition()
        self._ending = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hooks"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.take(self, Received(self.path, headers, body))

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        return Handler

    def take(self, handler: BaseHTTPRequestHandler, request: Received) -> None:
        with self.arrived:
            answer = self.behave(request)
            self.requests.append(request)
            if answer.status // 100 == 2 and not answer.hangs:
                self.taken.append(request)
            self.arrived.notify_all()
        if answer.hangs:
            self._ending.wait(60)
            return
        with contextlib.suppress(OSError):  # who asked may have heard enough
            self._say(handler, answer)

    @staticmethod
    def _say(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        handler.send_response(answer.status)
        if answer.location:
            handler.send_header("Location", answer.location)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body)

    def wait_for(self, holds: Callable[[], bool]) -> None:
        """Return once `holds`, which is looked at with each request."""
        with self.arrived:
            assert self.arrived.wait_for(holds, 60), "not within 60 s"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Give a receiver for this long."""
    receiver = Receiver()
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()
