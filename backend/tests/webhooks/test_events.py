"""What is told, when, and to whom."""

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.campaigns.models import Campaign
from backend.campaigns.state import CampaignState
from backend.db import utc_now
from backend.messages import making
from backend.problems import Problem
from backend.tests.conftest import browser
from backend.tests.hook_receiver import Receiver
from backend.tests.samples import make_voice
from backend.tests.test_audience import tell
from backend.tests.test_messages import finish, render
from backend.tests.test_shares import share
from backend.tests.webhooks.hooks import add, path_of, told
from backend.webhooks import events
from backend.webhooks.courier import WebhookCourier
from backend.webhooks.models import Webhook, WebhookEvent


def test_a_message_is_told_of_from_ready_to_the_reply(
    app: FastAPI,
    owner: TestClient,
    hook: dict,
    complete: dict,
    courier: WebhookCourier,
    receiver: Receiver,
) -> None:
    render(owner, complete)
    finish(app, complete)
    link, path = share(owner, complete)
    viewer, other = browser(app), browser(app)
    for watching in (viewer, other):
        for kind in ("opened", "played", "progress", "ended", "played"):
            tell(watching, path, kind, watched=list(range(50)) if kind == "progress" else [])
    reply = other.post(f"{path}/replies", json={"text": "秘密のお返事", "name": "祖母"}).json()
    courier.do_round()
    of_message = {"message_id": complete["id"], "campaign_id": None}
    of_link = {**of_message, "share_id": link["id"]}
    assert told(receiver) == [
        ("message.ready", {**of_message, "state": "ready", "attempt": 1, "duration_s": 3.2}),
        ("message.viewed", of_link),
        ("message.watched", of_link),
        ("message.replied", {**of_link, "reply_id": reply["id"], "kind": "text"}),
    ]
    sent = b"".join(request.body for request in receiver.requests)
    for secret in ("秘密", "祖母", "おめでとう", "誕生日", path.rsplit("/", 1)[1], "owner@"):
        assert secret.encode() not in sent


def test_a_second_link_has_a_first_view_of_its_own_and_jumping_is_not_watching(
    app: FastAPI,
    owner: TestClient,
    message: dict,
    receiver: Receiver,
    courier: WebhookCourier,
) -> None:
    add(owner, receiver.url, events=["message.watched", "message.viewed"])
    links = [share(owner, message) for _ in range(2)]
    for _, path in links:
        for kind in ("played", "ended"):
            tell(browser(app), path, kind)
    courier.do_round()
    assert [(kind, data["share_id"]) for kind, data in told(receiver)] == [
        ("message.viewed", link["id"]) for link, _ in links
    ]


def test_a_failure_is_told_by_its_code_and_only_with_what_failed(
    app: FastAPI,
    owner: TestClient,
    hook: dict,
    complete: dict,
    courier: WebhookCourier,
    receiver: Receiver,
) -> None:
    render(owner, complete)
    sessions = app.state.collaborators.sessions
    problem = Problem("The script's own words.")
    with sessions() as session:
        making.fail_message(session, complete["id"], 1, problem)
        session.rollback()
    assert courier.do_round() == 0
    with sessions.begin() as session:
        making.fail_message(session, complete["id"], 1, problem)
    assert courier.do_round() == 1
    ((kind, data),) = told(receiver)
    assert (kind, data["problem"], data["state"]) == ("message.failed", "internal", "failed")


def test_a_voice_is_told_of(
    owner: TestClient, hook: dict, recording: Path, courier: WebhookCourier, receiver: Receiver
) -> None:
    voice = make_voice(owner, recording)
    courier.do_round()
    assert told(receiver) == [("voice.ready", {"voice_id": voice["id"]})]


def test_a_campaign_is_told_of_by_its_states_and_now_and_then(
    app: FastAPI,
    owner: TestClient,
    hook: dict,
    courier: WebhookCourier,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = utc_now()
    with app.state.collaborators.readers() as session:
        account_id = session.get_one(Webhook, hook["id"]).account_id
    campaign = Campaign(
        id="cmp_1", account_id=account_id, template_message_id="msg_1", name="n",
        state=CampaignState.RUNNING, created_at=now, updated_at=now,
    )  # fmt: skip

    def change(state: CampaignState, ready: int, later_s: float = 0.0) -> None:
        monkeypatch.setattr(events, "utc_now", lambda: now + timedelta(seconds=later_s))
        campaign.state = state
        with app.state.collaborators.sessions.begin() as session:
            events.campaign_changed(session, campaign, {"ready": ready, "waiting": 3 - ready})

    change(CampaignState.RUNNING, 0)
    change(CampaignState.RUNNING, 1, 29)  # too soon after the last
    change(CampaignState.RUNNING, 2, 31)
    change(CampaignState.PAUSED, 2, 32)
    change(CampaignState.DONE, 3, 33)
    courier.do_round(now + timedelta(minutes=1))
    seen = [(kind, data["state"], data["counts"]["ready"]) for kind, data in told(receiver)]
    assert seen == [
        ("campaign.progress", "running", 0), ("campaign.progress", "running", 2),
        ("campaign.progress", "paused", 2), ("campaign.done", "done", 3),
    ]  # fmt: skip


def test_nobody_is_told_of_what_is_anothers_or_was_not_asked_for(
    app: FastAPI,
    owner: TestClient,
    guest: TestClient,
    complete: dict,
    courier: WebhookCourier,
    receiver: Receiver,
) -> None:
    add(guest, receiver.url)
    add(owner, receiver.url, events=["voice.ready"])
    off = add(owner, receiver.url)
    owner.patch(path_of(off), json={"enabled": False})
    render(owner, complete)
    finish(app, complete)
    assert courier.do_round() == 0
    with app.state.collaborators.readers() as session:
        assert session.scalar(select(func.count()).select_from(WebhookEvent)) == 0
