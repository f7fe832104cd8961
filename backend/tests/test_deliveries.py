"""How a message's sentences are said: kept with the draft, spoken, heard beforehand, refused."""

import json
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.tests.conftest import new_api_key
from backend.tests.samples import make_voice
from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import complete, render
from backend.tests.test_words import change, spoken_readings

__all__ = ["complete"]
SCRIPT = "箸を持つ。またね。"
SLOW = {
    "text": "箸を持つ。",
    "speed": 0.6,
    "pitch": -2.0,
    "intonation": 1.0,
    "volume": 0.5,
    "pause_after_s": 1.5,
    "voice": None,
}
MEI = "/api/v1/base-voices/open_jtalk:mei_normal/preview"


def test_a_message_is_said_as_its_draft_says(
    app: FastAPI, owner: TestClient, complete: dict
) -> None:
    kept = change(owner, complete, script=SCRIPT, deliveries=[SLOW])
    assert kept["deliveries"] == [SLOW]
    spoken_readings(app, owner, complete)
    attempt = owner.get(f"/api/v1/messages/{complete['id']}").json()["attempt"]
    storage = app.state.collaborators.storage
    spoken = json.loads(storage.read(f"messages/{complete['id']}/{attempt}/spoken.json"))
    first, second = spoken["sentences"]
    assert second["start_s"] - first["end_s"] == pytest.approx(1.5, abs=0.02)


def test_other_languages_are_said_as_told_too(
    app: FastAPI, owner: TestClient, complete: dict
) -> None:
    fields = {"script": "Hello. Bye.", "language": "en", "voice": "espeak_ng:en-us+f3"}
    change(owner, complete, **fields, deliveries=[{"text": "Hello.", "pause_after_s": 2.0}])
    assert spoken_readings(app, owner, complete) == [None, None]
    storage = app.state.collaborators.storage
    spoken = json.loads(storage.read(f"messages/{complete['id']}/1/spoken.json"))
    first, second = spoken["sentences"]
    assert second["start_s"] - first["end_s"] == pytest.approx(2.0, abs=0.02)


def test_a_copy_is_said_the_same(owner: TestClient, complete: dict) -> None:
    change(owner, complete, deliveries=[SLOW])
    copy = owner.post(f"/api/v1/messages/{complete['id']}/duplicate").json()
    assert copy["deliveries"] == [SLOW]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("speed", 0.4),
        ("speed", 2.1),
        ("pitch", 6.5),
        ("intonation", -0.1),
        ("volume", 2.5),
        ("pause_after_s", 5.1),
        ("pause_after_s", "long"),
        ("text", "a" * 1_001),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_name(
    owner: TestClient, complete: dict, field: str, value: object
) -> None:
    path = f"/api/v1/messages/{complete['id']}"
    answer = owner.patch(path, json={"deliveries": [SLOW | {field: value}]})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [f"deliveries.0.{field}"]
    assert owner.get(path).json()["deliveries"] == []


@pytest.mark.parametrize("deliveries", [[SLOW] * 501, [{"speed": 1.0}], "slow"])
def test_sheer_size_and_wrong_shape_are_refused(
    owner: TestClient, complete: dict, deliveries: object
) -> None:
    path = f"/api/v1/messages/{complete['id']}"
    assert owner.patch(path, json={"deliveries": deliveries}).status_code == 422


def test_what_is_no_number_is_refused(owner: TestClient, complete: dict) -> None:
    path, headers = f"/api/v1/messages/{complete['id']}", {"Content-Type": "application/json"}
    raw = '{"deliveries": [{"text": "a", "speed": NaN}]}'
    assert owner.patch(path, content=raw, headers=headers).status_code == 422


def test_a_sentence_is_heard_as_it_will_be_said(owner: TestClient) -> None:
    body = {"text": "箸を持つ。", "language": "ja"}
    usual = owner.post(MEI, json=body)
    delivery = {name: value for name, value in SLOW.items() if name != "text"}
    slow = owner.post(MEI, json=body | {"delivery": delivery})
    assert (usual.status_code, slow.status_code) == (200, 200)
    assert len(slow.content) > 1.3 * len(usual.content)
    refused = owner.post(MEI, json=body | {"delivery": {"speed": 9}})
    problem_of(refused, 422, "validation", "delivery.speed")


