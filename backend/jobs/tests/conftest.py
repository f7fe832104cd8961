"""A migrated database, a storage folder and queued messages; the speech service is a double."""

import io
import math
import struct
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy.orm import Session, sessionmaker

from backend.accounts.models import Account
from backend.db import create_database, create_readers, create_sessions, utc_now
from backend.ids import new_id
from backend.jobs.engine import RenderQueue
from backend.jobs.journal import Journal
from backend.jobs.outbox import submit_render
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.speech.spoken import SpokenScript, SpokenSentence, TimedSpeech
from backend.speech.wishes import Common, ReadAs
from backend.storage import FolderStorage
from backend.tests.databases import NewDatabases, Urls

SCRIPT = "Hello there."


@pytest.fixture
def urls(tmp_path: Path, new_databases: NewDatabases) -> Iterator[Urls]:
    with new_databases(tmp_path) as made:
        yield made


@pytest.fixture
def database_url(urls: Urls) -> str:
    return urls.app


@pytest.fixture
def jobs_url(urls: Urls) -> str:
    return urls.jobs


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    engine = create_database(database_url)
    yield create_sessions(engine)
    engine.dispose()


@pytest.fixture
def readers(database_url: str) -> Iterator[sessionmaker[Session]]:
    engine = create_database(database_url)
    yield create_readers(engine)
    engine.dispose()


@pytest.fixture
def queue(jobs_url: str) -> Iterator[RenderQueue]:
    queue = RenderQueue(jobs_url)
    yield queue
    queue.close()


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "storage")


@pytest.fixture
def journal(sessions: sessionmaker[Session], readers: sessionmaker[Session]) -> Journal:
    return Journal(sessions, readers)


@pytest.fixture
def queue_message(sessions: sessionmaker[Session]) -> Callable[..., str]:
    """Return a function that puts a new message in the queue, outbox row included."""

    def put(attempt: int = 1, state: MessageState = MessageState.QUEUED) -> str:
        with sessions.begin() as session:
            message = _message(_account(session), attempt, state)
            session.add(message)
            session.flush()
            submit_render(session, message)
            return message.id

    return put


def _account(session: Session) -> str:
    account = Account(
        id=new_id("acc"),
        email=f"{new_id('x')}@example.org",
        name="A",
        language="en",
        password_hash="",
        is_owner=False,
        created_at=utc_now(),
    )
    session.add(account)
    session.flush()
    return account.id


def _message(account_id: str, attempt: int, state: MessageState) -> Message:
    return Message(
        id=new_id("msg"),
        account_id=account_id,
        title="",
        script=SCRIPT,
        language="en",
        voice="espeak_ng:en-us+f3",
        photo_upload_id=new_id("upl"),
        aspect="16:9",
        state=state,
        attempt=attempt,
        percent=0.0,
        has_small_video=False,
        created_at=utc_now(),
        updated_at=utc_now(),
    )


class SpeechDouble:
    """Speaks a tone, or raises what it was told to; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.problem: Exception | None = None
        self.stands_in: str | None = None

    def speak_timed(
        self,
        text: str,
        *,
        language: str,
        voice: str,
        base_voice: str | None,
        kept_for: str,
        read_as: ReadAs,
        common: Common | None = None,
    ) -> TimedSpeech:
        assert kept_for.startswith("msg_")
        self.asked += 1
        if self.problem is not None:
            raise self.problem
        sentence = SpokenSentence(
            index=0,
            text=text,
            start_s=0.0,
            end_s=1.0,
            cache_key="k",
            stood_in=self.stands_in is not None,
        )
        script = SpokenScript(
            sample_rate_hz=24_000,
            duration_s=1.0,
            sentences=(sentence,),
            language=language,
            base_voice=self.stands_in or base_voice or voice,
        )
        return TimedSpeech(script, tone())

    def longest_s(self, text: str) -> float:
        return 30.0 + len(text)


def tone() -> bytes:
    """Return a second of A as a WAV."""
    samples = (round(9_000 * math.sin(2 * math.pi * 440 * n / 24_000)) for n in range(24_000))
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, 24_000, 0, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return out.getvalue()


@pytest.fixture
def speech() -> SpeechDouble:
    return SpeechDouble()


class Killed(BaseException):
    """The process is gone: nothing catches it."""


def die(*_: object) -> NoReturn:
    """Stand in for whatever was at work when the process was killed."""
    raise Killed
