"""Links: what they show, whom they admit, and how they end."""

import json
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.settings import Settings
from backend.tests.conftest import browser
from backend.tests.samples import upload
from backend.tests.test_accounts import problem_of
from backend.tests.test_deleted_bytes import files_with
from backend.tests.test_messages import BASE_VOICE, VIDEO, draft, finish, render

TEMPLATE = (
    "<html><head><title>Video Message</title><!--share:head--></head><!--share:json--></html>"
)
FILES = ("video.mp4", "poster.jpg", "captions.vtt")


@pytest.fixture
def message(owner: TestClient, photo: Path, app: FastAPI, settings: Settings) -> dict:
    settings.frontend_dist.mkdir(exist_ok=True)
    (settings.frontend_dist / "share.html").write_text(TEMPLATE)
    made = upload(owner, "photo", photo.read_bytes())
    evil = '</script><script>alert(1)</script>"&'
    message = draft(
        owner, title=evil, script="おめでとう。", voice=BASE_VOICE, photo_upload_id=made["id"]
    )
    render(owner, message)
    finish(app, message)
    return message


def share(owner: TestClient, message: dict, **rules: object) -> tuple[dict, str]:
    answer = owner.post(f"/api/v1/messages/{message['id']}/shares", json=rules)
    assert answer.status_code == 201, answer.text
    return answer.json(), path_of(answer.json())


def path_of(link: dict) -> str:
    return link["url"].removeprefix("http://localhost:55434")


def facts_of(page) -> dict:
    written = re.search(r'<script type="application/json" id="share">(.*?)</script>', page.text)
    assert written is not None
    return json.loads(written[1])


def test_a_stranger_sees_the_page_and_every_file(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    stranger = browser(app)
    page = stranger.get(path)
    assert page.status_code == 200
    facts = facts_of(page)
    assert (facts["sender_name"], facts["synthetic"]) == ("花子", True)
    assert facts["title"] == message["title"], "and no script of it runs"
    assert "<script>alert" not in page.text
    assert 'property="og:image"' in page.text
    for name in FILES:
        assert stranger.get(f"{path}/{name}").content == VIDEO
    part = stranger.get(f"{path}/video.mp4", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, VIDEO[:10])


def test_the_page_lets_nothing_in_and_tells_nobody(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    headers = browser(app).get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]
    assert "no-store" in headers["cache-control"]


def test_a_revoked_link_leads_nowhere_at_once(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    first, path = share(owner, message)
    _, other = share(owner, message)
    assert owner.delete(f"/api/v1/shares/{first['id']}").status_code == 204
    stranger = browser(app)
    assert stranger.get(path).status_code == 404
    assert [stranger.get(f"{path}/{name}").status_code for name in FILES] == [404] * 3
    assert stranger.get(other).status_code == 200
    listed = owner.get(f"/api/v1/messages/{message['id']}/shares").json()["items"]
    assert [item["revoked_at"] is None for item in listed] == [True, False]


def test_a_deleted_message_takes_its_links_along(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    owner.delete(f"/api/v1/messages/{message['id']}")
    assert browser(app).get(path).status_code == 404


def test_an_unready_message_has_no_link(owner: TestClient) -> None:
    refused = owner.post(f"/api/v1/messages/{draft(owner)['id']}/shares")
    problem_of(refused, 409, "conflict_state")


@pytest.mark.parametrize("token", ["x", "../../etc/passwd", "%00", "a" * 5_000])
def test_a_guessed_token_leads_nowhere(app: FastAPI, owner: TestClient, token: str) -> None:
    assert browser(app).get(f"/s/{token}").status_code == 404


def test_tokens_and_passwords_are_stored_hashed(
    owner: TestClient, message: dict, app: FastAPI, settings: Settings
) -> None:
    _, path = share(owner, message, password="open sesame")
    stranger, secrets = browser(app), [path.removeprefix("/s/"), "open sesame"]
    stranger.post(f"{path}/unlock", json={"password": "open sesame"})
    stranger.post(f"{path}/events", json={"kind": "played"})
    secrets += [cookie.value for cookie in stranger.cookies.jar if cookie.value]
    assert len(secrets) == 4
    with app.state.collaborators.engine.connect() as connection:
        tables = [
            connection.exec_driver_sql(f"select * from {table}").fetchall()
            for table in ("shares", "viewers", "audiences")
        ]
    assert "argon2id" in str(tables)
    for secret in secrets:
        assert secret not in str(tables)
        assert files_with(settings.data_dir, secret) == [], "nor in any file of the database"
