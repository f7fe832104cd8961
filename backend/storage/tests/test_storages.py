"""What a storage promises, kept by a folder and by S3 alike."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from backend.problems import NotFound, install_problem_handlers
from backend.storage import (
    FolderStorage,
    NotStored,
    Storage,
    StorageUnavailable,
    StorageUnusable,
    s3,
)
from backend.storage.moving import fill
from backend.storage.response import StoredFileResponse
from backend.storage.s3 import S3Storage, create_s3_client
from backend.storage.scratch import Scratch
from backend.storage.tests.moto_s3 import Bucket, new_bucket

ORIGIN = "http://localhost:55434"
KEY = "messages/msg_1/1/video.mp4"
LARGE = bytes(range(256)) * 80_000  # 20 MB: S3 takes it in parts


@dataclass(frozen=True)
class Place:
    """A storage, and where its bytes lie in truth."""

    storage: Storage
    all_keys: Callable[[], list[str]]
    leave_draft: Callable[[str], None]
    drafts: Callable[[], list[str]]


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with new_bucket() as made:
        yield made


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return folder_place(tmp_path / "storage")
    bucket = request.getfixturevalue("bucket")
    for key in bucket.objects():
        bucket.s3.delete_object(Bucket=bucket.name, Key=key)
    storage = S3Storage(create_s3_client(), bucket.name, "some/prefix", tmp_path / "scratch")

    def keys() -> list[str]:
        return [key.removeprefix("some/prefix/") for key in bucket.objects()]

    return Place(
        storage,
        keys,
        lambda folder: bucket.begin_in_parts(f"some/prefix/{folder}/video.mp4"),
        bucket.unfinished,
    )


def folder_place(root: Path) -> Place:
    def files(is_draft: bool) -> list[str]:
        paths = [p.relative_to(root) for p in root.rglob("*") if p.is_file()]
        return sorted(str(p) for p in paths if any(n.startswith(".") for n in p.parts) is is_draft)

    def leave_draft(folder: str) -> None:
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / ".video.mp4.killed").write_bytes(b"half")

    return Place(FolderStorage(root), lambda: files(False), leave_draft, lambda: files(True))


@pytest.fixture
def storage(place: Place) -> Storage:
    return place.storage


# --- one file -------------------------------------------------------------------------------


def test_what_was_written_is_read(storage: Storage) -> None:
    storage.write(KEY, b"a video")
    found = storage.find(KEY)
    assert found is not None
    assert found.size_bytes == 7
    assert storage.read(KEY) == b"a video"
    with storage.reading(KEY) as path:
        assert path.read_bytes() == b"a video"


def test_another_content_takes_the_place_of_the_first(storage: Storage) -> None:
    for content in (b"first", b"second"):
        storage.write(KEY, content)
    assert storage.read(KEY) == b"second"


@pytest.mark.parametrize("read", ["read", "reading", "open"])
def test_what_is_not_there_is_said_to_be_missing(storage: Storage, read: str) -> None:
    assert storage.find(KEY) is None
    ways = {
        "read": storage.read,
        "reading": lambda key: storage.reading(key).__enter__(),
        "open": lambda key: storage.open(key).read(1),
    }
    with pytest.raises(NotStored):
        ways[read](KEY)


def test_a_key_that_leads_elsewhere_is_refused(storage: Storage) -> None:
    for key in ("../etc/passwd", "/etc/passwd", "uploads//x", "uploads/.hidden", ""):
        with pytest.raises(ValueError, match="not a storage key"):
            storage.find(key)


def test_a_large_file_is_kept_and_read_from_anywhere(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(LARGE)
    storage.keep(tmp_path / "made", KEY)
    with storage.open(KEY) as stream:
        stream.seek(5_000_000)
        assert stream.read(100_000) == LARGE[5_000_000:5_100_000]
        stream.seek(len(LARGE) - 10)
        assert stream.read(100) == LARGE[-10:]
        stream.seek(0)
        assert stream.read() == LARGE
    with storage.reading(KEY) as path:
        assert path.read_bytes() == LARGE


def test_nothing_is_kept_of_a_write_that_fails(place: Place) -> None:
    with suppress(RuntimeError), place.storage.writing(KEY) as draft:
        draft.write_bytes(b"half")
        raise RuntimeError
    assert place.storage.find(KEY) is None
    assert (place.all_keys(), place.drafts()) == ([], [])


def test_a_workshop_leaves_nothing(place: Place) -> None:
    with place.storage.workshop("messages/msg_1/1") as folder:
        (folder / "frames").write_bytes(b"0")
    assert not folder.exists()
    assert (place.all_keys(), place.drafts()) == ([], [])


# --- many files -----------------------------------------------------------------------------


def test_folders_are_looked_into(storage: Storage) -> None:
    for key in ("messages/a/1/video.mp4", "messages/a/2/video.mp4", "messages/a/2/poster.jpg",
                "messages/b/1/video.mp4", "uploads/c/photo.jpg"):  # fmt: skip
        storage.write(key, key.encode())
    assert storage.names("messages") == ["a", "b"]
    assert storage.names("messages/a") == ["1", "2"]
    assert storage.sizes("messages/a/2") == {"video.mp4": 22, "poster.jpg": 23}
    assert storage.folders("messages") == {"a": {"1", "2"}, "b": {"1"}}
    assert storage.names("messages/none") == []
    assert storage.folders("none") == {}
    assert storage.sizes("none") == {}


def test_a_folder_is_deleted_and_no_other(place: Place) -> None:
    for key in ("uploads/a/parts/1", "uploads/a/photo.jpg", "uploads/ab/photo.jpg"):
        place.storage.write(key, b"0")
    place.storage.delete("uploads/a")
    place.storage.delete("uploads/none")
    assert place.all_keys() == ["uploads/ab/photo.jpg"]
    place.storage.delete("uploads/ab/photo.jpg")
    assert place.all_keys() == []


def test_a_folder_of_more_files_than_one_answer_holds_is_listed_and_deleted(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    # S3 tells 1000 at once and deletes as many: moto is made to tell 5.
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "5")
    monkeypatch.setattr(s3, "_DELETED_AT_ONCE", 5)
    for number in range(1, 18):
        place.storage.write(f"uploads/a/parts/{number}", b"0")
    assert len(place.storage.sizes("uploads/a/parts")) == 17
    place.storage.delete("uploads/a")
    assert place.all_keys() == []


def test_what_killed_writes_left_goes(place: Place) -> None:
    for folder in ("uploads/done", "uploads/going"):
        place.storage.write(f"{folder}/photo.jpg", b"0")
        place.leave_draft(folder)
    # moto begins every upload in parts in the year 2010.
    place.storage.sweep_drafts("uploads", {"done"}, older_than_s=100 * 365 * 86_400)
    (left,) = place.drafts()
    assert "uploads/going/" in left
    place.storage.drop_drafts("uploads/going")
    assert place.drafts() == []
    assert place.all_keys() == ["uploads/done/photo.jpg", "uploads/going/photo.jpg"]


# --- as an answer ---------------------------------------------------------------------------


@pytest.fixture
def reader(storage: Storage) -> TestClient:
    """What a browser sees of one file."""

    def answer(_request: Request) -> Response:
        return StoredFileResponse(
            storage, KEY, NotFound.named("id", "There is none."),
            media_type="video/mp4", headers={"Cache-Control": "private, no-cache"},
            filename="誕生日.mp4",
        )  # fmt: skip

    app = Starlette(routes=[Route("/file", answer)])
    install_problem_handlers(app)  # type: ignore[arg-type]  # it asks for nothing of FastAPI's own
    return TestClient(app)


def test_a_file_is_answered_as_a_whole(reader: TestClient, storage: Storage) -> None:
    storage.write(KEY, LARGE)
    told = reader.get("/file")
    assert (told.status_code, told.content) == (200, LARGE)
    assert told.headers["content-length"] == str(len(LARGE))
    assert told.headers["accept-ranges"] == "bytes"
    assert told.headers["content-type"] == "video/mp4"
    assert told.headers["content-disposition"].startswith("attachment; filename*=utf-8''%E8")
    assert told.headers["cache-control"] == "private, no-cache"
    asked = reader.head("/file")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-length"] == str(len(LARGE))
    assert asked.headers["etag"] == told.headers["etag"]


@pytest.mark.parametrize(
    ("asked", "told", "first", "last"),
    [
        ("bytes=0-0", "bytes 0-0/20480000", 0, 1),
        ("bytes=1000000-1999999", "bytes 1000000-1999999/20480000", 1_000_000, 2_000_000),
        ("bytes=20479990-", "bytes 20479990-20479999/20480000", 20_479_990, 20_480_000),
        ("bytes=-10", "bytes 20479990-20479999/20480000", 20_479_990, 20_480_000),
        ("bytes=20479000-99999999", "bytes 20479000-20479999/20480000", 20_479_000, 20_480_000),
    ],
)
def test_a_range_is_answered(
    reader: TestClient, storage: Storage, asked: str, told: str, first: int, last: int
) -> None:
    storage.write(KEY, LARGE)
    answer = reader.get("/file", headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (206, told)
    assert answer.content == LARGE[first:last]


def test_a_range_that_is_not_there_is_refused(reader: TestClient, storage: Storage) -> None:
    storage.write(KEY, b"0123456789")
    answer = reader.get("/file", headers={"Range": "bytes=10-"})
    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */10")
    several = reader.get("/file", headers={"Range": "bytes=0-1,8-9"})
    assert several.status_code == 206
    assert b"\r\n\r\n01\r\n" in several.content
    assert b"\r\n\r\n89\r\n" in several.content


def test_a_range_of_what_was_replaced_is_answered_with_all_of_the_new(
    reader: TestClient, storage: Storage
) -> None:
    storage.write(KEY, b"0123456789")
    before = reader.get("/file").headers["etag"]
    part = {"Range": "bytes=2-3", "If-Range": before}
    assert reader.get("/file", headers=part).content == b"23"
    storage.write(KEY, b"abcdefghij")
    answer = reader.get("/file", headers=part)
    assert (answer.status_code, answer.content) == (200, b"abcdefghij")


def test_an_empty_file_is_answered(reader: TestClient, storage: Storage) -> None:
    storage.write(KEY, b"")
    assert reader.get("/file").content == b""


def test_a_file_that_is_gone_is_a_problem(reader: TestClient) -> None:
    answer = reader.get("/file")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


# --- S3 alone -------------------------------------------------------------------------------


def s3_storage(bucket: Bucket, tmp_path: Path, name: str | None = None) -> S3Storage:
    return S3Storage(create_s3_client(), name or bucket.name, "", tmp_path / "scratch")


def test_an_outage_is_a_problem_whose_reason_is_in_the_log(
    bucket: Bucket, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = s3_storage(bucket, tmp_path)
    bucket.door.refuse = (403, "AccessDenied")
    try:
        for ask in (
            lambda: storage.read(KEY),
            lambda: storage.names("messages"),
            lambda: storage.write(KEY, b"0"),
            lambda: storage.delete("messages"),
        ):
            with pytest.raises(StorageUnavailable) as told:
                ask()
            assert told.value.status == 503
        with pytest.raises(StorageUnusable, match="give their role the rights"):
            storage.check(ORIGIN)
    finally:
        bucket.door.refuse = None
    assert "S3 refused GetObject: AccessDenied" in caplog.text
    assert "video.mp4" not in caplog.text


def test_the_start_says_what_is_wrong_with_the_bucket(bucket: Bucket, tmp_path: Path) -> None:
    s3_storage(bucket, tmp_path).check(ORIGIN)
    with pytest.raises(StorageUnusable, match="no such bucket"):
        s3_storage(bucket, tmp_path, "no-such-bucket-there").check(ORIGIN)
    versions = {"Bucket": bucket.name, "VersioningConfiguration": {"Status": "Enabled"}}
    bucket.s3.put_bucket_versioning(**versions)
    with pytest.raises(StorageUnusable, match="keeps older versions"):
        s3_storage(bucket, tmp_path).check(ORIGIN)
    versions["VersioningConfiguration"] = {"Status": "Suspended"}
    bucket.s3.put_bucket_versioning(**versions)
    s3_storage(bucket, tmp_path).check(ORIGIN)


def test_the_start_warns_where_pages_may_not_send(
    bucket: Bucket, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = s3_storage(bucket, tmp_path)
    storage.check(ORIGIN)
    assert "may send nothing to the bucket" in caplog.text
    caplog.clear()
    bucket.let_pages_send(ORIGIN)
    storage.check(ORIGIN)
    assert caplog.text == ""


def test_without_credentials_the_start_says_so(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(StorageUnusable, match="no credentials"):
        s3_storage(bucket, tmp_path).check(ORIGIN)


def test_pages_send_to_the_buckets_own_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in (("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    for bucket, origin in (
        ("media", "https://media.s3.eu-central-1.amazonaws.com"),
        ("me.dia", "https://s3.eu-central-1.amazonaws.com"),
    ):
        storage = S3Storage(create_s3_client(), bucket, "", Path("none"))
        assert storage.put_origin == origin
        made = storage.put_address("uploads/a/parts/1", 5, None, 60)
        assert made.url.startswith(f"{origin}/")


def test_a_folder_is_copied_into_a_bucket_as_often_as_it_takes(
    bucket: Bucket, tmp_path: Path
) -> None:
    folder, target = FolderStorage(tmp_path / "storage"), s3_storage(bucket, tmp_path)
    target.delete("messages")
    keys = ["messages/a/1/poster.jpg", "messages/a/1/video.mp4"]
    for key in keys:
        folder.write(key, key.encode())
    (folder.root / "messages/a/1/.video.mp4.killed").write_bytes(b"half")
    target.write(keys[1], b"half")
    assert fill(target, folder) == 2
    assert fill(target, folder) == 0
    assert target.names("messages/a/1") == ["poster.jpg", "video.mp4"]
    assert [target.read(key) for key in keys] == [key.encode() for key in keys]
    assert [folder.read(key) for key in keys] == [key.encode() for key in keys]


def test_the_scratch_of_a_killed_process_goes_and_that_of_a_living_one_stays(
    tmp_path: Path,
) -> None:
    program = (
        "import sys, pathlib; from backend.storage.scratch import Scratch\n"
        "with Scratch(pathlib.Path(sys.argv[1])).folder() as folder:\n"
        "    (folder / 'copy').write_bytes(b'0'); print(folder, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    copy = Path(child.stdout.readline().strip()) / "copy"
    Scratch(tmp_path).drop_dead()
    assert copy.exists()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdin.close()
    child.stdout.close()
    Scratch(tmp_path).drop_dead()
    assert list(tmp_path.iterdir()) == []
