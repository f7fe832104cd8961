"""Recorded messages, from the upload to the finished video, with the real ffmpeg and database."""

import json
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import select

from backend.jobs.journal import Journal
from backend.jobs.models import OutboxEntry
from backend.jobs.steps import Outcome, RenderSteps, Stopping
from backend.jobs.sweeps import tidy_uploads
from backend.media.check import check_video, embedded_cues
from backend.media.soundtrack import master_soundtrack
from backend.media.tests.material import LIVE_MP4, LIVE_WEBM, ffmpeg, film
from backend.messages.models import Message
from backend.music.score import frequency_hz
from backend.power.lanes import Lanes
from backend.power.models import SpeechJob
from backend.power.setup import power_of
from backend.tests.conftest import browser
from backend.tests.samples import SENTENCES, upload
from backend.tests.test_accounts import problem_of
from backend.tests.test_messages import BASE_VOICE, draft, events_of, render
from backend.tests.test_shares import share
from backend.uploads.models import Upload

NOBODYS = "upl_00000000000000000000000000"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\nMitten <b>darin</b>\n\n00:03.000 --> 00:03.500\nEnde\n"
SRT = "1\n00:00:01,000 --> 00:00:02,000\nin the middle\n"


@pytest.fixture(scope="session")
def takes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("takes")


@pytest.fixture(scope="session")
def take(takes: Path) -> bytes:
    """Four seconds of a browser's recording."""
    return film(takes / "take.webm", 4.0, *LIVE_WEBM).read_bytes()


@pytest.fixture
def recorded(owner: TestClient, take: bytes) -> dict:
    made = upload(owner, "video", take, "take.webm")
    return draft(owner, kind="recording", title="Hallo", recording_upload_id=made["id"])


@pytest.fixture
def steps(app: FastAPI) -> RenderSteps:
    parts = app.state.collaborators
    journal = Journal(parts.sessions, parts.readers)
    lanes = Lanes(parts.sessions, parts.speech, power_of(parts.settings))
    return RenderSteps(journal, parts.storage, lanes, 60.0, Stopping())


def path_of(message: dict, rest: str = "") -> str:
    return f"/api/v1/messages/{message['id']}{rest}"


def look_at(client: TestClient, message: dict) -> dict:
    return client.get(path_of(message)).json()


def make(client: TestClient, steps: RenderSteps, message: dict) -> dict:
    """Order the video and do what a worker does; return the ready message."""
    ordered = render(client, message)
    assert ordered.status_code == 202, ordered.text
    attempt = ordered.json()["attempt"]
    if ordered.json()["voice"] is not None:
        assert steps.speak(message["id"], attempt, None).outcome is Outcome.DONE
    assert steps.compose(message["id"], attempt) is Outcome.DONE, look_at(client, message)
    assert steps.finish(message["id"], attempt) is Outcome.DONE
    ready = look_at(client, message)
    assert ready["state"] == "ready"
    return ready


def fetched(client: TestClient, url: str, target: Path) -> Path:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    target.write_bytes(answer.content)
    return target


# --- watched at once ----------------------------------------------------------------------------


def test_a_recording_is_watched_as_soon_as_it_is_ordered(
    owner: TestClient, recorded: dict, app: FastAPI
) -> None:
    assert (recorded["stream_url"], recorded["video_url"]) == (None, None)
    problem_of(owner.get(path_of(recorded, "/stream")), 404, "not_found", "message_id")
    ordered = render(owner, recorded).json()
    assert (ordered["state"], ordered["stream_type"]) == ("queued", "video/webm")
    assert (ordered["width_px"], ordered["height_px"]) == (320, 180)
    assert ordered["duration_s"] == pytest.approx(4.0, abs=0.1)
    assert not ordered["synthetic"]
    stream = owner.get(ordered["stream_url"], headers={"Range": "bytes=0-99"})
    assert (stream.status_code, stream.headers["content-type"]) == (206, "video/webm")
    content = owner.get(f"/api/v1/uploads/{recorded['recording_upload_id']}/content")
    assert stream.content == content.content[:100]
    problem_of(owner.get(path_of(recorded, "/video")), 404, "not_found", "message_id")


