"""The service over real HTTP, as the backend and OpenAI's clients use it."""

import base64
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
import soundfile

from openvoice_service.base_voices import Prosody
from openvoice_service.base_voices.open_jtalk import OpenJTalk
from openvoice_service.main import create_app
from openvoice_service.settings import SpeechSettings
from openvoice_service.tests.running import serving

TOKEN = "the token of these tests"
CONSENT = "I agree."
SCRIPT = "お誕生日おめでとう。来年も一緒に、お祝いしようね。"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("speech")


@pytest.fixture(scope="module")
def service(root: Path) -> Iterator[httpx.Client]:
    app = create_app(SpeechSettings(data_dir=root, speech_token=TOKEN))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with (
        serving(app) as url,
        httpx.Client(base_url=url, headers=headers, timeout=120) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def recording() -> bytes:
    texts = (
        "こんにちは、私は花子です。今日はいい天気ですね。",
        "また水曜日に会いましょう、楽しみです。",
    )
    waves = [OpenJTalk().speak(text, Prosody(pitch=-4.0)).wave for text in texts]
    joined = np.concatenate([wave.samples for wave in waves])
    return wav(joined, waves[0].sample_rate_hz)


def wav(samples: np.ndarray, rate_hz: int = 24_000) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate_hz, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def clone(service: httpx.Client, sample: bytes, **form: str) -> httpx.Response:
    fields = {"name": "花子", "language": "ja", "consent": CONSENT, **form}
    return service.post("/v1/voices", data=fields, files={"files": ("s.wav", sample, "audio/wav")})


@pytest.fixture(scope="module")
def voice(service: httpx.Client, recording: bytes) -> str:
    response = clone(service, recording)
    assert response.status_code == 201, response.text
    return response.json()["id"]


def timed(service: httpx.Client, **body: object) -> dict:
    response = service.post("/v1/audio/speech/timed", json={"response_format": "wav", **body})
    assert response.status_code == 200, response.text
    return response.json()


def samples_of(answer: dict) -> tuple[np.ndarray, int]:
    return soundfile.read(io.BytesIO(base64.b64decode(answer["audio"])), dtype="float32")


def refused(response: httpx.Response, status: int, code: str, field: str | None = None) -> None:
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert response.headers["content-type"] == "application/problem+json"
    if field is not None:
        assert [error["field"] for error in body["errors"]] == [field]


def test_it_is_ready_and_says_what_it_can_do(service: httpx.Client) -> None:
    assert service.get("/healthz").status_code == 200
    assert service.get("/readyz").json() == {
        "ready": True,
        "engine": "world",
        "device": "cpu",
        "loaded": True,
        "interruption_at": None,
    }
    can = service.get("/v1/capabilities").json()
    assert [engine["name"] for engine in can["engines"] if engine["ready"]] == ["world"]
    assert all(engine["reason"] for engine in can["engines"] if not engine["ready"])
    assert {"ja", "en", "zh", "ko", "es", "fr"} == {item["code"] for item in can["languages"]}
    assert can["neural_base"]["ready"] is False
    assert "make models" in can["neural_base"]["reason"]


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}])
def test_without_the_token_nothing_is_said(service: httpx.Client, header: dict) -> None:
    with httpx.Client(base_url=service.base_url, headers=header) as stranger:
        refused(stranger.get("/v1/voices"), 401, "unauthorized")
        refused(stranger.post("/v1/audio/speech", json={"input": "a"}), 401, "unauthorized")


