"""kill -9 of each process while several messages are at work: none lost, none done twice."""

import os

import pytest

from backend.tests_processes.rig import VICTIMS, Rig
from backend.tests_processes.storm import IN_FLIGHT, Storm

MOMENTS = int(os.environ.get("KILL_MOMENTS", "2"))
SEED = 20_260


@pytest.fixture(scope="module")
def storm(rig: Rig) -> Storm:
    storm = Storm(rig, SEED)
    storm.measure_life()
    return storm


@pytest.mark.parametrize("victim", VICTIMS)
def test_every_message_survives_a_kill(storm: Storm, victim: str) -> None:
    tally = list(storm.strike(victim, MOMENTS))[-1]
    assert tally.faults == []
    assert tally.messages == MOMENTS * IN_FLIGHT
    assert tally.ready + tally.failed == tally.messages
    # Else nothing was killed at work, or nothing survived it.
    assert tally.interrupted > 0
    assert tally.ready > 0
    # A voice of one's own is spoken by the engine; a base voice is not.
    assert storm.engines_heard() == {"world", None}
