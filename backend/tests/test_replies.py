"""What recipients answer without an account: text, or a recording; and that none of it stays."""

import wave
from io import BytesIO
from pathlib import Path
from unittest.mock import Mock

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from backend.db import utc_now
from backend.jobs import sweeps
from backend.jobs.engine import RenderQueue
from backend.media.tests.material import LIVE_WEBM, film
from backend.settings import Settings
from backend.shares import replies
from backend.tests.conftest import PASSWORD, browser
from backend.tests.samples import upload
from backend.tests.test_accounts import problem_of
from backend.tests.test_deleted_bytes import SECRET, files_with
from backend.tests.test_messages import BASE_VOICE, draft, finish, render
from backend.tests.test_shares import message, path_of, share
from backend.uploads.models import Upload
from backend.uploads.service import delete_forgotten

__all__ = ["message"]  # a fixture

EVIL = '<script>alert(1)</script>"&\r\nBcc: everybody@example.com'


def silence(seconds: float) -> bytes:
    """Return a mono WAV of so many seconds."""
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8_000)
        sound.writeframes(bytes([128, 129]) * int(seconds * 4_000))
    return file.getvalue()


def send_parts(client: TestClient, path: str, content: bytes, kind: str = "audio"):
    """Send a recording in parts as a recipient; return the answer to `complete`."""
    body = {"kind": kind, "filename": "reply", "size_bytes": len(content)}
    made = client.post(f"{path}/uploads", json=body)
    assert made.status_code == 201, made.text
    place, size = f"{path}/uploads/{made.json()['id']}", made.json()["part_size_bytes"]
    for number in range(1, -(-len(content) // size) + 1):
        wanted = client.post(f"{place}/parts", json={"number": number}).json()
        put = client.put(wanted["url"], content=content[(number - 1) * size : number * size])
        assert put.status_code == 200, put.text
    return client.post(f"{place}/complete")


def replies_to(owner: TestClient, message: dict) -> list[dict]:
    return owner.get(f"/api/v1/messages/{message['id']}/audience").json()["replies"]


# --- text -----------------------------------------------------------------------------------


def test_a_text_is_kept_letter_by_letter_and_a_name_on_one_line(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    made, path = share(owner, message)
    sent = browser(app).post(f"{path}/replies", json={"name": EVIL, "text": f" {EVIL} "})
    assert (sent.status_code, sent.json()["kind"]) == (201, "text")
    (reply,) = replies_to(owner, message)
    assert (reply["id"], reply["share_id"]) == (sent.json()["id"], made["id"])
    assert reply["text"] == EVIL
    assert reply["name"] == '<script>alert(1)</script>"& Bcc: everybody@example.com'
    assert reply["content_url"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \n\u3000"}, "text"),
        ({"text": "\0"}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"text": "x", "name": "x" * 101}, "name"),
        ({"text": "x", "upload_id": "upl_1"}, "text"),
        ({"text": 7}, "text"),
        ({"text": "x", "name": 7}, "name"),
    ],
)
def test_what_is_no_reply_is_refused(
    owner: TestClient, message: dict, app: FastAPI, body: dict, field: str
) -> None:
    _, path = share(owner, message)
    answer = browser(app).post(f"{path}/replies", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert replies_to(owner, message) == []


@pytest.mark.parametrize("name", [None, "", " \r\n", "\0"])
def test_a_name_may_be_left_out(
    owner: TestClient, message: dict, app: FastAPI, name: str | None
) -> None:
    _, path = share(owner, message)
    body = {"text": "x", "name": name}
    assert browser(app).post(f"{path}/replies", json=body).status_code == 201
    assert replies_to(owner, message)[0]["name"] is None


def test_replies_may_be_switched_off(owner: TestClient, message: dict, app: FastAPI) -> None:
    _, path = share(owner, message, allow_replies=False)
    body = {"kind": "audio", "filename": "x", "size_bytes": 1}
    for place, sent in (("replies", {"text": "x"}), ("uploads", body)):
        problem_of(browser(app).post(f"{path}/{place}", json=sent), 403, "replies_off")


def test_replies_are_limited_by_the_minute_and_by_the_link(
    owner: TestClient, message: dict, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = share(owner, message)
    stranger = browser(app)
    answers = [stranger.post(f"{path}/replies", json={"text": "x"}).status_code for _ in range(7)]
    assert answers == [201] * 5 + [429] * 2
    monkeypatch.setattr(replies, "MAX_REPLIES", 5)
    another = TestClient(app, base_url="http://localhost:55434", client=("10.0.0.9", 1))
    problem_of(another.post(f"{path}/replies", json={"text": "x"}), 409, "conflict_state")


# --- recordings -----------------------------------------------------------------------------


def test_a_voice_reply_goes_the_way_of_every_upload(
    owner: TestClient, message: dict, app: FastAPI, recording: Path
) -> None:
    _, path = share(owner, message)
    guest = browser(app)
    complete = send_parts(guest, path, recording.read_bytes())
    assert complete.status_code == 200, complete.text
    upload_id = complete.json()["id"]
    assert complete.json()["content_url"] is None
    assert guest.get(f"{path}/uploads/{upload_id}").json()["state"] == "complete"
    sent = guest.post(f"{path}/replies", json={"name": "祖母", "upload_id": upload_id})
    assert (sent.status_code, sent.json()["kind"]) == (201, "audio")
    (reply,) = replies_to(owner, message)
    assert (reply["kind"], reply["name"], reply["content_type"]) == ("audio", "祖母", "audio/wav")
    assert reply["duration_s"] == pytest.approx(complete.json()["audio"]["duration_s"])
    heard = owner.get(reply["content_url"])
    assert (heard.headers["content-type"], heard.content[:4]) == ("audio/wav", b"RIFF")
    part = owner.get(reply["content_url"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")
    again = guest.post(f"{path}/replies", json={"upload_id": upload_id})
    problem_of(again, 422, "recording_unready", "upload_id")
    problem_of(guest.delete(f"{path}/uploads/{upload_id}"), 409, "conflict_state")


def test_a_guests_recording_is_nobodys_to_use(
    owner: TestClient, message: dict, app: FastAPI, recording: Path
) -> None:
    """Not as a voice sample of the sender's, not through another link, not as an own upload."""
    _, path = share(owner, message)
    _, other = share(owner, message)
    guest = browser(app)
    upload_id = send_parts(guest, path, recording.read_bytes()).json()["id"]
    body = {
        "name": "x", "language": "ja", "upload_id": upload_id,
        "consent": {"accepted": True, "text": "この声は私の声です。"},
    }  # fmt: skip
    problem_of(owner.post("/api/v1/voices", json=body), 404, "not_found")
    for method, place in (("GET", ""), ("GET", "/content"), ("POST", "/complete"), ("DELETE", "")):
        answer = owner.request(method, f"/api/v1/uploads/{upload_id}{place}")
        assert answer.status_code == 404, (method, place)
    for method, place in (("GET", ""), ("POST", "/complete"), ("DELETE", "")):
        answer = guest.request(method, f"{other}/uploads/{upload_id}{place}")
        assert answer.status_code == 404, (method, place)
    problem_of(guest.post(f"{other}/replies", json={"upload_id": upload_id}), 404, "not_found")
    assert guest.delete(f"{path}/uploads/{upload_id}").status_code == 204


def test_the_senders_own_upload_is_no_reply(
    owner: TestClient, message: dict, app: FastAPI, recording: Path
) -> None:
    _, path = share(owner, message)
    own = upload(owner, "audio", recording.read_bytes())["id"]
    assert browser(app).get(f"{path}/uploads/{own}").status_code == 404
    refused = browser(app).post(f"{path}/replies", json={"upload_id": own})
    problem_of(refused, 404, "not_found")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"kind": "photo", "size_bytes": 10}, 422, "kind"),
        ({"kind": "audio", "size_bytes": 200_000_001}, 413, "audio"),
        ({"kind": "audio", "size_bytes": 0}, 422, "audio"),
        ({"kind": "executable", "size_bytes": 10}, 422, "kind"),
    ],
)
def test_what_is_no_recording_is_refused_before_it_is_sent(
    owner: TestClient, message: dict, app: FastAPI, body: dict, status: int, field: str
) -> None:
    _, path = share(owner, message)
    answer = browser(app).post(f"{path}/uploads", json={"filename": "x", **body})
    assert answer.status_code == status
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("content", "code"),
    [(silence(181), "media_too_long"), (b"#EXTM3U\nfile:///etc/passwd\n", "media_unreadable")],
)
def test_a_recording_that_will_not_do_leaves_nothing(
    owner: TestClient, message: dict, app: FastAPI, settings: Settings, content: bytes, code: str
) -> None:
    _, path = share(owner, message)
    before = sorted((settings.storage_root / "uploads").iterdir())
    problem_of(send_parts(browser(app), path, content), 422, code)
    assert sorted((settings.storage_root / "uploads").iterdir()) == before


