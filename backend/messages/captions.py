"""Captions that the sender gives: kept with a recording, put into the video of what is ready."""

from contextlib import suppress
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.languages import primary_subtag
from backend.media.captions import Cue, as_webvtt
from backend.media.muxing import Tracks, mux_video
from backend.media.subtitles import MAX_BYTES, SubtitlesUnreadable, parse_subtitles
from backend.media.timeline import Timeline
from backend.messages import service
from backend.messages.caption_times import in_recording
from backend.messages.models import Message, MessageKind
from backend.messages.state import EDITABLE, MessageState
from backend.problems import Conflict, Invalid, TooLarge
from backend.storage import NotStored, Storage

FIELD = "captions"
CONTENT_TYPES = ("text/vtt", "application/x-subrip")


def give_captions(
    sessions: sessionmaker[Session],
    storage: Storage,
    account_id: str,
    message_id: str,
    raw: bytes,
    content_type: str,
) -> Message:
    """Make what was sent the captions of a message, written anew by us.

    raises: NotFound, Conflict where they can't be changed now, Invalid that names the line
    """
    message = _changeable(sessions, account_id, message_id)
    cues = _read(raw, content_type)
    if message.state is MessageState.READY:
        _put_into_video(storage, message, cues)
    return _keep(sessions, message, cues)


def take_captions_away(
    sessions: sessionmaker[Session], storage: Storage, account_id: str, message_id: str
) -> Message:
    """Forget captions that were given; a finished video gets those back that were made for it."""
    message = _changeable(sessions, account_id, message_id)
    if message.state is MessageState.READY:
        _put_into_video(storage, message, _made_cues(storage, message))
    return _keep(sessions, message, None)


def _changeable(sessions: sessionmaker[Session], account_id: str, message_id: str) -> Message:
    with sessions() as session:
        message = service.get_message(session, account_id, message_id)
    if message.state is MessageState.READY:
        return message
    if message.state not in EDITABLE:
        raise Conflict("The video is just being made. Change its captions when it is ready.")
    if message.kind is MessageKind.PHOTO:
        raise Conflict("These captions are made with the voice. Change them when it is ready.")
    return message


def _read(raw: bytes, content_type: str) -> list[Cue]:
    if content_type.partition(";")[0].strip().lower() not in CONTENT_TYPES:
        fix = f"Send them as {' or '.join(CONTENT_TYPES)}."
        raise Invalid.field(FIELD, "captions_unreadable", "These are no captions.", fix)
    if len(raw) > MAX_BYTES:
        message, fix = "The captions are too large.", "Shorten them to 200 kB."
        raise TooLarge.field(FIELD, "captions_too_large", message, fix)
    try:
        return parse_subtitles(raw)
    except SubtitlesUnreadable as error:
        message = f"The captions can't be read in line {error.line}: {error.reason}."
        fix = "Mend that line, or export the captions again as WebVTT or SubRip."
        raise Invalid.field(FIELD, "captions_unreadable", message, fix) from error


def _keep(sessions: sessionmaker[Session], seen: Message, cues: list[Cue] | None) -> Message:
    with sessions.begin() as session:
        message = service.get_message(session, seen.account_id, seen.id, for_change=True)
        if (message.state, message.attempt) != (seen.state, seen.attempt):
            raise Conflict("The message was changed meanwhile. Look at it and try again.")
        if message.state in EDITABLE:
            message = service.editable_message(session, seen.account_id, seen.id)
        message.captions_vtt = None if cues is None else as_webvtt(in_recording(message, cues))
        message.updated_at = utc_now()
        session.flush()
        return message


# --- a video that is ready ------------------------------------------------------------------


def _made_cues(storage: Storage, message: Message) -> list[Cue]:
    """Return the captions that were made from the script when the video was."""
    with suppress(NotStored):
        timeline = storage.read(message.file_key("timeline.json"))
        return list(Timeline.model_validate_json(timeline).cues)
    with suppress(NotStored):
        return parse_subtitles(storage.read(message.file_key("aligned.vtt")))
    return []


def _put_into_video(storage: Storage, message: Message, cues: list[Cue]) -> None:
    """Give the video, and its small version, other captions; nothing is encoded again."""
    names = ["video.mp4", *(["small.mp4"] if message.has_small_video else [])]
    folder = f"{message.folder}/{message.attempt}"
    for name in names:
        with storage.workshop(folder) as workshop:
            with storage.reading(f"{folder}/{name}") as video:
                _mux(message, video, cues, workshop)
            storage.keep(workshop / "video.mp4", f"{folder}/{name}")
            storage.keep(workshop / "captions.vtt", f"{folder}/captions.vtt")


def _mux(message: Message, video: Path, cues: list[Cue], workshop: Path) -> None:
    tracks = Tracks(
        picture=["-i", f"file:{video}"],
        voice=video,
        cues=cues,
        language=primary_subtag(message.language),
        duration_s=message.duration_s or 0.0,
        is_synthetic=message.is_synthetic,
    )
    mux_video(tracks, workshop, readable=[video])