def test_speech_comes_with_the_times_at_which_it_is_heard(
    service: httpx.Client, voice: str
) -> None:
    answer = timed(service, input=SCRIPT, voice=voice, language="ja")
    assert (answer["engine"], answer["voice"]) == ("world", voice)
    samples, rate = samples_of(answer)
    assert len(samples) / rate == pytest.approx(answer["duration_s"], abs=0.001)
    hop = rate // 200
    levels = np.abs(samples[: len(samples) // hop * hop].reshape(-1, hop)).max(axis=1)
    heard = np.flatnonzero(levels > 0.02 * levels.max()) * hop / rate
    for sentence in answer["sentences"]:
        inside = heard[(heard > sentence["start_s"] - 0.15) & (heard < sentence["end_s"] + 0.15)]
        assert inside[0] == pytest.approx(sentence["start_s"], abs=0.06)
        assert inside[-1] == pytest.approx(sentence["end_s"], abs=0.06)
        words = sentence["words"]
        assert "".join(word["text"] for word in words) == sentence["text"]
        starts = [word["start_s"] for word in words]
        assert starts == sorted(starts)
    assert answer["sentences"][0]["start_s"] <= 0.05
    assert answer["duration_s"] - answer["sentences"][-1]["end_s"] <= 0.2


def test_the_same_again_is_taken_from_the_cache_and_the_same(
    service: httpx.Client, voice: str
) -> None:
    first = timed(service, input="もう一度だけ言います。", voice=voice)
    second = timed(service, input="もう一度だけ言います。", voice=voice)
    assert [first["sentences"][0]["cache_hit"], second["sentences"][0]["cache_hit"]] == [
        False,
        True,
    ]
    assert first["audio"] == second["audio"]


def test_a_forgotten_sentence_is_spoken_anew(service: httpx.Client, voice: str) -> None:
    said = timed(service, input="これは忘れてください。", voice=voice)
    keys = [sentence["cache_key"] for sentence in said["sentences"]]
    body = {"voice": voice, "cache_keys": keys}
    assert service.post("/v1/audio/speech/forget", json=body).status_code == 204
    again = timed(service, input="これは忘れてください。", voice=voice)
    assert again["sentences"][0]["cache_hit"] is False


def hits(service: httpx.Client, **more: object) -> list[bool]:
    return [sentence["cache_hit"] for sentence in timed(service, **more)["sentences"]]


def forget(service: httpx.Client, kept_for: str) -> None:
    body = {"kept_for": [kept_for]}
    assert service.post("/v1/audio/speech/forget", json=body).status_code == 204


def test_what_texts_have_in_common_is_spoken_once_and_kept_for_all_of_them(
    service: httpx.Client, voice: str, root: Path
) -> None:
    common = {"kept_for": "msg_template", "text": "ようこそ。{{name}}さん。また来てね。"}

    def said_to(name: str, kept_for: str) -> dict[str, object]:
        text = f"ようこそ。{name}さん。また来てね。"
        return {"input": text, "voice": voice, "kept_for": kept_for, "common": common}

    first = timed(service, **said_to("花子", "msg_1"))["sentences"]
    assert [sentence["is_common"] for sentence in first] == [True, False, True]
    assert hits(service, **said_to("太郎", "msg_2")) == [True, False, True]
    forget(service, "msg_1")
    assert hits(service, **said_to("次郎", "msg_3")) == [True, False, True]
    assert hits(service, **said_to("花子", "msg_1")) == [True, False, True], "its own is forgotten"
    forget(service, "msg_template")
    assert hits(service, **said_to("太郎", "msg_2")) == [False, True, False]
    for one in ("msg_1", "msg_2", "msg_3", "msg_template"):
        forget(service, one)
    assert not [path for path in root.rglob("generated/*/msg_*/*") if path.is_file()]


@pytest.mark.parametrize("text", ["", "{{name", "*", "[9]"])
def test_a_template_that_can_not_be_cut_has_nothing_in_common(
    service: httpx.Client, voice: str, text: str
) -> None:
    common = {"kept_for": "msg_template", "text": text}
    said = timed(service, input="こんにちは。", voice=voice, common=common, markup=True)
    assert said["sentences"][0]["is_common"] is False


def test_many_at_once_get_the_same_and_the_work_is_done_once(
    service: httpx.Client, voice: str
) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda _: timed(service, input="みんなで同時に。", voice=voice), range(6))
        )
    assert len({answer["audio"] for answer in answers}) == 1
    assert sum(not answer["sentences"][0]["cache_hit"] for answer in answers) == 1


