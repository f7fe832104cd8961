"""The speech service slow or answering nonsense: a voice and a preview get a reason, not a mess."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.main import create_app
from backend.settings import Settings
from backend.speech import client as speech_client
from backend.tests.conftest import sign_up
from backend.tests.samples import upload
from backend.tests.stub_speech import WORDS, StubSpeech
from backend.tests.test_accounts import problem_of
from backend.tests.test_voices import new_voice

PREVIEW = "/api/v1/base-voices/espeak_ng:en-us/preview"


@pytest.fixture
def impatient(
    settings: Settings, stub: StubSpeech, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """A browser of an app that waits half a second for the stub."""
    monkeypatch.setattr(speech_client, "PROFILING_S", 0.0)
    monkeypatch.setattr(speech_client, "TIMEOUT_PER_CHARACTER_S", 0.0)
    changes = {"speech_url": stub.served.url, "speech_timeout_s": 0.5}
    app = create_app(settings.model_copy(update=changes))
    with TestClient(app):
        yield sign_up(app, "owner@example.com")


def told(answer: Any) -> str:
    """Return the reason of a refusal that is worth another try."""
    problem_of(answer, 503, "speech_unavailable")
    return str(answer.json()["detail"])


@pytest.mark.parametrize("kind", ["silent", *WORDS])
def test_a_voice_is_not_made_and_its_sample_may_be_tried_again(
    impatient: TestClient, stub: StubSpeech, recording: Path, kind: str
) -> None:
    sample = upload(impatient, "audio", recording.read_bytes())["id"]
    reason = told(new_voice(impatient, sample, name=kind))
    assert ("slow" in reason) == (kind == "silent")
    assert impatient.get("/api/v1/voices").json()["items"] == []
    assert impatient.get(f"/api/v1/uploads/{sample}").json()["state"] == "complete"
    assert len(stub.deleted) == 1, "whatever it kept of the voice is to be deleted"


@pytest.mark.parametrize("kind", ["silent", *WORDS])
def test_a_preview_is_a_sound_or_a_reason(impatient: TestClient, kind: str) -> None:
    reason = told(impatient.post(PREVIEW, json={"text": kind}))
    assert ("slow" in reason) == (kind == "silent")
    assert kind in ("silent", "an error") or "nonsense" in reason
