"""The music that comes along, as a browser gets it."""

from fastapi.testclient import TestClient

from backend.music.score import all_tracks
from backend.tests.test_accounts import problem_of


def test_tracks_are_listed_and_heard(owner: TestClient) -> None:
    listed = owner.get("/api/v1/music").json()["items"]
    assert [item["id"] for item in listed] == list(all_tracks())
    sound = owner.get(listed[0]["content_url"])
    assert sound.status_code == 200
    assert sound.headers["content-type"] == "audio/mp4"
    assert sound.content[4:8] == b"ftyp"
    assert owner.get(listed[0]["content_url"], headers={"Range": "bytes=0-9"}).status_code == 206


def test_a_track_that_is_none_is_not_found(owner: TestClient) -> None:
    problem_of(owner.get("/api/v1/music/none"), 404, "not_found")
