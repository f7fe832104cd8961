"""Strangers send little: a larger body is refused before any of it is read."""

from fastapi import Request, Response

from backend.problems import TooLarge
from backend.transactions import Handler, OneThreadRoute

# The largest is a reply of 2,000 characters, of which each may be an escaped pair of six letters.
MAX_GUEST_BODY_BYTES = 32 * 1024


class SmallBodyRoute(OneThreadRoute):
    """A route that takes no more than `MAX_GUEST_BODY_BYTES`, and says beforehand how much."""

    def get_route_handler(self) -> Handler:
        """Return the handler behind the check."""
        handle = super().get_route_handler()

        async def handle_small(request: Request) -> Response:
            _require_small(request)
            return await handle(request)

        return handle_small


def _require_small(request: Request) -> None:
    length = request.headers.get("content-length", "0")
    is_endless = "transfer-encoding" in request.headers
    if is_endless or not length.isdigit() or int(length) > MAX_GUEST_BODY_BYTES:
        raise TooLarge(f"Send at most {MAX_GUEST_BODY_BYTES:,} bytes, and say how many.")