def test_nothing_of_what_was_cut_or_spoken_over_is_watched(
    owner: TestClient, recorded: dict
) -> None:
    for change in (
        {"trim_start_s": 0.5},
        {"trim_end_s": 3.0},
        {"trim_start_s": 0.01, "trim_end_s": 3.99},
        {"voice": BASE_VOICE, "script": "おはよう。"},
        {"title_card": "Für Mia"},
        {"closing_card": "Bis bald"},
        {"burned_captions": "word"},
    ):
        message = owner.post(path_of(recorded, "/duplicate")).json()
        owner.patch(path_of(message), json=change)
        ordered = render(owner, message).json()
        assert ordered["state"] == "queued", ordered
        assert (ordered["stream_url"], ordered["stream_type"]) == (None, None)
        problem_of(owner.get(path_of(message, "/stream")), 404, "not_found", "message_id")


def test_an_end_that_is_the_recordings_own_cuts_nothing(owner: TestClient, recorded: dict) -> None:
    owner.patch(path_of(recorded), json={"trim_start_s": 0.0, "trim_end_s": 99.0})
    assert render(owner, recorded).json()["stream_url"]


def test_what_was_cancelled_or_changed_is_watched_no_more(
    owner: TestClient, recorded: dict
) -> None:
    render(owner, recorded)
    assert owner.post(path_of(recorded, "/cancel")).json()["stream_url"] is None
    assert owner.get(path_of(recorded, "/stream")).status_code == 404
    assert render(owner, recorded).json()["stream_url"]


def test_a_recording_whose_video_failed_is_watched_until_it_is_changed(
    owner: TestClient, recorded: dict, steps: RenderSteps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object) -> None:
        raise RuntimeError

    render(owner, recorded)
    with monkeypatch.context() as patch:
        patch.setattr("backend.jobs.composing.compose_recording", break_off)
        assert steps.compose(recorded["id"], 1) is Outcome.STOP
    failed = look_at(owner, recorded)
    assert failed["state"] == "failed"
    assert owner.get(failed["stream_url"]).status_code == 200
    changed = owner.patch(path_of(recorded), json={"trim_start_s": 1.0}).json()
    assert changed["stream_url"] is None
    assert owner.get(path_of(recorded, "/stream")).status_code == 404


def test_nothing_is_waited_for_where_nothing_is_spoken(
    app: FastAPI, owner: TestClient, recorded: dict
) -> None:
    """It goes to the composing line, and no voice machine is woken for it."""
    render(owner, recorded)
    with app.state.collaborators.readers() as session:
        [entry] = session.scalars(select(OutboxEntry)).all()
        assert (entry.needs_speech, entry.workflow_id) == (False, f"{recorded['id']}:1:compose")
        assert session.scalars(select(SpeechJob)).all() == []


# --- the finished video -------------------------------------------------------------------------


def test_the_video_keeps_what_is_promised(
    owner: TestClient, recorded: dict, steps: RenderSteps, tmp_path: Path
) -> None:
    owner.put(path_of(recorded, "/captions"), content=VTT, headers={"Content-Type": "text/vtt"})
    ready = make(owner, steps, recorded)
    video = fetched(owner, ready["video_url"], tmp_path / "video.mp4")
    for finding in check_video(video):
        if finding.name != "caption language":
            assert finding.holds, finding
    with av.open(str(video)) as container:
        picture = container.streams.video[0]
        assert picture.codec_context.profile == "High"
        assert (picture.width, picture.height, picture.pix_fmt) == (320, 180, "yuv420p")
        assert picture.average_rate == 30
        assert sum(1 for _ in container.decode(video=0)) == round(ready["duration_s"] * 30)
    assert [event["state"] for event in events_of(owner, recorded)][-1] == "ready"
    assert "speaking" not in [event["state"] for event in events_of(owner, recorded)]
    percents = [event["percent"] for event in events_of(owner, recorded)]
    assert percents == sorted(percents)
    assert len(percents) >= 4
    still = owner.get(ready["stream_url"])
    assert still.status_code == 200, "whoever watches it already goes on"


def test_poster_thumbnail_and_waveform(
    owner: TestClient, recorded: dict, steps: RenderSteps, tmp_path: Path
) -> None:
    ready = make(owner, steps, recorded)
    with Image.open(fetched(owner, ready["poster_url"], tmp_path / "poster.jpg")) as poster:
        assert (poster.format, poster.size) == ("JPEG", (320, 180))
    thumbnail = owner.get(ready["thumbnail_url"])
    assert thumbnail.headers["content-type"] == "image/gif"
    assert len(thumbnail.content) <= 1_000_000
    (tmp_path / "moving.gif").write_bytes(thumbnail.content)
    with Image.open(tmp_path / "moving.gif") as gif:
        assert gif.width <= 320
        assert gif.n_frames > 10  # type: ignore[attr-defined]
    waveform = owner.get(ready["waveform_url"])
    assert waveform.headers["content-type"] == "application/json"
    peaks = waveform.json()["peaks"]
    assert len(peaks) == 200
    assert max(peaks) == 1.0
    assert min(peaks) >= 0


