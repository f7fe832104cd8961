"""Programs side by side: all of them end with the first that fails, or with a cancel."""

import threading
from collections.abc import Callable
from functools import partial

import pytest

from backend.media.crew import Crew

LONG_S = 20.0


def until_stopped(begun: threading.Event, ended: list[str]) -> Callable[..., None]:
    """Return a work that goes on until it is told to stop."""

    def work(is_stopped: Callable[[], bool]) -> None:
        begun.set()
        deadline = threading.Event()
        while not is_stopped():
            deadline.wait(0.01)
        ended.append("stopped")

    return work


def answer(number: int, _is_stopped: Callable[[], bool]) -> int:
    return number


def test_what_is_begun_is_done_when_the_crew_has_finished() -> None:
    with Crew(lambda: False) as crew:
        begun = [crew.begin(partial(answer, number)) for number in range(20)]
        crew.finish()
        assert [one.result() for one in begun] == list(range(20))


def test_the_first_failure_ends_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    begun, ended, late = threading.Event(), list[str](), list[str]()

    def failing(_: Callable[[], bool]) -> None:
        assert begun.wait(LONG_S)
        raise ValueError("the encoder broke")

    with Crew(lambda: False) as crew:
        crew.begin(until_stopped(begun, ended))
        crew.begin(failing)
        for _ in range(50):
            crew.begin(until_stopped(threading.Event(), late))
        with pytest.raises(ValueError, match="the encoder broke"):
            crew.finish()
    assert ended == ["stopped"]
    assert len(late) < 3, "what had not begun does not begin"


def test_a_cancel_reaches_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    cancelled, ended = threading.Event(), list[str]()
    begun = [threading.Event(), threading.Event()]
    with Crew(cancelled.is_set) as crew:
        for one in begun:
            crew.begin(until_stopped(one, ended))
        assert all(one.wait(LONG_S) for one in begun)
        cancelled.set()
        crew.finish()
    assert ended == ["stopped", "stopped"]