def test_a_voice_changes_what_is_heard(service: httpx.Client, voice: str) -> None:
    cloned, _ = samples_of(timed(service, input="声が違います。", voice=voice))
    base, _ = samples_of(timed(service, input="声が違います。", voice="open_jtalk:mei_normal"))
    shared = min(len(cloned), len(base))
    assert abs(np.corrcoef(cloned[:shared], base[:shared])[0, 1]) < 0.9


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0, 4.0])
@pytest.mark.parametrize("voice_id", ["open_jtalk:mei_normal", "espeak_ng:en-us+f3"])
def test_speed_is_what_was_asked_for(service: httpx.Client, speed: float, voice_id: str) -> None:
    text = "Hello there my friend" if "en-us" in voice_id else "速さを変えて話します"
    normal = timed(service, input=text, voice=voice_id)["sentences"][0]
    changed = timed(service, input=text, voice=voice_id, speed=speed)["sentences"][0]
    ratio = (normal["end_s"] - normal["start_s"]) / (changed["end_s"] - changed["start_s"])
    assert ratio == pytest.approx(speed, rel=0.3)


@pytest.mark.parametrize("audio_format", ["mp3", "opus", "aac", "flac", "wav"])
def test_every_format_is_read_by_a_player(service: httpx.Client, audio_format: str) -> None:
    body = {"input": "Hello there. How are you?", "response_format": audio_format}
    response = service.post("/v1/audio/speech", json=body)
    with av.open(io.BytesIO(response.content), "r") as container:
        stream = container.streams.audio[0]
        heard_s = sum(frame.samples for frame in container.decode(stream)) / stream.rate
    whole = timed(service, input=body["input"])["duration_s"]
    assert heard_s == pytest.approx(whole, abs=0.3)


def test_pcm_is_16_bit_at_24_khz(service: httpx.Client) -> None:
    body = {"input": "Hello there.", "response_format": "pcm"}
    raw = service.post("/v1/audio/speech", json=body).content
    duration_s = timed(service, input="Hello there.")["duration_s"]
    assert len(raw) / 2 / 24_000 == pytest.approx(duration_s, abs=0.1)


def test_events_carry_the_same_sound_sentence_by_sentence(service: httpx.Client) -> None:
    body = {"input": "One. Two. Three.", "response_format": "pcm"}
    whole = service.post("/v1/audio/speech", json=body).content
    streamed = service.post("/v1/audio/speech", json={**body, "stream_format": "sse"}).text
    events = [json.loads(line[6:]) for line in streamed.splitlines() if line.startswith("data: ")]
    assert [event["type"] for event in events] == ["speech.audio.delta"] * 3 + ["speech.audio.done"]
    assert b"".join(base64.b64decode(e["audio"]) for e in events[:3]) == whole


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"input": ""}, "script_empty", "input"),
        ({"input": "x" * 100_000}, "script_too_long", "input"),
        ({"input": "🎉🎂"}, "script_unspeakable", "input"),
        ({"input": "a", "language": "tlh"}, "language_unknown", "language"),
        ({"input": "a", "voice": "voc_00000000000000000000000000"}, "voice_unknown", "voice"),
        ({"input": "a", "voice": "open_jtalk:nobody"}, "voice_unknown", "voice"),
        ({"input": "a", "voice": "../../etc"}, "voice_unknown", "voice"),
        ({"input": "a", "language": "en", "voice": "open_jtalk:mei_normal"},
         "voice_language_mismatch", "voice"),
        ({"input": "a", "engine": "openvoice"}, "engine_unavailable", "engine"),
        ({"input": "a", "response_format": "midi"}, "validation", "response_format"),
        ({"input": "a", "speed": 9}, "validation", "speed"),
        ({}, "validation", "input"),
    ],
)  # fmt: skip
def test_a_bad_request_names_its_field(
    service: httpx.Client, body: dict, code: str, field: str
) -> None:
    refused(service.post("/v1/audio/speech", json=body), 422, code, field)


