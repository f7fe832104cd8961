"""The end of an account: every row, file and voice goes with it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import service
from backend.accounts.models import Account
from backend.api_keys.known import ACCESS_CHANGED
from backend.db import after_commit, purge_deleted, utc_now
from backend.dependencies import Collaborators
from backend.messages import removal
from backend.storage import discard
from backend.uploads.models import Upload
from backend.voices import service as voices


def close_account(app: Collaborators, account_id: str, password: str) -> None:
    """Delete the account and all that is its own; voices whose service is down follow by sweep."""
    account = service.require_own_password(app.readers, account_id, password)
    with app.sessions.begin() as session:
        service.require_may_leave(session, account)
        leftovers = removal.take_all(session, account_id)
        removal.leave_speech(session, account_id, utc_now())
        uploads = _upload_folders(session, account_id)
        voice_ids = voices.delete_voices_of(session, account_id)
        session.delete(session.get_one(Account, account_id))
        after_commit(session, ACCESS_CHANGED)
    for folder in uploads:
        discard(app.storage, folder)
    for leftover in leftovers:
        removal.sweep_away(app.storage, leftover)
    names = [account_id, *(leftover.message_id for leftover in leftovers)]
    removal.forget_speech(app.sessions, app.speech, names)
    for voice_id in voice_ids:
        voices.finish_deletion(app.sessions, app.speech, voice_id)
    purge_deleted(app.sessions)


def _upload_folders(session: Session, account_id: str) -> list[str]:
    ids = session.scalars(select(Upload.id).where(Upload.account_id == account_id))
    return [f"uploads/{upload_id}" for upload_id in ids]
