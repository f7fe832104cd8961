"""Drafts that keep what was typed, renders that are checked, progress that is replayed."""

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.jobs.models import OutboxEntry
from backend.media.fonts import find_font
from backend.messages import making, service
from backend.messages.models import Message
from backend.problems import Problem
from backend.tests.samples import upload
from backend.tests.test_accounts import problem_of

BASE_VOICE = "open_jtalk:mei_normal"
VIDEO = bytes(range(256)) * 40


def draft(client: TestClient, **fields: object) -> dict:
    response = client.post("/api/v1/messages", json=fields)
    assert response.status_code == 201, response.text
    return response.json()


@pytest.fixture
def complete(owner: TestClient, photo: Path) -> dict:
    made = upload(owner, "photo", photo.read_bytes())
    return draft(
        owner, title="誕生日: 花子/太郎", script="おめでとう。", language="ja",
        voice=BASE_VOICE, photo_upload_id=made["id"],
    )  # fmt: skip


def render(client: TestClient, message: dict):
    return client.post(f"/api/v1/messages/{message['id']}/render")


@pytest.mark.parametrize(
    ("body", "is_bulk"),
    [(None, False), ({}, False), ({"priority": "personal"}, False), ({"priority": "bulk"}, True)],
)
def test_a_bulk_order_is_kept_as_one(
    app: FastAPI, owner: TestClient, complete: dict, body: dict | None, is_bulk: bool
) -> None:
    answer = owner.post(f"/api/v1/messages/{complete['id']}/render", json=body)
    assert answer.status_code == 202
    with app.state.collaborators.readers() as session:
        assert session.scalars(select(OutboxEntry.is_bulk)).all() == [is_bulk]


def test_an_urgency_that_is_none_names_the_field(owner: TestClient, complete: dict) -> None:
    path = f"/api/v1/messages/{complete['id']}/render"
    answer = owner.post(path, json={"priority": "now"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["priority"]


def finish(app: FastAPI, message: dict, attempt: int = 1) -> None:
    """Do what a worker does, with a stand-in for the files."""
    parts = app.state.collaborators
    facts = making.SpokenFacts("world", BASE_VOICE, None)
    for name in ("video.mp4", "poster.jpg", "captions.vtt"):
        parts.storage.write(f"messages/{message['id']}/{attempt}/{name}", VIDEO)
    for step in (
        lambda s: making.begin_speaking(s, message["id"], attempt),
        lambda s: making.record_progress(s, message["id"], attempt, "speaking", 40.0, 2.0),
        lambda s: making.begin_composing(s, message["id"], attempt, facts),
        lambda s: making.finish_message(s, message["id"], attempt, making.MadeFiles(3.2)),
    ):
        with parts.sessions.begin() as session:
            assert step(session)


def test_a_draft_keeps_whatever_is_typed(owner: TestClient) -> None:
    message = draft(owner)
    assert (message["state"], message["script"], message["aspect"]) == ("draft", "", "16:9")
    long = "あ🎉\r\n<b>" * 2_000
    changed = owner.patch(f"/api/v1/messages/{message['id']}", json={"script": long}).json()
    assert changed["script"] == long
    again = owner.patch(f"/api/v1/messages/{message['id']}", json={"title": "t"}).json()
    assert (again["title"], again["script"]) == ("t", long)


def test_a_million_characters_are_too_many_even_for_a_draft(owner: TestClient) -> None:
    message = draft(owner, script="kept")
    body = {"script": "x" * 1_000_000}
    refused = owner.patch(f"/api/v1/messages/{message['id']}", json=body)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["script"]
    assert owner.get(f"/api/v1/messages/{message['id']}").json()["script"] == "kept"


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"script": " \n"}, "script_empty", "script"),
        ({"script": "あ" * 5_001}, "script_too_long", "script"),
        ({"script": "🎉🎂"}, "script_unspeakable", "script"),
        ({"language": "tlh"}, "language_unknown", "language"),
        ({"aspect": "4:3"}, "aspect_unknown", "aspect"),
        ({"script": "あ" * 100_000}, "script_too_long", "script"),
        ({"voice": None}, "voice_unknown", "voice"),
        ({"voice": "open_jtalk:nobody"}, "voice_unknown", "voice"),
        ({"voice": "voc_00000000000000000000000000"}, "voice_unknown", "voice"),
        ({"photo_upload_id": None}, "photo_missing", "photo"),
    ],
)
def test_what_cannot_be_rendered_is_named(
    owner: TestClient, complete: dict, change: dict, code: str, field: str
) -> None:
    owner.patch(f"/api/v1/messages/{complete['id']}", json=change)
    problem_of(render(owner, complete), 422, code, field)
    assert owner.get(f"/api/v1/messages/{complete['id']}").json()["state"] == "draft"


