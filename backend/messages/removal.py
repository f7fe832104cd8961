"""A deleted message leaves no bytes: rows first, then files, cached speech, photo and replies."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from backend.campaigns.locks import require_free
from backend.db import purge_deleted, utc_now
from backend.ids import new_id
from backend.messages import service
from backend.messages.models import LeftSpeech, Message
from backend.messages.state import IN_WORK
from backend.problems import Problem
from backend.shares.replies import take_replies
from backend.speech.client import SpeechClient
from backend.storage import Storage, discard
from backend.uploads.models import Upload

logger = logging.getLogger(__name__)

# Longer than the longest script is spoken, waiting in line included.
_SPOKEN_WITHIN = timedelta(hours=1)
_AT_ONCE = 500


@dataclass(frozen=True)
class Leftover:
    """What is still to be removed once the rows are gone."""

    message_id: str
    folder: str
    upload_folders: list[str]


def delete_message(
    sessions: sessionmaker[Session],
    storage: Storage,
    speech: SpeechClient,
    account_id: str,
    message_id: str,
) -> None:
    """Delete the message, its files, its cached speech, and the uploads that no other needs.

    raises: NotFound, Conflict for a campaign's, which goes with the campaign
    """
    with sessions.begin() as session:
        message = service.get_message(session, account_id, message_id)
        require_free(session, message.campaign_id)
        leftovers = take_messages(session, account_id, [message])
    finish(sessions, storage, speech, leftovers)


def finish(
    sessions: sessionmaker[Session],
    storage: Storage,
    speech: SpeechClient,
    leftovers: Sequence[Leftover],
) -> None:
    """Remove what is left of messages whose rows are gone."""
    purge_deleted(sessions)
    for leftover in leftovers:
        sweep_away(storage, leftover)
    forget_speech(sessions, speech, [leftover.message_id for leftover in leftovers])


def take_all(session: Session, account_id: str) -> list[Leftover]:
    """Remove the rows of all messages of an account."""
    messages = session.scalars(select(Message).where(Message.account_id == account_id)).all()
    return take_messages(session, account_id, messages)


def take_messages(session: Session, account_id: str, messages: Sequence[Message]) -> list[Leftover]:
    """Remove the rows of messages of an account, and of the uploads that no other needs."""
    made_of = [upload for message in messages for upload in message.upload_ids]
    leftovers = [_take(session, message) for message in messages]
    if leftovers:
        leftovers[-1].upload_folders.extend(_take_uploads(session, account_id, made_of))
    return leftovers


def _take(session: Session, message: Message) -> Leftover:
    leave_speech(session, message.id, utc_now() if message.state in IN_WORK else message.updated_at)
    guest_folders = take_replies(session, message.id)
    service.delete_message(session, message)
    return Leftover(message.id, message.folder, list(guest_folders))


def leave_speech(session: Session, kept_for: str, left_at: datetime) -> None:
    """Note that all speech kept for a message or an account is to be forgotten.

    left_at: since when nobody asks to have it spoken
    """
    session.add(LeftSpeech(id=new_id("lft"), kept_for=kept_for, left_at=left_at))


def _take_uploads(session: Session, account_id: str, upload_ids: Sequence[str]) -> list[str]:
    used = service.uploads_in_use(session, account_id)
    folders = []
    for upload_id in dict.fromkeys(upload_ids):
        upload = session.get(Upload, upload_id) if upload_id not in used else None
        if upload is not None and upload.account_id == account_id and upload.guest_of is None:
            session.delete(upload)
            folders.append(f"uploads/{upload.id}")
    session.flush()
    return folders


def sweep_away(storage: Storage, leftover: Leftover) -> None:
    """Remove the files."""
    for folder in (leftover.folder, *leftover.upload_folders):
        discard(storage, folder)


def forget_left_speech(sessions: sessionmaker[Session], speech: SpeechClient) -> None:
    """Have the speech service delete the sentences of all that was deleted.

    A sentence that was at work when its message was deleted is kept only afterwards: each is asked
    for again until nobody can still be speaking it.
    """
    with sessions() as session:
        waiting = session.scalars(select(LeftSpeech.kept_for)).all()
    forget_speech(sessions, speech, waiting)


def forget_speech(
    sessions: sessionmaker[Session], speech: SpeechClient, kept_for: Sequence[str]
) -> None:
    """Have it delete these; the worker's sweep follows up where it is down."""
    for first in range(0, len(kept_for), _AT_ONCE):
        some = kept_for[first : first + _AT_ONCE]
        settled = LeftSpeech.left_at < utc_now() - _SPOKEN_WITHIN
        try:
            speech.forget(some)
        except Problem:
            logger.warning("cached speech of what was deleted waits for the speech service")
            return
        with sessions.begin() as session:
            session.execute(delete(LeftSpeech).where(LeftSpeech.kept_for.in_(some), settled))


def delete_orphaned_folders(sessions: sessionmaker[Session], storage: Storage) -> int:
    """Remove message folders without a row, as a crash in mid-deletion leaves them."""
    # In this order: a row is there before its files, so what begins meanwhile is no orphan.
    there = storage.names("messages")
    with sessions() as session:
        known = set(session.scalars(select(Message.id)))
    orphans = [name for name in there if name not in known]
    for name in orphans:
        storage.delete(f"messages/{name}")
    return len(orphans)
