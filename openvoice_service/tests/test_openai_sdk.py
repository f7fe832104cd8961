"""OpenAI's own Python client, unmodified, against the running service."""

import base64
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import av
import openai
import pytest
from fastapi import FastAPI
from openai import OpenAI

from openvoice_service.main import create_app
from openvoice_service.settings import SpeechSettings
from openvoice_service.tests.running import PATIENCE_S, busy_readers, serving, until

TOKEN = "the token of these tests"
SCRIPT = "Hello there, how are you? The cake is ready. Please bring a friend or two."
FORMATS = ("mp3", "opus", "aac", "flac", "wav", "pcm")
VOICE = "alloy"
QUEUE = 2


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("speech")
    return create_app(SpeechSettings(data_dir=folder, speech_token=TOKEN, speech_queue=QUEUE))


@pytest.fixture(scope="module")
def url(app: FastAPI) -> Iterator[str]:
    with serving(app) as address:
        yield f"{address}/v1"


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=url, api_key=TOKEN, timeout=PATIENCE_S, max_retries=0) as opened:
        yield opened


@pytest.fixture(scope="module")
def expected_s(client: OpenAI) -> float:
    spoken = client.audio.speech.create(**asked(model="openvoice", response_format="pcm"))
    return duration_s(spoken.read(), "pcm")


def asked(text: str = SCRIPT, **more: Any) -> dict[str, Any]:
    return {"model": "tts-1", "voice": VOICE, "input": text} | more


def duration_s(raw: bytes, audio_format: str) -> float:
    if audio_format == "pcm":
        return len(raw) / 2 / 24_000
    with av.open(io.BytesIO(raw), "r") as container:
        stream = container.streams.audio[0]
        return sum(frame.samples for frame in container.decode(stream)) / stream.rate


@pytest.mark.parametrize("audio_format", FORMATS)
@pytest.mark.parametrize("script", [SCRIPT, "Hello there."], ids=["three sentences", "one"])
def test_each_format_whole(
    client: OpenAI, expected_s: float, audio_format: str, script: str
) -> None:
    answer = client.audio.speech.create(**asked(script, response_format=audio_format))
    heard_s = duration_s(answer.content, audio_format)
    if script == SCRIPT:
        assert heard_s == pytest.approx(expected_s, abs=0.25)
    else:
        assert 0.3 < heard_s < expected_s / 2


@pytest.mark.parametrize("audio_format", FORMATS)
def test_each_format_streamed(client: OpenAI, expected_s: float, audio_format: str) -> None:
    speaking = client.audio.speech.with_streaming_response
    with speaking.create(**asked(response_format=audio_format)) as answer:
        pieces = list(answer.iter_bytes())
    assert len(pieces) >= 3
    assert duration_s(b"".join(pieces), audio_format) == pytest.approx(expected_s, abs=0.25)


@pytest.mark.parametrize("audio_format", FORMATS)
def test_each_format_is_heard_before_all_of_it_is_spoken(
    app: FastAPI, client: OpenAI, audio_format: str
) -> None:
    known, new = "The first one has been said before.", f"This is news in {audio_format}."
    speaking = client.audio.speech
    speaking.create(**asked(known, response_format="pcm"))
    both = asked(f"{known} {new}", response_format=audio_format)
    with busy_readers(app):
        streaming = speaking.with_streaming_response
        with streaming.create(**both) as answer:
            assert next(answer.iter_bytes())


def test_events(client: OpenAI, expected_s: float) -> None:
    speaking = client.audio.speech.with_streaming_response
    with speaking.create(**asked(model="gpt-4o-mini-tts", stream_format="sse")) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in answer.iter_lines() if line]
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    deltas = [base64.b64decode(event["audio"]) for event in events[:-1]]
    assert {event["type"] for event in events[:-1]} == {"speech.audio.delta"}
    assert len(deltas) >= 3
    assert events[-1]["type"] == "speech.audio.done"
    assert set(events[-1]["usage"]) == {"input_tokens", "output_tokens", "total_tokens"}
    assert duration_s(b"".join(deltas), "mp3") == pytest.approx(expected_s, abs=0.25)


def test_it_writes_a_file(client: OpenAI, tmp_path: Path) -> None:
    speaking = client.audio.speech.with_streaming_response
    with speaking.create(**asked()) as answer:
        answer.stream_to_file(tmp_path / "said.mp3")
    assert duration_s((tmp_path / "said.mp3").read_bytes(), "mp3") > 1


def test_a_wrong_token(url: str) -> None:
    with (
        OpenAI(base_url=url, api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        stranger.audio.speech.create(**asked())


@contextmanager
def full(app: FastAPI) -> Iterator[ExitStack]:
    """Take every place; closing the stack gives them back early."""
    with ExitStack() as places:
        for _ in range(QUEUE):
            places.enter_context(app.state.admission.place())
        yield places


def refusals(app: FastAPI) -> float:
    labels = {"method": "POST", "route": "/v1/audio/speech", "status": "429"}
    registry = app.state.metrics.registry
    return registry.get_sample_value("speech_requests_total", labels) or 0


def test_a_full_queue_is_a_rate_limit(app: FastAPI, client: OpenAI) -> None:
    with full(app), pytest.raises(openai.RateLimitError) as refusal:
        client.audio.speech.create(**asked())
    assert refusal.value.response.json()["code"] == "queue_full"
    assert int(refusal.value.response.headers["retry-after"]) >= 1


def test_the_client_tries_a_full_queue_again_by_itself(app: FastAPI, url: str) -> None:
    before = refusals(app)
    with (
        OpenAI(base_url=url, api_key=TOKEN, timeout=PATIENCE_S, max_retries=3) as patient,
        ThreadPoolExecutor(1) as pool,
        full(app) as places,
    ):
        asking = pool.submit(patient.audio.speech.create, **asked("Hello again."))
        until(lambda: refusals(app) > before)
        places.close()
        assert len(asking.result(PATIENCE_S).content) > 1_000


@pytest.mark.parametrize(
    ("wanted", "field", "says"),
    [
        ({"input": "a" * 4_097}, "input", "4,096"),
        ({"input": ""}, "input", "text"),
        ({"response_format": "midi"}, "response_format", "mp3"),
        ({"speed": 5.0}, "speed", "4"),
        ({"voice": "voc_nobody"}, "voice", "voice"),
        ({"stream_format": "telegram"}, "stream_format", "sse"),
    ],
)  # fmt: skip
def test_what_cannot_be_spoken_is_a_clear_refusal(
    client: OpenAI, wanted: dict, field: str, says: str
) -> None:
    for speak in (client.audio.speech.create, partial(streamed, client)):
        with pytest.raises(openai.UnprocessableEntityError) as refusal:
            speak(**asked() | wanted)
        error = refusal.value.response.json()["errors"][0]
        assert error["field"] == field
        assert says in error["message"] + error["fix"]


def streamed(client: OpenAI, **body: Any) -> bytes:
    with client.audio.speech.with_streaming_response.create(**body) as answer:
        return answer.read()


def test_4096_characters_are_admitted(client: OpenAI) -> None:
    assert client.audio.speech.create(**asked(("word " * 820)[:4_096])).content
