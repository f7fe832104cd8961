"""Signs in a script: spoken, taken out wherever the words are shown, and refused by their place."""

import io
import json
from itertools import pairwise

import pytest
import soundfile
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import complete, render
from backend.tests.test_words import change, spoken_readings

__all__ = ["complete"]
SCRIPT = "今日は*大切*な[0.8]日。またね。"
MEI = "/api/v1/base-voices/open_jtalk:mei_normal/preview"


def test_a_marked_message_shows_its_words_alone(
    app: FastAPI, owner: TestClient, complete: dict
) -> None:
    kept = change(owner, complete, script=SCRIPT)
    assert kept["script"] == SCRIPT
    spoken_readings(app, owner, complete)
    attempt = owner.get(f"/api/v1/messages/{complete['id']}").json()["attempt"]
    folder, storage = f"messages/{complete['id']}/{attempt}", app.state.collaborators.storage
    spoken = json.loads(storage.read(f"{folder}/spoken.json"))
    first = spoken["sentences"][0]
    assert first["text"] == "今日は大切な日。"
    assert "".join(word["text"] for word in first["words"]) == "今日は大切な日。"
    gaps = [b["start_s"] - a["end_s"] for a, b in pairwise(first["words"])]
    assert max(gaps) == pytest.approx(0.8, abs=0.05)


def test_a_preview_shows_its_words_alone(owner: TestClient, complete: dict) -> None:
    change(owner, complete, script=SCRIPT)
    answer = owner.post(f"/api/v1/messages/{complete['id']}/preview", json={"draft": True})
    assert answer.status_code == 200, answer.text
    cues = [cue["text"] for cue in answer.json()["cues"]]
    assert "".join(cues).replace("\n", "") == "今日は大切な日。またね。"


def test_a_sentence_is_heard_with_its_signs(owner: TestClient) -> None:
    lengths_s = []
    for text in ("今日は晴れ。", "今日は[2]晴れ。"):
        answer = owner.post(MEI, json={"text": text, "language": "ja"})
        sound, rate_hz = soundfile.read(io.BytesIO(answer.content))
        lengths_s.append(len(sound) / rate_hz)
    assert lengths_s[1] - lengths_s[0] == pytest.approx(2.0, abs=0.5)


def test_sentences_are_told_with_their_signs_and_in_parts(owner: TestClient) -> None:
    body = {"text": "So *proud*[0.5] of you.", "language": "en"}
    (one,) = owner.post("/api/v1/readings", json=body).json()["items"]
    assert one["text"] == "So *proud*[0.5] of you."
    assert one["parts"][1:3] == [
        {"text": "proud", "is_stressed": True, "pause_s": None},
        {"text": "", "is_stressed": False, "pause_s": 0.5},
    ]


@pytest.mark.parametrize(
    ("script", "language", "code", "sentence", "at"),
    [
        ("やあ。今日は*晴れ。", "ja", "markup_unclosed", "今日は*晴れ。", 4),
        ("Hi. It is [0.8 sunny.", "en", "markup_unclosed", "It is [0.8 sunny.", 7),
        ("やあ。今日は［６秒］晴れ。", "ja", "break_unreadable", "今日は［６秒］晴れ。", 4),
    ],
)
def test_what_cannot_be_followed_is_told_before_it_is_spoken(
    owner: TestClient, complete: dict, script: str, language: str, code: str, sentence: str, at: int
) -> None:
    voice = "open_jtalk:mei_normal" if language == "ja" else "espeak_ng:en-us+f3"
    change(owner, complete, script=script, language=language, voice=voice)
    path = f"/api/v1/messages/{complete['id']}"
    for refused in (
        render(owner, complete),
        owner.post(f"{path}/preview", json={"draft": True}),
        owner.post("/api/v1/readings", json={"text": script, "language": language}),
    ):
        field = "text" if refused.request.url.path.endswith("/readings") else "script"
        problem_of(refused, 422, code, field)
        (error,) = refused.json()["errors"]
        assert (error["sentence"], error["at"]) == (sentence, at)
    now = owner.get(path).json()
    assert (now["state"], now["script"]) == ("draft", script)
