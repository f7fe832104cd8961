"""The backend's error tree: each problem carries its status, and is told as RFC 9457.

Services raise, routes never catch. What is not a `Problem` becomes a 500 with a trace id and
no text: the text may hold what a user wrote.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of the request, and what would mend it.

    sentence, at: where it is a single place of a script, counted from 1 in its sentence
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
    """Something to tell the caller; subclasses name status, code and title."""

    status = 500
    code = "internal"
    title = "Something went wrong on our side"

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)

    def rename_fields(self, names: Mapping[str, str]) -> None:
        """Name the caller's own fields where the service that was asked names its own."""
        self.errors = tuple(
            replace(error, field=names.get(error.field, error.field)) for error in self.errors
        )

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

    def headers(self) -> dict[str, str]:
        """Return the headers that go with the document."""
        return {}


class FieldErrorBody(BaseModel):
    """One entry of a problem's `errors`; `sentence` and `at` where it is a place of a script."""

    field: str
    code: str
    message: str
    fix: str
    sentence: str | None = None
    at: int | None = None


class ProblemBody(BaseModel):
    """RFC 9457 problem document, as the OpenAPI tells it."""

    type: str
    code: str
    title: str
    status: int
    detail: str
    errors: list[FieldErrorBody] = []
    trace_id: str | None = None


class Invalid(Problem):
    """422: a field of the request cannot be taken as it is."""

    status = 422
    code = "validation"
    title = "Please check what was sent"

    @classmethod
    def field(cls, field: str, code: str, message: str, fix: str) -> "Invalid":
        """Return the problem of one field; its code becomes the document's own."""
        problem = cls(f"{message} {fix}", [FieldError(field, code, message, fix)])
        problem.code = code
        return problem


class NotFound(Problem):
    """404: no such thing, or not yours; the two look the same."""

    status = 404
    code = "not_found"
    title = "Not found"

    @classmethod
    def named(cls, field: str, detail: str) -> "NotFound":
        """Return the problem of an id that leads nowhere, or to somebody else's."""
        fix = "Check the id: it may have been deleted, or be another account's."
        return cls(detail, [FieldError(field, cls.code, detail, fix)])


class Unauthorized(Problem):
    """401: nobody is signed in."""

    status = 401
    code = "unauthorized"
    title = "Please sign in"


class WrongCredentials(Unauthorized):
    """401: the e-mail or the password is wrong; which of them is not told."""

    code = "wrong_credentials"
    title = "The e-mail or the password is wrong"

    @classmethod
    def told(cls) -> "WrongCredentials":
        """Return it, the same whether the address is known or not."""
        fix = "Check both and try again."
        return cls(fix, [FieldError("password", cls.code, f"{cls.title}.", fix)])


class Forbidden(Problem):
    """403: the request may not be made from there."""

    status = 403
    code = "origin_forbidden"
    title = "Not allowed from here"


class Conflict(Problem):
    """409: not possible in the present state."""

    status = 409
    code = "conflict_state"
    title = "Not possible right now"


class Changed(Problem):
    """412: what is to be changed is not any more what the caller has seen."""

    status = 412
    code = "draft_changed"
    title = "Changed elsewhere meanwhile"

    @classmethod
    def since(cls, revision: str) -> "Changed":
        """Return the problem of an If-Match that the present `revision` does not fit."""
        message = f"It was changed meanwhile: it is now {revision}."
        fix = "Get it again, take over what was changed, and send its ETag as If-Match."
        return cls(f"{message} {fix}", [FieldError("If-Match", cls.code, message, fix)])


class TooLarge(Problem):
    """413: more bytes than are taken."""

    status = 413
    code = "media_too_large"
    title = "Too large"

    @classmethod
    def field(cls, field: str, code: str, message: str, fix: str) -> "TooLarge":
        """Return the problem of one field; its code becomes the document's own."""
        problem = cls(f"{message} {fix}", [FieldError(field, code, message, fix)])
        problem.code = code
        return problem


class RateLimited(Problem):
    """429: too often; `retry_after_s` says when again."""

    status = 429
    code = "rate_limited"
    title = "Too many tries"

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s

    def headers(self) -> dict[str, str]:
        """Say when again."""
        return {"Retry-After": str(self.retry_after_s)}


class Unavailable(Problem):
    """503: a part that is needed does not answer; worth another try."""

    status = 503
    code = "unavailable"
    title = "Not available right now"
    retry_after_s = 5

    def headers(self) -> dict[str, str]:
        """Say when another try is worth it."""
        return {"Retry-After": str(self.retry_after_s)}


