"""Who is counted, and who is not: docs/decisions/0007."""

import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx_sse import ServerSentEvent, connect_sse
from sqlalchemy import select, update

from backend.db import utc_now
from backend.shares import audience
from backend.shares.models import Audience, Viewer
from backend.tests.conftest import browser
from backend.tests.test_accounts import problem_of
from backend.tests.test_share_rules import FILES
from backend.tests.test_shares import facts_of, message, share

__all__ = ["message"]  # a fixture

NOTHING = {"opened": 0, "views": 0, "viewers": 0, "quarters": [0] * 4, "reactions": 0, "replies": 0}


def tell(client: TestClient, path: str, kind: str, **more: object) -> None:
    answer = client.post(f"{path}/events", json={"kind": kind, **more})
    assert answer.status_code == 204, answer.text


def audience_of(owner: TestClient, message: dict) -> dict:
    return owner.get(f"/api/v1/messages/{message['id']}/audience").json()


def numbers(owner: TestClient, message: dict) -> tuple[int, int, int]:
    seen = audience_of(owner, message)
    return seen["opened"], seen["views"], seen["viewers"]


def let_time_pass(app: FastAPI, minutes: int) -> None:
    before = utc_now() - timedelta(minutes=minutes)
    with app.state.collaborators.sessions.begin() as session:
        seen = Viewer.last_viewed_at.is_not(None)
        session.execute(update(Viewer).where(seen).values(last_viewed_at=before))


# --- what counts ----------------------------------------------------------------------------


