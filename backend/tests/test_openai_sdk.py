"""OpenAI's own Python client, as it comes: it speaks through the app with an API key of ours."""

import io
import json
from base64 import b64decode
from pathlib import Path
from typing import Literal

import av
import numpy as np
import openai
import pytest
from fastapi.testclient import TestClient

from backend.tests.conftest import Stubbed, new_api_key
from backend.tests.samples import make_voice

TEXT = "こんにちは。お元気ですか。"
FORMATS = ("mp3", "opus", "aac", "flac", "wav", "pcm")
PCM_RATE_HZ = 24_000


def client_of(url: str, key: str) -> openai.OpenAI:
    """Return the client; the environment's proxies are kept out of the tests."""
    http = openai.DefaultHttpxClient(trust_env=False)
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, http_client=http)


@pytest.fixture
def client(url: str, owner: TestClient) -> openai.OpenAI:
    return client_of(url, new_api_key(owner))


def samples_of(audio: bytes, response_format: str) -> np.ndarray:
    """Decode; raw PCM is 16-bit mono at 24 kHz, as OpenAI's is."""
    if response_format == "pcm":
        return np.frombuffer(audio, "<i2") / 32768
    with av.open(io.BytesIO(audio), "r") as file:
        frames = [f.to_ndarray().mean(axis=0) for f in file.decode(audio=0)]
        return np.concatenate(frames)


def is_speech(audio: bytes, response_format: str) -> bool:
    samples = samples_of(audio, response_format)
    return len(samples) > 0.5 * PCM_RATE_HZ and float(np.abs(samples).max()) > 0


@pytest.mark.parametrize("response_format", FORMATS)
def test_it_speaks_whole_and_streamed(
    client: openai.OpenAI,
    own_voice: str,
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"],
) -> None:
    whole = client.audio.speech.create(
        model="openvoice", voice=own_voice, input=TEXT, response_format=response_format
    )
    assert is_speech(whole.content, response_format)
    with client.audio.speech.with_streaming_response.create(
        model="openvoice", voice=own_voice, input=TEXT, response_format=response_format
    ) as streamed:
        pieces = list(streamed.iter_bytes())
    assert is_speech(b"".join(pieces), response_format)


def test_it_reads_events(client: openai.OpenAI) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="openvoice",
        voice="alloy",
        input=TEXT,
        response_format="pcm",
        stream_format="sse",
    ) as answer:
        events = [json.loads(line[5:]) for line in answer.iter_lines() if line.startswith("data:")]
    kinds = [event["type"] for event in events]
    assert kinds[-1] == "speech.audio.done"
    assert set(kinds[:-1]) == {"speech.audio.delta"}
    assert is_speech(b"".join(b64decode(event["audio"]) for event in events[:-1]), "pcm")


def test_it_saves_to_a_file_and_lists_the_model(client: openai.OpenAI, tmp_path: Path) -> None:
    target = tmp_path / "hello.mp3"
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input=TEXT
    ) as answer:
        answer.stream_to_file(target)
    assert is_speech(target.read_bytes(), "mp3")
    assert [model.id for model in client.models.list()] == ["openvoice"]


def test_somebody_elses_voice_is_not_found(
    client: openai.OpenAI, guest: TestClient, recording: Path
) -> None:
    theirs = make_voice(guest, recording)["id"]
    with pytest.raises(openai.NotFoundError):
        client.audio.speech.create(model="openvoice", voice=theirs, input=TEXT)


def test_a_revoked_key_is_an_authentication_error(client: openai.OpenAI, owner: TestClient) -> None:
    key_id = owner.get("/api/v1/api-keys").json()["items"][0]["id"]
    assert owner.delete(f"/api/v1/api-keys/{key_id}").status_code == 204
    with pytest.raises(openai.AuthenticationError):
        client.audio.speech.create(model="openvoice", voice="alloy", input=TEXT)


def test_a_full_queue_is_a_rate_limit_error(stubbed: Stubbed) -> None:
    client = client_of(stubbed.url, new_api_key(stubbed.owner))
    with pytest.raises(openai.RateLimitError) as busy:
        client.audio.speech.create(model="openvoice", voice="alloy", input="busy")
    assert busy.value.response.headers["retry-after"] == "7"


def test_a_text_that_is_too_long_is_told_with_its_limit(client: openai.OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="4,096") as refused:
        client.audio.speech.create(model="openvoice", voice="alloy", input="あ" * 4_097)
    assert (refused.value.code, refused.value.param) == ("script_too_long", "input")