def test_a_poster_is_there_before_the_video(
    app: FastAPI, owner: TestClient, recorded: dict, steps: RenderSteps,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    seen: list[dict] = []

    def look_then_stop(*_: object) -> None:
        seen.append(look_at(owner, recorded))
        assert owner.get(seen[0]["poster_url"]).headers["content-type"] == "image/jpeg"
        raise RuntimeError

    monkeypatch.setattr("backend.media.recording.master_soundtrack", look_then_stop)
    assert render(owner, recorded).json()["poster_url"] is None
    steps.compose(recorded["id"], 1)
    assert seen[0]["state"] == "composing"
    assert owner.patch(path_of(recorded), json={"trim_start_s": 1.0}).json()["poster_url"] is None


def test_what_is_trimmed_begins_and_ends_where_it_should(
    owner: TestClient, recorded: dict, steps: RenderSteps, tmp_path: Path
) -> None:
    owner.patch(path_of(recorded), json={"trim_start_s": 1.0, "trim_end_s": 2.5})
    ready = make(owner, steps, recorded)
    assert ready["duration_s"] == pytest.approx(1.5)
    video = fetched(owner, ready["video_url"], tmp_path / "video.mp4")
    content = fetched(
        owner, f"/api/v1/uploads/{recorded['recording_upload_id']}/content", tmp_path / "whole"
    )
    made, whole = (pictures_of(path) for path in (video, content))
    assert len(made) == 45
    for index in (0, 20, 44):
        off = [
            np.abs(made[index] - whole[30 + index + shift]).mean() for shift in (-2, -1, 0, 1, 2)
        ]
        assert int(np.argmin(off)) - 2 == 0, f"picture {index} is another"


def pictures_of(video: Path) -> list[np.ndarray]:
    with av.open(str(video)) as container:
        return [
            frame.to_ndarray(format="gray").astype(float) for frame in container.decode(video=0)
        ]


def test_a_silent_recording_has_a_silent_track(
    owner: TestClient, steps: RenderSteps, takes: Path, tmp_path: Path
) -> None:
    raw = film(takes / "silent.webm", 2.0, "-an", *LIVE_WEBM).read_bytes()
    silent = draft(
        owner, kind="recording", recording_upload_id=upload(owner, "video", raw)["id"], script="x y"
    )
    ready = make(owner, steps, silent)
    video = fetched(owner, ready["video_url"], tmp_path / "video.mp4")
    with av.open(str(video)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
    assert set(owner.get(ready["waveform_url"]).json()["peaks"]) == {0.0}
    assert owner.get(ready["captions_url"]).text.strip() == "WEBVTT"


def test_a_phone_that_was_turned_makes_an_upright_video(
    owner: TestClient, steps: RenderSteps, takes: Path, tmp_path: Path
) -> None:
    film(takes / "flat.mp4", 1.5, *LIVE_MP4)
    turned = takes / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", str(takes / "flat.mp4"), "-c", "copy", str(turned))
    made = upload(owner, "video", turned.read_bytes())
    assert (made["video"]["width_px"], made["video"]["height_px"]) == (180, 320)
    ready = make(owner, steps, draft(owner, kind="recording", recording_upload_id=made["id"]))
    assert (ready["width_px"], ready["height_px"]) == (180, 320)
    with av.open(str(fetched(owner, ready["video_url"], tmp_path / "video.mp4"))) as container:
        frame = next(container.decode(video=0))
        assert (frame.width, frame.height, frame.rotation) == (180, 320, 0)


# --- captions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"), [(VTT, "text/vtt; charset=utf-8"), (SRT, "application/x-subrip")]
)
def test_given_captions_are_written_anew(
    owner: TestClient, recorded: dict, content: str, kind: str
) -> None:
    kept = owner.put(
        path_of(recorded, "/captions"), content=content, headers={"Content-Type": kind}
    )
    assert kept.status_code == 200, kept.text
    webvtt = kept.json()["captions_vtt"]
    assert webvtt.startswith("WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\n")
    assert "<b>" not in webvtt
    gone = owner.delete(path_of(recorded, "/captions"))
    assert gone.json()["captions_vtt"] is None


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nx\n", "text/vtt", 422, "captions_unreadable"),
        (b"just words", "text/vtt", 422, "captions_unreadable"),
        (b"", "text/vtt", 422, "captions_unreadable"),
        (b"WEBVTT\n\n", "text/vtt", 422, "captions_unreadable"),
        (b"\xff\xfe\0x", "text/vtt", 422, "captions_unreadable"),
        (VTT.encode(), "application/json", 422, "captions_unreadable"),
        (b"WEBVTT\n" + b"\n" * 200_000, "text/vtt", 413, "captions_too_large"),
    ],
)
def test_what_are_no_captions_is_refused(
    owner: TestClient, recorded: dict, content: bytes, kind: str, status: int, code: str
) -> None:
    refused = owner.put(
        path_of(recorded, "/captions"), content=content, headers={"Content-Type": kind}
    )
    problem_of(refused, status, code, "captions")
    assert look_at(owner, recorded)["captions_vtt"] is None


