"""kill -9 of the worker in the middle of a campaign: no row is lost, none made twice."""

import os
import time

import pytest

from backend.tests_processes import campaigns
from backend.tests_processes.rig import WORKER, Rig

MOMENTS = int(os.environ.get("KILL_MOMENTS", "2"))


@pytest.fixture(scope="module")
def life_s(rig: Rig) -> float:
    """How long a campaign lives that nobody disturbs."""
    began_s = time.monotonic()
    campaign = campaigns.begin(rig)
    campaigns.wait_until_done(rig, campaign)
    assert campaigns.faults_of(rig, campaign) == []
    return time.monotonic() - began_s


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_campaign_survives_the_kill_of_its_worker(rig: Rig, life_s: float, moment: int) -> None:
    campaign = campaigns.begin(rig)
    time.sleep(life_s * (moment + 0.5) / (MOMENTS + 0.5))  # the moment itself, no wait for anything
    assert campaigns.counts(rig, campaign)["ready"] < len(campaigns.NAMES), (
        "nothing was interrupted"
    )
    rig.kill(WORKER)
    campaigns.wait_until_done(rig, campaign)
    assert campaigns.faults_of(rig, campaign) == []


def test_a_paused_campaign_stays_so_through_a_kill(rig: Rig, life_s: float) -> None:
    del life_s
    campaign = campaigns.begin(rig)
    campaigns.wait_until_ready(rig, campaign, 1)
    taken_up = campaigns.act(rig, campaign, "pause")["counts"]["waiting"]
    rig.kill(WORKER)
    rig.wait_until_ready()
    campaigns.wait_until_still(rig, campaign)
    assert campaigns.counts(rig, campaign)["waiting"] == taken_up > 0
    campaigns.act(rig, campaign, "resume")
    campaigns.wait_until_done(rig, campaign)
    assert campaigns.faults_of(rig, campaign) == []


def test_a_cancelled_campaign_stays_so_through_a_kill(rig: Rig, life_s: float) -> None:
    del life_s
    campaign = campaigns.begin(rig)
    campaigns.wait_until_ready(rig, campaign, 1)
    before = campaigns.act(rig, campaign, "cancel")["counts"]
    assert before["cancelled"] > 0
    rig.kill(WORKER)
    rig.wait_until_ready()
    # What the worker had taken ends with its next look, and nothing comes after it.
    other = campaigns.begin(rig, ("Ines",))
    campaigns.wait_until_done(rig, other)
    assert campaigns.counts(rig, campaign) == before
    assert campaigns.act(rig, campaign, "retry")["state"] == "running"
    campaigns.wait_until_done(rig, campaign)
    assert campaigns.counts(rig, campaign)["ready"] == len(campaigns.NAMES)


def test_a_personal_message_goes_before_the_rows_that_wait(rig: Rig) -> None:
    campaign = campaigns.begin(rig)
    campaigns.wait_until_ready(rig, campaign, 1)
    order = rig.submit("This is for you alone, and you wait for it.")
    rig.wait_until_over(order)
    assert campaigns.counts(rig, campaign)["ready"] < len(campaigns.NAMES) - 1
    campaigns.wait_until_done(rig, campaign)
