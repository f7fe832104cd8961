"""Files come in as S3-shaped parts, are joined, and leave the jail as a picture or WAV of ours."""

import hashlib
import hmac
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.ids import new_id
from backend.media import MediaRejected, decode_audio, decode_photo
from backend.problems import FieldError, Forbidden, Invalid, NotFound, TooLarge
from backend.storage import FolderStorage
from backend.uploads.models import Upload, UploadKind, UploadPart, UploadState
from backend.uploads.schemas import NewUpload, PartAddress

PART_SIZE_BYTES = 8 * 1024 * 1024
MAX_BYTES = {UploadKind.PHOTO: 40_000_000, UploadKind.AUDIO: 100_000_000}
CONTENT_NAME = {UploadKind.PHOTO: "photo.jpg", UploadKind.AUDIO: "audio.wav"}
CONTENT_TYPE = {UploadKind.PHOTO: "image/jpeg", UploadKind.AUDIO: "audio/wav"}
ADDRESS_LIFETIME = timedelta(hours=1)


def create_upload(
    session: Session,
    account_id: str,
    lifetime_s: int,
    body: NewUpload,
    *,
    guest_of: str | None = None,
) -> Upload:
    """Return a new upload that waits for its parts."""
    _require_size(body)
    now = utc_now()
    upload = Upload(
        id=new_id("upl"),
        account_id=account_id,
        guest_of=guest_of,
        kind=body.kind,
        state=UploadState.OPEN,
        filename=body.filename,
        size_bytes=body.size_bytes,
        part_size_bytes=PART_SIZE_BYTES,
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
    if body.size_bytes < 1:
        raise Invalid.field(body.kind, "media_empty", "The file is empty.", "Choose another file.")
    limit = MAX_BYTES[body.kind]
    if body.size_bytes > limit:
        fix = f"Choose one of at most {limit // 1_000_000} MB."
        message = "The file is too large."
        error = FieldError(body.kind, "media_too_large", message, fix)
        raise TooLarge(f"{message} {fix}", [error])


def get_upload(
    session: Session, account_id: str, upload_id: str, *, guest_of: str | None = None
) -> Upload:
    """Return the account's upload, or a guest's of one link, or raise NotFound."""
    query = select(Upload).where(Upload.id == upload_id, Upload.account_id == account_id)
    upload = session.scalar(query.where(Upload.guest_of == guest_of))
    if upload is None:
        raise NotFound.named("upload_id", "There is no such upload.")
    return upload


def is_ready_photo(session: Session, account_id: str, upload_id: str) -> bool:
    """Return whether `upload_id` is the account's own finished photo."""
    upload = session.get(Upload, upload_id)
    return (
        upload is not None
        and upload.account_id == account_id
        and upload.guest_of is None
        and upload.kind is UploadKind.PHOTO
        and upload.state is UploadState.COMPLETE
    )


def content_key(upload_id: str, kind: UploadKind) -> str:
    """Return the storage key of the picture or WAV that was made of an upload."""
    return f"uploads/{upload_id}/{CONTENT_NAME[kind]}"


# --- parts ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PartPermit:
    """What a signed address allows."""

    upload_id: str
    number: int
    expires: int
    sha256: str

    def signature(self, key: bytes) -> str:
        """Return the signature that goes into the address."""
        text = f"part:{self.upload_id}:{self.number}:{self.expires}:{self.sha256}"
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def permit_part(upload: Upload, number: int, sha256: str | None, now: datetime) -> PartPermit:
    """Return leave to send one part of an open upload."""
    if upload.state is not UploadState.OPEN:
        raise Invalid.field(
            "number", "upload_complete", "This upload is complete.", "Start another upload."
        )
    last = part_count(upload)
    if number > last:
        fix = f"Send parts 1 to {last}, each of {upload.part_size_bytes} bytes but the last."
        raise Invalid.field("number", "upload_part_unknown", "There is no such part.", fix)
    return PartPermit(upload.id, number, int((now + ADDRESS_LIFETIME).timestamp()), sha256 or "")


def part_address(permit: PartPermit, key: bytes) -> PartAddress:
    """Return the signed address of a part, in the shape of S3's presigned requests."""
    query = {"expires": permit.expires, "signature": permit.signature(key)}
    if permit.sha256:
        query["sha256"] = permit.sha256
    return PartAddress(
        url=f"/api/v1/uploads/{permit.upload_id}/parts/{permit.number}?{urlencode(query)}",
        method="PUT",
        headers={"Content-Type": "application/octet-stream"},
        expires_at=datetime.fromtimestamp(permit.expires, UTC),
    )


def part_count(upload: Upload) -> int:
    """Return how many parts make the file."""
    return -(-upload.size_bytes // upload.part_size_bytes)


def part_size(upload: Upload, number: int) -> int:
    """Return how many bytes part `number` has: all are full but the last."""
    return min(upload.part_size_bytes, upload.size_bytes - (number - 1) * upload.part_size_bytes)


def require_permit(permit: PartPermit, signature: str, key: bytes, now: datetime) -> None:
    """Raise Forbidden unless the address was made here and still holds."""
    if not hmac.compare_digest(permit.signature(key).encode(), signature.encode()):
        raise Forbidden("This address was not made here. Ask for another.")
    if permit.expires < now.timestamp():
        raise Forbidden("This address is too old. Ask for another.")


def expected_size(sessions: sessionmaker[Session], permit: PartPermit) -> int:
    """Return how many bytes the permitted part must have."""
    with sessions() as session:
        upload = session.get(Upload, permit.upload_id)
        if upload is None or upload.state is not UploadState.OPEN:
            raise NotFound.named("upload_id", "There is no such open upload.")
        return part_size(upload, permit.number)


async def receive_part(
    chunks: AsyncIterator[bytes], draft: Path, wanted_bytes: int, wanted_sha256: str
) -> str:
    """Write the part to `draft` and return its sha-256, refusing another size or content."""
    digest, received = hashlib.sha256(), 0
    with draft.open("wb") as stream:
        async for chunk in chunks:
            received += len(chunk)
            if received > wanted_bytes:
                break
            digest.update(chunk)
            stream.write(chunk)
    if received != wanted_bytes:
        fix = f"Send exactly {wanted_bytes} bytes."
        raise Invalid.field("part", "upload_part_size", "The part has another size.", fix)
    if wanted_sha256 and digest.hexdigest() != wanted_sha256:
        raise Invalid.field(
            "sha256", "upload_checksum", "The part was damaged on its way.", "Send it again."
        )
    return digest.hexdigest()


def keep_part(
    sessions: sessionmaker[Session], permit: PartPermit, size_bytes: int, sha256: str
) -> None:
    """Note that a part lies on the disk; sending it again replaces it."""
    with sessions.begin() as session:
        upload = session.get(Upload, permit.upload_id, with_for_update=True)
        if upload is None or upload.state is not UploadState.OPEN:
            raise NotFound.named("upload_id", "There is no such open upload.")
        session.merge(
            UploadPart(
                upload_id=upload.id, number=permit.number, size_bytes=size_bytes, sha256=sha256
            )
        )


def part_key(upload_id: str, number: int) -> str:
    """Return the storage key of a part."""
    return f"uploads/{upload_id}/parts/{number}"


# --- completion -----------------------------------------------------------------------------


def complete_upload(
    sessions: sessionmaker[Session],
    storage: FolderStorage,
    account_id: str,
    upload_id: str,
    *,
    guest_of: str | None = None,
) -> Upload:
    """Join the parts and decode them in the jail; doing it again answers the same.

    raises: Invalid naming the missing parts, or what is wrong with the file; a file that was
            refused is deleted at once
    """
    with sessions() as session:
        upload = get_upload(session, account_id, upload_id, guest_of=guest_of)
        parts = {part.number for part in upload.parts}
    if upload.state is UploadState.COMPLETE:
        return upload
    missing = [n for n in range(1, part_count(upload) + 1) if n not in parts]
    if missing:
        numbers = ", ".join(map(str, missing[:20]))
        raise Invalid.field(
            "parts", "upload_incomplete", "Some parts are missing.", f"Send part {numbers}."
        )
    try:
        facts = _decode(storage, upload)
    except MediaRejected as refusal:
        delete_upload(sessions, storage, account_id, upload_id, guest_of=guest_of)
        raise refusal.for_field(upload.kind) from refusal
    return _mark_complete(sessions, storage, upload_id, facts)


@dataclass(frozen=True)
class _Facts:
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None


def _decode(storage: FolderStorage, upload: Upload) -> _Facts:
    with (
        storage.writing(f"uploads/{upload.id}/original") as original,
        storage.writing(content_key(upload.id, upload.kind)) as content,
    ):
        _join(storage, upload, original)
        try:
            facts = _open_in_jail(upload.kind, original, content)
        finally:
            original.write_bytes(b"")  # what was sent is not kept, only what we made of it
        return facts


def _open_in_jail(kind: UploadKind, original: Path, content: Path) -> _Facts:
    if kind is UploadKind.PHOTO:
        photo = decode_photo(original, content)
        return _Facts(width_px=photo.width_px, height_px=photo.height_px)
    return _Facts(duration_s=decode_audio(original, content).duration_s)


def _join(storage: FolderStorage, upload: Upload, target: Path) -> None:
    with target.open("wb") as joined:
        for number in range(1, part_count(upload) + 1):
            with storage.path(part_key(upload.id, number)).open("rb") as part:
                shutil.copyfileobj(part, joined)


def _mark_complete(
    sessions: sessionmaker[Session], storage: FolderStorage, upload_id: str, facts: _Facts
) -> Upload:
    with sessions.begin() as session:
        upload = session.get(Upload, upload_id, with_for_update=True)
        if upload is None:
            raise NotFound.named("upload_id", "This upload was deleted meanwhile.")
        upload.state = UploadState.COMPLETE
        upload.width_px, upload.height_px = facts.width_px, facts.height_px
        upload.duration_s = facts.duration_s
        upload.parts.clear()
    storage.delete(f"uploads/{upload_id}/parts")
    storage.delete(f"uploads/{upload_id}/original")
    return upload


def delete_upload(
    sessions: sessionmaker[Session],
    storage: FolderStorage,
    account_id: str,
    upload_id: str,
    *,
    guest_of: str | None = None,
) -> None:
    """Remove the upload and its bytes."""
    with sessions.begin() as session:
        session.delete(get_upload(session, account_id, upload_id, guest_of=guest_of))
    storage.delete(f"uploads/{upload_id}")


def delete_forgotten(
    sessions: sessionmaker[Session], storage: FolderStorage, in_use: set[str]
) -> int:
    """Remove uploads past their time that nothing uses, and folders without a row."""
    with sessions.begin() as session:
        expired = select(Upload).where(Upload.expires_at < utc_now(), Upload.id.not_in(in_use))
        gone = [upload.id for upload in session.scalars(expired)]
        for upload_id in gone:
            session.delete(session.get_one(Upload, upload_id))
    with sessions() as session:
        known = set(session.scalars(select(Upload.id)))
    orphans = [name for name in storage.names("uploads") if name not in known]
    for upload_id in {*gone, *orphans}:
        storage.delete(f"uploads/{upload_id}")
    return len(gone)
