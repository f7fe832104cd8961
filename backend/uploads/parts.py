"""Parts of a file, S3-shaped: each goes to a signed address, in any order, as often as it takes.

The address is ours, or the storage's own, where it signs some (decision 0009).

A file of known size has numbered parts, all full but the last. A recording that goes on has no
last part yet: each may be full or shorter until it is completed, and then all but the last must
be full.
"""

import hashlib
import hmac
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.problems import Forbidden, Invalid, NotFound
from backend.storage import Storage, discard
from backend.uploads.models import Upload, UploadPart, UploadState
from backend.uploads.schemas import PartAddress, PartRequest
from backend.uploads.service import MAX_BYTES, quota_reached, stored_bytes, too_large

ADDRESS_LIFETIME = timedelta(hours=1)


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


@dataclass(frozen=True)
class AddressRules:
    """What addresses are signed with, and how much an account may store."""

    signing_key: bytes
    quota_bytes: int


@dataclass(frozen=True)
class PartSize:
    """How many bytes a part may have."""

    least: int
    most: int

    @property
    def in_words(self) -> str:
        """Say it to whoever sends another."""
        if self.least == self.most:
            return f"Send exactly {self.most} bytes."
        return f"Send {self.most} bytes, or fewer in the last part."


def address_part(
    sessions: sessionmaker[Session],
    storage: Storage,
    upload: Upload,
    wish: PartRequest,
    rules: AddressRules,
) -> PartAddress:
    """Return where to PUT one part: to the storage itself, or to us where it takes none.

    raises: Invalid for a part that the upload can't have, TooLarge where there is no room
    """
    now = utc_now()
    permit = permit_part(upload, wish.number, wish.sha256, now)
    size_bytes = _wished_bytes(part_size(upload, wish.number), wish.size_bytes)
    lifetime_s = int(ADDRESS_LIFETIME.total_seconds())
    key = part_key(upload.id, wish.number)
    direct = storage.put_address(key, size_bytes, wish.sha256, lifetime_s)
    if direct is None:
        return part_address(permit, rules.signing_key)
    _reserve(sessions, permit, size_bytes, rules.quota_bytes)
    expires_at = datetime.fromtimestamp(permit.expires, UTC)
    return PartAddress(url=direct.url, method="PUT", headers=direct.headers, expires_at=expires_at)


def _wished_bytes(allowed: PartSize, wished: int | None) -> int:
    if wished is None:
        return allowed.most
    if not allowed.least <= wished <= allowed.most:
        message = "The part has another size."
        raise Invalid.field("size_bytes", "upload_part_size", message, allowed.in_words)
    return wished


def _reserve(
    sessions: sessionmaker[Session], permit: PartPermit, size_bytes: int, quota_bytes: int
) -> None:
    """Note the part before it comes: of what goes to the storage directly we are told nothing."""
    with sessions.begin() as session:
        upload = _open_upload(session, permit.upload_id, for_change=True)
        _require_room(session, upload, permit.number, size_bytes, quota_bytes)
        _note(session, permit, size_bytes, permit.sha256)


def _note(session: Session, permit: PartPermit, size_bytes: int, sha256: str) -> None:
    """Note a part as it comes; what was reserved stays, since an older address still holds."""
    held = session.get(UploadPart, (permit.upload_id, permit.number))
    reserved = held.reserved_bytes if held is not None else 0
    session.merge(
        UploadPart(
            upload_id=permit.upload_id,
            number=permit.number,
            size_bytes=size_bytes,
            reserved_bytes=max(size_bytes, reserved),
            sha256=sha256,
        )
    )


def held_parts(storage: Storage, upload: Upload, parts: Sequence[UploadPart]) -> list[UploadPart]:
    """Return those of an open upload's `parts` that lie in the storage, as long as they were told.

    A part that was addressed again with another length counts once that has come.
    """
    if upload.state is not UploadState.OPEN or not parts:
        return []
    there = storage.sizes(f"uploads/{upload.id}/parts")
    return [part for part in parts if there.get(str(part.number)) == part.size_bytes]


def permit_part(upload: Upload, number: int, sha256: str | None, now: datetime) -> PartPermit:
    """Return leave to send one part of an open upload."""
    if upload.state is not UploadState.OPEN:
        raise Invalid.field(
            "number", "upload_complete", "This upload is complete.", "Start another upload."
        )
    last = most_parts(upload)
    if number > last and upload.size_bytes is None:
        raise too_large(upload.kind)
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


