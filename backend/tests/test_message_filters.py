"""Lists of messages are narrowed by state, kind, words and time, and paged all the same."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.tests.test_messages import draft


@pytest.fixture
def made(app: FastAPI, owner: TestClient) -> list[str]:
    """Five drafts, the second failed, the third a recording, an hour apart."""
    bodies = [
        {"title": "花子へ", "script": "おめでとう。"},
        {"title": "太郎へ", "script": "HAPPY birthday"},
        {"title": "100%_sure", "kind": "recording"},
        {"title": "d"},
        {"title": "e"},
    ]
    ids = [draft(owner, **body)["id"] for body in bodies]
    with app.state.collaborators.sessions.begin() as session:
        for hours, message_id in enumerate(ids):
            message = session.get_one(Message, message_id)
            message.created_at = message.created_at.replace(
                year=2026, month=1, day=1, hour=hours, minute=0, second=0, microsecond=0
            )
        session.get_one(Message, ids[1]).state = MessageState.FAILED
    return ids


def found(owner: TestClient, made: list[str], query: str) -> list[int]:
    """Return which of them are listed, by their places."""
    answer = owner.get(f"/api/v1/messages?{query}")
    assert answer.status_code == 200, answer.text
    return [made.index(item["id"]) for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("", [4, 3, 2, 1, 0]),
        ("state=failed", [1]),
        ("state=failed&state=draft", [4, 3, 2, 1, 0]),
        ("state=ready", []),
        ("kind=recording", [2]),
        ("q=花子", [0]),
        ("q=おめでとう", [0]),
        ("q=happy", [1]),
        ("q=100%25_", [2]),
        ("q=%25", [2]),
        ("q=%00", [4, 3, 2, 1, 0]),
        ("created_after=2026-01-01T02:00:00Z", [4, 3]),
        ("created_before=2026-01-01T10:00:00%2B09:00", [0]),
        ("state=draft&q=へ", [0]),
        ("campaign_id=cmp_x", []),
    ],
)
def test_a_filter_narrows_the_list(
    owner: TestClient, made: list[str], query: str, places: list[int]
) -> None:
    assert found(owner, made, query) == places


def test_a_narrowed_list_is_paged(owner: TestClient, made: list[str]) -> None:
    first = owner.get("/api/v1/messages?state=draft&limit=3").json()
    assert len(first["items"]) == 3
    assert found(owner, made, f"state=draft&limit=3&cursor={first['next_cursor']}") == [0]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=done", "state.0"),
        ("kind=x", "kind"),
        ("created_after=2026-01-01T00:00:00", "created_after"),
        ("created_after=x", "created_after"),
        (f"q={'x' * 201}", "q"),
        ("limit=0", "limit"),
    ],
)
def test_a_filter_that_is_none_names_itself(owner: TestClient, query: str, field: str) -> None:
    refused = owner.get(f"/api/v1/messages?{query}")
    assert refused.json()["errors"][0]["field"] == field
    assert refused.status_code == 422


def test_a_list_has_how_a_script_begins_and_not_all_of_it(owner: TestClient) -> None:
    script = "あいうえお" * 1_000
    made = draft(owner, title="長い", script=script)
    (listed,) = owner.get("/api/v1/messages").json()["items"]
    assert listed["opening"] == script[:200]
    assert "script" not in listed
    whole = owner.get(f"/api/v1/messages/{made['id']}").json()
    assert whole["script"] == script
    same = listed.keys() & whole.keys()
    assert len(same) == len(listed) - 1
    assert {name: listed[name] for name in same} == {name: whole[name] for name in same}
