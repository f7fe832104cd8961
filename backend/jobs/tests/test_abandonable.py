"""A call that hangs can be walked away from."""

import threading

import pytest

from backend.jobs.abandonable import Abandoned, call_abandonable


def test_it_returns_the_result_or_raises_the_error() -> None:
    assert call_abandonable(lambda: 7, lambda: False, lambda _s: None) == 7
    with pytest.raises(ZeroDivisionError):
        call_abandonable(lambda: 1 / 0, lambda: False, lambda _s: None)


def test_it_walks_away_from_a_call_that_hangs() -> None:
    release = threading.Event()
    waits: list[float] = []
    try:
        with pytest.raises(Abandoned):
            call_abandonable(release.wait, lambda: len(waits) >= 3, waits.append, poll_s=0.01)
    finally:
        release.set()
    assert waits == sorted(waits)
