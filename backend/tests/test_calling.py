"""How the API is called: from other origins, waiting for work, and with an id for each request."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import ValidationError

from backend import waiting
from backend.settings import Settings
from backend.tests.conftest import browser
from backend.tests.samples import upload
from backend.tests.test_messages import BASE_VOICE, draft, finish
from backend.tests.test_ownership import bearer

THEIRS = "https://app.example.com"


# --- from other origins ---------------------------------------------------------------------


class TestFromAnotherOrigin:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"cors_origins": f"{THEIRS}, http://localhost:3000"})

    def test_a_page_may_call_with_a_key(self, app: FastAPI, owner: TestClient) -> None:
        header, _ = bearer(owner, "messages:read")
        for origin in (THEIRS, "http://localhost:3000"):
            answer = browser(app).get("/api/v1/messages", headers=header | {"Origin": origin})
            assert answer.status_code == 200
            assert answer.headers["access-control-allow-origin"] == origin
            exposed = answer.headers["access-control-expose-headers"]
            assert {"ETag", "RateLimit", "X-Request-Id"} <= set(exposed.split(", "))

    def test_its_writes_are_asked_for_before(self, app: FastAPI) -> None:
        asked = {
            "Origin": THEIRS,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization, idempotency-key, if-match",
        }
        answer = browser(app).options("/api/v1/messages/msg_x", headers=asked)
        assert answer.status_code == 200
        assert "PATCH" in answer.headers["access-control-allow-methods"]

    def test_a_problem_can_be_read_there_too(self, app: FastAPI) -> None:
        answer = browser(app).get("/api/v1/messages", headers={"Origin": THEIRS})
        assert answer.status_code == 401
        assert answer.headers["access-control-allow-origin"] == THEIRS

    def test_no_cookie_goes_along(self, owner: TestClient) -> None:
        answer = owner.get("/api/v1/messages", headers={"Origin": THEIRS})
        assert "access-control-allow-credentials" not in answer.headers
        made = owner.post("/api/v1/messages", json={}, headers={"Origin": THEIRS})
        assert made.status_code == 403

    def test_a_page_of_a_third_may_not(self, app: FastAPI, owner: TestClient) -> None:
        header, _ = bearer(owner, "messages:read")
        theirs = header | {"Origin": "https://app.example.com.evil.example"}
        answer = browser(app).get("/api/v1/messages", headers=theirs)
        assert "access-control-allow-origin" not in answer.headers


def test_without_the_setting_no_other_origin_may_call(app: FastAPI, owner: TestClient) -> None:
    header, _ = bearer(owner, "messages:read")
    answer = browser(app).get("/api/v1/messages", headers=header | {"Origin": THEIRS})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["app.example.com", "https://app.example.com/", "null", "ftp://x"]
)
def test_an_origin_that_is_none_refuses_to_start(origin: str) -> None:
    with pytest.raises(ValidationError, match="no origin"):
        Settings(cors_origins=origin)


# --- Prefer: wait ---------------------------------------------------------------------------


@pytest.fixture
def complete(owner: TestClient, photo: Path) -> dict:
    picture = upload(owner, "photo", photo.read_bytes())
    return draft(owner, script="やあ。", voice=BASE_VOICE, photo_upload_id=picture["id"])


def test_a_render_is_waited_for(app: FastAPI, owner: TestClient, complete: dict) -> None:
    path = f"/api/v1/messages/{complete['id']}"
    with ThreadPoolExecutor(1) as pool:
        order = pool.submit(owner.post, f"{path}/render", headers={"Prefer": "wait=50"})
        while owner.get(path).json()["state"] != "queued":
            pass
        finish(app, complete)
        answer = order.result()
    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    assert answer.headers["preference-applied"] == "wait=50"


def test_whoever_waits_no_longer_gets_what_there_is(
    app: FastAPI, owner: TestClient, complete: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "LONGEST_WAIT_S", 1)
    path = f"/api/v1/messages/{complete['id']}"
    ordered = owner.post(f"{path}/render", headers={"Prefer": "respond-async, wait=600"})
    assert (ordered.status_code, ordered.json()["state"]) == (202, "queued")
    assert ordered.headers["preference-applied"] == "wait=1"
    looked = owner.get(path, headers={"Prefer": "wait=1"})
    assert (looked.status_code, looked.json()["state"]) == (200, "queued")
    finish(app, complete)
    assert owner.get(path, headers={"Prefer": "wait=50"}).json()["state"] == "ready"


@pytest.mark.parametrize("prefer", ["wait", "wait=-1", "wait=x", "return=minimal", "await=3"])
def test_a_preference_that_is_none_is_ignored(owner: TestClient, prefer: str) -> None:
    message = draft(owner)
    answer = owner.get(f"/api/v1/messages/{message['id']}", headers={"Prefer": prefer})
    assert answer.status_code == 200
    assert "preference-applied" not in answer.headers


# --- request ids ----------------------------------------------------------------------------


def test_each_request_has_an_id_and_the_log_knows_it(
    owner: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="backend.requests"):
        answers = [owner.get("/api/v1/messages"), owner.get("/nowhere"), owner.get("/healthz")]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == 3
    for one in ids:
        assert re.fullmatch(r"req_[0-9a-z]{26}", one)
        assert one in caplog.text


def test_an_id_that_is_sent_is_not_taken_over(
    owner: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="backend.requests"):
        answer = owner.get("/healthz", headers={"X-Request-Id": "a line of somebody's own"})
    assert "somebody" not in answer.headers["x-request-id"] + caplog.text
