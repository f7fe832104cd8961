"""What the steps may do to a message: short transactions, each for one attempt only."""

from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from backend.jobs.rates import Rates, learn_rates, remember_found_step, remember_step
from backend.media.framing import Crop
from backend.media.style import PLAIN, Style
from backend.messages import making, orders
from backend.messages.models import Message
from backend.problems import Problem
from backend.speech.spoken import SpokenScript
from backend.speech.wishes import AS_USUAL, ReadAs
from backend.uploads.models import UploadKind
from backend.uploads.service import content_key, video_key


@dataclass(frozen=True)
class Brief:
    """What one attempt is to make. It holds the script, so it never reaches the engine.

    template: what it shares with the other messages of its campaign, if it is of one
    """

    message_id: str
    attempt: int
    script: str
    language: str
    voice: str | None
    aspect: str
    base_voice: str | None = None
    read_as: ReadAs = AS_USUAL
    photo_keys: tuple[str, ...] = ()
    photo_crops: tuple[Crop | None, ...] = ()
    music_key: str | None = None
    music_track: str | None = None
    style: Style = PLAIN
    theme: str | None = None
    made_from: str | None = None
    template: orders.Template | None = None
    recording: "RecordingBrief | None" = None


@dataclass(frozen=True)
class RecordingBrief:
    """The recording of a message, its storage key, and that of the music under it.

    music_track: the product's own music, where there is no other
    """

    order: orders.RecordingOrder
    video_key: str
    music_key: str | None
    music_track: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What speaking a message took: on which lane, for how long, and what that cost."""

    lane: str
    elapsed_s: float
    usd_micro: int


class Journal:
    """The message's side of a render; every call looks whether the attempt is still wanted."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        readers: sessionmaker[Session],
    ) -> None:
        self._sessions = sessions
        self._readers = readers

    def is_wanted(self, message_id: str, attempt: int) -> bool:
        """Tell whether this attempt is still at work: not cancelled, deleted or retried."""
        with self._readers() as session:
            return making.is_wanted(session, message_id, attempt)

    def begin_speaking(self, message_id: str, attempt: int) -> Brief | None:
        """Note that speaking begins; None when nobody wants the attempt any more."""
        with self._sessions.begin() as session:
            if not making.begin_speaking(session, message_id, attempt):
                return None
            return self._brief(session, message_id, attempt)

    def begin_composing(
        self, message_id: str, attempt: int, spoken: SpokenScript | None
    ) -> Brief | None:
        """Note how it was spoken and that composing begins; None when not wanted any more.

        spoken: None where a recording keeps its own sound
        """
        facts = None if spoken is None else _facts(spoken)
        with self._sessions.begin() as session:
            if not making.begin_composing(session, message_id, attempt, facts):
                return None
            return self._brief(session, message_id, attempt)

    def _brief(self, session: Session, message_id: str, attempt: int) -> Brief | None:
        order = orders.message_for_render(session, message_id, attempt)
        if order is None:
            return None
        return Brief(
            message_id=order.message_id,
            attempt=order.attempt,
            script=order.script,
            language=order.language,
            voice=order.voice,
            aspect=order.aspect,
            base_voice=order.base_voice,
            read_as=order.read_as,
            photo_keys=tuple(content_key(one, UploadKind.PHOTO) for one in order.photo_upload_ids),
            photo_crops=order.photo_crops,
            music_key=_content(order.music_upload_id, UploadKind.AUDIO),
            music_track=order.music_track,
            style=order.style,
            theme=order.theme,
            made_from=order.made_from,
            template=order.template,
            recording=_recording(order.recording),
        )

    def needs_speech(self, message_id: str) -> bool:
        """Tell whether something is spoken for the message; if it is gone, it does not matter."""
        with self._readers() as session:
            message = session.get(Message, message_id)
            return message is not None and message.needs_speech

    def is_bulk(self, message_id: str) -> bool:
        """Tell whether it is one of many: what a person waits for by itself goes first."""
        with self._readers() as session:
            message = session.get(Message, message_id)
            return message is not None and message.campaign_id is not None

    def poster_made(self, brief: Brief) -> None:
        """Tell that the poster can be shown."""
        with self._sessions.begin() as session:
            making.note_poster(session, brief.message_id, brief.attempt)

    def finish(self, message_id: str, attempt: int, made: making.MadeFiles) -> None:
        """Make the message ready, unless it was cancelled meanwhile."""
        with self._sessions.begin() as session:
            making.finish_message(session, message_id, attempt, made)

    def fail(self, message_id: str, attempt: int, problem: Problem) -> None:
        """Give the message up with a reason that can be shown, unless it was cancelled."""
        with self._sessions.begin() as session:
            making.fail_message(session, message_id, attempt, problem)

    def record(
        self,
        message_id: str,
        attempt: int,
        stage: str,
        percent: float,
        eta_s: float | None,
        note: str | None,
    ) -> None:
        """Tell how far it is."""
        with self._sessions.begin() as session:
            making.record_progress(session, message_id, attempt, stage, percent, eta_s, note)

    def wait_for_speech(self, brief: Brief, note: str) -> None:
        """Tell that the speech service is being waited for, and why."""
        self.record(brief.message_id, brief.attempt, "waiting_for_speech", 0.0, None, note)

    def step_done(self, brief: Brief, step: str, amount: float, elapsed_s: float) -> None:
        """Keep how long a step took."""
        with self._sessions.begin() as session:
            remember_step(session, step, brief.message_id, brief.attempt, amount, elapsed_s)

    def speech_done(self, brief: Brief, amount: float, receipt: Receipt) -> None:
        """Keep how long speaking took, and the message's receipt."""
        with self._sessions.begin() as session:
            remember_step(
                session,
                "speech",
                brief.message_id,
                brief.attempt,
                amount,
                receipt.elapsed_s,
                receipt.lane,
            )
            making.keep_receipt(
                session,
                brief.message_id,
                brief.attempt,
                receipt.lane,
                receipt.elapsed_s,
                receipt.usd_micro,
            )

    def step_found(self, brief: Brief, step: str) -> None:
        """Keep that a step was done before, unless that is known."""
        with self._sessions.begin() as session:
            remember_found_step(session, step, brief.message_id, brief.attempt)

    def rates(self) -> Rates:
        """Tell how long steps took of late."""
        with self._readers() as session:
            return learn_rates(session)


def _recording(order: orders.RecordingOrder | None) -> RecordingBrief | None:
    if order is None:
        return None
    return RecordingBrief(
        order=order,
        video_key=video_key(order.upload_id, order.stream_type),
        music_key=_content(order.music_upload_id, UploadKind.AUDIO),
        music_track=order.music_track,
    )


def _content(upload_id: str | None, kind: UploadKind) -> str | None:
    return content_key(upload_id, kind) if upload_id else None


def _facts(spoken: SpokenScript) -> making.SpokenFacts:
    return making.SpokenFacts(
        engine=spoken.engine, base_voice=spoken.base_voice or "", credit=spoken.credit
    )
