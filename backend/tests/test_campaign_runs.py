"""Campaigns on their way: samples, review, the rest, pauses, retries, and what is left of them."""

import asyncio
import json
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.campaigns import events
from backend.campaigns.feeder import MOST_IN_WORK, SPOKEN_AHEAD, Feeder
from backend.jobs.journal import Journal
from backend.jobs.models import OutboxEntry, StepRun
from backend.jobs.steps import Outcome, RenderSteps, Stopping
from backend.messages.models import Message
from backend.messages.state import MessageState
from backend.power.lanes import Lanes
from backend.power.setup import power_of
from backend.settings import Settings
from backend.tests.conftest import SpeechService
from backend.tests.test_accounts import problem_of
from backend.tests.test_campaigns import PEOPLE, campaign_of, listed, path_of, rows_of

COMMON = ("こんにちは。", "また会いましょう。")


@pytest.fixture
def campaign(owner: TestClient) -> dict:
    return listed(owner, campaign_of(owner, aspect="1:1"))


@pytest.fixture
def feeder(app: FastAPI) -> Feeder:
    parts = app.state.collaborators
    return Feeder(parts.sessions, parts.readers)


@pytest.fixture
def steps(app: FastAPI) -> RenderSteps:
    parts = app.state.collaborators
    lanes = Lanes(parts.sessions, parts.speech, power_of(parts.settings))
    journal = Journal(parts.sessions, parts.readers)
    return RenderSteps(journal, parts.storage, lanes, 60.0, Stopping())


