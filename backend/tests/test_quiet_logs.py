"""Nothing that a person wrote or that opens a door reaches the log."""

import logging
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.tests.conftest import browser
from backend.tests.served import ServedApp


def test_an_unexpected_error_is_noted_without_its_text(
    app: FastAPI, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/breaks")
    def break_down() -> None:
        raise ValueError("what somebody wrote")

    served = ServedApp(app)
    with caplog.at_level(logging.DEBUG):
        answer = httpx.get(f"{served.start()}/breaks")
        served.stop()
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["trace_id"] in caplog.text
    written = "".join(capfd.readouterr()) + caplog.text + answer.text
    assert "what somebody wrote" not in written


def test_an_answer_that_breaks_off_is_noted_without_its_text_and_not_taken_for_whole(
    app: FastAPI, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def half() -> Iterator[bytes]:
        yield b"half"
        raise ValueError("what somebody wrote")

    app.get("/breaks")(lambda: StreamingResponse(half()))
    served = ServedApp(app)
    with caplog.at_level(logging.DEBUG), pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{served.start()}/breaks")
    served.stop()
    assert "unexpected ValueError" in caplog.text
    assert "what somebody wrote" not in "".join(capfd.readouterr()) + caplog.text


def test_a_database_error_quotes_no_values(app: FastAPI) -> None:
    statement = text("SELECT :script FROM no_such_table").bindparams(script="what somebody wrote")
    with app.state.collaborators.sessions() as session, pytest.raises(SQLAlchemyError) as caught:
        session.execute(statement)
    assert "what somebody wrote" not in str(caught.value)


def test_requests_are_logged_by_template(
    app: FastAPI, owner: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="backend.requests"):
        browser(app).get("/s/a-token-that-opens-a-door/video.mp4?signature=abc")
        password = {"password": "a-token-that-opens-a-door"}
        browser(app).post("/s/a-token-that-opens-a-door/unlock", json=password)
        browser(app).get("/oembed?url=http://localhost:55434/s/a-token-that-opens-a-door")
        browser(app).get("/api/v1/messages/msg_secret")
        browser(app).get("/nowhere/a-token-that-opens-a-door")
    lines = [record.getMessage() for record in caplog.records if record.name == "backend.requests"]
    assert len(lines) == 5
    assert "/s/{token}/video.mp4 404" in lines[0]
    assert "/s/{token}/unlock 404" in lines[1]
    assert "/oembed 404" in lines[2]
    assert "/messages/{message_id} 401" in lines[3]
    for secret in ("a-token-that-opens-a-door", "msg_secret", "signature", "owner@example.com"):
        assert secret not in "".join(lines)