def most_parts(upload: Upload) -> int:
    """Return how many parts the file has, or may have at most while it grows."""
    size_bytes = upload.size_bytes or MAX_BYTES[upload.kind]
    return -(-size_bytes // upload.part_size_bytes)


def part_size(upload: Upload, number: int) -> PartSize:
    """Return how many bytes part `number` may have."""
    if upload.size_bytes is None:
        return PartSize(1, upload.part_size_bytes)
    left = upload.size_bytes - (number - 1) * upload.part_size_bytes
    exact = min(upload.part_size_bytes, left)
    return PartSize(exact, exact)


def require_permit(permit: PartPermit, signature: str, key: bytes, now: datetime) -> None:
    """Raise Forbidden unless the address was made here and still holds."""
    if not hmac.compare_digest(permit.signature(key).encode(), signature.encode()):
        raise Forbidden("This address was not made here. Ask for another.")
    if permit.expires < now.timestamp():
        raise Forbidden("This address is too old. Ask for another.")


def expected_size(readers: sessionmaker[Session], permit: PartPermit, quota_bytes: int) -> PartSize:
    """Return how many bytes the permitted part may have.

    raises: NotFound, TooLarge where not even its first byte may be stored
    """
    with readers() as session:
        upload = _open_upload(session, permit.upload_id)
        size = part_size(upload, permit.number)
        _require_room(session, upload, permit.number, size.least, quota_bytes)
        return size


def require_room(
    readers: sessionmaker[Session], permit: PartPermit, size_bytes: int, quota_bytes: int
) -> None:
    """Raise TooLarge unless a part of this size may still be stored."""
    with readers() as session:
        upload = _open_upload(session, permit.upload_id)
        _require_room(session, upload, permit.number, size_bytes, quota_bytes)


def _open_upload(session: Session, upload_id: str, *, for_change: bool = False) -> Upload:
    upload = session.get(Upload, upload_id, with_for_update=for_change)
    if upload is None or upload.state is not UploadState.OPEN:
        raise NotFound.named("upload_id", "There is no such open upload.")
    return upload


def _require_room(
    session: Session, upload: Upload, number: int, size_bytes: int, quota_bytes: int
) -> None:
    held = session.get(UploadPart, (upload.id, number))
    reserved = held.reserved_bytes if held is not None else 0
    more_bytes = max(0, size_bytes - reserved)
    if stored_bytes(session, upload.account_id) + more_bytes > quota_bytes:
        raise quota_reached("part", is_guest=upload.guest_of is not None)


@dataclass(frozen=True)
class ReceivedPart:
    """A part that lies in its draft."""

    size_bytes: int
    sha256: str


async def receive_part(
    chunks: AsyncIterator[bytes], draft: Path, wanted: PartSize, wanted_sha256: str
) -> ReceivedPart:
    """Write the part to `draft`, refusing another size or content."""
    digest, received = hashlib.sha256(), 0
    with draft.open("wb") as stream:
        async for chunk in chunks:
            received += len(chunk)
            if received > wanted.most:
                break
            digest.update(chunk)
            stream.write(chunk)
    if not wanted.least <= received <= wanted.most:
        raise Invalid.field(
            "part", "upload_part_size", "The part has another size.", wanted.in_words
        )
    if wanted_sha256 and digest.hexdigest() != wanted_sha256:
        raise Invalid.field(
            "sha256", "upload_checksum", "The part was damaged on its way.", "Send it again."
        )
    return ReceivedPart(received, digest.hexdigest())


def keep_part(
    sessions: sessionmaker[Session],
    storage: Storage,
    permit: PartPermit,
    part: ReceivedPart,
) -> None:
    """Note that a part lies in the storage; sending it again replaces it.

    raises: NotFound when the upload was completed or deleted meanwhile; the part goes, too
    """
    try:
        with sessions.begin() as session:
            _open_upload(session, permit.upload_id, for_change=True)
            _note(session, permit, part.size_bytes, part.sha256)
    except NotFound:
        discard(storage, f"uploads/{permit.upload_id}/parts")
        raise


def part_key(upload_id: str, number: int) -> str:
    """Return the storage key of a part."""
    return f"uploads/{upload_id}/parts/{number}"
