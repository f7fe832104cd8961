"""Threads that work in rounds: an error ends a round and no more, and stopping is heeded."""

import logging
import threading

import pytest

from backend.rounds import InRounds

WAITED_S = 10


class Stumbling(InRounds):
    """Fails in its first round, and says when it has done more."""

    name, every_s = "stumbler", 0.0

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.is_on_its_way = threading.Event()

    def prepare(self) -> None:
        self.done.append("prepared")
        raise ValueError("a row of somebody's")

    def do_round(self) -> None:
        self.done.append("round")
        if len(self.done) == 2:
            raise ValueError("a row of somebody's")
        self.is_on_its_way.set()


def test_an_error_ends_no_more_than_a_round_and_its_text_stays_out_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stumbling = Stumbling()
    with caplog.at_level(logging.DEBUG):
        stumbling.start()
        assert stumbling.is_on_its_way.wait(WAITED_S)
        stumbling.stop()
    assert stumbling.done[:3] == ["prepared", "round", "round"]
    assert caplog.text.count("the stumbler stumbled: ValueError") == 2
    assert "somebody" not in caplog.text
    ended = len(stumbling.done)
    assert stumbling.is_stopping
    assert not any(thread.name.startswith("stumbler") for thread in threading.enumerate())
    assert len(stumbling.done) == ended


def test_what_never_began_is_stopped_all_the_same() -> None:
    Stumbling().stop()
