"""What the client makes of each kind of answer."""

import base64
import json
from typing import Any

import httpx
import pytest

from backend.jobs.tests.conftest import tone
from backend.speech.client import SpeechClient
from backend.speech.errors import SpeechRefused, SpeechUnavailable

PROBLEM = {"code": "voice_unknown", "title": "T", "detail": "D", "errors": []}


def _client(answer: httpx.Response | Exception) -> SpeechClient:
    def handle(_request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return SpeechClient("http://speech", "t", httpx.Client(transport=httpx.MockTransport(handle)))


def _timed(**changes: Any) -> httpx.Response:
    body = {
        "audio": base64.b64encode(tone()).decode(),
        "format": "wav",
        "sample_rate_hz": 24_000,
        "duration_s": 1.0,
        "sentences": [
            {
                "index": 0,
                "text": "Hi.",
                "start_s": 0.0,
                "end_s": 1.0,
                "words": [{"text": "Hi.", "start_s": 0.1, "end_s": 0.9}],
            }
        ],
    }
    return httpx.Response(200, json=body | changes)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.ConnectError("no"), "down"),
        (httpx.ConnectTimeout("no"), "down"),
        (httpx.ReadTimeout("no"), "slow"),
        (httpx.RemoteProtocolError("no"), "down"),
        (httpx.Response(503), "down"),
        (httpx.Response(302, headers={"location": "http://elsewhere"}), "down"),
        (httpx.Response(429), "busy"),
        (httpx.Response(401, json=PROBLEM), "down"),
        (httpx.Response(404, text="nginx"), "nonsense"),
        (httpx.Response(200, text="{}"), "nonsense"),
        (_timed(duration_s=9.0), "nonsense"),
        (_timed(sample_rate_hz=48_000), "nonsense"),
        (_timed(audio="%%%"), "nonsense"),
        (_timed(format="mp3"), "nonsense"),
        (_timed(sentences=[]), "nonsense"),
    ],
)
def test_what_may_get_better_is_unavailable(answer: Any, reason: str) -> None:
    with pytest.raises(SpeechUnavailable) as problem:
        _client(answer).speak_timed("Hi.")
    assert problem.value.reason == reason
    assert "Hi." not in problem.value.detail


@pytest.mark.parametrize("key", ["start_s", "end_s"])
@pytest.mark.parametrize("value", [-1.0, 7.0])
def test_times_outside_the_audio_are_not_believed(key: str, value: float) -> None:
    sentence = json.loads(_timed().content)["sentences"][0]
    for changed in (
        sentence | {key: value},
        sentence | {"words": [sentence["words"][0] | {key: value}]},
    ):
        with pytest.raises(SpeechUnavailable):
            _client(_timed(sentences=[changed])).speak_timed("Hi.")


def test_a_refusal_is_passed_on() -> None:
    with pytest.raises(SpeechRefused) as refusal:
        _client(httpx.Response(404, json=PROBLEM)).speak_timed("Hi.")
    assert (refusal.value.status, refusal.value.code) == (404, "voice_unknown")


def test_a_good_answer_is_believed() -> None:
    spoken = _client(_timed()).speak_timed("Hi.")
    assert spoken.script.sentences[0].words[0].text == "Hi."
    assert spoken.wav == tone()


def test_readiness_never_raises() -> None:
    assert not _client(httpx.ConnectError("no")).ready()
    assert not _client(httpx.Response(503, json={"ready": False})).ready()
    assert _client(httpx.Response(200, json={"ready": True, "engine": "world"})).ready()
