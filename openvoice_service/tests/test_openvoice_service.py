"""The service when weights are there: which engine speaks, and whose tones it uses."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import soundfile

from openvoice_service.main import create_app
from openvoice_service.settings import SpeechSettings
from openvoice_service.tests.checkpoints import write_checkpoint
from openvoice_service.tests.running import serving
from openvoice_service.tests.voices import say

TOKEN = "the token of these tests"
TEXT = "Good morning."


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_checkpoint(folder)
    return folder


@contextmanager
def service(root: Path, models: Path | None, **wishes: object) -> Iterator[httpx.Client]:
    settings = SpeechSettings(data_dir=root, models_dir=models, speech_token=TOKEN, **wishes)  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with (
        serving(create_app(settings)) as url,
        httpx.Client(base_url=url, headers=headers, timeout=120) as client,
    ):
        yield client


def make_voice(client: httpx.Client, speaker: str) -> str:
    sample = io.BytesIO()
    soundfile.write(sample, say(speaker, 8.0).samples, 22_050, format="WAV")
    answer = client.post(
        "/v1/voices",
        data={"name": speaker, "language": "en", "consent": "I agree."},
        files={"files": ("sample.wav", sample.getvalue())},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def speak(client: httpx.Client, voice: str) -> dict:
    wishes = {"input": TEXT, "voice": voice, "language": "en", "response_format": "wav"}
    answer = client.post("/v1/audio/speech/timed", json=wishes)
    assert answer.status_code == 200, answer.text
    return answer.json()


def engines(client: httpx.Client) -> dict[str, dict]:
    return {each["name"]: each for each in client.get("/v1/capabilities").json()["engines"]}


def test_a_voice_made_without_weights_speaks_with_them_once_they_are_there(tmp_path, models):
    with service(tmp_path, tmp_path / "none") as before:
        assert engines(before)["world"]["default"]
        assert "make models" in engines(before)["openvoice"]["reason"]
        voice = make_voice(before, "high")
        assert speak(before, voice)["engine"] == "world"
    with service(tmp_path, models, speech_allow_unverified=True) as after:
        assert engines(after)["openvoice"]["default"]
        first = speak(after, voice)
        assert (first["engine"], first["sentences"][0]["cache_hit"]) == ("openvoice", False)
        assert speak(after, voice)["sentences"][0]["cache_hit"]
    kept = tmp_path / "shared" / "voices" / voice
    assert {"world.npz", "openvoice.safetensors"} <= {path.name for path in kept.iterdir()}
    with service(tmp_path, tmp_path / "none") as again:
        assert speak(again, voice)["engine"] == "world"


def test_a_voice_made_with_weights_speaks_without_them(tmp_path, models):
    with service(tmp_path, models, speech_allow_unverified=True) as with_weights:
        voice = make_voice(with_weights, "low")
    with service(tmp_path, tmp_path / "none") as without:
        assert without.get(f"/v1/voices/{voice}").json()["engine"] == "openvoice"
        assert speak(without, voice)["engine"] == "world"


def test_weights_of_another_sha_leave_the_world_engine_and_say_why(tmp_path, models):
    with service(tmp_path, models) as client:
        assert client.get("/readyz").json()["engine"] == "world"
        assert "sha-256" in engines(client)["openvoice"]["reason"]


def test_admitted_weights_are_warned_of(tmp_path, models):
    with service(tmp_path, models, speech_allow_unverified=True) as client:
        capabilities = client.get("/v1/capabilities").json()
        assert any("not the published ones" in warning for warning in capabilities["warnings"])
        assert client.get("/readyz").json()["engine"] == "openvoice"


def test_a_recording_is_converted_by_the_network(tmp_path, models):
    recording = io.BytesIO()
    soundfile.write(recording, say("low", 4.0).samples, 22_050, format="WAV")
    with service(tmp_path, models, speech_allow_unverified=True) as client:
        answer = client.post(
            "/v1/audio/conversions",
            data={"voice": make_voice(client, "high"), "response_format": "wav"},
            files={"file": ("low.wav", recording.getvalue())},
        )
    assert answer.status_code == 200, answer.text
    sound, rate_hz = soundfile.read(io.BytesIO(answer.content))
    assert len(sound) / rate_hz == pytest.approx(4.0, abs=0.01)
