"""What the running service writes down: one JSON line a request, and never what was said."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from openvoice_service.logs import JsonLines
from openvoice_service.serving import ServiceProcess
from openvoice_service.tests.running import PATIENCE_S, until

TOKEN = "token-sentinel-7c1"
SPOKEN = "Zanzibar sentinel"
VOICE = "espeak_ng:en-us+f3"
SECRETS = (TOKEN, "Zanzibar", VOICE, "f3", "voc_sentinel")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    folder = tmp_path_factory.mktemp("speech")
    with ServiceProcess(folder, SPEECH_TOKEN=TOKEN, SPEECH_ENGINE="world") as running:
        yield running


def requests_of(process: ServiceProcess) -> list[dict]:
    return [line for line in process.lines() if line["message"] == "request"]


def test_a_request_is_a_line_of_figures_and_what_was_said_stands_nowhere(
    process: ServiceProcess,
) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    said = {"input": SPOKEN, "voice": VOICE, "response_format": "pcm"}
    broken = {"input": f"{SPOKEN} 🎉", "voice": "voc_sentinel", "speed": "fast"}
    with httpx.Client(base_url=process.url, headers=headers, timeout=PATIENCE_S) as client:
        audio = client.post("/v1/audio/speech", json=said)
        client.post("/v1/audio/speech/timed", json=said)
        client.post("/v1/audio/speech", json=broken)
        client.post("/v1/audio/speech", content=f'{{"input": "{SPOKEN}', headers=headers)
        client.get("/v1/voices/voc_sentinel")
        client.get(f"/nowhere/{SPOKEN}")
        files = {"files": (f"{SPOKEN}.wav", SPOKEN.encode() * 50, "audio/wav")}
        form = {"name": SPOKEN, "consent": SPOKEN, "language": "en"}
        client.post("/v1/voices", data=form, files=files)
        until(lambda: len(requests_of(process)) == 7)
    whole = process.logged.read_text() + process.printed.read_text()
    assert [secret for secret in SECRETS if secret in whole] == []
    first = requests_of(process)[0]
    assert first["route"] == "/v1/audio/speech"
    assert (first["method"], first["status"], first["complete"]) == ("POST", 200, True)
    assert first["bytes"] == len(audio.content) > 10_000
    assert first["ms"] >= first["queue_ms"] >= 0
    routes = [(line["route"], line["status"]) for line in requests_of(process)]
    assert ("/v1/voices/{voice_id}", 404) in routes
    assert ("unmatched", 404) in routes


def test_an_error_is_written_without_its_words() -> None:
    try:
        raise ValueError(SPOKEN)
    except ValueError:
        fields = {"exc_info": sys.exc_info(), "msg": "it failed", "levelname": "ERROR", "bytes": 3}
        written = JsonLines().format(logging.makeLogRecord(fields))
    line = json.loads(written)
    assert (line["error"], line["bytes"], line["level"]) == ("ValueError", 3, "error")
    assert Path(__file__).name in line["trace"][0]
    assert SPOKEN not in written