def test_what_a_viewer_does_is_seen_step_by_step(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    made, path = share(owner, message, label="祖母へ")
    viewer = browser(app)
    assert numbers(owner, message) == (0, 0, 0)
    tell(viewer, path, "opened")
    assert numbers(owner, message) == (1, 0, 0)
    tell(viewer, path, "played")
    assert numbers(owner, message) == (1, 1, 1)
    quarters = []
    for end in (12, 13, 24, 25, 37, 38, 49):
        tell(viewer, path, "progress", watched=list(range(end)))
        quarters.append(audience_of(owner, message)["quarters"])
    assert quarters == [
        [0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0],
        [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 0],
    ]  # fmt: skip
    tell(viewer, path, "ended")
    seen = audience_of(owner, message)
    assert seen["quarters"] == [1, 1, 1, 1]
    assert seen["heat"] == [1] * 50
    (of_link,) = seen["shares"]
    assert (of_link["share_id"], of_link["label"]) == (made["id"], "祖母へ")
    assert (of_link["views"], of_link["quarters"]) == (1, [1, 1, 1, 1])
    (listed,) = owner.get(f"/api/v1/messages/{message['id']}/shares").json()["items"]
    assert (listed["views"], listed["stats"]["viewers"]) == (1, 1)
    assert listed["last_viewed_at"] == of_link["last_viewed_at"]


def test_a_viewer_makes_one_view_in_half_an_hour(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    viewer = browser(app)
    for _ in range(3):
        tell(viewer, path, "opened")
        tell(viewer, path, "played")
    assert numbers(owner, message) == (1, 1, 1)
    let_time_pass(app, 29)
    tell(viewer, path, "played")
    assert numbers(owner, message) == (1, 1, 1)
    let_time_pass(app, 30)
    tell(viewer, path, "played")
    assert numbers(owner, message) == (1, 2, 1)


def test_a_viewer_is_one_at_each_link(owner: TestClient, message: dict, app: FastAPI) -> None:
    paths = [share(owner, message)[1] for _ in range(2)]
    viewer, other = browser(app), browser(app)
    for path in paths:
        tell(viewer, path, "played")
    tell(other, paths[0], "played")
    assert numbers(owner, message) == (3, 3, 3)
    views = [link["views"] for link in audience_of(owner, message)["shares"]]
    assert views == [1, 2], "newest link first"
    with app.state.collaborators.readers() as session:
        hashes = session.scalars(select(Viewer.viewer_hash)).all()
    assert len(set(hashes)) == 3, "nobody can be followed from link to link"


def test_without_cookies_a_page_load_is_a_viewer(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    for name in ("page-load-number-1", "page-load-number-1", "page-load-number-2"):
        tell(browser(app), path, "played", viewer=name)
    assert numbers(owner, message) == (2, 2, 2)
    with_cookie = browser(app)
    for name in ("page-load-number-3", "page-load-number-4"):
        tell(with_cookie, path, "played", viewer=name)
    assert numbers(owner, message) == (3, 3, 3)


def test_the_heat_strip_shows_how_many_watched_each_stretch(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    first, second, third = (browser(app) for _ in range(3))
    for viewer in (first, second):
        tell(viewer, path, "played")
    tell(first, path, "progress", watched=[0, 1, 2])
    tell(first, path, "progress", watched=[2, 3])
    tell(second, path, "progress", watched=[2, 49])
    tell(third, path, "progress", watched=[7])
    heat = audience_of(owner, message)["heat"]
    assert [place for place, count in enumerate(heat) if count] == [0, 1, 2, 3, 49]
    assert heat[2] == 2, "twice by one viewer is once"
    assert heat[7] == 0, "nothing was played there: no view"


# --- what does not --------------------------------------------------------------------------


def test_the_senders_own_browser_is_not_counted(owner: TestClient, message: dict) -> None:
    _, path = share(owner, message)
    for kind in ("opened", "played", "progress", "ended"):
        tell(owner, path, kind)
    assert numbers(owner, message) == (0, 0, 0)
    assert "viewer" not in owner.cookies
    refused = owner.post(f"{path}/reactions", json={"emoji": "👍"})
    problem_of(refused, 409, "own_message")
    problem_of(owner.post(f"{path}/replies", json={"text": "x"}), 409, "own_message")


def test_another_account_is_a_viewer(owner: TestClient, guest: TestClient, message: dict) -> None:
    _, path = share(owner, message)
    tell(guest, path, "played")
    assert numbers(owner, message) == (1, 1, 1)


def test_a_scanner_that_fetches_everything_is_not_counted(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    version = audience_of(owner, message)["version"]
    scanner = browser(app)
    for place in ("", "/embed", "/state", *(f"/{name}" for name in FILES)):
        assert scanner.get(f"{path}{place}").status_code in (200, 404)
        scanner.get(f"{path}{place}", headers={"Range": "bytes=0-99"})
        scanner.head(f"{path}{place}")
    assert dict(scanner.cookies) == {}
    (listed,) = owner.get(f"/api/v1/messages/{message['id']}/shares").json()["items"]
    assert listed["stats"] == NOTHING
    assert audience_of(owner, message)["version"] == version


def test_what_may_not_be_watched_is_not_counted(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message, password="open sesame", view_limit=1)
    stranger = browser(app)
    told = {"kind": "played"}
    problem_of(stranger.post(f"{path}/events", json=told), 403, "password_needed")
    stranger.post(f"{path}/unlock", json={"password": "open sesame"})
    assert stranger.post(f"{path}/events", json={"kind": "opened"}).status_code == 204
    problem_of(stranger.post(f"{path}/events", json=told), 403, "admission_needed")
    stranger.post(f"{path}/admit")
    assert stranger.post(f"{path}/events", json=told).status_code == 204
    assert numbers(owner, message) == (1, 1, 1)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"kind": "hacked"}, "kind"),
        ({"kind": "progress", "watched": [50]}, "watched.0"),
        ({"kind": "progress", "watched": [-1]}, "watched.0"),
        ({"kind": "progress", "watched": [0] * 51}, "watched"),
        ({"kind": "played", "viewer": "short"}, "viewer"),
        ({"kind": "played", "viewer": "x" * 65}, "viewer"),
        ({"kind": "played", "viewer": "a;b\r\nSet-Cookie: x=y"}, "viewer"),
    ],
)
def test_a_made_up_event_is_refused(
    owner: TestClient, message: dict, app: FastAPI, told: dict, field: str
) -> None:
    _, path = share(owner, message)
    answer = browser(app).post(f"{path}/events", json=told)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert numbers(owner, message) == (0, 0, 0)


def test_events_are_limited_and_viewers_kept_in_bounds(
    owner: TestClient, message: dict, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "MAX_VIEWERS", 3)
    _, path = share(owner, message)
    answers = [
        browser(app).post(f"{path}/events", json={"kind": "played"}).status_code for _ in range(305)
    ]
    assert answers == [204] * 300 + [429] * 5
    assert numbers(owner, message) == (3, 3, 3)


def test_nothing_of_a_viewer_is_kept_but_a_hash(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    viewer = TestClient(app, base_url="http://localhost:55434", client=("203.0.113.77", 1))
    agent = {"user-agent": "TellTale/1.0", "accept-language": "tlh"}
    assert viewer.post(f"{path}/events", json={"kind": "played"}, headers=agent).status_code == 204
    with app.state.collaborators.engine.connect() as connection:
        rows = str(connection.exec_driver_sql("select * from viewers").fetchall())
    for trace in ("203.0.113.77", "TellTale", "tlh", viewer.cookies["viewer"]):
        assert trace not in rows


# --- the first view -------------------------------------------------------------------------


def test_the_first_view_is_noted_once_for_who_tells_the_sender(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    def first_view() -> tuple:
        with app.state.collaborators.readers() as session:
            row = session.get_one(Audience, message["id"])
            return row.first_view_at, row.first_view_share_id, row.first_view_told_at

    _, unwatched = share(owner, message)
    made, path = share(owner, message)
    tell(browser(app), unwatched, "opened")
    assert first_view() == (None, None, None)
    tell(browser(app), path, "played")
    noted = first_view()
    assert noted[1:] == (made["id"], None)
    tell(browser(app), unwatched, "played")
    assert first_view() == noted


# --- live -----------------------------------------------------------------------------------


def test_the_sender_hears_of_every_change(
    owner: TestClient, message: dict, app: FastAPI, url: str
) -> None:
    _, path = share(owner, message)
    with httpx.Client(base_url=url, cookies=dict(owner.cookies), timeout=30) as client:
        events = f"/api/v1/messages/{message['id']}/audience/events"
        with connect_sse(client, "GET", events) as source:
            news: Iterator[ServerSentEvent] = source.iter_sse()
            first = next(news)
            assert (first.event, json.loads(first.data)) == ("changed", 0)
            for act in (
                lambda viewer: tell(viewer, path, "opened"),
                lambda viewer: viewer.post(f"{path}/reactions", json={"emoji": "🎉"}),
                lambda viewer: viewer.post(f"{path}/replies", json={"text": "ありがとう"}),
            ):
                act(browser(app))
                told = next(news)
                assert json.loads(told.data) == audience_of(owner, message)["version"]
            reply = audience_of(owner, message)["replies"][0]
            owner.delete(f"/api/v1/replies/{reply['id']}")
            assert int(next(news).id) == int(told.id) + 1


def test_a_deleted_message_ends_the_stream(owner: TestClient, message: dict, url: str) -> None:
    share(owner, message)
    with httpx.Client(base_url=url, cookies=dict(owner.cookies), timeout=30) as client:
        events = f"/api/v1/messages/{message['id']}/audience/events"
        with connect_sse(client, "GET", events) as source:
            news = source.iter_sse()
            next(news)
            owner.delete(f"/api/v1/messages/{message['id']}")
            assert list(news) == []


def test_a_message_without_links_has_an_audience_of_nobody(
    owner: TestClient, message: dict
) -> None:
    assert audience_of(owner, message) == {
        "version": 0, "opened": 0, "views": 0, "viewers": 0, "quarters": [0] * 4,
        "heat": [0] * 50, "reactions": [], "replies": [], "shares": [],
    }  # fmt: skip


# --- reactions ------------------------------------------------------------------------------


def test_a_viewer_reacts_once_with_each_and_takes_it_back(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    first, second = browser(app), browser(app)
    for viewer, emoji in ((first, "❤️"), (first, "❤️"), (first, "😂"), (second, "❤️")):
        answer = viewer.post(f"{path}/reactions", json={"emoji": emoji, "position_s": 1.5})
        assert answer.status_code == 201
    facts = facts_of(first.get(path))
    assert facts["reactions"] == {"❤️": 2, "😂": 1}
    assert sorted(facts["own_reactions"]) == sorted(["❤️", "😂"])
    assert facts_of(second.get(path))["own_reactions"] == ["❤️"]
    assert facts_of(browser(app).get(path))["own_reactions"] == []
    counted = audience_of(owner, message)["reactions"]
    assert counted == [{"emoji": "❤️", "count": 2}, {"emoji": "😂", "count": 1}]
    back = first.delete(f"{path}/reactions/❤️")
    assert back.json() == {"reactions": {"❤️": 1, "😂": 1}, "own_reactions": ["😂"]}
    assert browser(app).delete(f"{path}/reactions/😂").json()["reactions"] == {"❤️": 1, "😂": 1}


def test_without_cookies_a_reaction_is_the_page_loads(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    body = {"emoji": "👍", "viewer": "page-load-number-1"}
    assert browser(app).post(f"{path}/reactions", json=body).json()["own_reactions"] == ["👍"]
    other = browser(app).delete(f"{path}/reactions/👍?viewer=page-load-number-2")
    assert other.json()["reactions"] == {"👍": 1}
    own = browser(app).delete(f"{path}/reactions/👍?viewer=page-load-number-1")
    assert own.json() == {"reactions": {}, "own_reactions": []}


@pytest.mark.parametrize("emoji", ["💩", "👍👍", "<b>", "", "👍\ufe0f"])
def test_other_emoji_are_refused(
    owner: TestClient, message: dict, app: FastAPI, emoji: str
) -> None:
    _, path = share(owner, message)
    answer = browser(app).post(f"{path}/reactions", json={"emoji": emoji})
    assert [error["field"] for error in answer.json()["errors"]] == ["emoji"]


def test_reactions_may_be_switched_off(owner: TestClient, message: dict, app: FastAPI) -> None:
    _, path = share(owner, message, allow_reactions=False)
    refused = browser(app).post(f"{path}/reactions", json={"emoji": "👍"})
    problem_of(refused, 403, "reactions_off")
