"""From the folder into the bucket, once, when an installation outgrows its disk."""

import logging
from pathlib import Path

from backend.storage.folder import FolderStorage
from backend.storage.port import Storage

logger = logging.getLogger(__name__)


def fill(target: Storage, source: FolderStorage) -> int:
    """Copy every file of `source` that `target` lacks; return how many that were.

    May be broken off and run again. Nobody may be writing, and the folder stays as it is.
    """
    copied = 0
    for path in sorted(source.root.rglob("*")):
        key = path.relative_to(source.root)
        if not path.is_file() or any(part.startswith(".") for part in key.parts):
            continue
        if not _has(target, str(key), path):
            target.keep(path, str(key))
            copied += 1
    logger.info("%d files were copied", copied)
    return copied


def _has(target: Storage, key: str, path: Path) -> bool:
    found = target.find(key)
    return found is not None and found.size_bytes == path.stat().st_size
