"""The ways in which a sentence was heard are kept, bounded, with their message and no longer."""

import pytest
from fastapi.testclient import TestClient

from backend.messages.takes import MOST, MOST_OF_A_SENTENCE
from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import BASE_VOICE, draft, render

TAKE = {
    "text": "おめでとう。", "language": "ja", "voice": BASE_VOICE, "reading": "オメデトー'",
    "speed": 0.8, "pitch": 1.0, "intonation": 1.2, "volume": 1.0,
}  # fmt: skip


def hear(client: TestClient, message: dict, **how: object) -> list[dict]:
    answer = client.post(f"/api/v1/messages/{message['id']}/takes", json={**TAKE, **how})
    assert answer.status_code == 201, answer.text
    return answer.json()["items"]


def takes(client: TestClient, message: dict) -> list[dict]:
    return client.get(f"/api/v1/messages/{message['id']}/takes").json()["items"]


def test_a_take_is_kept_once_and_is_no_change_of_the_draft(owner: TestClient) -> None:
    message = draft(owner, script="おめでとう。")
    hear(owner, message)
    hear(owner, message, speed=1.5)
    assert hear(owner, message) == [{**TAKE, "speed": 1.5}, TAKE]
    assert takes(owner, message) == [{**TAKE, "speed": 1.5}, TAKE]
    now = owner.get(f"/api/v1/messages/{message['id']}").json()
    assert now["revision"] == message["revision"]
    assert "takes" not in now


def test_the_newest_are_kept_of_each_sentence_and_in_all(owner: TestClient) -> None:
    message = draft(owner, script="")
    hear(owner, message, text="別の文。")
    for step in range(MOST_OF_A_SENTENCE + 3):
        hear(owner, message, pitch=step / 2 - 3)
    kept = takes(owner, message)
    assert [take["text"] for take in kept].count("別の文。") == 1
    mine = [take["pitch"] for take in kept if take["text"] == TAKE["text"]]
    assert mine == [step / 2 - 3 for step in range(3, MOST_OF_A_SENTENCE + 3)]
    for number in range(MOST + 5):
        kept = hear(owner, message, text=f"{number}。")
    assert [take["text"] for take in kept] == [f"{number}。" for number in range(5, MOST + 5)]


@pytest.mark.parametrize(
    ("how", "field"),
    [({"text": ""}, "text"), ({"speed": 9}, "speed"), ({"reading": "カ" * 2001}, "reading")],
)
def test_a_take_that_was_never_said_is_refused(owner: TestClient, how: dict, field: str) -> None:
    message = draft(owner, script="")
    answer = owner.post(f"/api/v1/messages/{message['id']}/takes", json={**TAKE, **how})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_takes_go_along_with_a_duplicate_and_go_with_their_message(owner: TestClient) -> None:
    message = draft(owner, script="おめでとう。")
    hear(owner, message)
    copy = owner.post(f"/api/v1/messages/{message['id']}/duplicate").json()
    hear(owner, copy, speed=2.0)
    assert [len(takes(owner, one)) for one in (message, copy)] == [1, 2]
    assert owner.delete(f"/api/v1/messages/{message['id']}").status_code == 204
    gone = owner.get(f"/api/v1/messages/{message['id']}/takes")
    problem_of(gone, 404, "not_found", "message_id")


def test_what_is_being_made_takes_none(owner: TestClient) -> None:
    message = draft(owner, script="おめでとう。", voice=BASE_VOICE, background="#1e3a5f")
    assert render(owner, message).status_code == 202
    answer = owner.post(f"/api/v1/messages/{message['id']}/takes", json=TAKE)
    problem_of(answer, 409, "conflict_state")
    assert takes(owner, message) == []
