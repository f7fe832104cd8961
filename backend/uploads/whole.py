"""Files that come in one piece: in one request, or from an address where somebody else has them."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from threading import Lock
from typing import BinaryIO
from urllib.parse import unquote

import httpx
from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.fetching import TargetRefused, checked_url, guarded_client
from backend.fetching.targets import Reach
from backend.problems import Invalid, Problem, RateLimited
from backend.storage import Storage
from backend.uploads import completion, parts, service
from backend.uploads.models import Upload, UploadKind
from backend.uploads.schemas import FetchOrder, NewUpload

# From the look-up to the last byte; a proxy between would give up on the caller soon after.
FETCH_TOTAL_S = 50.0
# Each holds one of the server's threads, and the disk until its size is known.
FETCHES_AT_ONCE = 3
_fetching: Counter[str] = Counter()
_fetching_lock = Lock()


def send_whole(
    sessions: sessionmaker[Session],
    storage: Storage,
    account_id: str,
    announce: Callable[[Session], Upload],
    file: BinaryIO,
) -> Upload:
    """Return the complete upload of `file`, which is sent in the same parts as any other.

    announce: makes the upload in a transaction of its own
    raises:   what the parts and the completion raise; nothing is left of a file that is refused
    """
    with sessions.begin() as session:
        upload = announce(session)
    try:
        for number in range(1, parts.most_parts(upload) + 1):
            _keep_part(sessions, storage, upload, number, file.read(upload.part_size_bytes))
    except Problem:
        service.delete_upload(sessions, storage, account_id, upload.id)
        raise
    return completion.complete_upload(sessions, storage, account_id, upload.id)


def _keep_part(
    sessions: sessionmaker[Session], storage: Storage, upload: Upload, number: int, part: bytes
) -> None:
    sha256 = hashlib.sha256(part).hexdigest()
    permit = parts.permit_part(upload, number, sha256, utc_now())
    with storage.writing(parts.part_key(upload.id, number)) as draft:
        draft.write_bytes(part)
    parts.keep_part(sessions, storage, permit, parts.ReceivedPart(len(part), sha256))


def fetch_upload(
    sessions: sessionmaker[Session],
    storage: Storage,
    account_id: str,
    announce: Callable[[Session, NewUpload], Upload],
    order: FetchOrder,
) -> Upload:
    """Return the complete upload of what lies at the order's address.

    raises: Invalid naming `url` where that is not on the open internet, does not answer or answers
            something else than a file; TooLarge; RateLimited; what `send_whole` raises
    """
    with _few_at_once(account_id), TemporaryFile() as file:
        size_bytes = _fetch(order.url, order.kind, file)
        filename = order.filename or _filename(order.url)
        new = NewUpload(kind=order.kind, filename=filename, size_bytes=size_bytes)
        file.seek(0)
        return send_whole(
            sessions, storage, account_id, lambda session: announce(session, new), file
        )


@contextmanager
def _few_at_once(account_id: str) -> Iterator[None]:
    with _fetching_lock:
        if _fetching[account_id] >= FETCHES_AT_ONCE:
            told = f"{FETCHES_AT_ONCE} files are being fetched already. Wait until one is there."
            raise RateLimited(told, retry_after_s=5)
        _fetching[account_id] += 1
    try:
        yield
    finally:
        with _fetching_lock:
            _fetching[account_id] -= 1
            if not _fetching[account_id]:
                del _fetching[account_id]


def _fetch(url: str, kind: UploadKind, file: BinaryIO) -> int:
    """Write what lies at `url` into `file`; return how many bytes that was."""
    try:
        target = checked_url(url, Reach.PUBLIC)
        with (
            guarded_client(Reach.PUBLIC, total_s=FETCH_TOTAL_S) as client,
            client.stream("GET", target) as answer,
        ):
            _require_file(answer)
            return _copy(answer, kind, file)
    except TargetRefused as refused:
        code = f"target_{refused.refusal}"
        raise Invalid.field("url", code, refused.message, refused.fix) from refused
    except (httpx.HTTPError, OSError) as error:
        message, fix = "The address does not answer.", "Check it, or send the file itself."
        raise Invalid.field("url", "url_unreachable", message, fix) from error


def _require_file(answer: httpx.Response) -> None:
    if answer.status_code != httpx.codes.OK:
        message = f"The address answers with status {answer.status_code}."
        fix = "Send one that answers with the file itself, without a redirect or a sign-in."
        raise Invalid.field("url", "url_status", message, fix)


def _copy(answer: httpx.Response, kind: UploadKind, file: BinaryIO) -> int:
    taken = 0
    for chunk in answer.iter_raw():
        taken += len(chunk)
        if taken > service.MAX_BYTES[kind]:
            raise service.too_large(kind)
        file.write(chunk)
    return taken


def _filename(url: str) -> str:
    name = PurePosixPath(unquote(httpx.URL(url).path)).name.replace("\0", "")
    return name[:255] or "file"
