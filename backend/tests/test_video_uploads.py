"""Recordings on their way in: of unknown length, in any order, broken off, and completed once."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import av
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.db import utc_now
from backend.jobs.sweeps import tidy_uploads
from backend.media import sanitise_video
from backend.media.tests.material import LIVE_MP4, LIVE_WEBM, PHONE_MP4, film
from backend.settings import Settings
from backend.tests.conftest import browser
from backend.tests.samples import upload
from backend.tests.test_accounts import problem_of
from backend.uploads import completion
from backend.uploads import parts as upload_parts
from backend.uploads.models import Upload, UploadPart

PART = 1024 * 1024


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A recording of a browser, of between three and four parts."""
    path = tmp_path_factory.mktemp("take") / "take.webm"
    film(path, 7.0, *LIVE_WEBM, "-b:v", "4M", "-minrate", "4M", size="640x360")
    raw = path.read_bytes()
    assert 2 * PART < len(raw) < 4 * PART
    return raw


def begin(client: TestClient, size_bytes: int | None = None, kind: str = "video") -> str:
    body = {"kind": kind, "filename": "take.webm", "size_bytes": size_bytes,
            "content_type": "video/webm;codecs=vp8,opus"}  # fmt: skip
    made = client.post("/api/v1/uploads", json=body)
    assert made.status_code == 201, made.text
    return made.json()["id"]


