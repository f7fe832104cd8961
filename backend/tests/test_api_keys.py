"""API keys: made by people, shown once, kept as a hash, recognised, and gone when revoked."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from backend.api_keys import service
from backend.api_keys.access import WRONG_KEYS
from backend.api_keys.form import BASE62, is_well_formed, new_key
from backend.api_keys.models import ApiKey
from backend.api_keys.scopes import Scope
from backend.db import utc_now
from backend.tests.conftest import PASSWORD, browser

KEYS = "/api/v1/api-keys"
KEYED = "/v1/voices"


@pytest.fixture
def made(owner: TestClient) -> dict[str, Any]:
    answer = owner.post(KEYS, json={"name": "Nightly build"})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


@pytest.fixture
def program(app: FastAPI) -> TestClient:
    """A caller without cookies."""
    return browser(app)


def call(program: TestClient, key: str, path: str = KEYED) -> Any:
    return program.get(path, headers={"Authorization": f"Bearer {key}"})


def row(app: FastAPI) -> ApiKey:
    with app.state.collaborators.readers() as session:
        return session.scalars(sa.select(ApiKey)).one()


def test_a_key_is_told_once_and_kept_as_a_hash(
    app: FastAPI, owner: TestClient, made: dict[str, Any]
) -> None:
    key = made["key"]
    assert is_well_formed(key)
    assert len(key) == 3 + 30 + 6
    assert made["scopes"] == ["speech", "voices"]
    listed = owner.get(KEYS).json()["items"]
    assert listed == [{k: v for k, v in made.items() if k != "key"}]
    kept = {str(value) for value in vars(row(app)).values()}
    assert not any(key in value or key[-20:] in value for value in kept)


def test_a_key_opens_and_its_use_is_noted_at_most_once_a_minute(
    app: FastAPI, program: TestClient, made: dict[str, Any]
) -> None:
    assert call(program, made["key"]).status_code == 200
    first = row(app).last_used_at
    assert first is not None
    forget_keys(app)
    assert call(program, made["key"]).status_code == 200
    assert row(app).last_used_at == first
    earlier = utc_now() - timedelta(seconds=61)
    with app.state.collaborators.sessions.begin() as session:
        session.execute(sa.update(ApiKey).values(last_used_at=earlier))
    forget_keys(app)
    assert call(program, made["key"]).status_code == 200
    later = row(app).last_used_at
    assert later is not None
    assert later > first


def forget_keys(app: FastAPI) -> None:
    """Have keys looked up again, as after a second."""
    app.state.collaborators.known_keys.forget()


def test_a_revoked_key_opens_nothing_from_that_moment_on(
    owner: TestClient, program: TestClient, made: dict[str, Any]
) -> None:
    assert call(program, made["key"]).status_code == 200
    assert owner.delete(f"{KEYS}/{made['id']}").status_code == 204
    assert owner.get(KEYS).json()["items"] == []
    refused = call(program, made["key"])
    assert (refused.status_code, refused.json()["code"]) == (401, "key_wrong")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert owner.delete(f"{KEYS}/{made['id']}").status_code == 404


def rotate(owner: TestClient, key_id: str, **body: Any) -> Any:
    return owner.post(f"{KEYS}/{key_id}/rotate", json=body)


def end_all(app: FastAPI) -> None:
    """Let the overlap of every key that was replaced be over."""
    ended = sa.update(ApiKey).where(ApiKey.expires_at.is_not(None)).values(expires_at=utc_now())
    with app.state.collaborators.sessions.begin() as session:
        session.execute(ended)
    forget_keys(app)


def test_a_key_that_was_replaced_goes_on_for_a_day_and_then_opens_nothing(
    app: FastAPI, owner: TestClient, program: TestClient, made: dict[str, Any]
) -> None:
    answer = owner.post(f"{KEYS}/{made['id']}/rotate")
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    new = answer.json()
    assert (new["name"], new["scopes"], new["expires_at"]) == (made["name"], made["scopes"], None)
    assert new["key"] != made["key"]
    listed = {key["id"]: key["expires_at"] for key in owner.get(KEYS).json()["items"]}
    assert set(listed) == {new["id"], made["id"]}
    left = datetime.fromisoformat(listed[made["id"]]) - utc_now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    assert [call(program, each["key"]).status_code for each in (made, new)] == [200, 200]
    end_all(app)
    assert call(program, made["key"]).json()["code"] == "key_wrong"
    assert call(program, new["key"]).status_code == 200
    assert [key["id"] for key in owner.get(KEYS).json()["items"]] == [new["id"]]
    assert owner.delete(f"{KEYS}/{made['id']}").status_code == 404
    assert rotate(owner, made["id"]).status_code == 404


def test_a_leaked_key_ends_at_once_and_leaves_no_row_for_long(
    app: FastAPI, owner: TestClient, program: TestClient, made: dict[str, Any]
) -> None:
    new = rotate(owner, made["id"], overlap_s=0).json()
    assert call(program, made["key"]).status_code == 401
    assert call(program, new["key"]).status_code == 200
    rotate(owner, new["id"], overlap_s=0)
    with app.state.collaborators.readers() as session:
        assert made["id"] not in session.scalars(sa.select(ApiKey.id)).all()


def test_a_key_is_replaced_once_and_can_be_revoked_before_it_ends(
    owner: TestClient, program: TestClient, made: dict[str, Any]
) -> None:
    new = rotate(owner, made["id"], overlap_s=7 * 24 * 3600).json()
    assert rotate(owner, made["id"]).json()["code"] == "conflict_state"
    assert owner.delete(f"{KEYS}/{made['id']}").status_code == 204
    assert call(program, made["key"]).status_code == 401
    assert call(program, new["key"]).status_code == 200


@pytest.mark.parametrize("overlap_s", [-1, 7 * 24 * 3600 + 1, "soon", 0.5])
def test_an_overlap_is_of_at_most_a_week(
    owner: TestClient, program: TestClient, made: dict[str, Any], overlap_s: Any
) -> None:
    refused = rotate(owner, made["id"], overlap_s=overlap_s)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["overlap_s"]
    assert call(program, made["key"]).status_code == 200
    assert owner.get(KEYS).json()["items"][0]["expires_at"] is None


def test_two_who_replace_a_key_at_once_make_one(
    app: FastAPI, owner: TestClient, made: dict[str, Any]
) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: rotate(owner, made["id"]).status_code, range(4)))
    assert sorted(answers) == [201, 409, 409, 409]
    assert len(owner.get(KEYS).json()["items"]) == 2


def test_a_key_manages_no_keys_and_no_account_not_even_beside_a_session(
    owner: TestClient, program: TestClient
) -> None:
    key = new_key_for(owner, *Scope)
    for caller in (program, owner):
        for path in (KEYS, "/api/v1/accounts/me", "/api/v1/system/costs"):
            assert call(caller, key, path).status_code == 401
        header = {"Authorization": f"Bearer {key}"}
        assert caller.post(KEYS, json={"name": "more"}, headers=header).status_code == 401


def new_key_for(client: TestClient, *scopes: str) -> str:
    answer = client.post(KEYS, json={"name": "x", "scopes": scopes})
    assert answer.status_code == 201, answer.text
    return answer.json()["key"]


def test_a_key_is_made_for_what_it_shall_open(owner: TestClient, program: TestClient) -> None:
    wanted = ["messages:write", "messages:read", "messages:read"]
    made = owner.post(KEYS, json={"name": "x", "scopes": wanted}).json()
    assert made["scopes"] == ["messages:read", "messages:write"]
    header = {"Authorization": f"Bearer {made['key']}"}
    draft = program.post("/api/v1/messages", json={"title": "春"}, headers=header)
    assert draft.status_code == 201, draft.text
    listed = call(program, made["key"], "/api/v1/messages").json()["items"]
    assert [message["title"] for message in listed] == ["春"]
    assert owner.get(f"/api/v1/messages/{draft.json()['id']}").status_code == 200


@pytest.mark.parametrize(
    "scopes", [[], ["accounts"], ["speech:*"], "speech", None, ["speech"] * 99]
)
def test_other_scopes_are_refused_with_their_field(owner: TestClient, scopes: Any) -> None:
    refused = owner.post(KEYS, json={"name": "x", "scopes": scopes})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].startswith("scopes")


def test_a_key_needs_no_proof_of_where_it_comes_from_and_a_session_does(
    owner: TestClient, program: TestClient
) -> None:
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    header = {"Authorization": f"bearer {new_key_for(owner, 'messages:write')}"}
    by_key = program.post("/api/v1/messages", json={}, headers=elsewhere | header)
    assert by_key.status_code == 201
    by_session = owner.post("/api/v1/messages", json={}, headers=elsewhere)
    assert (by_session.status_code, by_session.json()["code"]) == (403, "origin_forbidden")


def test_where_a_key_is_sent_it_alone_decides(owner: TestClient, guest: TestClient) -> None:
    draft = owner.post("/api/v1/messages", json={}).json()
    path = f"/api/v1/messages/{draft['id']}"
    assert call(owner, new_key_for(owner, "speech"), path).json()["code"] == "scope_missing"
    assert call(owner, new_key_for(guest, "messages:read"), path).status_code == 404
    assert call(guest, new_key_for(owner, "messages:read"), path).status_code == 200
    for wrong in (new_key(), "sk-somebody-elses"):
        assert call(owner, wrong, path).json()["code"] == "key_wrong"


def test_a_session_is_no_key(owner: TestClient) -> None:
    assert owner.get(KEYED).json()["code"] == "key_missing"


def test_a_mistyped_key_is_refused_without_the_database(
    app: FastAPI, program: TestClient, made: dict[str, Any]
) -> None:
    asked = []
    sa.event.listen(
        app.state.collaborators.engine, "before_cursor_execute", lambda *a: asked.append(a[2])
    )
    key = made["key"]
    mistyped = key[:-1] + BASE62[(BASE62.index(key[-1]) + 1) % 62]
    for wrong in (mistyped, "sk-somebody-elses", "é" * 39, key + "0"):
        assert call_raw(program, wrong).json()["code"] == "key_wrong"
    assert asked == []
    assert call(program, key).status_code == 200
    assert asked != []


def call_raw(program: TestClient, key: str) -> Any:
    return program.get(KEYED, headers=[(b"Authorization", f"Bearer {key}".encode())])


def test_a_key_in_the_address_is_refused_whatever_else_is_sent(
    program: TestClient, made: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="backend"):
        for path, name in ((KEYED, "api_key"), ("/api/v1/messages", "token"), ("/healthz", "k")):
            refused = call(program, made["key"], f"{path}?{name}={made['key']}")
            assert (refused.status_code, refused.json()["code"]) == (400, "key_in_query")
            assert made["key"] not in refused.text
        call(program, made["key"])
    assert made["key"] not in caplog.text


@pytest.mark.parametrize(
    "query", ["{}", "k=Bearer%20{}", "k=%20{}", "q=x&q={}", "k=a,{},b", "k={}1"]
)
def test_a_key_is_found_wherever_in_the_address_it_stands(
    program: TestClient, made: dict[str, Any], query: str
) -> None:
    refused = program.get(f"/api/v1/messages?{query.format(made['key'])}")
    assert (refused.status_code, refused.json()["code"]) == (400, "key_in_query")


def test_words_that_begin_like_a_key_are_none(owner: TestClient) -> None:
    assert owner.get("/api/v1/messages?q=vm_notes").status_code == 200


def test_wrong_keys_are_counted_and_right_ones_never_locked_out(
    program: TestClient, made: dict[str, Any]
) -> None:
    answers = [call(program, new_key()).status_code for _ in range(WRONG_KEYS.amount + 1)]
    assert answers == [401] * WRONG_KEYS.amount + [429]
    assert call(program, new_key()).headers["retry-after"] == "60"
    assert call(program, made["key"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "scope"), [(KEYED, "voices"), ("/api/v1/messages", "messages:read")]
)
def test_a_key_without_the_scope_is_refused_with_its_name(
    owner: TestClient, program: TestClient, path: str, scope: str
) -> None:
    refused = call(program, new_key_for(owner, "speech"), path)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert f"`{scope}`" in refused.json()["detail"]
    assert refused.headers["www-authenticate"].endswith(f'scope="{scope}"')


def test_there_is_an_end_to_keys(owner: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_KEYS", 1)
    assert owner.post(KEYS, json={"name": "one"}).status_code == 201
    assert owner.post(KEYS, json={"name": "two"}).json()["code"] == "conflict_state"
    assert owner.post(KEYS, json={"name": ""}).status_code == 422


def test_with_all_places_taken_a_key_can_still_be_replaced(
    owner: TestClient, made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_KEYS", 1)
    monkeypatch.setattr(service, "MAX_ENDING_KEYS", 1)
    new = rotate(owner, made["id"])
    assert new.status_code == 201
    assert rotate(owner, new.json()["id"]).json()["code"] == "conflict_state"
    assert owner.post(KEYS, json={"name": "two"}).status_code == 409


def test_keys_go_with_their_account(app: FastAPI, guest: TestClient, program: TestClient) -> None:
    key = guest.post(KEYS, json={"name": "x"}).json()["key"]
    assert call(program, key).status_code == 200
    gone = guest.request("DELETE", "/api/v1/accounts/me", json={"password": PASSWORD})
    assert gone.status_code == 204
    assert call(program, key).status_code == 401
    with app.state.collaborators.readers() as session:
        assert session.scalars(sa.select(ApiKey)).all() == []


@given(position=st.integers(0, 38), character=st.sampled_from(BASE62))
def test_one_wrong_character_never_passes(position: int, character: str) -> None:
    key = new_key()
    changed = key[:position] + character + key[position + 1 :]
    assert is_well_formed(changed) is (changed == key)
