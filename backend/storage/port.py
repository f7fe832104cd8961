"""What a storage can do. A key that can be read holds its whole content."""

import logging
import re
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from backend.problems import Unavailable

logger = logging.getLogger(__name__)

# Keys are made from our own ids and fixed names; anything else is a mistake of ours.
_KEY = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+(\.[A-Za-z0-9]+)*)*")


class NotStored(FileNotFoundError):
    """There is no such file."""


class StorageUnavailable(Unavailable):
    """503: the storage refuses or does not answer; what it said is in the log, by its code."""

    code = "storage_unavailable"
    title = "The storage does not answer"

    def __init__(self) -> None:
        super().__init__("Files can't be read or kept at this moment. Try again in a while.")


@dataclass(frozen=True)
class StoredFacts:
    """What is known of a stored file.

    modified_s: Unix time
    etag:       names this content as long as it lies there, quoted as HTTP has it; None where
                time and size have to do
    """

    size_bytes: int
    modified_s: float
    etag: str | None = None


@dataclass(frozen=True)
class PutAddress:
    """Where a browser may PUT a file by itself, with exactly these headers."""

    url: str
    headers: dict[str, str]


class Storage(Protocol):
    """Files by key: `uploads/<id>/…`, `messages/<id>/<attempt>/…`.

    raises: NotStored, StorageUnavailable
    """

    def find(self, key: str) -> StoredFacts | None:
        """Return what is known of `key`, None where it is not there."""

    def open(self, key: str) -> BinaryIO:
        """Open `key` to read from wherever it is sought."""

    def read(self, key: str) -> bytes:
        """Return the content of `key`."""

    def reading(self, key: str) -> AbstractContextManager[Path]:
        """Give a local path to read `key` from until the block ends; nobody may write there."""

    def writing(self, key: str) -> AbstractContextManager[Path]:
        """Give a local path to write to; it becomes `key`, for good, when the block ends."""

    def write(self, key: str, content: bytes) -> None:
        """Store `content` as `key`; a crash leaves the old content or the new, never a part."""

    def workshop(self, prefix: str) -> AbstractContextManager[Path]:
        """Give a local folder for this run alone; nothing in it is kept by itself."""

    def keep(self, made: Path, key: str) -> None:
        """Make the file `made` become `key`, for good; it may be gone from where it was."""

    def delete(self, prefix: str) -> None:
        """Remove `prefix` and everything below it; nothing there is fine."""

    def names(self, prefix: str) -> list[str]:
        """Return the names directly below `prefix`, sorted; drafts are left out."""

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the files directly below `prefix` with their sizes in bytes."""

    def folders(self, prefix: str) -> dict[str, set[str]]:
        """Return the folders directly below `prefix`, each with the names directly in it."""

    def drop_drafts(self, prefix: str) -> None:
        """Remove what killed writes left directly below `prefix`; nobody may be writing there."""

    def sweep_drafts(self, prefix: str, settled: Collection[str], older_than_s: float) -> None:
        """Remove what killed writes left in the folders directly below `prefix`.

        settled:      folders that nobody writes to any more: all drafts go
        older_than_s: how long ago the last write must be in all others
        """

    def put_address(
        self, key: str, size_bytes: int, sha256: str | None, lifetime_s: int
    ) -> PutAddress | None:
        """Return where `key` can be PUT without us; None where the bytes have to come to us.

        size_bytes: no other size is taken
        sha256:     hex; where it is given, no other content is taken
        """

    @property
    def put_origin(self) -> str | None:
        """The origin of `put_address`, which pages must be allowed to send to."""

    def check(self, public_url: str) -> None:
        """Raise StorageUnusable where the settings lead to no storage that can be used.

        public_url: whose pages are to send parts
        """


def discard(storage: Storage, prefix: str) -> None:
    """Remove what nobody knows any more: now, or by the sweep where the storage does not answer."""
    try:
        storage.delete(prefix)
    except StorageUnavailable:
        logger.warning("what was deleted waits for the storage")


class StorageUnusable(Exception):
    """The storage can't be used as it is set up; the text says what to change."""


def checked_key(key: str) -> str:
    """Return `key`, or raise ValueError where it is none."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key
