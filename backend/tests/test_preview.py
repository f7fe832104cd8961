"""A draft laid out before its video is made: what is seen and heard when, quickly and privately."""

import io
import wave
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from backend.jobs.steps import RenderSteps
from backend.media.tests.material import draw_face
from backend.media.timeline import Timeline
from backend.tests.samples import make_voice, upload
from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import BASE_VOICE, draft
from backend.tests.test_recordings import make, steps

__all__ = ["steps"]

SENTENCES = [f"これは{n}番目の文です。" for n in "一二三四五六"]


def laid_out(client: TestClient, message: dict, *, is_draft: bool = False) -> dict:
    answer = client.post(f"/api/v1/messages/{message['id']}/preview", params={"draft": is_draft})
    assert answer.status_code == 200, answer.text
    return answer.json()


def sounds(preview: dict) -> list[str]:
    return [segment["sound_url"] for segment in preview["segments"]]


@pytest.fixture
def message(owner: TestClient, photo: Path) -> dict:
    picture = upload(owner, "photo", photo.read_bytes())
    return draft(owner, script="".join(SENTENCES), voice=BASE_VOICE, photo_upload_id=picture["id"])


def test_a_preview_is_what_the_video_becomes(
    app: FastAPI, owner: TestClient, message: dict, steps: RenderSteps
) -> None:
    preview = laid_out(owner, message)
    make(owner, steps, message)
    storage = app.state.collaborators.storage
    made = Timeline.model_validate_json(storage.read(f"messages/{message['id']}/1/timeline.json"))
    assert preview["duration_s"] == made.duration_s
    assert [cue["text"] for cue in preview["cues"]] == [cue.text for cue in made.cues]
    assert [cue["start_s"] for cue in preview["cues"]] == [cue.start_s for cue in made.cues]
    assert [
        (segment["start_frame"], segment["frame_count"], segment["depth"])
        for segment in preview["segments"]
    ] == [(s.start_frame, s.frame_count, s.motion.depth) for s in made.segments]


def test_a_crop_is_offered_kept_previewed_and_made(
    app: FastAPI, owner: TestClient, message: dict, steps: RenderSteps, tmp_path: Path
) -> None:
    portrait = draw_face(tmp_path / "portrait.jpg", (1600, 1200), (1000, 500), 160)
    sent = upload(owner, "photo", portrait.read_bytes())
    assert (sent["photo"]["faces"], sent["photo"]["was_turned"]) == (1, False)
    offered = sent["photo"]["frames"]["16:9"]["crop"]
    crop = {**offered, "upload_id": sent["id"]}
    changes = {"photo_upload_id": sent["id"], "photo_crops": [crop]}
    kept = owner.patch(f"/api/v1/messages/{message['id']}", json=changes).json()
    assert kept["photo_crops"] == [crop]
    copy = owner.post(f"/api/v1/messages/{message['id']}/duplicate").json()
    assert copy["photo_crops"] == [crop]
    preview = laid_out(owner, message)
    assert preview["photo_crops"] == [offered]
    focus = (offered["focus_x"], offered["focus_y"])
    assert {(one["focus_x"], one["focus_y"]) for one in preview["segments"]} == {focus}
    make(owner, steps, message)
    storage = app.state.collaborators.storage
    made = Timeline.model_validate_json(storage.read(f"messages/{message['id']}/1/timeline.json"))
    assert [crop and crop.model_dump() for crop in made.crops] == preview["photo_crops"]
    assert {segment.motion.focus for segment in made.segments} == {focus}


def test_a_crop_beyond_the_photo_is_refused_and_the_draft_stays(
    owner: TestClient, message: dict
) -> None:
    place = {"left": 0.5, "top": 0, "width": 0.9, "height": 0.5, "focus_x": 0.5, "focus_y": 0.5}
    crops = [{**place, "upload_id": message["photo_upload_id"]}]
    change = {"photo_crops": crops, "script": "新しい文。"}
    refused = owner.patch(f"/api/v1/messages/{message['id']}", json=change)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].startswith("photo_crops")
    assert owner.get(f"/api/v1/messages/{message['id']}").json()["script"] == message["script"]


def test_each_segment_has_its_own_sound(owner: TestClient, message: dict) -> None:
    preview = laid_out(owner, message)
    assert len(preview["segments"]) == len(SENTENCES)
    for segment in preview["segments"]:
        answer = owner.get(segment["sound_url"])
        assert answer.headers["content-type"] == "audio/wav"
        with wave.open(io.BytesIO(answer.content)) as sound:
            lasts_s = sound.getnframes() / sound.getframerate()
            loudest = max(abs(x) for x in memoryview(sound.readframes(10**7)).cast("h"))
        assert lasts_s == pytest.approx(segment["frame_count"] / preview["frame_rate"])
        assert loudest > 1_000


