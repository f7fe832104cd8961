"""Files by key, in a bucket of S3 or of what speaks like it. What is read here is copied first."""

import base64
import io
import logging
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from s3transfer.exceptions import RetriesExceededError

from backend.storage.port import (
    NotStored,
    PutAddress,
    StorageUnavailable,
    StorageUnusable,
    StoredFacts,
    checked_key,
)
from backend.storage.scratch import Scratch

logger = logging.getLogger(__name__)

# A video goes in parts of 8 MiB, a few at once, each with a checksum that S3 compares.
_TRANSFER = TransferConfig(
    multipart_threshold=8 << 20, multipart_chunksize=8 << 20, max_concurrency=4
)
# What one viewer's reading fetches at once: little at first, since many only seek or look.
_FIRST_WINDOW, _LARGEST_WINDOW = 64 << 10, 1 << 20
_DELETED_AT_ONCE = 1000
_CONTENT_TYPE = "application/octet-stream"
_MISSING = {"404", "NoSuchKey", "NotFound"}
_PAST_THE_END = {"416", "InvalidRange"}


def create_s3_client() -> Any:
    """Return a boto3 client; region, credentials and another address come the usual boto3 ways."""
    client = _client("virtual")
    is_amazons = urlsplit(client.meta.endpoint_url).hostname.endswith(
        (".amazonaws.com", ".amazonaws.com.cn")
    )
    # What speaks like S3 elsewhere seldom has a name for each bucket.
    return client if is_amazons else _client("path")


def _client(addressing: str) -> Any:
    # A session of its own: the shared one remembers the credentials of its first user.
    return boto3.Session().client(
        "s3",
        config=Config(
            # Version 2, which boto3 presigns with by default, would not sign a part's length.
            signature_version="s3v4",
            s3={"addressing_style": addressing},
            connect_timeout=5,
            read_timeout=60,
            retries={"total_max_attempts": 5, "mode": "standard"},
            max_pool_connections=32,
        ),
    )


