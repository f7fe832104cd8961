"""Nobody writes over what they have not seen: ETag, If-Match, If-None-Match."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.messages.caption_times import in_video
from backend.tests.conftest import browser
from backend.tests.samples import make_voice
from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import BASE_VOICE, draft, render
from backend.tests.test_recordings import VTT, recorded, take, takes
from backend.tests.test_shares import message, path_of

__all__ = ["message", "recorded", "take", "takes"]

EVERYTHING = {
    "title": "花子へ", "script": "おめでとう。またね。", "language": "ja", "voice": BASE_VOICE,
    "trim_start_s": 1, "trim_end_s": 3, "more_photo_upload_ids": ["upl_1", "upl_2"],
    "background": "#1e3a5f", "title_card": "祝", "music_track": "waltz",
    "readings": [{"text": "またね。", "kana": "マタネ'"}],
    "deliveries": [{"text": "またね。", "speed": 1, "pause_after_s": 2}],
}  # fmt: skip


def patch(client: TestClient, message: dict, if_match: str | None, **changes: object):
    headers = {} if if_match is None else {"If-Match": if_match}
    return client.patch(f"/api/v1/messages/{message['id']}", json=changes, headers=headers)


def test_every_answer_names_the_same_state_alike(owner: TestClient) -> None:
    path = "/api/v1/messages"
    made = owner.post(path, json=EVERYTHING)
    kept = owner.get(f"{path}/{made.json()['id']}")
    assert kept.headers["ETag"] == made.headers["ETag"] == f'"{kept.json()["revision"]}"'
    changed = patch(owner, made.json(), None, **EVERYTHING)
    kept = owner.get(f"{path}/{made.json()['id']}")
    assert changed.headers["ETag"] == kept.headers["ETag"]


def test_a_change_takes_the_state_that_was_seen(owner: TestClient) -> None:
    message = draft(owner, script="one")
    seen = f'"{message["revision"]}"'
    assert patch(owner, message, seen, script="two").status_code == 200
    refused = patch(owner, message, seen, script="three")
    problem_of(refused, 412, "draft_changed", "If-Match")
    kept = owner.get(f"/api/v1/messages/{message['id']}")
    assert kept.json()["script"] == "two"
    assert kept.headers["ETag"] in refused.json()["detail"]
    assert patch(owner, message, kept.headers["ETag"], script="three").status_code == 200


@pytest.mark.parametrize(
    ("if_match", "status"),
    [(None, 200), ("*", 200), ('"other", {}', 200), ("W/{}", 412), ('"other"', 412), ("x", 412)],
)
def test_how_a_state_can_be_named(owner: TestClient, if_match: str | None, status: int) -> None:
    message = draft(owner, script="one")
    named = if_match and if_match.format(f'"{message["revision"]}"')
    assert patch(owner, message, named, script="two").status_code == status


def test_of_two_that_saw_the_same_one_is_first(owner: TestClient) -> None:
    message = draft(owner, script="")
    seen = f'"{message["revision"]}"'
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda n: patch(owner, message, seen, script=f"by {n}").status_code, range(4))
        )
    assert sorted(answers) == [200, 412, 412, 412]


def test_what_can_not_be_changed_at_all_says_that_first(owner: TestClient) -> None:
    message = draft(owner, script="おめでとう。", voice=BASE_VOICE, background="#1e3a5f")
    assert render(owner, message).status_code == 202
    problem_of(patch(owner, message, '"old"', title="x"), 409, "conflict_state")


def test_who_has_it_is_not_sent_it_again(owner: TestClient) -> None:
    message = draft(owner, script="one")
    path = f"/api/v1/messages/{message['id']}"
    etag = owner.get(path).headers["ETag"]
    again = owner.get(path, headers={"If-None-Match": f"W/{etag}"})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    patch(owner, message, etag, script="two")
    assert owner.get(path, headers={"If-None-Match": etag}).json()["script"] == "two"


# --- links, voices, words, captions ---------------------------------------------------------


def only_what_was_seen(
    owner: TestClient, method: str, path: str, seen: str, bodies: tuple[dict, dict]
) -> str:
    """Send both bodies over the state that was seen; return the state that is there then."""
    first = owner.request(method, path, json=bodies[0], headers={"If-Match": seen})
    assert first.status_code == 200, first.text
    now = first.headers["ETag"]
    late = owner.request(method, path, json=bodies[1], headers={"If-Match": seen})
    problem_of(late, 412, "draft_changed", "If-Match")
    assert now in late.json()["detail"]
    again = owner.request(method, path, json=bodies[1], headers={"If-Match": now})
    assert (again.status_code, again.headers["ETag"] not in (seen, now)) == (200, True)
    return again.headers["ETag"]


def test_a_links_rules_are_changed_as_they_were_seen(owner: TestClient, message: dict) -> None:
    path = f"/api/v1/messages/{message['id']}/shares"
    made = owner.post(path, json={"expires_at": "2099-12-31T15:00:00+09:00"})
    link = f"/api/v1/shares/{made.json()['id']}"
    bodies = ({"password": "himitsu"}, {"password": "other one"})
    now = only_what_was_seen(owner, "PATCH", link, made.headers["ETag"], bodies)
    (listed,) = owner.get(path).json()["items"]
    assert f'"{listed["revision"]}"' == now


def test_whoever_watches_changes_no_rule(owner: TestClient, message: dict, app: FastAPI) -> None:
    path = f"/api/v1/messages/{message['id']}/shares"
    made = owner.post(path, json={"view_limit": 3})
    before = made.json()
    assert browser(app).post(f"{path_of(before)}/admit").status_code == 204
    (after,) = owner.get(path).json()["items"]
    assert (after["admissions"], after["revision"]) == (1, before["revision"])
    seen = {"If-Match": made.headers["ETag"]}
    assert owner.patch(f"/api/v1/shares/{after['id']}", json={}, headers=seen).status_code == 200


def test_a_voice_is_renamed_as_it_was_seen(owner: TestClient, recording: Path) -> None:
    path = f"/api/v1/voices/{make_voice(owner, recording)['id']}"
    seen = owner.get(path).headers["ETag"]
    now = only_what_was_seen(owner, "PATCH", path, seen, ({"name": "a"}, {"name": "b"}))
    kept = owner.get(path)
    assert (kept.headers["ETag"], kept.json()["name"]) == (now, "b")


def test_a_word_is_read_otherwise_as_it_was_seen(owner: TestClient) -> None:
    word = {"surface": "東海林", "kana": "トーカイ'リン"}
    made = owner.post("/api/v1/words", json=word)
    bodies = (word | {"kana": "ショ'ージ"}, word | {"kana": "ショージ"})
    path = f"/api/v1/words/{made.json()['id']}"
    now = only_what_was_seen(owner, "PUT", path, made.headers["ETag"], bodies)
    (listed,) = owner.get("/api/v1/words").json()["items"]
    assert (f'"{listed["revision"]}"', listed["kana"]) == (now, "ショージ")


def give(owner: TestClient, recorded: dict, seen: str):
    headers = {"Content-Type": "text/vtt", "If-Match": seen}
    path = f"/api/v1/messages/{recorded['id']}/captions"
    return owner.put(path, content=VTT, headers=headers)


def test_captions_are_given_to_the_message_that_was_seen(owner: TestClient, recorded: dict) -> None:
    seen = f'"{recorded["revision"]}"'
    now = patch(owner, recorded, None, title="other").headers["ETag"]
    problem_of(give(owner, recorded, seen), 412, "draft_changed", "If-Match")
    given = give(owner, recorded, now)
    assert given.status_code == 200, given.text
    kept = owner.get(f"/api/v1/messages/{recorded['id']}")
    assert given.headers["ETag"] == kept.headers["ETag"]
    assert "darin" in kept.json()["captions_vtt"]


def test_what_changes_while_captions_are_read_counts_as_well(
    owner: TestClient, recorded: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change_and_place(*given):
        patch(owner, recorded, None, title="other")
        return in_video(*given)

    monkeypatch.setattr("backend.messages.captions.in_video", change_and_place)
    refused = give(owner, recorded, f'"{recorded["revision"]}"')
    problem_of(refused, 412, "draft_changed", "If-Match")
    assert owner.get(f"/api/v1/messages/{recorded['id']}").json()["captions_vtt"] is None
