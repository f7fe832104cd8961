"""What can be done with a message. Services flush; whoever opened the session commits."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Row, bindparam, delete, select
from sqlalchemy.orm import Session, sessionmaker

from backend.campaigns.locks import require_changeable, require_free
from backend.db import utc_now
from backend.ids import new_id
from backend.jobs.outbox import submit_render
from backend.languages import primary_subtag
from backend.media.fonts import Font, find_font
from backend.media.sizes import CANVAS_PX, fitted_size
from backend.messages.completeness import (
    is_trimmed,
    require_complete,
    sentence_voices,
    writing_errors,
)
from backend.messages.filters import MessagesQuery, listing
from backend.messages.models import Message, MessageEvent, MessageKind
from backend.messages.orders import read_as_of, style_of
from backend.messages.progress import move
from backend.messages.schemas import MessageChanges, message_body
from backend.messages.state import (
    EDITABLE,
    IN_WORK,
    MessageState,
    require_move,
)
from backend.pages import Page, page_from
from backend.problems import Conflict, FieldError, Invalid, NotFound
from backend.revisions import require_match
from backend.speech.client import SpeechClient
from backend.uploads import service as uploads
from backend.uploads.models import UploadKind
from backend.voices import service as voices
from backend.words import service as words

COPIED = (
    "kind", "title", "script", "voice", "photo_upload_id", "aspect",
    "recording_upload_id", "trim_start_s", "trim_end_s", "music_upload_id", "readings",
    "deliveries",
    "theme", "music_track",
    "more_photo_upload_ids", "photo_crops", "background", "burned_captions", "waveform",
    "title_card", "closing_card",
)  # fmt: skip


# Built once: that takes as long as running one.
_IS_OWN = (Message.id == bindparam("message_id"), Message.account_id == bindparam("account_id"))
_OWN, _OWN_ID = select(Message).where(*_IS_OWN), select(Message.id).where(*_IS_OWN)
_OWN_LOCKED = _OWN.with_for_update()


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
        takes=[],
        words=[],
        spans=[],
        campaign_id=None,
        theme=None,
        music_track=None,
        more_photo_upload_ids=[],
        photo_crops=[],
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
    named = {"message_id": message_id, "account_id": account_id}
    message = session.scalar(_OWN_LOCKED if for_change else _OWN, named)
    if message is None:
        raise NotFound.named("message_id", "There is no such message.")
    return message


def require_own(session: Session, account_id: str, message_id: str) -> None:
    """Raise NotFound unless it is the account's message."""
    named = {"message_id": message_id, "account_id": account_id}
    if session.scalar(_OWN_ID, named) is None:
        raise NotFound.named("message_id", "There is no such message.")


def list_messages(session: Session, account_id: str, wanted: MessagesQuery) -> Page[Row[Any]]:
    """Return what is listed of the account's messages that are wanted, newest first."""
    given = wanted.given()
    named = given | {"account_id": account_id, "limit": wanted.limit + 1}
    # By the connection: they are columns, and no entities that the session would look after.
    rows = session.connection().execute(listing(frozenset(given)), named).all()
    return page_from(rows, wanted.limit)


def change_message(
    session: Session,
    account_id: str,
    message_id: str,
    changes: MessageChanges,
    if_match: str | None = None,
) -> Message:
    """Keep what was typed, finished or not. A message at work or ready is not changed.

    if_match: the header; whoever sends it writes over nothing that they haven't seen
    raises: NotFound, Conflict, Changed
    """
    message = editable_message(session, account_id, message_id, if_match)
    _apply(message, changes)
    message.updated_at = utc_now()
    session.flush()
    return message


def editable_message(
    session: Session, account_id: str, message_id: str, if_match: str | None = None
) -> Message:
    """Return the account's message, locked, as a draft of which nothing is shown any more.

    raises: NotFound, Conflict, Changed
    """
    message = message_for_change(session, account_id, message_id)
    if if_match is not None:
        require_match(if_match, message_body(message).revision)
    # What is changed may be what was cut: nothing of an earlier try is shown any more.
    message.stream_type, message.has_poster = None, False
    return message


