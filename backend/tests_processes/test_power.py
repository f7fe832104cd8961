"""The GPU lane played by a second process: woken, worked on, stopped, and killed at."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from backend.local.checks import find_free_ports
from backend.power.ledger import billed_seconds
from backend.power.models import GpuLane, LedgerEntry, SpeechJob
from backend.power.providers.process import ProcessProvider
from backend.power.providers.record import is_alive, read_record
from backend.power.setup import create_process_provider, power_of
from backend.power.situation import LaneState
from backend.tests_processes.rig import BACKEND, WORKER, Order, Rig, wait_until

ROOT = Path(__file__).parents[2]
BATCH = int(os.environ.get("POWER_BATCH", "5"))
MOMENTS = int(os.environ.get("POWER_KILL_MOMENTS", "2"))
SEED = 20_261
HEALS_WITHIN_S = 15.0
S = LaneState
# A short boot and a short rest: what waking is worth is reckoned with the plan's figures.
WISHES = {
    "POWER_PROVIDER": "process",
    "POWER_PROCESS_BOOT_S": "4",
    "POWER_ROUND_S": "0.5",
    "POWER_IDLE_S": "3",
    "POWER_INTENT_S": "15",
    "POWER_WAITING_USD_HOUR": "2",
    "SPEECH_ENGINE": "world",
}


class PowerRig(Rig):
    """A rig with a GPU lane, and what its database says of it."""

    def __init__(self, **wishes: str) -> None:
        (port,) = find_free_ports(1)
        super().__init__(**{**WISHES, "POWER_PROCESS_PORT": str(port), **wishes})

    @property
    def lane(self) -> GpuLane:
        with self._readers() as session:
            return session.get(GpuLane, "gpu") or GpuLane(state=S.STOPPED)

    @property
    def provider(self) -> ProcessProvider:
        made = create_process_provider(self.place.settings)
        assert isinstance(made, ProcessProvider)
        return made

    @property
    def machine_pid(self) -> int | None:
        process = read_record(self.folder / "run" / "gpu" / "machine.json").process
        return process.pid if process is not None and is_alive(process) else None

    def kill_machine(self) -> None:
        """kill -9 of all that runs on it."""
        pid = self.machine_pid
        assert pid is not None
        os.killpg(pid, signal.SIGKILL)

    def intend(self) -> None:
        self.insist(self.api.intend)

    def wait_for_lane(self, *states: LaneState, within_s: float = 60.0) -> None:
        wait_until(lambda: self.lane.state in states, f"the lane is {states}", within_s)

    def lane_of(self, order: Order) -> str | None:
        ((lane,),) = self.rows("SELECT lane FROM messages WHERE id = :id", id=order.message_id)
        return str(lane)

    def ledger(self) -> list[LedgerEntry]:
        with self._readers() as session:
            return list(session.scalars(sa.select(LedgerEntry).order_by(LedgerEntry.id)))

    def jobs_left(self) -> int:
        with self._readers() as session:
            return len(session.scalars(sa.select(SpeechJob)).all())

    def require_equal_books(self) -> None:
        """The ledger has each run of the provider once, to the second."""
        prices = power_of(self.place.settings).prices
        billed = [billed_seconds(run.since_s, run.until_s, prices) for run in self.provider.runs()]
        noted = [entry.billed_s for entry in self.ledger() if entry.kind == "stopped"]
        assert noted == billed
        assert len([e for e in self.ledger() if e.kind == "started"]) == len(billed)


@pytest.fixture
def power() -> Iterator[PowerRig]:
    with PowerRig() as rig:
        yield rig


def test_an_intent_wakes_it_the_cpu_works_meanwhile_and_idling_stops_it(power: PowerRig) -> None:
    power.intend()
    power.wait_for_lane(S.STARTING, S.BOOTING)
    meanwhile = power.submit("Good morning, dear guest.")
    assert power.wait_until_over(meanwhile)["state"] == "ready"
    assert power.lane_of(meanwhile) == "cpu"
    power.wait_for_lane(S.READY)
    warm = power.submit("Good evening, dear guest.")
    assert power.wait_until_over(warm)["state"] == "ready"
    assert power.lane_of(warm) == "gpu"
    power.wait_for_lane(S.STOPPED, within_s=150)
    assert power.machine_pid is None
    assert power.jobs_left() == 0
    power.require_equal_books()
    assert [entry.jobs for entry in power.ledger() if entry.kind == "stopped"] == [1]


def test_a_lane_that_dies_in_the_middle_loses_no_job(power: PowerRig) -> None:
    power.intend()
    power.wait_for_lane(S.READY)
    orders = [power.submit(f"Dear guest number {number}, welcome.") for number in range(4)]
    power.kill_machine()
    assert {power.wait_until_over(order)["state"] for order in orders} == {"ready"}
    assert power.jobs_left() == 0


def test_kills_of_backend_and_worker_heal_and_the_books_are_right(power: PowerRig) -> None:
    chance = random.Random(SEED)
    orders = []
    for moment in range(MOMENTS):
        power.intend()
        target = (S.STARTING, S.BOOTING, S.READY, S.DRAINING)[moment % 4]
        with suppress(AssertionError):  # a state may be over before it is seen
            power.wait_for_lane(target, within_s=8.0)
        orders.append(power.submit(f"Message number {moment} of the storm."))
        for victim in chance.sample((BACKEND, WORKER), k=chance.choice((1, 2))):
            power.kill(victim)
        power.wait_until_ready()
        wait_until(lambda: _is_true(power), "the lane is what the machine is", HEALS_WITHIN_S)
    assert {power.wait_until_over(order)["state"] for order in orders} == {"ready"}
    power.wait_for_lane(S.STOPPED, within_s=150)
    assert power.machine_pid is None
    assert power.jobs_left() == 0
    power.require_equal_books()


def _is_true(power: PowerRig) -> bool:
    """The lane's state is believed by a living leader, and fits what the machine is."""
    lane, lives = power.lane, power.machine_pid is not None
    is_led = lane.leader is not None and str(power.pid(BACKEND)) in lane.leader.split("-")
    on = {S.STARTING, S.BOOTING, S.READY, S.DRAINING, S.STOPPING}
    return is_led and lives == (lane.state in on)


def test_a_batch_is_drained_in_one_start_and_one_stop() -> None:
    # By the plan's rule ten jobs wait for ever, and for the GPU alone.
    with PowerRig(POWER_POLICY="plan") as power:
        orders = [
            power.submit(f"Dear guest {number}, welcome.", priority="bulk")
            for number in range(BATCH)
        ]
        batch = subprocess.run(
            [sys.executable, "-m", "backend.power", "batch", "--patience", "120"],
            env=dict(power.place.environment),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert (batch.returncode, batch.stderr) == (0, "")
        assert "Everything is spoken." in batch.stdout
        power.wait_for_lane(S.STOPPED)
        assert [entry.kind for entry in power.ledger()] == ["started", "stopped"]
        assert {power.wait_until_over(order)["state"] for order in orders} == {"ready"}
        assert {power.lane_of(order) for order in orders} == {"gpu"}
        power.require_equal_books()
