"""Messages by mail: what arrives in a real mail server, what is refused, and what is seen of it."""

import io
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL.GifImagePlugin import GifImageFile
from sqlalchemy import func, select, update

from backend.db import utc_now
from backend.jobs.steps import Outcome, RenderSteps
from backend.local.checks import find_free_ports
from backend.mail.courier import MailCourier, courier_of
from backend.mail.models import Email
from backend.mail.queue import BACK_OFF, claim_next, release_claims
from backend.mail.tests.postbox import Postbox, open_postbox
from backend.settings import Settings
from backend.shares.models import Audience, Share
from backend.tests.conftest import PASSWORD, browser
from backend.tests.test_accounts import problem_of
from backend.tests.test_audience import tell
from backend.tests.test_deleted_bytes import files_with
from backend.tests.test_messages import draft, render
from backend.tests.test_recordings import make, recorded, steps, take, takes
from backend.tests.test_shares import TEMPLATE, message, share

__all__ = ["message", "recorded", "steps", "take", "takes"]  # fixtures

TARO, JIRO = "taro@example.jp", "jiro@example.jp"
MAX_THUMBNAIL_BYTES = 1_000_000


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with open_postbox() as opened:
        yield opened


@pytest.fixture
def settings(settings: Settings, postbox: Postbox) -> Settings:
    mail = {
        "mail_transport": "smtp", "smtp_host": "127.0.0.1", "smtp_port": postbox.port,
        "smtp_security": "none", "mail_from": "post@video.example", "mail_day_limit": 6,
    }  # fmt: skip
    return settings.model_copy(update=mail)


def courier(app: FastAPI, worker: str = "worker-0") -> MailCourier:
    parts = app.state.collaborators
    made = courier_of(parts.settings, parts.sessions, parts.readers, parts.storage, worker)
    assert made is not None
    return made


@pytest.fixture
def post(app: FastAPI) -> MailCourier:
    """What the worker runs in a thread, one round at a time."""
    return courier(app)


def path_of(message: dict) -> str:
    return f"/api/v1/messages/{message['id']}/emails"


def send(owner: TestClient, message: dict, *addresses: str, **more: object) -> list[dict]:
    recipients = [{"email": address} for address in addresses or (TARO,)]
    answer = owner.post(path_of(message), json={"recipients": recipients, **more})
    assert answer.status_code == 202, answer.text
    return answer.json()["items"]


def mails_of(owner: TestClient, message: dict) -> list[dict]:
    return owner.get(path_of(message)).json()["items"]


def states(owner: TestClient, message: dict) -> list[str]:
    return [mail["state"] for mail in mails_of(owner, message)]


def link_in(mail: EmailMessage) -> str:
    text = mail.get_body(("plain",))
    assert text is not None
    found = re.search(r"^http://localhost:55434(/s/\S+)\s*$", text.get_content(), re.MULTILINE)
    assert found is not None
    return found[1]


def picture_in(mail: EmailMessage) -> bytes | None:
    pictures = [part for part in mail.walk() if part.get_content_maintype() == "image"]
    return pictures[0].get_content() if pictures else None


# --- what arrives ---------------------------------------------------------------------------