def test_a_changed_sentence_changes_one_sound(owner: TestClient, message: dict) -> None:
    before = laid_out(owner, message)
    changed = [*SENTENCES[:2], "ここだけ、ほかのことを言います。", *SENTENCES[3:]]
    owner.patch(f"/api/v1/messages/{message['id']}", json={"script": "".join(changed)})
    after = laid_out(owner, message)
    # The last one's margin makes up for what whole frames gained or lost before it.
    new = set(sounds(after)) - set(sounds(before))
    assert sounds(after)[2] in new
    assert new <= {sounds(after)[2], sounds(after)[-1]}
    gone = set(sounds(before)) - set(sounds(after))
    assert {owner.get(url).status_code for url in gone} == {404}


def test_a_base_voice_stands_for_a_clone_where_a_draft_is_asked_for(
    owner: TestClient, message: dict, recording: Path
) -> None:
    voice = make_voice(owner, recording)
    owner.patch(f"/api/v1/messages/{message['id']}", json={"voice": voice["id"]})
    quick, own = laid_out(owner, message, is_draft=True), laid_out(owner, message)
    assert (quick["draft"], own["draft"]) == (True, False)
    assert set(sounds(quick)).isdisjoint(sounds(own))


def test_no_photo_is_needed_yet(owner: TestClient) -> None:
    preview = laid_out(owner, draft(owner, script="やあ。"))
    assert preview["photo_urls"] == []
    assert preview["duration_s"] > 1


def test_music_is_named(owner: TestClient, message: dict) -> None:
    assert laid_out(owner, message)["music_url"] is None
    owner.patch(f"/api/v1/messages/{message['id']}", json={"music_track": "warm_keys"})
    assert owner.get(laid_out(owner, message)["music_url"]).status_code == 200


@pytest.mark.parametrize("aspect", ["16:9", "9:16", "1:1"])
def test_the_ornament_of_its_cards_is_shown(owner: TestClient, message: dict, aspect: str) -> None:
    assert laid_out(owner, message)["ornament_url"] is None
    changes = {"theme": "birthday", "title_card": "祝", "aspect": aspect}
    owner.patch(f"/api/v1/messages/{message['id']}", json=changes)
    preview = laid_out(owner, message)
    answer = owner.get(preview["ornament_url"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    with Image.open(io.BytesIO(answer.content)) as layer:
        assert layer.size == (preview["width_px"], preview["height_px"])
        depths = set(layer.getchannel("A").tobytes())
    assert 0 in depths
    assert max(depths) > 200


def test_an_ornament_that_is_not_there_is_not_found(owner: TestClient) -> None:
    problem_of(owner.get("/api/v1/themes/nothing/ornament"), 404, "not_found", "theme")
    answer = owner.get("/api/v1/themes/birthday/ornament", params={"aspect": "4:3"})
    assert answer.status_code == 422


def test_nothing_is_left_of_it(app: FastAPI, owner: TestClient, message: dict) -> None:
    laid_out(owner, message)
    storage = app.state.collaborators.storage
    assert storage.names(f"messages/{message['id']}/preview")
    owner.delete(f"/api/v1/messages/{message['id']}")
    assert storage.names(f"messages/{message['id']}/preview") == []


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"script": " "}, "script_empty", "script"),
        ({"script": "🎂🎂"}, "script_unspeakable", "script"),
        ({"script": "長い。" * 2_000}, "script_too_long", "script"),
        ({"voice": "voc_00000000000000000000000000"}, "voice_unknown", "voice"),
        ({"aspect": "4:3"}, "aspect_unknown", "aspect"),
        ({"language": "tlh"}, "language_unknown", "language"),
    ],
)
def test_what_keeps_it_from_being_laid_out_is_named(
    owner: TestClient, message: dict, changes: dict, code: str, field: str
) -> None:
    owner.patch(f"/api/v1/messages/{message['id']}", json=changes)
    problem_of(owner.post(f"/api/v1/messages/{message['id']}/preview"), 422, code, field)
    assert owner.get(f"/api/v1/messages/{message['id']}").json()["state"] == "draft"


def test_another_ones_voice_says_nothing(
    owner: TestClient, guest: TestClient, recording: Path
) -> None:
    voice = make_voice(owner, recording)
    theirs = draft(guest, script="やあ。", voice=voice["id"])
    problem_of(guest.post(f"/api/v1/messages/{theirs['id']}/preview"), 422, "voice_unknown")


def test_a_sound_has_no_path_in_its_name(owner: TestClient, message: dict) -> None:
    laid_out(owner, message)
    base = f"/api/v1/messages/{message['id']}/preview"
    for name in ("..%2f1%2fspeech", "timeline", "0" * 31, "G" * 32):
        assert owner.get(f"{base}/{name}").status_code in (404, 422)
