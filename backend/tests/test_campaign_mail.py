"""Mail to a campaign's people: what arrives, at which rate, who wants none, and the results."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts.models import Account
from backend.api_keys.scopes import Scope
from backend.campaigns import mailing
from backend.campaigns.expansion import expander_of
from backend.campaigns.models import Campaign, CampaignRow
from backend.campaigns.results import harmless
from backend.db import utc_now
from backend.mail.courier import MailCourier
from backend.mail.models import Email
from backend.mail.suppressions import Unwilling, suppress
from backend.mail.tests.postbox import Postbox, open_postbox
from backend.messages import service as messages
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.settings import Settings
from backend.shares.models import Share
from backend.tests.conftest import PASSWORD, browser
from backend.tests.test_accounts import problem_of
from backend.tests.test_audience import tell
from backend.tests.test_campaigns import campaign_of, listed, path_of, rows_of
from backend.tests.test_mail import courier, link_in
from backend.tests.test_ownership import bearer
from backend.tests.test_shares import message

__all__ = ["message"]
HANAKO, TARO, JIRO = "hanako@example.jp", "taro@example.jp", "jiro@example.jp"
PEOPLE = f"名前,メール,年\n花子,{HANAKO},3\n太郎,{TARO},\n次郎,{JIRO},1\n=cmd,,2\n"
NOTE = {"subject": "{{名前:さん}}へ", "note": "{{名前:さん}}、見てね。"}


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


@pytest.fixture
def post(app: FastAPI) -> MailCourier:
    return courier(app)


def make_rows(app: FastAPI, campaign: dict, *places: int) -> None:
    """Do what the worker does for these rows, with a stand-in for the files."""
    parts = app.state.collaborators
    with parts.sessions.begin() as session:
        query = select(CampaignRow).where(CampaignRow.campaign_id == campaign["id"])
        for row in session.scalars(query.where(CampaignRow.position.in_(places))).all():
            template = session.get_one(Message, campaign["template_message_id"])
            made = messages.duplicate_message(session, template.account_id, template.id)
            made.campaign_id, made.state, made.attempt = campaign["id"], MessageState.READY, 1
            made.has_poster, row.message_id = True, made.id
            texts = expander_of(session.get_one(Campaign, campaign["id"]), template)
            for field, text in texts.expand(row.cells).texts.items():
                setattr(made, field, text)
            parts.storage.write(made.file_key("poster.jpg"), b"\xff\xd8\xff poster")


@pytest.fixture
def campaign(owner: TestClient, app: FastAPI) -> dict:
    made = campaign_of(owner, "{{名前}}、おめでとう。", title="おめでとう")
    made = listed(owner, made, PEOPLE)
    make_rows(app, made, 0, 1, 2, 3)
    return made


def send(owner: TestClient, campaign: dict, **more: object) -> dict:
    answer = owner.post(path_of(campaign, "/send"), json=NOTE | more)
    assert answer.status_code == 202, answer.text
    return answer.json()


def text_of(mail: EmailMessage) -> str:
    text = mail.get_body(("plain",))
    assert text is not None
    return text.get_content()


def end_in(mail: EmailMessage) -> str:
    found = re.search(r"http://localhost:55434(/s/unsubscribe/\S+)", text_of(mail))
    assert found is not None
    return found[1]


def test_each_gets_a_letter_and_a_link_of_their_own(
    owner: TestClient, app: FastAPI, campaign: dict, post: MailCourier, postbox: Postbox
) -> None:
    told = send(owner, campaign)
    assert (told["queued"], told["no_address"]) == (3, 1)
    assert send(owner, campaign)["had_one"] == 3, "nobody is written to twice"
    assert post.do_round(utc_now() + timedelta(minutes=5)) == 3
    mails = {mail["To"].addresses[0].addr_spec: mail for mail in postbox.mails}
    assert set(mails) == {HANAKO, TARO, JIRO}
    assert mails[HANAKO]["Subject"] == "花子さんへ"
    assert "花子さん、見てね。" in text_of(mails[HANAKO])
    end = f"http://localhost:55434{end_in(mails[HANAKO])}"
    assert mails[HANAKO]["List-Unsubscribe"] == f"<{end}>"
    assert len({link_in(mail) for mail in mails.values()}) == 3
    row = rows_of(owner, campaign)[0]
    assert row["mail"]["state"] == "sent"
    assert row["share_url"] == f"http://localhost:55434{link_in(mails[HANAKO])}"


def test_mails_leave_at_the_rate_that_was_asked_for(
    owner: TestClient, app: FastAPI, campaign: dict, post: MailCourier
) -> None:
    told = send(owner, campaign, per_minute=2)
    with app.state.collaborators.readers() as session:
        due = session.scalars(select(Email.due_at).order_by(Email.due_at)).all()
    assert [later - due[0] for later in due] == [timedelta(seconds=s) for s in (0, 30, 60)]
    assert datetime.fromisoformat(told["last_leaves_at"]) == due[-1]
    assert post.do_round(due[0]) == 1
    assert post.do_round(due[1]) == 1


def test_what_a_letter_lacks_keeps_it_back(owner: TestClient, campaign: dict) -> None:
    told = send(owner, campaign, note="{{年}}年生の{{名前}}さん")
    assert (told["queued"], told["no_value"]) == (2, 1)
    wrong = owner.post(path_of(campaign, "/send"), json={"note": "{{名まえ}}"})
    problem_of(wrong, 422, "column_unknown", "note")


def test_videos_that_are_not_ready_wait_for_another_round(owner: TestClient, app: FastAPI) -> None:
    made = listed(owner, campaign_of(owner, "{{名前}}"), PEOPLE)
    make_rows(app, made, 1)
    told = send(owner, made)
    assert (told["queued"], told["not_ready"]) == (1, 3)
    make_rows(app, made, 0)
    assert send(owner, made)["queued"] == 1


def test_a_video_that_was_made_with_other_values_goes_to_nobody(
    owner: TestClient, app: FastAPI, campaign: dict
) -> None:
    row = rows_of(owner, campaign)[0]
    address = path_of(campaign, f"/rows/{row['id']}")
    changed = owner.patch(address, json={"cells": ["月子", "tsukiko@example.jp", "3"]}).json()
    assert (changed["state"], changed["problems"][0]["code"]) == ("ready", "outdated")
    told = send(owner, campaign)
    assert (told["queued"], told["not_ready"]) == (2, 1)
    back = owner.patch(address, json={"cells": row["cells"]}).json()
    assert back["problems"] == []
    assert send(owner, campaign)["queued"] == 1


def test_whoever_watched_by_the_link_alone_still_gets_a_letter(
    owner: TestClient, app: FastAPI, campaign: dict, post: MailCourier, postbox: Postbox
) -> None:
    make_links(owner, campaign)
    link = rows_of(owner, campaign)[0]["share_url"]
    tell(browser(app), link.removeprefix("http://localhost:55434"), "played")
    assert post.do_round() == 1, "the sender is told of the first view"
    assert send(owner, campaign)["queued"] == 3
    post.do_round(utc_now() + timedelta(minutes=5))
    assert {to for _, (to,) in postbox.envelopes} == {"owner@example.com", HANAKO, TARO, JIRO}


def test_whoever_unsubscribes_while_the_mails_are_lined_up_gets_none(
    owner: TestClient, campaign: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = mailing._queue

    def end_and_queue(session: Session, *more: Any) -> list[datetime]:
        account = session.scalars(select(Account.id)).one()
        suppress(session, Unwilling(account, TARO), "unsubscribed")
        return queue(session, *more)

    monkeypatch.setattr(mailing, "_queue", end_and_queue)
    assert send(owner, campaign)["queued"] == 2
    assert [row["mail"] is None for row in rows_of(owner, campaign)] == [False, True, False, True]


@pytest.mark.parametrize(("same_address", "reached"), [("once", 2), ("each", 3)])
def test_an_address_that_two_rows_have_come_to_have_is_written_to_once_unless_wished_for(
    owner: TestClient, app: FastAPI, same_address: str, reached: int
) -> None:
    made = listed(owner, campaign_of(owner, "おめでとう。"), PEOPLE)
    mapping = made["mapping"] | {"same_address": same_address}
    changed = owner.patch(path_of(made), json={"mapping": mapping})
    assert changed.status_code == 200, changed.text
    make_rows(app, made, 0, 1, 2)
    row = rows_of(owner, made)[1]
    address = path_of(made, f"/rows/{row['id']}")
    assert owner.patch(address, json={"cells": ["太郎", HANAKO, ""]}).json()["state"] == "ready"
    assert send(owner, made)["queued"] == reached
    assert send(owner, made)["had_one"] == 3


def test_a_day_has_only_so_many_mails(owner: TestClient, app: FastAPI, campaign: dict) -> None:
    send(owner, campaign)
    other = listed(owner, campaign_of(owner, "{{名前}}"), PEOPLE.replace("=cmd,,", "四郎,4@a.jp,"))
    make_rows(app, other, 0, 1, 2, 3)
    refused = owner.post(path_of(other, "/send"), json=NOTE)
    problem_of(refused, 429, "mail_limit")
    assert [row["mail"] for row in rows_of(owner, other)] == [None] * 4, "all or none"


# --- who wants none -------------------------------------------------------------------------


def test_whoever_unsubscribes_gets_no_more(
    owner: TestClient, app: FastAPI, campaign: dict, post: MailCourier, postbox: Postbox
) -> None:
    send(owner, campaign, per_minute=1)
    assert post.do_round() == 1
    (mail,) = postbox.mails
    path, reader = end_in(mail), browser(app)
    asked = reader.get(path, headers={"Accept-Language": "en"})
    assert (asked.status_code, "花子 will send you no more" in asked.text) == (200, True)
    assert "default-src 'none'" in asked.headers["Content-Security-Policy"]
    assert owner.get("/api/v1/suppressions").json()["items"] == [], "to look does nothing"

    program = {"Origin": "https://mail.example"}
    for _ in range(2):
        by_itself = browser(app).post(path, data={"List-Unsubscribe": "One-Click"}, headers=program)
        assert by_itself.status_code == 200
    (kept,) = owner.get("/api/v1/suppressions").json()["items"]
    assert (kept["address"], kept["reason"]) == (HANAKO, "unsubscribed")
    first = rows_of(owner, campaign)[0]
    assert [problem["code"] for problem in first["problems"]] == ["suppressed"]
    assert first["state"] == "ready", "the video is made all the same"
    other = listed(owner, campaign_of(owner, "{{名前}}"), PEOPLE)
    make_rows(app, other, 0)
    assert send(owner, other)["suppressed"] == 1


def test_a_mail_in_line_is_given_up(
    owner: TestClient, campaign: dict, post: MailCourier, postbox: Postbox
) -> None:
    send(owner, campaign, per_minute=1)
    added = owner.post("/api/v1/suppressions", json={"address": "Taro@Example.jp"})
    assert (added.status_code, added.json()["reason"]) == (201, "manual")
    assert post.do_round(utc_now() + timedelta(minutes=9)) == 2
    assert TARO not in {to for _, (to,) in postbox.envelopes}
    taro = rows_of(owner, campaign)[1]
    assert (taro["mail"]["state"], taro["mail"]["problem"]["code"]) == ("failed", "suppressed")
    problem_of(owner.post(f"/api/v1/emails/{taro['mail']['id']}/retry"), 409, "conflict_state")
    assert owner.delete(f"/api/v1/suppressions/{added.json()['id']}").status_code == 204
    assert owner.post(f"/api/v1/emails/{taro['mail']['id']}/retry").status_code == 202


def test_an_ordinary_mail_honours_it_too(owner: TestClient, message: dict) -> None:
    owner.post("/api/v1/suppressions", json={"address": TARO})
    path = f"/api/v1/messages/{message['id']}/emails"
    body = {"recipients": [{"email": JIRO}, {"email": "TARO@example.jp"}]}
    problem_of(owner.post(path, json=body), 422, "email_suppressed", "recipients.1.email")


def test_one_senders_list_is_nobody_elses(owner: TestClient, guest: TestClient) -> None:
    added = owner.post("/api/v1/suppressions", json={"address": TARO}).json()
    assert guest.get("/api/v1/suppressions").json()["items"] == []
    assert guest.delete(f"/api/v1/suppressions/{added['id']}").status_code == 404


@pytest.mark.parametrize("token", ["x", "", "AAAA", "é", "A" * 200])
def test_a_link_that_was_tampered_with_ends_nothing(app: FastAPI, token: str) -> None:
    key = app.state.collaborators.settings.signing_secret
    whole = Unwilling("acc_unknown", TARO).token(key)
    for sent in (token, whole, whole[:-2] + "AA"):
        assert browser(app).post(f"/s/unsubscribe/{sent}").status_code in (404, 405)


def test_a_link_works_when_all_else_is_deleted(
    owner: TestClient, app: FastAPI, campaign: dict, post: MailCourier, postbox: Postbox
) -> None:
    send(owner, campaign, per_minute=1)
    post.do_round()
    owner.delete(path_of(campaign))
    assert browser(app).post(end_in(postbox.mails[0])).status_code == 200
    assert len(owner.get("/api/v1/suppressions").json()["items"]) == 1


# --- results --------------------------------------------------------------------------------


def results(owner: TestClient, campaign: dict) -> list[dict[str, str]]:
    answer = owner.get(path_of(campaign, "/results.csv"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_results_hold_state_link_and_what_was_sent(
    owner: TestClient, campaign: dict, post: MailCourier
) -> None:
    send(owner, campaign, per_minute=1)
    post.do_round()
    first, second, _, last = results(owner, campaign)
    assert (first["名前"], first["state"], first["sent"][:2]) == ("花子", "ready", "20")
    assert second["sent"] == "queued"
    assert last["名前"] == "'=cmd", "what would be a formula is none"
    assert first["link"].startswith("http://localhost:55434/s/")
    assert last["link"] == "", "who got no mail has no link until one is made"


def make_links(owner: TestClient, campaign: dict) -> int:
    answer = owner.post(path_of(campaign, "/links"))
    assert answer.status_code == 200, answer.text
    return answer.json()["made"]


def links_in(app: FastAPI) -> list[str]:
    with app.state.collaborators.readers() as session:
        return list(session.scalars(select(Share.id).order_by(Share.id)))


def test_who_only_reads_results_makes_no_link(
    owner: TestClient, app: FastAPI, campaign: dict
) -> None:
    reader, _ = bearer(owner, Scope.CAMPAIGNS_READ)
    answer = browser(app).get(path_of(campaign, "/results.csv"), headers=reader)
    assert answer.status_code == 200
    assert "/s/" not in answer.text
    assert links_in(app) == []
    assert [row["share_url"] for row in rows_of(owner, campaign)] == [None] * 4
    refused = browser(app).post(path_of(campaign, "/links"), headers=reader)
    assert (refused.status_code, links_in(app)) == (403, [])


def test_links_are_made_once_and_of_what_is_ready(owner: TestClient, app: FastAPI) -> None:
    made = listed(owner, campaign_of(owner, "{{名前}}"), PEOPLE)
    assert make_links(owner, made) == 0
    make_rows(app, made, 0, 3)
    key, _ = bearer(owner, Scope.CAMPAIGNS_WRITE, Scope.SHARES_WRITE)
    answer = browser(app).post(path_of(made, "/links"), headers=key)
    assert (answer.status_code, answer.json()) == (200, {"made": 2})
    first = [row["link"] for row in results(owner, made)]
    assert [bool(link) for link in first] == [True, False, False, True], "an address is not needed"
    make_rows(app, made, 1)
    assert [make_links(owner, made), make_links(owner, made)] == [1, 0]
    after = [row["link"] for row in results(owner, made)]
    assert (after[0], after[3], len(links_in(app))) == (first[0], first[3], 3)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-cmd", "@SUM(1)", "\t=1", "\r=1", "＝1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-1.5", "a=b", "", "花子"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


def test_a_closed_account_leaves_no_address(
    owner: TestClient, app: FastAPI, campaign: dict, settings: Settings
) -> None:
    owner.post("/api/v1/suppressions", json={"address": TARO})
    send(owner, campaign)
    closed = owner.request("DELETE", "/api/v1/accounts/me", json={"password": PASSWORD})
    assert closed.status_code == 204, closed.text
    for file in settings.data_dir.rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            assert b"example.jp" not in held, file.name


def test_no_log_names_a_person(
    owner: TestClient, campaign: dict, post: MailCourier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    send(owner, campaign, per_minute=600)
    post.do_round(utc_now() + timedelta(minutes=1))
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("backend")]
    assert ours
    assert not any("example.jp" in line or "花子" in line for line in ours)
