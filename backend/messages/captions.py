"""Captions that the sender gives: kept with a draft, put into the video of a finished message."""

from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.media.captions import as_webvtt
from backend.media.subtitles import MAX_BYTES, SubtitlesUnreadable, parse_subtitles
from backend.messages import service
from backend.messages.models import Message
from backend.problems import FieldError, Invalid, TooLarge

FIELD = "captions"
CONTENT_TYPES = ("text/vtt", "application/x-subrip")


def give_captions(
    sessions: sessionmaker[Session],
    account_id: str,
    message_id: str,
    raw: bytes,
    content_type: str,
) -> Message:
    """Keep what was sent as the message's captions, written anew by us.

    raises: NotFound, Conflict where it can't be changed, Invalid that names the line
    """
    with sessions() as session:
        service.get_message(session, account_id, message_id)
    webvtt = _read(raw, content_type)
    with sessions.begin() as session:
        return _keep(session, account_id, message_id, webvtt)


def take_captions_away(
    sessions: sessionmaker[Session], account_id: str, message_id: str
) -> Message:
    """Forget captions that were given."""
    with sessions.begin() as session:
        return _keep(session, account_id, message_id, None)


def _read(raw: bytes, content_type: str) -> str:
    if content_type.partition(";")[0].strip().lower() not in CONTENT_TYPES:
        fix = f"Send them as {' or '.join(CONTENT_TYPES)}."
        raise Invalid.field(FIELD, "captions_unreadable", "These are no captions.", fix)
    if len(raw) > MAX_BYTES:
        message, fix = "The captions are too large.", "Shorten them to 200 kB."
        raise TooLarge(f"{message} {fix}", [FieldError(FIELD, "captions_too_large", message, fix)])
    try:
        return as_webvtt(parse_subtitles(raw))
    except SubtitlesUnreadable as error:
        message = f"The captions can't be read in line {error.line}: {error.reason}."
        fix = "Mend that line, or export the captions again as WebVTT or SubRip."
        raise Invalid.field(FIELD, "captions_unreadable", message, fix) from error


def _keep(session: Session, account_id: str, message_id: str, webvtt: str | None) -> Message:
    message = service.editable_message(session, account_id, message_id)
    message.captions_vtt = webvtt
    message.updated_at = utc_now()
    session.flush()
    return message