def test_captions_follow_the_trim(
    owner: TestClient, recorded: dict, steps: RenderSteps, tmp_path: Path
) -> None:
    headers = {"Content-Type": "text/vtt"}
    owner.put(path_of(recorded, "/captions"), content=VTT, headers=headers)
    owner.patch(path_of(recorded), json={"trim_start_s": 1.5, "trim_end_s": 3.25})
    ready = make(owner, steps, recorded)
    video = fetched(owner, ready["video_url"], tmp_path / "video.mp4")
    cues = embedded_cues(video)
    assert [cue.text for cue in cues] == ["Mitten darin", "Ende"]
    times = [time_s for cue in cues for time_s in (cue.start_s, cue.end_s)]
    assert times == pytest.approx([0.0, 0.5, 1.5, 1.75], abs=0.01)
    written = owner.get(ready["captions_url"]).text
    assert "00:00:01.500 --> 00:00:01.750\nEnde" in written
    assert "00:00:01.500 --> 00:00:02.000\nEnde" in ready["captions_vtt"], "by the video's times"


def correct(client: TestClient, message: dict, text: str) -> dict:
    put = client.put(
        path_of(message, "/captions"),
        content=f"WEBVTT\n\n00:00.250 --> 00:01.000\n{text}\n",
        headers={"Content-Type": "text/vtt"},
    )
    assert put.status_code == 200, put.text
    return put.json()


def test_captions_of_a_ready_video_are_corrected_by_ear(
    owner: TestClient, recorded: dict, steps: RenderSteps, tmp_path: Path
) -> None:
    owner.patch(path_of(recorded), json={"trim_start_s": 1.0})
    ready = make(owner, steps, recorded)
    before = fetched(owner, ready["video_url"], tmp_path / "before.mp4")
    corrected = correct(owner, recorded, "Korrigiert")
    assert "00:00:00.250 --> 00:00:01.000\nKorrigiert" in corrected["captions_vtt"]
    assert "00:00:00.250 --> 00:00:01.000\nKorrigiert" in owner.get(ready["captions_url"]).text
    for address in (f"{ready['video_url']}?download=1", path_of(recorded, "/small")):
        after = fetched(owner, address, tmp_path / "after.mp4")
        [cue] = embedded_cues(after)
        assert cue.text == "Korrigiert"
        assert cue.start_s == pytest.approx(0.25, abs=0.01)
        made, whole = (pictures_of(path) for path in (before, after))
        assert all(np.array_equal(one, other) for one, other in zip(made, whole, strict=True))
    copy = owner.post(path_of(recorded, "/duplicate")).json()
    assert "00:00:01.250 --> 00:00:02.000\nKorrigiert" in copy["captions_vtt"], "by the recording's"
    assert owner.delete(path_of(recorded, "/captions")).status_code == 200
    assert owner.get(ready["captions_url"]).text.strip() == "WEBVTT"