def test_everything_that_lacks_is_named_at_once(owner: TestClient) -> None:
    refused = render(owner, draft(owner))
    assert [e["field"] for e in refused.json()["errors"]] == ["script", "voice", "photo"]


def test_a_render_is_accepted_once_however_often_it_is_asked(
    owner: TestClient, complete: dict, app: FastAPI
) -> None:
    assert [render(owner, complete).status_code for _ in range(3)] == [202, 202, 202]
    with app.state.collaborators.readers() as session:
        assert len(session.scalars(select(OutboxEntry)).all()) == 1
    assert owner.get(f"/api/v1/messages/{complete['id']}").json()["attempt"] == 1


def test_a_message_at_work_is_not_changed(owner: TestClient, complete: dict) -> None:
    render(owner, complete)
    refused = owner.patch(f"/api/v1/messages/{complete['id']}", json={"script": "anders"})
    problem_of(refused, 409, "conflict_state")


def test_cancelled_work_does_not_become_ready(
    owner: TestClient, complete: dict, app: FastAPI
) -> None:
    render(owner, complete)
    parts = app.state.collaborators
    with parts.sessions.begin() as session:
        making.begin_speaking(session, complete["id"], 1)
    assert owner.post(f"/api/v1/messages/{complete['id']}/cancel").json()["state"] == "cancelled"
    with parts.sessions.begin() as session:
        assert not making.is_wanted(session, complete["id"], 1)
        assert not making.record_progress(session, complete["id"], 1, "speaking", 50.0)
        assert not making.finish_message(session, complete["id"], 1, making.MadeFiles(1.0))
    assert owner.get(f"/api/v1/messages/{complete['id']}").json()["state"] == "cancelled"


def test_a_failure_is_told_and_can_be_retried(
    owner: TestClient, complete: dict, app: FastAPI
) -> None:
    render(owner, complete)
    with app.state.collaborators.sessions.begin() as session:
        making.fail_message(session, complete["id"], 1, Problem("It broke."))
    failed = owner.get(f"/api/v1/messages/{complete['id']}").json()
    assert (failed["state"], failed["problem"]["detail"]) == ("failed", "It broke.")
    again = render(owner, complete).json()
    assert (again["state"], again["attempt"], again["problem"]) == ("queued", 2, None)
    with app.state.collaborators.sessions.begin() as session:
        assert not making.fail_message(session, complete["id"], 1, Problem("late")), "superseded"


def test_a_ready_message_is_duplicated_to_be_changed(
    owner: TestClient, complete: dict, app: FastAPI
) -> None:
    render(owner, complete)
    finish(app, complete)
    url = f"/api/v1/messages/{complete['id']}"
    problem_of(owner.patch(url, json={"title": "x"}), 409, "conflict_state")
    copy = owner.post(f"{url}/duplicate").json()
    assert (copy["state"], copy["script"]) == ("draft", "おめでとう。")
    assert copy["id"] != complete["id"]