def address(client: TestClient, upload_id: str, number: int, content: bytes = b"") -> str:
    body: dict[str, object] = {"number": number}
    if content:
        body["sha256"] = hashlib.sha256(content).hexdigest()
    answer = client.post(f"/api/v1/uploads/{upload_id}/parts", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["url"]


def parts_of(content: bytes) -> dict[int, bytes]:
    return {at // PART + 1: content[at : at + PART] for at in range(0, len(content), PART)}


def send(client: TestClient, upload_id: str, content: bytes) -> None:
    for number, part in parts_of(content).items():
        put = client.put(address(client, upload_id, number, part), content=part)
        assert put.status_code == 200, put.text


def complete(client: TestClient, upload_id: str, size_bytes: int | None = None):
    body = None if size_bytes is None else {"size_bytes": size_bytes}
    return client.post(f"/api/v1/uploads/{upload_id}/complete", json=body)


def files_of(app: FastAPI, upload_id: str) -> list[str]:
    folder = app.state.collaborators.storage.root / "uploads" / upload_id
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# --- a take -----------------------------------------------------------------------------------


def test_a_take_is_sent_while_nobody_knows_its_length(
    app: FastAPI, owner: TestClient, take: bytes
) -> None:
    made = begin(owner)
    begun = owner.get(f"/api/v1/uploads/{made}").json()
    assert (begun["size_bytes"], begun["part_size_bytes"]) == (None, PART)
    send(owner, made, take)
    assert owner.get(f"/api/v1/uploads/{made}").json()["size_bytes"] is None
    done = complete(owner, made, len(take)).json()
    assert (done["state"], done["size_bytes"], done["parts"]) == ("complete", len(take), [])
    assert (done["photo"], done["audio"]) == (None, None)
    video = done["video"]
    assert video.pop("duration_s") == pytest.approx(7.0, abs=0.1)
    assert video == {
        "width_px": 640, "height_px": 360, "has_audio": True, "stream_type": "video/webm"
    }  # fmt: skip
    assert files_of(app, made) == ["stream.webm"]


def test_what_is_shown_of_it_answers_to_ranges(
    owner: TestClient, take: bytes, tmp_path: Path
) -> None:
    made = begin(owner)
    send(owner, made, take)
    done = complete(owner, made, len(take)).json()
    whole = owner.get(done["content_url"])
    assert whole.headers["content-type"] == "video/webm"
    part = owner.get(done["content_url"], headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, whole.content[1000:2000])
    (tmp_path / "shown.webm").write_bytes(whole.content)
    with av.open(str(tmp_path / "shown.webm")) as container:
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(7.0, abs=0.1)


def test_parts_may_come_in_any_order_and_again(owner: TestClient, take: bytes) -> None:
    made, parts = begin(owner), parts_of(take)
    for number in (*reversed(parts), 1, 2):
        url = address(owner, made, number)
        owner.put(url, content=b"\0" * len(parts[number]))
        assert owner.put(url, content=parts[number]).status_code == 200
    held = owner.get(f"/api/v1/uploads/{made}").json()["parts"]
    assert [part["number"] for part in held] == sorted(parts)
    assert complete(owner, made, len(take)).status_code == 200


def test_a_last_part_may_be_sent_before_it_is_full_and_again_when_it_is(
    owner: TestClient, take: bytes
) -> None:
    made = begin(owner)
    owner.put(address(owner, made, 1), content=take[:1000])
    problem_of(complete(owner, made, len(take)), 422, "upload_incomplete", "parts")
    send(owner, made, take)
    assert complete(owner, made, len(take)).status_code == 200


@pytest.mark.parametrize("missing", [1, 2, 3])
def test_missing_parts_are_named_and_can_still_come(
    owner: TestClient, take: bytes, missing: int
) -> None:
    made, parts = begin(owner), parts_of(take)
    for number in parts.keys() - {missing}:
        owner.put(address(owner, made, number), content=parts[number])
    refused = complete(owner, made, len(take))
    problem_of(refused, 422, "upload_incomplete", "parts")
    assert refused.json()["errors"][0]["fix"] == f"Send part {missing}."
    owner.put(address(owner, made, missing), content=parts[missing])
    assert complete(owner, made, len(take)).status_code == 200


@pytest.mark.parametrize("change", [-1, 1, -PART, PART])
def test_another_size_than_was_sent_is_refused_and_loses_nothing(
    owner: TestClient, take: bytes, change: int
) -> None:
    made = begin(owner)
    send(owner, made, take)
    refused = complete(owner, made, len(take) + change)
    assert refused.json()["code"] == "upload_incomplete"
    assert complete(owner, made, len(take)).status_code == 200


def test_the_size_must_be_told_at_the_end(owner: TestClient, take: bytes) -> None:
    made = begin(owner)
    send(owner, made, take)
    problem_of(complete(owner, made), 422, "upload_size_missing", "size_bytes")
    assert complete(owner, made, len(take)).status_code == 200


@pytest.mark.parametrize("told", [0, -5])
def test_a_take_of_no_bytes_is_refused(owner: TestClient, told: int) -> None:
    problem_of(complete(owner, begin(owner), told), 422, "media_empty", "video")


def test_a_take_of_three_hours_is_refused_at_its_limit(owner: TestClient) -> None:
    made = begin(owner)
    beyond = owner.post(f"/api/v1/uploads/{made}/parts", json={"number": 2_000})
    problem_of(beyond, 413, "recording_too_large", "video")
    told = complete(owner, made, 2_000_000_001)
    problem_of(told, 413, "recording_too_large", "video")
    announced = owner.post(
        "/api/v1/uploads",
        json={"kind": "video", "filename": "f", "size_bytes": 2_000_000_001},
    )
    problem_of(announced, 413, "recording_too_large", "video")


@pytest.mark.parametrize("content", [b"", b"x" * (PART + 1)], ids=["nothing", "too much"])
def test_a_part_holds_something_and_not_too_much(owner: TestClient, content: bytes) -> None:
    refused = owner.put(address(owner, begin(owner), 1), content=content)
    problem_of(refused, 422, "upload_part_size", "part")


def test_a_damaged_part_is_refused(owner: TestClient, take: bytes) -> None:
    made = begin(owner)
    url = address(owner, made, 1, take[:PART])
    problem_of(owner.put(url, content=take[1 : PART + 1]), 422, "upload_checksum", "sha256")
    assert owner.get(f"/api/v1/uploads/{made}").json()["parts"] == []


def test_a_part_that_the_disk_damaged_has_to_come_again(
    app: FastAPI, owner: TestClient, take: bytes
) -> None:
    made = begin(owner)
    send(owner, made, take)
    app.state.collaborators.storage.write(f"uploads/{made}/parts/2", b"\0" * PART)
    refused = complete(owner, made, len(take))
    problem_of(refused, 422, "upload_incomplete", "parts")
    assert "part 2" in refused.json()["detail"]
    held = owner.get(f"/api/v1/uploads/{made}").json()["parts"]
    assert 2 not in [part["number"] for part in held]
    owner.put(address(owner, made, 2), content=take[PART : 2 * PART])
    assert complete(owner, made, len(take)).status_code == 200


def test_only_a_recording_may_have_no_size(owner: TestClient) -> None:
    for kind in ("photo", "audio"):
        body = {"kind": kind, "filename": "f", "size_bytes": None}
        refused = owner.post("/api/v1/uploads", json=body)
        problem_of(refused, 422, "upload_size_missing", "size_bytes")


@pytest.mark.parametrize("options", [LIVE_MP4, PHONE_MP4], ids=["Safari", "a phone's file"])
def test_a_chosen_file_has_a_size(
    owner: TestClient, tmp_path: Path, options: tuple[str, ...]
) -> None:
    raw = film(tmp_path / "clip.mp4", 1.0, *options).read_bytes()
    done = upload(owner, "video", raw, "clip.mp4")
    assert done["video"]["stream_type"] == "video/mp4"
    assert done["part_size_bytes"] == 8 * PART


def test_what_no_browser_is_sure_to_play_is_kept_and_not_shown(
    app: FastAPI, owner: TestClient, tmp_path: Path
) -> None:
    options = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", "-f", "mov")
    done = upload(owner, "video", film(tmp_path / "clip.mov", 1.0, *options).read_bytes())
    assert (done["video"]["stream_type"], done["content_url"]) == (None, None)
    assert files_of(app, done["id"]) == ["source.mkv"]
    problem_of(owner.get(f"/api/v1/uploads/{done['id']}/content"), 404, "not_found", "upload_id")


# --- after the end ----------------------------------------------------------------------------


def test_completing_again_answers_the_same(owner: TestClient, take: bytes) -> None:
    made = begin(owner)
    send(owner, made, take)
    first = complete(owner, made, len(take)).json()
    assert complete(owner, made, len(take)).json() == first
    assert complete(owner, made).json() == first


def test_a_part_that_comes_after_the_end_leaves_nothing(
    app: FastAPI, owner: TestClient, take: bytes
) -> None:
    made = begin(owner)
    send(owner, made, take)
    late = address(owner, made, 1)
    complete(owner, made, len(take))
    problem_of(owner.put(late, content=take[:PART]), 404, "not_found", "upload_id")
    again = owner.post(f"/api/v1/uploads/{made}/parts", json={"number": 1})
    problem_of(again, 422, "upload_complete", "number")
    assert files_of(app, made) == ["stream.webm"]


def test_a_part_that_is_on_its_way_at_the_end_leaves_nothing(
    app: FastAPI, owner: TestClient, take: bytes
) -> None:
    """Its bytes are in the storage, its note is not: the upload was completed in between."""
    made = begin(owner)
    send(owner, made, take)
    late = address(owner, made, 1)
    asked = completion.complete_upload
    parts = app.state.collaborators

    def finish_first(*given: object, **more: object) -> object:
        asked(parts.sessions, parts.storage, _account_of(app, made), made, len(take))
        return keep(*given, **more)  # type: ignore[arg-type]

    keep = upload_parts.keep_part
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upload_parts, "keep_part", finish_first)
        assert owner.put(late, content=take[:PART]).status_code == 404
    assert files_of(app, made) == ["stream.webm"]


def _account_of(app: FastAPI, upload_id: str) -> str:
    with app.state.collaborators.readers() as session:
        return session.get_one(Upload, upload_id).account_id


def test_another_ones_take_is_not_there(owner: TestClient, guest: TestClient, take: bytes) -> None:
    made = begin(owner)
    send(owner, made, take)
    for answer in (
        guest.get(f"/api/v1/uploads/{made}"),
        guest.post(f"/api/v1/uploads/{made}/parts", json={"number": 1}),
        complete(guest, made, len(take)),
        guest.delete(f"/api/v1/uploads/{made}"),
    ):
        problem_of(answer, 404, "not_found", "upload_id")
    assert complete(owner, made, len(take)).status_code == 200
    problem_of(guest.get(f"/api/v1/uploads/{made}/content"), 404, "not_found", "upload_id")


def test_a_take_that_is_deleted_leaves_nothing(
    app: FastAPI, owner: TestClient, take: bytes
) -> None:
    made = begin(owner)
    send(owner, made, take)
    assert owner.delete(f"/api/v1/uploads/{made}").status_code == 204
    assert files_of(app, made) == []
    late = owner.post(f"/api/v1/uploads/{made}/parts", json={"number": 1})
    assert late.status_code == 404


def test_a_take_without_a_picture_is_refused_and_gone(
    app: FastAPI, owner: TestClient, tmp_path: Path
) -> None:
    path = film(tmp_path / "take", 1.0, "-vn", "-c:a", "libopus", "-f", "webm", "-live", "1")
    made, raw = begin(owner), path.read_bytes()
    send(owner, made, raw)
    problem_of(complete(owner, made, len(raw)), 422, "recording_without_picture", "video")
    assert files_of(app, made) == []
    assert owner.get(f"/api/v1/uploads/{made}").status_code == 404


# --- two at once, and those that die ----------------------------------------------------------


class SlowJail:
    """Holds a completion where the file is being opened, until it is told to go on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.entered, self.may_go_on = threading.Event(), threading.Event()
        self.opened = 0
        self._sanitise = sanitise_video
        patch.setattr(completion, "sanitise_video", self._open)

    def _open(self, *given: object, **more: object) -> object:
        self.opened += 1
        self.entered.set()
        assert self.may_go_on.wait(30)
        return self._sanitise(*given, **more)  # type: ignore[arg-type]


@pytest.fixture
def slow_jail(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowJail]:
    jail = SlowJail(monkeypatch)
    yield jail
    jail.may_go_on.set()


@pytest.fixture
def in_background() -> Iterator[Callable[..., Future]]:
    with ThreadPoolExecutor() as pool:
        yield pool.submit


def test_of_two_completions_at_once_one_does_the_work(
    app: FastAPI, owner: TestClient, take: bytes, slow_jail: SlowJail, in_background
) -> None:
    made = begin(owner)
    send(owner, made, take)
    other = browser(app)
    other.cookies = owner.cookies
    first = in_background(lambda: complete(owner, made, len(take)))
    assert slow_jail.entered.wait(30)
    busy = complete(other, made, len(take))
    problem_of(busy, 409, "upload_busy")
    assert busy.headers["retry-after"] == "1"
    slow_jail.may_go_on.set()
    while (after := complete(other, made, len(take))).status_code == 409:
        pass
    assert after.json() == first.result(30).json()
    assert slow_jail.opened == 1


def test_a_take_that_is_deleted_while_it_is_opened_stays_deleted(
    app: FastAPI, owner: TestClient, take: bytes, slow_jail: SlowJail, in_background
) -> None:
    made = begin(owner)
    send(owner, made, take)
    other = browser(app)
    other.cookies = owner.cookies
    opening = in_background(lambda: complete(owner, made, len(take)))
    assert slow_jail.entered.wait(30)
    assert other.delete(f"/api/v1/uploads/{made}").status_code == 204
    slow_jail.may_go_on.set()
    assert opening.result(30).status_code == 404
    assert files_of(app, made) == []


def test_a_completion_that_was_killed_is_done_again_once_its_lease_is_over(
    app: FastAPI, owner: TestClient, take: bytes
) -> None:
    made = begin(owner)
    send(owner, made, take)
    parts = app.state.collaborators
    folder = parts.storage.path(f"uploads/{made}")
    with parts.sessions.begin() as session:  # what a killed process leaves
        session.get_one(Upload, made).completing_until = utc_now() + completion.LEASE
    (folder / ".workshop-killed").mkdir()
    (folder / ".workshop-killed" / "original").write_bytes(take)
    (folder / "parts" / ".1.killed").write_bytes(take[:100])
    problem_of(complete(owner, made, len(take)), 409, "upload_busy")
    with parts.sessions.begin() as session:
        session.get_one(Upload, made).completing_until = utc_now()
    assert complete(owner, made, len(take)).status_code == 200
    assert files_of(app, made) == ["stream.webm"]


def test_a_lease_is_held_for_as_long_as_it_takes(
    app: FastAPI, owner: TestClient, take: bytes, slow_jail: SlowJail, in_background,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(completion, "_RENEW_EVERY_S", 0.01)
    made = begin(owner)
    send(owner, made, take)
    in_background(lambda: complete(owner, made, len(take)))
    assert slow_jail.entered.wait(30)

    def held_until():
        with app.state.collaborators.readers() as session:
            return session.get_one(Upload, made).completing_until

    first = held_until()
    while held_until() <= first:
        pass
    slow_jail.may_go_on.set()


# --- the quota --------------------------------------------------------------------------------


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"upload_quota_bytes": 8 * PART})


def test_a_quota_reached_in_mid_take_loses_nothing_of_what_is_held(
    owner: TestClient, take: bytes
) -> None:
    full = begin(owner, kind="video")
    for number in range(1, 7):
        owner.put(address(owner, full, number), content=b"\0" * PART)
    made, parts = begin(owner), parts_of(take)
    for number in (1, 2):
        assert owner.put(address(owner, made, number), content=parts[number]).status_code == 200
    refused = owner.put(address(owner, made, 3), content=parts[3])
    problem_of(refused, 413, "quota_reached", "part")
    again = owner.put(address(owner, made, 2), content=parts[2])
    assert again.status_code == 200, "what replaces a part takes no more room"
    done = complete(owner, made, 2 * PART)
    assert done.status_code == 200, done.text
    assert 2 < done.json()["video"]["duration_s"] < 6.5
    problem_of(
        owner.post("/api/v1/uploads", json={"kind": "audio", "filename": "f", "size_bytes": PART}),
        413, "quota_reached", "audio",
    )  # fmt: skip
    owner.delete(f"/api/v1/uploads/{full}")
    begin(owner, size_bytes=5 * PART)


def test_a_quota_is_each_accounts_own(owner: TestClient, guest: TestClient) -> None:
    made = begin(owner)
    for number in range(1, 9):
        owner.put(address(owner, made, number), content=b"\0" * PART)
    problem_of(owner.put(address(owner, made, 9), content=b"\0"), 413, "quota_reached", "part")
    assert guest.put(address(guest, begin(guest), 1), content=b"\0").status_code == 200


# --- the sweep --------------------------------------------------------------------------------


def test_the_sweep_leaves_no_orphans(app: FastAPI, owner: TestClient, take: bytes) -> None:
    """Of each thing that a kill can leave; what is still being sent stays."""
    parts = app.state.collaborators
    done, going_on, expired = (begin(owner) for _ in range(3))
    for made in (done, going_on, expired):
        send(owner, made, take)
    complete(owner, done, len(take))
    root = parts.storage.root / "uploads"
    (root / done / "parts").mkdir()
    (root / done / "parts" / "1").write_bytes(b"came too late")
    (root / done / ".workshop-killed").mkdir()
    (root / "upl_deleted" / "parts").mkdir(parents=True)
    (root / "upl_deleted" / "parts" / "1").write_bytes(b"its row is gone")
    with parts.sessions.begin() as session:
        session.get_one(Upload, expired).expires_at = utc_now()
    tidy_uploads(parts.sessions, parts.storage)
    assert sorted(path.name for path in root.iterdir()) == sorted([done, going_on])
    assert files_of(app, done) == ["stream.webm"]
    assert files_of(app, going_on) == [f"parts/{number}" for number in parts_of(take)]
    assert complete(owner, going_on, len(take)).status_code == 200
    with parts.readers() as session:
        assert session.scalars(select(UploadPart)).all() == []
