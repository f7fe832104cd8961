"""Voices: consent, samples that won't do, hearing, and forgetting."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.settings import Settings
from backend.tests.conftest import SpeechService
from backend.tests.samples import make_voice, upload
from backend.tests.test_accounts import problem_of

CONSENT = {"accepted": True, "text": "この声は私の声です。"}


def new_voice(client: TestClient, sample: str, **changes):
    body = {"name": "n", "language": "ja", "upload_id": sample, "consent": CONSENT, **changes}
    return client.post("/api/v1/voices", json=body)


def wav(path: Path, samples: np.ndarray) -> bytes:
    soundfile.write(path, samples, 24_000, subtype="PCM_16")
    return path.read_bytes()


def test_a_voice_is_made_heard_renamed_and_forgotten(
    owner: TestClient, recording: Path, speech: SpeechService, app: FastAPI
) -> None:
    voice = make_voice(owner, recording)
    assert voice["state"] == "ready"
    assert voice["engine"] == "world"
    assert voice["report"]["voiced_s"] > 3
    assert voice["consent"]["text"] == "この声は私の声です。"
    assert list((app.state.collaborators.storage.root / "uploads").iterdir()) == []

    body = {"text": "はじめまして。"}
    heard = owner.post(f"/api/v1/voices/{voice['id']}/preview", json=body)
    assert heard.headers["content-type"] == "audio/mpeg"
    assert len(heard.content) > 4_000
    renamed = owner.patch(f"/api/v1/voices/{voice['id']}", json={"name": "ぼく"}).json()
    assert renamed["name"] == "ぼく"

    assert owner.delete(f"/api/v1/voices/{voice['id']}").status_code == 204
    assert owner.get("/api/v1/voices").json()["items"] == []
    left = subprocess.run(["find", speech.shared_root, "-name", f"*{voice['id']}*"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert left.stdout == ""


@pytest.mark.parametrize(
    "consent", [{"accepted": False, "text": "x"}, {"accepted": True, "text": "  "}]
)
def test_without_consent_nothing_is_cloned(
    owner: TestClient, recording: Path, speech: SpeechService, consent: dict
) -> None:
    before = sorted((speech.shared_root / "voices").iterdir())
    sample = upload(owner, "audio", recording.read_bytes())
    problem_of(new_voice(owner, sample["id"], consent=consent), 422, "consent_missing", "consent")
    assert sorted((speech.shared_root / "voices").iterdir()) == before


def test_a_silent_sample(owner: TestClient, tmp_path: Path) -> None:
    sample = upload(owner, "audio", wav(tmp_path / "s.wav", np.zeros(24_000 * 8)))
    problem_of(new_voice(owner, sample["id"]), 422, "sample_silent", "upload_id")


def test_a_sample_of_one_second(owner: TestClient, tmp_path: Path, recording: Path) -> None:
    samples, rate = soundfile.read(recording)
    soundfile.write(tmp_path / "s.wav", samples[rate // 2 : rate * 3 // 2], rate)
    sample = upload(owner, "audio", (tmp_path / "s.wav").read_bytes())
    problem_of(new_voice(owner, sample["id"]), 422, "sample_too_short", "upload_id")


def test_a_clipped_sample(owner: TestClient, tmp_path: Path, recording: Path) -> None:
    samples, rate = soundfile.read(recording)
    soundfile.write(tmp_path / "s.wav", np.clip(samples * 60, -1, 1), rate, subtype="PCM_16")
    sample = upload(owner, "audio", (tmp_path / "s.wav").read_bytes())
    problem_of(new_voice(owner, sample["id"]), 422, "sample_clipped", "upload_id")


def test_a_refused_sample_leaves_no_voice(owner: TestClient, tmp_path: Path) -> None:
    sample = upload(owner, "audio", wav(tmp_path / "s.wav", np.zeros(24_000 * 8)))
    new_voice(owner, sample["id"])
    assert owner.get("/api/v1/voices").json() == {"items": [], "next_cursor": None}
    assert owner.get(f"/api/v1/uploads/{sample['id']}").status_code == 200, "may be tried again"


def test_an_unknown_language(owner: TestClient, recording: Path) -> None:
    sample = upload(owner, "audio", recording.read_bytes())
    refused = new_voice(owner, sample["id"], language="tlh")
    problem_of(refused, 422, "language_unknown", "language")


def test_a_photo_is_no_sample(owner: TestClient, photo: Path) -> None:
    made = upload(owner, "photo", photo.read_bytes())
    problem_of(new_voice(owner, made["id"]), 422, "upload_incomplete", "upload_id")


def test_while_the_speech_service_is_down_nothing_is_lost(
    settings: Settings, app: FastAPI, owner: TestClient, recording: Path
) -> None:
    sample = upload(owner, "audio", recording.read_bytes())
    speech_client = app.state.collaborators.speech
    address, speech_client._base_url = speech_client._base_url, "http://127.0.0.1:1"
    problem_of(new_voice(owner, sample["id"]), 503, "speech_unavailable")
    assert owner.get("/api/v1/voices").json()["items"] == []
    speech_client._base_url = address
    assert new_voice(owner, sample["id"]).status_code == 201


def test_base_voices_speak_to_everybody(owner: TestClient) -> None:
    voices = owner.get("/api/v1/base-voices").json()["items"]
    assert {"ja", "en", "zh", "ko", "es", "fr"} <= {v for x in voices for v in x["languages"]}
    url = "/api/v1/base-voices/open_jtalk:mei_normal/preview"
    heard = owner.post(url, json={"text": "はい。"}).content
    assert heard[:2] == b"\xff\xf3", "an MPEG audio frame"


@pytest.mark.parametrize(
    ("voice", "text", "status", "code", "field"),
    [
        ("open_jtalk:nobody", "はい。", 422, "voice_unknown", "voice_id"),
        ("open_jtalk:mei_normal", "🎉🎂", 422, "script_unspeakable", "text"),
        ("open_jtalk:mei_normal", " ", 422, "script_empty", "text"),
    ],
)
def test_a_preview_is_refused_by_its_own_fields(
    owner: TestClient, voice: str, text: str, status: int, code: str, field: str
) -> None:
    heard = owner.post(f"/api/v1/base-voices/{voice}/preview", json={"text": text})
    problem_of(heard, status, code, field)


def test_a_profile_is_no_base_voice(owner: TestClient, guest: TestClient, recording: Path) -> None:
    voice = make_voice(owner, recording)["id"]
    heard = guest.post(f"/api/v1/base-voices/{voice}/preview", json={"text": "はい。"})
    assert heard.status_code == 404