def test_a_mail_arrives_moves_and_its_link_shows_up_as_watched(
    owner: TestClient,
    recorded: dict,
    steps: RenderSteps,
    app: FastAPI,
    post: MailCourier,
    postbox: Postbox,
    settings: Settings,
) -> None:
    settings.frontend_dist.mkdir(exist_ok=True)
    (settings.frontend_dist / "share.html").write_text(TEMPLATE)
    message = make(owner, steps, recorded)
    recipients = [{"email": TARO, "name": "太郎"}, {"email": JIRO}]
    body = {"recipients": recipients, "note": "見てね。", "language": "ja"}
    sent = owner.post(path_of(message), json=body)
    assert sent.status_code == 202, sent.text
    assert states(owner, message) == ["queued", "queued"]

    assert post.do_round() == 2
    assert states(owner, message) == ["sent", "sent"]
    assert sorted(to for _, (to,) in postbox.envelopes) == [JIRO, TARO]
    first = next(mail for mail in postbox.mails if TARO in mail["To"])
    other = next(mail for mail in postbox.mails if JIRO in mail["To"])
    assert first["Subject"] == "花子さんからビデオメッセージが届きました"
    assert first["From"] == "花子 via Video Message <post@video.example>"
    assert first["Reply-To"].addresses[0].addr_spec == "owner@example.com"
    assert [part.get_content_type() for part in first.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/gif",
    ]  # fmt: skip
    text = first.get_body(("plain",))
    assert text is not None
    assert "太郎様" in text.get_content()
    assert "見てね。" in text.get_content()
    thumbnail = picture_in(first)
    assert thumbnail is not None
    assert len(thumbnail) <= MAX_THUMBNAIL_BYTES
    with GifImageFile(io.BytesIO(thumbnail)) as picture:
        assert picture.n_frames > 5
        first_frame = picture.convert("RGB").tobytes()
        picture.seek(picture.n_frames - 1)
        assert picture.convert("RGB").tobytes() != first_frame

    link = link_in(first)
    assert link != link_in(other)
    viewer = browser(app)
    assert viewer.get(link).status_code == 200
    assert viewer.get(f"{link}/video.mp4").status_code == 200
    tell(viewer, link, "opened")
    tell(viewer, link, "played")
    tell(viewer, link, "progress", watched=list(range(25)))
    watched = {mail["email"]: mail["stats"] for mail in mails_of(owner, message)}
    assert (watched[TARO]["opened"], watched[TARO]["quarters"]) == (1, [1, 1, 0, 0])
    assert (watched[JIRO]["opened"], watched[JIRO]["viewers"]) == (0, 0)
    labels = [link["label"] for link in owner.get(f"/api/v1/messages/{message['id']}/shares")
              .json()["items"]]  # fmt: skip
    assert sorted(labels) == [JIRO, "太郎"]


def test_a_mail_waits_for_the_video_that_moves_in_it(
    owner: TestClient, recorded: dict, steps: RenderSteps, post: MailCourier, postbox: Postbox
) -> None:
    ordered = render(owner, recorded).json()
    assert ordered["stream_url"], "a link could be sent by hand already"
    (mail,) = send(owner, recorded)
    assert mail["waits_for_video"]
    assert post.do_round() == 0
    assert steps.compose(recorded["id"], 1) is Outcome.DONE
    assert steps.finish(recorded["id"], 1) is Outcome.DONE
    assert post.do_round() == 1
    assert picture_in(postbox.mails[0])
    (mail,) = mails_of(owner, recorded)
    assert (mail["state"], mail["waits_for_video"]) == ("sent", False)


def test_a_mail_for_a_video_that_is_not_made_is_given_up_and_can_be_sent_later(
    owner: TestClient, recorded: dict, steps: RenderSteps, post: MailCourier, postbox: Postbox
) -> None:
    render(owner, recorded)
    send(owner, recorded)
    owner.post(f"/api/v1/messages/{recorded['id']}/cancel")
    assert post.do_round() == 0
    (mail,) = mails_of(owner, recorded)
    assert (mail["state"], mail["problem"]["code"]) == ("failed", "video_failed")
    refused = owner.post(path_of(recorded), json={"recipients": [{"email": TARO}]})
    problem_of(refused, 409, "conflict_state")
    make(owner, steps, recorded)
    assert owner.post(f"/api/v1/emails/{mail['id']}/retry").status_code == 202
    assert post.do_round() == 1
    assert len(postbox.mails) == 1


def test_a_draft_cannot_be_sent(owner: TestClient) -> None:
    message = draft(owner)
    refused = owner.post(path_of(message), json={"recipients": [{"email": TARO}]})
    problem_of(refused, 409, "conflict_state")


