"""The power's routes on the real app: intents, the lane, costs, and orders by hand."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from backend.power.leader import lane_row
from backend.power.ledger import month_began_s, note_start, note_stop, run_name
from backend.power.models import Intent
from backend.power.setup import power_of
from backend.power.situation import LaneState


@pytest.fixture
def sessions(app: FastAPI) -> sessionmaker[Session]:
    made: sessionmaker[Session] = app.state.collaborators.sessions
    return made


def test_an_open_editor_is_noted_once_for_each_person(
    owner: TestClient, sessions: sessionmaker[Session]
) -> None:
    for _ in range(2):
        assert owner.post("/api/v1/power/intents").status_code == 204
    with sessions() as session:
        assert len(session.scalars(select(Intent)).all()) == 1


def test_without_a_machine_the_lane_says_so(owner: TestClient) -> None:
    lane = owner.get("/api/v1/system/power").json()
    assert (lane["provider"], lane["state"], lane["code"]) == ("none", "stopped", "none")


def test_the_months_costs_are_told_to_the_owner(
    owner: TestClient, app: FastAPI, sessions: sessionmaker[Session]
) -> None:
    import time

    now_s = time.time()
    prices = power_of(app.state.collaborators.settings).prices
    with sessions.begin() as session:
        run = run_name("i-1", now_s - 600)
        note_start(session, run, now_s - 600, prices, "a test")
        note_stop(session, run, now_s - 480, prices, "idle")
        note_start(session, run_name("i-1", now_s - 60), now_s - 60, prices, "a test")
    costs = owner.get("/api/v1/system/costs").json()
    assert costs["runs"] == 2
    assert costs["month_usd_micro"] == pytest.approx(180 * 710_000 / 3600, abs=500)
    assert costs["idle_share"] == 1.0
    # In use for ten minutes, on for three: seven minutes were saved, whatever day it is.
    assert costs["saved_usd_micro"] == pytest.approx(420 * 710_000 / 3600, abs=500)
    next_month_s = month_began_s(month_began_s(now_s) + 32 * 86_400)
    days_left = (next_month_s - now_s) / 86_400
    expected = costs["month_usd_micro"] * (1 + days_left)
    assert costs["forecast_usd_micro"] == pytest.approx(expected, rel=0.01)
    assert [day["usd_micro"] for day in costs["days"]] == [round(120 * 710_000 / 3600)]


def test_orders_by_hand_are_kept_and_taken_back(
    owner: TestClient, sessions: sessionmaker[Session]
) -> None:
    assert owner.post("/api/v1/system/power", json={"action": "start", "minutes": 30}).is_success
    costs = owner.get("/api/v1/system/costs").json()
    assert costs["keep_on_until"] is not None
    assert costs["stay_off_until"] is None
    assert owner.post("/api/v1/system/power", json={"action": "stop"}).is_success
    costs = owner.get("/api/v1/system/costs").json()
    assert costs["keep_on_until"] is None
    assert costs["stay_off_until"] is not None
    assert owner.post("/api/v1/system/power", json={"action": "automatic"}).is_success
    with sessions() as session:
        lane = lane_row(session)
        assert (lane.keep_on_until_s, lane.stay_off_until_s) == (0.0, 0.0)
        assert lane.state is LaneState.STOPPED


@pytest.mark.parametrize(
    "body", [{"action": "explode"}, {"action": "start", "minutes": 0}, {"minutes": 5}, {}]
)
def test_an_order_that_is_none_names_the_field(owner: TestClient, body: dict[str, object]) -> None:
    answer = owner.post("/api/v1/system/power", json=body)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} <= {"action", "minutes"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("power_month_budget_usd", -1),
        ("power_policy", "sometimes"),
        ("power_provider", "azure"),
        ("power_office_zone", "Asia/Atlantis"),
        ("power_ec2_tag", "no-equals-sign"),
        ("power_ec2_types", "g5.xlarge"),
        ("power_ec2_types", "g5.xlarge:cheap"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(name: str, value: object) -> None:
    from pydantic import ValidationError

    from backend.settings import Settings

    with pytest.raises(ValidationError, match=name):
        Settings(**{name: value})  # type: ignore[arg-type]
