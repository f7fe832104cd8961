"""A picture and a recording that the tests make themselves."""

from pathlib import Path

import numpy as np
import soundfile
from fastapi.testclient import TestClient
from PIL import Image

from openvoice_service.audio import Waveform
from openvoice_service.base_voices import Prosody
from openvoice_service.base_voices.open_jtalk import OpenJTalk

SENTENCES = (
    "こんにちは、私の名前は花子です。今日はとてもいい天気ですね。",
    "来週の水曜日に、駅前の広場で会いましょう。楽しみにしています。",
)


def sample_photo(path: Path) -> Path:
    """Write a picture with texture all over."""
    rows, columns = np.mgrid[0:600, 0:800]
    waves = np.sin(rows / 17) * np.cos(columns / 23) * 90 + 128
    noise = np.random.default_rng(7).normal(0, 20, (600, 800))
    gray = np.clip(waves + noise, 0, 255).astype(np.uint8)
    Image.merge("RGB", [Image.fromarray(gray + shift) for shift in (0, 1, 2)]).save(path)
    return path


def sample_speech(path: Path) -> Path:
    """Write some twelve seconds of speech, in a voice a little unlike the base voice."""
    waves = [OpenJTalk().speak(text, Prosody(pitch=-3.0)).wave for text in SENTENCES]
    joined = Waveform(np.concatenate([wave.samples for wave in waves]), waves[0].sample_rate_hz)
    quiet = np.random.default_rng(7).normal(0, 1e-4, len(joined.samples))
    soundfile.write(path, joined.samples + quiet, joined.sample_rate_hz, subtype="PCM_16")
    return path


def upload(client: TestClient, kind: str, content: bytes, filename: str = "file") -> dict:
    """Send `content` in parts; return the answer to `complete`, which must be good."""
    response = try_upload(client, kind, content, filename)
    assert response.status_code == 200, response.text
    return response.json()


def try_upload(client: TestClient, kind: str, content: bytes, filename: str = "file"):
    """Send `content` in parts; return the response to `complete`, or to what failed before."""
    body = {"kind": kind, "filename": filename, "size_bytes": len(content)}
    response = client.post("/api/v1/uploads", json=body)
    if response.status_code != 201:
        return response
    made = response.json()
    size = made["part_size_bytes"]
    for number in range(1, -(-len(content) // size) + 1):
        wanted = client.post(f"/api/v1/uploads/{made['id']}/parts", json={"number": number}).json()
        put = client.put(wanted["url"], content=content[(number - 1) * size : number * size])
        assert put.status_code == 200, put.text
    return client.post(f"/api/v1/uploads/{made['id']}/complete")


def make_voice(client: TestClient, recording: Path) -> dict:
    """Return a new voice made of `recording`."""
    sample = upload(client, "audio", recording.read_bytes())
    body = {
        "name": "わたし",
        "language": "ja",
        "upload_id": sample["id"],
        "consent": {"accepted": True, "text": "この声は私の声です。"},
    }
    response = client.post("/api/v1/voices", json=body)
    assert response.status_code == 201, response.text
    return response.json()