def test_what_somebody_watches_stays_as_it_is_while_its_captions_are_corrected(
    app: FastAPI, owner: TestClient, recorded: dict, steps: RenderSteps, tmp_path: Path
) -> None:
    ready = make(owner, steps, recorded)
    _, link = share(owner, ready, allow_download=True)
    viewer = browser(app)
    whole = viewer.get(f"{link}/video.mp4")
    half = len(whole.content) // 2
    begun = viewer.get(f"{link}/video.mp4", headers={"Range": f"bytes=0-{half - 1}"})
    for text in ("Erst", "Dann"):
        correct(owner, recorded, text)
        assert text in viewer.get(f"{link}/captions.vtt").text
        saved = viewer.get(f"{link}/video.mp4?download=1")
        (tmp_path / "saved.mp4").write_bytes(saved.content)
        assert [cue.text for cue in embedded_cues(tmp_path / "saved.mp4")] == [text]
        # The rest of what was begun: the same file, by its name of RFC 9110 and by its bytes.
        unchanged = {"Range": f"bytes={half}-", "If-Range": begun.headers["etag"]}
        rest = viewer.get(f"{link}/video.mp4", headers=unchanged)
        assert rest.status_code == 206
        assert begun.content + rest.content == whole.content
    folder = app.state.collaborators.storage.path(f"messages/{recorded['id']}/1")
    assert len(list(folder.glob("video*.mp4"))) == 2, "the one before last is gone"
    owner.delete(path_of(recorded, "/captions"))
    assert len(list(folder.glob("video*.mp4"))) == 1


def test_captions_are_not_changed_while_the_video_is_made(
    owner: TestClient, recorded: dict
) -> None:
    render(owner, recorded)
    headers = {"Content-Type": "text/vtt"}
    refused = owner.put(path_of(recorded, "/captions"), content=VTT, headers=headers)
    problem_of(refused, 409, "conflict_state")


def test_the_script_becomes_captions_where_it_is_heard(
    owner: TestClient, steps: RenderSteps, recording: Path, takes: Path
) -> None:
    """The sample speech says two pairs of sentences; each caption lies within the speech."""
    video = takes / "spoken.webm"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=20", "-i", str(recording),
           "-shortest", *LIVE_WEBM, str(video))  # fmt: skip
    script = "".join(SENTENCES)
    made = upload(owner, "video", video.read_bytes())
    message = draft(owner, kind="recording", recording_upload_id=made["id"], script=script)
    ready = make(owner, steps, message)
    webvtt = owner.get(ready["captions_url"]).text
    assert webvtt.count("-->") >= 4
    assert "楽しみにしています。" in webvtt
    assert ready["captions_vtt"] is None, "they were not given"
    headers = {"Content-Type": "text/vtt"}
    owner.put(path_of(message, "/captions"), content=VTT, headers=headers)
    assert "Mitten darin" in owner.get(ready["captions_url"]).text
    owner.delete(path_of(message, "/captions"))
    assert owner.get(ready["captions_url"]).text == webvtt


def test_captions_go_along_with_what_a_card_moves(
    owner: TestClient, recorded: dict, steps: RenderSteps
) -> None:
    headers = {"Content-Type": "text/vtt"}
    owner.put(path_of(recorded, "/captions"), content=VTT, headers=headers)
    owner.patch(path_of(recorded), json={"title_card": "Für Mia", "trim_start_s": 0.5})
    ready = make(owner, steps, recorded)
    assert ready["duration_s"] == pytest.approx(6.5, abs=0.1)
    made = owner.get(ready["captions_url"]).text
    assert "00:00:03.500 --> 00:00:04.500\nMitten darin" in made
    assert ready["captions_vtt"] == made
    early = "WEBVTT\n\n00:01.000 --> 00:02.000\nToo early\n\n00:04.000 --> 00:05.000\nHere\n"
    corrected = owner.put(path_of(recorded, "/captions"), content=early, headers=headers).json()
    assert "00:00:02.500 --> 00:00:03.000\nToo early" in corrected["captions_vtt"]
    assert "00:00:04.000 --> 00:00:05.000\nHere" in corrected["captions_vtt"]
    assert owner.get(ready["captions_url"]).text == corrected["captions_vtt"]


# --- music and another voice --------------------------------------------------------------------


@pytest.fixture(scope="session")
def music(takes: Path) -> bytes:
    ffmpeg("-f", "lavfi", "-i", "sine=frequency=1500:duration=2", "-af", "volume=0.4",
           str(takes / "music.wav"))  # fmt: skip
    return (takes / "music.wav").read_bytes()


