"""Several programs at work side by side, of which the first failure ends them all."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self, TypeVar

ResultT = TypeVar("ResultT")

# An encoder with the frames that are kept for it takes some 250 MB; more than four of them would
# be felt by whoever uses the machine.
_MOST_AT_ONCE = 4


class Crew:
    """Runs what it is given, as much at once as there are cores; `finish` waits for all of it.

    Each work is given a check that it has to ask now and then, and that says whether to stop.
    """

    def __init__(self, is_cancelled: Callable[[], bool]) -> None:
        self._is_cancelled = is_cancelled
        self._has_failed = threading.Event()
        self._pool = ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_AT_ONCE), "crew")
        self._begun: list[Future[object]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._has_failed.set()
        self._pool.shutdown(cancel_futures=True)

    def begin(self, work: Callable[[Callable[[], bool]], ResultT]) -> Future[ResultT]:
        """Begin `work` as soon as a place is free, in the order of the calls."""
        begun = self._pool.submit(work, self._is_stopped)
        self._begun.append(begun)  # type: ignore[arg-type]
        return begun

    def finish(self) -> None:
        """Wait until all is done. Raises what the first that failed raised; the rest is ended."""
        done, _ = wait(self._begun, return_when=FIRST_EXCEPTION)
        failed = [error for one in self._begun if one in done and (error := one.exception())]
        if failed:
            self._has_failed.set()
            raise failed[0]

    def _is_stopped(self) -> bool:
        return self._has_failed.is_set() or self._is_cancelled()
