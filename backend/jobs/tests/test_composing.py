"""A message's look reaches the video, and a worker without a font says what is missing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from backend.jobs.composing import Decor
from backend.jobs.journal import Journal
from backend.jobs.steps import Outcome, RenderSteps, Stopping
from backend.jobs.tests.conftest import SpeechDouble
from backend.jobs.tests.test_shelf import change, make, steps
from backend.media.fonts import find_font
from backend.media.style import Style
from backend.media.timeline import Timeline
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.power.lanes import Lanes
from backend.power.setup import power_of
from backend.settings import Settings
from backend.storage import FolderStorage

__all__ = ["steps"]
LOOK = {
    "background": "#204060",
    "burned_captions": "word",
    "waveform": "ring",
    "title_card": "Hello",
    "closing_card": "Good bye",
}


def test_a_video_looks_as_its_message_says(
    steps: RenderSteps,
    storage: FolderStorage,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
) -> None:
    if find_font(None) is None:
        pytest.skip("neither mplfonts nor a system's Noto Sans CJK is installed")
    message = change(sessions, queue_message(), **LOOK, photo_upload_id=None)
    assert make(steps, storage, message).encoded_segments == 3
    timeline = Timeline.model_validate_json(storage.read(f"{message.folder}/1/timeline.json"))
    assert timeline.style == Style.model_validate(LOOK)
    assert [segment.card for segment in timeline.segments] == ["Hello", "", "Good bye"]
    assert timeline.segments[1].captions[0].lines[0][0].text.strip() == "Hello"


def test_a_worker_without_a_font_says_what_to_do(
    journal: Journal,
    speech: SpeechDouble,
    storage: FolderStorage,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
    tmp_path: Path,
) -> None:
    lanes = Lanes(sessions, speech, power_of(Settings()))  # type: ignore[arg-type] # the double
    steps = RenderSteps(journal, storage, lanes, 60.0, Stopping(), Decor(tmp_path / "no.otf"))
    message = change(sessions, queue_message(), **LOOK)
    assert steps.speak(message.id, 1, None).outcome is Outcome.DONE
    assert steps.compose(message.id, 1) is Outcome.STOP
    with sessions() as session:
        failed = session.get_one(Message, message.id)
    assert failed.state is MessageState.FAILED
    assert failed.problem is not None
    assert failed.problem["code"] == "captions_font_missing"
