"""Who may come in, and from where."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.local.stack import Ports, Stack, place_of
from backend.main import create_app
from backend.settings import Settings
from backend.tests.conftest import ORIGIN, PASSWORD, browser, sign_up

NEW = {"email": "first@example.com", "password": PASSWORD, "name": "花子"}


def problem_of(response, status: int, code: str, field: str | None = None) -> None:
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert response.headers["content-type"] == "application/problem+json"
    if field is not None:
        assert [error["field"] for error in body["errors"]] == [field]
        assert all(error["fix"] for error in body["errors"])


def test_the_first_account_is_the_owner_and_stays_signed_in(app: FastAPI) -> None:
    client = browser(app)
    assert client.get("/api/v1/accounts/sign-up").json() == {
        "first": True, "open": False, "needs_owner_token": False,
    }  # fmt: skip
    assert client.post("/api/v1/accounts", json=NEW).json()["is_owner"] is True
    assert client.get("/api/v1/accounts/me").json()["email"] == "first@example.com"


def test_a_second_account_needs_an_invitation(app: FastAPI, owner: TestClient) -> None:
    refused = browser(app).post("/api/v1/accounts", json={**NEW, "email": "b@example.com"})
    problem_of(refused, 422, "invitation_invalid", "invitation")


def test_an_invitation_opens_one_account_only(app: FastAPI, owner: TestClient) -> None:
    token = owner.post("/api/v1/invitations", json={}).json()["url"].split("invitation=")[1]
    sign_up(app, "b@example.com", invitation=token)
    again = browser(app).post(
        "/api/v1/accounts", json={**NEW, "email": "c@example.com", "invitation": token}
    )
    problem_of(again, 422, "invitation_invalid", "invitation")


def test_an_invitation_for_one_address_fits_no_other(app: FastAPI, owner: TestClient) -> None:
    url = owner.post("/api/v1/invitations", json={"email": "b@example.com"}).json()["url"]
    token = url.split("invitation=")[1]
    other = {**NEW, "email": "c@example.com", "invitation": token}
    problem_of(browser(app).post("/api/v1/accounts", json=other), 422, "invitation_invalid")
    sign_up(app, "B@example.com", invitation=token)


def test_an_open_door_needs_no_invitation(settings: Settings) -> None:
    with TestClient(create_app(settings.model_copy(update={"open_signup": True}))) as client:
        sign_up(client.app, "owner@example.com")  # type: ignore[arg-type]
        assert client.get("/api/v1/accounts/sign-up").json()["open"] is True
        assert client.post("/api/v1/accounts", json=NEW).status_code == 201


def test_a_guest_invites_nobody(guest: TestClient) -> None:
    assert guest.post("/api/v1/invitations", json={}).status_code == 403


def test_a_stranger_from_afar_needs_the_start_token(settings: Settings) -> None:
    from_afar = settings.model_copy(update={"backend_host": "0.0.0.0"})
    app = create_app(from_afar)
    with TestClient(app, base_url=ORIGIN, client=("203.0.113.9", 1)) as client:
        assert client.get("/api/v1/accounts/sign-up").json()["needs_owner_token"] is True
        problem_of(client.post("/api/v1/accounts", json=NEW), 422, "owner_token_wrong")
        token = app.state.collaborators.settings.owner_token.get_secret_value()
        made = client.post("/api/v1/accounts", json={**NEW, "owner_token": token})
        assert made.status_code == 201


def test_the_start_token_is_in_its_file_alone_and_goes_when_it_is_used(
    settings: Settings, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    from_afar = settings.model_copy(update={"public_url": "https://video.example.org"})
    file = from_afar.owner_token_file
    file.parent.mkdir(exist_ok=True)
    file.write_text("the token of the start before")
    file.chmod(0o644)
    app = create_app(from_afar)
    with TestClient(app, base_url=ORIGIN, client=("203.0.113.9", 1)) as client:
        token = app.state.collaborators.settings.owner_token.get_secret_value()
        assert (file.read_text(), file.stat().st_mode & 0o777) == (token, 0o600)
        client.post("/api/v1/accounts", json={**NEW, "owner_token": token + "x"})
        assert file.exists()
        made = client.post("/api/v1/accounts", json={**NEW, "owner_token": token})
        assert made.status_code == 201
    assert not file.exists()
    told = "".join(capfd.readouterr()) + caplog.text
    assert str(file) in told
    assert token not in told
    with TestClient(create_app(from_afar)):
        assert not file.exists(), "there is an account already"


def test_the_start_shows_the_token_to_a_terminal_only(tmp_path: Path) -> None:
    stack = Stack(place_of(tmp_path, Ports(1, 2, 3), is_own=True))
    assert stack.owner_token_line(is_kept=False) is None
    file = stack.place.settings.owner_token_file
    file.parent.mkdir(parents=True)
    file.write_text("s3cret")
    assert "s3cret" in str(stack.owner_token_line(is_kept=False))
    line = str(stack.owner_token_line(is_kept=True))
    assert (str(file) in line, "s3cret" in line) == (True, False)


def test_a_proxy_on_this_computer_does_not_make_a_stranger_local(app: FastAPI) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9"}
    rules = browser(app).get("/api/v1/accounts/sign-up", headers=headers).json()
    assert rules["needs_owner_token"] is True


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"email": "no address"}, "email_invalid", "email"),
        ({"email": "a@b\r\nBcc: c@d"}, "email_invalid", "email"),
        ({"password": "short"}, "password_too_short", "password"),
        ({"name": ""}, "validation", "name"),
    ],
)
def test_a_bad_field_is_named(app: FastAPI, change: dict, code: str, field: str) -> None:
    problem_of(browser(app).post("/api/v1/accounts", json={**NEW, **change}), 422, code, field)


def test_an_address_is_taken_once(app: FastAPI, owner: TestClient) -> None:
    token = owner.post("/api/v1/invitations", json={}).json()["url"].split("invitation=")[1]
    again = {**NEW, "email": "OWNER@example.com", "invitation": token}
    problem_of(browser(app).post("/api/v1/accounts", json=again), 422, "email_taken", "email")


def test_a_wrong_password_and_an_unknown_address_look_the_same(
    app: FastAPI, owner: TestClient
) -> None:
    wrong = {"email": "owner@example.com", "password": "wrong password"}
    unknown = {"email": "nobody@example.com", "password": "wrong password"}
    answers = [browser(app).post("/api/v1/sessions", json=body) for body in (wrong, unknown)]
    for answer in answers:
        problem_of(answer, 401, "wrong_credentials", "password")
    assert answers[0].json() == answers[1].json()


def test_guessing_passwords_is_slowed_down(app: FastAPI, owner: TestClient) -> None:
    wrong = {"email": "owner@example.com", "password": "wrong password"}
    client = browser(app)
    answers = [client.post("/api/v1/sessions", json=wrong) for _ in range(11)]
    problem_of(answers[-1], 429, "rate_limited")
    assert int(answers[-1].headers["retry-after"]) > 0


def test_signing_out_ends_the_session_itself(app: FastAPI, owner: TestClient) -> None:
    cookie = owner.cookies["session"]
    assert owner.delete("/api/v1/sessions/current").status_code == 204
    thief = browser(app)
    thief.cookies.set("session", cookie)
    assert thief.get("/api/v1/accounts/me").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_changes_nothing(owner: TestClient, headers: dict[str, str]) -> None:
    refused = owner.post("/api/v1/messages", json={}, headers=headers)
    problem_of(refused, 403, "origin_forbidden")
    assert owner.get("/api/v1/messages").json()["items"] == []


def test_our_own_pages_may(owner: TestClient) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}
    assert owner.post("/api/v1/messages", json={}, headers=headers).status_code == 201


def test_over_https_the_cookie_is_tied_to_the_host(settings: Settings) -> None:
    secure = settings.model_copy(update={"public_url": "https://video.example"})
    base = "https://video.example"
    with TestClient(create_app(secure), base_url=base, client=("127.0.0.1", 1)) as client:
        cookie = client.post("/api/v1/accounts", json=NEW).headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    for part in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert part in cookie


def test_tokens_and_passwords_are_stored_hashed(app: FastAPI, owner: TestClient) -> None:
    token = owner.post("/api/v1/invitations", json={}).json()["url"].split("invitation=")[1]
    engine = app.state.collaborators.engine
    with engine.connect() as connection:
        rows = "".join(
            str(connection.exec_driver_sql(f"select * from {table}").fetchall())
            for table in ("accounts", "login_sessions", "invitations")
        )
    for secret in (token, owner.cookies["session"], PASSWORD):
        assert secret not in rows


def test_a_password_costs_whoever_steals_its_hash_what_owasp_asks(
    products_hasher: PasswordHasher,
) -> None:
    made = extract_parameters(products_hasher.hash("a password"))
    assert made.type is Type.ID
    assert made.memory_cost >= 19 * 1024, "KiB"
    assert made.time_cost >= 2