def test_the_sentences_of_any_language_are_told(owner: TestClient) -> None:
    body = {"text": "Hi, Dr. Brown. How are you?", "language": "en"}
    items = owner.post("/api/v1/readings", json=body).json()["items"]
    assert [one["text"] for one in items] == ["Hi, Dr. Brown.", "How are you?"]


def test_voices_tell_what_is_heard_in_them(owner: TestClient) -> None:
    voices = owner.get("/api/v1/base-voices").json()["items"]
    controls = {one["id"]: one["controls"] for one in voices}
    assert "intonation" not in controls["open_jtalk:mei_normal"]
    assert "intonation" in controls["espeak_ng:en-us+f3"]


def test_twenty_thousand_characters_are_refused_by_name_and_stay(
    owner: TestClient, complete: dict
) -> None:
    script = "こんにちは。" * 3_334
    change(owner, complete, script=script, deliveries=[SLOW])
    problem_of(render(owner, complete), 422, "script_too_long", "script")
    now = owner.get(f"/api/v1/messages/{complete['id']}").json()
    assert (now["state"], now["script"], now["deliveries"]) == ("draft", script, [SLOW])


# --- in whose voice -------------------------------------------------------------------------


def test_nobody_elses_voice_says_a_sentence(
    url: str, owner: TestClient, guest: TestClient, complete: dict, recording: Path
) -> None:
    theirs = make_voice(guest, recording)["id"]
    for voice in (theirs, "voc_00000000000000000000000000", "open_jtalk:nobody"):
        change(owner, complete, script=SCRIPT, deliveries=[SLOW | {"voice": voice}])
        preview = owner.post(f"/api/v1/messages/{complete['id']}/preview")
        for refused in (render(owner, complete), preview):
            assert (refused.status_code, refused.json()["code"]) == (422, "voice_unknown")
            (error,) = refused.json()["errors"]
            assert (error["field"], error["sentence"]) == ("deliveries.0.voice", SLOW["text"])
    body = {"text": "箸を持つ。", "language": "ja"}
    usual = owner.post(MEI, json=body)
    # Whoever is heard is named by the address alone.
    same = owner.post(MEI, json=body | {"delivery": {"voice": theirs}})
    assert (same.status_code, same.content) == (200, usual.content)
    headers = {"Authorization": f"Bearer {new_api_key(owner)}"}
    wish = {"input": SCRIPT, "deliveries": [{"text": "またね。", "voice": theirs}]}
    for path in ("/v1/audio/speech", "/v1/audio/speech/timed"):
        refused = httpx.post(url + path, json=wish, headers=headers, timeout=60)
        assert refused.status_code == 404
        (error,) = refused.json()["errors"]
        assert (error["field"], error["sentence"]) == ("deliveries.0.voice", "またね。")


def test_sentences_are_said_by_ones_own_voice_until_it_is_deleted(
    app: FastAPI, owner: TestClient, complete: dict, recording: Path
) -> None:
    own = make_voice(owner, recording)["id"]
    change(owner, complete, script=SCRIPT, deliveries=[SLOW | {"voice": own}])
    path = f"/api/v1/messages/{complete['id']}"
    quick = owner.post(f"{path}/preview", params={"draft": True}).json()
    assert quick["draft"]
    copy = owner.post(f"{path}/duplicate").json()
    spoken_readings(app, owner, complete)
    storage = app.state.collaborators.storage
    spoken = json.loads(storage.read(f"messages/{complete['id']}/1/spoken.json"))
    first, second = spoken["sentences"]
    assert (first["voice"], second["voice"]) == (own, complete["voice"])
    assert owner.delete(f"/api/v1/voices/{own}").status_code == 204
    problem_of(render(owner, copy), 422, "voice_unknown", "deliveries.0.voice")
    # A sentence that the script has lost asks for nobody.
    change(owner, copy, script="またね。")
    assert owner.post(f"/api/v1/messages/{copy['id']}/preview").status_code == 200