def test_what_a_password_guards_is_not_shown_in_the_mail(
    owner: TestClient, message: dict, post: MailCourier, postbox: Postbox
) -> None:
    send(owner, message, rules={"password": "open sesame", "view_limit": 3, "label": "ignored"})
    post.do_round()
    (mail,) = postbox.mails
    assert picture_in(mail) is None
    assert "パスワード" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "open sesame" not in mail.as_string()
    (link,) = owner.get(f"/api/v1/messages/{message['id']}/shares").json()["items"]
    assert (link["has_password"], link["view_limit"], link["label"]) == (True, 3, TARO)


def test_a_link_that_was_revoked_before_is_not_sent(
    owner: TestClient, message: dict, post: MailCourier, postbox: Postbox
) -> None:
    (mail,) = send(owner, message)
    owner.delete(f"/api/v1/shares/{mail['share_id']}")
    post.do_round()
    (mail,) = mails_of(owner, message)
    assert (mail["state"], mail["problem"]["code"]) == ("failed", "link_gone")
    assert postbox.mails == []


def test_replies_go_to_the_sender_only_if_wanted(
    owner: TestClient, message: dict, post: MailCourier, postbox: Postbox
) -> None:
    send(owner, message, reply_to_me=False, language="en", subject=" Look\r\nBcc: all@example.com ")
    post.do_round()
    (mail,) = postbox.mails
    assert "Reply-To" not in mail
    assert "Bcc" not in mail
    assert mail["Subject"] == "Look Bcc: all@example.com"
    assert postbox.envelopes[0][1] == [TARO]


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "evil",
    [
        "taro@example.jp\r\nBcc: all@example.com", "taro@example.jp\nSubject: x",
        "ta\0ro@example.jp", "taro@example.jp,jiro@example.jp", "Taro <taro@example.jp>",
        "taro", "", "x" * 300 + "@example.jp", "x" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_address_is_named(owner: TestClient, message: dict, evil: str) -> None:
    recipients = [{"email": JIRO}, {"email": evil}]
    refused = owner.post(path_of(message), json={"recipients": recipients})
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["field"] == "recipients.1.email"
    if len(evil) < 5000:
        assert error["fix"] == "Write one address, like name@example.com."
    assert mails_of(owner, message) == []


def test_a_name_with_line_breaks_stays_a_name(
    owner: TestClient, message: dict, post: MailCourier, postbox: Postbox
) -> None:
    recipients = [{"email": TARO, "name": "太郎\r\nBcc: all@example.com"}]
    assert owner.post(path_of(message), json={"recipients": recipients}).status_code == 202
    post.do_round()
    (mail,) = postbox.mails
    assert "Bcc" not in mail
    assert postbox.envelopes[0][1] == [TARO]
    assert mail["To"].addresses[0].display_name == "太郎 Bcc: all@example.com"


def test_nobody_gets_two(owner: TestClient, message: dict) -> None:
    recipients = [{"email": TARO}, {"email": "Taro@Example.JP"}]
    refused = owner.post(path_of(message), json={"recipients": recipients})
    problem_of(refused, 422, "email_twice", "recipients.1.email")
    assert owner.get(f"/api/v1/messages/{message['id']}/shares").json()["items"] == []


def test_an_account_has_so_many_mails_a_day_whatever_it_deletes(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    send(owner, message, *(f"{n}@example.jp" for n in range(5)))
    two = {"recipients": [{"email": TARO}, {"email": JIRO}]}
    refused = owner.post(path_of(message), json=two)
    problem_of(refused, 429, "mail_limit")
    assert "1 are left" in refused.json()["detail"]
    assert 0 < int(refused.headers["Retry-After"]) <= 24 * 3600 + 1
    send(owner, message, TARO)
    with app.state.collaborators.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Share)) == 6
    (again,) = [owner.post(f"/api/v1/messages/{message['id']}/duplicate").json()]
    assert owner.delete(f"/api/v1/messages/{message['id']}").status_code == 204
    assert again["state"] == "draft"
    with app.state.collaborators.sessions.begin() as session:
        assert session.scalars(select(Email)).all() == []


# --- a mail server that does not take it ----------------------------------------------------