@pytest.mark.parametrize(
    ("sample", "code"),
    [
        (wav(np.zeros(24_000 * 8)), "sample_silent"),
        (b"just words " * 500, "media_unreadable"),
        (b"", "media_unreadable"),
    ],
    ids=["silent", "text", "empty"],
)
def test_a_bad_sample_is_refused(service: httpx.Client, sample: bytes, code: str) -> None:
    refused(clone(service, sample), 422, code, "files")


def with_a_hole(value: float) -> bytes:
    """Return a float WAV of noise with one sample that is no number."""
    samples = np.random.default_rng(0).normal(0, 0.1, 24_000 * 8).astype(np.float32)
    samples[100_000] = value
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, 24_000, format="WAV", subtype="FLOAT")
    return buffer.getvalue()


def half_an_hour() -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(8_000 * 1_800, np.int16), 8_000, format="FLAC")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("sample", "code", "fix"),
    [
        (with_a_hole(np.nan), "media_unreadable", "16-bit"),
        (with_a_hole(np.inf), "media_unreadable", "16-bit"),
        (half_an_hour(), "media_too_large", "shorter"),
    ],
    ids=["nan", "infinite", "half an hour"],
)
def test_a_recording_that_breaks_sums_or_patience_is_refused_with_the_fix(
    service: httpx.Client, voice: str, sample: bytes, code: str, fix: str
) -> None:
    refusals = {
        "files": clone(service, sample),
        "file": service.post(
            "/v1/audio/conversions", data={"voice": voice}, files={"file": ("r.wav", sample)}
        ),
    }
    for field, refusal in refusals.items():
        refused(refusal, 422, code, field)
        assert fix in refusal.json()["errors"][0]["fix"]
    assert service.get("/readyz").json()["ready"] is True


def test_a_sample_of_one_second_is_refused(service: httpx.Client, recording: bytes) -> None:
    samples, rate = soundfile.read(io.BytesIO(recording))
    refused(clone(service, wav(samples[rate : 2 * rate], rate)), 422, "sample_too_short", "files")


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        ({"consent": " "}, "consent_missing", "consent"),
        ({"language": "tlh"}, "language_unknown", "language"),
        ({"name": ""}, "name_missing", "name"),
        ({"id": "../../etc/passwd"}, "id_invalid", "id"),
    ],
)
def test_a_bad_form_names_its_field(
    service: httpx.Client, recording: bytes, form: dict, code: str, field: str
) -> None:
    refused(clone(service, recording, **form), 422, code, field)


def test_the_same_id_again_replaces_and_deletion_leaves_no_bytes(
    service: httpx.Client, recording: bytes, root: Path
) -> None:
    chosen = "voc_0123456789abcdefghjkmnpqrs"
    for name in ("first", "second"):
        assert clone(service, recording, id=chosen, name=name).json()["id"] == chosen
    listed = [v for v in service.get("/v1/voices").json()["items"] if v["id"] == chosen]
    assert [voice["name"] for voice in listed] == ["second"]
    timed(service, input="消える前に話します。", voice=chosen)
    assert service.delete(f"/v1/voices/{chosen}").status_code == 204
    assert [path for path in root.rglob("*") if chosen in str(path)] == []
    refused(service.get(f"/v1/voices/{chosen}"), 404, "not_found")
    refused(service.delete(f"/v1/voices/{chosen}"), 404, "not_found")


def test_a_recording_is_respoken_in_another_tone(
    service: httpx.Client, voice: str, recording: bytes
) -> None:
    files = {"file": ("r.wav", recording, "audio/wav")}
    response = service.post("/v1/audio/conversions", data={"voice": voice}, files=files)
    converted, rate = soundfile.read(io.BytesIO(response.content))
    original, original_rate = soundfile.read(io.BytesIO(recording))
    assert len(converted) / rate == pytest.approx(len(original) / original_rate, abs=0.02)
    refused(
        service.post("/v1/audio/conversions", data={"voice": "voc_x"}, files=files),
        422, "voice_unknown", "voice",
    )  # fmt: skip
