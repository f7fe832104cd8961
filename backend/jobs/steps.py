"""The work itself: speak, compose, finish. Each step may be repeated and is done once.

A step leaves its files under their final names only when they are whole, a record last; the
step that finds its record has nothing to do. The engine sees ids and outcomes, never text.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.exc import OperationalError

from backend.jobs.abandonable import Abandoned, call_abandonable
from backend.jobs.composing import PLAIN_DECOR, ComposedRecord, Composer, Decor
from backend.jobs.journal import Brief, Journal, Receipt
from backend.jobs.progress import Plan, ProgressReporter
from backend.jobs.rates import guess_duration_s
from backend.jobs.shelf import sweep_shelf
from backend.media import shrink_video
from backend.messages.making import MadeFiles
from backend.power.lanes import Lanes, NotThere, Taken
from backend.problems import Problem
from backend.speech.errors import SpeechRefused, SpeechUnavailable
from backend.speech.spoken import SpokenScript, TimedSpeech
from backend.speech.wishes import Common
from backend.storage import Storage

logger = logging.getLogger(__name__)

# What phones' share sheets and mail servers still take.
SMALL_VIDEO_BYTES = 16 * 1024 * 1024
# What is longer can't be so small and still be watched: 90 kbit/s for picture and sound.
LONGEST_SMALL_S = SMALL_VIDEO_BYTES * 8 / 90_000
CANCEL_POLL_S = 0.25
LONGEST_BACK_OFF_S = 15.0
# The speech service's names of what the message calls otherwise.
FORM_FIELDS = {"input": "script"}


class Outcome(StrEnum):
    """What the workflow does after a step."""

    DONE = "done"
    WAIT = "wait"
    QUEUE = "queue"
    REROUTE = "reroute"
    STOP = "stop"


@dataclass(frozen=True)
class Spoken:
    """How a try to speak ended, and where the work goes on: in which line, and how urgently."""

    outcome: Outcome
    line: str = "cpu"
    is_bulk: bool = False


class Stopping:
    """The worker is asked to end: its steps stand still, unfinished, for the next start."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._changed = threading.Condition()
        self._at_work = 0

    def ask(self) -> None:
        """Ask every step to stand still."""
        self._asked.set()

    @property
    def is_asked(self) -> bool:
        """Whether the worker is ending."""
        return self._asked.is_set()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Mark a step that has children or files of its own to put away first."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)
            if self.is_asked:
                # Neither result nor error may be checkpointed: the step was not done.
                threading.Event().wait()

    def wait_until_still(self, timeout_s: float) -> bool:
        """Return whether every step stood still within the time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._at_work == 0, timeout_s)

    def _count(self, change: int) -> None:
        with self._changed:
            self._at_work += change
            self._changed.notify_all()


class RenderSteps:
    """The steps of a render with everything they need."""

    def __init__(
        self,
        journal: Journal,
        storage: Storage,
        lanes: Lanes,
        speech_patience_s: float,
        stopping: Stopping,
        decor: Decor = PLAIN_DECOR,
    ) -> None:
        self._journal = journal
        self._storage = storage
        self._lanes = lanes
        self._speech_patience_s = speech_patience_s
        self._stopping = stopping
        self._decor = decor

    def speak(self, message_id: str, attempt: int, waiting_since_s: float | None) -> Spoken:
        """Have the script spoken into `speech.wav` and its times into `spoken.json`.

        waiting_since_s: Unix time of the first vain try, None before it
        """
        spoken = self._speak(message_id, attempt, waiting_since_s)
        return replace(spoken, is_bulk=spoken.is_bulk or self._journal.is_bulk(message_id))

    def _speak(self, message_id: str, attempt: int, waiting_since_s: float | None) -> Spoken:
        with self._guarded(message_id, attempt):
            brief = self._journal.begin_speaking(message_id, attempt)
            if brief is None:
                return self._leave(message_id, attempt, Outcome.STOP)
            if self._is_there(brief, "spoken.json"):
                self._journal.step_found(brief, "speech")
                return self._leave(message_id, attempt, Outcome.DONE)
            self._drop_earlier_attempts(brief)
            return self._try_to_speak(brief, waiting_since_s)
        return self._leave(message_id, attempt, Outcome.STOP)

    def _leave(self, message_id: str, attempt: int, outcome: Outcome) -> Spoken:
        """Take the job out of its lane's line: there is nothing more to speak."""
        return Spoken(outcome, is_bulk=self._lanes.done(message_id, attempt))

    def compose(self, message_id: str, attempt: int) -> Outcome:
        """Compose video, poster, captions and previews from what was spoken or recorded."""
        with self._guarded(message_id, attempt):
            spoken = self._read_spoken(message_id, attempt)
            brief = self._journal.begin_composing(message_id, attempt, spoken)
            if brief is None:
                return Outcome.STOP
            step = _step_of(brief)
            if self._is_there(brief, "composed.json"):
                self._journal.step_found(brief, step)
            else:
                self._compose(brief, spoken, step)
            return Outcome.DONE
        return Outcome.STOP

    def finish(self, message_id: str, attempt: int) -> Outcome:
        """Add the small version where the video is too large to pass on; the message is ready."""
        with self._guarded(message_id, attempt):
            if not self._journal.is_wanted(message_id, attempt):
                return Outcome.STOP
            record = self._storage.read(f"messages/{message_id}/{attempt}/composed.json")
            composed = ComposedRecord.model_validate_json(record)
            has_small = self._shrink_if_large(message_id, attempt, composed.duration_s)
            self._storage.drop_drafts(f"messages/{message_id}/{attempt}")
            # A video that an earlier release composed has no previews beside it.
            waveform = f"messages/{message_id}/{attempt}/waveform.json"
            has_previews = self._storage.find(waveform) is not None
            spans = [span.model_dump() for span in composed.personal]
            made = MadeFiles(composed.duration_s, has_small, has_previews, spans)
            self._journal.finish(message_id, attempt, made)
            sweep_shelf(self._storage, message_id, composed.segments)
            return Outcome.DONE
        return Outcome.STOP

    # --- speaking ---------------------------------------------------------------------------

    def _try_to_speak(self, brief: Brief, waiting_since_s: float | None) -> Spoken:
        try:
            taken = self._lanes.take(brief.message_id, brief.attempt, brief.script)
        except NotThere as lost:
            self._journal.wait_for_speech(brief, "speech_starting")
            outcome = Outcome.QUEUE if lost.instead == lost.line else Outcome.REROUTE
            return Spoken(outcome, lost.instead, lost.is_bulk)
        started_s = time.monotonic()
        try:
            spoken = self._call(brief, taken)
        except SpeechUnavailable as problem:
            return self._wait_or_give_up(brief, taken, waiting_since_s, problem)
        if self._lanes.may_leave(taken) and _was_stood_in_for(spoken.script):
            lacking = SpeechUnavailable("This lane reaches no VOICEVOX engine.")
            return self._wait_or_give_up(brief, taken, waiting_since_s, lacking)
        self._storage.write(self._key(brief, "speech.wav"), spoken.wav)
        record = spoken.script.model_dump_json().encode()
        self._storage.write(self._key(brief, "spoken.json"), record)
        fresh = sum(len(s.text) for s in spoken.script.sentences if not s.cache_hit)
        elapsed_s = time.monotonic() - started_s
        receipt = Receipt(taken.lane, elapsed_s, self._lanes.cost_usd_micro(taken, elapsed_s))
        self._journal.speech_done(brief, fresh, receipt)
        return self._leave(brief.message_id, brief.attempt, Outcome.DONE)

    def _call(self, brief: Brief, taken: Taken) -> TimedSpeech:
        reporter = self._reporter(brief, guess_duration_s(brief.script, brief.language))
        reporter.report("speaking", 0.0)
        return call_abandonable(
            lambda: taken.speech.speak_timed(
                brief.script,
                language=brief.language,
                voice=brief.voice or "",
                base_voice=brief.base_voice,
                kept_for=brief.message_id,
                read_as=brief.read_as,
                common=_common_of(brief),
            ),
            is_abandoned=self._is_unwanted(brief.message_id, brief.attempt),
            on_wait=lambda waited_s: reporter.report_elapsed("speaking", waited_s),
            poll_s=CANCEL_POLL_S,
        )

    def _wait_or_give_up(
        self,
        brief: Brief,
        taken: Taken,
        waiting_since_s: float | None,
        problem: SpeechUnavailable,
    ) -> Spoken:
        line = self._lanes.give_back(brief.message_id, brief.attempt, taken)
        if line != taken.lane:
            logger.warning("message %s leaves the GPU lane: %s", brief.message_id, problem.reason)
            return Spoken(Outcome.REROUTE, line, taken.is_bulk)
        is_busy = problem.reason == "busy"
        waited_s = time.time() - (waiting_since_s or time.time())
        if waited_s >= self._speech_patience_s and not is_busy:
            logger.warning("message %s gives up on speech: %s", brief.message_id, problem.reason)
            self._journal.fail(brief.message_id, brief.attempt, problem)
            return self._leave(brief.message_id, brief.attempt, Outcome.STOP)
        self._journal.wait_for_speech(brief, f"speech_{problem.reason}")
        # A service with a full queue works: standing in line uses up nobody's patience.
        return Spoken(Outcome.QUEUE if is_busy else Outcome.WAIT, line, taken.is_bulk)

    def _drop_earlier_attempts(self, brief: Brief) -> None:
        for name in self._storage.names(f"messages/{brief.message_id}"):
            if name.isdigit() and int(name) < brief.attempt:
                self._storage.delete(f"messages/{brief.message_id}/{name}")

    # --- composing --------------------------------------------------------------------------

    def _read_spoken(self, message_id: str, attempt: int) -> SpokenScript | None:
        """Return what was spoken; None for a recording that keeps its own sound."""
        record = f"messages/{message_id}/{attempt}/spoken.json"
        if self._storage.find(record) is None and not self._journal.needs_speech(message_id):
            return None
        return SpokenScript.model_validate_json(self._storage.read(record))

    def _compose(self, brief: Brief, spoken: SpokenScript | None, step: str) -> None:
        if spoken is None:
            self._drop_earlier_attempts(brief)
        started_s = time.monotonic()
        reporter = self._reporter(brief, _expected_s(brief, spoken), step)
        record = Composer(self._journal, self._storage, self._decor).compose(
            brief,
            spoken,
            lambda fraction: reporter.report("composing", fraction),
            self._is_unwanted(brief.message_id, brief.attempt),
        )
        self._storage.write(self._key(brief, "composed.json"), record.model_dump_json().encode())
        elapsed_s = time.monotonic() - started_s
        is_whole = record.encoded_segments == len(record.segments)
        if is_whole is (step == "row"):
            # How long the rest took says nothing of how long a whole video takes, nor the whole
            # of what a campaign's later rows take.
            self._journal.step_found(brief, step)
        else:
            self._journal.step_done(brief, step, record.duration_s, elapsed_s)

    def _shrink_if_large(self, message_id: str, attempt: int, duration_s: float) -> bool:
        """Return whether there is a small version: it is needed, and it can be watched."""
        folder = f"messages/{message_id}/{attempt}"
        sizes = self._storage.sizes(folder)
        if sizes["video.mp4"] <= SMALL_VIDEO_BYTES or duration_s > LONGEST_SMALL_S:
            return False
        if "small.mp4" not in sizes:
            self._journal.record(message_id, attempt, "finishing", 96.0, None, None)
            self._shrink(folder, self._is_unwanted(message_id, attempt))
        return True

    def _shrink(self, folder: str, unwanted: Callable[[], bool]) -> None:
        storage = self._storage
        storage.drop_drafts(folder)
        with storage.workshop(folder) as workshop, storage.reading(f"{folder}/video.mp4") as video:
            draft = workshop / "small.mp4"
            shrink_video(video, draft, SMALL_VIDEO_BYTES, unwanted)
            storage.keep(draft, f"{folder}/small.mp4")

    # --- common -----------------------------------------------------------------------------

    @contextmanager
    def _guarded(self, message_id: str, attempt: int) -> Iterator[None]:
        """Turn whatever goes wrong into the message's reason; the workflow then stops."""
        try:
            with self._stopping.working():
                yield
        except Abandoned:
            logger.info("message %s attempt %d was abandoned", message_id, attempt)
        except OperationalError:
            raise  # the database was busy: the engine tries the step again
        except SpeechRefused as problem:
            problem.rename_fields(FORM_FIELDS)
            self._journal.fail(message_id, attempt, problem)
        except Exception as error:
            self._fail_unless_unwanted(message_id, attempt, error)

    def _fail_unless_unwanted(self, message_id: str, attempt: int, error: Exception) -> None:
        if not self._journal.is_wanted(message_id, attempt):
            logger.info("message %s attempt %d ended with its cancel", message_id, attempt)
            return
        logger.error("message %s attempt %d failed: %s", message_id, attempt, type(error).__name__)
        problem = (
            error
            if isinstance(error, Problem)
            else Problem("The video could not be made. Try again; if it fails again, tell us.")
        )
        self._journal.fail(message_id, attempt, problem)

    def _is_unwanted(self, message_id: str, attempt: int) -> Callable[[], bool]:
        """Return a check that asks the database at most four times a second."""
        last_s = float("-inf")
        unwanted = False

        def check() -> bool:
            nonlocal last_s, unwanted
            if self._stopping.is_asked:
                return True
            if not unwanted and time.monotonic() - last_s >= CANCEL_POLL_S:
                last_s = time.monotonic()
                unwanted = not self._journal.is_wanted(message_id, attempt)
            return unwanted

        return check

    def _reporter(self, brief: Brief, video_s: float, step: str = "compose") -> ProgressReporter:
        rates = self._journal.rates()
        is_spoken = brief.voice is not None
        plan = Plan(
            speech_s=rates.expected_s("speech", len(brief.script)) if is_spoken else 0.0,
            compose_s=rates.expected_s(step, video_s),
            finish_s=rates.expected_s("finish", 0.0),
        )

        def record(stage: str, percent: float, eta_s: float | None, note: str | None) -> None:
            self._journal.record(brief.message_id, brief.attempt, stage, percent, eta_s, note)

        return ProgressReporter(record, plan)

    def _is_there(self, brief: Brief, name: str) -> bool:
        return self._storage.find(self._key(brief, name)) is not None

    def _key(self, brief: Brief, name: str) -> str:
        return f"messages/{brief.message_id}/{brief.attempt}/{name}"


def _common_of(brief: Brief) -> Common | None:
    template = brief.template
    return Common(template.message_id, template.script) if template is not None else None


def _step_of(brief: Brief) -> str:
    """Return by which name it is remembered how long composing takes."""
    if brief.recording is not None:
        return "transcode"
    return "compose" if brief.template is None else "row"


def _was_stood_in_for(spoken: SpokenScript) -> bool:
    """Return whether somebody else spoke for a VOICEVOX character that was wished for."""
    return any(sentence.stood_in for sentence in spoken.sentences)


def back_off_s(turn: int) -> float:
    """Return how long the next try waits after the `turn`-th vain one (from 0), in seconds."""
    return min(2.0**turn, LONGEST_BACK_OFF_S)


def _expected_s(brief: Brief, spoken: SpokenScript | None) -> float:
    """Return about how long the video will be, in seconds."""
    if spoken is not None:
        return spoken.duration_s
    start_s, end_s = brief.recording.order.span_s if brief.recording else (0.0, 0.0)
    return end_s - start_s
