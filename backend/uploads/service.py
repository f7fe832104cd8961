"""Files that come in: announced, looked up, within the account's quota, and deleted."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db import purge_deleted, utc_now
from backend.ids import new_id
from backend.problems import Invalid, NotFound, TooLarge
from backend.storage import Storage, discard
from backend.uploads.models import Upload, UploadKind, UploadPart, UploadState
from backend.uploads.schemas import NewUpload

PART_SIZE_BYTES = 8 * 1024 * 1024
# Small, so that little is left to send when a recording stops.
LIVE_PART_SIZE_BYTES = 1024 * 1024
MAX_BYTES = {
    UploadKind.PHOTO: 40_000_000,
    UploadKind.AUDIO: 100_000_000,
    UploadKind.VIDEO: 2_000_000_000,
}
CONTENT_NAME = {UploadKind.PHOTO: "photo.jpg", UploadKind.AUDIO: "audio.wav"}
CONTENT_TYPE = {UploadKind.PHOTO: "image/jpeg", UploadKind.AUDIO: "audio/wav"}
# Where no browser is sure to play it, the video is kept in the container that takes everything.
VIDEO_NAME = {"video/webm": "stream.webm", "video/mp4": "stream.mp4", None: "source.mkv"}


# No part is this long on its way, and no file this long in the jail.
ABANDONED_AFTER_S = 3600.0


def quota_reached(field: str, *, is_guest: bool) -> TooLarge:
    """Return the problem of an account whose uploads fill what it may store.

    is_guest: whether it is told to somebody who replies, and can delete nothing of the account's
    """
    if is_guest:
        message, fix = "The sender has no room left for recordings.", "Reply in writing instead."
        return TooLarge.field(field, "quota_reached", message, fix)
    fix = "Delete what you no longer need."
    return TooLarge.field(field, "quota_reached", "Your uploads fill the storage.", fix)


def create_upload(
    session: Session,
    account_id: str,
    lifetime_s: int,
    quota_bytes: int,
    body: NewUpload,
    *,
    guest_of: str | None = None,
) -> Upload:
    """Return a new upload that waits for its parts."""
    _require_size(body)
    if stored_bytes(session, account_id) + (body.size_bytes or 1) > quota_bytes:
        raise quota_reached(body.kind, is_guest=guest_of is not None)
    now = utc_now()
    is_live = body.size_bytes is None
    upload = Upload(
        id=new_id("upl"),
        account_id=account_id,
        guest_of=guest_of,
        kind=body.kind,
        state=UploadState.OPEN,
        filename=body.filename,
        size_bytes=body.size_bytes,
        part_size_bytes=LIVE_PART_SIZE_BYTES if is_live else PART_SIZE_BYTES,
        width_px=None,
        height_px=None,
        duration_s=None,
        created_at=now,
        expires_at=now + timedelta(seconds=lifetime_s),
    )
    session.add(upload)
    session.flush()
    return upload


def _require_size(body: NewUpload) -> None:
    if body.size_bytes is None:
        if body.kind is not UploadKind.VIDEO:
            message, fix = "The size of the file is missing.", "Send how many bytes it has."
            raise Invalid.field("size_bytes", "upload_size_missing", message, fix)
        return
    if body.size_bytes < 1:
        raise Invalid.field(body.kind, "media_empty", "The file is empty.", "Choose another file.")
    if body.size_bytes > MAX_BYTES[body.kind]:
        raise too_large(body.kind)


def too_large(kind: UploadKind) -> TooLarge:
    """Return the problem of a file with more bytes than its kind may have."""
    message = "The file is too large."
    fix = f"Choose one of at most {MAX_BYTES[kind] // 1_000_000} MB."
    if kind is UploadKind.VIDEO:
        return TooLarge.field(kind, "recording_too_large", message, fix)
    return TooLarge.field(kind, "media_too_large", message, fix)


def get_upload(
    session: Session, account_id: str, upload_id: str, *, guest_of: str | None = None
) -> Upload:
    """Return the account's upload, or a guest's of one link, or raise NotFound."""
    query = select(Upload).where(Upload.id == upload_id, Upload.account_id == account_id)
    upload = session.scalar(query.where(Upload.guest_of == guest_of))
    if upload is None:
        raise NotFound.named("upload_id", "There is no such upload.")
    return upload


def complete_one(
    session: Session, account_id: str, upload_id: str | None, kind: UploadKind
) -> Upload | None:
    """Return the account's own finished upload of a kind, None where it is not that."""
    upload = session.get(Upload, upload_id) if upload_id else None
    if upload is None or upload.account_id != account_id or upload.guest_of is not None:
        return None
    if upload.kind is not kind:
        return None
    return upload if upload.state is UploadState.COMPLETE else None


