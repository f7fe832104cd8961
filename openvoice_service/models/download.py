"""Published files, fetched whole: resumed where they broke off, checked, and only then in place."""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from openvoice_service.models.manifest import File, Model
from openvoice_service.models.sources import BLOCK_BYTES, DownloadFailed, Interrupted, Source

# Tries in a row that bring nothing; one that brings bytes is no failure of the connection.
TRIES = 6
_FIRST_WAIT_S = 1.0
# What stays free on the disk beside the file.
_SPARE_BYTES = 64 * 1024**2

Progress = Callable[[int], None]


def is_published(path: Path, file: File) -> bool:
    """Return whether `path` is `file`, byte for byte."""
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as held:
        return hashlib.file_digest(held, "sha256").hexdigest() == file.sha256


def fetch(
    model: Model,
    file: File,
    folder: Path,
    source: Source,
    progress: Progress = lambda _held: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """Bring `file` into `folder`, the folder of models, and return where it is.

    The bytes gather in a `.part` beside the place, which outlives a kill and is continued. Under
    the final name there is never anything but the whole published file; a different file that was
    there (a checkpoint of one's own) is kept beside it as `.kept`.

    progress: called with the bytes held
    raises:   DownloadFailed
    """
    target = folder / model.folder / file.target
    if not is_published(target, file):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _bring(target, _Fetch(model, file, source, progress, sleep))
        except OSError as error:
            raise DownloadFailed(f"{target} cannot be written: {error.strerror}.") from error
    return target


def _bring(target: Path, fetching: "_Fetch") -> None:
    path, file = target.with_name(f"{target.name}.part"), fetching.file
    with _own_part(path) as part:
        if part.size > file.size:
            part.restart()
        _require_space(target.parent, file, part.size)
        fetching.fill(part)
        if not part.is_whole(file):
            path.unlink()
            raise DownloadFailed(
                f"What came as {file.path} is not what was published (its sha-256 differs). It "
                "was thrown away: run it again, and if that fails too, choose another endpoint."
            )
        _put_in_place(part, path, target)


class _Part:
    """The bytes held so far, in a file of this process alone, and their digest."""

    def __init__(self, opened: BinaryIO) -> None:
        self._opened = opened
        self._digest = hashlib.sha256()
        opened.seek(0)
        for block in iter(lambda: opened.read(BLOCK_BYTES), b""):
            self._digest.update(block)
        self.size = opened.tell()

    def append(self, block: bytes) -> None:
        self._opened.write(block)
        self._digest.update(block)
        self.size += len(block)

    def restart(self) -> None:
        self._opened.seek(0)
        self._opened.truncate(0)
        self._digest = hashlib.sha256()
        self.size = 0

    def is_whole(self, file: File) -> bool:
        return self.size == file.size and self._digest.hexdigest() == file.sha256

    def sync(self) -> None:
        self._opened.flush()
        os.fsync(self._opened.fileno())


@contextmanager
def _own_part(path: Path) -> Iterator[_Part]:
    """Open the part for this process alone: two that append to one file would spoil it."""
    with path.open("ab+") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever held the lock before may have put the very file in place meanwhile.
            is_current = path.stat().st_ino == os.fstat(opened.fileno()).st_ino
        except OSError:
            is_current = False
        if not is_current:
            raise DownloadFailed(f"{path.stem} is being fetched already, by another process.")
        yield _Part(opened)


def _require_space(folder: Path, file: File, held: int) -> None:
    needed = file.size - held + _SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DownloadFailed(
            f"The disk is nearly full: {file.path} needs {needed / 1e6:.0f} MB in {folder}, "
            f"and {free / 1e6:.0f} MB are free."
        )


@dataclass(frozen=True)
class _Fetch:
    """One file on its way."""

    model: Model
    file: File
    source: Source
    progress: Progress
    sleep: Callable[[float], None]

    def fill(self, part: _Part) -> None:
        """Append until all is there, trying again where it breaks off. Raises DownloadFailed."""
        failures, best = 0, part.size
        while part.size < self.file.size:
            try:
                self._append(part)
            except Interrupted as broken:
                failures = 1 if part.size > best else failures + 1
                best = max(best, part.size)
                if failures == TRIES:
                    raise DownloadFailed(f"{broken} {self._kept(part)}") from broken
                wait_s = _FIRST_WAIT_S * 2 ** (failures - 1)
                self.sleep(wait_s if broken.wait_s is None else broken.wait_s)

    def _append(self, part: _Part) -> None:
        with self.source.open(self.model, self.file, part.size) as opened:
            if opened.start == 0:
                part.restart()
            for block in opened.blocks:
                part.append(block)
                self.progress(part.size)
                if part.size > self.file.size:
                    return
        if part.size < self.file.size:
            raise Interrupted("The answer ended too early.")

    def _kept(self, part: _Part) -> str:
        return (
            f"{part.size:,} of {self.file.size:,} bytes of {self.file.path} are kept: "
            "run it again to go on from there."
        )


def _put_in_place(part: _Part, path: Path, target: Path) -> None:
    part.sync()
    if target.exists():
        target.replace(target.with_name(f"{target.name}.kept"))
    path.replace(target)
    # The new name itself must outlive a power cut.
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
