"""A recording is watched through its link before its video is made, by the same guard."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.media.tests.material import LIVE_WEBM, film
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.tests.conftest import ORIGIN, browser
from backend.tests.samples import upload
from backend.tests.test_accounts import problem_of
from backend.tests.test_audience import numbers, tell
from backend.tests.test_embedding import Head
from backend.tests.test_messages import VIDEO
from backend.tests.test_shares import facts_of, share


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of a phone held upright."""
    path = tmp_path_factory.mktemp("take") / "take.webm"
    film(path, 2.0, *LIVE_WEBM, size="180x320")
    return path.read_bytes()


@pytest.fixture
def recorded(owner: TestClient, take: bytes) -> dict:
    """A recorded message whose video is still to be made."""
    made = upload(owner, "video", take)
    body = {"kind": "recording", "recording_upload_id": made["id"], "title": "Hi"}
    message = owner.post("/api/v1/messages", json=body).json()
    ordered = owner.post(f"/api/v1/messages/{message['id']}/render")
    assert ordered.status_code == 202, ordered.text
    return ordered.json()


def set_state(app: FastAPI, message: dict, state: MessageState) -> None:
    """Do what a worker does to the row."""
    with app.state.collaborators.sessions.begin() as session:
        session.get_one(Message, message["id"]).state = state


def keep_file(app: FastAPI, message: dict, name: str) -> None:
    app.state.collaborators.storage.write(f"messages/{message['id']}/1/{name}", VIDEO)


def test_the_link_plays_the_recording_at_once(
    owner: TestClient, recorded: dict, app: FastAPI
) -> None:
    _, path = share(owner, recorded)
    stranger = browser(app)
    facts = facts_of(stranger.get(path))
    assert (facts["phase"], facts["video_url"], facts["poster_url"]) == ("processing", None, None)
    assert (facts["stream_url"], facts["stream_type"]) == (f"{path}/stream", "video/webm")
    assert (facts["synthetic"], facts["width_px"], facts["height_px"]) == (False, 180, 320)
    shown = stranger.get(f"{path}/stream")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "video/webm")
    assert shown.content == owner.get(f"/api/v1/messages/{recorded['id']}/stream").content
    assert "noindex" in shown.headers["x-robots-tag"]
    part = stranger.get(f"{path}/stream", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"\x1aE\xdf\xa3")
    for name in ("video.mp4", "poster.jpg", "captions.vtt", "thumbnail.gif", "waveform.json"):
        problem_of(stranger.get(f"{path}/{name}"), 404, "not_found")
    tell(stranger, path, "played")
    assert numbers(owner, recorded) == (1, 1, 1)


def test_the_recording_loads_before_the_script_where_nothing_is_counted_or_waited_for(
    owner: TestClient, recorded: dict, app: FastAPI
) -> None:
    _, path = share(owner, recorded)
    _, limited = share(owner, recorded, view_limit=5)
    begun = f'<video data-begun hidden playsinline preload="metadata" src="{path}/stream"></video>'
    assert begun in browser(app).get(path).text
    assert "<video" not in browser(app).get(limited).text, "a limited link counts the press on play"
    keep_file(app, recorded, "video.mp4")
    set_state(app, recorded, MessageState.READY)
    assert "<video" not in browser(app).get(path).text, "the finished video waits for the press"


def test_a_page_that_waits_hears_when_the_video_is_there(
    owner: TestClient, recorded: dict, app: FastAPI
) -> None:
    _, path = share(owner, recorded)
    stranger = browser(app)
    keep_file(app, recorded, "video.mp4")
    assert stranger.get(f"{path}/state").json()["phase"] == "processing"
    problem_of(stranger.get(f"{path}/video.mp4"), 404, "not_found")
    set_state(app, recorded, MessageState.READY)
    state = stranger.get(f"{path}/state").json()
    assert (state["phase"], state["video_url"]) == ("ready", f"{path}/video.mp4")
    assert state["stream_url"] == f"{path}/stream", "who is watching it goes on"
    assert stranger.get(f"{path}/video.mp4").content == VIDEO
    head = Head(stranger.get(path).text)
    assert (head.meta("og:video:width"), head.meta("og:video:height")) == (["180"], ["320"])
    assert (head.meta("twitter:player:width"), head.meta("twitter:player:height")) == (
        ["360"], ["640"],
    )  # fmt: skip


def test_a_video_that_could_not_be_made_leaves_the_recording(
    owner: TestClient, recorded: dict, app: FastAPI
) -> None:
    _, path = share(owner, recorded)
    set_state(app, recorded, MessageState.FAILED)
    state = browser(app).get(f"{path}/state").json()
    assert (state["phase"], state["stream_url"]) == ("failed", f"{path}/stream")
    set_state(app, recorded, MessageState.CANCELLED)
    assert browser(app).get(path).status_code == 404


def test_the_stream_refuses_what_the_page_refuses(
    owner: TestClient, recorded: dict, app: FastAPI
) -> None:
    guarded, path = share(owner, recorded, password="open sesame", view_limit=1)
    stranger = browser(app)
    problem_of(stranger.get(f"{path}/stream"), 403, "password_needed")
    stranger.post(f"{path}/unlock", json={"password": "open sesame"})
    problem_of(stranger.get(f"{path}/stream"), 403, "admission_needed")
    stranger.post(f"{path}/admit")
    assert stranger.get(f"{path}/stream").status_code == 200
    problem_of(browser(app).get(f"{path}/stream"), 410, "views_spent")
    owner.delete(f"/api/v1/shares/{guarded['id']}")
    problem_of(stranger.get(f"{path}/stream"), 404, "not_found")


def test_what_was_cut_is_not_shown_through_a_link(
    owner: TestClient, app: FastAPI, take: bytes
) -> None:
    body = {"kind": "recording", "recording_upload_id": upload(owner, "video", take)["id"]}
    message = owner.post("/api/v1/messages", json=body | {"trim_start_s": 1.0}).json()
    assert owner.post(f"/api/v1/messages/{message['id']}/render").status_code == 202
    refused = owner.post(f"/api/v1/messages/{message['id']}/shares")
    problem_of(refused, 409, "conflict_state")
    set_state(app, message, MessageState.READY)
    keep_file(app, message, "video.mp4")
    _, path = share(owner, message)
    assert facts_of(browser(app).get(path))["stream_url"] is None
    problem_of(browser(app).get(f"{path}/stream"), 404, "not_found")


def test_an_unready_recording_is_embedded_without_a_picture(
    owner: TestClient, recorded: dict, app: FastAPI
) -> None:
    made, path = share(owner, recorded)
    told = browser(app).get("/oembed", params={"url": made["url"]}).json()
    assert (told["width"], told["height"]) == (360, 640)
    assert "thumbnail_url" not in told
    assert Head(browser(app).get(path).text).meta("og:image") == []
    assert f"{ORIGIN}{path}/embed" in told["html"]
    assert Path(path).name not in str(told["title"])
