"""kill -9 at moments spread over the lives of several messages; counts what became of them."""

import itertools
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from backend.tests_processes.rig import Late, Order, Rig

IN_FLIGHT = 2
# Words that make each script its own, so that no sentence comes from the cache of another.
WORDS = "apples bridges candles dolphins evenings forests gardens harbours islands".split()  # noqa: SIM905


@dataclass
class Tally:
    """What a storm did and found."""

    victim: str
    moments: int = 0
    messages: int = 0
    ready: int = 0
    failed: int = 0
    interrupted: int = 0
    slowest_s: float = 0.0
    faults: list[str] = field(default_factory=list)

    def row(self) -> str:
        """Return the tally as a row of a Markdown table."""
        return (
            f"| {self.victim} | {self.moments} | {self.messages} | {self.ready} | {self.failed} | "
            f"{len(self.faults)} | {self.interrupted} | {self.slowest_s:.1f} |"
        )


HEADING = (
    "| killed with -9 | moments | messages | ready | failed with a reason | lost or doubled | "
    "killed at work | slowest batch (s) |\n|---|---|---|---|---|---|---|---|"
)


class Storm:
    """Batches of messages, each with one kill somewhere in its life."""

    def __init__(self, rig: Rig, seed: int, in_flight: int = IN_FLIGHT) -> None:
        self._rig = rig
        self._in_flight = in_flight
        self._chance = random.Random(seed)
        self._life_s = 0.0
        # Every other message in a voice of one's own: its profile is read while processes die.
        self._voices = itertools.cycle([rig.own_voice(), rig.base_voice("en")])

    def measure_life(self) -> float:
        """Let one batch live undisturbed, and return how long that took, in seconds."""
        started_s = time.monotonic()
        orders: list[Order] = []
        self._submit(self._scripts(), orders)
        for order in orders:
            message = self._rig.wait_until_over(order)
            assert message["state"] == "ready", message
        self._life_s = time.monotonic() - started_s
        return self._life_s

    def strike(self, victim: str, moments: int) -> Iterator[Tally]:
        """Kill `victim` once in each of `moments` batches; yield the tally after each."""
        tally = Tally(victim)
        for number in range(moments):
            # Spread evenly with a little chance, so that few moments reach every stage too.
            at = (number + self._chance.random()) / moments
            self._strike_once(tally, at * self._life_s)
            yield tally

    def engines_heard(self) -> set[str | None]:
        """Return the engines that spoke for messages that are ready."""
        return {
            engine
            for (engine,) in self._rig.rows("SELECT engine FROM messages WHERE state = 'ready'")
        }

    def _strike_once(self, tally: Tally, after_s: float) -> None:
        started_s = time.monotonic()
        orders: list[Order] = []
        submitting = threading.Thread(target=self._submit, args=(self._scripts(), orders))
        submitting.start()
        time.sleep(after_s)  # the moment itself, not a wait for anything
        tally.interrupted += sum(
            state not in ("ready", "failed") for (state,) in self._states(orders)
        )
        self._rig.kill(tally.victim)
        submitting.join()
        for order in orders:
            self._count(tally, order)
        tally.moments += 1
        tally.faults += self._unknown(orders)
        tally.slowest_s = max(tally.slowest_s, time.monotonic() - started_s)
        self._rig.wait_until_ready()

    def _submit(self, scripts: list[str], orders: list[Order]) -> None:
        for script in scripts:
            orders.append(self._rig.submit(script, voice=next(self._voices)))

    def _count(self, tally: Tally, order: Order) -> None:
        tally.messages += 1
        try:
            state = self._rig.wait_until_over(order)["state"]
        except Late as late:
            tally.faults.append(f"{order.message_id} lost: {late}")
            return
        tally.ready += state == "ready"
        tally.failed += state == "failed"
        tally.faults += [f"{order.message_id}: {fault}" for fault in self._rig.faults_of(order)]

    def _states(self, orders: list[Order]) -> list[tuple[str]]:
        ids = [order.message_id for order in orders]
        return self._rig.rows("SELECT state FROM messages WHERE id IN :ids", ids=ids)

    def _unknown(self, orders: list[Order]) -> list[str]:
        """Find messages at work that nobody ordered: an order that was carried out twice."""
        known = {order.message_id for order in orders}
        at_work = self._rig.rows(
            "SELECT id FROM messages WHERE state IN ('queued', 'speaking', 'composing')"
        )
        return [f"{i} works on unasked" for (i,) in at_work if i not in known]

    def _scripts(self) -> list[str]:
        return [self._script() for _ in range(self._in_flight)]

    def _script(self) -> str:
        one, two = self._chance.sample(WORDS, 2)
        count = self._chance.randrange(20, 9000)
        return f"Hello! I saw {count} {one}. They like the {two}."
