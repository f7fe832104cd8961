"""`/v1` for programs: whose voices they may use, and what becomes of an answer on its way."""

import io
import json
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest
import soundfile
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.tests.conftest import SpeechService, Stubbed, new_api_key
from backend.tests.stub_speech import EVENT, StubSpeech
from backend.voices.models import Voice
from openvoice_service.audio import read_audio
from openvoice_service.formats import encode

BASE = "open_jtalk:mei_normal"
SPEECH = "/v1/audio/speech"
WAIT_S = 20


@dataclass
class Program:
    """A key's holder, calling over real HTTP."""

    http: httpx.Client

    def say(self, text: str, **more: Any) -> httpx.Response:
        """Ask for speech."""
        return self.http.post(SPEECH, json={"input": text, "response_format": "wav", **more})

    def convert(self, recording: bytes, **fields: str) -> httpx.Response:
        """Ask for a recording in another voice."""
        return self.http.post(
            "/v1/audio/conversions", files={"file": ("a", recording)}, data=fields
        )


def program_of(url: str, client: TestClient) -> Program:
    headers = {"Authorization": f"Bearer {new_api_key(client)}"}
    return Program(httpx.Client(base_url=url, headers=headers, timeout=60))


@pytest.fixture
def program(url: str, owner: TestClient) -> Program:
    return program_of(url, owner)


