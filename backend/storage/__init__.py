"""Where uploads and finished videos lie: one port, a folder or S3 behind it."""

from typing import TYPE_CHECKING

from backend.storage.folder import FolderStorage
from backend.storage.port import (
    NotStored,
    PutAddress,
    Storage,
    StorageUnavailable,
    StorageUnusable,
    StoredFacts,
    discard,
)

if TYPE_CHECKING:
    from backend.settings import Settings


def storage_of(settings: "Settings") -> Storage:
    """Return the storage that the settings name."""
    if not settings.storage_bucket:
        return FolderStorage(settings.storage_root)
    # Imported where it is used: boto3 takes a second.
    from backend.storage.s3 import S3Storage, create_s3_client  # noqa: PLC0415

    return S3Storage(
        create_s3_client(),
        settings.storage_bucket,
        settings.storage_prefix,
        settings.data_dir / "scratch",
    )


__all__ = [
    "FolderStorage",
    "NotStored",
    "PutAddress",
    "Storage",
    "StorageUnavailable",
    "StorageUnusable",
    "StoredFacts",
    "discard",
    "storage_of",
]
