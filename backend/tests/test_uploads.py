"""Files on their way in: parts, damage, and everything that is refused."""

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from backend.tests.samples import try_upload, upload
from backend.tests.test_accounts import problem_of

PART = 8 * 1024 * 1024


def address(client: TestClient, upload_id: str, number: int, **more: str) -> str:
    body = {"number": number, **more}
    return client.post(f"/api/v1/uploads/{upload_id}/parts", json=body).json()["url"]


def open_upload(client: TestClient, content: bytes, kind: str = "audio") -> str:
    body = {"kind": kind, "filename": "f", "size_bytes": len(content)}
    return client.post("/api/v1/uploads", json=body).json()["id"]


@pytest.fixture(scope="module")
def long_wav(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("long") / "long.wav"
    tone = 0.2 * np.sin(np.arange(48_000 * 100) * 2 * np.pi * 220 / 48_000)
    soundfile.write(path, np.stack([tone, tone], 1)[: 48_000 * 60], 48_000, subtype="PCM_16")
    return path.read_bytes()


def test_parts_may_come_in_any_order_and_twice(owner: TestClient, long_wav: bytes) -> None:
    made = open_upload(owner, long_wav)
    for number in (2, 1, 2):
        part = long_wav[(number - 1) * PART : number * PART]
        put = owner.put(address(owner, made, number), content=part)
        assert put.json()["sha256"] == hashlib.sha256(part).hexdigest()
    held = owner.get(f"/api/v1/uploads/{made}").json()["parts"]
    assert [part["number"] for part in held] == [1, 2]
    done = owner.post(f"/api/v1/uploads/{made}/complete").json()
    assert done["state"] == "complete"
    assert done["audio"]["duration_s"] == pytest.approx(60.0, abs=0.05)
    assert owner.post(f"/api/v1/uploads/{made}/complete").json() == done


def test_a_missing_part_is_named_and_can_still_come(owner: TestClient, long_wav: bytes) -> None:
    made = open_upload(owner, long_wav)
    owner.put(address(owner, made, 1), content=long_wav[:PART])
    refused = owner.post(f"/api/v1/uploads/{made}/complete")
    problem_of(refused, 422, "upload_incomplete", "parts")
    assert "part 2" in refused.json()["detail"]
    owner.put(address(owner, made, 2), content=long_wav[PART:])
    assert owner.post(f"/api/v1/uploads/{made}/complete").status_code == 200


def test_a_damaged_part_is_refused(owner: TestClient, long_wav: bytes) -> None:
    made = open_upload(owner, long_wav)
    wanted = hashlib.sha256(long_wav[:PART]).hexdigest()
    url = address(owner, made, 1, sha256=wanted)
    damaged = b"\0" + long_wav[1:PART]
    problem_of(owner.put(url, content=damaged), 422, "upload_checksum", "sha256")
    assert owner.get(f"/api/v1/uploads/{made}").json()["parts"] == []


def test_while_a_part_is_kept_by_a_slow_disk_others_are_answered(
    owner: TestClient, app: FastAPI, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = app.state.collaborators.storage
    keeping, answered = threading.Event(), threading.Event()
    write = storage.writing

    @contextmanager
    def slow_writing(key: str) -> Iterator[Path]:
        with write(key) as draft:
            yield draft
            keeping.set()
            assert answered.wait(30)

    monkeypatch.setattr(storage, "writing", slow_writing)
    made = open_upload(owner, b"0123456789")
    target = url + address(owner, made, 1)
    with ThreadPoolExecutor() as pool:
        sent = pool.submit(httpx.put, target, content=b"0123456789", timeout=60)
        try:
            assert keeping.wait(30)
            assert httpx.get(f"{url}/healthz", timeout=10).status_code == 200
        finally:
            answered.set()
        assert sent.result().status_code == 200


@pytest.mark.parametrize("size", [0, PART - 1, PART + 1])
def test_a_part_of_another_size_is_refused(owner: TestClient, long_wav: bytes, size: int) -> None:
    made = open_upload(owner, long_wav)
    refused = owner.put(address(owner, made, 1), content=long_wav[:size])
    problem_of(refused, 422, "upload_part_size", "part")


def test_an_address_holds_for_its_own_part_only(owner: TestClient, long_wav: bytes) -> None:
    made = open_upload(owner, long_wav)
    forged = address(owner, made, 1).replace("/parts/1?", "/parts/2?")
    problem_of(owner.put(forged, content=long_wav[PART:]), 403, "origin_forbidden")


def test_a_complete_upload_takes_no_more_parts(owner: TestClient, photo: Path) -> None:
    made = upload(owner, "photo", photo.read_bytes())
    again = owner.post(f"/api/v1/uploads/{made['id']}/parts", json={"number": 1})
    problem_of(again, 422, "upload_complete")


def test_what_is_kept_is_what_the_jail_made(
    owner: TestClient, tmp_path: Path, app: FastAPI
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "secret place"
    picture = Image.effect_noise((400, 200), 60).convert("RGB")
    picture.save(tmp_path / "turned.jpg", exif=exif)
    made = upload(owner, "photo", (tmp_path / "turned.jpg").read_bytes())
    facts = made["photo"]
    assert (facts["width_px"], facts["height_px"], facts["was_turned"]) == (200, 400, True)
    content = owner.get(made["content_url"])
    assert content.headers["content-type"] == "image/jpeg"
    assert b"secret place" not in content.content
    folder = app.state.collaborators.storage.root / "uploads" / made["id"]
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["photo.jpg"]


def test_a_refused_file_leaves_nothing(owner: TestClient, app: FastAPI) -> None:
    problem_of(try_upload(owner, "photo", b"GIF89a" + b"\0" * 50), 422, "photo_unsupported")
    folder = app.state.collaborators.storage.root / "uploads"
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_file_too_large_is_refused_before_it_is_sent(owner: TestClient) -> None:
    body = {"kind": "photo", "filename": "f", "size_bytes": 40_000_001}
    problem_of(owner.post("/api/v1/uploads", json=body), 413, "media_too_large", "photo")


def test_an_empty_file_is_refused(owner: TestClient) -> None:
    body = {"kind": "audio", "filename": "f", "size_bytes": 0}
    problem_of(owner.post("/api/v1/uploads", json=body), 422, "media_empty", "audio")


# --- the files of the issue -----------------------------------------------------------------


def big_png(folder: Path) -> bytes:
    Image.new("L", (12_000, 12_000)).save(folder / "big.png")
    return (folder / "big.png").read_bytes()


def truncated_jpeg(folder: Path) -> bytes:
    Image.effect_noise((800, 600), 80).save(folder / "whole.jpg")
    whole = (folder / "whole.jpg").read_bytes()
    return whole[: len(whole) // 2]


def svg(_folder: Path) -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (big_png, "photo_too_large"),
        (truncated_jpeg, "media_truncated"),
        (svg, "photo_unsupported"),
        (lambda _folder: b"just words " * 99, "photo_unsupported"),
    ],
    ids=["12000x12000", "truncated", "svg", "text"],
)
def test_a_bad_photo_is_refused(owner: TestClient, tmp_path: Path, make, code: str) -> None:
    refused = try_upload(owner, "photo", make(tmp_path), "photo.jpg")
    problem_of(refused, 422, code, "photo")


def test_a_text_renamed_to_wav_is_refused(owner: TestClient) -> None:
    refused = try_upload(owner, "audio", b"just words " * 999, "voice.wav")
    problem_of(refused, 422, "media_unreadable", "audio")


def test_a_video_is_no_voice_sample(app: FastAPI, owner: TestClient) -> None:
    video = Path(__file__).parents[2] / "docs" / "images" / "demo.mp4"
    problem_of(try_upload(owner, "audio", video.read_bytes()), 422, "sample_is_video", "audio")
    assert list(app.state.collaborators.settings.storage_root.rglob("content*")) == []
