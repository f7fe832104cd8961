"""Readings of sentences and people's own words: suggested, kept, spoken, refused, nobody else's."""

import json

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.jobs.journal import Journal
from backend.jobs.steps import Outcome, RenderSteps, Stopping
from backend.messages.models import Message
from backend.power.lanes import Lanes
from backend.power.setup import power_of
from backend.tests.conftest import PASSWORD
from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import complete, render
from backend.words import service
from backend.words.models import Word

__all__ = ["complete"]
SCRIPT = "東海林さん、おめでとう。箸を持つ。"
TOKAIRIN = {"surface": "東海林", "kana": "トーカイ'リン"}


def add(client: TestClient, **changes: str):
    return client.post("/api/v1/words", json=TOKAIRIN | changes)


def suggested(client: TestClient, text: str = SCRIPT, **more: object) -> list[str]:
    answer = client.post("/api/v1/readings", json={"text": text, **more})
    assert answer.status_code == 200, answer.text
    return [item["suggested"] for item in answer.json()["items"]]


def change(client: TestClient, message: dict, **fields: object) -> dict:
    answer = client.patch(f"/api/v1/messages/{message['id']}", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


def spoken_readings(app: FastAPI, client: TestClient, message: dict) -> list[str | None]:
    """Have the message spoken as a worker does; return what each sentence was read by."""
    ordered = render(client, message)
    assert ordered.status_code == 202, ordered.text
    parts = app.state.collaborators
    lanes = Lanes(parts.sessions, parts.speech, power_of(parts.settings))
    journal = Journal(parts.sessions, parts.readers)
    steps = RenderSteps(journal, parts.storage, lanes, 60.0, Stopping())
    attempt = ordered.json()["attempt"]
    assert steps.speak(message["id"], attempt, None).outcome is Outcome.DONE
    spoken = json.loads(parts.storage.read(f"messages/{message['id']}/{attempt}/spoken.json"))
    return [sentence["reading"] for sentence in spoken["sentences"]]


# --- words ----------------------------------------------------------------------------------


def test_a_word_is_kept_changed_and_forgotten(owner: TestClient) -> None:
    assert suggested(owner)[0] == "ショージサン'、オメデトー'"
    made = add(owner)
    assert made.status_code == 201
    word = made.json()
    assert owner.get("/api/v1/words").json()["items"] == [word]
    assert suggested(owner) == ["トーカイ'リンサン、オメデトー'", "ハ'シヲ/モ'ツ"]

    changed = owner.put(f"/api/v1/words/{word['id']}", json=TOKAIRIN | {"kana": "トーカイリン"})
    revision = changed.json()["revision"]
    assert changed.json() == word | {"kana": "トーカイリン", "revision": revision}
    assert suggested(owner)[0] == "トーカイリンサン'、オメデトー'"

    assert owner.delete(f"/api/v1/words/{word['id']}").status_code == 204
    assert owner.get("/api/v1/words").json()["items"] == []
    assert suggested(owner)[0] == "ショージサン'、オメデトー'"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"kana": "Shoji"}, "reading_letter_unknown", "kana"),
        ({"kana": "ショ'ー'ジ"}, "reading_accent_twice", "kana"),
        ({"kana": "ショージ/サン"}, "reading_not_a_word", "kana"),
        ({"kana": ""}, "validation", "kana"),
        ({"kana": "ア" * 201}, "validation", "kana"),
        ({"surface": "東海 林"}, "validation", "surface"),
        ({"surface": "🎉"}, "script_unspeakable", "surface"),
        ({"surface": "林" * 41}, "validation", "surface"),
    ],
)
def test_a_word_that_cannot_be_said_is_refused(
    owner: TestClient, changes: dict, code: str, field: str
) -> None:
    problem_of(add(owner, **changes), 422, code, field)
    assert owner.get("/api/v1/words").json()["items"] == []


def test_a_word_is_in_the_list_once(owner: TestClient) -> None:
    add(owner)
    problem_of(add(owner, kana="ショージ"), 422, "word_known", "surface")
    other = add(owner, surface="月見里", kana="ヤマナシ").json()
    again = owner.put(f"/api/v1/words/{other['id']}", json=TOKAIRIN)
    problem_of(again, 422, "word_known", "surface")


