"""The engine leaves memory after a while without work, and comes back for the next request."""

from pathlib import Path

import httpx
import pytest

from openvoice_service.device import Admission
from openvoice_service.engines import EngineUnavailable
from openvoice_service.engines.world import WorldEngine
from openvoice_service.main import create_app
from openvoice_service.residency import Residency
from openvoice_service.settings import SpeechSettings
from openvoice_service.tests.running import PATIENCE_S, serving, until

IDLE_S = 60.0


class HeavyEngine(WorldEngine):
    """The world engine, with a memory to give back."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.is_broken = False

    def unload(self) -> None:
        self.events.append("unload")

    def load(self) -> None:
        if self.is_broken:
            raise EngineUnavailable("The engine's weights are gone.")
        self.events.append("load")


class Rig:
    def __init__(self, idle_s: float = IDLE_S) -> None:
        self.now_s = 0.0
        self.engine = HeavyEngine()
        self.admission = Admission(2, clock=self.clock)
        self.residency = Residency(
            self.engine, self.probe, self.admission, idle_s, clock=self.clock
        )

    def clock(self) -> float:
        return self.now_s

    def probe(self) -> None:
        self.engine.events.append("probe")


def test_it_is_unloaded_after_a_while_without_work_and_proved_again_with_the_next() -> None:
    rig = Rig()
    assert rig.residency.prove()
    rig.now_s = IDLE_S - 1
    assert not rig.residency.unload_if_idle()
    rig.now_s = IDLE_S
    assert rig.residency.unload_if_idle()
    assert not rig.residency.is_loaded
    assert rig.residency.is_proved  # a health check shall not bring it back
    with rig.admission.place():
        rig.residency.load()
    assert rig.engine.events == ["probe", "unload", "load", "probe"]


def test_it_stays_while_somebody_works_and_for_a_while_after() -> None:
    rig = Rig()
    with rig.admission.place():
        rig.now_s = 10 * IDLE_S
        assert not rig.residency.unload_if_idle()
    assert not rig.residency.unload_if_idle()
    rig.now_s += IDLE_S
    assert rig.residency.unload_if_idle()


def test_zero_means_never() -> None:
    rig = Rig(idle_s=0.0)
    rig.now_s = 1e9
    assert not rig.residency.unload_if_idle()
    assert rig.engine.events == []


def test_what_cannot_come_back_is_not_ready_until_it_can() -> None:
    rig = Rig()
    rig.residency.prove()
    rig.now_s = IDLE_S
    rig.residency.unload_if_idle()
    rig.engine.is_broken = True
    with pytest.raises(EngineUnavailable):
        rig.residency.load()
    assert not rig.residency.is_proved
    assert not rig.residency.prove()
    rig.engine.is_broken = False
    assert rig.residency.prove()


def test_the_running_service_gives_memory_back_and_speaks_again(tmp_path: Path) -> None:
    engine = HeavyEngine()
    settings = SpeechSettings(data_dir=tmp_path, speech_token="t", speech_idle_unload_s=0.01)
    body = {"input": "Hello again.", "response_format": "pcm"}
    headers = {"Authorization": "Bearer t"}
    with serving(create_app(settings, engine)) as url:
        assert httpx.get(f"{url}/readyz", timeout=PATIENCE_S).json()["ready"] is True
        until(lambda: "unload" in engine.events)
        until(lambda: httpx.get(f"{url}/readyz").json()["loaded"] is False)
        assert httpx.get(f"{url}/readyz").status_code == 200
        heard = httpx.post(f"{url}/v1/audio/speech", json=body, headers=headers, timeout=PATIENCE_S)
        assert heard.status_code == 200
        assert engine.events[:2] == ["unload", "load"]
        until(lambda: engine.events[2:3] == ["unload"])
        engine.is_broken = True
        refusal = httpx.post(f"{url}/v1/audio/speech", json=body, headers=headers)
        assert (refusal.status_code, refusal.json()["code"]) == (503, "speech_unavailable")
