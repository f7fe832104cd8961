"""The API's description (OpenAPI 3.1) where it says more than FastAPI finds out by itself."""

from typing import Any

from fastapi import FastAPI

from backend.examples.shape import Examples
from backend.examples.showing import operations, show_examples
from backend.problems import MEDIA_TYPE

_PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}
PROBLEM_RESPONSE: dict[str, Any] = {
    "description": "A problem document names what to mend",
    "content": {MEDIA_TYPE: {"schema": _PROBLEM}},
}
# For routes that people open in a browser: what is refused, is refused in words.
TOLD_AS_A_PAGE: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "A page that says why", "content": {"text/html": {}}}
}
NOT_NOW: dict[str, Any] = PROBLEM_RESPONSE | {
    "description": "A part that is needed does not answer; `Retry-After` says when to try again"
}
# FastAPI's own shape of a refusal, which nobody is ever sent.
_NEVER_SENT = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI, examples: Examples) -> None:
    """Make `app` describe its problems as they are sent, and show what its bodies look like."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(plain())
            show_examples(app.openapi_schema, examples)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _described(document: dict[str, Any]) -> dict[str, Any]:
    for operation in operations(document["paths"] | document.get("webhooks", {})):
        answers = operation["responses"]
        if _is_never_sent(answers.get("422", {})):
            del answers["422"]
    for operation in operations(document["paths"]):
        answers = operation["responses"]
        for answer in answers.values():
            _tell_problem(answer)
        told = answers.get("4XX", {})
        contents = told.get("content", {}) | PROBLEM_RESPONSE["content"]
        answers["4XX"] = PROBLEM_RESPONSE | told | {"content": contents}
        if operation.get("security"):
            answers["503"] = NOT_NOW
    for name in _NEVER_SENT:
        document["components"]["schemas"].pop(name, None)
    return document


def _is_never_sent(answer: dict[str, Any]) -> bool:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).endswith(_NEVER_SENT)


def _tell_problem(answer: dict[str, Any]) -> None:
    """Name the media type of a problem that FastAPI takes for one of the route's own answers."""
    content = answer.get("content", {})
    for kind in [kind for kind, told in content.items() if told.get("schema") == _PROBLEM]:
        content[MEDIA_TYPE] = content.pop(kind)
