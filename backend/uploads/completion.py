"""The end of an upload: its parts are joined, opened in the jail, and what was made is kept.

Whoever completes holds a lease on the upload and renews it, so that two at once don't get into
each other's way, and a killed one is in nobody's way for long.
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import delete, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.media import MediaRejected, decode_audio, decode_photo, find_faces, sanitise_video
from backend.media.framing import Box
from backend.problems import Conflict, Invalid, NotFound
from backend.storage import NotStored, Storage, discard
from backend.uploads.models import Upload, UploadKind, UploadPart, UploadState
from backend.uploads.parts import held_parts, part_key
from backend.uploads.service import (
    MAX_BYTES,
    content_key,
    delete_upload,
    get_upload,
    too_large,
    video_key,
)

LEASE = timedelta(seconds=10)
_RENEW_EVERY_S = LEASE.total_seconds() / 3
# Parts that are read at the same time; at most 64 MiB of memory.
_AT_ONCE = 8


class UploadBusy(Conflict):
    """409: somebody else is completing it at this moment."""

    code = "upload_busy"
    title = "The file is being opened"

    def headers(self) -> dict[str, str]:
        """Say when another try is worth it."""
        return {"Retry-After": "1"}


def complete_upload(
    sessions: sessionmaker[Session],
    storage: Storage,
    account_id: str,
    upload_id: str,
    told_bytes: int | None = None,
    *,
    guest_of: str | None = None,
) -> Upload:
    """Join the parts and open them in the jail; doing it again answers the same.

    told_bytes: how long the file has become, needed where that was not known before
    raises:     Invalid naming the missing parts, or what is wrong with the file; a file that was
                refused is deleted at once. UploadBusy while somebody else completes it.
    """
    with sessions() as session:
        upload = get_upload(session, account_id, upload_id, guest_of=guest_of)
        parts = list(upload.parts)
    if upload.state is UploadState.COMPLETE:
        return upload
    size_bytes = _size_bytes(upload, told_bytes)
    _require_all_parts(upload, held_parts(storage, upload, parts), size_bytes)
    with _lease(sessions, upload_id):
        return _complete(sessions, storage, upload, size_bytes)


def _complete(
    sessions: sessionmaker[Session], storage: Storage, upload: Upload, size_bytes: int
) -> Upload:
    upload_id, account_id, guest_of = upload.id, upload.account_id, upload.guest_of
    with sessions() as session:
        upload = get_upload(session, account_id, upload_id, guest_of=guest_of)
        parts = list(upload.parts)
    if upload.state is UploadState.COMPLETE:  # by whoever held the lease just before
        return upload
    parts = held_parts(storage, upload, parts)
    _require_all_parts(upload, parts, size_bytes)
    storage.drop_drafts(f"uploads/{upload_id}")
    try:
        with storage.workshop(f"uploads/{upload_id}") as workshop:
            original = workshop / "original"
            _join(sessions, storage, parts, original)
            made = _open_in_jail(upload, original, workshop)
            original.unlink()  # what was sent is not kept, only what we made of it
            return _keep(sessions, storage, upload_id, size_bytes, made)
    except (MediaRejected, OSError) as error:
        _require_still_there(sessions, storage, upload_id)
        if not isinstance(error, MediaRejected):
            raise
        delete_upload(sessions, storage, account_id, upload_id, guest_of=guest_of)
        raise error.for_field(upload.kind) from error


def _require_still_there(sessions: sessionmaker[Session], storage: Storage, upload_id: str) -> None:
    """Raise NotFound, and leave nothing, when the upload was deleted meanwhile."""
    with sessions() as session:
        if session.get(Upload, upload_id) is not None:
            return
    discard(storage, f"uploads/{upload_id}")
    raise NotFound.named("upload_id", "This upload was deleted meanwhile.")


def _size_bytes(upload: Upload, told_bytes: int | None) -> int:
    size_bytes = told_bytes if upload.size_bytes is None else upload.size_bytes
    if size_bytes is None:
        message, fix = "The size of the file is missing.", "Send how many bytes were recorded."
        raise Invalid.field("size_bytes", "upload_size_missing", message, fix)
    if told_bytes not in (None, size_bytes):
        message, fix = "The file has another size.", f"Send {size_bytes} bytes, as announced."
        raise Invalid.field("size_bytes", "upload_incomplete", message, fix)
    if size_bytes < 1:
        fix = "Record or choose another one."
        raise Invalid.field(upload.kind, "media_empty", "The file is empty.", fix)
    if size_bytes > MAX_BYTES[upload.kind]:
        raise too_large(upload.kind)
    return size_bytes


def _require_all_parts(upload: Upload, parts: list[UploadPart], size_bytes: int) -> None:
    """Raise Invalid unless the parts, all full but the last, are `size_bytes` together."""
    full_bytes = upload.part_size_bytes
    count = -(-size_bytes // full_bytes)
    held = {part.number: part.size_bytes for part in parts}
    wanted = dict.fromkeys(range(1, count), full_bytes)
    wanted[count] = size_bytes - (count - 1) * full_bytes
    lacking = [
        number for number, wanted_bytes in wanted.items() if held.get(number) != wanted_bytes
    ]
    if lacking:
        raise _incomplete(lacking)
    if max(held) > count:
        message, fix = "More was sent than the size says.", f"Count part {max(held)} as well."
        raise Invalid.field("size_bytes", "upload_incomplete", message, fix)


def _incomplete(numbers: list[int]) -> Invalid:
    some = ", ".join(map(str, numbers[:20]))
    message = "Some parts are missing, or shorter or longer than the size says."
    return Invalid.field("parts", "upload_incomplete", message, f"Send part {some}.")


# --- the lease ------------------------------------------------------------------------------


@contextmanager
def _lease(sessions: sessionmaker[Session], upload_id: str) -> Iterator[None]:
    """Be the only one who completes the upload, for as long as this process lives."""
    _take_lease(sessions, upload_id)
    ended = threading.Event()
    renewer = threading.Thread(
        target=_renew_until, args=(sessions, upload_id, ended), name="upload-lease", daemon=True
    )
    renewer.start()
    try:
        yield
    finally:
        ended.set()
        renewer.join()
        _set_lease(sessions, upload_id, is_held=False)


def _take_lease(sessions: sessionmaker[Session], upload_id: str) -> None:
    with sessions.begin() as session:
        upload = session.get(Upload, upload_id, with_for_update=True)
        if upload is None:
            raise NotFound.named("upload_id", "This upload was deleted meanwhile.")
        now = utc_now()
        if upload.completing_until is not None and upload.completing_until > now:
            raise UploadBusy("The file is being opened already. Ask again in a moment.")
        upload.completing_until = now + LEASE


def _renew_until(sessions: sessionmaker[Session], upload_id: str, ended: threading.Event) -> None:
    while not ended.wait(_RENEW_EVERY_S):
        with suppress(OperationalError):  # a busy database: there is another try before it ends
            _set_lease(sessions, upload_id, is_held=True)


def _set_lease(sessions: sessionmaker[Session], upload_id: str, *, is_held: bool) -> None:
    until = utc_now() + LEASE if is_held else None
    with sessions.begin() as session:
        session.execute(update(Upload).where(Upload.id == upload_id).values(completing_until=until))


# --- joining --------------------------------------------------------------------------------


def _join(
    sessions: sessionmaker[Session], storage: Storage, parts: list[UploadPart], target: Path
) -> None:
    """Write the parts one behind the other, each as it was when it came.

    raises: Invalid naming parts that are not what was noted of them; those have to come again
    """
    with target.open("wb") as joined, ThreadPoolExecutor(_AT_ONCE) as pool:
        damaged = [
            part
            for first in range(0, len(parts), _AT_ONCE)
            for part in _append(pool, storage, parts[first : first + _AT_ONCE], joined)
        ]
    if damaged:
        with sessions.begin() as session:
            for part in damaged:
                session.execute(
                    delete(UploadPart).where(
                        UploadPart.upload_id == part.upload_id, UploadPart.number == part.number
                    )
                )
        raise _incomplete([part.number for part in damaged])


def _append(
    pool: Executor, storage: Storage, parts: Sequence[UploadPart], joined: BinaryIO
) -> list[UploadPart]:
    """Write some parts; return those whose bytes are not what was noted of them."""
    contents = pool.map(lambda part: _content(storage, part), parts)
    damaged = []
    for part, content in zip(parts, contents, strict=True):
        if content is None:
            damaged.append(part)
        else:
            joined.write(content)
    return damaged


def _content(storage: Storage, part: UploadPart) -> bytes | None:
    """Return the part's bytes; None where its length or checksum is another than was noted."""
    try:
        content = storage.read(part_key(part.upload_id, part.number))
    except NotStored:
        return None
    is_whole = part.sha256 in ("", hashlib.sha256(content).hexdigest())
    return content if is_whole and len(content) == part.size_bytes else None


