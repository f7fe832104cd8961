"""Values that no form sends: refused or mended with a 4xx, never a 500, on either database."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient


@pytest.fixture
def draft(owner: TestClient) -> str:
    """Return the address of a draft."""
    return f"/api/v1/messages/{owner.post('/api/v1/messages', json={}).json()['id']}"


def test_a_script_loses_its_nul_characters_and_nothing_else(owner: TestClient, draft: str) -> None:
    assert owner.patch(draft, json={"script": "a\0b\n\tc"}).status_code == 200
    assert owner.get(draft).json()["script"] == "ab\n\tc"


def test_half_a_surrogate_pair_is_no_text(owner: TestClient, draft: str) -> None:
    sent = owner.patch(
        draft,
        content=json.dumps({"script": "\ud800"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert sent.status_code == 422
    assert sent.json()["errors"][0]["field"] == "script"


def test_a_script_of_100_000_characters_is_kept_and_refused_with_the_limit(
    owner: TestClient, draft: str
) -> None:
    assert owner.patch(draft, json={"script": "x" * 100_000}).status_code == 200
    errors = owner.post(f"{draft}/render").json()["errors"]
    error = next(error for error in errors if error["field"] == "script")
    assert (error["code"], error["fix"]) == ("script_too_long", "Shorten it to 5,000.")
    assert len(owner.get(draft).json()["script"]) == 100_000


def test_a_longer_draft_than_any_is_refused_with_the_limit(owner: TestClient, draft: str) -> None:
    owner.patch(draft, json={"script": "what was saved before"})
    error = owner.patch(draft, json={"script": "x" * 200_001}).json()["errors"][0]
    assert (error["field"], error["code"]) == ("script", "string_too_long")
    assert error["fix"] == "Shorten it to 200,000 characters."
    assert owner.get(draft).json()["script"] == "what was saved before"


def test_an_id_with_a_nul_leads_nowhere(owner: TestClient) -> None:
    assert owner.get("/api/v1/messages/msg_%00").status_code in (404, 422)


def test_a_signature_that_is_no_ascii_is_a_wrong_one(owner: TestClient) -> None:
    address = "/api/v1/uploads/upl_x/parts/1?expires=99999999999&signature=é"
    assert owner.put(address, content=b"x").status_code == 403


@pytest.mark.parametrize("last_event_id", ["junk", "-1", "9" * 30])
def test_an_event_id_of_no_event_is_refused(
    owner: TestClient, draft: str, last_event_id: str
) -> None:
    answer = owner.get(f"{draft}/events", headers={"Last-Event-ID": last_event_id})
    assert answer.status_code == 422


def test_an_account_speaks_a_language_that_is_spoken_here(owner: TestClient) -> None:
    refused = owner.patch("/api/v1/accounts/me", json={"language": "abcdefghijkl"})
    assert refused.json()["errors"][0]["code"] == "language_unknown"
    assert owner.patch("/api/v1/accounts/me", json={"language": "en-US"}).json()["language"] == "en"


def refusal_of(answer: Any) -> tuple[str, str]:
    assert answer.status_code == 422, answer.text
    error = answer.json()["errors"][0]
    assert error["fix"].startswith("Send a time wit")
    return error["field"], error["code"]


FIRST, LAST = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00"


@pytest.mark.parametrize("moment", [FIRST, LAST])
@pytest.mark.parametrize("name", ["created_after", "created_before"])
def test_a_list_since_a_moment_beyond_the_calendar_is_refused(
    owner: TestClient, name: str, moment: str
) -> None:
    refused = owner.get("/api/v1/messages", params={name: moment})
    assert refusal_of(refused) == (name, "moment_far")


@pytest.mark.parametrize("moment", [FIRST, LAST])
def test_a_link_ends_and_a_replay_begins_within_the_calendar(
    owner: TestClient, draft: str, moment: str
) -> None:
    refused = owner.post(f"{draft}/shares", json={"expires_at": moment})
    assert refusal_of(refused) == ("expires_at", "moment_far")
    refused = owner.patch("/api/v1/shares/shr_1", json={"expires_at": moment})
    assert refusal_of(refused) == ("expires_at", "moment_far")
    refused = owner.post("/api/v1/webhooks/whk_1/replay", json={"since": moment})
    assert refusal_of(refused) == ("since", "moment_far")


def test_a_replay_begins_at_a_moment_with_its_zone(owner: TestClient) -> None:
    refused = owner.post("/api/v1/webhooks/whk_1/replay", json={"since": "2026-11-24T12:00:00"})
    assert refusal_of(refused) == ("since", "timezone_aware")
