"""Which engine serves, and that a service without weights says why."""

import logging
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from openvoice_service.engines import EngineUnavailable
from openvoice_service.main import create_app
from openvoice_service.settings import SpeechSettings

TOKEN = {"Authorization": "Bearer t"}


def capabilities(settings: SpeechSettings) -> dict:
    return TestClient(create_app(settings)).get("/v1/capabilities", headers=TOKEN).json()


def test_without_weights_it_speaks_with_world_and_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        can = capabilities(SpeechSettings(data_dir=tmp_path, speech_token="t"))
    engines = {engine["name"]: engine for engine in can["engines"]}
    assert (engines["world"]["ready"], engines["world"]["default"]) == (True, True)
    assert engines["openvoice"]["ready"] is False
    assert engines["openvoice"]["reason"].endswith(".")
    said = [record.getMessage() for record in caplog.records]
    assert said == [f"speaking with the world engine: {engines['openvoice']['reason']}"]
    assert can["warnings"] == []


def test_an_engine_that_was_asked_for_and_cannot_run_does_not_start(tmp_path: Path) -> None:
    wanted = SpeechSettings(data_dir=tmp_path, speech_token="t", speech_engine="openvoice")
    with pytest.raises(EngineUnavailable, match=r"^[A-Z].*engine.*\.$"):
        create_app(wanted)


def test_world_asked_for_by_name_says_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        capabilities(SpeechSettings(data_dir=tmp_path, speech_token="t", speech_engine="world"))
    assert caplog.records == []


def test_the_models_lie_on_the_shared_folder_unless_told(tmp_path: Path) -> None:
    assert SpeechSettings(shared_root=tmp_path).models_folder == tmp_path / "models"
    assert SpeechSettings(models_dir=tmp_path / "m").models_folder == tmp_path / "m"