def test_an_address_that_is_refused_bounces_with_the_servers_code(
    owner: TestClient, message: dict, post: MailCourier, postbox: Postbox
) -> None:
    postbox.answers[TARO] = ["550 5.1.1 no such user"]
    send(owner, message, TARO, JIRO)
    assert post.do_round() == 2
    by_address = {mail["email"]: mail for mail in mails_of(owner, message)}
    assert by_address[JIRO]["state"] == "sent"
    bounced = by_address[TARO]
    assert bounced["state"] == "bounced"
    assert bounced["problem"] == {"code": "address_refused", "server_code": 550}
    assert post.do_round() == 0, "nobody tries again by himself"
    again = owner.post(f"/api/v1/emails/{bounced['id']}/retry").json()
    assert (again["state"], again["problem"], again["tries"]) == ("queued", None, 0)
    assert post.do_round() == 1
    assert states(owner, message) == ["sent", "sent"]
    problem_of(owner.post(f"/api/v1/emails/{bounced['id']}/retry"), 409, "conflict_state")


def test_a_server_that_is_busy_is_asked_again_ever_more_rarely(
    owner: TestClient, message: dict, post: MailCourier, postbox: Postbox
) -> None:
    postbox.answers[TARO] = ["451 4.7.1 come back later"] * 100
    send(owner, message)
    now = utc_now()
    for tries, wait in enumerate(BACK_OFF, start=1):
        assert post.do_round(now) == 1
        (mail,) = mails_of(owner, message)
        assert (mail["state"], mail["tries"]) == ("queued", tries)
        assert mail["problem"] == {"code": "server_busy", "server_code": 451}
        assert mail["next_try_at"]
        assert post.do_round(now + wait * 0.9) == 0
        now += wait
    assert post.do_round(now) == 1
    (mail,) = mails_of(owner, message)
    assert (mail["state"], mail["next_try_at"]) == ("failed", None)
    assert mail["problem"] == {"code": "server_busy", "server_code": 451}


def test_a_server_that_comes_back_gets_the_mail(
    owner: TestClient, message: dict, app: FastAPI, post: MailCourier, postbox: Postbox
) -> None:
    (port,) = find_free_ports(1)
    parts = app.state.collaborators
    astray = parts.settings.model_copy(update={"smtp_port": port})
    lost = courier_of(astray, parts.sessions, parts.readers, parts.storage, "worker-0")
    assert lost is not None
    send(owner, message)
    now = utc_now()
    lost.do_round(now)
    (mail,) = mails_of(owner, message)
    assert mail["problem"] == {"code": "server_unreachable", "server_code": None}
    assert post.do_round(now + BACK_OFF[0]) == 1
    assert (states(owner, message), len(postbox.mails)) == (["sent"], 1)


def test_a_worker_that_was_killed_in_the_middle_sends_it_again_under_the_same_name(
    owner: TestClient, message: dict, app: FastAPI, post: MailCourier, postbox: Postbox
) -> None:
    sessions = app.state.collaborators.sessions
    send(owner, message)
    now = utc_now()
    with sessions.begin() as session:
        claimed = claim_next(session, "worker-0", now)
    assert claimed is not None
    # It was handed over; then the worker died before it could write that down.
    post._hand_over(claimed)
    assert courier(app, "worker-1").do_round(now) == 0, "another worker waits for the claim's end"
    with sessions.begin() as session:
        release_claims(session, "worker-0")
    assert post.do_round() == 1
    first, second = postbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert states(owner, message) == ["sent"]


def test_the_claim_of_a_worker_that_never_comes_back_ends(
    owner: TestClient, message: dict, app: FastAPI
) -> None:
    send(owner, message)
    now = utc_now()
    with app.state.collaborators.sessions.begin() as session:
        claim_next(session, "worker-9", now)
    assert courier(app).do_round(now + timedelta(minutes=9)) == 0
    assert courier(app).do_round(now + timedelta(minutes=11)) == 1
    assert states(owner, message) == ["sent"]


