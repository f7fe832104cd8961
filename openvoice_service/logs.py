"""Logs as JSON lines: what happened, never what was said, by whom, or with which token.

A traceback's text may quote a script, so only the error's type and where it happened are written.
"""

import json
import logging
import time
import traceback
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openvoice_service.device import Turn
from openvoice_service.metrics import Metrics

logger = logging.getLogger("openvoice_service.requests")
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


def log_config() -> dict[str, Any]:
    """Return the logging of `serve`, for uvicorn: everything as JSON lines on standard error.

    Standard output is left to libraries that print.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {
            "out": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stderr",
                "formatter": "json",
            }
        },
        "root": {"handlers": ["out"], "level": "WARNING"},
        "loggers": {
            "openvoice_service": {"level": "INFO"},
            "uvicorn.error": {"level": "INFO"},
            # An access log holds paths, and paths hold voices' ids: ours holds route templates.
            "uvicorn.access": {"handlers": [], "propagate": False},
        },
    }  # fmt: skip


class JsonLines(logging.Formatter):
    """A record as one line of JSON; what `extra` gave becomes fields."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _OWN}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(line, ensure_ascii=False, default=str)


class RequestLog:
    """Writes a line and counts a figure for each request, when it has been answered in full."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and watch the answer go by."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        try:
            await self._app(scope, receive, answer.send)
        finally:
            self._write(scope, answer)

    def _write(self, scope: Scope, answer: "_Answer") -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        took_s = time.perf_counter() - answer.began_s
        self._metrics.count_request(scope["method"], route, answer.status, took_s)
        turn: Turn | None = scope.get("state", {}).get("turn")
        fields = {
            "method": scope["method"],
            "route": route,
            "status": answer.status,
            "ms": round(took_s * 1000),
            "bytes": answer.bytes,
            "queue_ms": round(turn.waited_s * 1000) if turn is not None else 0,
            "complete": answer.is_complete,
        }
        logger.info("request", extra=fields)


class _Answer:
    """An answer on its way out."""

    def __init__(self, send: Send) -> None:
        self.began_s = time.perf_counter()
        self.status = 500  # what the client gets where nothing is sent at all
        self.bytes = 0
        self.is_complete = False
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
            self.is_complete = not message.get("more_body", False)
        await self._send(message)
