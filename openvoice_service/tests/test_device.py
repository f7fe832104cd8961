"""Turns at the device: who comes first, who is dropped, and what comes back."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from openvoice_service.device import (
    BULK,
    INTERACTIVE,
    Abandoned,
    Admission,
    DeviceWorker,
    QueueFull,
    Turn,
)

PATIENCE_S = 10


class Busy:
    """A worker whose device is held until `release` is set, so that what comes must wait."""

    def __init__(self, **wishes: Any) -> None:
        self.worker = DeviceWorker(**wishes)
        self.release = threading.Event()
        self.pool = ThreadPoolExecutor(16)
        self.done: list[str] = []
        held = threading.Event()
        self.holding = self.pool.submit(self.worker.run, Turn(), lambda: self._hold(held))
        assert held.wait(PATIENCE_S)

    def _hold(self, held: threading.Event) -> None:
        held.set()
        assert self.release.wait(PATIENCE_S)

    def ask(self, name: str, turn: Turn) -> "Future[None]":
        """Hand over a piece that notes its name, and return once it waits."""
        return self.hand_over(turn, lambda: self.done.append(name))

    def hand_over(self, turn: Turn, work: Callable[[], None]) -> "Future[None]":
        """Return once `work` waits."""
        queues, before = self.worker._waiting.values(), self.worker.waiting
        asked = self.pool.submit(self.worker.run, turn, work)
        with self.worker._changed:
            assert self.worker._changed.wait_for(lambda: sum(map(len, queues)) > before, PATIENCE_S)
        return asked

    def close(self) -> None:
        self.release.set()
        self.worker.close()
        self.pool.shutdown()


@pytest.fixture
def busy() -> Iterator[Busy]:
    rig = Busy()
    yield rig
    rig.close()


def test_interactive_goes_before_bulk_and_equals_go_in_the_order_they_came(busy: Busy) -> None:
    asked = [
        busy.ask("bulk 1", Turn(BULK)),
        busy.ask("interactive 1", Turn(INTERACTIVE)),
        busy.ask("bulk 2", Turn(BULK)),
        busy.ask("interactive 2", Turn(INTERACTIVE)),
    ]
    busy.release.set()
    for future in asked:
        future.result(PATIENCE_S)
    assert busy.done == ["interactive 1", "interactive 2", "bulk 1", "bulk 2"]


def test_all_pieces_of_an_interactive_request_go_before_waiting_bulk() -> None:
    worker = DeviceWorker(linger_s=PATIENCE_S)
    bulk = Turn(BULK)
    done: list[str] = []
    with ThreadPoolExecutor(1) as pool:

        def first() -> "Future[None]":
            waiting = pool.submit(worker.run, bulk, lambda: done.append("bulk"))
            with worker._changed:
                assert worker._changed.wait_for(lambda: worker._waiting[BULK], PATIENCE_S)
            return waiting

        turn = Turn(INTERACTIVE)
        waiting = worker.run(turn, first)
        for number in (2, 3):  # the bulk piece has been waiting all the while
            worker.run(turn, partial(done.append, f"piece {number}"))
        bulk.abandon()
        worker.close()
        with pytest.raises(Abandoned):
            waiting.result(PATIENCE_S)
    assert done == ["piece 2", "piece 3"]


def test_bulk_comes_when_nothing_more_urgent_does(busy: Busy) -> None:
    waiting = busy.ask("bulk", Turn(BULK))
    busy.release.set()
    waiting.result(PATIENCE_S)
    assert busy.done == ["bulk"]


def test_waiting_work_of_an_abandoned_turn_is_dropped_at_once(busy: Busy) -> None:
    turn = Turn()
    dropped, kept = busy.ask("dropped", turn), busy.ask("kept", Turn())
    turn.abandon()
    with pytest.raises(Abandoned):
        dropped.result(PATIENCE_S)  # although the device is still held
    assert busy.worker.waiting == 1
    busy.release.set()
    kept.result(PATIENCE_S)
    assert busy.done == ["kept"]


def test_a_turn_abandoned_before_never_reaches_the_device(busy: Busy) -> None:
    turn = Turn()
    turn.abandon()
    with pytest.raises(Abandoned):
        turn.check()
    with pytest.raises(Abandoned):
        busy.worker.run(turn, lambda: busy.done.append("never"))
    assert (busy.worker.waiting, busy.done) == (0, [])


def test_an_exception_comes_back_and_the_device_goes_on(busy: Busy) -> None:
    busy.release.set()
    with pytest.raises(ZeroDivisionError):
        busy.worker.run(Turn(), lambda: 1 // 0)
    assert busy.worker.run(None, lambda: 7) == 7


def test_everything_runs_on_one_thread_and_a_piece_within_a_piece_does_not_hang(busy: Busy) -> None:
    busy.release.set()
    outer, inner = busy.worker.run(
        Turn(),
        lambda: (threading.get_ident(), busy.worker.run(Turn(), threading.get_ident)),
    )
    assert outer == inner == busy.worker.run(Turn(), threading.get_ident)
    assert outer != threading.get_ident()


def test_closing_drops_what_waits_and_refuses_what_comes(busy: Busy) -> None:
    waiting = busy.ask("waits", Turn())
    closing = busy.pool.submit(busy.worker.close)
    with pytest.raises(Abandoned):
        waiting.result(PATIENCE_S)
    busy.release.set()
    closing.result(PATIENCE_S)
    busy.holding.result(PATIENCE_S)
    with pytest.raises(Abandoned):
        busy.worker.run(Turn(), lambda: None)
    assert busy.done == []


def test_admission_refuses_beyond_its_limit_and_lets_in_again() -> None:
    admission = Admission(2)
    with admission.place():
        with admission.place(), pytest.raises(QueueFull) as refusal:
            admission.place().__enter__()
        assert refusal.value.retry_after_s >= 1
        with admission.place():
            assert admission.inside == 2
    assert admission.inside == 0


def test_a_failed_request_gives_its_place_back() -> None:
    admission = Admission(1)
    with pytest.raises(ZeroDivisionError), admission.place():
        raise ZeroDivisionError
    assert admission.inside == 0


@pytest.mark.parametrize(("took_s", "told_s"), [(0.01, 1), (4.2, 5), (3_600.0, 60)])
def test_the_wait_that_is_told_follows_what_requests_took(took_s: float, told_s: int) -> None:
    now = iter([0.0, took_s, took_s, took_s])
    admission = Admission(1, clock=lambda: next(now))
    with admission.place():
        pass
    with admission.place(), pytest.raises(QueueFull) as refusal:
        admission.place().__enter__()
    assert refusal.value.retry_after_s == told_s


def test_bulk_is_not_starved_by_interactive_work_without_end() -> None:
    """A piece after a second of it, then a quarter of the device."""
    now_s = 0.0
    busy = Busy(clock=lambda: now_s)

    def take_half_a_second(name: str) -> None:
        nonlocal now_s
        now_s += 0.5
        busy.done.append(name)

    asked = [
        busy.hand_over(Turn(INTERACTIVE), partial(take_half_a_second, "live")) for _ in range(10)
    ]
    asked += [busy.hand_over(Turn(BULK), partial(take_half_a_second, "bulk")) for _ in range(3)]
    busy.release.set()
    for one in asked:
        one.result(PATIENCE_S)
    gaps = "".join("b" if name == "bulk" else "l" for name in busy.done)
    assert gaps == "llbllllbllllb"
    busy.close()
