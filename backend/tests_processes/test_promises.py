"""A photo, a voice sample and a script become a video that keeps every promise, heard and seen."""

from pathlib import Path

import pytest

from backend.media.check import check_video
from backend.media.tests.material import draw_photo
from backend.media.timeline import Timeline
from backend.tests.samples import sample_speech
from backend.tests_processes.rig import Rig

SCRIPTS = {
    "ja": "お誕生日おめでとう。来年も一緒にお祝いしようね。",
    "en": "Happy birthday! Let us celebrate together again next year.",
}


@pytest.fixture(scope="module")
def own_voice(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> str:
    sample = sample_speech(tmp_path_factory.mktemp("sample") / "sample.wav")
    voice: str = rig.api.create_voice("Mine", "ja", rig.api.upload("audio", sample)["id"])["id"]
    return voice


@pytest.fixture(scope="module")
def photo_id(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> str:
    photo = draw_photo(tmp_path_factory.mktemp("photo") / "photo.jpg")
    made: str = rig.api.upload("photo", photo)["id"]
    return made


@pytest.mark.parametrize("language", SCRIPTS)
def test_the_video_keeps_its_promises_in_ones_own_voice(
    rig: Rig, own_voice: str, photo_id: str, language: str
) -> None:
    order = rig.submit(
        SCRIPTS[language],
        language=language,
        voice=own_voice,
        photo_upload_id=photo_id,
        aspect="16:9",
    )
    message = rig.wait_until_over(order)
    assert (message["state"], message["engine"]) == ("ready", "world"), message["problem"]
    folder = rig.folder_of(order) / str(order.attempt)
    timeline = Timeline.model_validate_json((folder / "timeline.json").read_bytes())
    findings = check_video(folder / "video.mp4", timeline)
    assert len(findings) == 9
    assert [f for f in findings if not f.holds] == []


def test_a_deleted_message_leaves_none_of_its_speech(rig: Rig, own_voice: str) -> None:
    order = rig.submit("This is to be forgotten.", language="en", voice=own_voice)
    rig.wait_until_over(order)
    kept = rig.place.settings.shared_folder.glob(f"generated/*/{order.message_id}/*")
    assert list(kept)
    rig.api.call("DELETE", f"/messages/{order.message_id}")
    assert not list(Path(rig.place.settings.shared_folder).glob(f"generated/*/{order.message_id}"))
