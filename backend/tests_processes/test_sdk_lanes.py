"""OpenAI's own client, as it comes, speaks on both lanes, asleep or awake."""

from collections.abc import Iterator

import openai
import pytest

from backend.power.situation import LaneState
from backend.tests.samples import sample_speech
from backend.tests.test_openai_sdk import client_of, is_speech
from backend.tests_processes.account import Account
from backend.tests_processes.rig import PASSWORD, wait_until
from backend.tests_processes.test_power import PowerRig

S = LaneState
TEXT = "Good morning, dear guest."


@pytest.fixture
def power() -> Iterator[PowerRig]:
    with PowerRig() as rig:
        yield rig


def sign_up_guest(power: PowerRig) -> Account:
    """Return somebody else's account on the same server."""
    invitation = power.api.call("POST", "/invitations", {})["url"].split("invitation=")[1]
    guest = Account(power.backend_url)
    body = {
        "email": "guest@example.com", "password": PASSWORD, "name": "Guest",
        "language": "en", "invitation": invitation,
    }  # fmt: skip
    guest.call("POST", "/accounts", body)
    return guest


def test_the_sdk_speaks_on_both_lanes_asleep_and_awake(power: PowerRig) -> None:
    sample = power.folder / "sample.wav"
    upload = power.api.upload("audio", sample_speech(sample))
    voice = power.api.create_voice("Mine", "en", upload["id"])["id"]
    scopes = {"name": "sdk", "scopes": ["speech", "voices"]}
    client = client_of(power.backend_url, power.api.call("POST", "/api-keys", scopes)["key"])

    def speak(text: str) -> bytes:
        answer = client.audio.speech.create(
            model="openvoice", voice=voice, input=text, response_format="pcm"
        )
        return answer.content

    assert power.lane.state is S.STOPPED
    assert is_speech(speak(TEXT), "pcm")
    assert power.lane.worked_s == 0.0
    power.intend()
    power.wait_for_lane(S.STARTING, S.BOOTING)
    assert is_speech(speak("Good evening, dear guest."), "pcm")
    power.wait_for_lane(S.READY)
    before_s = power.lane.worked_s
    assert is_speech(speak("Good night, dear guest."), "pcm")
    wait_until(lambda: power.lane.worked_s > before_s, "the GPU lane notes its work")
    assert power.jobs_left() == 0
    # The machine dies unseen: the very next call is answered all the same.
    power.kill_machine()
    assert is_speech(speak("Sleep well, dear guest."), "pcm")
    wait_until(lambda: power.jobs_left() == 0, "no call is left behind")


def test_scopes_and_ownership_hold_for_the_sdk(power: PowerRig) -> None:
    sample = sample_speech(power.folder / "sample.wav")
    upload = power.api.upload("audio", sample)
    voice = power.api.create_voice("Mine", "en", upload["id"])["id"]
    only_messages = {"name": "sdk", "scopes": ["messages:read"]}
    lacking = client_of(
        power.backend_url, power.api.call("POST", "/api-keys", only_messages)["key"]
    )
    with pytest.raises(openai.PermissionDeniedError, match="speech"):
        lacking.audio.speech.create(model="openvoice", voice=voice, input=TEXT)
    able = client_of(power.backend_url, power.api.call("POST", "/api-keys", {"name": "x"})["key"])
    with sign_up_guest(power) as guest:
        theirs = guest.create_voice("Theirs", "en", guest.upload("audio", sample)["id"])
    assert theirs["state"] == "ready"
    for not_mine in (theirs["id"], "voc_00000000000000000000000000"):
        with pytest.raises(openai.NotFoundError):
            able.audio.speech.create(model="openvoice", voice=not_mine, input=TEXT)
    mine = able.audio.speech.create(
        model="openvoice", voice=voice, input=TEXT, response_format="pcm"
    )
    assert is_speech(mine.content, "pcm")
    with pytest.raises(openai.AuthenticationError):
        client_of(power.backend_url, "vm_wrong").audio.speech.create(
            model="openvoice", voice=voice, input=TEXT
        )
