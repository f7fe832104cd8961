"""A double between the backend and the real speech service, which can misbehave on demand.

It passes every call on to the real service unless told otherwise, and counts what it passed.
"""

import base64
import io
import json
import threading
import wave
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

TIMED = "/v1/audio/speech/timed"
# Only what HTTP/1.1 needs to be passed on; the rest belongs to each connection.
PASSED_HEADERS = ("authorization", "content-type")

# What a fault makes of the real answer: (status, body).
Fault = Callable[[bytes], tuple[int, bytes]]


def _with_audio(answer: bytes, change: Callable[[bytes], bytes]) -> tuple[int, bytes]:
    body = json.loads(answer)
    wav = base64.b64decode(body["audio"])
    body["audio"] = base64.b64encode(change(wav)).decode()
    return 200, json.dumps(body).encode()


def _silent(wav: bytes) -> bytes:
    with wave.open(io.BytesIO(wav)) as sound:
        parameters = sound.getparams()
    out = io.BytesIO()
    with wave.open(out, "wb") as silence:
        silence.setparams(parameters)
        silence.writeframes(bytes(2 * parameters.nframes))
    return out.getvalue()


def _times_beyond_audio(answer: bytes) -> tuple[int, bytes]:
    body = json.loads(answer)
    body["sentences"][-1]["end_s"] = body["duration_s"] + 60
    return 200, json.dumps(body).encode()


NONSENSE: dict[str, Fault] = {
    "not JSON": lambda _answer: (200, b"<html>Bad gateway?</html>"),
    "another shape": lambda _answer: (200, b'{"audio": 7}'),
    "cut off audio": lambda answer: _with_audio(answer, lambda wav: wav[: len(wav) // 2]),
    "no WAV at all": lambda answer: _with_audio(answer, lambda wav: b"OggS" + wav[4:]),
    "silence": lambda answer: _with_audio(answer, _silent),
    "times beyond the audio": _times_beyond_audio,
    "huge": lambda _answer: (200, b" " * (130 * 1024 * 1024)),
    "an error without words": lambda _answer: (500, b"boom"),
    "a refusal without a reason": lambda _answer: (400, b"no"),
}

# Not nonsense but a proper refusal, in the service's own words.
REFUSAL = json.dumps(
    {
        "code": "voice_unknown",
        "title": "Please check what was sent",
        "detail": "There is no such voice.",
        "errors": [
            {
                "field": "voice",
                "code": "voice_unknown",
                "message": "There is no such voice.",
                "fix": "Choose another.",
            }
        ],
    }
).encode()
BUSY = b'{"code": "queue_full", "title": "Busy", "detail": "Try again.", "errors": []}'
FAULTS = {
    **NONSENSE,
    "a refusal": lambda _answer: (404, REFUSAL),
    "busy": lambda _answer: (429, BUSY),
}


class SpeechProxy:
    """Listens on a port of its own; `mode` is `pass`, `down`, `slow`, `late` or a key of FAULTS."""

    def __init__(self, target_url: str) -> None:
        self.target_url = target_url
        self.mode = "pass"
        self.spoken: list[str] = []
        self.refused = 0
        self._http = httpx.Client(timeout=300, trust_env=False)
        self._released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def behave(self, mode: str) -> None:
        """Change what it does; whoever is held by `slow` or `late` is let go."""
        self.mode = mode
        self._released.set()
        self._released = threading.Event()

    def close(self) -> None:
        """Stop listening."""
        self.behave("pass")
        self._server.shutdown()
        self._server.server_close()
        self._http.close()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Any:
        """Return (status, content type, body) of a call, or None to break the connection."""
        mode = self.mode
        if mode != "pass":
            self.refused += 1
        if mode == "down":
            return None
        if mode == "slow":
            self._released.wait(300)
            return None
        try:
            real = self._http.request(method, self.target_url + path, headers=headers, content=body)
        except httpx.HTTPError:
            return None
        if mode == "late" and path == TIMED:  # the service has done its work, and nobody knows
            self._released.wait(300)
            return None
        if mode in FAULTS and path == TIMED:
            status, nonsense = FAULTS[mode](real.content)
            return status, "application/json", nonsense
        if path == TIMED and real.is_success:
            self.spoken.append(json.loads(body)["input"])
        return real.status_code, real.headers.get("content-type", ""), real.content

    def _handler(proxy) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the class below has its own self
        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {n: self.headers[n] for n in PASSED_HEADERS if n in self.headers}
                answer = proxy.answer(self.command, self.path, headers, body)
                if answer is None:
                    self.close_connection = True
                    return
                status, content_type, content = answer
                with suppress(OSError):  # whoever asked may have been killed
                    self.send_response(status)
                    self.send_header("content-type", content_type)
                    self.send_header("content-length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            do_GET = do_POST = do_DELETE = handle_any  # noqa: N815 - http.server's own names

            def log_message(self, *_arguments: object) -> None:
                """Say nothing."""

        return Handler