def test_a_sender_without_room_is_told_to_the_guest_as_theirs(
    owner: TestClient, message: dict, app: FastAPI, settings: Settings
) -> None:
    """A guest can delete nothing of the sender's, and is told what can be done instead."""
    _, path = share(owner, message)
    stranger = browser(app)
    body = {"kind": "audio", "filename": "reply", "size_bytes": 10}
    made = stranger.post(f"{path}/uploads", json=body).json()
    part = stranger.post(f"{path}/uploads/{made['id']}/parts", json={"number": 1}).json()
    with app.state.collaborators.sessions.begin() as session:
        held = session.scalars(select(Upload).where(Upload.id == message["photo_upload_id"])).one()
        held.content_bytes = settings.upload_quota_bytes
    for refused in (
        stranger.post(f"{path}/uploads", json=body),
        stranger.put(part["url"], content=b"0123456789"),
    ):
        problem_of(refused, 413, "quota_reached")
        [error] = refused.json()["errors"]
        assert "Delete" not in error["fix"]
    written = stranger.post(f"{path}/replies", json={"text": "Danke"})
    assert written.status_code == 201, "in writing it goes on"


def test_a_recording_of_three_minutes_is_not_too_long(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    assert send_parts(browser(app), path, silence(179.5)).status_code == 200


def test_recordings_that_are_never_sent_do_not_pile_up(
    owner: TestClient, message: dict, app: FastAPI, settings: Settings
) -> None:
    _, path = share(owner, message)
    body = {"kind": "audio", "filename": "x", "size_bytes": 10}

    def begin(place: int) -> int:
        client = TestClient(app, base_url="http://localhost:55434", client=(f"10.0.0.{place}", 1))
        return client.post(f"{path}/uploads", json=body).status_code

    answers = [begin(place // 5) for place in range(21)]
    assert answers == [201] * 20 + [409]
    parts = app.state.collaborators
    with parts.sessions.begin() as session:
        session.execute(update(Upload).values(expires_at=utc_now()))
    delete_forgotten(parts.sessions, parts.storage, set())
    assert begin(9) == 201


def test_the_sweep_leaves_a_reply_its_recording(
    owner: TestClient, message: dict, app: FastAPI, recording: Path
) -> None:
    _, path = share(owner, message)
    guest = browser(app)
    sent, unsent = (send_parts(guest, path, recording.read_bytes()).json()["id"] for _ in "12")
    guest.post(f"{path}/replies", json={"upload_id": sent})
    parts = app.state.collaborators
    with parts.sessions.begin() as session:
        session.execute(update(Upload).values(expires_at=utc_now()))
    queue = Mock(spec=RenderQueue)  # which has nothing to forget here
    sweeps.tidy(parts.sessions, parts.storage, parts.speech, queue)
    (reply,) = replies_to(owner, message)
    assert owner.get(reply["content_url"]).status_code == 200
    assert guest.get(f"{path}/uploads/{unsent}").status_code == 404


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of a browser's camera."""
    path = tmp_path_factory.mktemp("take") / "take.webm"
    film(path, 2.0, *LIVE_WEBM, size="320x180")
    return path.read_bytes()


def test_a_video_reply_is_recorded_without_knowing_its_end(
    owner: TestClient, message: dict, app: FastAPI, take: bytes
) -> None:
    _, path = share(owner, message)
    guest = browser(app)
    begun = {"kind": "video", "filename": "take.webm", "size_bytes": None}
    place = f"{path}/uploads/{guest.post(f'{path}/uploads', json=begun).json()['id']}"
    wanted = guest.post(f"{place}/parts", json={"number": 1}).json()
    assert guest.put(wanted["url"], content=take).status_code == 200
    problem_of(guest.post(f"{place}/complete"), 422, "upload_size_missing", "size_bytes")
    done = guest.post(f"{place}/complete", json={"size_bytes": len(take)})
    assert done.status_code == 200, done.text
    assert (done.json()["video"]["stream_type"], done.json()["content_url"]) == ("video/webm", None)
    sent = guest.post(f"{path}/replies", json={"upload_id": done.json()["id"]})
    assert sent.json()["kind"] == "video"
    (reply,) = replies_to(owner, message)
    assert (reply["kind"], reply["content_type"]) == ("video", "video/webm")
    shown = owner.get(reply["content_url"])
    assert (shown.headers["content-type"], shown.content[:4]) == ("video/webm", b"\x1aE\xdf\xa3")
    assert owner.delete(f"/api/v1/replies/{reply['id']}").status_code == 204
    assert uploads_of_guests(app) == []


def test_a_live_reply_has_no_part_beyond_what_it_may_weigh(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    _, path = share(owner, message)
    guest = browser(app)
    begun = {"kind": "video", "filename": "take.webm", "size_bytes": None}
    place = f"{path}/uploads/{guest.post(f'{path}/uploads', json=begun).json()['id']}"
    assert guest.post(f"{place}/parts", json={"number": 190}).status_code == 200
    beyond = guest.post(f"{place}/parts", json={"number": 192})
    problem_of(beyond, 413, "media_too_large", "video")


def test_a_message_of_a_guests_recording_is_not_made_and_takes_none_along(
    owner: TestClient, message: dict, app: FastAPI, take: bytes
) -> None:
    _, path = share(owner, message)
    sent = send_parts(browser(app), path, take, kind="video").json()["id"]
    for field in ("photo_upload_id", "recording_upload_id", "music_upload_id"):
        own = owner.post("/api/v1/messages", json={"kind": "recording", field: sent}).json()
        assert owner.post(f"/api/v1/messages/{own['id']}/render").status_code == 422
        owner.delete(f"/api/v1/messages/{own['id']}")
    assert uploads_of_guests(app) == [sent]


# --- deletion -------------------------------------------------------------------------------


@pytest.fixture
def answered(owner: TestClient, message: dict, app: FastAPI, recording: Path) -> dict:
    """A message with a text and a recording as replies, and a recording that was not sent."""
    _, path = share(owner, message, label=SECRET)
    guest = browser(app)
    guest.post(f"{path}/replies", json={"name": SECRET, "text": SECRET})
    sent, _unsent = (send_parts(guest, path, recording.read_bytes()).json()["id"] for _ in "12")
    guest.post(f"{path}/replies", json={"upload_id": sent})
    guest.post(f"{path}/reactions", json={"emoji": "🎉"})
    return message


def uploads_of_guests(app: FastAPI) -> list[str]:
    with app.state.collaborators.readers() as session:
        return list(session.scalars(select(Upload.id).where(Upload.guest_of.is_not(None))))


def test_a_deleted_reply_leaves_no_bytes(
    owner: TestClient, answered: dict, app: FastAPI, settings: Settings
) -> None:
    recorded, text = replies_to(owner, answered)
    for reply in (recorded, text):
        assert owner.delete(f"/api/v1/replies/{reply['id']}").status_code == 204
        problem_of(owner.delete(f"/api/v1/replies/{reply['id']}"), 404, "not_found")
    assert replies_to(owner, answered) == []
    assert owner.get(recorded["content_url"]).status_code == 404
    (unsent,) = uploads_of_guests(app)
    photo = answered["photo_upload_id"]
    left = {entry.name for entry in (settings.storage_root / "uploads").iterdir()}
    assert left == {photo, unsent}
    (link,) = owner.get(f"/api/v1/messages/{answered['id']}/shares").json()["items"]
    assert owner.patch(f"/api/v1/shares/{link['id']}", json={"label": " "}).status_code == 200
    owner.delete(f"/api/v1/messages/{draft(owner)['id']}")  # folds the label's change as well
    if settings.database.startswith("sqlite"):
        assert files_with(settings.data_dir, SECRET) == []


def test_a_deleted_message_takes_its_replies_along(
    owner: TestClient, answered: dict, app: FastAPI, settings: Settings
) -> None:
    assert len(uploads_of_guests(app)) == 2
    assert owner.delete(f"/api/v1/messages/{answered['id']}").status_code == 204
    assert uploads_of_guests(app) == []
    assert list((settings.storage_root / "uploads").iterdir()) == []
    if settings.database.startswith("sqlite"):
        assert files_with(settings.data_dir, SECRET) == []
    with app.state.collaborators.engine.connect() as connection:
        for table in ("shares", "audiences", "viewers", "reactions", "replies"):
            assert connection.exec_driver_sql(f"select * from {table}").fetchall() == [], table


def test_a_closed_account_takes_its_replies_along(
    guest: TestClient, app: FastAPI, photo: Path, recording: Path, settings: Settings
) -> None:
    picture = upload(guest, "photo", photo.read_bytes())["id"]
    own = draft(guest, script="やあ。", voice=BASE_VOICE, photo_upload_id=picture)
    render(guest, own)
    finish(app, own)
    made = guest.post(f"/api/v1/messages/{own['id']}/shares").json()
    recipient = browser(app)
    sent = send_parts(recipient, path_of(made), recording.read_bytes()).json()["id"]
    recipient.post(f"{path_of(made)}/replies", json={"name": SECRET, "upload_id": sent})
    gone = guest.request("DELETE", "/api/v1/accounts/me", json={"password": PASSWORD})
    assert gone.status_code == 204
    assert uploads_of_guests(app) == []
    assert list((settings.storage_root / "uploads").iterdir()) == []
    if settings.database.startswith("sqlite"):
        assert files_with(settings.data_dir, SECRET) == []