def message_for_change(session: Session, account_id: str, message_id: str) -> Message:
    """Return the account's message, locked, or raise Conflict where it can't be changed."""
    message = get_message(session, account_id, message_id, for_change=True)
    require_changeable(session, message.campaign_id, message.id)
    if message.state not in EDITABLE:
        raise Conflict("This message can't be changed any more. Duplicate it to make another.")
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
        require_free(session, get_message(session, account_id, message_id).campaign_id)
    require_sayable(sessions, speech, account_id, message_id)
    font = find_font(caption_font)
    with sessions.begin() as session:
        return request_render(session, account_id, message_id, is_bulk=is_bulk, font=font)


def require_sayable(
    sessions: sessionmaker[Session], speech: SpeechClient, account_id: str, message_id: str
) -> None:
    """Ask the speech service whether it knows the voices and can read what is to be read.

    raises: NotFound, SpeechRefused, Invalid
    """
    with sessions() as session:
        message = get_message(session, account_id, message_id)
        voice, script, read_as = message.voice or "", message.script, read_as_of(session, message)
        language, is_spoken = primary_subtag(message.language), message.needs_speech
        of_sentences = sentence_voices(message) if is_spoken else []
    if is_spoken:
        words.require_readable(speech, script, language, read_as)
    _require_known(speech, [("voice", None, voice), *of_sentences])


def _require_known(speech: SpeechClient, named: Sequence[tuple[str, str | None, str]]) -> None:
    """Raise Invalid for base voices that the service lacks; named: (field, sentence, voice)."""
    known: dict[str, bool] = {}
    for _, _, voice in named:
        if voices.is_base_voice(voice) and voice not in known:
            known[voice] = voices.is_known_base_voice(speech, voice)
    told, fix = "There is no such voice.", "Choose a voice."
    errors = [
        FieldError(field, "voice_unknown", told, fix, sentence)
        for field, sentence, voice in named
        if not known.get(voice, True)
    ]
    if errors:
        problem = Invalid(f"{told} {fix}", errors)
        problem.code = "voice_unknown"
        raise problem


def request_render(
    session: Session,
    account_id: str,
    message_id: str,
    *,
    is_bulk: bool = False,
    font: Font | None = None,
) -> Message:
    """Check the message and put it in the queue; asking again while it waits changes nothing."""
    message = get_message(session, account_id, message_id, for_change=True)
    if message.state in IN_WORK:
        return message
    require_move(message.state, MessageState.QUEUED)
    require_makeable(session, message, font)
    _queue(session, message)
    submit_render(session, message, is_bulk=is_bulk)
    return message


def require_makeable(session: Session, message: Message, font: Font | None) -> None:
    """Raise Invalid, with an error for each field that keeps its video from being made."""
    require_complete(session, message, writing_errors(message, font))


def request_of_many(session: Session, message: Message, font: Font | None) -> None:
    """Put one of many messages in the queue, or fail it with what it lacks: the others go on."""
    try:
        require_makeable(session, message, font)
    except Invalid as problem:
        _queue(session, message)
        message.problem = problem.body()
        move(session, message, MessageState.FAILED)
        return
    _queue(session, message)
    submit_render(session, message, is_bulk=True)


def _queue(session: Session, message: Message) -> None:
    message.attempt += 1
    _plan(session, message)
    message.problem = None
    move(session, message, MessageState.QUEUED, stage="queued")


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
    is_cut = is_trimmed(message, recording) or style_of(message).has_text
    if message.voice is None and not is_cut:
        message.stream_type = recording.stream_type
        message.duration_s = recording.duration_s


def cancel_message(session: Session, account_id: str, message_id: str) -> Message:
    """Stop the work; a message that is not at work stays as it is."""
    message = get_message(session, account_id, message_id, for_change=True)
    if message.state in IN_WORK:
        move(session, message, MessageState.CANCELLED)
    return message


def duplicate_message(session: Session, account_id: str, message_id: str) -> Message:
    """Return a new draft with the same content."""
    original = get_message(session, account_id, message_id)
    content = MessageChanges(**{field: getattr(original, field) for field in COPIED})
    copy = create_draft(session, account_id, original.language, content)
    # Captions of a voice that was put over it have times of their own.
    copy.captions_vtt = original.captions_vtt if original.voice is None else None
    # Whoever goes on with a message goes on choosing.
    copy.takes = original.takes
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


def download_name(message: Message, ending: str = ".mp4") -> str:
    """Return a file name made from the title, safe on every system."""
    name = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]+', " ", message.title).strip(" .")
    return (name or "video-message")[:100] + ending
