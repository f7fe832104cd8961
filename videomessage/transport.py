"""One HTTP connection pool with the key, tries that are safe to repeat, and their pauses."""

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from videomessage.problems import ConnectionProblem, raise_for_problem

API = "/api/v1"
# Completing an upload decodes it, and making a voice analyses it.
TIMEOUT = httpx.Timeout(200.0, connect=10.0)
# Too often, somebody else is at it, or not available right now: worth another try.
_AGAIN = frozenset({429, 502, 503, 504})
_AT_WORK = frozenset({"idempotency_at_work", "upload_busy"})
_LONGEST_PAUSE_S = 30.0


class Transport:
    """Sends requests; what it sends again has the same `Idempotency-Key`, and is done once."""

    def __init__(
        self,
        api_key: str | None,
        base_url: str,
        tries: int,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self.http = httpx.Client(
            base_url=base_url, timeout=TIMEOUT, headers=headers, trust_env=False
        )
        self._tries = max(1, tries)
        self._sleep = sleep

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> httpx.Response:
        """Return the whole answer of a call below `/api/v1`. Raises ApiProblem."""
        sent = dict(headers or {})
        if method not in ("GET", "HEAD"):
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        given = {name: value for name, value in (query or {}).items() if value is not None}
        response = self._send_until_answered(
            method, API + path, json=body, params=given, headers=sent, **content
        )
        raise_for_problem(response)
        return response

    def send(self, method: str, url: str, content: bytes, headers: Mapping[str, str]) -> None:
        """Send bytes to a signed address: the server's, or its storage's own, without the key."""
        raise_for_problem(
            self._send_until_answered(
                method, url, content=content, headers=dict(headers), with_key=False
            )
        )

    def _send_until_answered(
        self, method: str, url: str, *, with_key: bool = True, **content: Any
    ) -> httpx.Response:
        for number in range(1, self._tries + 1):
            is_last = number == self._tries
            try:
                response = self.http.send(self._request(method, url, with_key, content))
            except httpx.TransportError as error:
                if is_last:
                    told = f"The server does not answer: {type(error).__name__}."
                    raise ConnectionProblem(told) from error
                self._sleep(_pause_s(number, None))
                continue
            if is_last or not _is_worth_another_try(response):
                return response
            self._sleep(_pause_s(number, response))
        raise AssertionError("the last try has returned or raised")

    def _request(
        self, method: str, url: str, with_key: bool, content: Mapping[str, Any]
    ) -> httpx.Request:
        request = self.http.build_request(method, url, **content)
        if not with_key:
            request.headers.pop("Authorization", None)
        return request

    @contextmanager
    def stream(self, path: str, **request: Any) -> Iterator[httpx.Response]:
        """Give an answer while it comes. `path` is from the server's root. Raises ApiProblem."""
        with self.http.stream("GET", path, **request) as response:
            if not response.is_success:
                response.read()
            raise_for_problem(response)
            yield response


def _is_worth_another_try(response: httpx.Response) -> bool:
    if response.status_code in _AGAIN:
        return True
    if response.status_code != httpx.codes.CONFLICT:
        return False
    try:
        return response.json().get("code") in _AT_WORK
    except ValueError:
        return False


def _pause_s(number: int, response: httpx.Response | None) -> float:
    """Return how long to wait after the `number`-th try: as told, else longer each time."""
    told = response.headers.get("retry-after", "") if response is not None else ""
    if told.isdigit():
        return min(float(told), _LONGEST_PAUSE_S)
    return min(2.0 ** (number - 1), _LONGEST_PAUSE_S) * random.uniform(0.5, 1.0)  # noqa: S311
