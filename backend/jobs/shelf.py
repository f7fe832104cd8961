"""The segments of a message that were drawn before, each under the sha-256 of its content.

They lie in the message's own folder, so that nothing is left of a deleted message. A duplicate
finds those of the message that it was made from: what did not change is not drawn again.
"""

import shutil
from pathlib import Path

from backend.jobs.journal import Brief
from backend.media import SegmentShelf
from backend.storage import NotStored, Storage, discard

_SUFFIX = ".mp4"


def shelf_of(storage: Storage, brief: Brief) -> SegmentShelf:
    """Return the shelf of the message of `brief`; what an original lends is kept there as well."""
    own = _folder(brief.message_id)
    storage.drop_drafts(own)
    places = [own, *([_folder(brief.made_from)] if brief.made_from else [])]

    def keep(key: str, made: Path) -> None:
        # The one that was made is joined with the others yet, and what is kept is moved away.
        copy = made.with_suffix(".kept")
        shutil.copyfile(made, copy)
        storage.keep(copy, f"{own}/{key}{_SUFFIX}")

    def fetch(key: str, target: Path) -> bool:
        for place in places:
            if _copied(storage, f"{place}/{key}{_SUFFIX}", target):
                if place != own:
                    keep(key, target)
                return True
        return False

    return SegmentShelf(fetch, keep)


def sweep_shelf(storage: Storage, message_id: str, used: list[str]) -> None:
    """Remove the segments that are not among those that the newest video is joined of."""
    folder = _folder(message_id)
    for name in storage.names(folder):
        if name.removesuffix(_SUFFIX) not in used:
            discard(storage, f"{folder}/{name}")


def _folder(message_id: str) -> str:
    return f"messages/{message_id}/segments"


def _copied(storage: Storage, key: str, target: Path) -> bool:
    try:
        with storage.reading(key) as stored:
            shutil.copyfile(stored, target)
    except NotStored:
        return False
    return True
