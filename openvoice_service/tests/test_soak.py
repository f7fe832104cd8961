"""The soak, shortened: one interactive client beside fifteen bulk ones."""

import sys
from pathlib import Path

import httpx
import pytest

from openvoice_service.serving import ServiceProcess
from openvoice_service.soak import LEAST_SNR_DB, Outcome, Soak, clone_a_voice

ENOUGH = 5


def heard_enough(outcome: Outcome) -> bool:
    return len(outcome.interactive) >= ENOUGH and len(outcome.bulk) > 0


def test_under_load_nothing_fails_and_everything_sounds_as_it_does_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ServiceProcess(tmp_path, SPEECH_TOKEN="soak", SPEECH_ENGINE="world") as service:
        soak = Soak(service.url, clone_a_voice(service.url))
        outcome = soak.run(ENOUGH, heard_enough)
        assert httpx.get(f"{service.url}/readyz").json()["ready"] is True
    with capsys.disabled():  # clocks are shown, never judged, in a test
        sys.stdout.write(f"\n{outcome.table()}\n")
    assert outcome.faults == []
    assert outcome.least_snr_db >= LEAST_SNR_DB
    assert len(outcome.interactive) >= ENOUGH