def act(client: TestClient, campaign: dict, verb: str, body: dict | None = None) -> dict:
    answer = client.post(path_of(campaign, f"/{verb}"), json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def state_of(client: TestClient, campaign: dict) -> str:
    return client.get(path_of(campaign)).json()["state"]


def queued(app: FastAPI) -> list[Message]:
    with app.state.collaborators.readers() as session:
        query = select(Message).where(Message.state == MessageState.QUEUED).order_by(Message.id)
        return list(session.scalars(query))


def make_all(app: FastAPI, steps: RenderSteps) -> list[str]:
    """Do what the queues would do with all that was ordered; return the messages."""
    made = []
    for message in queued(app):
        assert steps.speak(message.id, message.attempt, None).outcome is Outcome.DONE
        assert steps.compose(message.id, message.attempt) is Outcome.DONE
        assert steps.finish(message.id, message.attempt) is Outcome.DONE
        made.append(message.id)
    return made


def fail_all(app: FastAPI) -> None:
    with app.state.collaborators.sessions.begin() as session:
        for message in session.scalars(select(Message).where(Message.state == MessageState.QUEUED)):
            message.state = MessageState.FAILED


# --- the way of a campaign ------------------------------------------------------------------


def test_samples_are_listened_to_before_the_rest_is_made(
    app: FastAPI, owner: TestClient, campaign: dict, feeder: Feeder, steps: RenderSteps
) -> None:
    assert act(owner, campaign, "start", {"samples": 1})["state"] == "sampling"
    assert feeder.do_round() == 1
    assert feeder.do_round() == 0, "the other rows wait for the samples to be approved"
    make_all(app, steps)
    feeder.do_round()
    assert state_of(owner, campaign) == "review"
    first, *others = rows_of(owner, campaign)
    assert (first["state"], first["is_sample"], first["problems"]) == ("ready", True, [])
    assert first["script"] == "こんにちは。山田 花子さん、おめでとうございます。また会いましょう。"
    (span,) = first["spans"]
    assert span["text"] == "山田 花子さん、おめでとうございます。"
    assert 0 < span["start_s"] < span["end_s"]
    assert {row["state"] for row in others} == {"waiting"}
    assert act(owner, campaign, "approve")["state"] == "running"
    assert feeder.do_round() == 2
    make_all(app, steps)
    feeder.do_round()
    done = owner.get(path_of(campaign)).json()
    assert (done["state"], done["counts"]["ready"]) == ("done", 3)
    assert done["progress"]["percent"] == 100.0


def test_what_rows_have_in_common_is_spoken_and_drawn_once(
    app: FastAPI, owner: TestClient, campaign: dict, feeder: Feeder, steps: RenderSteps
) -> None:
    act(owner, campaign, "start", {"samples": 0})
    feeder.do_round()
    first, *others = make_all(app, steps)
    storage = app.state.collaborators.storage
    whole = json.loads(storage.read(f"messages/{first}/1/composed.json"))
    assert whole["encoded_segments"] == len(whole["segments"]) == 3
    for message in others:
        composed = json.loads(storage.read(f"messages/{message}/1/composed.json"))
        spoken = json.loads(storage.read(f"messages/{message}/1/spoken.json"))["sentences"]
        assert composed["encoded_segments"] == 1
        assert [one["cache_hit"] for one in spoken] == [True, False, True]
        assert [one["is_common"] for one in spoken] == [True, False, True]
        assert len(storage.names(f"messages/{message}/segments")) == 1, "the others are lent"
        assert composed["lufs"] == pytest.approx(-16.0, abs=0.5)
    with app.state.collaborators.readers() as session:
        learned = session.scalars(select(StepRun.amount).where(StepRun.step == "row")).all()
    assert [amount > 0 for amount in learned] == [False, True, True]


def test_bulk_orders_stand_behind_personal_ones(
    app: FastAPI, owner: TestClient, campaign: dict, feeder: Feeder, steps: RenderSteps
) -> None:
    act(owner, campaign, "start", {"samples": 0})
    feeder.do_round()
    with app.state.collaborators.readers() as session:
        assert set(session.scalars(select(OutboxEntry.is_bulk))) == {True}
    assert steps.speak(queued(app)[0].id, 1, None).is_bulk, "composing keeps its place behind, too"


def test_few_rows_are_in_work_at_once(owner: TestClient, feeder: Feeder, app: FastAPI) -> None:
    people = "お名前\n" + "".join(f"人{number}\n" for number in range(30))
    campaign = listed(owner, campaign_of(owner), people)
    act(owner, campaign, "start", {"samples": 0})
    assert feeder.do_round() == SPOKEN_AHEAD
    assert feeder.do_round() == 0
    with app.state.collaborators.sessions.begin() as session:
        for message in session.scalars(select(Message).where(Message.state == "queued")):
            message.state = MessageState.COMPOSING
    assert feeder.do_round() == min(MOST_IN_WORK - SPOKEN_AHEAD, SPOKEN_AHEAD)
    assert [row["position"] for row in rows_of(owner, campaign, state="queued")] == [4, 5, 6, 7]


# --- refused --------------------------------------------------------------------------------


def test_what_a_start_lacks_is_named(owner: TestClient) -> None:
    empty = campaign_of(owner)
    problem_of(owner.post(path_of(empty, "/start")), 422, "column_unknown")
    plain = campaign_of(owner, script="こんにちは。")
    problem_of(owner.post(path_of(plain, "/start")), 422, "nothing_to_make")
    bare = owner.post("/api/v1/campaigns", json={"name": "x"}).json()
    listed(owner, bare)
    refused = owner.post(path_of(bare, "/start")).json()["errors"]
    fields = {error["field"] for error in refused}
    assert fields >= {"script", "voice", "photo"}


@pytest.mark.parametrize(
    ("verb", "state"),
    [("approve", "draft"), ("pause", "draft"), ("resume", "draft"), ("retry", "draft"),
     ("cancel", "draft"), ("reopen", "draft")],
)  # fmt: skip
def test_what_has_not_begun_is_only_started(
    owner: TestClient, campaign: dict, verb: str, state: str
) -> None:
    problem_of(owner.post(path_of(campaign, f"/{verb}")), 409, "conflict_state")
    assert state_of(owner, campaign) == state


def test_the_template_is_locked_from_the_start_until_it_is_reopened(
    app: FastAPI, owner: TestClient, campaign: dict, feeder: Feeder, steps: RenderSteps
) -> None:
    template = f"/api/v1/messages/{campaign['template_message_id']}"
    problem_of(owner.post(f"{template}/render"), 409, "conflict_state")
    act(owner, campaign, "start", {"samples": 1})
    refused = owner.patch(template, json={"script": "別の話。"})
    problem_of(refused, 409, "conflict_state")
    assert "Reopen" in refused.json()["detail"]
    feeder.do_round()
    (sample,) = make_all(app, steps)
    assert owner.patch(f"/api/v1/messages/{sample}", json={"title": "x"}).status_code == 409
    assert owner.delete(f"/api/v1/messages/{sample}").status_code == 409
    assert act(owner, campaign, "reopen")["state"] == "draft"
    assert owner.patch(template, json={"script": "別の話。"}).status_code == 200
    assert owner.get(f"/api/v1/messages/{sample}").status_code == 404
    assert not app.state.collaborators.storage.names(f"messages/{sample}")
    assert {row["state"] for row in rows_of(owner, campaign)} == {"waiting"}
    assert not any(row["is_sample"] for row in rows_of(owner, campaign))


# --- pauses, retries, cancels ---------------------------------------------------------------


def test_a_paused_campaign_takes_up_nothing_and_goes_on(
    app: FastAPI, owner: TestClient, campaign: dict, feeder: Feeder, steps: RenderSteps
) -> None:
    act(owner, campaign, "start", {"samples": 1})
    feeder.do_round()
    make_all(app, steps)
    feeder.do_round()
    act(owner, campaign, "approve")
    assert act(owner, campaign, "pause")["state"] == "paused"
    assert feeder.do_round() == 0
    assert act(owner, campaign, "pause")["state"] == "paused", "twice is once"
    act(owner, campaign, "resume")
    assert feeder.do_round() == 2


def test_failed_rows_alone_are_made_once_more(
    app: FastAPI, owner: TestClient, campaign: dict, feeder: Feeder, steps: RenderSteps
) -> None:
    act(owner, campaign, "start", {"samples": 1})
    feeder.do_round()
    make_all(app, steps)
    feeder.do_round()
    act(owner, campaign, "approve")
    feeder.do_round()
    fail_all(app)
    feeder.do_round()
    assert owner.get(path_of(campaign)).json()["counts"]["failed"] == 2
    assert state_of(owner, campaign) == "done"
    before = [row["message_id"] for row in rows_of(owner, campaign)]
    again = act(owner, campaign, "retry")
    assert (again["state"], again["counts"]["waiting"], again["counts"]["ready"]) == (
        "running",
        2,
        1,
    )
    assert feeder.do_round() == 2
    make_all(app, steps)
    feeder.do_round()
    assert owner.get(path_of(campaign)).json()["counts"]["ready"] == 3
    assert [row["message_id"] for row in rows_of(owner, campaign)] == before
    problem_of(owner.post(path_of(campaign, "/retry")), 409, "conflict_state")


def test_a_cancelled_campaign_stops_what_is_in_work_and_can_be_gone_on_with(
    app: FastAPI, owner: TestClient, campaign: dict, feeder: Feeder, steps: RenderSteps
) -> None:
    act(owner, campaign, "start", {"samples": 1})
    feeder.do_round()
    make_all(app, steps)
    feeder.do_round()
    act(owner, campaign, "approve")
    feeder.do_round()
    cancelled = act(owner, campaign, "cancel")
    assert (cancelled["counts"]["cancelled"], cancelled["counts"]["ready"]) == (2, 1)
    assert feeder.do_round() == 0
    assert queued(app) == []
    assert act(owner, campaign, "retry")["state"] == "running"
    assert feeder.do_round() == 2


def test_one_row_is_made_again_with_another_name(
    app: FastAPI, owner: TestClient, campaign: dict, feeder: Feeder, steps: RenderSteps
) -> None:
    act(owner, campaign, "start", {"samples": 1})
    feeder.do_round()
    (before,) = make_all(app, steps)
    feeder.do_round()
    row = rows_of(owner, campaign)[0]
    address = path_of(campaign, f"/rows/{row['id']}")
    cells = ["山田 華子", *row["cells"][1:]]
    (changed,) = owner.patch(address, json={"cells": cells}).json()["problems"]
    assert changed["code"] == "outdated"
    again = owner.post(f"{address}/retry")
    assert (again.status_code, again.json()["state"]) == (200, "waiting")
    assert state_of(owner, campaign) == "sampling"
    assert owner.get(f"/api/v1/messages/{before}").status_code == 404
    assert feeder.do_round() == 1
    make_all(app, steps)
    feeder.do_round()
    assert "華子" in rows_of(owner, campaign)[0]["script"]
    assert state_of(owner, campaign) == "review"
    assert owner.post(path_of(campaign, "/rows/row_none/retry")).status_code == 404


def test_an_odd_row_holds_up_no_other(
    owner: TestClient, campaign: dict, feeder: Feeder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def make(session: object, campaign: object, row: object, *more: object) -> None:
        if row.position == 0:  # type: ignore[attr-defined]
            raise RuntimeError("odd")
        made.append(row.position)  # type: ignore[attr-defined]
        row.is_left_out = True  # type: ignore[attr-defined]

    monkeypatch.setattr("backend.campaigns.feeder.make_message", make)
    act(owner, campaign, "start", {"samples": 0})
    feeder.do_round()
    assert made == [1, 2]
    assert [row["state"] for row in rows_of(owner, campaign)] == ["faulty", "left_out", "left_out"]


# --- what is left ---------------------------------------------------------------------------


@pytest.fixture
def own_speech(settings: Settings, speech: SpeechService) -> Callable[[], list[str]]:
    """Return a function that names what the speech service keeps for messages."""

    def kept() -> list[str]:
        return sorted(
            path.parent.name for path in (speech.shared_root / "generated").glob("*/msg_*/*")
        )

    return kept


def test_a_rows_end_takes_its_own_speech_and_the_campaigns_end_all_of_it(
    app: FastAPI,
    owner: TestClient,
    campaign: dict,
    feeder: Feeder,
    steps: RenderSteps,
    own_speech: Callable[[], list[str]],
    settings: Settings,
) -> None:
    before = own_speech()
    act(owner, campaign, "start", {"samples": 1})
    feeder.do_round()
    (sample,) = make_all(app, steps)
    feeder.do_round()
    template = campaign["template_message_id"]
    kept = [name for name in own_speech() if name not in before]
    assert kept == sorted([template, template, sample]), "a row keeps what is its alone"
    row = rows_of(owner, campaign)[0]
    owner.post(path_of(campaign, f"/rows/{row['id']}/retry"))
    assert [name for name in own_speech() if name not in before] == [template, template]
    feeder.do_round()
    (again,) = make_all(app, steps)
    storage = app.state.collaborators.storage
    spoken = json.loads(storage.read(f"messages/{again}/1/spoken.json"))["sentences"]
    assert [one["cache_hit"] for one in spoken] == [True, False, True]
    assert json.loads(storage.read(f"messages/{again}/1/composed.json"))["encoded_segments"] == 1
    assert owner.delete(path_of(campaign)).status_code == 204
    assert own_speech() == before
    assert not storage.names("messages")


# --- before it is begun, and while it goes on -----------------------------------------------


def test_the_estimate_grows_with_the_rows(owner: TestClient, campaign: dict) -> None:
    three = owner.get(path_of(campaign, "/estimate")).json()
    assert (three["rows"], three["lane"], three["usd_micro"]) == (3, "cpu", 0)
    assert three["is_first_guess"]
    assert three["length_s"] > 0
    people = PEOPLE + "".join(f"人{n},,\n" for n in range(97))
    many = owner.get(path_of(listed(owner, campaign, people), "/estimate")).json()
    assert many["rows"] == 100
    assert many["compose_s"] < 34 * three["compose_s"], "the first is drawn whole, the others not"
    assert many["minutes"] > three["minutes"]


def test_progress_is_told_as_it_happens(
    app: FastAPI, owner: TestClient, campaign: dict, feeder: Feeder
) -> None:
    act(owner, campaign, "start", {"samples": 0})

    readers = app.state.collaborators.readers

    async def told() -> list[dict]:
        stream = events.progress_stream(readers, campaign["id"])
        first = await anext(stream)
        await asyncio.to_thread(feeder.do_round)
        second = await anext(stream)
        return [json.loads(text.split("data: ")[1]) for text in (first, second)]

    before, after = asyncio.run(told())
    assert (before["state"], before["counts"]["waiting"]) == ("running", 3)
    assert (after["counts"]["waiting"], after["counts"]["queued"]) == (0, 3)
    assert after["version"] > before["version"]
    assert owner.get("/api/v1/campaigns/cmp_none/events").status_code == 404
