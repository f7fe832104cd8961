"""The client for Python against the real app over HTTP: what integrators would lose if it broke."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, get_args, get_origin, get_type_hints

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.api_keys.scopes import Scope
from backend.mail.courier import MailCourier
from backend.mail.tests.postbox import Postbox
from backend.tests.served import ServedApp
from backend.tests.test_mail import JIRO, TARO, post, postbox, settings
from backend.tests.test_messages import BASE_VOICE, finish
from backend.tests.test_ownership import bearer
from backend.tests.test_shares import message
from videomessage import ApiProblem, Client, ConnectionProblem, types
from videomessage.transport import Transport

__all__ = ["message", "post", "postbox", "settings"]  # fixtures

DESCRIPTION = Path(__file__).resolve().parents[2] / "frontend" / "openapi.json"


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with ServedApp(app) as url:
        yield url


@pytest.fixture
def client(address: str, owner: TestClient) -> Iterator[Client]:
    header, _ = bearer(owner, *Scope)
    with Client(header["Authorization"].removeprefix("Bearer "), address) as made:
        yield made


# --- the way of a message -------------------------------------------------------------------


def test_from_a_photo_to_a_link(client: Client, app: FastAPI, photo: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    picture = client.uploads.send("photo", photo, lambda *sent: told.append(sent))
    assert told[-1] == (photo.stat().st_size, photo.stat().st_size)
    assert picture["photo"] is not None
    message = client.messages.create(
        title="誕生日", script="おめでとう。", language="ja", voice=BASE_VOICE,
        photo_upload_id=picture["id"],
    )  # fmt: skip
    assert client.messages.render(message["id"])["state"] == "queued"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.messages.wait, message["id"])
        finish(app, dict(message))
        assert waiting.result()["state"] == "ready"
    client.messages.save_video(message["id"], tmp_path / "video.mp4")
    assert (tmp_path / "video.mp4").stat().st_size > 0
    link = client.shares.create(message["id"], label="花子へ")
    assert link["url"].startswith("http")
    assert [one["id"] for one in client.shares.list(message["id"])] == [link["id"]]
    states = [event["state"] for event in client.messages.events(message["id"])]
    assert states[-1] == "ready"


def test_a_voice_is_cloned_and_deleted(client: Client, recording: Path) -> None:
    sample = client.uploads.send("audio", recording)
    voice = client.voices.clone("わたし", "ja", sample["id"])
    assert voice["state"] == "ready"
    assert [one["id"] for one in client.voices.list()] == [voice["id"]]
    client.voices.delete(voice["id"])
    assert list(client.voices.list()) == []


def test_a_list_of_people_and_what_became_of_it(client: Client, tmp_path: Path) -> None:
    message = client.messages.create(script="{{name}}!", language="en", voice=BASE_VOICE)
    campaign = client.campaigns.create("Class of 26", message["id"])
    people = tmp_path / "people.csv"
    people.write_text("name,year\nAnna,1\n,2\nBea,3\n", encoding="utf-8")
    client.campaigns.put_list(campaign["id"], people)
    rows = list(client.campaigns.rows(campaign["id"], limit=2))
    assert [row["state"] for row in rows] == ["waiting", "faulty", "waiting"]
    assert client.campaigns.change(campaign["id"], name="b")["name"] == "b"
    assert [one["id"] for one in client.campaigns.list(state="draft")] == [campaign["id"]]
    assert client.campaigns.make_links(campaign["id"]) == 0, "no video is ready"
    client.campaigns.save_results(campaign["id"], tmp_path / "results.csv")
    assert "value_missing" in (tmp_path / "results.csv").read_text(encoding="utf-8-sig")
    with pytest.raises(ApiProblem) as refused:
        client.campaigns.approve(campaign["id"])
    assert refused.value.code == "conflict_state"


def test_a_message_goes_to_people_by_mail(
    client: Client, message: dict, post: MailCourier, postbox: Postbox
) -> None:
    people = [{"email": TARO, "name": "太郎"}, {"email": JIRO}]
    mails = client.emails.send(message["id"], people, subject="おめでとう", note="見てね。")
    assert {mail["email"]: mail["name"] for mail in mails} == {TARO: "太郎", JIRO: None}
    assert {mail["state"] for mail in client.emails.list(message["id"])} == {"queued"}
    assert post.do_round() == 2
    assert {mail["state"] for mail in client.emails.list(message["id"])} == {"sent"}
    assert {mail["Subject"] for mail in postbox.mails} == {"おめでとう"}
    links = {one["id"] for one in client.shares.list(message["id"])}
    assert {mail["share_id"] for mail in mails} == links


def test_a_webhook_is_made_tried_and_deleted(client: Client) -> None:
    made = client.webhooks.create("https://hooks.example.com/", ["message.ready"])
    assert made["secret"].startswith("whsec_")
    client.webhooks.test(made["id"])
    assert [one["id"] for one in client.webhooks.list()] == [made["id"]]
    client.webhooks.delete(made["id"])
    assert client.webhooks.list() == []


def test_lists_go_on_beyond_a_page(client: Client) -> None:
    made = [client.messages.create(title=str(number))["id"] for number in range(5)]
    assert [one["id"] for one in client.messages.list(limit=2)] == made[::-1]


def test_for_a_draft_that_nobody_makes_nothing_waits(client: Client) -> None:
    draft = client.messages.create(title="a")
    asked: list[httpx.Request] = []
    client.messages._transport.http.event_hooks = {"request": [asked.append]}
    assert client.messages.wait(draft["id"])["state"] == "draft"
    assert len(asked) == 1


def test_a_change_over_somebody_elses_is_refused(client: Client) -> None:
    seen = client.messages.create(title="a")
    client.messages.change(seen["id"], title="b")
    with pytest.raises(ApiProblem) as refused:
        client.messages.change(seen["id"], revision=seen["revision"], title="c")
    assert (refused.value.status, refused.value.code) == (412, "draft_changed")
    assert client.messages.get(seen["id"])["title"] == "b"


def test_a_problem_names_the_field_what_mends_it_and_the_request(client: Client) -> None:
    with pytest.raises(ApiProblem) as refused:
        client.words.create("東海林", "?")
    problem = refused.value
    assert problem.status == 422
    assert problem.errors[0]["field"] == "kana"
    assert problem.errors[0]["fix"] in str(problem)
    assert problem.request_id is not None


def test_a_wrong_key_says_so(address: str) -> None:
    with Client("vm_wrong", address) as client, pytest.raises(ApiProblem) as refused:
        list(client.messages.list())
    assert (refused.value.status, refused.value.code) == (401, "key_wrong")


# --- a server that falters ------------------------------------------------------------------


class Faltering(BaseHTTPRequestHandler):
    """Answers what it is told to, one after the other, and keeps what it was asked."""

    answers: list[tuple[int, dict[str, str], Any]]
    asked: list[tuple[str, str | None]]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, self.headers["Idempotency-Key"]))
        status, headers, body = self.answers.pop(0)
        if status == 0:
            self.connection.close()
            return
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def faltering() -> Iterator[tuple[str, type[Faltering]]]:
    handler = type("Handler", (Faltering,), {"answers": [], "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_write_is_sent_again_under_the_same_key(
    faltering: tuple[str, type[Faltering]],
) -> None:
    url, server = faltering
    paused: list[float] = []
    busy = {"code": "idempotency_at_work"}
    server.answers = [(503, {"Retry-After": "7"}, {}), (0, {}, {}), (409, {}, busy), (201, {}, {})]
    transport = Transport("vm_x", url, tries=5, sleep=paused.append)
    assert transport.call("POST", "/messages", {}).status_code == 201
    assert len({key for _, key in server.asked}) == 1
    assert server.asked[0][1]
    assert paused[0] == 7.0
    assert len(paused) == 3


def test_another_write_has_another_key(faltering: tuple[str, type[Faltering]]) -> None:
    url, server = faltering
    server.answers = [(201, {}, {}), (201, {}, {})]
    transport = Transport("vm_x", url, tries=1)
    for _ in range(2):
        transport.call("POST", "/messages", {})
    assert len({key for _, key in server.asked}) == 2


@pytest.mark.parametrize("answer", [(409, {"code": "conflict_state"}), (422, {"code": "x"})])
def test_what_is_refused_is_not_sent_again(
    faltering: tuple[str, type[Faltering]], answer: tuple[int, dict[str, str]]
) -> None:
    url, server = faltering
    server.answers = [(answer[0], {}, answer[1])]
    with pytest.raises(ApiProblem) as refused:
        Transport("vm_x", url, tries=3).call("POST", "/messages", {})
    assert refused.value.code == answer[1]["code"]
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_named_after_the_last_try() -> None:
    paused: list[float] = []
    transport = Transport("vm_x", "http://127.0.0.1:9", tries=3, sleep=paused.append)
    with pytest.raises(ConnectionProblem):
        transport.call("GET", "/messages")
    assert len(paused) == 2


def test_the_key_is_not_told_to_a_storage(faltering: tuple[str, type[Faltering]]) -> None:
    sent: list[httpx.Request] = []
    transport = Transport("vm_secret", "http://127.0.0.1:9", tries=1)
    transport.http.event_hooks = {"request": [sent.append]}
    with pytest.raises(ApiProblem):
        transport.send("PUT", f"{faltering[0]}/part", b"x", {"x-amz-a": "b"})
    assert "vm_secret" not in str(sent[0].headers.raw)


# --- its types ------------------------------------------------------------------------------

TYPES = {
    "Problem": "ProblemBody",
    "Upload": "UploadBody",
    "Voice": "VoiceBody",
    "Word": "WordBody",
    "Progress": "Progress",
    "Message": "MessageBody",
    "Share": "ShareBody",
    "Email": "EmailBody",
    "Webhook": "WebhookBody",
    "WebhookWithSecret": "MadeWebhook",
    "Campaign": "CampaignBody",
    "CampaignRow": "RowBody",
}


@pytest.mark.parametrize("name", TYPES)
def test_a_type_is_as_the_description_has_it(name: str) -> None:
    schemas = json.loads(DESCRIPTION.read_text(encoding="utf-8"))["components"]["schemas"]
    described = schemas[TYPES[name]]
    hints = get_type_hints(getattr(types, name))
    assert set(hints) <= set(described["properties"])
    always = getattr(types, name).__required_keys__
    assert always <= set(described["required"])
    for field, hint in hints.items():
        assert _may_be_none(hint) == _is_nullable(described["properties"][field]), field


def _may_be_none(hint: Any) -> bool:
    return type(None) in get_args(hint) and get_origin(hint) is not list


def _is_nullable(schema: dict[str, Any]) -> bool:
    return {"type": "null"} in schema.get("anyOf", [])
