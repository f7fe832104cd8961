"""What was made for a message before: its segments, each under the sha-256 of its content.

They lie in the message's own folder, so that nothing is left of a deleted message. A duplicate
finds those of the message that it was made from: what did not change is not drawn again. What the
messages of a campaign have in common lies with their template, once.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from backend.jobs.journal import Brief
from backend.media import SegmentShelf
from backend.storage import NotStored, Storage, discard

_SUFFIX = ".mp4"


def shelf_of(storage: Storage, brief: Brief) -> SegmentShelf:
    """Return the shelf of the message of `brief`; what an original lends is kept there as well."""
    own = shelf_folder(brief.message_id)
    storage.drop_drafts(own)
    put_own = _keeper(storage, own)
    if brief.template is not None:
        # Lent for as long as the template is there: a thousand copies would hold nothing more.
        common = shelf_folder(brief.template.message_id)
        put_common = _keeper(storage, common)
        return SegmentShelf(
            lambda key, target: any(_found(storage, place, key, target) for place in (own, common)),
            lambda key, made, is_common: (put_common if is_common else put_own)(key, made),
        )
    original = shelf_folder(brief.made_from) if brief.made_from else None

    def fetch(key: str, target: Path) -> bool:
        if _found(storage, own, key, target):
            return True
        is_lent = original is not None and _found(storage, original, key, target)
        if is_lent:
            put_own(key, target)
        return is_lent

    return SegmentShelf(fetch, lambda key, made, _is_common: put_own(key, made))


def sweep_shelf(storage: Storage, message_id: str, used: list[str]) -> None:
    """Remove the segments that are not among those that the newest video is joined of."""
    folder = shelf_folder(message_id)
    for name in storage.names(folder):
        if name.removesuffix(_SUFFIX) not in used:
            discard(storage, f"{folder}/{name}")


def shelf_folder(message_id: str) -> str:
    """Return where the segments of a message lie."""
    return f"messages/{message_id}/segments"


def _keeper(storage: Storage, folder: str) -> Callable[[str, Path], None]:
    def keep(key: str, made: Path) -> None:
        # The one that was made is joined with the others yet, and what is kept is moved away.
        copy = made.with_suffix(".kept")
        shutil.copyfile(made, copy)
        storage.keep(copy, f"{folder}/{key}{made.suffix}")

    return keep


def _found(storage: Storage, folder: str, key: str, target: Path) -> bool:
    try:
        with storage.reading(f"{folder}/{key}{target.suffix}") as stored:
            shutil.copyfile(stored, target)
    except NotStored:
        return False
    return True
