"""What can be done with a message. Services flush; whoever opened the session commits."""

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.ids import new_id
from backend.jobs.outbox import submit_render
from backend.languages import primary_subtag
from backend.media.fonts import find_font
from backend.media.sizes import CANVAS_PX, fitted_size
from backend.media.style import PLAIN, Style
from backend.messages.completeness import is_trimmed, kept_span_s, require_complete
from backend.messages.models import Message, MessageEvent, MessageKind
from backend.messages.schemas import MessageChanges
from backend.messages.state import (
    EDITABLE,
    IN_WORK,
    TERMINAL,
    WAITS_FOR_SPEECH,
    MessageState,
    require_move,
)
from backend.pages import Page, page_of
from backend.power import work
from backend.problems import Conflict, Invalid, NotFound, Problem
from backend.speech import AS_USUAL, ReadAs, SentenceDelivery, SentenceReading, SpeechClient
from backend.uploads import service as uploads
from backend.uploads.models import UploadKind
from backend.voices import service as voices
from backend.words import service as words

COPIED = (
    "kind", "title", "script", "voice", "photo_upload_id", "aspect",
    "recording_upload_id", "trim_start_s", "trim_end_s", "music_upload_id", "readings",
    "deliveries",
    "theme", "music_track",
    "more_photo_upload_ids", "background", "burned_captions", "waveform", "title_card",
    "closing_card",
)  # fmt: skip


@dataclass(frozen=True)
class RecordingOrder:
    """What is to be made of a recording; times in seconds of its own."""

    upload_id: str
    stream_type: str | None
    span_s: tuple[float, float]
    has_audio: bool
    frame_rate: float
    width_px: int
    height_px: int
    captions_vtt: str | None
    music_upload_id: str | None
    music_track: str | None


@dataclass(frozen=True)
class RenderOrder:
    """All that a worker needs to make one attempt's video.

    voice:           None where a recording keeps its own sound
    base_voice:      who reads before it gets the tone of `voice`, if somebody in particular
    photo_upload_ids: in the order in which they are seen; none where there is a recording or a
                      colour in their place
    made_from:       another message of the account, for which parts of it may have been drawn
    """

    message_id: str
    attempt: int
    state: MessageState
    script: str
    language: str
    voice: str | None
    aspect: str
    base_voice: str | None = None
    read_as: ReadAs = AS_USUAL
    photo_upload_ids: tuple[str, ...] = ()
    music_upload_id: str | None = None
    music_track: str | None = None
    style: Style = PLAIN
    theme: str | None = None
    made_from: str | None = None
    recording: RecordingOrder | None = None


@dataclass(frozen=True)
class SpokenFacts:
    """What a message keeps of how it was spoken."""

    engine: str | None
    base_voice: str
    credit: str | None


@dataclass(frozen=True)
class MadeFiles:
    """What the finished video is like, and which files lie beside it."""

    duration_s: float
    has_small: bool = False
    has_previews: bool = False


# --- what the sender does -------------------------------------------------------------------


def create_draft(session: Session, account_id: str, language: str, body: MessageChanges) -> Message:
    """Return a new draft; whatever `body` leaves out is empty."""
    now = utc_now()
    message = Message(
        id=new_id("msg"),
        account_id=account_id,
        title="",
        script="",
        language=language,
        voice=None,
        kind=MessageKind.PHOTO,
        photo_upload_id=None,
        aspect="16:9",
        recording_upload_id=None,
        trim_start_s=0.0,
        trim_end_s=None,
        captions_vtt=None,
        music_upload_id=None,
        readings=[],
        deliveries=[],
        theme=None,
        music_track=None,
        more_photo_upload_ids=[],
        background=None,
        burned_captions="none",
        waveform="bars",
        title_card="",
        closing_card="",
        made_from=None,
        stream_type=None,
        state=MessageState.DRAFT,
        attempt=0,
        stage=None,
        percent=0.0,
        eta_s=None,
        note=None,
        problem=None,
        engine=None,
        base_voice=None,
        credit=None,
        duration_s=None,
        has_small_video=False,
        created_at=now,
        updated_at=now,
    )
    _apply(message, body)
    session.add(message)
    session.flush()
    return message


def get_message(
    session: Session, account_id: str, message_id: str, *, for_change: bool = False
) -> Message:
    """Return the account's message or raise NotFound.

    for_change: lock it: on PostgreSQL the worker may be changing it too
    """
    query = select(Message).where(Message.id == message_id, Message.account_id == account_id)
    message = session.scalar(query.with_for_update() if for_change else query)
    if message is None:
        raise NotFound.named("message_id", "There is no such message.")
    return message