# --- opening and keeping --------------------------------------------------------------------


@dataclass(frozen=True)
class _Made:
    """The file that we made of what was sent, and what is known of it."""

    content: Path
    key: str
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    has_audio: bool | None = None
    frame_rate: float | None = None
    stream_type: str | None = None
    was_turned: bool | None = None
    faces: list[Box] | None = None


def _open_in_jail(upload: Upload, original: Path, workshop: Path) -> _Made:
    content = workshop / "content"
    if upload.kind is UploadKind.VIDEO:
        return _open_video(upload, original, content)
    key = content_key(upload.id, upload.kind)
    if upload.kind is UploadKind.PHOTO:
        photo = decode_photo(original, content)
        return _Made(
            content,
            key,
            width_px=photo.width_px,
            height_px=photo.height_px,
            was_turned=photo.was_turned,
            faces=find_faces(content),
        )
    return _Made(content, key, duration_s=decode_audio(original, content).duration_s)


def _open_video(upload: Upload, original: Path, content: Path) -> _Made:
    # A recording that was broken off is kept as far as it goes; a chosen file should be whole.
    video = sanitise_video(original, content, may_be_cut=upload.size_bytes is None)
    return _Made(
        content,
        video_key(upload.id, video.stream_type),
        width_px=video.width_px,
        height_px=video.height_px,
        duration_s=video.duration_s,
        has_audio=video.has_audio,
        frame_rate=video.frame_rate,
        stream_type=video.stream_type,
    )