class S3Storage:
    """Keeps files as objects of `bucket`, their names being `prefix/key`.

    An object is there as a whole or not at all, so that nothing is written under another name
    first; what a killed upload in parts leaves is aborted by the sweep.
    """

    def __init__(self, client: Any, bucket: str, prefix: str, scratch: Path) -> None:
        self._s3 = client
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._scratch = Scratch(scratch)

    def _name(self, key: str) -> str:
        return self._prefix + checked_key(key)

    def _place(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._name(key)}

    # --- reading ----------------------------------------------------------------------------

    def find(self, key: str) -> StoredFacts | None:
        """Return what is known of `key`, None where it is not there."""
        try:
            with _answered(key):
                found = self._s3.head_object(**self._place(key))
        except NotStored:
            return None
        return StoredFacts(found["ContentLength"], found["LastModified"].timestamp(), found["ETag"])

    def open(self, key: str) -> BinaryIO:
        """Open `key` to read from wherever it is sought; bytes are fetched when they are read."""
        reader = _ObjectReader(self._s3, self._place(key), key)
        return cast("BinaryIO", io.BufferedReader(reader, _FIRST_WINDOW))

    def read(self, key: str) -> bytes:
        """Return the content of `key`, compared with S3's own checksum of it."""
        with _answered(key):
            content: bytes = self._s3.get_object(**self._place(key))["Body"].read()
            return content

    @contextmanager
    def reading(self, key: str) -> Iterator[Path]:
        """Give a copy of `key` on this computer; it goes when the block ends."""
        with self._scratch.folder() as folder:
            path = folder / key.rsplit("/", 1)[-1]
            with _answered(key), path.open("wb") as stream:
                self._s3.download_fileobj(**self._place(key), Fileobj=stream, Config=_TRANSFER)
            yield path

    # --- writing ----------------------------------------------------------------------------

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """Give a path to write to; it becomes `key` when the block ends."""
        name = self._name(key).rsplit("/", 1)[-1]
        with self._scratch.folder() as folder:
            yield folder / name
            self.keep(folder / name, key)

    def write(self, key: str, content: bytes) -> None:
        """Store `content` as `key`."""
        with _answered(key):
            self._s3.put_object(**self._place(key), Body=content)

    def workshop(self, prefix: str) -> AbstractContextManager[Path]:
        """Give a folder on this computer for this run alone; nothing in it is kept by itself."""
        checked_key(prefix)
        return self._scratch.folder()

    def keep(self, made: Path, key: str) -> None:
        """Make a copy of the file `made` become `key`."""
        with _answered(key), made.open("rb") as stream:
            self._s3.upload_fileobj(stream, **self._place(key), Config=_TRANSFER)

    def delete(self, prefix: str) -> None:
        """Remove `prefix` and everything below it; nothing there is fine."""
        name = self._name(prefix)
        found = [each["Key"] for each in self._objects(name)]
        gone = [each for each in found if each == name or each.startswith(f"{name}/")]
        for first in range(0, len(gone), _DELETED_AT_ONCE):
            some = [{"Key": each} for each in gone[first : first + _DELETED_AT_ONCE]]
            with _answered(prefix):
                told = self._s3.delete_objects(
                    Bucket=self._bucket, Delete={"Objects": some, "Quiet": True}
                )
            if errors := told.get("Errors"):
                logger.error("S3 did not delete %d objects: %s", len(errors), errors[0]["Code"])
                raise StorageUnavailable

    # --- looking around ---------------------------------------------------------------------

    def names(self, prefix: str) -> list[str]:
        """Return the names directly below `prefix`, sorted."""
        below = f"{self._name(prefix)}/"
        names: set[str] = set()
        for page in self._pages("list_objects_v2", Prefix=below, Delimiter="/"):
            names |= {each["Key"].removeprefix(below) for each in page.get("Contents", [])}
            names |= {
                each["Prefix"].removeprefix(below).rstrip("/")
                for each in page.get("CommonPrefixes", [])
            }
        return sorted(names)

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the files directly below `prefix` with their sizes in bytes."""
        below = f"{self._name(prefix)}/"
        return {
            each["Key"].removeprefix(below): each["Size"]
            for page in self._pages("list_objects_v2", Prefix=below, Delimiter="/")
            for each in page.get("Contents", [])
        }

    def folders(self, prefix: str) -> dict[str, set[str]]:
        """Return the folders directly below `prefix`, each with the names directly in it."""
        below = f"{self._name(prefix)}/"
        found: dict[str, set[str]] = {}
        for each in self._objects(below):
            folder, *inside = each["Key"].removeprefix(below).split("/")
            if inside:
                found.setdefault(folder, set()).add(inside[0])
        return found

    def _objects(self, name: str) -> Iterator[dict[str, Any]]:
        for page in self._pages("list_objects_v2", Prefix=name):
            yield from page.get("Contents", [])

    def _pages(self, operation: str, **wish: str) -> Iterator[dict[str, Any]]:
        with _answered(wish["Prefix"]):
            yield from self._s3.get_paginator(operation).paginate(Bucket=self._bucket, **wish)

    def drop_drafts(self, prefix: str) -> None:
        """Abort what killed writes left below `prefix`; nobody may be writing there."""
        self._abort_uploads(f"{self._name(prefix)}/", set(), None)

    def sweep_drafts(self, prefix: str, settled: Collection[str], older_than_s: float) -> None:
        """Abort what killed writes left below `prefix`, and remove dead processes' own files."""
        self._scratch.drop_dead()
        before = datetime.now(UTC) - timedelta(seconds=older_than_s)
        self._abort_uploads(f"{self._name(prefix)}/", settled, before)

    def _abort_uploads(self, below: str, settled: Collection[str], before: datetime | None) -> None:
        """Abort uploads in parts below a name: those of `settled` folders, or begun `before`."""
        for page in self._pages("list_multipart_uploads", Prefix=below):
            for each in page.get("Uploads", []):
                folder = each["Key"].removeprefix(below).split("/")[0]
                if before is None or folder in settled or each["Initiated"] < before:
                    self._abort(each["Key"], each["UploadId"])

    def _abort(self, name: str, upload_id: str) -> None:
        try:
            with _answered(name):
                self._s3.abort_multipart_upload(Bucket=self._bucket, Key=name, UploadId=upload_id)
        except NotStored:  # it ended by itself meanwhile
            return

    # --- what browsers send by themselves ---------------------------------------------------

    def put_address(
        self, key: str, size_bytes: int, sha256: str | None, lifetime_s: int
    ) -> PutAddress:
        """Return an address that takes exactly so many bytes, and no others where they are known.

        The length goes into the signature, not into the headers: browsers set it themselves.
        """
        headers = {"Content-Type": _CONTENT_TYPE}
        wish: dict[str, Any] = {"ContentLength": size_bytes, "ContentType": _CONTENT_TYPE}
        if sha256 is not None:
            checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
            headers["x-amz-checksum-sha256"] = wish["ChecksumSHA256"] = checksum
        with _answered(key):
            url = self._s3.generate_presigned_url(
                "put_object", Params={**self._place(key), **wish}, ExpiresIn=lifetime_s
            )
        return PutAddress(url, headers)

    @property
    def put_origin(self) -> str:
        """The origin that pages send parts to."""
        address = urlsplit(self._s3.meta.endpoint_url)
        # A name with dots fits no certificate: boto3 puts it into the path.
        is_host = self._s3.meta.config.s3["addressing_style"] == "virtual" and (
            "." not in self._bucket
        )
        host = f"{self._bucket}.{address.netloc}" if is_host else address.netloc
        return f"{address.scheme}://{host}"

    # --- the start --------------------------------------------------------------------------

    def check(self, public_url: str) -> None:
        """Raise StorageUnusable where the bucket can't be used; tidy up after dead processes."""
        self._scratch.drop_dead()
        try:
            self._s3.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise StorageUnusable(_what_to_do(self._bucket, code)) from None
        except BotoCoreError as error:
            raise StorageUnusable(_what_to_do(self._bucket, type(error).__name__)) from None
        self._require_no_versions()
        self._warn_unless_pages_may_send(public_url)

    def _require_no_versions(self) -> None:
        try:
            versioning = self._s3.get_bucket_versioning(Bucket=self._bucket).get("Status")
        except (ClientError, BotoCoreError):
            logger.warning("whether %s keeps older versions can't be told", self._bucket)
            return
        if versioning == "Enabled":
            raise StorageUnusable(
                f"The bucket {self._bucket} keeps older versions: what somebody deletes would stay "
                "there. Suspend its versioning, or name another bucket in STORAGE_BUCKET."
            )

    def _warn_unless_pages_may_send(self, public_url: str) -> None:
        try:
            rules = self._s3.get_bucket_cors(Bucket=self._bucket)["CORSRules"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchCORSConfiguration":
                return  # others than Amazon keep these rules elsewhere
            rules = []
        except BotoCoreError:
            return
        if not any(
            "PUT" in rule["AllowedMethods"] and {"*", public_url} & set(rule["AllowedOrigins"])
            for rule in rules
        ):
            logger.warning(
                "pages of %s may send nothing to the bucket: allow them PUT in its CORS rules",
                public_url,
            )


_FIXES = {
    "NoSuchBucket": "There is no such bucket: make it, or mend STORAGE_BUCKET.",
    "AccessDenied": "The credentials may not list it: give their role the rights on the bucket.",
    "InvalidAccessKeyId": "The credentials are not known there: mend them.",
    "SignatureDoesNotMatch": "The credentials are wrong: mend them.",
    "PermanentRedirect": "It lies in another region: set AWS_DEFAULT_REGION.",
    "AuthorizationHeaderMalformed": "It lies in another region: set AWS_DEFAULT_REGION.",
    "NoCredentialsError": "There are no credentials: give the machine a role, or set AWS_PROFILE.",
    "EndpointConnectionError": "Nothing answers there: look at the network and AWS_ENDPOINT_URL.",
}


def _what_to_do(bucket: str, code: str) -> str:
    fix = _FIXES.get(code, "Look at the network, the credentials and the bucket's policy.")
    return f"The bucket {bucket} of STORAGE_BUCKET can't be used ({code}). {fix}"


@contextmanager
def _answered(key: str) -> Iterator[None]:
    """Turn S3's refusals into ours; codes are logged, keys and texts are not."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _MISSING or code == "NoSuchUpload":
            raise NotStored(key) from None
        logger.error("S3 refused %s: %s", error.operation_name, code)
        raise StorageUnavailable from None
    except (BotoCoreError, Boto3Error, RetriesExceededError) as error:
        logger.error("S3 does not answer: %s", type(error).__name__)
        raise StorageUnavailable from None


class _ObjectReader(io.RawIOBase):
    """An object as a file: windows of it, each fetched when it is needed, growing with patience.

    All are of one content: an object that was replaced meanwhile ends the reading.
    """

    def __init__(self, client: Any, place: dict[str, str], key: str) -> None:
        self._s3 = client
        self._place = place
        self._key = key
        self._same: dict[str, str] = {}
        self._at = 0
        self._window = b""
        self._window_at = 0
        self._next_bytes = _FIRST_WINDOW

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place counted from the start; nothing is fetched by that."""
        if whence == io.SEEK_END:
            raise io.UnsupportedOperation("the end is not known before it is read")
        self._at = offset if whence == io.SEEK_SET else self._at + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` as far as the present window goes; 0 at the end."""
        if not 0 <= self._at - self._window_at < len(self._window):
            self._fetch()
        start = self._at - self._window_at
        some = self._window[start : start + len(buffer)]
        buffer[: len(some)] = some
        self._at += len(some)
        return len(some)

    def _fetch(self) -> None:
        # Whoever seeks starts small again.
        is_next = self._at == self._window_at + len(self._window)
        self._next_bytes = min(self._next_bytes * 2, _LARGEST_WINDOW) if is_next else _FIRST_WINDOW
        self._window_at = self._at
        self._window = self._get(self._at, self._at + self._next_bytes - 1)

    def _get(self, first: int, last: int) -> bytes:
        with _answered(self._key):
            try:
                found = self._s3.get_object(
                    **self._place, **self._same, Range=f"bytes={first}-{last}"
                )
            except ClientError as error:
                if error.response["Error"]["Code"] in _PAST_THE_END:
                    return b""
                raise
            self._same = {"IfMatch": found["ETag"]}
            content: bytes = found["Body"].read()
            return content
