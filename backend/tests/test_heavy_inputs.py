"""Photos and music of a size that nobody expects: told beside the field, and the draft stays."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from backend.media import decode, decode_photo, find_faces, jail
from backend.tests.samples import try_upload, upload
from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import BASE_VOICE, draft, render

GIBIBYTE = 1024 * jail.MEBIBYTE


def silence(target: Path, length_s: int) -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi"]
    command += ["-i", "anullsrc=r=8000:cl=mono", "-t", str(length_s), str(target)]
    subprocess.run(command, check=True, timeout=60)
    return target.read_bytes()


def test_music_of_three_hours_is_refused_and_the_draft_stays(
    owner: TestClient, photo: Path, tmp_path: Path
) -> None:
    picture = upload(owner, "photo", photo.read_bytes())
    message = draft(owner, script="やあ。", voice=BASE_VOICE, photo_upload_id=picture["id"])
    refused = try_upload(owner, "audio", silence(tmp_path / "long.flac", 3 * 3600), "long.flac")
    problem_of(refused, 422, "media_too_long", "audio")
    assert owner.get(f"/api/v1/messages/{message['id']}").json() == message
    assert render(owner, message).status_code == 202


def forty_megapixels(target: Path) -> Path:
    rows, columns = np.mgrid[0:5_477, 0:7_303]
    pixels = np.stack([rows % 256, columns % 256, (rows + columns) % 256], -1).astype(np.uint8)
    Image.fromarray(pixels).save(target, compress_level=1)
    return target


def test_thirty_photos_of_forty_megapixels_are_too_many_and_the_draft_stays(
    owner: TestClient, tmp_path: Path
) -> None:
    large = forty_megapixels(tmp_path / "large.jpg").read_bytes()
    first, second = (upload(owner, "photo", large)["id"] for _ in range(2))
    message = draft(
        owner, script="やあ。", voice=BASE_VOICE, photo_upload_id=first,
        more_photo_upload_ids=[second, *[first] * 28],
    )  # fmt: skip
    problem_of(render(owner, message), 422, "photos_too_many", "more_photo_upload_ids")
    assert owner.get(f"/api/v1/messages/{message['id']}").json() == message
    fewer = {"more_photo_upload_ids": [second, *[first] * 10]}
    kept = owner.patch(f"/api/v1/messages/{message['id']}", json=fewer).json()
    assert render(owner, kept).status_code == 202


@pytest.mark.parametrize("kind", ["jpg", "png"])
def test_forty_megapixels_are_taken_within_a_gibibyte(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = forty_megapixels(tmp_path / f"large.{kind}")
    monkeypatch.setattr(
        decode, "_PROBE_LIMITS", jail.Limits(memory_bytes=GIBIBYTE, wall_s=30, cpu_s=30)
    )
    photo = decode_photo(source, tmp_path / "made")
    assert (photo.width_px, photo.height_px) == (4096, 3072)
    monkeypatch.setattr(
        decode, "_FACES_LIMITS", jail.Limits(memory_bytes=GIBIBYTE, wall_s=10, cpu_s=10)
    )
    assert find_faces(tmp_path / "made") is not None
