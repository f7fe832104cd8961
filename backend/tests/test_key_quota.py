"""How often a key may ask: told with every answer, and an end to it that names when again."""

import re
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from backend.api_keys.quota import Quotas
from backend.settings import Settings
from backend.tests.conftest import browser, new_api_key
from backend.tests.test_api_keys import call

POLICY, LEFT = "ratelimit-policy", "ratelimit"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"api_key_minute_limit": 3})


@pytest.fixture
def program(app: FastAPI) -> TestClient:
    return browser(app)


def left(answer: Response) -> tuple[int, int]:
    """Return how many requests are left, and after how many seconds there are more."""
    told = re.fullmatch(r'"key";r=(\d+);t=(\d+)', answer.headers[LEFT])
    assert told, answer.headers[LEFT]
    return int(told[1]), int(told[2])


def test_every_answer_tells_what_is_left_and_too_many_are_refused(
    owner: TestClient, program: TestClient
) -> None:
    key = new_api_key(owner)
    # One that is given, one that is refused, one that fits no route's rules.
    paths = ("/v1/voices", "/api/v1/messages", "/api/v1/voices?limit=0")
    answers = [call(program, key, path) for path in paths]
    assert [answer.status_code for answer in answers] == [200, 403, 422]
    assert [left(answer)[0] for answer in answers] == [2, 1, 0]
    assert {answer.headers[POLICY] for answer in answers} == {'"key";q=3;w=60'}
    refused = call(program, key)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.headers["retry-after"] == str(left(refused)[1])
    assert left(refused)[0] == 0
    assert 1 <= left(refused)[1] <= 60


def test_files_tell_it_too(owner: TestClient, program: TestClient) -> None:
    body = {"name": "x", "scopes": ["messages:read"]}
    key = owner.post("/api/v1/api-keys", json=body).json()["key"]
    track = call(program, key, "/api/v1/music/warm_keys")
    assert (track.status_code, left(track)[0]) == (200, 2)


def test_each_key_has_its_own_and_after_the_wait_it_may_ask_again(
    app: FastAPI, owner: TestClient, program: TestClient
) -> None:
    passed_s = 0.0
    quotas = Quotas(lambda: 1_000 + passed_s)
    app.state.collaborators = replace(app.state.collaborators, quotas=quotas)
    key, other = new_api_key(owner), new_api_key(owner)
    assert [call(program, key).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert call(program, other).status_code == 200
    passed_s = 59.9
    assert call(program, key).status_code == 429
    passed_s = 60.0
    assert call(program, key).status_code == 200


def test_people_and_wrong_keys_are_told_nothing_of_it(
    owner: TestClient, program: TestClient
) -> None:
    for _ in range(4):
        assert LEFT not in owner.get("/api/v1/messages").headers
    assert LEFT not in call(program, "vm_wrong").headers
