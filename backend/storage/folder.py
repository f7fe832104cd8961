"""Files by key, in a folder of this computer."""

import os
import shutil
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from backend.storage.port import NotStored, StoredFacts, checked_key


class FolderStorage:
    """Keeps files below `root`. What is being written is a draft: its name begins with a dot."""

    put_origin = None

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def path(self, key: str) -> Path:
        """Return where `key` lies, whether or not it is there yet."""
        return self.root / checked_key(key)

    def find(self, key: str) -> StoredFacts | None:
        """Return what is known of `key`, None where it is not there."""
        path = self.path(key)
        if not path.is_file():
            return None
        known = path.stat()
        return StoredFacts(known.st_size, known.st_mtime)

    def open(self, key: str) -> BinaryIO:
        """Open `key` to read from wherever it is sought."""
        try:
            return self.path(key).open("rb")
        except FileNotFoundError:
            raise NotStored(key) from None

    def read(self, key: str) -> bytes:
        """Return the content of `key`."""
        with self.open(key) as stream:
            return stream.read()

    @contextmanager
    def reading(self, key: str) -> Iterator[Path]:
        """Give the path of `key` itself."""
        path = self.path(key)
        if not path.is_file():
            raise NotStored(key)
        yield path

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """Give a path to write to; it becomes `key`, on the disk for good, when the block ends."""
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            yield draft
            settle(draft, target)
        finally:
            draft.unlink(missing_ok=True)

    def write(self, key: str, content: bytes) -> None:
        """Store `content` as `key`; a crash leaves the old content or the new, never a part."""
        with self.writing(key) as draft:
            draft.write_bytes(content)

    @contextmanager
    def workshop(self, prefix: str) -> Iterator[Path]:
        """Give a folder for this run alone below `prefix`; nothing in it is kept by itself."""
        folder = self.path(prefix) / f".workshop-{uuid.uuid4().hex}"
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, made: Path, key: str) -> None:
        """Make the file `made` become `key`, on the disk for good."""
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        settle(made, target)

    def delete(self, prefix: str) -> None:
        """Remove `prefix` and everything below it; nothing there is fine."""
        path = self.path(prefix)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)

    def names(self, prefix: str) -> list[str]:
        """Return the names directly below `prefix`, sorted; drafts are left out."""
        return sorted(entry.name for entry in self._entries(prefix))

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the files directly below `prefix` with their sizes in bytes."""
        files = [entry for entry in self._entries(prefix) if entry.is_file()]
        return {entry.name: entry.stat().st_size for entry in files}

    def folders(self, prefix: str) -> dict[str, set[str]]:
        """Return the folders directly below `prefix`, each with the names directly in it."""
        return {
            entry.name: set(self.names(f"{prefix}/{entry.name}"))
            for entry in self._entries(prefix)
            if entry.is_dir()
        }

    def _entries(self, prefix: str) -> list[Path]:
        path = self.path(prefix)
        if not path.is_dir():
            return []
        return [entry for entry in path.iterdir() if not entry.name.startswith(".")]

    def drop_drafts(self, prefix: str) -> None:
        """Remove what killed writes left directly below `prefix`; nobody may be writing there."""
        _drop_drafts(self.path(prefix), 0.0)

    def sweep_drafts(self, prefix: str, settled: Collection[str], older_than_s: float) -> None:
        """Remove what killed writes left in the folders below `prefix`, and in theirs."""
        for folder in self._entries(prefix):
            age_s = 0.0 if folder.name in settled else older_than_s
            for place in (folder, *self._entries(f"{prefix}/{folder.name}")):
                _drop_drafts(place, age_s)

    def put_address(self, key: str, size_bytes: int, sha256: str | None, lifetime_s: int) -> None:
        """Return None: whoever sends bytes to a folder sends them to us."""

    def check(self, public_url: str) -> None:
        """A folder is made when it is needed."""


def _drop_drafts(folder: Path, older_than_s: float) -> None:
    for draft in folder.glob(".*"):
        if older_than_s and time.time() - draft.lstat().st_mtime < older_than_s:
            continue
        shutil.rmtree(draft) if draft.is_dir() else draft.unlink(missing_ok=True)


def settle(draft: Path, target: Path) -> None:
    """Make `draft` become `target`: content to the disk first, then the name."""
    with draft.open("rb") as stream:
        os.fsync(stream.fileno())
    draft.replace(target)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
