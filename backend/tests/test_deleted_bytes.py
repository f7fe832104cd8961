"""What was deleted is in no file any more: not in the database, not in its write-ahead log."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from backend.db import utc_now
from backend.messages.models import LeftSpeech, Message
from backend.messages.removal import forget_left_speech
from backend.messages.state import MessageState
from backend.settings import Settings
from backend.tests.conftest import PASSWORD
from backend.tests.samples import make_voice, upload

SECRET = "ひみつのことば-7f3a"


def files_with(folder: Path, text: str) -> list[str]:
    """Return the names of all files below `folder` that hold `text`."""
    needle = text.encode()
    return sorted(
        path.name for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()
    )


@pytest.fixture
def settings(settings: Settings) -> Settings:
    if not settings.database.startswith("sqlite"):
        pytest.skip("PostgreSQL keeps its files to itself; vacuuming them is its operator's duty")
    return settings


def new_message(client: TestClient, **content: str) -> str:
    made = client.post("/api/v1/messages", json={"title": SECRET, "script": SECRET, **content})
    return f"/api/v1/messages/{made.json()['id']}"


def test_a_message_and_its_photo(settings: Settings, owner: TestClient, photo: Path) -> None:
    picture = upload(owner, "photo", photo.read_bytes())["id"]
    address = new_message(owner, photo_upload_id=picture)
    assert files_with(settings.data_dir, SECRET)
    assert owner.delete(address).status_code == 204
    assert files_with(settings.data_dir, SECRET) == []
    assert not (settings.storage_root / "uploads" / picture).exists()


def test_an_upload_with_its_name(settings: Settings, owner: TestClient, photo: Path) -> None:
    picture = upload(owner, "photo", photo.read_bytes(), f"{SECRET}.jpg")["id"]
    assert files_with(settings.data_dir, SECRET)
    assert owner.delete(f"/api/v1/uploads/{picture}").status_code == 204
    assert files_with(settings.data_dir, SECRET) == []


def test_a_photo_that_another_message_shows_stays(
    settings: Settings, owner: TestClient, photo: Path
) -> None:
    picture = upload(owner, "photo", photo.read_bytes())["id"]
    first, second = (new_message(owner, photo_upload_id=picture) for _ in range(2))
    owner.delete(first)
    assert owner.get(f"/api/v1/uploads/{picture}/content").status_code == 200
    owner.delete(second)
    assert owner.get(f"/api/v1/uploads/{picture}/content").status_code == 404


def test_a_voice_with_its_consent(settings: Settings, owner: TestClient, recording: Path) -> None:
    voice = make_voice(owner, recording)
    assert owner.patch(f"/api/v1/voices/{voice['id']}", json={"name": SECRET}).status_code == 200
    assert files_with(settings.data_dir, SECRET)
    assert owner.delete(f"/api/v1/voices/{voice['id']}").status_code == 204
    for text in (SECRET, "この声は私の声です。"):
        assert files_with(settings.data_dir, text) == []


def test_an_account(settings: Settings, app: FastAPI, guest: TestClient, photo: Path) -> None:
    upload(guest, "photo", photo.read_bytes())
    new_message(guest)
    refused = guest.request("DELETE", "/api/v1/accounts/me", json={"password": "another one"})
    assert refused.json()["errors"][0]["field"] == "password"
    gone = guest.request("DELETE", "/api/v1/accounts/me", json={"password": PASSWORD})
    assert gone.status_code == 204
    assert guest.get("/api/v1/accounts/me").status_code == 401
    for text in (SECRET, "guest@example.com"):
        assert files_with(settings.data_dir, text) == []
    assert list((settings.storage_root / "uploads").iterdir()) == []


def kept_speech(settings: Settings) -> list[str]:
    """Return for whom the speech service keeps sentences."""
    return sorted({path.parent.name for path in settings.shared_folder.glob("generated/*/*/*")})


def test_speech_that_was_kept_for_a_message(
    settings: Settings, app: FastAPI, owner: TestClient
) -> None:
    """In whatever voice, whatever became of the message, and also if it is spoken after that."""
    speech, name = app.state.collaborators.speech, new_message(owner).rsplit("/", 1)[1]
    for language, voice in (("en", "espeak_ng:en-us"), ("ja", "open_jtalk:mei_normal")):
        speech.speak_timed("Hi. おはよう。", language=language, voice=voice, kept_for=name)
    assert name in kept_speech(settings)
    assert owner.delete(f"/api/v1/messages/{name}").status_code == 204
    assert name not in kept_speech(settings)
    speech.speak_timed("It was at work meanwhile.", language="en", kept_for=name)
    forget_left_speech(app.state.collaborators.sessions, speech)
    assert name not in kept_speech(settings)


def test_previews_of_an_account(settings: Settings, app: FastAPI, guest: TestClient) -> None:
    account = guest.get("/api/v1/accounts/me").json()["id"]
    address = "/api/v1/base-voices/espeak_ng:en-us/preview"
    assert guest.post(address, json={"text": "Try me.", "language": "en"}).status_code == 200
    assert account in kept_speech(settings)
    guest.request("DELETE", "/api/v1/accounts/me", json={"password": PASSWORD})
    assert account not in kept_speech(settings)


def test_it_is_asked_for_until_nobody_can_be_speaking_it(app: FastAPI, owner: TestClient) -> None:
    """And once only where the message was over for long."""
    sessions, speech = app.state.collaborators.sessions, app.state.collaborators.speech
    at_work, over = (new_message(owner) for _ in range(2))
    long_ago = utc_now() - timedelta(hours=2)
    for address, state in ((at_work, MessageState.SPEAKING), (over, MessageState.READY)):
        is_it = Message.id == address.rsplit("/", 1)[1]
        with sessions.begin() as session:
            session.execute(update(Message).where(is_it).values(state=state, updated_at=long_ago))
        assert owner.delete(address).status_code == 204

    def waiting() -> Sequence[str]:
        with sessions() as session:
            return session.scalars(select(LeftSpeech.kept_for)).all()

    assert waiting() == [at_work.rsplit("/", 1)[1]]
    with sessions.begin() as session:
        session.execute(update(LeftSpeech).values(left_at=long_ago))
    forget_left_speech(sessions, speech)
    assert waiting() == []


def test_an_account_of_many_messages_is_forgotten_in_one_call(
    app: FastAPI, owner: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sequence[str]] = []
    monkeypatch.setattr(app.state.collaborators.speech, "forget", asked.append)
    names = {new_message(owner).rsplit("/", 1)[1] for _ in range(3)}
    names.add(owner.get("/api/v1/accounts/me").json()["id"])
    owner.request("DELETE", "/api/v1/accounts/me", json={"password": PASSWORD})
    assert [set(call) for call in asked] == [names]