def test_music_plays_to_the_end_and_fades(
    owner: TestClient, recorded: dict, steps: RenderSteps, music: bytes, tmp_path: Path
) -> None:
    owner.patch(path_of(recorded), json={"music_upload_id": upload(owner, "audio", music)["id"]})
    ready = make(owner, steps, recorded)
    ffmpeg("-i", str(fetched(owner, ready["video_url"], tmp_path / "video.mp4")), "-ac", "1",
           str(tmp_path / "heard.wav"))  # fmt: skip
    late = tone(tmp_path / "heard.wav", 1500, 2.5, 2.9)
    assert late > 3e-4, "longer than the two seconds that it lasts by itself"
    assert tone(tmp_path / "heard.wav", 1500, 3.85, 3.99) < 0.3 * late


def tone(sound: Path, frequency_hz: float, from_s: float, to_s: float) -> float:
    """Return how loud one frequency is in a span of a sound."""
    samples, rate_hz = soundfile.read(sound)
    part = samples[int(from_s * rate_hz) : int(to_s * rate_hz)]
    time_s = np.arange(len(part)) / rate_hz
    return float(np.abs(np.mean(part * np.exp(-2j * np.pi * frequency_hz * time_s))))


def test_music_that_comes_along_is_heard(
    owner: TestClient, recorded: dict, steps: RenderSteps, tmp_path: Path
) -> None:
    owner.patch(path_of(recorded), json={"music_track": "music_box"})
    ready = make(owner, steps, recorded)
    ffmpeg("-i", str(fetched(owner, ready["video_url"], tmp_path / "video.mp4")), "-ac", "1",
           str(tmp_path / "heard.wav"))  # fmt: skip
    # The waltz begins with a long E5 on the music box.
    e5 = tone(tmp_path / "heard.wav", frequency_hz("E5"), 0.3, 0.9)
    assert e5 > 5 * tone(tmp_path / "heard.wav", frequency_hz("E5") * 1.06, 0.3, 0.9)


def test_a_voice_takes_the_place_of_the_recorded_sound(
    owner: TestClient, recorded: dict, steps: RenderSteps, tmp_path: Path, app: FastAPI
) -> None:
    script = "おはようございます。きょうは、いいお天気ですね。またあとで、お電話します。"
    owner.patch(path_of(recorded), json={"voice": BASE_VOICE, "script": script})
    ready = make(owner, steps, recorded)
    assert ready["synthetic"]
    assert ready["stream_url"] is None
    assert ready["base_voice"] == BASE_VOICE
    video = fetched(owner, ready["video_url"], tmp_path / "video.mp4")
    spoken = json.loads(
        app.state.collaborators.storage.path(f"messages/{recorded['id']}/1/spoken.json").read_text()
    )
    assert ready["duration_s"] == pytest.approx(spoken["duration_s"] + 1.2, abs=0.01)
    with av.open(str(video)) as container:
        assert "synthetic" in container.metadata["comment"]
        lasts_s = sum(1 for _ in container.decode(video=0)) / 30
    assert lasts_s == pytest.approx(ready["duration_s"], abs=0.05)
    assert "".join(cue.text.replace("\n", "") for cue in embedded_cues(video)) == script


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"recording_upload_id": None}, "recording_missing", "recording"),
        (
            {"recording_upload_id": NOBODYS},
            "recording_missing",
            "recording",
        ),
        ({"trim_start_s": 4.5}, "trim_invalid", "trim"),
        ({"trim_start_s": 2.0, "trim_end_s": 1.0}, "trim_invalid", "trim"),
        ({"trim_start_s": 2.0, "trim_end_s": 2.2}, "trim_invalid", "trim"),
        ({"music_upload_id": NOBODYS}, "music_missing", "music"),
        ({"music_track": "nobody_plays_this"}, "music_missing", "music"),
        ({"voice": BASE_VOICE}, "script_empty", "script"),
        ({"voice": "voc_00000000000000000000000000", "script": "x"}, "voice_unknown", "voice"),
        ({"script": "x" * 5_001}, "script_too_long", "script"),
        ({"language": "tlh"}, "language_unknown", "language"),
    ],
)
def test_what_cannot_be_rendered_is_named(
    owner: TestClient, recorded: dict, change: dict, code: str, field: str
) -> None:
    owner.patch(path_of(recorded), json=change)
    problem_of(render(owner, recorded), 422, code, field)
    assert look_at(owner, recorded)["state"] == "draft"