# --- the first view -------------------------------------------------------------------------


def test_the_sender_gets_one_mail_at_the_first_view(
    owner: TestClient, message: dict, app: FastAPI, post: MailCourier, postbox: Postbox
) -> None:
    _, path = share(owner, message, label="祖母")
    tell(owner, path, "played")
    tell(browser(app), path, "opened")
    assert post.do_round() == 0, "neither the sender's own view counts nor a look at the page"
    tell(browser(app), path, "played")
    assert post.do_round() == 1
    tell(browser(app), path, "played")
    assert post.do_round() == 0
    (mail,) = postbox.mails
    assert postbox.envelopes[0][1] == ["owner@example.com"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "初めて再生されました" in mail["Subject"]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "「祖母」" in text
    assert f"/messages/{message['id']}" in text
    assert mails_of(owner, message) == [], "it is none that the sender has sent"


def test_who_does_not_want_that_mail_gets_none_not_even_later(
    owner: TestClient, message: dict, app: FastAPI, post: MailCourier
) -> None:
    _, path = share(owner, message)
    changed = owner.patch("/api/v1/accounts/me", json={"mail_at_first_view": False})
    assert changed.json()["mail_at_first_view"] is False
    tell(browser(app), path, "played")
    assert post.do_round() == 0
    owner.patch("/api/v1/accounts/me", json={"mail_at_first_view": True})
    assert post.do_round() == 0


def test_what_was_watched_before_there_was_mail_is_no_news(
    owner: TestClient, message: dict, app: FastAPI, post: MailCourier
) -> None:
    _, path = share(owner, message)
    tell(browser(app), path, "played")
    with app.state.collaborators.sessions.begin() as session:
        session.execute(update(Audience).values(first_view_at=utc_now() - timedelta(days=2)))
    assert post.do_round() == 0


# --- what is left of it ---------------------------------------------------------------------


def test_no_address_and_no_word_of_a_mail_is_logged(
    owner: TestClient,
    message: dict,
    post: MailCourier,
    postbox: Postbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    postbox.answers[JIRO] = ["550 5.1.1 jiro is unknown here"]
    with caplog.at_level(logging.DEBUG, logger="backend"):
        send(owner, message, TARO, JIRO, note="ひみつ", subject="うちあけ")
        post.do_round()
    assert "address_refused 550" in caplog.text
    for secret in ("taro", "jiro", "ひみつ", "うちあけ", "owner@example.com"):
        assert secret not in caplog.text


@pytest.mark.parametrize("what", ["message", "account"])
def test_addresses_are_deleted_with_the_message_and_with_the_account(
    owner: TestClient, message: dict, post: MailCourier, settings: Settings, what: str
) -> None:
    if not settings.database.startswith("sqlite"):
        pytest.skip("PostgreSQL keeps its files to itself; vacuuming them is its operator's duty")
    send(owner, message, note="ひみつのことば")
    post.do_round()
    assert files_with(settings.data_dir, TARO)
    if what == "message":
        assert owner.delete(f"/api/v1/messages/{message['id']}").status_code == 204
    else:
        gone = owner.request("DELETE", "/api/v1/accounts/me", json={"password": PASSWORD})
        assert gone.status_code == 204
    for text in (TARO, "ひみつのことば"):
        assert files_with(settings.data_dir, text) == []


# --- a server without mail ------------------------------------------------------------------


class TestWithoutMail:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"mail_transport": "none"})

    def test_it_says_so(self, owner: TestClient, message: dict, app: FastAPI) -> None:
        assert owner.get("/api/v1/system/status").json()["sends_mail"] is False
        refused = owner.post(path_of(message), json={"recipients": [{"email": TARO}]})
        problem_of(refused, 409, "mail_off")
        parts = app.state.collaborators
        made = courier_of(parts.settings, parts.sessions, parts.readers, parts.storage, "w")
        assert made is None


def test_a_server_with_mail_says_so(owner: TestClient) -> None:
    assert owner.get("/api/v1/system/status").json()["sends_mail"] is True
