"""What the API refuses, as exceptions that name the field and what mends it."""

from typing import Any

import httpx


class ApiProblem(Exception):
    """A problem document (RFC 9457). As text it is the sentence to show.

    code:       stable, for programs: `validation`, `not_found`, `rate_limited`, …
    errors:     what is wrong with which field, each with `field`, `code`, `message` and `fix`
    request_id: what the server's log calls the request
    """

    def __init__(self, status: int, body: dict[str, Any], request_id: str | None = None) -> None:
        self.status = status
        self.code = str(body.get("code", "internal"))
        self.errors: list[dict[str, Any]] = body.get("errors") or []
        self.request_id = request_id
        lines = [f"{e['field']}: {e['message']} {e['fix']}" for e in self.errors]
        super().__init__("\n".join(lines) or str(body.get("detail") or body.get("title")))


class ConnectionProblem(Exception):
    """The server could not be reached, or did not answer in time."""


def raise_for_problem(response: httpx.Response) -> None:
    """Raise ApiProblem for an answer that is none; its body has to be read already."""
    if response.is_success:
        return
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        body = {"detail": f"The server answered with status {response.status_code}."}
    raise ApiProblem(response.status_code, body, response.headers.get("x-request-id"))