@pytest.mark.parametrize("value", [-1, 1e9, "x", None, float("inf")])
def test_an_impossible_trim_names_the_field(
    owner: TestClient, recorded: dict, value: object
) -> None:
    body = json.dumps({"trim_start_s": value})
    refused = owner.patch(
        path_of(recorded), content=body, headers={"Content-Type": "application/json"}
    )
    problem_of(refused, 422, "validation", "trim_start_s")


def test_an_unfinished_or_another_ones_upload_is_no_recording(
    owner: TestClient, guest: TestClient, take: bytes, photo: Path
) -> None:
    body = {"kind": "video", "filename": "f", "size_bytes": None}
    begun = owner.post("/api/v1/uploads", json=body).json()["id"]
    foreign = upload(guest, "video", take)["id"]
    picture = upload(owner, "photo", photo.read_bytes())["id"]
    for upload_id in (begun, foreign, picture):
        message = draft(owner, kind="recording", recording_upload_id=upload_id)
        problem_of(render(owner, message), 422, "recording_missing", "recording")


def test_a_recording_that_was_deleted_after_the_order_fails_with_a_reason(
    owner: TestClient, recorded: dict, steps: RenderSteps
) -> None:
    render(owner, recorded)
    owner.delete(f"/api/v1/uploads/{recorded['recording_upload_id']}")
    assert steps.compose(recorded["id"], 1) is Outcome.STOP
    failed = look_at(owner, recorded)
    assert (failed["state"], failed["problem"]["code"]) == ("failed", "recording_missing")
    assert owner.get(path_of(recorded, "/stream")).status_code == 404


def test_cancelling_in_the_middle_leaves_nothing_half_made(
    app: FastAPI, owner: TestClient, recorded: dict, steps: RenderSteps,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    render(owner, recorded)

    def cancel_then_master(*given: object) -> object:
        assert owner.post(path_of(recorded, "/cancel")).status_code == 200
        return master_soundtrack(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("backend.media.recording.master_soundtrack", cancel_then_master)
    assert steps.compose(recorded["id"], 1) is Outcome.STOP
    assert look_at(owner, recorded)["state"] == "cancelled"
    names = app.state.collaborators.storage.names(f"messages/{recorded['id']}/1")
    assert names == ["poster.jpg"]


# --- what stays, and what goes ------------------------------------------------------------------


def test_the_sweep_keeps_what_a_message_is_made_of(
    app: FastAPI, owner: TestClient, recorded: dict, music: bytes
) -> None:
    song = upload(owner, "audio", music)["id"]
    owner.patch(path_of(recorded), json={"music_upload_id": song})
    unused = upload(owner, "audio", music)["id"]
    parts = app.state.collaborators
    with parts.sessions.begin() as session:
        for row in session.scalars(select(Upload)):
            row.expires_at = row.created_at
    tidy_uploads(parts.sessions, parts.storage)
    kept = {path.name for path in (parts.storage.root / "uploads").iterdir()}
    assert kept == {song, recorded["recording_upload_id"]}
    assert unused not in kept


def test_a_deleted_message_takes_its_recording_and_music_along(
    app: FastAPI, owner: TestClient, recorded: dict, steps: RenderSteps, music: bytes
) -> None:
    song = upload(owner, "audio", music)["id"]
    owner.patch(path_of(recorded), json={"music_upload_id": song})
    copy = owner.post(path_of(recorded, "/duplicate")).json()
    make(owner, steps, recorded)
    root = app.state.collaborators.storage.root
    assert owner.delete(path_of(recorded)).status_code == 204
    left = sorted(path.name for path in (root / "uploads").iterdir())
    assert left == sorted([song, recorded["recording_upload_id"]]), "the copy needs them"
    owner.delete(path_of(copy))
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_a_video_of_an_earlier_release_has_no_previews(
    app: FastAPI, owner: TestClient, recorded: dict
) -> None:
    parts = app.state.collaborators
    render(owner, recorded)
    with parts.sessions.begin() as session:
        message = session.get_one(Message, recorded["id"])
        message.state = message.state.READY
    ready = look_at(owner, recorded)
    assert (ready["thumbnail_url"], ready["waveform_url"]) == (None, None)
    for name in ("/thumbnail.gif", "/waveform"):
        problem_of(owner.get(path_of(recorded, name)), 404, "not_found", "message_id")
