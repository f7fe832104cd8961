"""VOICEVOX's characters by way of the backend: nobody else reaches the engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.main import create_app
from backend.settings import Settings
from backend.tests.conftest import browser, sign_up
from backend.tests.samples import make_voice, upload
from backend.tests.served import ServedApp
from backend.tests.test_accounts import problem_of
from openvoice_service.base_voices.voicevox.tests.double import POLICY, VoicevoxDouble
from openvoice_service.main import create_app as create_speech_app
from openvoice_service.settings import SpeechSettings

HANAKO = "voicevox:2"
BASE = f"/api/v1/base-voices/{HANAKO}"


@pytest.fixture
def engine() -> Iterator[VoicevoxDouble]:
    made = VoicevoxDouble()
    yield made
    assert made.contract.violations == []


@pytest.fixture
def engine_url(engine: VoicevoxDouble) -> Iterator[str]:
    with ServedApp(engine.app) as url:
        yield url


@pytest.fixture
def speech_app(settings: Settings, engine_url: str) -> FastAPI:
    return create_speech_app(
        SpeechSettings(
            data_dir=settings.data_dir,
            shared_root=settings.shared_root,
            speech_token=settings.speech_bearer,
            voicevox_url=engine_url,
        )
    )


@pytest.fixture
def app(settings: Settings, speech_app: FastAPI) -> Iterator[FastAPI]:
    with ServedApp(speech_app) as url:
        made = create_app(settings.model_copy(update={"speech_url": url}))
        with TestClient(made):
            yield made


def test_characters_stand_in_the_list(owner: TestClient) -> None:
    listed = owner.get("/api/v1/base-voices").json()
    assert listed["voicevox"] == "ready"
    hanako = next(voice for voice in listed["items"] if voice["id"] == HANAKO)
    assert hanako["credit"] == "VOICEVOX:試験花子"
    assert hanako["ready"]
    assert hanako["character"]["style"] == "ノーマル"
    # Nobody gets a character, and its credit, without asking.
    first = next(voice for voice in listed["items"] if "ja" in voice["languages"])
    assert first["character"] is None


def test_terms_pictures_and_samples_come_through_us(owner: TestClient) -> None:
    terms = owner.get(f"{BASE}/terms").json()
    assert terms == {
        "credit": "VOICEVOX:試験花子",
        "terms": POLICY.format("試験花子"),
        "samples": 3,
    }
    for kind in ("icon", "portrait"):
        picture = owner.get(f"{BASE}/{kind}")
        assert picture.headers["content-type"] == "image/png"
        assert picture.headers["x-content-type-options"] == "nosniff"
        assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"
    sample = owner.get(f"{BASE}/samples/0")
    assert sample.headers["content-type"] == "audio/mpeg"
    assert owner.get(f"{BASE}/samples/50").status_code == 404


@pytest.mark.parametrize("path", ["terms", "icon", "portrait", "samples/0"])
def test_whoever_is_not_signed_in_gets_none_of_it(app: FastAPI, path: str) -> None:
    assert browser(app).get(f"{BASE}/{path}").status_code == 401


@pytest.mark.parametrize("id", ["voc_1", "open_jtalk:mei_normal", "voicevox:x", "voicevox:2%2Fx"])
def test_no_other_address_of_the_speech_service_is_reached(owner: TestClient, id: str) -> None:
    for path in ("terms", "icon", "samples/0"):
        assert owner.get(f"/api/v1/base-voices/{id}/{path}").status_code in (404, 422)


@pytest.mark.parametrize("fault", ["a page", "nothing", "500"])
def test_what_is_no_picture_is_not_passed_on(
    owner: TestClient, engine: VoicevoxDouble, fault: str
) -> None:
    engine.faults["/_resources"] = fault
    problem_of(owner.get(f"{BASE}/icon"), 503, "voicevox_unavailable")


def test_a_preview_is_of_that_voice_or_of_none(owner: TestClient, engine: VoicevoxDouble) -> None:
    body = {"text": "こんにちは。", "language": "ja"}
    heard = owner.post(f"{BASE}/preview", json=body)
    assert heard.headers["content-type"] == "audio/mpeg"
    engine.faults["/synthesis"] = "500"
    again = {**body, "text": "さようなら。"}
    problem_of(owner.post(f"{BASE}/preview", json=again), 503, "voicevox_unavailable")


def test_a_voice_of_ones_own_is_built_on_a_character(
    owner: TestClient, recording: Path, engine: VoicevoxDouble
) -> None:
    voice = make_voice(owner, recording)
    path = f"/api/v1/voices/{voice['id']}"
    assert voice["base_voice"] is None
    changed = owner.patch(path, json={"base_voice": HANAKO}).json()
    assert (changed["base_voice"], changed["name"]) == (HANAKO, voice["name"])
    assert owner.patch(path, json={"name": "ぼく"}).json()["base_voice"] == HANAKO

    asked = engine.contract.calls.count("POST /synthesis")
    assert owner.post(f"{path}/preview", json={"text": "はい。"}).status_code == 200
    assert engine.contract.calls.count("POST /synthesis") > asked
    # In another language somebody else reads.
    english = {"text": "Hello there.", "language": "en"}
    asked = engine.contract.calls.count("POST /synthesis")
    assert owner.post(f"{path}/preview", json=english).status_code == 200
    assert engine.contract.calls.count("POST /synthesis") == asked

    refused = owner.patch(path, json={"base_voice": "open_jtalk:mei_normal"})
    problem_of(refused, 422, "voice_unknown")
    assert owner.patch(path, json={"base_voice": None}).json()["base_voice"] is None


def test_while_the_engine_is_away_a_message_is_taken_on_all_the_same(
    owner: TestClient, photo: Path, speech_app: FastAPI
) -> None:
    picture = upload(owner, "photo", photo.read_bytes())["id"]
    words = {"script": "橋。", "language": "ja", "voice": HANAKO, "photo_upload_id": picture}
    made = owner.post("/api/v1/messages", json=words).json()
    voicevox = speech_app.state.base_voices.voicevox
    voicevox.look()
    voicevox._note("down")
    listed = owner.get("/api/v1/base-voices").json()
    assert listed["voicevox"] == "down"
    assert not next(voice for voice in listed["items"] if voice["id"] == HANAKO)["ready"]
    assert owner.post(f"/api/v1/messages/{made['id']}/render").status_code in (200, 202)


def test_a_character_who_is_not_there_is_named(owner: TestClient, photo: Path) -> None:
    picture = upload(owner, "photo", photo.read_bytes())["id"]
    words = {"script": "橋。", "language": "ja", "voice": "voicevox:9", "photo_upload_id": picture}
    made = owner.post("/api/v1/messages", json=words).json()
    refused = owner.post(f"/api/v1/messages/{made['id']}/render")
    problem_of(refused, 422, "voice_unknown")


def test_without_an_engine_there_is_nobody(settings: Settings) -> None:
    made = create_app(settings)
    with TestClient(made):
        owner = sign_up(made, "owner@example.com")
        assert owner.get("/api/v1/base-voices").json()["voicevox"] == "off"
        assert owner.get(f"{BASE}/terms").status_code == 404
