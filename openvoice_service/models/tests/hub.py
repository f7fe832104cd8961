"""A hub on loopback that misbehaves as told, and the file that it publishes."""

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from openvoice_service.models.manifest import File, Model

CONTENT = random.Random(7).randbytes(300_000)
FILE = File("onnx/small.onnx", "small.onnx", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
MODEL = Model("small", "A small model", "owner/small", "abc123", "small", (FILE,))


@dataclass
class Asked:
    """One request, as an answer sees it; `reply` sends a status line and headers."""

    handler: BaseHTTPRequestHandler
    first: int

    def reply(self, status: int, **headers: str | int) -> None:
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), str(value))
        self.handler.end_headers()

    def send(self, body: bytes, promised: int | None = None) -> None:
        """Send the rest of the file as `body`, which may be shorter than is promised."""
        length = len(body) if promised is None else promised
        if self.first:
            last = self.first + length - 1
            span = f"bytes {self.first}-{last}/{self.first + length}"
            self.reply(206, content_length=length, content_range=span)
        else:
            self.reply(200, content_length=length)
        self.handler.wfile.write(body)
        self.handler.close_connection = True


Answer = Callable[[Asked], None]


def whole(asked: Asked) -> None:
    """Answer as a hub does."""
    asked.send(CONTENT[asked.first :])


def cut_after(count: int) -> Answer:
    """Promise all and send `count` bytes."""
    rest = len(CONTENT)
    return lambda asked: asked.send(
        CONTENT[asked.first : asked.first + count], promised=rest - asked.first
    )


def status(code: int, **headers: str) -> Answer:
    """Answer with an error."""
    return lambda asked: asked.reply(code, content_length=0, **headers)


@dataclass
class Hub:
    """Gives the answers in order, the last one again and again; notes what was asked."""

    endpoint: str = ""
    answers: list[Answer] = field(default_factory=lambda: [whole])
    paths: list[str] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        span = handler.headers.get("range", "bytes=0-")
        first = int(span.removeprefix("bytes=").split("-")[0])
        self.paths.append(handler.path)
        self.firsts.append(first)
        answer = self.answers[min(len(self.paths), len(self.answers)) - 1]
        answer(Asked(handler, first))


@contextmanager
def serving(*answers: Answer) -> Iterator[Hub]:
    """Serve on a free port of loopback."""
    hub = Hub(answers=list(answers) or [whole])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            hub.handle(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