def test_there_is_a_limit(owner: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_WORDS", 1)
    add(owner)
    problem_of(add(owner, surface="月見里", kana="ヤマナシ"), 409, "conflict_state")


def test_nobody_hears_anothers_words(owner: TestClient, guest: TestClient) -> None:
    word = add(owner).json()
    assert guest.get("/api/v1/words").json()["items"] == []
    assert suggested(guest)[0] == "ショージサン'、オメデトー'"
    assert guest.delete(f"/api/v1/words/{word['id']}").status_code == 404
    assert guest.put(f"/api/v1/words/{word['id']}", json=TOKAIRIN).status_code == 404
    assert add(guest).status_code == 201


def test_words_go_with_their_account(app: FastAPI, owner: TestClient, guest: TestClient) -> None:
    add(guest)
    add(owner)
    answer = guest.request("DELETE", "/api/v1/accounts/me", json={"password": PASSWORD})
    assert answer.status_code == 204, answer.text
    with app.state.collaborators.readers() as session:
        assert session.scalar(select(func.count()).select_from(Word)) == 1


# --- readings -------------------------------------------------------------------------------


def test_a_message_is_read_as_its_draft_says(
    app: FastAPI, owner: TestClient, complete: dict
) -> None:
    add(owner)
    readings = [
        {"text": "箸を持つ。", "kana": "ハシ'ヲ/モ'ツ"},
        {"text": "もうない文。", "kana": "not yet"},
    ]
    kept = change(owner, complete, script=SCRIPT, readings=readings)
    assert kept["readings"] == readings
    assert spoken_readings(app, owner, complete) == [
        "トーカイ'リンサン、オメデトー'",
        "ハシ'ヲ/モ'ツ",
    ]


def test_a_copy_is_read_the_same(owner: TestClient, complete: dict) -> None:
    readings = [{"text": "箸を持つ。", "kana": "ハシ'ヲ"}]
    change(owner, complete, readings=readings)
    copy = owner.post(f"/api/v1/messages/{complete['id']}/duplicate").json()
    assert copy["readings"] == readings


def test_what_was_typed_stays_and_is_refused_with_the_order(
    owner: TestClient, complete: dict
) -> None:
    readings = [{"text": "箸を持つ。", "kana": "hashi o"}]
    change(owner, complete, script=SCRIPT, readings=readings)
    problem_of(render(owner, complete), 422, "reading_letter_unknown", "readings.0.kana")
    now = owner.get(f"/api/v1/messages/{complete['id']}").json()
    assert (now["state"], now["readings"]) == ("draft", readings)


def test_only_japanese_is_read_from_kana(app: FastAPI, owner: TestClient, complete: dict) -> None:
    add(owner)
    readings = [{"text": "Hello.", "kana": "ハロー'"}]
    voice = "espeak_ng:en-us+f3"
    fields = {"script": "Hello.", "language": "en", "voice": voice, "readings": readings}
    change(owner, complete, **fields)
    assert spoken_readings(app, owner, complete) == [None]


@pytest.mark.parametrize(
    "readings",
    [[{"text": "a", "kana": "ア" * 2_001}], [{"text": "a", "kana": "ア"}] * 501, [{"text": "a"}]],
)
def test_sheer_size_and_wrong_shape_are_refused(
    owner: TestClient, complete: dict, readings: list
) -> None:
    answer = owner.patch(f"/api/v1/messages/{complete['id']}", json={"readings": readings})
    assert answer.status_code == 422


def test_a_preview_is_read_as_typed(owner: TestClient) -> None:
    path = "/api/v1/base-voices/open_jtalk:mei_normal/preview"
    body = {"text": "箸を持つ。", "language": "ja"}
    usual = owner.post(path, json=body)
    other = owner.post(path, json=body | {"reading": "ハシ'ヲ/モ'ツ"})
    assert (usual.status_code, other.status_code) == (200, 200)
    assert usual.content != other.content
    problem_of(owner.post(path, json=body | {"reading": "ハシ"}), 422, "reading_accent_missing",
               "reading")  # fmt: skip


def test_readings_of_nothing_are_refused(owner: TestClient) -> None:
    problem_of(owner.post("/api/v1/readings", json={"text": " "}), 422, "script_empty", "text")


def test_a_name_of_one_message_is_read_so_in_that_alone(
    app: FastAPI, owner: TestClient, complete: dict
) -> None:
    add(owner)
    other = owner.post(f"/api/v1/messages/{complete['id']}/duplicate").json()
    for message in (complete, other):
        change(owner, message, script="東海林さん。")
    with app.state.collaborators.sessions.begin() as session:
        named = session.get_one(Message, complete["id"])
        named.words = [{"surface": "東海林", "kana": "ショ'ージ"}]
    assert spoken_readings(app, owner, complete) == ["ショ'ージサン"]
    assert spoken_readings(app, owner, other) == ["トーカイ'リンサン"]
