"""The real app on a real database, with the real speech service beside it over HTTP."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.main import create_app
from backend.media import find_faces
from backend.settings import Settings
from backend.tests.databases import NewDatabases
from backend.tests.postgres import PostgresServer, postgres_server, require_postgres
from backend.tests.samples import make_voice, sample_photo, sample_speech
from backend.tests.served import ServedApp
from backend.tests.stub_speech import StubSpeech
from backend.uploads import completion
from openvoice_service.main import create_app as create_speech_app
from openvoice_service.settings import SpeechSettings

ORIGIN = "http://localhost:55434"
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class SpeechService:
    """The running speech service."""

    url: str
    token: str
    shared_root: Path


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpeechService]:
    root = tmp_path_factory.mktemp("speech")
    settings = SpeechSettings(data_dir=root, speech_token="the speech token of the tests")
    served = ServedApp(create_speech_app(settings))
    yield SpeechService(served.start(), settings.bearer, settings.shared_folder)
    served.stop()


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_photo(tmp_path_factory.mktemp("photo") / "photo.jpg")


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_speech(tmp_path_factory.mktemp("recording") / "recording.wav")


@pytest.fixture(scope="session", autouse=True)
def opened_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Open what is sent in the jail once, and keep what it made for whoever sends the same again.

    Nearly every test sends the same photo, and the jail takes a third of a second for it. What is
    refused is opened each time.
    """
    folder = tmp_path_factory.mktemp("opened")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("decode_photo", "decode_audio", "sanitise_video"):
            patch.setattr(completion, name, _remembering(getattr(completion, name), folder))
        patch.setattr(completion, "find_faces", _seen_once(find_faces))
        yield


def _seen_once(find_faces: Callable[[Path], Any]) -> Callable[[Path], Any]:
    known: dict[str, Any] = {}

    def find_or_remember(photo: Path) -> Any:
        content = hashlib.sha256(photo.read_bytes()).hexdigest()
        if content not in known:
            known[content] = find_faces(photo)
        return known[content]

    return find_or_remember


def _remembering(open_file: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    known: dict[str, Any] = {}

    def open_or_copy(source: Path, target: Path, **how: bool) -> Any:
        sent = hashlib.sha256(source.read_bytes()).hexdigest()
        kept = folder / f"{open_file.__name__} {sent} {how}"
        if kept.name in known:
            shutil.copyfile(kept, target)
        else:
            facts = open_file(source, target, **how)
            shutil.copyfile(target, kept)
            known[kept.name] = facts
        return known[kept.name]

    return open_or_copy


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the tests' own."""
    with postgres_server(require_postgres()) as server:
        yield server


@pytest.fixture
def settings(
    tmp_path: Path, speech: SpeechService, new_databases: NewDatabases
) -> Iterator[Settings]:
    with new_databases(tmp_path / "data") as urls:
        yield Settings(
            data_dir=tmp_path / "data",
            shared_root=speech.shared_root,
            speech_url=speech.url,
            speech_token=speech.token,
            frontend_dist=tmp_path / "dist",
            database_url=urls.app,
            jobs_database_url=urls.jobs,
        )


@pytest.fixture
def app(settings: Settings) -> Iterator[FastAPI]:
    made = create_app(settings)
    with TestClient(made):  # runs the lifespan
        yield made


def browser(app: FastAPI) -> TestClient:
    """Return a browser of its own, on this computer."""
    return TestClient(
        app, base_url=ORIGIN, client=("127.0.0.1", 50_000), raise_server_exceptions=False
    )


def sign_up(app: FastAPI, email: str, **more: str) -> TestClient:
    """Return a browser in which `email` has just signed up."""
    client = browser(app)
    body = {"email": email, "password": PASSWORD, "name": "花子", "language": "ja", **more}
    response = client.post("/api/v1/accounts", json=body)
    assert response.status_code == 201, response.text
    return client


@pytest.fixture
def owner(app: FastAPI) -> TestClient:
    return sign_up(app, "owner@example.com")


@pytest.fixture
def guest(app: FastAPI, owner: TestClient) -> TestClient:
    url = owner.post("/api/v1/invitations", json={}).json()["url"]
    return sign_up(app, "guest@example.com", invitation=url.split("invitation=")[1])


# --- programs -------------------------------------------------------------------------------


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    """The app's address over real HTTP."""
    with ServedApp(app) as address:
        yield address


@pytest.fixture
def own_voice(owner: TestClient, recording: Path) -> str:
    return make_voice(owner, recording)["id"]


@pytest.fixture
def stub() -> Iterator[StubSpeech]:
    """A speech service that is busy, silent, endless or broken on demand."""
    made = StubSpeech()
    with made.served:
        yield made


@dataclass(frozen=True)
class Stubbed:
    """The app in front of a stub of the speech service, and the owner's browser."""

    url: str
    owner: TestClient


@pytest.fixture
def stubbed(settings: Settings, stub: StubSpeech) -> Iterator[Stubbed]:
    app = create_app(settings.model_copy(update={"speech_url": stub.served.url}))
    with TestClient(app), ServedApp(app) as address:
        yield Stubbed(address, sign_up(app, "owner@example.com"))


def new_api_key(client: TestClient) -> str:
    """Return a new key of whoever is signed in."""
    return client.post("/api/v1/api-keys", json={"name": "test"}).json()["key"]
