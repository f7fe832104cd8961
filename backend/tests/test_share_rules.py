"""What a sender allows on a link holds for the page and for every file behind it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from limits import RateLimitItemPerHour
from sqlalchemy import update

from backend.db import utc_now
from backend.main import create_app
from backend.settings import Settings
from backend.shares import public_routes
from backend.shares.access import PassKind, sign_pass
from backend.shares.models import Share
from backend.tests.conftest import browser
from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import VIDEO
from backend.tests.test_shares import facts_of, message, path_of, share

__all__ = ["message"]  # a fixture

PLAYED = ("video.mp4", "captions.vtt", "waveform.json")
SEEN = ("poster.jpg", "thumbnail.gif")
FILES = PLAYED + SEEN


@pytest.fixture(autouse=True)
def _every_file(message: dict, app: FastAPI) -> None:
    for name in FILES:
        app.state.collaborators.storage.write(f"messages/{message['id']}/1/{name}", VIDEO)


def statuses(client: TestClient, path: str, names: tuple[str, ...] = FILES) -> set[int]:
    return {client.get(f"{path}/{name}").status_code for name in names}


def change(owner: TestClient, link: dict, **rules: object) -> dict:
    answer = owner.patch(f"/api/v1/shares/{link['id']}", json=rules)
    assert answer.status_code == 200, answer.text
    return answer.json()


def let_expire(app: FastAPI, link: dict) -> None:
    past = utc_now() - timedelta(seconds=1)
    with app.state.collaborators.sessions.begin() as session:
        session.execute(update(Share).where(Share.id == link["id"]).values(expires_at=past))


# --- settings -------------------------------------------------------------------------------


def test_a_link_begins_open_and_is_changed_field_by_field(owner: TestClient, message: dict) -> None:
    made, _ = share(owner, message)
    assert (made["label"], made["has_password"], made["view_limit"]) == (None, False, None)
    assert (made["allow_download"], made["allow_reactions"], made["allow_replies"]) == (
        False, True, True,
    )  # fmt: skip
    rules = {"label": "祖母へ\r\nBcc: x", "password": "sesame", "view_limit": 3}
    cta = {"label": "Book a call", "url": "https://example.com/call?x=1"}
    changed = change(owner, made, **rules, cta=cta, allow_download=True)
    assert changed["label"] == "祖母へ Bcc: x", "a label has one line"
    assert (changed["has_password"], changed["view_limit"], changed["cta"]) == (True, 3, cta)
    again = change(owner, made, password=None, cta=None)
    assert (again["has_password"], again["cta"], again["view_limit"]) == (False, None, 3)
    (listed,) = owner.get(f"/api/v1/messages/{message['id']}/shares").json()["items"]
    assert listed == again


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"password": "abc"}, "password"),
        ({"password": "x" * 201}, "password"),
        ({"label": "x" * 101}, "label"),
        ({"view_limit": 0}, "view_limit"),
        ({"view_limit": 1_000_001}, "view_limit"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2030-01-01T00:00:00"}, "expires_at"),
        ({"allow_download": None}, "allow_download"),
        ({"cta": {"label": "", "url": "https://example.com"}}, "cta.label"),
        ({"cta": {"label": "x" * 41, "url": "https://example.com"}}, "cta.label"),
        ({"cta": {"label": "x", "url": "http://example.com"}}, "cta.url"),
        ({"cta": {"label": "x", "url": "javascript:alert(1)"}}, "cta.url"),
        ({"cta": {"label": "x", "url": "https://bank.example@evil.example/"}}, "cta.url"),
        ({"cta": {"label": "x", "url": "//example.com"}}, "cta.url"),
    ],
)
def test_a_rule_that_cannot_be_is_named(
    owner: TestClient, message: dict, rules: dict, field: str
) -> None:
    made, _ = share(owner, message)
    for answer in (
        owner.post(f"/api/v1/messages/{message['id']}/shares", json=rules),
        owner.patch(f"/api/v1/shares/{made['id']}", json=rules),
    ):
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["field"] == field
        assert error["fix"]


def test_a_revoked_link_is_not_changed(owner: TestClient, message: dict) -> None:
    made, _ = share(owner, message)
    owner.delete(f"/api/v1/shares/{made['id']}")
    refused = owner.patch(f"/api/v1/shares/{made['id']}", json={"label": "x"})
    problem_of(refused, 409, "conflict_state")


# --- password -------------------------------------------------------------------------------


def test_a_password_guards_the_page_and_every_file(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message, password="open sesame")
    stranger = browser(app)
    page = stranger.get(path)
    assert page.status_code == 200
    assert facts_of(page) == {"state": "needs_password", "needs_password": True}
    for told in ("alert(1)", "花子", "poster", "og:"):
        assert told not in page.text
    assert statuses(stranger, path, (*FILES, "state")) == {403}
    problem_of(stranger.get(f"{path}/video.mp4"), 403, "password_needed")
    wrong = stranger.post(f"{path}/unlock", json={"password": "open says me"})
    problem_of(wrong, 403, "password_wrong", "password")
    assert statuses(stranger, path) == {403}
    assert stranger.post(f"{path}/unlock", json={"password": "open sesame"}).status_code == 204
    assert facts_of(stranger.get(path))["sender_name"] == "花子"
    assert statuses(stranger, path, (*FILES, "state")) == {200}


def test_a_pass_is_for_one_link_and_one_password(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    made, path = share(owner, message, password="open sesame")
    _, other = share(owner, message, password="open sesame")
    stranger = browser(app)
    answer = stranger.post(f"{path}/unlock", json={"password": "open sesame"})
    cookie = answer.headers["set-cookie"]
    assert f"Path={path}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    held = stranger.cookies.get("unlocked") or ""
    for forged in (held, f"9{held}", "9999999999.", "x.y", "9" * 400 + ".x", "", "9.\\xff"):
        cookies = {"cookie": f"unlocked={forged}"}
        assert browser(app).get(f"{other}/video.mp4", headers=cookies).status_code == 403
    change(owner, made, password="another one")
    assert stranger.get(f"{path}/video.mp4").status_code == 403
    change(owner, made, password=None)
    assert stranger.get(f"{path}/video.mp4").status_code == 200


def test_a_pass_ends_after_its_hours(owner: TestClient, message: dict, app: FastAPI) -> None:
    made, path = share(owner, message, view_limit=5)
    key = app.state.collaborators.settings.signing_secret
    with app.state.collaborators.readers() as session:
        link = session.get_one(Share, made["id"])
    for minutes, status in ((1, 200), (0, 403), (-1, 403)):
        until = utc_now() + timedelta(minutes=minutes)
        cookies = {"cookie": f"admitted={sign_pass(key, PassKind.ADMITTED, link, until)}"}
        answer = browser(app).get(f"{path}/video.mp4", headers=cookies)
        assert answer.status_code == status, minutes
    unlocked = sign_pass(key, PassKind.UNLOCKED, link, utc_now() + timedelta(hours=1))
    other_kind = browser(app).get(f"{path}/video.mp4", headers={"cookie": f"admitted={unlocked}"})
    assert other_kind.status_code == 403, "a pass for one thing opens no other"


def test_over_tls_a_pass_goes_over_tls_alone(
    settings: Settings, owner: TestClient, message: dict
) -> None:
    _, path = share(owner, message, password="open sesame")
    secure = create_app(settings.model_copy(update={"public_url": "https://video.example"}))
    with TestClient(secure, base_url="https://video.example") as stranger:
        answer = stranger.post(f"{path}/unlock", json={"password": "open sesame"})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Secure-unlocked=")
        assert "Secure" in cookie.split("; ")
        assert stranger.get(f"{path}/video.mp4").status_code == 200


def test_password_guesses_are_limited(owner: TestClient, message: dict, app: FastAPI) -> None:
    _, path = share(owner, message, password="open sesame")
    _, other = share(owner, message, password="open sesame")
    stranger = browser(app)
    guesses = [
        stranger.post(f"{path}/unlock", json={"password": f"guess {n}"}).status_code
        for n in range(12)
    ]
    assert guesses == [403] * 10 + [429] * 2
    late = stranger.post(f"{path}/unlock", json={"password": "open sesame"})
    problem_of(late, 429, "rate_limited")
    assert late.headers["retry-after"] == "60"
    assert stranger.post(f"{other}/unlock", json={"password": "open sesame"}).status_code == 204


def test_wrong_guesses_from_everywhere_are_limited_together(
    owner: TestClient, message: dict, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_routes, "WRONG_GUESSES", RateLimitItemPerHour(6))
    _, path = share(owner, message, password="open sesame")

    def guess(place: int, password: str) -> int:
        client = TestClient(app, base_url="http://localhost:55434", client=(f"10.0.0.{place}", 1))
        return client.post(f"{path}/unlock", json={"password": password}).status_code

    assert [guess(n, "open sesame") for n in range(10)] == [204] * 10, "who knows it costs nothing"
    assert [guess(n, "wrong") for n in range(8)] == [403] * 6 + [429] * 2
    assert guess(99, "open sesame") == 429


# --- expiry ---------------------------------------------------------------------------------


def test_an_expired_link_shows_nothing_to_anybody_but_the_sender(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    in_a_week = (utc_now() + timedelta(days=7)).isoformat()
    made, path = share(owner, message, expires_at=in_a_week, view_limit=5)
    stranger = browser(app)
    stranger.post(f"{path}/admit")
    assert statuses(stranger, path) == {200}
    let_expire(app, made)
    page = stranger.get(path)
    assert (page.status_code, facts_of(page)["state"]) == (410, "expired")
    assert "花子" not in page.text
    assert statuses(stranger, path, (*FILES, "state")) == {410}, "a pass does not outlive it"
    problem_of(stranger.get(f"{path}/video.mp4"), 410, "link_expired")
    problem_of(stranger.post(f"{path}/admit"), 410, "link_expired")
    assert statuses(owner, path) == {200}
    (listed,) = owner.get(f"/api/v1/messages/{message['id']}/shares").json()["items"]
    assert listed["state"] == "expired"
    change(owner, made, expires_at=None)
    assert statuses(stranger, path) == {200}


# --- view limit -----------------------------------------------------------------------------


def test_a_limit_lets_so_many_in_and_then_shows_nothing(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    made, path = share(owner, message, view_limit=2)
    first, second, third = (browser(app) for _ in range(3))
    assert facts_of(third.get(path))["needs_admission"] is True
    assert statuses(third, path, PLAYED) == {403}
    assert statuses(third, path, SEEN) == {200}, "the page shows them before play is pressed"
    problem_of(third.get(f"{path}/video.mp4"), 403, "admission_needed")
    for viewer in (first, first, second, first):
        assert viewer.post(f"{path}/admit").status_code == 204
    problem_of(third.post(f"{path}/admit"), 410, "views_spent")
    page = third.get(path)
    assert (page.status_code, facts_of(page)["state"]) == (410, "spent")
    assert statuses(third, path, (*FILES, "state")) == {410}
    assert statuses(first, path) == {200}, "who was let in may finish"
    assert facts_of(first.get(path))["needs_admission"] is False
    (listed,) = owner.get(f"/api/v1/messages/{message['id']}/shares").json()["items"]
    assert (listed["state"], listed["admissions"], listed["views"]) == ("spent", 2, 0)
    change(owner, made, view_limit=3)
    assert third.post(f"{path}/admit").status_code == 204
    assert statuses(third, path) == {200}


def test_a_link_without_limit_counts_nobody_until_it_has_one(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    made, path = share(owner, message)
    assert [browser(app).post(f"{path}/admit").status_code for _ in range(3)] == [204] * 3
    assert change(owner, made, view_limit=1)["admissions"] == 0
    assert browser(app).post(f"{path}/admit").status_code == 204
    assert change(owner, made, view_limit=None)["admissions"] == 0


def test_a_hundred_at_once_on_a_limit_of_five(owner: TestClient, message: dict, url: str) -> None:
    made, path = share(owner, message, view_limit=5)
    together = threading.Barrier(100)

    def press_play(_: int) -> tuple[int, int]:
        with httpx.Client(base_url=url, timeout=120) as viewer:
            together.wait()
            answer = viewer.post(f"{path}/admit")
            return answer.status_code, viewer.get(f"{path}/video.mp4").status_code

    with ThreadPoolExecutor(100) as crowd:
        seen = sorted(crowd.map(press_play, range(100)))
    assert seen == [(204, 200)] * 5 + [(410, 410)] * 95
    (listed,) = owner.get(f"/api/v1/messages/{message['id']}/shares").json()["items"]
    assert (listed["id"], listed["admissions"]) == (made["id"], 5)


# --- download -------------------------------------------------------------------------------


def test_a_download_is_the_senders_to_allow(owner: TestClient, message: dict, app: FastAPI) -> None:
    made, path = share(owner, message)
    stranger = browser(app)
    assert facts_of(stranger.get(path))["allow_download"] is False
    problem_of(stranger.get(f"{path}/video.mp4?download=1"), 403, "download_off")
    change(owner, made, allow_download=True)
    saved = stranger.get(f"{path}/video.mp4?download=1")
    assert (saved.status_code, saved.content) == (200, VIDEO)
    assert saved.headers["content-disposition"].startswith("attachment;")


WORDS = ("captions.vtt?download=1", "captions.srt", "transcript.txt")
SPOKEN = "WEBVTT\n\n00:00:00.400 --> 00:00:01.500\nおはよう。\n".encode()


def say(app: FastAPI, message: dict, words: bytes = SPOKEN) -> None:
    app.state.collaborators.storage.write(f"messages/{message['id']}/1/captions.vtt", words)


def test_words_are_saved_where_the_sender_allows_it(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    say(app, message)
    made, path = share(owner, message)
    stranger = browser(app)
    assert facts_of(stranger.get(path))["has_words"] is False
    for name in WORDS:
        problem_of(stranger.get(f"{path}/{name}"), 403, "download_off")
    change(owner, made, allow_download=True)
    assert facts_of(stranger.get(path))["has_words"] is True
    assert stranger.get(f"{path}/state").json()["has_words"] is True
    webvtt, subrip, transcript = (stranger.get(f"{path}/{name}") for name in WORDS)
    assert webvtt.content == SPOKEN
    assert "00:00:00,400 --> 00:00:01,500\nおはよう。" in subrip.text
    assert transcript.text.strip() == "おはよう。"
    video = stranger.get(f"{path}/video.mp4?download=1")
    for answer in (webvtt, subrip, transcript):
        assert answer.headers["content-disposition"].startswith("attachment;")
        for name in ("x-content-type-options", "content-security-policy", "cache-control"):
            assert answer.headers.get(name) == video.headers.get(name), name


def test_words_ask_for_the_same_passes_as_the_video(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    say(app, message)
    _, path = share(owner, message, password="open sesame", view_limit=1, allow_download=True)
    stranger = browser(app)
    assert statuses(stranger, path, WORDS) == {403}
    stranger.post(f"{path}/unlock", json={"password": "open sesame"})
    assert statuses(stranger, path, WORDS) == {403}
    stranger.post(f"{path}/admit")
    assert statuses(stranger, path, WORDS) == {200}


def test_where_nothing_is_said_no_words_are_offered(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    say(app, message, b"WEBVTT\n")
    _, path = share(owner, message, allow_download=True)
    assert facts_of(browser(app).get(path))["has_words"] is False
    for name in WORDS:
        problem_of(browser(app).get(f"{path}/{name}"), 404, "not_found")
    assert browser(app).get(f"{path}/captions.vtt").status_code == 200


# --- the sender, other sites ----------------------------------------------------------------


def test_the_sender_sees_everything_and_another_account_does_not(
    owner: TestClient, guest: TestClient, message: dict
) -> None:
    _, path = share(owner, message, password="open sesame", view_limit=1)
    facts = facts_of(owner.get(path))
    assert (facts["is_sender"], facts["needs_admission"]) == (True, False)
    assert statuses(owner, path) == {200}
    assert owner.post(f"{path}/admit").status_code == 204
    assert "admitted" not in owner.cookies
    (listed,) = owner.get(f"/api/v1/messages/{message['id']}/shares").json()["items"]
    assert listed["admissions"] == 0
    assert statuses(guest, path) == {403}


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}]
)
def test_another_site_sends_nothing_for_a_visitor(
    owner: TestClient, message: dict, app: FastAPI, headers: dict
) -> None:
    _, path = share(owner, message, view_limit=1)
    for method, place, body in (
        ("POST", "unlock", {"password": "x"}),
        ("POST", "admit", None),
        ("POST", "events", {"kind": "opened"}),
        ("POST", "reactions", {"emoji": "👍"}),
        ("DELETE", "reactions/👍", None),
        ("POST", "replies", {"text": "x"}),
        ("POST", "uploads", {"kind": "audio", "filename": "x", "size_bytes": 1}),
    ):
        answer = browser(app).request(method, f"{path}/{place}", json=body, headers=headers)
        problem_of(answer, 403, "origin_forbidden")
    (listed,) = owner.get(f"/api/v1/messages/{message['id']}/shares").json()["items"]
    assert (listed["admissions"], listed["stats"]["opened"]) == (0, 0)


def test_only_json_is_taken_and_little_of_it(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    stranger = browser(app)
    text = {"content-type": "text/plain"}
    sent = stranger.post(f"{path}/replies", content=b'{"text": "x"}', headers=text)
    assert sent.status_code == 422
    large = stranger.post(f"{path}/replies", json={"text": "x" * 40_000})
    problem_of(large, 413, "media_too_large")
    endless = stranger.post(f"{path}/replies", content=iter([b"{}"]))
    problem_of(endless, 413, "media_too_large")


def test_a_link_with_two_rules_keeps_both(owner: TestClient, message: dict, app: FastAPI) -> None:
    made, path = share(owner, message, password="open sesame", view_limit=1)
    stranger = browser(app)
    problem_of(stranger.post(f"{path}/admit"), 403, "password_needed")
    stranger.post(f"{path}/unlock", json={"password": "open sesame"})
    assert statuses(stranger, path, PLAYED) == {403}
    stranger.post(f"{path}/admit")
    assert statuses(stranger, path, PLAYED) == {200}
    change(owner, made, password="another one")
    assert statuses(stranger, path, PLAYED) == {403}, "a new password is asked for again"
    assert path_of(made) == path
