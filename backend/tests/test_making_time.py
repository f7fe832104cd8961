"""How long a video takes to make is told by what the last ones took here."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from backend.jobs.rates import FIRST_GUESS_S, OVERHEAD_S, SPEECH_LENGTH_S, remember_step
from backend.messages.making_time import Wish, estimate
from backend.power.models import GpuLane
from backend.power.route import LaneName
from backend.power.service import wait_now
from backend.power.setup import Power
from backend.power.situation import LaneState, PolicySettings, Prices
from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import BASE_VOICE, draft

BASE = Wish(characters=100, language="ja", is_own_voice=False)
OWN = Wish(characters=100, language="ja", is_own_voice=True)


def made(
    session: Session, message: dict, speech_s: float, video_s: float, compose_s: float
) -> None:
    """Note a video of 50 characters that was made."""
    note = (message["id"], 1)
    remember_step(session, "speech", *note, 50.0, OVERHEAD_S["speech"] + speech_s, lane="cpu")
    remember_step(session, "compose", *note, video_s, OVERHEAD_S["compose"] + compose_s)


def test_without_history_it_is_a_first_guess_and_says_so(owner: TestClient) -> None:
    asked = f"?characters=100&language=ja-JP&voice={BASE_VOICE}"
    answer = owner.get(f"/api/v1/making-time{asked}").json()
    length_s = 100 * SPEECH_LENGTH_S["ja"]
    spoken_s = OVERHEAD_S["speech"] + 100 * FIRST_GUESS_S["speech"]
    drawn_s = OVERHEAD_S["compose"] + length_s * FIRST_GUESS_S["compose"] + OVERHEAD_S["finish"]
    assert answer == {
        "making_s": pytest.approx(spoken_s + drawn_s, abs=0.1), "wait_s": 0.0,
        "length_s": length_s, "is_measured": False,
    }  # fmt: skip


def test_what_was_measured_takes_the_place_of_guesses(app: FastAPI, owner: TestClient) -> None:
    message = draft(owner, script="x", language="ja", voice=BASE_VOICE)
    with app.state.collaborators.sessions.begin() as session:
        made(session, message, speech_s=5.0, video_s=10.0, compose_s=20.0)
    with app.state.collaborators.sessions() as session:
        told = estimate(session, BASE, "cpu", 0.0)
        assert told.is_measured
        assert told.length_s == pytest.approx(20.0)  # 10 s of 50 characters
        overhead_s = sum(OVERHEAD_S[step] for step in ("speech", "compose", "finish"))
        assert told.making_s == pytest.approx(overhead_s + 10.0 + 2.0 * 20.0, abs=0.1)
        assert estimate(session, BASE, "cpu", 60.0).making_s == told.making_s + 60.0


def test_ones_own_voice_has_a_pace_of_its_own(app: FastAPI, owner: TestClient) -> None:
    base = draft(owner, script="x", language="ja", voice=BASE_VOICE)
    own = draft(owner, script="x", language="ja", voice="voc_1")
    with app.state.collaborators.sessions.begin() as session:
        made(session, base, speech_s=1.0, video_s=10.0, compose_s=5.0)
        made(session, own, speech_s=50.0, video_s=10.0, compose_s=5.0)
    with app.state.collaborators.sessions() as session:
        times = [estimate(session, wish, "cpu", 0.0).making_s for wish in (BASE, OWN)]
        assert times[1] - times[0] == pytest.approx(98.0, abs=0.2)
        assert not estimate(session, OWN, "gpu", 0.0).is_measured


@pytest.mark.parametrize(
    ("state", "ordered_s", "wait_s"),
    [
        (LaneState.READY, 0.0, 0.0),
        (LaneState.STOPPED, 0.0, 80.0),
        (LaneState.BOOTING, 970.0, 50.0),
    ],
)
def test_a_gpu_that_sleeps_has_to_wake_first(
    app: FastAPI, state: LaneState, ordered_s: float, wait_s: float
) -> None:
    power = Power("fake", PolicySettings(name="plan"), Prices(hour_usd_micro=710_000))
    with app.state.collaborators.sessions() as session:
        session.merge(GpuLane(name="gpu", state=state, ordered_s=ordered_s, boot_s=80.0))
        wait = wait_now(session, power, now_s=1000.0)
        assert wait.lane is LaneName.GPU
        assert wait.wait_s == pytest.approx(wait_s)


def test_more_than_can_be_spoken_names_the_field(owner: TestClient) -> None:
    asked = f"?characters=5001&language=ja&voice={BASE_VOICE}"
    answer = owner.get(f"/api/v1/making-time{asked}")
    problem_of(answer, 422, answer.json()["code"], "characters")
