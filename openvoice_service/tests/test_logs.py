"""What the running service writes down: one JSON line a request, and never what was said."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from openvoice_service.tests.running import PATIENCE_S, until

TOKEN = "token-sentinel-7c1"
SPOKEN = "Zanzibar sentinel"
VOICE = "espeak_ng:en-us+f3"
SECRETS = (TOKEN, "Zanzibar", VOICE, "f3", "voc_sentinel")


@dataclass
class Process:
    """`serve` as an operator starts it, what it prints and what it logs in files."""

    printed: Path
    output: Path

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.output.read_text().splitlines() if line]

    def requests(self) -> list[dict]:
        return [line for line in self.lines() if line["message"] == "request"]

    def address(self) -> str:
        said = (line["message"] for line in self.lines() if "http://" in line["message"])
        return "http://" + next(said, "http://").split("http://")[1].split(" ")[0]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("speech")
    environment = os.environ | {
        "DATA_DIR": str(folder), "SPEECH_PORT": "0", "SPEECH_TOKEN": TOKEN,
        "PYTHONWARNINGS": "ignore", "SPEECH_ENGINE": "world",
    }  # fmt: skip
    command = [sys.executable, "-m", "openvoice_service", "serve"]
    printed, output = folder / "stdout", folder / "stderr"
    with printed.open("wb") as out, output.open("wb") as written:
        serving = subprocess.Popen(command, env=environment, stdout=out, stderr=written)
    try:
        running = Process(printed, output)
        until(lambda: running.address() != "http://")
        yield running
    finally:
        serving.terminate()
        serving.wait(PATIENCE_S)


def test_a_request_is_a_line_of_figures_and_what_was_said_stands_nowhere(process: Process) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    said = {"input": SPOKEN, "voice": VOICE, "response_format": "pcm"}
    broken = {"input": f"{SPOKEN} 🎉", "voice": "voc_sentinel", "speed": "fast"}
    with httpx.Client(base_url=process.address(), headers=headers, timeout=PATIENCE_S) as client:
        audio = client.post("/v1/audio/speech", json=said)
        client.post("/v1/audio/speech/timed", json=said)
        client.post("/v1/audio/speech", json=broken)
        client.post("/v1/audio/speech", content=f'{{"input": "{SPOKEN}', headers=headers)
        client.get("/v1/voices/voc_sentinel")
        client.get(f"/nowhere/{SPOKEN}")
        files = {"files": (f"{SPOKEN}.wav", SPOKEN.encode() * 50, "audio/wav")}
        form = {"name": SPOKEN, "consent": SPOKEN, "language": "en"}
        client.post("/v1/voices", data=form, files=files)
        until(lambda: len(process.requests()) == 7)
    whole = process.output.read_text() + process.printed.read_text()
    assert [secret for secret in SECRETS if secret in whole] == []
    first = process.requests()[0]
    assert first["route"] == "/v1/audio/speech"
    assert (first["method"], first["status"], first["complete"]) == ("POST", 200, True)
    assert first["bytes"] == len(audio.content) > 10_000
    assert first["ms"] >= first["queue_ms"] >= 0
    routes = [(line["route"], line["status"]) for line in process.requests()]
    assert ("/v1/voices/{voice_id}", 404) in routes
    assert ("unmatched", 404) in routes


def test_an_error_is_written_without_its_words(process: Process) -> None:
    import logging

    from openvoice_service.logs import JsonLines

    try:
        raise ValueError(SPOKEN)
    except ValueError:
        fields = {"exc_info": sys.exc_info(), "msg": "it failed", "levelname": "ERROR", "bytes": 3}
        written = JsonLines().format(logging.makeLogRecord(fields))
    line = json.loads(written)
    assert (line["error"], line["bytes"], line["level"]) == ("ValueError", 3, "error")
    assert Path(__file__).name in line["trace"][0]
    assert SPOKEN not in written