def told(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    return response.status_code, response.json()["code"]


# --- whose voices ---------------------------------------------------------------------------


def test_voices_are_the_products_and_ones_own(
    url: str, program: Program, own_voice: str, guest: TestClient
) -> None:
    mine = {v["id"]: v for v in program.http.get("/v1/voices").json()["items"]}
    theirs = {v["id"] for v in program_of(url, guest).http.get("/v1/voices").json()["items"]}
    assert mine[own_voice]["kind"] == "profile"
    assert mine[BASE]["languages"] == ["ja"]
    assert theirs == set(mine) - {own_voice}
    assert [m["id"] for m in program.http.get("/v1/models").json()["data"]] == ["openvoice"]


def test_speech_in_ones_own_voice_goes_with_the_voice(
    program: Program, own_voice: str, owner: TestClient, speech: SpeechService
) -> None:
    spoken = program.say("こんにちは。", voice=own_voice)
    assert (spoken.status_code, spoken.headers["content-type"]) == (200, "audio/wav")
    assert soundfile.info(io.BytesIO(spoken.content)).duration > 0.5
    kept = speech.shared_root / "generated" / own_voice
    assert [path for path in kept.rglob("*") if path.is_file()]
    assert owner.delete(f"/api/v1/voices/{own_voice}").status_code == 204
    assert not kept.exists()
    assert told(program.say("こんにちは。", voice=own_voice)) == (404, "not_found")


def test_no_other_voice_can_be_used(url: str, own_voice: str, guest: TestClient) -> None:
    program = program_of(url, guest)
    strange = (own_voice, own_voice.upper(), {"id": own_voice}, "voc_unknown", "../voices", "")
    for voice in strange:
        refused = program.say("やあ。", voice=voice)
        assert told(refused) == (404, "not_found"), voice
        (error,) = refused.json()["errors"]
        assert (error["field"], bool(error["fix"])) == ("voice", True)
    for path in (SPEECH, f"{SPEECH}/timed"):
        body = {"input": "やあ。", "voice": own_voice}
        assert told(program.http.post(path, json=body))[0] == 404
        refused = program.http.post(path, json={"input": "やあ。", "base_voice": own_voice})
        assert told(refused) == (422, "voice_unknown")
    assert told(program.convert(b"RIFF", voice=own_voice)) == (404, "not_found")
    assert told(program.say("やあ。", voice="open_jtalk:nobody")) == (404, "voice_unknown")


def test_a_voice_without_consent_is_not_used(
    app: FastAPI, program: Program, own_voice: str
) -> None:
    with app.state.collaborators.sessions.begin() as session:
        session.execute(sa.update(Voice).values(consent_text=" "))
    assert told(program.say("やあ。", voice=own_voice)) == (422, "consent_missing")


@pytest.mark.parametrize("voice", [None, "alloy", BASE, {"id": BASE}])
def test_the_products_voices_are_everybodys(program: Program, voice: Any) -> None:
    assert program.say("やあ。", voice=voice).status_code == 200


# --- what is asked --------------------------------------------------------------------------


def test_timed_speech_tells_when_what_is_heard(program: Program) -> None:
    body = {"input": "やあ。元気？", "voice": BASE, "response_format": "wav"}
    answer = program.http.post(f"{SPEECH}/timed", json=body).json()
    assert [sentence["text"] for sentence in answer["sentences"]] == ["やあ。", "元気？"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"input": ""}, "input"),
        ({"input": "x" * 4_097}, "input"),
        ({"input": None}, "input"),
        ({"response_format": "midi"}, "response_format"),
        ({"speed": 9}, "speed"),
        ({"speed": float("nan")}, "speed"),
        ({"stream_format": "morse"}, "stream_format"),
        ({"language": "tlh"}, "language"),
    ],
)
def test_a_request_that_will_not_do_is_refused_by_its_field(
    program: Program, change: dict[str, Any], field: str
) -> None:
    body = json.dumps({"input": "やあ。", "voice": BASE} | change)
    answer = program.http.post(SPEECH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert [error["field"].split(".")[0] for error in answer.json()["errors"]] == [field]


def test_a_recording_is_opened_by_us_and_comes_back_in_the_voice(
    program: Program, own_voice: str, recording: Path
) -> None:
    # The speech service reads no AAC: what it was given must have gone through our own decoder.
    with recording.open("rb") as stream:
        sound = read_audio(stream)
    answer = program.convert(encode(sound, "aac"), voice=own_voice, response_format="flac")
    assert answer.status_code == 200, answer.text
    converted = soundfile.info(io.BytesIO(answer.content))
    assert converted.format == "FLAC"
    assert abs(converted.duration - sound.duration_s) < 0.2


def test_a_file_that_is_no_recording_goes_no_further(program: Program, own_voice: str) -> None:
    assert told(program.convert(b"MZ" + bytes(999), voice=own_voice)) == (422, "media_unreadable")
    assert told(program.convert(b"", voice=own_voice)) == (422, "media_empty")
    assert program.convert(b"x").json()["errors"][0]["field"] == "voice"
    nothing = program.http.post("/v1/audio/conversions", data={"voice": own_voice})
    assert nothing.json()["errors"][0]["field"] == "file"


def test_a_recording_that_is_too_large_is_refused_before_it_is_sent(program: Program) -> None:
    address = program.http.base_url
    connection = HTTPConnection(address.host, address.port, timeout=WAIT_S)
    headers = {
        "Authorization": program.http.headers["authorization"],
        "Content-Length": str(200 * 1024 * 1024),
        "Content-Type": "multipart/form-data; boundary=x",
    }
    connection.request("POST", "/v1/audio/conversions", headers=headers)
    assert connection.getresponse().status == 413
    connection.close()


# --- what becomes of the answer -------------------------------------------------------------


@pytest.fixture
def caller(stubbed: Stubbed) -> Program:
    return program_of(stubbed.url, stubbed.owner)


def test_a_busy_service_is_told_with_its_own_time(caller: Program) -> None:
    busy = caller.say("busy")
    assert told(busy) == (429, "queue_full")
    assert busy.headers["retry-after"] == "7"


def test_a_service_that_is_down_is_worth_another_try(stub: StubSpeech, caller: Program) -> None:
    stub.served.stop()
    down = caller.say("anything")
    assert told(down) == (503, "speech_unavailable")
    assert int(down.headers["retry-after"]) > 0


def test_each_piece_is_passed_on_before_the_next_is_made(stub: StubSpeech, caller: Program) -> None:
    with caller.http.stream("POST", SPEECH, json={"input": "two pieces"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        pieces = answer.iter_raw()
        assert next(pieces) == EVENT
        stub.go_on.set()
        assert b"".join(pieces) == EVENT


def test_who_hangs_up_in_the_middle_ends_the_work(stub: StubSpeech, caller: Program) -> None:
    with caller.http.stream("POST", SPEECH, json={"input": "endless"}) as answer:
        pieces = answer.iter_raw()  # held: httpx hangs up when nothing refers to it any more
        next(pieces)
        assert not stub.left.is_set()
    assert stub.left.wait(WAIT_S)


def test_who_hangs_up_before_the_first_piece_ends_the_work(
    stub: StubSpeech, caller: Program
) -> None:
    with pytest.raises(httpx.ReadTimeout):
        caller.http.post(SPEECH, json={"input": "silent"}, timeout=1)
    assert stub.asked.wait(WAIT_S)
    assert stub.left.wait(WAIT_S)


def test_an_answer_that_breaks_off_is_not_taken_for_whole(caller: Program) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        caller.say("broken")
