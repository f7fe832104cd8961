"""Segments lie with their message, are lent to its duplicates, and go when nobody uses them."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy.orm import Session, sessionmaker

from backend.jobs.composing import ComposedRecord
from backend.jobs.journal import Journal
from backend.jobs.steps import Outcome, RenderSteps, Stopping
from backend.jobs.tests.conftest import Killed, SpeechDouble, die
from backend.messages import service
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.power.lanes import Lanes
from backend.power.setup import power_of
from backend.settings import Settings
from backend.storage import FolderStorage


@pytest.fixture
def steps(
    journal: Journal,
    storage: FolderStorage,
    speech: SpeechDouble,
    sessions: sessionmaker[Session],
) -> RenderSteps:
    lanes = Lanes(sessions, speech, power_of(Settings()))  # type: ignore[arg-type] # the double
    return RenderSteps(journal, storage, lanes, 60.0, Stopping())


def change(sessions: sessionmaker[Session], message_id: str, **fields: object) -> Message:
    with sessions.begin() as session:
        message = session.get_one(Message, message_id)
        for name, value in fields.items():
            setattr(message, name, value)
        return message


def store_photo(storage: FolderStorage, upload_id: str | None) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(picture, "JPEG")
    storage.write(f"uploads/{upload_id}/photo.jpg", picture.getvalue())


def make(steps: RenderSteps, storage: FolderStorage, message: Message) -> ComposedRecord:
    store_photo(storage, message.photo_upload_id)
    assert steps.speak(message.id, message.attempt, None).outcome is Outcome.DONE
    assert steps.compose(message.id, message.attempt) is Outcome.DONE
    assert steps.finish(message.id, message.attempt) is Outcome.DONE
    record = storage.read(f"messages/{message.id}/{message.attempt}/composed.json")
    return ComposedRecord.model_validate_json(record)


def kept(storage: FolderStorage, message_id: str) -> list[str]:
    return [name.removesuffix(".mp4") for name in storage.names(f"messages/{message_id}/segments")]


def test_a_new_attempt_draws_only_what_changed_and_forgets_what_it_was_before(
    steps: RenderSteps,
    storage: FolderStorage,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
) -> None:
    message_id = queue_message()
    first = make(steps, storage, change(sessions, message_id))
    assert (first.encoded_segments, kept(storage, message_id)) == (1, first.segments)
    again = change(sessions, message_id, attempt=2, state=MessageState.QUEUED)
    assert make(steps, storage, again).encoded_segments == 0
    other = change(sessions, message_id, attempt=3, state=MessageState.QUEUED, aspect="1:1")
    third = make(steps, storage, other)
    assert third.encoded_segments == 1
    assert kept(storage, message_id) == third.segments
    assert third.segments != first.segments


def test_a_duplicate_is_lent_the_segments_of_its_original(
    steps: RenderSteps,
    storage: FolderStorage,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
) -> None:
    original = change(sessions, queue_message())
    made = make(steps, storage, original)
    with sessions.begin() as session:
        copy_id = service.duplicate_message(session, original.account_id, original.id).id
    copy = change(sessions, copy_id, attempt=1, state=MessageState.QUEUED)
    assert make(steps, storage, copy).encoded_segments == 0
    storage.delete(original.folder)
    assert kept(storage, copy_id) == made.segments, "it has its own, whatever becomes of the other"


def test_nothing_is_lent_to_another_account(
    steps: RenderSteps,
    storage: FolderStorage,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
) -> None:
    original = change(sessions, queue_message())
    make(steps, storage, original)
    theirs = change(sessions, queue_message(), made_from=original.id)
    assert theirs.account_id != original.account_id
    assert make(steps, storage, theirs).encoded_segments == 1


def test_a_killed_worker_leaves_what_it_has_drawn(
    steps: RenderSteps,
    storage: FolderStorage,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = change(sessions, queue_message())
    store_photo(storage, message.photo_upload_id)
    assert steps.speak(message.id, 1, None).outcome is Outcome.DONE
    with monkeypatch.context() as moment:
        moment.setattr("backend.media.compose._join", die)
        with pytest.raises(Killed):
            steps.compose(message.id, 1)
    assert len(kept(storage, message.id)) == 1
    assert make(steps, storage, message).encoded_segments == 0
