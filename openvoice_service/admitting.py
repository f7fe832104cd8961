"""Who is let in: decided on the event loop, before any thread is taken.

Fifty requests at once must not fill the threads that the rest of the service answers with. So a
request holds a place before it works, works on threads of its own kind, and gives its place back
when it has been answered in full or its client has hung up.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar

import anyio.to_thread
from fastapi import Depends, Request

from openvoice_service.device import Abandoned, Admission, QueueFull, Turn
from openvoice_service.engines import EngineUnavailable
from openvoice_service.problems import queue_full, unavailable
from openvoice_service.residency import Residency

T = TypeVar("T")


class Admitted:
    """One request that has a place: its turn at the device, and the threads it may work on."""

    def __init__(self, turn: Turn, residency: Residency, threads: anyio.CapacityLimiter) -> None:
        self.turn = turn
        self._residency = residency
        self._threads = threads

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, on a thread, with the engine loaded; raises likewise."""
        return await anyio.to_thread.run_sync(self._loaded(work), limiter=self._threads)

    async def each(self, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
        """Yield the pieces, each made on a thread; ends early where the client has hung up."""
        try:
            while (piece := await self.run(lambda: next(pieces, None))) is not None:
                yield piece
        except Abandoned:
            return

    def _loaded(self, work: Callable[[], T]) -> Callable[[], T]:
        def run() -> T:
            try:
                self._residency.load()
            except EngineUnavailable as reason:
                raise unavailable(str(reason)) from reason
            return work()

        return run


async def _admit(request: Request) -> AsyncIterator[Admitted]:
    """Give the request a place, or answer 429 at once."""
    state = request.app.state
    admission: Admission = state.admission
    try:
        place = admission.place()
        place.__enter__()
    except QueueFull as full:
        raise queue_full(full.retry_after_s) from full
    turn = request.state.turn = Turn()
    try:
        async with _watching(request, turn):
            yield Admitted(turn, state.residency, state.threads)
    finally:
        place.__exit__(None, None, None)


@asynccontextmanager
async def _watching(request: Request, turn: Turn) -> AsyncIterator[None]:
    watcher = asyncio.create_task(_abandon_when_gone(request, turn))
    try:
        yield
    finally:
        watcher.cancel()


async def _abandon_when_gone(request: Request, turn: Turn) -> None:
    # The body has been read before: the next message can only be that the client is gone.
    while (await request.receive())["type"] != "http.disconnect":
        pass
    turn.abandon()


AdmittedDep = Annotated[Admitted, Depends(_admit)]
