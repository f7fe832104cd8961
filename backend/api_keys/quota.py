"""How often a key may ask, and the headers that tell its program how much is left.

source: draft-ietf-httpapi-ratelimit-headers-11 (2026), `RateLimit-Policy` and `RateLimit`
"""

import math
import time
from collections.abc import Callable

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.problems import RateLimited

WINDOW_S = 60
_MOST = 10_000


class Quotas:
    """Counts each key's requests; a minute after the first of them all are forgotten.

    Asked by the event loop alone, and so without locks. `limits`, which counts the rarer tries,
    starts a thread for each hundred requests to sweep: that took a quarter of their time.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._windows: dict[str, tuple[float, int]] = {}

    def hit(self, key_id: str) -> tuple[int, float]:
        """Count a request; return how many there were in this window, and how long it lasts."""
        now_s = self._now_s()
        ends_s, count = self._windows.get(key_id, (0.0, 0))
        if now_s >= ends_s:
            ends_s, count = now_s + WINDOW_S, 0
            self._make_room(now_s)
        self._windows[key_id] = ends_s, count + 1
        return count + 1, ends_s - now_s

    def _make_room(self, now_s: float) -> None:
        if len(self._windows) >= _MOST:
            still_open = {name: one for name, one in self._windows.items() if one[0] > now_s}
            self._windows = still_open


def count_request(request: Request, quotas: Quotas, key_id: str, most: int) -> None:
    """Note that a key asked; RateLimited when it did as often as it may in a minute."""
    count, lasts_s = quotas.hit(key_id)
    # The window is a minute from a key's first request on; then all of it is free again.
    wait_s = max(1, math.ceil(lasts_s))
    request.state.quota = {
        "RateLimit-Policy": f'"key";q={most};w={WINDOW_S}',
        "RateLimit": f'"key";r={max(0, most - count)};t={wait_s}',
    }
    if count > most:
        raise RateLimited(
            f"This key may ask {most:,} times a minute. Wait as `Retry-After` says.",
            retry_after_s=wait_s,
        )


class QuotaHeaders:
    """Tells the key's quota with every answer: files, streams and problems are answers too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def tell_quota(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(scope.get("state", {}).get("quota", {}))
            await send(message)

        await self._app(scope, receive, tell_quota)
