"""The same product with its files in S3: whole messages, and what browsers send there directly."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.db import utc_now
from backend.jobs.steps import RenderSteps
from backend.jobs.sweeps import tidy_uploads
from backend.settings import Settings
from backend.storage.tests.moto_s3 import Bucket, new_bucket
from backend.tests import test_recordings, test_video_uploads
from backend.tests.conftest import browser
from backend.tests.samples import make_voice
from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import BASE_VOICE, draft
from backend.tests.test_recordings import fetched, make
from backend.uploads.models import Upload
from backend.uploads.service import LIVE_PART_SIZE_BYTES as PART

steps = test_recordings.steps
take = test_video_uploads.take
PREFIX = "video-message"
# Rendering takes long, and is the same whichever database there is.
once = pytest.mark.skipif("TEST_DATABASE_URL" in os.environ, reason="was rendered with SQLite")


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with new_bucket() as made:
        yield made


@pytest.fixture
def settings(settings: Settings, bucket: Bucket) -> Settings:
    stored = {"storage_bucket": bucket.name, "storage_prefix": PREFIX}
    return settings.model_copy(update={**stored, "upload_quota_bytes": 20 * PART})


@pytest.fixture
def keys(bucket: Bucket) -> Any:
    return lambda: [name.removeprefix(f"{PREFIX}/") for name in bucket.objects()]


def begin(client: TestClient, kind: str, size_bytes: int | None, at: str = "/api/v1") -> str:
    body = {"kind": kind, "filename": "f", "size_bytes": size_bytes}
    return client.post(f"{at}/uploads", json=body).json()["id"]


def address(
    client: TestClient, made: str, number: int, part: bytes, at: str = "/api/v1", **more: Any
) -> Any:
    wish = {"number": number, "sha256": hashlib.sha256(part).hexdigest(), "size_bytes": len(part)}
    return client.post(f"{at}/uploads/{made}/parts", json=wish | more).json()


def put(told: Any, part: bytes, **headers: str) -> httpx.Response:
    """Do what a browser does: all headers that it was told, and the length by itself."""
    return httpx.request(
        told["method"], told["url"], content=part, headers=told["headers"] | headers
    )


def send(client: TestClient, made: str, content: bytes, at: str = "/api/v1") -> None:
    size = client.get(f"{at}/uploads/{made}").json()["part_size_bytes"]
    for number, start in enumerate(range(0, len(content), size), 1):
        part = content[start : start + size]
        answer = put(address(client, made, number, part, at), part)
        assert answer.status_code == 200, answer.text


def upload(client: TestClient, kind: str, content: bytes) -> Any:
    made = begin(client, kind, len(content))
    send(client, made, content)
    answer = client.post(f"/api/v1/uploads/{made}/complete")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def voice(owner: TestClient, recording: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("backend.tests.samples.upload", upload)
    return str(make_voice(owner, recording)["id"])


# --- whole messages -------------------------------------------------------------------------


@once
def test_a_photo_speaks_from_the_bucket(
    app: FastAPI, owner: TestClient, steps: RenderSteps, photo: Path, voice: str, keys: Any,
    tmp_path: Path,
) -> None:  # fmt: skip
    picture = upload(owner, "photo", photo.read_bytes())
    assert owner.get(picture["content_url"]).headers["content-type"] == "image/jpeg"
    message = make(owner, steps, draft(
        owner, title="Hallo", script="おめでとう。", language="ja", voice=voice,
        photo_upload_id=picture["id"],
    ))  # fmt: skip
    kept = [key for key in keys() if key.startswith("messages/")]
    files = [key for key in kept if "/segments/" not in key]
    assert len(kept) == len(files) + 1, "what was drawn for its one sentence"
    assert {key.rsplit("/", 1)[-1] for key in files} == {
        "speech.wav", "spoken.json", "timeline.json", "video.mp4", "poster.jpg", "captions.vtt",
        "thumbnail.gif", "waveform.json", "composed.json",
    }  # fmt: skip
    video = fetched(owner, message["video_url"], tmp_path / "video.mp4").read_bytes()
    stranger = browser(app)
    rules = {"allow_download": True}
    link = owner.post(f"/api/v1/messages/{message['id']}/shares", json=rules).json()
    page = link["url"].removeprefix("http://localhost:55434")
    shown = stranger.get(page)
    assert f'"video_url":"{page}/video.mp4"' in shown.text
    part = stranger.get(f"{page}/video.mp4", headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, video[1000:2000])
    saved = stranger.get(f"{page}/video.mp4?download=true")
    assert (saved.content, saved.headers["content-disposition"]) == (
        video, 'attachment; filename="Hallo.mp4"'
    )  # fmt: skip
    owner.delete(f"/api/v1/shares/{link['id']}")
    assert stranger.get(f"{page}/video.mp4").status_code == 404
    owner.delete(f"/api/v1/messages/{message['id']}")
    assert keys() == []
    scratch = app.state.collaborators.settings.data_dir / "scratch"
    assert list(scratch.rglob("*/*")) == [], "nor a copy on this computer"


@once
def test_a_recording_is_made_corrected_and_gone(
    owner: TestClient, steps: RenderSteps, take: bytes, keys: Any, tmp_path: Path
) -> None:
    made = begin(owner, "video", None)
    send(owner, made, take)
    parts = owner.get(f"/api/v1/uploads/{made}").json()["parts"]
    assert [part["size_bytes"] for part in parts] == [PART, PART, len(take) - 2 * PART]
    told = owner.post(f"/api/v1/uploads/{made}/complete", json={"size_bytes": len(take)})
    assert told.status_code == 200, told.text
    assert keys() == [f"uploads/{made}/stream.webm"]
    message = draft(owner, kind="recording", title="Hallo", recording_upload_id=made)
    ready = make(owner, steps, message)
    before = fetched(owner, ready["video_url"], tmp_path / "before.mp4").read_bytes()
    vtt = b"WEBVTT\n\n00:01.000 --> 00:02.000\nMitten darin\n"
    changed = owner.put(
        f"/api/v1/messages/{message['id']}/captions", content=vtt,
        headers={"Content-Type": "text/vtt"},
    )  # fmt: skip
    assert changed.status_code == 200, changed.text
    shown = fetched(owner, ready["video_url"], tmp_path / "shown.mp4").read_bytes()
    assert shown == before, "somebody may be watching it"
    saved = fetched(owner, f"{ready['video_url']}?download=1", tmp_path / "saved.mp4").read_bytes()
    assert saved != before
    owner.delete(f"/api/v1/messages/{message['id']}")
    assert keys() == []


# --- parts that go to the bucket directly ---------------------------------------------------


def test_the_bucket_takes_what_was_announced_and_nothing_else(
    owner: TestClient, take: bytes
) -> None:
    made = begin(owner, "video", None)
    part, told = take[:PART], address(owner, made, 1, take[:PART])
    assert put(told, part[1:]).status_code == 403, "another length"
    assert put(told, b"\0" + part[1:]).status_code == 400, "another content"
    other = {**told, "url": told["url"].replace("/parts/1?", "/parts/2?")}
    assert put(other, part).status_code == 403, "another part"
    assert owner.get(f"/api/v1/uploads/{made}").json()["parts"] == []
    assert put(told, part).status_code == 200
    (held,) = owner.get(f"/api/v1/uploads/{made}").json()["parts"]
    assert held == {
        "number": 1, "size_bytes": PART, "sha256": hashlib.sha256(part).hexdigest()
    }  # fmt: skip


def test_a_part_has_the_size_that_it_can_have(owner: TestClient) -> None:
    made = begin(owner, "video", None)
    for size_bytes in (0, PART + 1):
        wish = {"number": 1, "size_bytes": size_bytes}
        answer = owner.post(f"/api/v1/uploads/{made}/parts", json=wish)
        problem_of(answer, 422, "upload_part_size", "size_bytes")


def test_a_part_whose_content_nobody_told_is_taken(owner: TestClient, take: bytes) -> None:
    """A browser on plain http from afar knows no sha-256."""
    made = begin(owner, "video", len(take))
    told = address(owner, made, 1, take, sha256=None)
    assert put(told, take).status_code == 200
    (held,) = owner.get(f"/api/v1/uploads/{made}").json()["parts"]
    assert held["sha256"] is None
    assert owner.post(f"/api/v1/uploads/{made}/complete").status_code == 200


def test_a_part_that_is_sent_again_counts_as_it_was_announced_last(
    owner: TestClient, take: bytes
) -> None:
    made = begin(owner, "video", None)
    send(owner, made, take)
    damaged = b"\0" * PART
    assert put(address(owner, made, 2, damaged), damaged).status_code == 200
    announced = address(owner, made, 2, take[PART : 2 * PART])
    told = {"size_bytes": len(take)}
    refused = owner.post(f"/api/v1/uploads/{made}/complete", json=told)
    problem_of(refused, 422, "upload_incomplete", "parts")
    assert "part 2" in refused.json()["detail"]
    assert put(announced, take[PART : 2 * PART]).status_code == 200
    announced = address(owner, made, 2, take[PART : 2 * PART])
    assert owner.post(f"/api/v1/uploads/{made}/complete", json=told).status_code == 200


def test_what_is_only_announced_counts_for_the_quota(owner: TestClient) -> None:
    made = begin(owner, "video", None)
    for number in range(1, 21):
        address(owner, made, number, b"\0" * PART)
    wish = {"number": 21, "size_bytes": 1}
    answer = owner.post(f"/api/v1/uploads/{made}/parts", json=wish)
    problem_of(answer, 413, "quota_reached", "part")
    again = owner.post(f"/api/v1/uploads/{made}/parts", json={"number": 20})
    assert again.status_code == 200, "what replaces a part takes no more room"
    for number in range(1, 21):
        address(owner, made, number, b"\0")
    answer = owner.post(f"/api/v1/uploads/{made}/parts", json=wish)
    problem_of(answer, 413, "quota_reached", "part")  # the longer parts may still come
    owner.delete(f"/api/v1/uploads/{made}")
    begin(owner, "video", 20 * PART)


def test_what_comes_late_is_swept_away(
    app: FastAPI, owner: TestClient, take: bytes, keys: Any, bucket: Bucket
) -> None:
    done, gone, expired, going_on = (begin(owner, "video", None) for _ in range(4))
    late = {made: address(owner, made, 1, take[:PART]) for made in (done, gone)}
    for made in (done, expired, going_on):
        send(owner, made, take)
    owner.post(f"/api/v1/uploads/{done}/complete", json={"size_bytes": len(take)})
    owner.delete(f"/api/v1/uploads/{gone}")
    for told in late.values():
        assert put(told, take[:PART]).status_code == 200
    bucket.begin_in_parts(f"{PREFIX}/uploads/{done}/stream.webm")
    parts = app.state.collaborators
    with parts.sessions.begin() as session:
        session.get_one(Upload, expired).expires_at = utc_now()
    tidy_uploads(parts.sessions, parts.storage)
    count = -(-len(take) // PART)
    assert keys() == sorted([
        f"uploads/{done}/stream.webm",
        *(f"uploads/{going_on}/parts/{number}" for number in range(1, count + 1)),
    ])  # fmt: skip
    assert bucket.unfinished() == []


@once
def test_a_guest_sends_a_reply_to_the_bucket(
    app: FastAPI, owner: TestClient, steps: RenderSteps, photo: Path, take: bytes, bucket: Bucket
) -> None:
    picture = upload(owner, "photo", photo.read_bytes())
    message = make(owner, steps, draft(
        owner, script="おめでとう。", language="ja", voice=BASE_VOICE, photo_upload_id=picture["id"]
    ))  # fmt: skip
    link = owner.post(f"/api/v1/messages/{message['id']}/shares", json={"allow_replies": True})
    page = link.json()["url"].removeprefix("http://localhost:55434")
    guest = browser(app)
    shown = guest.get(page)
    origin = bucket.s3.meta.endpoint_url
    assert f"connect-src 'self' {origin};" in shown.headers["content-security-policy"]
    made = begin(guest, "video", None, page)
    send(guest, made, take, page)
    told = guest.post(f"{page}/uploads/{made}/complete", json={"size_bytes": len(take)})
    assert told.status_code == 200, told.text
    reply = guest.post(f"{page}/replies", json={"upload_id": made, "name": "Guest"}).json()
    content = owner.get(f"/api/v1/replies/{reply['id']}/content")
    assert (content.status_code, content.headers["content-type"]) == (200, "video/webm")


def test_what_is_deleted_while_the_bucket_is_away_goes_with_the_sweep(
    app: FastAPI, owner: TestClient, photo: Path, bucket: Bucket, keys: Any
) -> None:
    picture = upload(owner, "photo", photo.read_bytes())
    bucket.door.refuse = (403, "AccessDenied")
    assert owner.delete(f"/api/v1/uploads/{picture['id']}").status_code == 204
    bucket.door.refuse = None
    assert owner.get(picture["content_url"]).status_code == 404
    assert keys() != []
    tidy_uploads(app.state.collaborators.sessions, app.state.collaborators.storage)
    assert keys() == []


def test_an_outage_is_told_and_passes(owner: TestClient, photo: Path, bucket: Bucket) -> None:
    picture = upload(owner, "photo", photo.read_bytes())
    bucket.door.refuse = (403, "AccessDenied")
    refused = owner.get(picture["content_url"])
    problem_of(refused, 503, "storage_unavailable")
    assert refused.headers["retry-after"]
    bucket.door.refuse = None
    assert owner.get(picture["content_url"]).status_code == 200
