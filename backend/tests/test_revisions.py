"""Nobody writes over what they have not seen: ETag, If-Match, If-None-Match of messages."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import BASE_VOICE, draft, render

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
