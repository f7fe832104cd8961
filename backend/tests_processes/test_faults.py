"""The speech service is down, slow or answers nonsense; the sender cancels, retries, deletes."""

import subprocess
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from backend.speech.client import SpeechClient
from backend.speech.errors import SpeechUnavailable
from backend.tests_processes.proxy import NONSENSE
from backend.tests_processes.rig import EMAIL, PASSWORD, WORKER, Order, Rig, wait_until

LONG = " ".join(f"This is sentence number {number} of a long message." for number in range(1, 6))


def _waits(message: dict) -> bool:
    return message["progress"]["stage"] == "waiting_for_speech"


def _order(rig: Rig, mode: str, number: int) -> Order:
    rig.proxy.behave(mode)
    return rig.submit(f"Message {number} about {mode}. It is short.")


def test_a_message_waits_while_speech_is_down_and_then_goes_on(rig: Rig) -> None:
    order = _order(rig, "down", 1)
    waiting = rig.wait_for(order, _waits, "it waits for the speech service")
    assert waiting["state"] == "speaking"
    assert waiting["progress"]["note"] == "speech_down"
    rig.proxy.behave("pass")
    assert rig.wait_until_over(order)["state"] == "ready"
    assert rig.faults_of(order) == []


def test_waiting_messages_hold_no_slot(rig: Rig) -> None:
    orders = [_order(rig, "down", 10 + number) for number in range(4)]
    for order in orders:
        rig.wait_for(order, _waits, "each of four waits, though two are spoken at once")
    rig.proxy.behave("pass")
    assert {rig.wait_until_over(order)["state"] for order in orders} == {"ready"}
    assert [rig.faults_of(order) for order in orders] == [[]] * 4


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_is_not_believed(rig: Rig, kind: str) -> None:
    rig.proxy.behave(kind)
    with SpeechClient(rig.proxy.url, rig.token) as client:
        with pytest.raises(SpeechUnavailable) as problem:
            client.speak_timed("Nonsense is not believed.", language="en")
        wanted = "down" if kind == "an error without words" else "nonsense"
        assert problem.value.reason == wanted
        rig.proxy.behave("pass")
        assert client.speak_timed("Nonsense is not believed.", language="en").wav


def test_after_nonsense_the_message_goes_on_and_no_step_is_done_twice(rig: Rig) -> None:
    order = _order(rig, "cut off audio", 20)
    waiting = rig.wait_for(order, _waits, "it waits for a better answer")
    assert waiting["progress"]["note"] == "speech_nonsense"
    rig.proxy.behave("pass")
    assert rig.wait_until_over(order)["state"] == "ready"
    assert rig.faults_of(order) == []


def test_a_full_queue_is_no_refusal_and_uses_up_no_patience(rig: Rig) -> None:
    rig.restart(WORKER, SPEECH_PATIENCE_S="0.1")
    try:
        order = _order(rig, "busy", 30)
        waiting = rig.wait_for(order, _waits, "it stands in line")
        assert waiting["progress"]["note"] == "speech_busy"
        refused = rig.proxy.refused
        wait_until(lambda: rig.proxy.refused >= refused + 2, "it asks again and again")
        assert rig.message(order)["state"] == "speaking"
        rig.proxy.behave("pass")
        assert rig.wait_until_over(order)["state"] == "ready"
    finally:
        rig.restart(WORKER)


def test_impatience_fails_with_a_reason_and_a_retry_succeeds(rig: Rig) -> None:
    rig.restart(WORKER, SPEECH_TIMEOUT_S="0.5", SPEECH_PATIENCE_S="1")
    try:
        rig.proxy.behave("slow")
        order = rig.submit("Hi!")
        failed = rig.wait_until_over(order)
        assert failed["state"] == "failed"
        assert failed["problem"]["code"] == "speech_unavailable"
        assert "slow" in failed["problem"]["detail"]
        assert rig.steps_done(order) == []
    finally:
        rig.restart(WORKER)
    rig.proxy.behave("pass")
    accepted = rig.api.render(order.message_id)
    again = Order(order.message_id, accepted["attempt"])
    assert again.attempt == order.attempt + 1
    assert rig.wait_until_over(again)["state"] == "ready"
    assert rig.faults_of(again) == []


def test_a_refusal_of_the_service_is_the_messages_reason(rig: Rig) -> None:
    # Chosen before the service forgot the voice, as when its folder was lost.
    order = _order(rig, "a refusal", 35)
    failed = rig.wait_until_over(order)
    assert failed["state"] == "failed"
    assert failed["problem"]["code"] == "voice_unknown"
    assert [error["field"] for error in failed["problem"]["errors"]] == ["voice"]


def test_cancelling_kills_the_encoder_at_once_and_a_retry_starts_afresh(rig: Rig) -> None:
    order = rig.submit(LONG)
    rig.wait_for(order, lambda m: m["state"] == "composing", "it is being composed")
    wait_until(lambda: _encoders(rig, order), "ffmpeg works on it")
    assert rig.api.cancel(order.message_id)["state"] == "cancelled"
    wait_until(lambda: not _encoders(rig, order), "ffmpeg is gone", within_s=10)
    wait_until(lambda: not list(rig.folder_of(order).rglob(".workshop-*")), "its folder is gone")
    accepted = rig.api.render(order.message_id)
    again = Order(order.message_id, accepted["attempt"])
    assert rig.wait_until_over(again)["state"] == "ready"
    assert rig.faults_of(again) == []
    assert rig.steps_done(order) == ["speech"]


