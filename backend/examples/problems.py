"""What is refused most often, made by the very problems, and which operations refuse so."""

from typing import Any

from backend.api_keys.access import KeyMissing, ScopeMissing
from backend.api_keys.scopes import Scope
from backend.examples.messages import DRAFT
from backend.examples.shape import ProblemExample
from backend.idempotency.service import HEADER, WriteAtWork
from backend.problems import (
    Changed,
    FieldError,
    Invalid,
    NotFound,
    RateLimited,
    Unauthorized,
)

Operation = dict[str, Any]


def _opens_by(scheme: str, operation: Operation) -> bool:
    return any(scheme in way for way in operation.get("security", []))


def _takes(kind: str, operation: Operation, name: str | None = None) -> bool:
    return any(
        one["in"] == kind and name in (None, one["name"]) for one in operation.get("parameters", [])
    )


def _takes_input(operation: Operation) -> bool:
    return "requestBody" in operation or _takes("query", operation)


def _is_open_write(operation: Operation) -> bool:
    return "requestBody" in operation and not operation.get("security")


_TOO_LONG = FieldError(
    "title",
    "string_too_long",
    "String should have at most 200 characters",
    "Shorten it to 200 characters.",
)

PROBLEMS = (
    ProblemExample(Unauthorized("Sign in first."), lambda told: _opens_by("session", told)),
    ProblemExample(
        KeyMissing("Send one as the header `Authorization: Bearer vm_…`."),
        lambda told: _opens_by("apiKey", told) and not _opens_by("session", told),
    ),
    ProblemExample(ScopeMissing(Scope.MESSAGES_WRITE), lambda told: _opens_by("apiKey", told)),
    ProblemExample(
        NotFound.named("message_id", "There is no such message."),
        lambda told: _takes("path", told),
    ),
    ProblemExample(WriteAtWork.told(), lambda told: _takes("header", told, HEADER)),
    ProblemExample(
        Changed.since(f'"{DRAFT["revision"]}"'), lambda told: _takes("header", told, "if-match")
    ),
    ProblemExample(Invalid("Please check: title.", [_TOO_LONG]), _takes_input),
    ProblemExample(
        RateLimited("Wait a minute and try again.", retry_after_s=60),
        lambda told: _opens_by("apiKey", told) or _is_open_write(told),
    ),
)
