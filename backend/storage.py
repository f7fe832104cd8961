"""Files by key, in a folder. A key that can be read holds its whole content."""

import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Keys are made from our own ids and fixed names; anything else is a mistake of ours.
_KEY = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+(\.[A-Za-z0-9]+)*)*")


class FolderStorage:
    """Keeps files below `root`: `uploads/<id>/…`, `messages/<id>/<attempt>/…`."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def path(self, key: str) -> Path:
        """Return where `key` lies, whether or not it is there yet."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"not a storage key: {key!r}")
        return self.root / key

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

    def write(self, key: str, content: bytes) -> Path:
        """Store `content` as `key`; a crash leaves the old content or the new, never a part."""
        with self.writing(key) as draft:
            draft.write_bytes(content)
        return self.path(key)

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

    def drop_drafts(self, prefix: str, older_than_s: float = 0.0) -> None:
        """Remove what killed writes left directly below `prefix`.

        older_than_s: how long the last write must be ago; with 0 nobody may be writing there
        """
        for draft in self.path(prefix).glob(".*"):
            if older_than_s and time.time() - draft.lstat().st_mtime < older_than_s:
                continue
            shutil.rmtree(draft) if draft.is_dir() else draft.unlink(missing_ok=True)

    def names(self, prefix: str) -> list[str]:
        """Return the names directly below `prefix`, sorted; drafts are left out."""
        path = self.path(prefix)
        if not path.is_dir():
            return []
        return sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))


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