def test_cancelling_while_it_is_spoken_frees_the_worker(rig: Rig) -> None:
    held = [_order(rig, "slow", 40 + number) for number in range(2)]
    wait_until(lambda: rig.proxy.refused >= 2, "both are being spoken")
    for order in held:
        rig.api.cancel(order.message_id)
    rig.proxy.mode = "pass"  # without letting go of the two calls that hang
    other = rig.submit("This one must not wait for the cancelled ones.")
    assert rig.wait_until_over(other, within_s=60)["state"] == "ready"
    assert {rig.message(order)["state"] for order in held} == {"cancelled"}


def test_deleting_while_it_is_composed_leaves_no_bytes(rig: Rig) -> None:
    order = rig.submit(LONG + " And one more.")
    rig.wait_for(order, lambda m: m["state"] == "composing", "it is being composed")
    wait_until(lambda: _encoders(rig, order), "ffmpeg works on it")
    rig.api.call("DELETE", f"/messages/{order.message_id}")
    wait_until(lambda: not _encoders(rig, order), "ffmpeg is gone", within_s=10)
    wait_until(lambda: not rig.folder_of(order).exists(), "its folder is gone")


def test_a_polite_end_of_the_worker_interrupts_and_does_not_fail(rig: Rig) -> None:
    order = rig.submit(LONG + " And the last one.")
    rig.wait_for(order, lambda m: m["state"] == "composing", "it is being composed")
    wait_until(lambda: _encoders(rig, order), "ffmpeg works on it")
    started_s = time.monotonic()
    rig.restart(WORKER)
    assert time.monotonic() - started_s < 60
    assert rig.wait_until_over(order)["state"] == "ready"
    assert rig.faults_of(order) == []


def test_no_log_holds_what_was_said_or_what_opens_a_door(rig: Rig) -> None:
    secret = "Marmalade"
    ready = rig.submit(f"{secret} is the word of the day.", title=secret)
    assert rig.wait_until_over(ready)["state"] == "ready"
    doors = _open_all_doors(rig, ready)
    rig.proxy.behave("a refusal")
    failing = rig.submit(f"{secret} fails.", title=secret)
    assert rig.wait_until_over(failing)["state"] == "failed"
    logs = {path.name: path.read_text() for path in rig.place.log_folder.iterdir()}
    assert {"backend.log", "worker.log", "speech-service.log"} <= logs.keys()
    assert all(logs[f"{name}.log"] for name in ("backend", "worker", "speech-service"))
    for what, key in {"script and title": secret, **doors}.items():
        assert [name for name, words in logs.items() if key in words] == [], what
    for path in rig.folder.glob("jobs.db*"):
        assert secret.encode() not in path.read_bytes()


def _open_all_doors(rig: Rig, order: Order) -> dict[str, str]:
    """Use everything that opens something, rightly and wrongly; return the keys by their names."""
    share = rig.api.share(order.message_id).rsplit("/", 1)[1]
    invitation = rig.api.call("POST", "/invitations", {})["url"].split("invitation=")[1]
    key = rig.api.call("POST", "/api-keys", {"name": "key"})["key"]
    rig.speak_with_key(key, "Marmalade is spoken by a program.")
    guest = {"email": "marigold@example.org", "password": "a password of marigold"}
    with httpx.Client(base_url=rig.backend_url) as browser:
        shown = [browser.get(f"/s/{share}{part}").status_code for part in ("", "/video.mp4")]
        assert shown == [200, 200]
        account = guest | {"name": "Marigold", "language": "en", "invitation": invitation}
        assert browser.post("/api/v1/accounts", json=account).status_code == 201
        wrong = guest | {"password": "quite another one"}
        assert browser.post("/api/v1/sessions", json=wrong).status_code == 401
        session = browser.cookies["session"]
        wish = {"kind": "photo", "filename": "Marigold.jpg", "size_bytes": 4}
        upload = browser.post("/api/v1/uploads", json=wish).json()["id"]
        parts = f"/api/v1/uploads/{upload}/parts"
        address = browser.post(parts, json={"number": 1}).json()["url"]
        assert browser.put(address, content=b"1234").status_code == 200
        assert browser.put(address + "0", content=b"1234").status_code == 403
    signature = parse_qs(urlsplit(address).query)["signature"][0]
    return {
        "share token": share,
        "invitation": invitation,
        "API key": key,
        "session": session,
        "upload signature": signature,
        "file name": wish["filename"],
        "token of the services": rig.token,
        "address": EMAIL,
        "password": PASSWORD,
        "address of the guest": guest["email"],
        "password of the guest": guest["password"],
        "wrong password": wrong["password"],
    }


def _encoders(rig: Rig, order: Order) -> list[str]:
    """Return the ffmpeg processes that work in the message's folder."""
    listed = subprocess.run(
        ["ps", "-axww", "-o", "args"], capture_output=True, text=True, check=True
    )
    folder = str(rig.folder_of(order))
    return [line for line in listed.stdout.splitlines() if "ffmpeg" in line and folder in line]