def test_files_answer_to_ranges(owner: TestClient, complete: dict, app: FastAPI) -> None:
    render(owner, complete)
    finish(app, complete)
    ready = owner.get(f"/api/v1/messages/{complete['id']}").json()
    part = owner.get(ready["video_url"], headers={"Range": "bytes=100-299"})
    assert part.status_code == 206
    assert part.content == VIDEO[100:300]
    assert part.headers["content-range"] == f"bytes 100-299/{len(VIDEO)}"
    assert part.headers["content-type"] == "video/mp4"
    last = owner.get(ready["video_url"], headers={"Range": "bytes=-10"})
    assert last.content == VIDEO[-10:]
    beyond = owner.get(ready["video_url"], headers={"Range": "bytes=999999-"})
    assert beyond.status_code == 416
    types = [
        owner.get(ready[key]).headers["content-type"] for key in ("poster_url", "captions_url")
    ]
    assert types == ["image/jpeg", "text/vtt; charset=utf-8"]


def test_a_download_is_named_after_the_title(
    owner: TestClient, complete: dict, app: FastAPI
) -> None:
    render(owner, complete)
    finish(app, complete)
    answer = owner.get(f"/api/v1/messages/{complete['id']}/video?download=1")
    name = answer.headers["content-disposition"]
    assert name.startswith("attachment; filename*=utf-8''%E8%AA%95%E7%94%9F%E6%97%A5")
    assert "/" not in name.split("''")[1]


def events_of(client: TestClient, message: dict, last_event_id: str = "0") -> list[dict]:
    headers = {"Last-Event-ID": last_event_id}
    text = client.get(f"/api/v1/messages/{message['id']}/events", headers=headers).text
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("id:")]
    return [{"id": block[0][4:], **json.loads(block[2].removeprefix("data: "))} for block in blocks]


def test_progress_is_streamed_to_its_end_and_replayed_from_anywhere(
    owner: TestClient, complete: dict, app: FastAPI
) -> None:
    render(owner, complete)
    finish(app, complete)
    events = events_of(owner, complete)
    states = [event["state"] for event in events]
    assert states == ["queued", "speaking", "speaking", "composing", "ready"]
    percents = [event["percent"] for event in events]
    assert percents == sorted(percents)
    assert percents[-1] == 100.0
    assert events_of(owner, complete, events[2]["id"]) == events[3:]
    assert events_of(owner, complete, events[-1]["id"]) == []


def test_the_list_is_paged_newest_first(owner: TestClient) -> None:
    made = [draft(owner, title=str(number))["title"] for number in range(5)]
    first = owner.get("/api/v1/messages?limit=3").json()
    rest = owner.get(f"/api/v1/messages?limit=3&cursor={first['next_cursor']}").json()
    titles = [message["title"] for message in first["items"] + rest["items"]]
    assert titles == made[::-1]
    assert rest["next_cursor"] is None


def test_deleting_takes_the_files_and_the_photo_along(
    owner: TestClient, complete: dict, app: FastAPI
) -> None:
    render(owner, complete)
    finish(app, complete)
    copy = owner.post(f"/api/v1/messages/{complete['id']}/duplicate").json()
    root = app.state.collaborators.storage.root
    assert owner.delete(f"/api/v1/messages/{complete['id']}").status_code == 204
    assert not (root / "messages" / complete["id"]).exists()
    assert (root / "uploads" / complete["photo_upload_id"]).exists(), "the copy shows it too"
    owner.delete(f"/api/v1/messages/{copy['id']}")
    assert not (root / "uploads" / complete["photo_upload_id"]).exists()


def test_what_messengers_take_is_the_small_version_where_there_is_one(
    app: FastAPI, owner: TestClient, complete: dict
) -> None:
    render(owner, complete)
    finish(app, complete)
    address = f"/api/v1/messages/{complete['id']}/small"
    assert owner.get(address).content == VIDEO
    parts = app.state.collaborators
    parts.storage.write(f"messages/{complete['id']}/1/small.mp4", b"a small video")
    with parts.sessions.begin() as session:
        session.get_one(Message, complete["id"]).has_small_video = True
    assert owner.get(address).content == b"a small video"


# --- how it is staged -----------------------------------------------------------------------


