"""Steps are done once, wait with patience, and stop for what nobody wants any more."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.jobs.journal import Journal
from backend.jobs.models import StepRun
from backend.jobs.rates import FIRST_GUESS_S, learn_rates
from backend.jobs.steps import Outcome, RenderSteps, Stopping, back_off_s
from backend.jobs.tests.conftest import SCRIPT, Killed, SpeechDouble, die
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.power.lanes import Lanes
from backend.power.leader import lane_row
from backend.power.setup import power_of
from backend.power.situation import LaneState
from backend.problems import FieldError
from backend.settings import Settings
from backend.speech.errors import SpeechRefused, SpeechUnavailable
from backend.storage import FolderStorage

PATIENCE_S = 60.0


@pytest.fixture
def steps(
    journal: Journal,
    storage: FolderStorage,
    speech: SpeechDouble,
    sessions: sessionmaker[Session],
) -> RenderSteps:
    lanes = Lanes(sessions, speech, power_of(Settings()))  # type: ignore[arg-type] # the double
    return RenderSteps(journal, storage, lanes, PATIENCE_S, Stopping())


def _message(sessions: sessionmaker[Session], message_id: str) -> Message:
    with sessions() as session:
        return session.get_one(Message, message_id)


def test_speaking_twice_asks_once(
    steps: RenderSteps,
    speech: SpeechDouble,
    storage: FolderStorage,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
) -> None:
    message_id = queue_message()
    assert steps.speak(message_id, 1, None).outcome is Outcome.DONE
    assert steps.speak(message_id, 1, None).outcome is Outcome.DONE
    assert speech.asked == 1
    assert storage.names(f"messages/{message_id}/1") == ["speech.wav", "spoken.json"]
    with sessions() as session:
        assert session.scalars(select(StepRun.amount)).all() == [len(SCRIPT)]


def test_a_step_whose_worker_was_killed_after_its_record_counts_once(
    steps: RenderSteps,
    speech: SpeechDouble,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message_id = queue_message()
    with monkeypatch.context() as moment:
        moment.setattr(Journal, "speech_done", die)
        with pytest.raises(Killed):
            steps.speak(message_id, 1, None)
    for _ in range(2):
        assert steps.speak(message_id, 1, None).outcome is Outcome.DONE
    assert speech.asked == 1
    with sessions() as session:
        assert [(run.step, run.attempt) for run in session.scalars(select(StepRun))] == [
            ("speech", 1)
        ]
        assert learn_rates(session).seconds_per_unit == FIRST_GUESS_S


def test_a_new_attempt_removes_the_folder_of_the_last(
    steps: RenderSteps, storage: FolderStorage, queue_message: Callable[..., str]
) -> None:
    message_id = queue_message(attempt=2)
    storage.write(f"messages/{message_id}/1/video.mp4", b"old")
    assert steps.speak(message_id, 2, None).outcome is Outcome.DONE
    assert storage.names(f"messages/{message_id}") == ["2"]


@pytest.mark.parametrize("state", [MessageState.CANCELLED, MessageState.FAILED, MessageState.READY])
def test_what_is_over_is_not_spoken(
    steps: RenderSteps,
    speech: SpeechDouble,
    queue_message: Callable[..., str],
    state: MessageState,
) -> None:
    assert steps.speak(queue_message(state=state), 1, None).outcome is Outcome.STOP
    assert speech.asked == 0


def test_an_earlier_attempt_is_not_spoken(
    steps: RenderSteps, speech: SpeechDouble, queue_message: Callable[..., str]
) -> None:
    assert steps.speak(queue_message(attempt=2), 1, None).outcome is Outcome.STOP
    assert speech.asked == 0


def test_a_deleted_message_is_not_spoken(steps: RenderSteps) -> None:
    assert steps.speak("msg_gone", 1, None).outcome is Outcome.STOP


def test_it_stands_in_line_at_a_busy_service_for_as_long_as_it_takes(
    steps: RenderSteps,
    speech: SpeechDouble,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
) -> None:
    message_id = queue_message()
    speech.problem = SpeechUnavailable("The speech service is busy.", "busy")
    assert steps.speak(message_id, 1, None).outcome is Outcome.QUEUE
    assert steps.speak(message_id, 1, time.time() - PATIENCE_S - 30).outcome is Outcome.QUEUE
    waiting = _message(sessions, message_id)
    assert (waiting.stage, waiting.note) == ("waiting_for_speech", "speech_busy")
    speech.problem = None
    assert steps.speak(message_id, 1, time.time() - 1).outcome is Outcome.DONE


def test_it_waits_with_patience_for_a_service_that_is_down(
    steps: RenderSteps, speech: SpeechDouble, queue_message: Callable[..., str]
) -> None:
    message_id = queue_message()
    speech.problem = SpeechUnavailable("The speech service cannot be reached.")
    assert steps.speak(message_id, 1, None).outcome is Outcome.WAIT
    assert steps.speak(message_id, 1, time.time() - PATIENCE_S + 30).outcome is Outcome.WAIT


@pytest.mark.parametrize("reason", ["down", "slow", "nonsense", "busy"])
def test_what_the_gpu_lane_cannot_speak_goes_to_the_cpu_lane_and_is_lost_to_nobody(
    journal: Journal,
    storage: FolderStorage,
    speech: SpeechDouble,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
    reason: str,
) -> None:
    class Broken(SpeechDouble):
        """A GPU lane that answers 500, garbage or nothing."""

    gpu = Broken()
    gpu.problem = SpeechUnavailable("It failed.", reason)
    speech.at = lambda _url: gpu  # type: ignore[attr-defined]
    lanes = Lanes(sessions, speech, power_of(Settings(power_provider="process")))  # type: ignore[arg-type]
    with sessions.begin() as session:
        lane = lane_row(session)
        lane.state, lane.url = LaneState.READY, "http://gpu"
    steps = RenderSteps(journal, storage, lanes, PATIENCE_S, Stopping())
    message_id = queue_message()
    assert lanes.line_of(message_id, 1) == "gpu"
    tried = steps.speak(message_id, 1, None)
    assert (tried.outcome, tried.line) == (Outcome.REROUTE, "cpu")
    assert steps.speak(message_id, 1, None).outcome is Outcome.DONE
    assert (gpu.asked, speech.asked) == (1, 1)
    spoken = _message(sessions, message_id)
    assert (spoken.lane, spoken.speech_usd_micro) == ("cpu", 0)


def test_a_lane_without_voicevox_leaves_a_character_to_the_lane_that_has_it(
    journal: Journal,
    storage: FolderStorage,
    speech: SpeechDouble,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
) -> None:
    gpu = SpeechDouble()
    gpu.stands_in = "open_jtalk:mei_normal"
    speech.at = lambda _url: gpu  # type: ignore[attr-defined]
    lanes = Lanes(sessions, speech, power_of(Settings(power_provider="process")))  # type: ignore[arg-type]
    message_id = queue_message()
    with sessions.begin() as session:
        lane = lane_row(session)
        lane.state, lane.url = LaneState.READY, "http://gpu"
        session.get_one(Message, message_id).voice = "voicevox:2"
    steps = RenderSteps(journal, storage, lanes, PATIENCE_S, Stopping())
    assert lanes.line_of(message_id, 1) == "gpu"
    assert steps.speak(message_id, 1, None).outcome is Outcome.REROUTE
    # Where nobody has it, the stand-in is what there is, and the message says so.
    speech.stands_in = gpu.stands_in
    assert steps.speak(message_id, 1, None).outcome is Outcome.DONE
    assert (gpu.asked, speech.asked) == (1, 1)


def test_its_patience_ends_with_a_reason(
    steps: RenderSteps,
    speech: SpeechDouble,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
) -> None:
    message_id = queue_message()
    speech.problem = SpeechUnavailable("The speech service cannot be reached.")
    assert steps.speak(message_id, 1, time.time() - PATIENCE_S - 1).outcome is Outcome.STOP
    failed = _message(sessions, message_id)
    assert failed.state is MessageState.FAILED
    assert failed.problem is not None
    assert failed.problem["code"] == "speech_unavailable"


def test_a_refusal_ends_it_at_once_and_names_the_field_of_the_form(
    steps: RenderSteps,
    speech: SpeechDouble,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
) -> None:
    message_id = queue_message()
    error = FieldError("input", "script_unspeakable", "Nothing can be spoken.", "Add words.")
    speech.problem = SpeechRefused(422, "script_unspeakable", "Check it", "Nothing.", [error])
    assert steps.speak(message_id, 1, None).outcome is Outcome.STOP
    failed = _message(sessions, message_id)
    assert failed.problem is not None
    assert [error["field"] for error in failed.problem["errors"]] == ["script"]


def test_an_unexpected_error_fails_without_its_text(
    steps: RenderSteps,
    speech: SpeechDouble,
    sessions: sessionmaker[Session],
    queue_message: Callable[..., str],
) -> None:
    message_id = queue_message()
    speech.problem = RuntimeError(f"while saying {SCRIPT}")
    assert steps.speak(message_id, 1, None).outcome is Outcome.STOP
    failed = _message(sessions, message_id)
    assert failed.state is MessageState.FAILED
    assert SCRIPT not in str(failed.problem)


def test_back_off_grows_to_its_limit() -> None:
    assert [back_off_s(turn) for turn in (0, 1, 2, 3, 4, 50)] == [1, 2, 4, 8, 15, 15]


def test_a_video_too_large_to_pass_on_gets_a_small_version_once(
    steps: RenderSteps,
    storage: FolderStorage,
    queue_message: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shrunk = []

    def shrink(video: Path, small: Path, *_: object) -> None:
        shrunk.append(video)
        small.write_bytes(b"small")

    monkeypatch.setattr("backend.jobs.steps.SMALL_VIDEO_BYTES", 100)
    monkeypatch.setattr("backend.jobs.steps.shrink_video", shrink)
    message_id = queue_message()
    for size, has_small in ((100, False), (101, True), (101, True)):
        storage.write(f"messages/{message_id}/1/video.mp4", b"x" * size)
        assert steps._shrink_if_large(message_id, 1, 10.0) is has_small
    assert len(shrunk) == 1
    assert storage.path(f"messages/{message_id}/1/small.mp4").read_bytes() == b"small"


def test_what_killed_writes_left_is_gone_when_a_message_is_ready(
    steps: RenderSteps, storage: FolderStorage, queue_message: Callable[..., str]
) -> None:
    message_id = queue_message()
    folder = f"messages/{message_id}/1"
    storage.write(f"{folder}/video.mp4", b"small enough")
    storage.write(f"{folder}/composed.json", b'{"duration_s": 2.0, "lufs": -16.0}')
    (storage.path(folder) / ".spoken.json.0123").write_bytes(b"half a rec")
    (storage.path(folder) / ".workshop-0123" / "frames").mkdir(parents=True)
    assert steps.finish(message_id, 1) is Outcome.DONE
    left = sorted(path.name for path in storage.path(folder).iterdir())
    assert left == ["composed.json", "video.mp4"]