def stored_bytes(session: Session, account_id: str) -> int:
    """Return how much the account's uploads take: parts, as long as they may come, and what was
    made of files.
    """
    parts = (
        select(func.coalesce(func.sum(UploadPart.reserved_bytes), 0))
        .join(Upload, Upload.id == UploadPart.upload_id)
        .where(Upload.account_id == account_id)
    )
    made = select(func.coalesce(func.sum(Upload.content_bytes), 0)).where(
        Upload.account_id == account_id
    )
    return int(session.scalar(parts) or 0) + int(session.scalar(made) or 0)


# --- what is kept ---------------------------------------------------------------------------


def content_key(upload_id: str, kind: UploadKind) -> str:
    """Return the storage key of the picture or WAV that was made of an upload."""
    return f"uploads/{upload_id}/{CONTENT_NAME[kind]}"


def video_key(upload_id: str, stream_type: str | None) -> str:
    """Return the storage key of the video that was made of an upload."""
    return f"uploads/{upload_id}/{VIDEO_NAME[stream_type]}"


def kept_key(upload: Upload) -> str:
    """Return the storage key of whatever was made of a complete upload."""
    if upload.kind is UploadKind.VIDEO:
        return video_key(upload.id, upload.stream_type)
    return content_key(upload.id, upload.kind)


def content_type(upload: Upload) -> str | None:
    """Return the media type of what is kept."""
    return CONTENT_TYPE.get(upload.kind, upload.stream_type)


def delete_upload(
    sessions: sessionmaker[Session],
    storage: Storage,
    account_id: str,
    upload_id: str,
    *,
    guest_of: str | None = None,
) -> None:
    """Remove the upload, its bytes, and what the write-ahead log holds of its name."""
    with sessions.begin() as session:
        session.delete(get_upload(session, account_id, upload_id, guest_of=guest_of))
    discard(storage, f"uploads/{upload_id}")
    purge_deleted(sessions)


def delete_forgotten(sessions: sessionmaker[Session], storage: Storage, in_use: set[str]) -> int:
    """Remove uploads past their time that nothing uses, and folders without a row."""
    with sessions.begin() as session:
        expired = select(Upload).where(Upload.expires_at < utc_now(), Upload.id.not_in(in_use))
        gone = [upload.id for upload in session.scalars(expired)]
        for upload_id in gone:
            session.delete(session.get_one(Upload, upload_id))
    # In this order: a row is there before its files, so what begins meanwhile is no orphan.
    there = storage.folders("uploads")
    with sessions() as session:
        known = {row.id: row.state for row in session.execute(select(Upload.id, Upload.state))}
    _sweep_folders(storage, there, known)
    return len(gone)


def _sweep_folders(
    storage: Storage, there: dict[str, set[str]], known: dict[str, UploadState]
) -> None:
    """Remove folders without a row, parts that came too late, and what killed requests left."""
    complete = {upload_id for upload_id, state in known.items() if state is UploadState.COMPLETE}
    for upload_id, names in there.items():
        if upload_id not in known:
            storage.delete(f"uploads/{upload_id}")
        elif upload_id in complete and "parts" in names:
            storage.delete(f"uploads/{upload_id}/parts")
    storage.sweep_drafts("uploads", complete, ABANDONED_AFTER_S)