def _keep(
    sessions: sessionmaker[Session],
    storage: Storage,
    upload_id: str,
    size_bytes: int,
    made: _Made,
) -> Upload:
    """Keep what was made; the parts go. Raises NotFound when the upload was deleted meanwhile."""
    content_bytes = made.content.stat().st_size
    storage.keep(made.content, made.key)
    with sessions.begin() as session:
        upload = session.get(Upload, upload_id, with_for_update=True)
        if upload is not None:
            _note(upload, size_bytes, content_bytes, made)
    if upload is None:
        discard(storage, f"uploads/{upload_id}")
        raise NotFound.named("upload_id", "This upload was deleted meanwhile.")
    discard(storage, f"uploads/{upload_id}/parts")
    return upload


def _note(upload: Upload, size_bytes: int, content_bytes: int, made: _Made) -> None:
    upload.state = UploadState.COMPLETE
    upload.size_bytes, upload.content_bytes = size_bytes, content_bytes
    upload.width_px, upload.height_px = made.width_px, made.height_px
    upload.duration_s, upload.frame_rate = made.duration_s, made.frame_rate
    upload.has_audio, upload.stream_type = made.has_audio, made.stream_type
    upload.was_turned = made.was_turned
    upload.faces = None if made.faces is None else [list(astuple(face)) for face in made.faces]
    upload.parts.clear()
