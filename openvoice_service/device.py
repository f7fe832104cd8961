"""Who gets the device when: one thread owns it, and requests take turns piece by piece.

A network on one GPU (or on all cores of a CPU) gains nothing from two requests at once, and loses
memory. So one thread computes; whoever wants something computed hands over pieces of at most about
a second. Between two pieces an interactive request goes before a bulk one, and the work of a client
that hung up is dropped.
"""

from __future__ import annotations

import math
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

INTERACTIVE = 0
BULK = 1
# Longer than a thread takes to come back with its next piece, and short beside a piece of work.
LINGER_S = 0.03
# Before the first request has ended nothing is known about how long one takes.
_FIRST_RETRY_S = 2
_MAX_RETRY_S = 60


# Bulk work that interactive work has kept waiting for this much of the device's time gets a piece,
# and over a busy while this share of the device: it must end some day, its clients have time-outs.
BULK_WAITS_S = 1.0
BULK_SHARE = 0.25

_Piece = tuple[Future[Any], Callable[[], Any]]


class Abandoned(Exception):
    """Nobody waits for this any longer: the client hung up, or the service is closing."""


class QueueFull(Exception):
    """As many requests as may are at work or waiting; worth another try in `retry_after_s`."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"the queue is full, try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class Turn:
    """One request's claim on the device; may be given up from any thread.

    priority: INTERACTIVE goes before BULK
    waited_s: how long its pieces have waited for the device so far, in seconds
    """

    def __init__(self, priority: int = INTERACTIVE) -> None:
        self.priority = priority
        self.waited_s = 0.0
        self._lock = threading.Lock()
        self._abandoned = False
        self._waiting: set[Future[Any]] = set()

    def abandon(self) -> None:
        """Give up: what waits is dropped, what runs ends with its present piece."""
        with self._lock:
            self._abandoned = True
            waiting = list(self._waiting)
        for future in waiting:
            future.cancel()

    def check(self) -> None:
        """Raise Abandoned where the turn has been given up."""
        if self._abandoned:
            raise Abandoned

    @contextmanager
    def awaiting(self, future: Future[Any]) -> Iterator[None]:
        """Let `abandon` cancel `future` meanwhile. Raises Abandoned."""
        with self._lock:
            self.check()
            self._waiting.add(future)
        try:
            yield
        finally:
            with self._lock:
                self._waiting.discard(future)


class DeviceWorker:
    """One thread that owns a device.

    linger_s: how long the device is kept for the next piece of whoever had it last, when only less
              urgent work waits; without it each piece of a sentence would wait for a bulk one
    """

    def __init__(
        self,
        name: str = "device",
        linger_s: float = LINGER_S,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._linger_s = linger_s
        self._clock = clock
        self._waiting: dict[int, deque[_Piece]] = {INTERACTIVE: deque(), BULK: deque()}
        self._owed_to_bulk_s = 0.0
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def run(self, turn: Turn | None, work: Callable[[], T]) -> T:
        """Return what `work` returns, run on the device's thread when its turn comes.

        turn:   None for work that nobody can abandon, interactive
        work:   a piece of at most about a second; longer ones make interactive requests wait
        raises: Abandoned, and whatever `work` raises
        """
        if threading.current_thread() is self._thread:  # a piece within a piece: it has its turn
            return work()
        claim = turn or Turn()
        future: Future[T] = Future()
        asked_s = time.perf_counter()

        def piece() -> T:
            claim.waited_s += time.perf_counter() - asked_s
            return work()

        with claim.awaiting(future):
            self._enqueue(claim.priority, future, piece)
            try:
                return future.result()
            except CancelledError as cancelled:
                raise Abandoned from cancelled

    @property
    def waiting(self) -> int:
        """Return how many pieces wait, the one at work not counted."""
        with self._changed:
            queues = self._waiting.values()
            return sum(not future.cancelled() for queue in queues for future, _ in queue)

    def close(self) -> None:
        """Drop what waits (Abandoned) and end after the present piece."""
        with self._changed:
            self._closed = True
            dropped = [piece for queue in self._waiting.values() for piece in queue]
            for queue in self._waiting.values():
                queue.clear()
            self._changed.notify_all()
        for future, _ in dropped:
            future.cancel()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _enqueue(self, priority: int, future: Future[Any], work: Callable[[], Any]) -> None:
        with self._changed:
            if self._closed:
                raise Abandoned
            self._waiting[priority].append((future, work))
            self._changed.notify_all()

    def _work(self) -> None:
        last = BULK
        while (chosen := self._next(last)) is not None:
            last, (future, work) = chosen
            began_s = self._clock()
            _carry_out(future, work)
            self._settle(last, self._clock() - began_s)
            # A result of many megabytes must not live until the next piece comes.
            del chosen, future, work

    def _next(self, last: int) -> tuple[int, _Piece] | None:
        """Return (priority, piece) after a piece of priority `last`; None when closed."""
        interactive, bulk = self._waiting[INTERACTIVE], self._waiting[BULK]
        with self._changed:
            if last == INTERACTIVE and bulk and not self._is_bulk_due:
                self._changed.wait_for(lambda: self._closed or interactive, self._linger_s)
            self._changed.wait_for(lambda: self._closed or interactive or bulk)
            if not (interactive or bulk):
                return None
            goes_bulk = bool(bulk) and (not interactive or self._is_bulk_due)
            priority = BULK if goes_bulk else INTERACTIVE
            return priority, self._waiting[priority].popleft()

    @property
    def _is_bulk_due(self) -> bool:
        return self._owed_to_bulk_s >= BULK_WAITS_S

    def _settle(self, priority: int, took_s: float) -> None:
        """Owe bulk what interactive work took while it waited; a due piece pays its share back."""
        with self._changed:
            if priority == INTERACTIVE and self._waiting[BULK]:
                self._owed_to_bulk_s += took_s
            elif priority == BULK and self._is_bulk_due:
                self._owed_to_bulk_s -= took_s / BULK_SHARE


def _carry_out(future: Future[Any], work: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # the caller's to handle, whatever it is
        future.set_exception(error)


class Admission:
    """Lets in a bounded number of whole requests, at work or waiting for the device.

    limit: how many; whoever comes beyond it is told when to come again instead of waiting unseen
    """

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._inside = 0
        self._ended_s: float | None = None
        self._recent_s: deque[float] = deque(maxlen=32)

    @property
    def inside(self) -> int:
        """Return how many requests are at work or waiting."""
        return self._inside

    @property
    def ended_s(self) -> float | None:
        """Return when a request ended last, by the clock given; None where none has."""
        return self._ended_s

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one place. Raises QueueFull at once where there is none."""
        with self._lock:
            if self._inside >= self._limit:
                raise QueueFull(self._retry_after_s())
            self._inside += 1
        entered_s = self._clock()
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                self._ended_s = self._clock()
                self._recent_s.append(self._ended_s - entered_s)

    def _retry_after_s(self) -> int:
        """Return about when those inside will have ended: what a request took of late, at most."""
        if not self._recent_s:
            return _FIRST_RETRY_S
        return min(max(math.ceil(statistics.median(self._recent_s)), 1), _MAX_RETRY_S)
