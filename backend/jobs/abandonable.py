"""Calls that may be walked away from: a blocked network call must not hold up a cancel."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

ResultT = TypeVar("ResultT")


class Abandoned(Exception):
    """The caller did not wait for the result any longer."""


class _Outcome(Generic[ResultT]):
    result: ResultT
    error: BaseException | None = None


def call_abandonable(
    call: Callable[[], ResultT],
    is_abandoned: Callable[[], bool],
    on_wait: Callable[[float], None],
    poll_s: float = 0.25,
) -> ResultT:
    """Return `call()`, run in a thread of its own, or raise Abandoned once `is_abandoned()`.

    on_wait: called with the seconds waited so far, about every `poll_s`
    The abandoned call runs on until its own timeout, and its result is dropped.
    """
    outcome: _Outcome[ResultT] = _Outcome()
    finished = threading.Event()

    def run() -> None:
        try:
            outcome.result = call()
        except BaseException as error:
            outcome.error = error
        finally:
            finished.set()

    threading.Thread(target=run, name="abandonable", daemon=True).start()
    waited_s = 0.0
    while not finished.wait(poll_s):
        waited_s += poll_s
        if is_abandoned():
            raise Abandoned
        on_wait(waited_s)
    if outcome.error is not None:
        raise outcome.error
    return outcome.result
