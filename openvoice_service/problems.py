"""The service's error tree: each problem carries its status, and is told as RFC 9457.

What is not a `Problem` becomes a 500 with a trace id and no text: the text may hold a script.
"""

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from openvoice_service.device import Abandoned
from openvoice_service.markup import MarkupError

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of the request, and what would mend it.

    sentence, at: of a text in which it is a single place, counted from 1 in the sentence
    """

    field: str
    code: str
    message: str
    fix: str
    sentence: str | None = None
    at: int | None = None

    def body(self) -> dict[str, str | int]:
        """Return the entry as the document tells it."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class Problem(Exception):
    """Something to tell the caller."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def of_sentence(self, sentence: str) -> None:
        """Name the sentence that it is about."""
        self.errors = tuple(replace(error, sentence=sentence) for error in self.errors)

    def body(self) -> dict[str, Any]:
        """Return the problem document."""
        return {
            "type": f"/problems/{self.code}",
            "code": self.code,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": [error.body() for error in self.errors],
        }


def invalid(field: str, code: str, message: str, fix: str, status: int = 422) -> Problem:
    """Return the problem of one field."""
    error = FieldError(field, code, message, fix)
    return Problem(status, code, "Please check what was sent", f"{message} {fix}", [error])


def markup_refused(error: MarkupError, field: str = "input") -> Problem:
    """Return the problem of a sign in a text that cannot be followed."""
    place = FieldError(field, error.code, error.message, error.fix, error.sentence, error.at)
    detail = f"{error.message} {error.fix}"
    return Problem(422, error.code, "Please check what was sent", detail, [place])


def not_found(what: str) -> Problem:
    """Return a 404."""
    return Problem(404, "not_found", "Not found", f"There is no such {what}.")


def unauthorized() -> Problem:
    """Return a 401."""
    return Problem(401, "unauthorized", "Not authorised", "Send the service's bearer token.")


def unavailable(detail: str) -> Problem:
    """Return a 503."""
    return Problem(503, "speech_unavailable", "Not available right now", detail)


def voicevox_unavailable(reason: str, field: str = "voice") -> Problem:
    """Return a 503: the VOICEVOX engine does not speak now; the other voices do."""
    error = FieldError(field, "voicevox_unavailable", reason, "Try again, or choose another voice.")
    title = "VOICEVOX is not available right now"
    return Problem(503, error.code, title, f"{error.message} {error.fix}", [error])


def queue_full(retry_after_s: int) -> Problem:
    """Return a 429: as many requests as may are at work or waiting."""
    detail = f"Too many requests are waiting. Try again in {retry_after_s} s."
    headers = {"Retry-After": str(retry_after_s)}
    return Problem(429, "queue_full", "The queue is full", detail, headers=headers)


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of `app` a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(Abandoned, _on_abandoned)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unexpected)


def _answer(problem: Problem) -> JSONResponse:
    return JSONResponse(problem.body(), problem.status, problem.headers, media_type=MEDIA_TYPE)


async def _on_problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this class
    return _answer(error)


async def _on_abandoned(_request: Request, _error: Exception) -> JSONResponse:
    # Nobody hears it; the log does. 499 is nginx's number for a client that went away.
    return _answer(Problem(499, "client_gone", "The client went away", "Nobody waits for this."))


async def _on_validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    fields = [
        FieldError(_field_name(item["loc"]), item["type"], item["msg"], "Send a value that fits.")
        for item in error.errors()
    ]
    names = ", ".join(dict.fromkeys(item.field for item in fields))
    detail = f"Please check: {names}."
    return _answer(Problem(422, "validation", "Please check what was sent", detail, fields))


def _field_name(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location[1:]) or str(location[0])


async def _on_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http")
    return _answer(Problem(error.status_code, code, str(error.detail), str(error.detail)))


async def _on_unexpected(_request: Request, error: Exception) -> JSONResponse:
    trace_id = uuid.uuid4().hex
    # The message may quote a script: only where it happened is logged.
    trace, last = error.__traceback__, None
    while trace is not None:
        last, trace = trace, trace.tb_next
    where = f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last else "nowhere"
    logger.error("unexpected %s, trace %s at %s", type(error).__name__, trace_id, where)
    detail = "The error is noted under this trace id."
    problem = Problem(500, "internal", "Something went wrong on our side", detail)
    return JSONResponse(problem.body() | {"trace_id": trace_id}, 500, media_type=MEDIA_TYPE)