def test_a_draft_keeps_how_the_video_is_to_look(owner: TestClient, complete: dict) -> None:
    wanted = {
        "more_photo_upload_ids": [complete["photo_upload_id"]] * 2,
        "background": "#1e3A5f",
        "burned_captions": "word",
        "waveform": "ring",
        "title_card": "お誕生日\nおめでとう",
        "closing_card": "See you",
    }
    plain = {"background": None, "burned_captions": "none", "waveform": "bars", "title_card": ""}
    assert plain.items() <= complete.items()
    changed = owner.patch(f"/api/v1/messages/{complete['id']}", json=wanted).json()
    assert wanted.items() <= changed.items()
    copy = owner.post(f"/api/v1/messages/{complete['id']}/duplicate").json()
    assert wanted.items() <= copy.items()


@pytest.mark.parametrize(
    "wrong",
    [
        {"background": "red"},
        {"background": "#12345"},
        {"background": "#12345g"},
        {"background": "#123456\n"},
        {"burned_captions": "letter"},
        {"waveform": "circle"},
        {"title_card": "x" * 121},
        {"closing_card": "x" * 121},
        {"more_photo_upload_ids": ["upl_x"] * 41},
        {"more_photo_upload_ids": ["x\0"]},
        {"more_photo_upload_ids": ["x" * 41]},
        {"more_photo_upload_ids": [None]},
    ],
    ids=str,
)
def test_a_look_that_there_is_not_is_refused(
    owner: TestClient, complete: dict, wrong: dict
) -> None:
    refused = owner.patch(f"/api/v1/messages/{complete['id']}", json=wrong)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].startswith(next(iter(wrong)))
    kept = owner.get(f"/api/v1/messages/{complete['id']}").json()
    assert kept[next(iter(wrong))] == complete[next(iter(wrong))]


@pytest.mark.parametrize(
    ("count", "is_order_taken"), [(11, True), (12, False), (40, False)], ids=str
)
def test_a_message_has_at_most_twelve_photos(
    owner: TestClient, complete: dict, count: int, is_order_taken: bool
) -> None:
    more = [complete["photo_upload_id"]] * count
    kept = owner.patch(f"/api/v1/messages/{complete['id']}", json={"more_photo_upload_ids": more})
    assert kept.json()["more_photo_upload_ids"] == more
    if is_order_taken:
        assert render(owner, complete).status_code == 202
    else:
        problem_of(render(owner, complete), 422, "photos_too_many", "more_photo_upload_ids")


def test_a_photo_of_nobody_or_of_another_is_missing(
    owner: TestClient, complete: dict, guest: TestClient, photo: Path
) -> None:
    theirs = upload(guest, "photo", photo.read_bytes(), "photo.jpg")["id"]
    for gone in (theirs, "upl_00000000000000000000000000"):
        change = {"more_photo_upload_ids": [gone]}
        owner.patch(f"/api/v1/messages/{complete['id']}", json=change)
        problem_of(render(owner, complete), 422, "photo_missing", "more_photo_upload_ids")


def test_a_colour_needs_no_photo(owner: TestClient, complete: dict) -> None:
    change = {"photo_upload_id": None, "background": "#000000"}
    owner.patch(f"/api/v1/messages/{complete['id']}", json=change)
    assert render(owner, complete).status_code == 202


def test_music_that_is_gone_is_named(owner: TestClient, complete: dict) -> None:
    change = {"music_upload_id": "upl_00000000000000000000000000"}
    owner.patch(f"/api/v1/messages/{complete['id']}", json=change)
    problem_of(render(owner, complete), 422, "music_missing", "music")