def list_messages(
    session: Session, account_id: str, limit: int, cursor: str | None
) -> Page[Message]:
    """Return the account's messages, newest first."""
    return page_of(session, Message, Message.account_id == account_id, limit, cursor)


def change_message(
    session: Session, account_id: str, message_id: str, changes: MessageChanges
) -> Message:
    """Keep what was typed, finished or not. A message at work or ready is not changed."""
    message = editable_message(session, account_id, message_id)
    _apply(message, changes)
    message.updated_at = utc_now()
    session.flush()
    return message


def editable_message(session: Session, account_id: str, message_id: str) -> Message:
    """Return the account's message, locked, or raise Conflict where it can't be changed."""
    message = get_message(session, account_id, message_id, for_change=True)
    if message.state not in EDITABLE:
        raise Conflict("This message can't be changed any more. Duplicate it to make another.")
    # What is changed may be what was cut: nothing of an earlier try is shown any more.
    message.stream_type, message.has_poster = None, False
    return message


def _apply(message: Message, changes: MessageChanges) -> None:
    for field, value in changes.model_dump(exclude_unset=True).items():
        setattr(message, field, value)


def order_render(
    sessions: sessionmaker[Session],
    speech: SpeechClient,
    account_id: str,
    message_id: str,
    *,
    is_bulk: bool = False,
    caption_font: Path | None = None,
) -> Message:
    """Check the message with the speech service too, and put it in the queue.

    The service is asked between two transactions, never inside one.
    """
    with sessions() as session:
        message = get_message(session, account_id, message_id)
        voice, script, read_as = message.voice or "", message.script, read_as_of(session, message)
    words.require_readable(speech, script, read_as)
    if voices.is_base_voice(voice) and not voices.is_known_base_voice(speech, voice):
        raise Invalid.field("voice", "voice_unknown", "There is no such voice.", "Choose a voice.")
    has_font = find_font(caption_font) is not None
    with sessions.begin() as session:
        return request_render(session, account_id, message_id, is_bulk=is_bulk, has_font=has_font)


def request_render(
    session: Session,
    account_id: str,
    message_id: str,
    *,
    is_bulk: bool = False,
    has_font: bool = True,
) -> Message:
    """Check the message and put it in the queue; asking again while it waits changes nothing."""
    message = get_message(session, account_id, message_id, for_change=True)
    if message.state in IN_WORK:
        return message
    require_move(message.state, MessageState.QUEUED)
    require_complete(session, message, has_font=has_font)
    message.attempt += 1
    _plan(session, message)
    message.problem = None
    _move(session, message, MessageState.QUEUED, stage="queued")
    submit_render(session, message, is_bulk=is_bulk)
    return message


def _plan(session: Session, message: Message) -> None:
    """Note what the video will be like, and whether the recording itself may be watched."""
    message.has_poster = message.has_previews = False
    message.stream_type = None
    if message.kind is MessageKind.PHOTO:
        message.width_px, message.height_px = CANVAS_PX[message.aspect]
        return
    recording = uploads.complete_one(
        session, message.account_id, message.recording_upload_id, UploadKind.VIDEO
    )
    if recording is None:
        return
    message.width_px, message.height_px = fitted_size(recording.width_px, recording.height_px)
    if message.voice is None and not is_trimmed(message, recording):
        message.stream_type = recording.stream_type
        message.duration_s = recording.duration_s


def cancel_message(session: Session, account_id: str, message_id: str) -> Message:
    """Stop the work; a message that is not at work stays as it is."""
    message = get_message(session, account_id, message_id, for_change=True)
    if message.state in IN_WORK:
        _move(session, message, MessageState.CANCELLED)
    return message


def duplicate_message(session: Session, account_id: str, message_id: str) -> Message:
    """Return a new draft with the same content."""
    original = get_message(session, account_id, message_id)
    content = MessageChanges(**{field: getattr(original, field) for field in COPIED})
    copy = create_draft(session, account_id, original.language, content)
    # Captions of a voice that was put over it have times of their own.
    copy.captions_vtt = original.captions_vtt if original.voice is None else None
    copy.made_from = original.id
    session.flush()
    return copy


