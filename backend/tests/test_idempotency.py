"""A write that is sent again with its `Idempotency-Key` is answered again, and done once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event, func, select

from backend.db import utc_now
from backend.idempotency import service
from backend.idempotency.models import IdempotentWrite
from backend.messages.models import Message
from backend.serving import prepare
from backend.tests.conftest import browser
from backend.tests.served import ServedApp
from backend.tests.test_messages import BASE_VOICE, draft
from backend.tests.test_ownership import SCOPED, bearer, operations

ONCE = {"Idempotency-Key": "b7e5c1b0-7a35-4c52-9d0e-2f6f0a7d9b11"}
DRAFT = {"title": "花子へ", "script": "おめでとう。", "language": "ja"}


def create(client: TestClient, headers: dict[str, str] | None = None) -> Any:
    return client.post("/api/v1/messages", json=DRAFT, headers=ONCE | (headers or {}))


def count(app: FastAPI, table: Any) -> int:
    with app.state.collaborators.readers() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def test_the_same_write_is_done_once_and_answered_alike(app: FastAPI, owner: TestClient) -> None:
    first, second = create(owner), create(owner)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert first.headers["etag"] == second.headers["etag"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert count(app, Message) == 1


def test_many_at_once_do_not_wait_for_each_other_in_vain(app: FastAPI, owner: TestClient) -> None:
    headers, _ = bearer(owner, "messages:write", "messages:read")
    together = threading.Barrier(100)

    def write_and_read(number: int) -> tuple[int, int]:
        with httpx.Client(base_url=address, headers=headers, timeout=60) as program:
            together.wait()
            once = {"Idempotency-Key": f"write-{number}"}
            made = program.post("/api/v1/messages", json=DRAFT, headers=once)
            return made.status_code, program.get("/api/v1/messages").status_code

    with ServedApp(app) as address, ThreadPoolExecutor(100) as crowd:
        assert set(crowd.map(write_and_read, range(100))) == {(201, 200)}
    assert count(app, Message) == 100


@pytest.mark.parametrize(
    ("path", "body"),
    [("/api/v1/messages", DRAFT | {"title": "x"}), ("/api/v1/messages?x=1", DRAFT)],
)
def test_another_request_with_the_same_key_is_refused(
    app: FastAPI, owner: TestClient, path: str, body: dict[str, Any]
) -> None:
    create(owner)
    refused = owner.post(path, json=body, headers=ONCE)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"
    assert count(app, Message) == 1


def test_a_write_that_is_at_work_is_a_conflict(app: FastAPI, owner: TestClient) -> None:
    create(owner)
    with app.state.collaborators.sessions.begin() as session:
        (row,) = session.scalars(select(IdempotentWrite))
        row.is_done, row.answer = False, None
        row.kept_until = utc_now() + service.AT_WORK
    refused = create(owner)
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_at_work")
    assert refused.headers["retry-after"] == "1"


def test_many_at_once_make_one(app: FastAPI, owner: TestClient) -> None:
    header, _ = bearer(owner, "messages:write")
    programs = [browser(app) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda program: create(program, header), programs))
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert (len(made), count(app, Message)) == (1, 1)
    assert create(programs[0], header).json()["id"] in made


def test_a_write_that_was_refused_may_be_sent_otherwise(app: FastAPI, owner: TestClient) -> None:
    wrong = owner.post("/api/v1/words", json={"surface": "東海林", "kana": "?"}, headers=ONCE)
    assert wrong.status_code == 422
    right = {"surface": "東海林", "kana": "ショージ"}
    for _ in range(2):
        assert owner.post("/api/v1/words", json=right, headers=ONCE).status_code == 201


def test_a_write_whose_transaction_failed_is_done_when_it_is_sent_again(
    app: FastAPI, owner: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = app.state.collaborators.engine
    fails = ["once"]

    def fail(connection: Any) -> None:
        made = connection.exec_driver_sql("SELECT count(*) FROM messages").scalar()
        if made and fails:
            fails.pop()
            raise RuntimeError("the disk is full")

    event.listen(engine, "commit", fail)
    assert create(owner).status_code == 500
    assert count(app, Message) == 0
    assert create(owner).status_code == 201
    event.remove(engine, "commit", fail)
    assert create(owner).headers["idempotency-replayed"] == "true"
    assert count(app, Message) == 1


def test_keys_are_an_accounts_own(app: FastAPI, owner: TestClient, guest: TestClient) -> None:
    assert create(owner).json()["id"] != create(guest).json()["id"]


def test_sessions_and_keys_of_an_account_share_them(app: FastAPI, owner: TestClient) -> None:
    header, _ = bearer(owner, "messages:write")
    assert create(owner).json() == create(browser(app), header).json()


def test_a_key_without_the_scope_hears_no_answer(app: FastAPI, owner: TestClient) -> None:
    create(owner)
    header, _ = bearer(owner, "messages:read")
    assert create(browser(app), header).status_code == 403


def test_after_a_day_the_key_is_new(app: FastAPI, owner: TestClient) -> None:
    first = create(owner)
    with app.state.collaborators.sessions.begin() as session:
        (row,) = session.scalars(select(IdempotentWrite))
        assert abs(row.kept_until - utc_now() - timedelta(hours=24)) < timedelta(minutes=1)
        row.kept_until = utc_now() - timedelta(seconds=1)
    assert create(owner).json()["id"] != first.json()["id"]


def test_old_answers_are_swept(app: FastAPI, owner: TestClient) -> None:
    create(owner)
    with app.state.collaborators.sessions.begin() as session:
        service.forget_old(session)
        (row,) = session.scalars(select(IdempotentWrite))
        row.kept_until = utc_now() - timedelta(seconds=1)
    with app.state.collaborators.sessions.begin() as session:
        service.forget_old(session)
    assert count(app, IdempotentWrite) == 0


def test_what_a_killed_server_was_at_can_be_sent_again_after_its_start(
    app: FastAPI, owner: TestClient
) -> None:
    create(owner)
    parts = app.state.collaborators
    with parts.sessions.begin() as session:
        (row,) = session.scalars(select(IdempotentWrite))
        row.is_done = False
    # Of several servers on PostgreSQL none knows which of the others live: there the time decides.
    is_alone = parts.engine.dialect.name == "sqlite"
    prepare(parts.settings)
    assert count(app, IdempotentWrite) == (0 if is_alone else 1)


def test_a_kept_answer_tells_nothing_without_its_key(app: FastAPI, owner: TestClient) -> None:
    create(owner)
    with app.state.collaborators.readers() as session:
        (row,) = session.scalars(select(IdempotentWrite))
    assert row.answer is not None
    assert "おめでとう".encode() not in row.answer
    assert ONCE["Idempotency-Key"] not in row.key_hash


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a b", "鍵".encode()])
def test_a_key_that_is_none_is_refused(owner: TestClient, key: str | bytes) -> None:
    headers: Any = {"Idempotency-Key": key}
    refused = owner.post("/api/v1/messages", json=DRAFT, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_invalid")


def test_a_form_is_the_same_whatever_its_boundary(owner: TestClient) -> None:
    message = draft(owner, script="やあ。", voice=BASE_VOICE)
    answers = [
        owner.put(
            f"/api/v1/messages/{message['id']}/captions",
            content=f"--{boundary}\r\nx\r\n--{boundary}--".encode(),
            headers=ONCE | {"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )
        for boundary in ("aaaa1111", "bbbb2222")
    ]
    assert "idempotency_key_reused" not in [answer.json().get("code") for answer in answers]


def test_a_secret_that_is_told_again_is_kept_by_nobody_either(owner: TestClient) -> None:
    target = {"url": "https://hooks.example.com/"}
    first, again = (owner.post("/api/v1/webhooks", json=target, headers=ONCE) for _ in range(2))
    assert first.json()["secret"] == again.json()["secret"]
    assert first.headers["cache-control"] == again.headers["cache-control"] == "no-store"


def test_deleting_again_is_answered_as_the_first_time(owner: TestClient) -> None:
    message = draft(owner)
    path = f"/api/v1/messages/{message['id']}"
    assert [owner.delete(path, headers=ONCE).status_code for _ in range(2)] == [204, 204]
    assert owner.delete(path).status_code == 404


def test_every_write_of_a_program_heeds_it(app: FastAPI) -> None:
    by_key, safe = set().union(*SCOPED.values()), {"get", "head"}
    told: set[str] = set()
    told_needlessly: set[str] = set()
    for path in app.openapi()["paths"].values():
        for method, operation in path.items():
            names = [one["name"] for one in operation.get("parameters", [])]
            if "Idempotency-Key" in names:
                (told_needlessly if method in safe else told).add(operation["operationId"])
    writes = {name for name, method, _ in operations(app) if method.lower() not in safe}
    assert (told, told_needlessly) == (by_key & writes, set())
