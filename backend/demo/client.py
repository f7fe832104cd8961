"""The public REST API as an integrator would use it; the demo and the process tests drive it."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Self

import httpx

API = "/api/v1"
# Completing an upload decodes it, and making a voice analyses it.
TIMEOUT = httpx.Timeout(200.0, connect=10.0)
CONSENT = "This is my own voice, and I agree that it is cloned for my messages."


class ApiProblem(Exception):
    """A problem document, as a sentence for people; `fields` are the fields it names."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.code = str(body.get("code", "internal"))
        self.errors: list[dict[str, str]] = body.get("errors") or []
        lines = [f"{e['field']}: {e['message']} {e['fix']}" for e in self.errors]
        super().__init__("\n".join(lines) or str(body.get("detail") or body.get("title")))


class ApiClient:
    """One signed-in account of one backend. Every call raises ApiProblem where it is refused."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=TIMEOUT, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    @property
    def cookies(self) -> httpx.Cookies:
        """What keeps the account signed in."""
        return self._http.cookies

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON answer of one call below `/api/v1`."""
        response = self._http.request(method, API + path, json=body)
        _raise_problem(response)
        return response.json() if response.content else None

    def sign_up(self, email: str, password: str, name: str, language: str = "en") -> Any:
        """Create the account and stay signed in."""
        body = {"email": email, "password": password, "name": name, "language": language}
        return self.call("POST", "/accounts", body)

    def upload(
        self,
        kind: Literal["photo", "audio", "video"],
        path: Path,
        on_sent: Callable[[int, int], None] = lambda _sent, _size: None,
    ) -> Any:
        """Send a file in parts; `on_sent(bytes so far, size)` is told after each."""
        size = path.stat().st_size
        wish = {"kind": kind, "filename": path.name, "size_bytes": size}
        upload = self.call("POST", "/uploads", wish)
        with path.open("rb") as stream:
            sent = 0
            for number, part in enumerate(_parts(stream.read, upload["part_size_bytes"]), 1):
                self._send_part(upload["id"], number, part)
                sent += len(part)
                on_sent(sent, size)
        return self.call("POST", f"/uploads/{upload['id']}/complete")

    def _send_part(self, upload_id: str, number: int, part: bytes) -> None:
        wish = {"number": number, "sha256": hashlib.sha256(part).hexdigest()}
        address = self.call("POST", f"/uploads/{upload_id}/parts", wish)
        _raise_problem(
            self._http.request(
                address["method"], address["url"], content=part, headers=address["headers"]
            )
        )

    def create_voice(self, name: str, language: str, upload_id: str) -> Any:
        """Clone the voice of an uploaded sample, with the speaker's consent."""
        consent = {"accepted": True, "text": CONSENT}
        body = {"name": name, "language": language, "upload_id": upload_id, "consent": consent}
        return self.call("POST", "/voices", body)

    def save_preview(self, base_voice: str, text: str, language: str, target: Path) -> None:
        """Save a base voice's reading of `text` as MP3."""
        body = {"text": text, "language": language}
        response = self._http.post(f"{API}/base-voices/{base_voice}/preview", json=body)
        _raise_problem(response)
        target.write_bytes(response.content)

    def create_message(self, **fields: Any) -> Any:
        """Create a draft of these fields."""
        return self.call("POST", "/messages", fields)

    def message(self, message_id: str) -> Any:
        """Return the message as it is now."""
        return self.call("GET", f"/messages/{message_id}")

    def render(self, message_id: str, priority: str = "personal") -> Any:
        """Put the message in the queue, the first time or again."""
        return self.call("POST", f"/messages/{message_id}/render", {"priority": priority})

    def intend(self) -> None:
        """Say that a voice will be needed soon."""
        self.call("POST", "/power/intents")

    def cancel(self, message_id: str) -> Any:
        """Stop the work on the message."""
        return self.call("POST", f"/messages/{message_id}/cancel")

    def share(self, message_id: str) -> str:
        """Return a new link to the message."""
        return str(self.call("POST", f"/messages/{message_id}/shares")["url"])

    def events(self, message_id: str) -> Iterator[dict[str, Any]]:
        """Yield the message's progress until it is over."""
        with self._http.stream("GET", f"{API}/messages/{message_id}/events") as response:
            if not response.is_success:
                response.read()
            _raise_problem(response)
            for line in response.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line[5:])

    def download(self, path: str, target: Path) -> None:
        """Save a media file of the API."""
        with self._http.stream("GET", path) as response, target.open("wb") as file:
            if not response.is_success:
                response.read()
            _raise_problem(response)
            for chunk in response.iter_bytes():
                file.write(chunk)


def _parts(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    while part := read(size):
        yield part


def _raise_problem(response: httpx.Response) -> None:
    if response.is_success:
        return
    try:
        body = response.json()
    except ValueError:
        body = {"detail": f"The server answered with status {response.status_code}."}
    raise ApiProblem(response.status_code, body)
