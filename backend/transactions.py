"""Where the work of a request is done: in one thread, together with the end of its transaction.

Each change of threads costs as much as a query, and between two of them a transaction that writes
would keep all others waiting.
"""

import functools
import inspect
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session

# A session's `info` has it where more is to be written after the handler, in its transaction.
STAYS_OPEN = "stays_open"


async def run_now(work: Callable[..., object], *arguments: Any) -> None:
    """Do the rest of an open transaction in a thread of its own.

    In the pool all threads may be taken, by those who wait for this very transaction to end.
    """
    await to_thread.run_sync(work, *arguments, limiter=CapacityLimiter(1))


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class OneThreadRoute(APIRoute):
    """A route whose plain function runs in a thread that ends its transaction as well."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **named: Any) -> None:
        super().__init__(path, in_one_thread(endpoint), **named)
        for told in _told(self.dependant):
            self.openapi_extra = told | (self.openapi_extra or {})

    def get_route_handler(self) -> Handler:
        """Return the handler behind which no transaction stays open."""
        return _ending_transaction(self.transaction_handler())

    def transaction_handler(self) -> Handler:
        """Return what is done in the request's transaction."""
        return super().get_route_handler()


def _ending_transaction(handle: Handler) -> Handler:
    """Commit what `handle` left open before its answer is sent, or undo it where there is none.

    A dependency that yields would do the same, and cost every request more than this.
    """

    async def handle_and_end(request: Request) -> Response:
        try:
            response = await handle(request)
            await _end(request, Session.commit)
        finally:
            await _end(request, Session.rollback)
        return response

    return handle_and_end


async def _end(request: Request, end: Callable[[Session], None]) -> None:
    session: Session | None = getattr(request.state, "session", None)
    if session is not None and session.in_transaction():
        await run_now(end, session)


def _told(dependant: Dependant) -> Iterator[dict[str, Any]]:
    """Yield what dependencies say of who may call and of the query, where they do so themselves."""
    for inner in dependant.dependencies:
        for name in ("security", "parameters"):
            if hasattr(inner.call, name):
                yield {name: getattr(inner.call, name)}
        yield from _told(inner)


def in_one_thread(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Return a coroutine function that does what `endpoint` does; of a coroutine, itself."""
    if inspect.iscoroutinefunction(endpoint):
        return endpoint

    @functools.wraps(endpoint)
    async def answer(**named: Any) -> Any:
        return await run_in_threadpool(_answer_and_commit, endpoint, named)

    return answer


def _answer_and_commit(endpoint: Callable[..., Any], named: dict[str, Any]) -> Any:
    answer = endpoint(**named)
    session = named.get("session")
    if isinstance(session, Session) and not session.info.get(STAYS_OPEN):
        session.commit()
    return answer