def uploads_in_use(session: Session, account_id: str | None = None) -> set[str]:
    """Return the uploads that messages are made of, everybody's or one account's."""
    query = select(
        Message.photo_upload_id,
        Message.recording_upload_id,
        Message.music_upload_id,
        Message.more_photo_upload_ids,
    )
    if account_id is not None:
        query = query.where(Message.account_id == account_id)
    rows = session.execute(query)
    return {used for *single, more in rows for used in (*single, *more) if used}


def delete_message(session: Session, message: Message) -> None:
    """Remove the rows. The caller deletes `message.folder` and the cached speech afterwards."""
    session.execute(delete(MessageEvent).where(MessageEvent.message_id == message.id))
    session.delete(message)
    session.flush()


# --- what the worker does: each call is one short transaction -------------------------------
# A step may be replayed after a crash, and a message may be cancelled or retried meanwhile, so
# each of these looks at state and attempt first and says whether the work is still wanted.


def is_any_in_work(session: Session) -> bool:
    """Return whether any message, of whomever, is being made."""
    return session.scalar(select(Message.id).where(Message.state.in_(IN_WORK)).limit(1)) is not None


def is_wanted(session: Session, message_id: str, attempt: int) -> bool:
    """Return whether this attempt is still at work: not cancelled, deleted or superseded."""
    message = session.get(Message, message_id)
    return message is not None and message.attempt == attempt and message.state in IN_WORK


def message_for_render(session: Session, message_id: str, attempt: int) -> RenderOrder | None:
    """Return what to make, or None when this attempt is no longer wanted.

    raises: Invalid when the recording was deleted after the order
    """
    message = _wanted(session, message_id, attempt)
    if message is None:
        return None
    is_photo = message.kind is MessageKind.PHOTO
    photos = _seen_photos(message)
    if is_photo and (message.voice is None or not (photos or message.background)):
        return None
    return RenderOrder(
        message_id=message.id,
        attempt=attempt,
        state=message.state,
        script=message.script,
        language=primary_subtag(message.language),
        voice=message.voice,
        aspect=message.aspect,
        base_voice=voices.reading_voice_of(session, message.voice, message.language),
        read_as=read_as_of(session, message),
        photo_upload_ids=photos,
        music_upload_id=message.music_upload_id if is_photo else None,
        music_track=message.music_track if is_photo else None,
        style=style_of(message),
        theme=message.theme,
        made_from=_original_of(session, message),
        recording=None if is_photo else _recording_order(session, message),
    )


def _seen_photos(message: Message) -> tuple[str, ...]:
    is_seen = message.kind is MessageKind.PHOTO and message.background is None
    return tuple(message.photo_upload_ids) if is_seen else ()


def style_of(message: Message) -> Style:
    """Return how a message is to look."""
    return Style.model_validate({name: getattr(message, name) for name in Style.model_fields})


def _original_of(session: Session, message: Message) -> str | None:
    """Return the message that this is a duplicate of, while it is there."""
    original = session.get(Message, message.made_from) if message.made_from else None
    is_own = original is not None and original.account_id == message.account_id
    return message.made_from if is_own else None


def read_as_of(session: Session, message: Message) -> ReadAs:
    """Return how its sentences are said; Japanese has readings and its owner's words, too."""
    deliveries = tuple(SentenceDelivery.model_validate(one) for one in message.deliveries)
    if primary_subtag(message.language) != words.LANGUAGE:
        return ReadAs(deliveries=deliveries)
    readings = tuple(SentenceReading.model_validate(one) for one in message.readings)
    return ReadAs(readings, words.words_of(session, message.account_id), deliveries)


def _recording_order(session: Session, message: Message) -> RecordingOrder:
    require_complete(session, message)
    upload_id = message.recording_upload_id or ""
    recording = uploads.get_upload(session, message.account_id, upload_id)
    return RecordingOrder(
        upload_id=upload_id,
        stream_type=recording.stream_type,
        span_s=kept_span_s(message, recording),
        has_audio=bool(recording.has_audio),
        frame_rate=recording.frame_rate or 0.0,
        width_px=message.width_px or 2,
        height_px=message.height_px or 2,
        captions_vtt=message.captions_vtt,
        music_upload_id=message.music_upload_id,
        music_track=message.music_track,
    )


def begin_speaking(session: Session, message_id: str, attempt: int) -> bool:
    """Move queued → speaking; again, or later in the chain, is fine. False when not wanted."""
    message = _wanted(session, message_id, attempt)
    if message is not None and message.state is MessageState.QUEUED:
        _move(session, message, MessageState.SPEAKING, stage="speaking")
    return message is not None


