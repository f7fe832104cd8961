"""How often a key may ask, and the headers that tell its program how much is left.

source: draft-ietf-httpapi-ratelimit-headers-11 (2026), `RateLimit-Policy` and `RateLimit`
"""

import math
import time

from fastapi import Request
from limits import RateLimitItemPerMinute
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.dependencies import Collaborators
from backend.problems import RateLimited


def count_request(request: Request, app: Collaborators, key_id: str) -> None:
    """Note that a key asked; RateLimited when it did as often as it may in a minute."""
    quota = RateLimitItemPerMinute(app.settings.api_key_minute_limit)
    has_room = app.quotas.hit(quota, "key", key_id)
    frees_at_s, left = app.quotas.get_window_stats(quota, "key", key_id)
    # The window is a minute from a key's first request on; then all of it is free again.
    wait_s = max(1, math.ceil(frees_at_s - time.time()))
    request.state.quota = {
        "RateLimit-Policy": f'"key";q={quota.amount};w={quota.get_expiry()}',
        "RateLimit": f'"key";r={max(0, left)};t={wait_s}',
    }
    if not has_room:
        raise RateLimited(
            f"This key may ask {quota.amount:,} times a minute. Wait as `Retry-After` says.",
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
