"""Local files of one process alone. Those of a killed process go with the next look around."""

import os
import shutil
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backend.locks import try_lock


class Scratch:
    """Folders below `root`, in one that is this process's as long as it lives.

    Each process holds a lock beside its folder, which the system drops when it dies: a lock that
    can be had belongs to nobody. Process ids would do only where all share one namespace.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._own: Path | None = None
        self._lock = -1
        self._opening = threading.Lock()

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Give a new folder; it goes when the block ends."""
        folder = self._own_folder() / uuid.uuid4().hex
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def drop_dead(self) -> None:
        """Remove what processes left that live no more."""
        for lock in self._root.glob("*.lock"):
            # Whoever was quicker has tidied it away already.
            with suppress(FileNotFoundError), lock.open("r+") as stream:
                if try_lock(stream.fileno()):
                    shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                    lock.unlink(missing_ok=True)

    def _own_folder(self) -> Path:
        with self._opening:
            while self._own is None:
                self._root.mkdir(parents=True, exist_ok=True)
                self._own = self._claim(self._root / uuid.uuid4().hex)
            return self._own

    def _claim(self, folder: Path) -> Path | None:
        """Return the folder once it is ours; None where somebody tidied its lock away first."""
        lock = folder.with_suffix(".lock")
        self._lock = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        if not (try_lock(self._lock) and lock.exists()):
            os.close(self._lock)
            return None
        folder.mkdir()
        return folder