def test_every_photo_of_a_message_is_in_use_and_goes_with_it(
    owner: TestClient, complete: dict, photo: Path, app: FastAPI
) -> None:
    more = upload(owner, "photo", photo.read_bytes(), "photo.jpg")["id"]
    owner.patch(f"/api/v1/messages/{complete['id']}", json={"more_photo_upload_ids": [more]})
    with app.state.collaborators.readers() as session:
        assert more in service.uploads_in_use(session)
    owner.delete(f"/api/v1/messages/{complete['id']}")
    with app.state.collaborators.readers() as session:
        assert more not in service.uploads_in_use(session)
    assert owner.get(f"/api/v1/uploads/{more}").status_code == 404


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("burned_captions", {"burned_captions": "word", "script": "おめでとう، مرحبا"}),
        ("title_card", {"title_card": "שלום、みあちゃん"}),
        ("closing_card", {"closing_card": "สวัสดี"}),
    ],
)
def test_letters_without_a_shape_are_named_and_not_drawn_as_boxes(
    owner: TestClient, complete: dict, field: str, text: dict
) -> None:
    if find_font(None) is None:
        pytest.skip("no font is installed: `make run` installs one")
    kept = owner.patch(f"/api/v1/messages/{complete['id']}", json=text).json()
    answer = render(owner, complete)
    problem_of(answer, 422, "letters_undrawable", field)
    letters = answer.json()["errors"][0]["sentence"]
    assert letters
    assert all(ord(letter) in range(0x590, 0xE80) for letter in letters), "the others have one"
    assert owner.get(f"/api/v1/messages/{complete['id']}").json() == kept
    plain = {"burned_captions": "none", "title_card": "", "closing_card": "🎉おめでとう🎉"}
    owner.patch(f"/api/v1/messages/{complete['id']}", json=plain)
    assert render(owner, complete).status_code == 202


@pytest.mark.parametrize("text", [{"burned_captions": "word"}, {"title_card": "Hello"}], ids=str)
def test_text_in_the_picture_needs_a_font(
    owner: TestClient, complete: dict, text: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "find_font", lambda _named: None)
    owner.patch(f"/api/v1/messages/{complete['id']}", json=text)
    answer = render(owner, complete)
    problem_of(answer, 422, "captions_font_missing", next(iter(text)))
    assert "CAPTION_FONT" in answer.json()["errors"][0]["fix"]
    plain = {"burned_captions": "none", "title_card": " "}
    owner.patch(f"/api/v1/messages/{complete['id']}", json=plain)
    assert render(owner, complete).status_code == 202


# --- what can be taken along ----------------------------------------------------------------


def test_captions_can_be_saved_as_subrip_and_as_text(
    owner: TestClient, complete: dict, app: FastAPI
) -> None:
    address = f"/api/v1/messages/{complete['id']}"
    for name in ("captions.srt", "transcript.txt"):
        problem_of(owner.get(f"{address}/{name}"), 404, "not_found")
    render(owner, complete)
    finish(app, complete)
    cues = "WEBVTT\n\n1\n00:00:00.400 --> 00:00:01.500\nおめでとう。\n"
    storage = app.state.collaborators.storage
    storage.write(f"messages/{complete['id']}/1/captions.vtt", cues.encode())
    subrip = owner.get(f"{address}/captions.srt")
    assert subrip.text == "1\n00:00:00,400 --> 00:00:01,500\nおめでとう。\n"
    assert subrip.headers["content-type"] == "application/x-subrip; charset=utf-8"
    text = owner.get(f"{address}/transcript.txt")
    assert (text.text, text.headers["cache-control"]) == ("おめでとう。\n", "private, no-cache")
    name = "%E8%AA%95%E7%94%9F%E6%97%A5%20%20%E8%8A%B1%E5%AD%90%20%E5%A4%AA%E9%83%8E.txt"
    assert text.headers["content-disposition"] == f"attachment; filename*=utf-8''{name}"


def test_a_video_without_captions_has_an_empty_transcript(
    owner: TestClient, complete: dict, app: FastAPI
) -> None:
    render(owner, complete)
    finish(app, complete)
    key = f"messages/{complete['id']}/1/captions.vtt"
    app.state.collaborators.storage.write(key, b"WEBVTT\n")
    answer = owner.get(f"/api/v1/messages/{complete['id']}/transcript.txt")
    assert (answer.status_code, answer.text) == (200, "")


def test_nobody_else_reads_what_was_said(
    owner: TestClient, complete: dict, app: FastAPI, guest: TestClient
) -> None:
    render(owner, complete)
    finish(app, complete)
    for name in ("captions.srt", "transcript.txt"):
        problem_of(guest.get(f"/api/v1/messages/{complete['id']}/{name}"), 404, "not_found")