def begin_composing(
    session: Session, message_id: str, attempt: int, spoken: SpokenFacts | None
) -> bool:
    """Move on to composing and note how it was spoken, if it was. False when not wanted."""
    message = _wanted(session, message_id, attempt)
    if message is None:
        return False
    before = MessageState.QUEUED if spoken is None else MessageState.SPEAKING
    if message.state is before:
        if spoken is not None:
            message.engine = spoken.engine
            message.base_voice = spoken.base_voice
            message.credit = spoken.credit
        _move(session, message, MessageState.COMPOSING, stage="composing", percent=message.percent)
    return True


def note_poster(session: Session, message_id: str, attempt: int) -> None:
    """Note that the poster can be shown, though the video is still in the making."""
    message = _wanted(session, message_id, attempt)
    if message is not None:
        message.has_poster = True


def keep_receipt(
    session: Session,
    message_id: str,
    attempt: int,
    lane: str,
    speech_s: float,
    usd_micro: int,
) -> None:
    """Note where a message was spoken, for how long, and what that cost."""
    message = _wanted(session, message_id, attempt)
    if message is not None:
        message.lane, message.speech_s, message.speech_usd_micro = lane, speech_s, usd_micro


def finish_message(session: Session, message_id: str, attempt: int, made: MadeFiles) -> bool:
    """Move composing → ready. False when it was cancelled or superseded meanwhile."""
    message = _wanted(session, message_id, attempt)
    if message is None or message.state is not MessageState.COMPOSING:
        return False
    message.duration_s = made.duration_s
    message.has_small_video, message.has_previews = made.has_small, made.has_previews
    message.has_poster = True
    _move(session, message, MessageState.READY, percent=100.0)
    return True


def fail_message(session: Session, message_id: str, attempt: int, problem: Problem) -> bool:
    """Move to failed with a reason that can be shown. False when not wanted any more."""
    message = _wanted(session, message_id, attempt)
    if message is None:
        return False
    message.problem = problem.body()
    _move(session, message, MessageState.FAILED, percent=message.percent)
    return True


def record_progress(
    session: Session,
    message_id: str,
    attempt: int,
    stage: str,
    percent: float,
    eta_s: float | None = None,
    note: str | None = None,
) -> bool:
    """Note how far it is; percent never falls. False when not wanted any more: stop working."""
    message = _wanted(session, message_id, attempt)
    if message is None:
        return False
    message.stage, message.eta_s, message.note = stage, eta_s, note
    message.percent = max(message.percent, percent)
    _note_event(session, message)
    return True


def _wanted(session: Session, message_id: str, attempt: int) -> Message | None:
    # Locked: on PostgreSQL a cancel and a worker's step would otherwise overwrite each other.
    message = session.get(Message, message_id, with_for_update=True)
    if message is None or message.attempt != attempt or message.state not in IN_WORK:
        return None
    return message


def _move(
    session: Session,
    message: Message,
    to: MessageState,
    stage: str | None = None,
    percent: float = 0.0,
) -> None:
    require_move(message.state, to)
    message.state, message.stage, message.percent = to, stage, percent
    message.eta_s = message.note = None
    message.updated_at = utc_now()
    if to not in WAITS_FOR_SPEECH:
        work.leave_job(session, message.id, message.attempt, message.updated_at.timestamp())
    _note_event(session, message)


def _note_event(session: Session, message: Message) -> None:
    session.add(
        MessageEvent(
            message_id=message.id,
            attempt=message.attempt,
            state=message.state,
            stage=message.stage,
            percent=message.percent,
            eta_s=message.eta_s,
            note=message.note,
            problem=message.problem,
            at=utc_now(),
        )
    )
    session.flush()


# --- what the page sees ---------------------------------------------------------------------


def events_after(session: Session, message: Message, last_event_id: int) -> list[MessageEvent]:
    """Return what happened in the present attempt since `last_event_id`, oldest first."""
    query = (
        select(MessageEvent)
        .where(
            MessageEvent.message_id == message.id,
            MessageEvent.attempt == message.attempt,
            MessageEvent.id > last_event_id,
        )
        .order_by(MessageEvent.id)
    )
    return list(session.scalars(query))


def is_over(state: MessageState) -> bool:
    """Return whether nothing more will happen by itself."""
    return state in TERMINAL


def download_name(message: Message, ending: str = ".mp4") -> str:
    """Return a file name made from the title, safe on every system."""
    name = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]+', " ", message.title).strip(" .")
    return (name or "video-message")[:100] + ending
