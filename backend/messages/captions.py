"""Captions that the sender gives: kept with a recording, put into the video of what is ready.

What was made and may be watched at this moment is never written over (docs/decisions/0008): a
correction lies beside it, in files whose names follow from the captions themselves.
"""

import hashlib
from contextlib import suppress
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.languages import primary_subtag
from backend.media.captions import Cue, as_webvtt
from backend.media.muxing import Tracks, mux_video
from backend.media.subtitles import MAX_BYTES, SubtitlesUnreadable, parse_subtitles
from backend.media.timeline import CaptionedDocument
from backend.messages import service
from backend.messages.caption_times import in_recording, in_video
from backend.messages.models import Message, MessageKind
from backend.messages.schemas import message_body
from backend.messages.state import EDITABLE, MessageState
from backend.problems import Conflict, Invalid, TooLarge
from backend.revisions import require_match
from backend.storage import NotStored, Storage, discard

FIELD = "captions"
CONTENT_TYPES = ("text/vtt", "application/x-subrip")
# What holds captions, and so has another version once they are corrected.
CAPTIONED = ("captions.vtt", "video.mp4", "small.mp4")
_AS_MADE = "made"


def give_captions(
    sessions: sessionmaker[Session],
    storage: Storage,
    account_id: str,
    message_id: str,
    raw: bytes,
    content_type: str,
    if_match: str | None = None,
) -> Message:
    """Make what was sent the captions of a message, written anew by us.

    if_match: the header, of the message's revision
    raises: NotFound, Conflict where they can't be changed now, Changed, Invalid that names the line
    """
    message = _changeable(sessions, account_id, message_id)
    # Before a video is written, too, which takes its time.
    _require_seen(message, if_match)
    kept = in_recording(message, _read(raw, content_type))
    cues = in_video(message, kept)
    return _correct(sessions, storage, message, as_webvtt(kept), cues, if_match)


def _require_seen(message: Message, if_match: str | None) -> None:
    if if_match is not None:
        require_match(if_match, message_body(message).revision)


def take_captions_away(
    sessions: sessionmaker[Session], storage: Storage, account_id: str, message_id: str
) -> Message:
    """Forget captions that were given; a finished video gets those back that were made for it."""
    message = _changeable(sessions, account_id, message_id)
    return _correct(sessions, storage, message, None, _made_cues(storage, message))


def shown_name(storage: Storage, message: Message, name: str) -> str:
    """Return the file that has the captions as they are now: `name`, unless they were corrected."""
    if name not in CAPTIONED:
        return name
    corrected = _corrected_name(name, message.captions_vtt)
    return corrected if storage.find(message.file_key(corrected)) is not None else name


def shown_cues(storage: Storage, message: Message) -> list[Cue]:
    """Return the captions of a finished video as they are now; none where it has none.

    raises: NotStored
    """
    raw = storage.read(message.file_key(shown_name(storage, message, "captions.vtt")))
    try:
        return parse_subtitles(raw)
    except SubtitlesUnreadable:  # a video without a word has a file without captions
        return []


def has_words(storage: Storage, message: Message) -> bool:
    """Return whether a finished video has any captions."""
    try:
        return bool(shown_cues(storage, message))
    except NotStored:
        return False


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


def _correct(
    sessions: sessionmaker[Session],
    storage: Storage,
    seen: Message,
    webvtt: str | None,
    cues: list[Cue],
    if_match: str | None = None,
) -> Message:
    is_video = seen.state is MessageState.READY
    if is_video:
        _write_beside(storage, seen, webvtt, cues)
    corrected, before = _keep(sessions, seen, webvtt, if_match)
    if is_video and before != webvtt:
        for name in CAPTIONED:
            discard(storage, corrected.file_key(_corrected_name(name, before)))
    return corrected


def _keep(
    sessions: sessionmaker[Session], seen: Message, webvtt: str | None, if_match: str | None
) -> tuple[Message, str | None]:
    """Return the message with its new captions, and the captions that it had."""
    with sessions.begin() as session:
        message = service.get_message(session, seen.account_id, seen.id, for_change=True)
        if (message.state, message.attempt) != (seen.state, seen.attempt):
            raise Conflict("The message was changed meanwhile. Look at it and try again.")
        _require_seen(message, if_match)
        if message.state in EDITABLE:
            message = service.editable_message(session, seen.account_id, seen.id)
        before, message.captions_vtt = message.captions_vtt, webvtt
        message.updated_at = utc_now()
        session.flush()
        return message, before


# --- a video that is ready ------------------------------------------------------------------


def _corrected_name(name: str, webvtt: str | None) -> str:
    """Return the name of a file with these captions, None being those that were made for it."""
    stem, _, kind = name.partition(".")
    mark = _AS_MADE if webvtt is None else hashlib.sha256(webvtt.encode()).hexdigest()[:16]
    return f"{stem}-{mark}.{kind}"


def _made_cues(storage: Storage, message: Message) -> list[Cue]:
    """Return the captions that were made from the script when the video was."""
    with suppress(NotStored):
        timeline = storage.read(message.file_key("timeline.json"))
        return list(CaptionedDocument.model_validate_json(timeline).cues)
    with suppress(NotStored):
        return parse_subtitles(storage.read(message.file_key("aligned.vtt")))
    return []


def _write_beside(storage: Storage, message: Message, webvtt: str | None, cues: list[Cue]) -> None:
    """Write the video, and its small version, with other captions; nothing is encoded again."""
    if storage.read(message.file_key("captions.vtt")).decode() == as_webvtt(cues):
        return
    names = ["video.mp4", *(["small.mp4"] if message.has_small_video else [])]
    for name in names:
        with storage.workshop(f"{message.folder}/{message.attempt}") as workshop:
            with storage.reading(message.file_key(name)) as video:
                _mux(message, video, cues, workshop)
            for made, kept in (("video.mp4", name), ("captions.vtt", "captions.vtt")):
                key = message.file_key(_corrected_name(kept, webvtt))
                storage.keep(workshop / made, key)


def _mux(message: Message, video: Path, cues: list[Cue], workshop: Path) -> None:
    tracks = Tracks(
        picture=["-i", f"file:{video}"],
        voice=video,
        cues=cues,
        language=primary_subtag(message.language),
        duration_s=message.duration_s or 0.0,
        is_synthetic=message.is_synthetic,
        credit=message.credit,
    )
    mux_video(tracks, workshop, readable=[video])
