"""One line a request in the log, and the last stop of errors that nobody expected."""

import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.ids import new_id
from backend.problems import answer_unexpected, note_unexpected

logger = logging.getLogger("backend.requests")


class BrokenOff(Exception):
    """An answer that had begun could not be ended; the server now cuts the connection."""


class RequestLog:
    """Logs the route's template: a path may hold a token, a query a signature.

    A plain ASGI layer, since the framework's own base class ends an answer that broke off as if it
    were whole. An unexpected error goes no further than this: the server would print its text,
    which may quote a row.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_s, status = time.perf_counter(), 0
        # Ours alone: what a caller calls it might be anything, and would stand in the log.
        request_id = new_id("req")

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        except Exception as error:
            if status:
                note_unexpected(error, request_id)
                # Without its cause: that would be printed with it.
                raise BrokenOff("an answer broke off") from None
            await answer_unexpected(error, request_id)(scope, receive, note_status)
        finally:
            path = getattr(scope.get("route"), "path", "unmatched")
            elapsed_ms = (time.perf_counter() - started_s) * 1000
            line = "%s %s %d %.0f ms %s"
            logger.info(line, scope["method"], path, status, elapsed_ms, request_id)