def answer(problem: Problem, path: str = "") -> JSONResponse:
    """Return the problem as a response to a call of `path`."""
    body = problem.body()
    if path.startswith("/v1/"):
        body |= _openai_words(problem)
    return JSONResponse(body, problem.status, problem.headers(), MEDIA_TYPE)


def _openai_words(problem: Problem) -> dict[str, Any]:
    """Return the members from which OpenAI's clients make the text of their exceptions."""
    field = problem.errors[0].field if problem.errors else None
    return {"message": problem.detail, "param": field}


class _Http(Problem):
    """A framework's own refusal (404 of an unknown path, 405, …) in our shape."""

    _codes: ClassVar[dict[int, str]] = {
        404: "not_found",
        405: "method_not_allowed",
        413: "media_too_large",
    }

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = self._codes.get(status, "http")
        self.title = detail


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of `app` a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(DataError, _on_unstorable)


async def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this class
    return answer(error, request.url.path)


async def _on_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    fields = [
        FieldError(_field_name(item), item["type"], item["msg"], _fix(item))
        for item in error.errors()
    ]
    names = ", ".join(dict.fromkeys(item.field for item in fields))
    return answer(Invalid(f"Please check: {names}.", fields), request.url.path)


# What mends each of pydantic's complaints; braces take its limits.
_FIXES = {
    "missing": "Send this field too.",
    "extra_forbidden": "Leave this field out.",
    "json_invalid": "Send valid JSON.",
    "string_too_long": "Shorten it to {max_length:,} characters.",
    "string_too_short": "Send {min_length:,} or more characters.",
    "too_long": "Send no more than {max_length:,} items.",
    "too_short": "Send {min_length:,} or more items.",
    "greater_than": "Send more than {gt}.",
    "greater_than_equal": "Send {ge} or more.",
    "less_than": "Send less than {lt}.",
    "less_than_equal": "Send {le} or less.",
    "enum": "Send one of {expected}.",
    "literal_error": "Send one of {expected}.",
    "string_pattern_mismatch": "Send a value of the form {pattern}.",
    "string_type": "Send text.",
    "int_type": "Send a whole number.",
    "int_parsing": "Send a whole number.",
    "int_from_float": "Send a whole number.",
    "float_type": "Send a number.",
    "float_parsing": "Send a number.",
    "finite_number": "Send a number that is not infinite.",
    "bool_type": "Send true or false.",
    "bool_parsing": "Send true or false.",
    "list_type": "Send a list.",
    "dict_type": "Send an object.",
    "model_attributes_type": "Send an object.",
    "datetime_type": "Send a time such as 2026-11-24T12:00:00Z.",
    "datetime_parsing": "Send a time such as 2026-11-24T12:00:00Z.",
    "datetime_from_date_parsing": "Send a time such as 2026-11-24T12:00:00Z.",
    "url_parsing": "Send an address such as https://example.com.",
    "url_scheme": "Send an address that begins with https://.",
    "url_too_long": "Send an address of at most {max_length:,} characters.",
    "email_invalid": "Write one address, like name@example.com.",
    "url_user": "Leave out what stands before the @.",
    "moment_far": "Send a time within the years 1 to 9999.",
    "timezone_aware": "Send a time with its zone, such as 2026-11-24T12:00:00Z.",
}


def _fix(item: Mapping[str, Any]) -> str:
    return _FIXES.get(item["type"], "Send a value that fits.").format(**item.get("ctx", {}))


def _field_name(item: Mapping[str, Any]) -> str:
    """Return the dotted path below `body`, `query`, `path`: what a form can point at."""
    location: Sequence[int | str] = item["loc"]
    if item["type"] == "json_invalid":  # pydantic points at a character, which is no field
        return str(location[0])
    return ".".join(str(part) for part in location[1:]) or str(location[0])


async def _on_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    response = answer(_Http(error.status_code, str(error.detail)))
    response.headers.update(error.headers or {})
    return response


async def _on_unstorable(_request: Request, _error: Exception) -> JSONResponse:
    # PostgreSQL takes no NUL character, not even in an id that is only looked for.
    return answer(Invalid("A value holds characters that can't be stored."))


def answer_unexpected(error: Exception, request_id: str) -> JSONResponse:
    """Return a 500 without the error's text, and note where it happened under the request's id."""
    note_unexpected(error, request_id)
    body = Problem("The error is noted under this trace id.").body() | {"trace_id": request_id}
    return JSONResponse(body, 500, media_type=MEDIA_TYPE)


def note_unexpected(error: Exception, request_id: str) -> None:
    """Log where `error` happened, under the id of the request."""
    # The message may quote a row or a script: only where it happened is logged.
    logger.error("unexpected %s, trace %s at %s", type(error).__name__, request_id, _where(error))


def _where(error: BaseException) -> str:
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return " < ".join(reversed(frames[-6:]))
