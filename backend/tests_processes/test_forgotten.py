"""Deletion leaves no bytes: whatever became of a message, the speech service forgets it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.tests_processes.account import Account
from backend.tests_processes.rig import Order, Rig, wait_until

OTHER_VOICE = "espeak_ng:en-us"
PASSWORD = "another long password"


def _kept_in(rig: Rig, name: str) -> set[str]:
    """Return the voices in which sentences are kept for a message or an account."""
    found = rig.place.settings.shared_folder.glob(f"generated/*/{name}/*")
    return {path.parts[-3] for path in found}


def _traces(rig: Rig, words: list[str]) -> list[Path]:
    """Return the files of the speech service whose name or content holds one of `words`."""
    files = [path for path in rig.place.settings.shared_folder.rglob("*") if path.is_file()]
    return [
        path
        for path in files
        if any(word in path.name or word.encode() in path.read_bytes() for word in words)
    ]


def _submit(rig: Rig, script: str) -> Order:
    # A photo of its own, since the last message that shows a photo takes it along.
    photo = rig.api.upload("photo", rig.folder / "picture.jpg")
    return rig.submit(script, photo_upload_id=photo["id"])


def _delete(rig: Rig, order: Order, *words: str) -> None:
    assert _traces(rig, [*words])
    rig.api.call("DELETE", f"/messages/{order.message_id}")
    assert _traces(rig, [*words, order.message_id]) == []
    assert _kept_in(rig, order.message_id) == set()
    wait_until(lambda: not rig.folder_of(order).exists(), "its folder is gone")


def test_a_message_that_was_rendered(rig: Rig) -> None:
    order = _submit(rig, "Marzipan is rendered. And then it is forgotten.")
    assert rig.wait_until_over(order)["state"] == "ready"
    record = rig.folder_of(order) / str(order.attempt) / "spoken.json"
    keys = [sentence["cache_key"] for sentence in json.loads(record.read_text())["sentences"]]
    assert len(_traces(rig, keys)) == len(keys) == 2
    _delete(rig, order, "Marzipan", *keys)


def test_a_message_that_was_cancelled_while_it_was_spoken(rig: Rig) -> None:
    rig.proxy.behave("late")
    order = _submit(rig, "Nougat is cancelled while it is spoken.")
    wait_until(lambda: _kept_in(rig, order.message_id), "the service has spoken it")
    assert rig.message(order)["state"] == "speaking"
    rig.api.cancel(order.message_id)
    _delete(rig, order, "Nougat")


def test_a_message_that_is_deleted_while_it_is_spoken(rig: Rig) -> None:
    rig.proxy.behave("late")
    order = _submit(rig, "Praline is deleted while it is spoken.")
    wait_until(lambda: _kept_in(rig, order.message_id), "the service has spoken it")
    _delete(rig, order, "Praline")


def test_a_message_that_failed_and_then_got_another_voice(rig: Rig) -> None:
    rig.proxy.behave("a refusal")
    order = _submit(rig, "Truffle has two voices.")
    assert rig.wait_until_over(order)["state"] == "failed"
    assert len(_kept_in(rig, order.message_id)) == 1
    rig.proxy.behave("pass")
    rig.api.call("PATCH", f"/messages/{order.message_id}", {"voice": OTHER_VOICE})
    again = Order(order.message_id, rig.api.render(order.message_id)["attempt"])
    assert rig.wait_until_over(again)["state"] == "ready"
    assert len(_kept_in(rig, order.message_id)) == 2
    _delete(rig, again, "Truffle")


@pytest.fixture
def guest(rig: Rig) -> Iterator[Account]:
    invitation = rig.api.call("POST", "/invitations", {})["url"].split("invitation=")[1]
    account = {"email": "guest@example.org", "password": PASSWORD, "name": "Guest"}
    with Account(rig.backend_url) as client:
        client.call("POST", "/accounts", account | {"language": "en", "invitation": invitation})
        yield client


def test_an_account_that_heard_previews_and_spoke_by_key(
    rig: Rig, guest: Account, tmp_path: Path
) -> None:
    account_id = guest.call("GET", "/accounts/me")["id"]
    guest.save_preview(OTHER_VOICE, "Caramel is a preview.", "en", tmp_path / "preview.mp3")
    assert _kept_in(rig, account_id)
    rig.speak_with_key(guest.call("POST", "/api-keys", {"name": "key"})["key"], "Fudge is spoken.")
    assert _traces(rig, ["Caramel"])
    assert _traces(rig, ["Fudge"])
    guest.call("DELETE", "/accounts/me", {"password": PASSWORD})
    assert _traces(rig, ["Caramel", "Fudge", account_id]) == []
    assert _kept_in(rig, account_id) == set()
