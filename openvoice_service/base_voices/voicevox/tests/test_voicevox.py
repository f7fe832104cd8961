"""VOICEVOX through the service, with an engine that works, and with one that does not."""

import base64
import io
import logging
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
from fastapi import FastAPI

from openvoice_service.audio import Waveform, frame_levels_dbfs
from openvoice_service.base_voices import BaseVoices, Prosody
from openvoice_service.base_voices import voicevox as package
from openvoice_service.base_voices.open_jtalk import OpenJTalk
from openvoice_service.base_voices.voicevox import engine as client_of_engine
from openvoice_service.base_voices.voicevox.tests.double import POLICY, VoicevoxDouble
from openvoice_service.engines import create_engine
from openvoice_service.main import create_app
from openvoice_service.settings import SpeechSettings
from openvoice_service.tests.running import serving, until
from openvoice_service.tests.test_deliveries import pitches_hz
from openvoice_service.tones import BaseTones

TOKEN = "the token of these tests"
TEXT = "橋の端で、箸を持つ。明日も来ますか？"
HANAKO = "voicevox:2"
MEI = "open_jtalk:mei_normal"


@pytest.fixture
def double() -> Iterator[VoicevoxDouble]:
    made = VoicevoxDouble()
    yield made
    made.go_on.set()
    assert made.contract.violations == []


@pytest.fixture
def url(double: VoicevoxDouble) -> Iterator[str]:
    with serving(double.app) as address:
        yield address
        double.go_on.set()


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base voices' tones, which each new service would learn anew."""
    folder = tmp_path_factory.mktemp("learnt")
    base_voices = BaseVoices()
    tones = BaseTones(create_engine("world"), folder)
    for language in ("ja", "en"):
        for voice in base_voices.finest_of_language(language):
            tones.get(voice)
    base_voices.close()
    return folder


@pytest.fixture(autouse=True)
def _know_the_tones(tmp_path: Path, learnt: Path) -> None:
    shutil.copytree(learnt, tmp_path / "shared" / "base_tones")


def service_with(root: Path, voicevox_url: str) -> FastAPI:
    return create_app(SpeechSettings(data_dir=root, speech_token=TOKEN, voicevox_url=voicevox_url))


@pytest.fixture
def app(tmp_path: Path, url: str) -> FastAPI:
    return service_with(tmp_path, url)


@pytest.fixture
def service(app: FastAPI) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with serving(app) as url, httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("LOOK_TIMEOUT_S", "INFO_TIMEOUT_S", "QUERY_TIMEOUT_S", "WARM_UP_TIMEOUT_S"):
        monkeypatch.setattr(client_of_engine, limit, 1.0)
    monkeypatch.setattr(client_of_engine, "SYNTHESIS_BASE_S", 1.0)
    monkeypatch.setattr(client_of_engine, "SYNTHESIS_PER_SECOND", 0.0)


def speak(service: httpx.Client, **body: object) -> httpx.Response:
    wish = {"input": TEXT, "response_format": "wav", "voice": HANAKO, **body}
    return service.post("/v1/audio/speech/timed", json=wish)


def spoken(service: httpx.Client, **body: object) -> dict:
    response = speak(service, **body)
    assert response.status_code == 200, response.text
    return response.json()


def wave_of(answer: dict) -> Waveform:
    samples, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(answer["audio"])))
    return Waveform(samples.astype(np.float32), rate_hz)


def clone(service: httpx.Client) -> str:
    texts = ("こんにちは、私は花子です。今日はいい天気ですね。", "また水曜日に会いましょう。")
    waves = [OpenJTalk().speak(text, Prosody(pitch=-4.0)).wave for text in texts]
    buffer = io.BytesIO()
    joined = np.concatenate([wave.samples for wave in waves])
    soundfile.write(buffer, joined, waves[0].sample_rate_hz, format="WAV")
    response = service.post(
        "/v1/voices",
        data={"name": "花子", "language": "ja", "consent": "はい。"},
        files={"files": ("s.wav", buffer.getvalue(), "audio/wav")},
    )
    assert response.status_code == 201, response.text
    return response.json()["id"]


# --- an engine that works -----------------------------------------------------------------------


def test_characters_stand_in_the_list_with_their_credit(service: httpx.Client) -> None:
    listed = service.get("/v1/voices").json()
    assert listed["voicevox"] == {"state": "ready", "reason": None, "version": "0.25.0"}
    voices = {voice["id"]: voice for voice in listed["items"]}
    characters = [id for id in voices if id.startswith("voicevox:")]
    assert characters == ["voicevox:2", "voicevox:4", "voicevox:11"]  # nobody who only sings
    hanako = voices[HANAKO]
    assert hanako["credit"] == "VOICEVOX:試験花子"
    assert hanako["ready"]
    assert (hanako["character"]["name"], hanako["character"]["style"]) == ("試験花子", "ノーマル")
    assert service.get("/v1/capabilities").json()["voicevox"]["state"] == "ready"


def test_nobody_gets_a_character_without_asking(service: httpx.Client) -> None:
    answer = spoken(service, voice=None, language="ja")
    assert answer["base_voice"] == MEI
    assert answer["credit"] is None


def test_moras_are_heard_when_they_are_said_to_be(service: httpx.Client) -> None:
    """Each tone of the stand-in begins after a gap: that is where its mora has to be."""
    answer = spoken(service)
    assert answer["base_voice"] == HANAKO
    assert answer["credit"] == "VOICEVOX:試験花子"
    wave = wave_of(answer)
    gaps_s = _gaps_s(wave)
    moras = [mora for sentence in answer["sentences"] for mora in sentence["moras"]]
    assert "".join(mora["text"] for mora in moras) == "ハシノハシデハシオモツアシタモキマスカカ"
    for mora in moras:
        assert np.min(np.abs(gaps_s - mora["start_s"])) < 0.02, mora
    for sentence in answer["sentences"]:
        words = sentence["words"]
        assert words[0]["start_s"] == pytest.approx(sentence["start_s"], abs=0.05)
        starts = {round(mora["start_s"], 3) for mora in sentence["moras"]}
        assert {round(word["start_s"], 3) for word in words[1:]} <= starts


def _gaps_s(wave: Waveform) -> np.ndarray:
    levels = frame_levels_dbfs(wave, frame_s=0.004, hop_s=0.002)
    quiet = levels < -60.0
    begins = np.flatnonzero(np.diff(quiet.astype(int)) == 1) + 1
    ends = np.flatnonzero(np.diff(quiet.astype(int)) == -1)
    # A gap is at a mora's start; a pause before it makes it begin earlier, and end there too.
    return np.concatenate([begins * 0.002, ends * 0.002 - 0.015])


def test_a_sentence_is_said_as_its_reading_says(service: httpx.Client) -> None:
    usual = spoken(service, input="橋です。", voice=HANAKO)["sentences"][0]
    wish = {"text": "橋です。", "kana": "ハ'シ/デ'ス"}
    told = spoken(service, input="橋です。", voice=HANAKO, readings=[wish])["sentences"][0]
    assert told["reading"] == "ハ'シ/デ'ス"
    assert [mora["text"] for mora in told["moras"]] == ["ハ", "シ", "デ", "ス"]
    assert told["cache_key"] != usual["cache_key"]


def test_speed_and_pitch_shape_the_sound_and_the_key(service: httpx.Client) -> None:
    plain, fast = spoken(service), spoken(service, speed=2.0)
    assert fast["duration_s"] < 0.65 * plain["duration_s"]
    high = spoken(service, pitch=12.0)
    ratio = _pitch_hz(wave_of(high)) / _pitch_hz(wave_of(plain))
    assert ratio == pytest.approx(2.0, abs=0.1)
    keys = {answer["sentences"][0]["cache_key"] for answer in (plain, fast, high)}
    assert len(keys) == 3


def test_words_are_stressed_in_the_query_and_moras_stay_exact(service: httpx.Client) -> None:
    usual = spoken(service)
    answer = spoken(service, input="橋の端で、*箸*を持つ。明日も来ますか？", markup=True)
    before, after = (
        {word["text"]: word for word in one["sentences"][0]["words"]} for one in (usual, answer)
    )
    lengths_s = {word: one["end_s"] - one["start_s"] for word, one in after.items()}
    for word, one in before.items():
        factor = 1.18 if word == "箸" else 1.0
        assert lengths_s[word] == pytest.approx(factor * (one["end_s"] - one["start_s"]), abs=0.025)
    gaps_s = _gaps_s(wave_of(answer))
    for mora in answer["sentences"][0]["moras"]:
        assert np.min(np.abs(gaps_s - mora["start_s"])) < 0.02, mora
    heard = [wave_of(one).between(w["箸"]["start_s"] + 0.03, w["箸"]["end_s"] - 0.02)
             for one, w in ((usual, before), (answer, after))]  # fmt: skip
    assert 12 * np.log2(_pitch_hz(heard[1]) / _pitch_hz(heard[0])) == pytest.approx(1.5, abs=0.6)
    assert np.std(heard[1].samples) > 1.2 * np.std(heard[0].samples)


def test_a_break_stops_a_character_for_so_long(service: httpx.Client) -> None:
    answer = spoken(service, input="橋の[0.7]端で持つ。", markup=True)
    (sentence,) = answer["sentences"]
    assert sentence["text"] == "橋の端で持つ。"
    moras = sentence["moras"]
    assert "".join(mora["text"] for mora in moras) == "ハシノハシデモツ"
    assert moras[3]["start_s"] - moras[2]["end_s"] == pytest.approx(0.7, abs=0.03)
    quiet = wave_of(answer).between(moras[2]["end_s"] + 0.02, moras[3]["start_s"] - 0.02)
    assert np.abs(quiet.samples).max() < 1e-3


def _pitch_hz(wave: Waveform) -> float:
    spectrum = np.abs(np.fft.rfft(wave.samples))
    return float(np.argmax(spectrum) * wave.sample_rate_hz / len(wave.samples))


def test_a_sentence_is_kept_until_the_engine_is_another(
    service: httpx.Client, app: FastAPI, double: VoicevoxDouble
) -> None:
    first = spoken(service)
    asked = double.contract.calls.count("POST /synthesis")
    again = spoken(service)
    assert [s["cache_hit"] for s in again["sentences"]] == [True, True]
    assert again["sentences"] == [{**s, "cache_hit": True} for s in first["sentences"]]
    assert double.contract.calls.count("POST /synthesis") == asked
    double.version = "0.26.0"
    app.state.base_voices.voicevox.look()
    assert not any(s["cache_hit"] for s in spoken(service)["sentences"])


def test_terms_pictures_and_samples_come_through_us(service: httpx.Client) -> None:
    details = service.get(f"/v1/voices/{HANAKO}").json()
    assert details["terms"] == POLICY.format("試験花子")
    assert details["samples"] == 3
    for kind in ("icon", "portrait"):
        picture = service.get(f"/v1/voices/{HANAKO}/{kind}")
        assert picture.headers["content-type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")
    sample = service.get(f"/v1/voices/{HANAKO}/samples/2")
    assert sample.headers["content-type"] == "audio/mpeg"
    assert len(sample.content) > 1_000
    assert service.get(f"/v1/voices/{HANAKO}/samples/3").status_code == 404
    assert service.get(f"/v1/voices/{MEI}/icon").status_code == 404


def test_whoever_reads_the_terms_has_the_style_loaded(
    service: httpx.Client, double: VoicevoxDouble
) -> None:
    service.get("/v1/voices/voicevox:11")
    until(lambda: 11 in double.warm)


def test_a_clone_is_built_on_a_character(service: httpx.Client) -> None:
    own = clone(service)
    answer = spoken(service, voice=own, base_voice=HANAKO)
    assert (answer["voice"], answer["base_voice"], answer["engine"]) == (own, HANAKO, "world")
    assert answer["credit"] == "VOICEVOX:試験花子"
    assert answer["sentences"][0]["moras"]


def test_a_style_that_is_not_there_is_named(service: httpx.Client) -> None:
    for may_stand_in in (False, True):
        response = speak(service, voice="voicevox:999", stand_in=may_stand_in)
        assert response.status_code == 422
        assert response.json()["code"] == "voice_unknown"
    response = speak(service, language="en")
    assert response.json()["code"] == "voice_language_mismatch"


def test_nothing_that_is_said_is_written_down(
    service: httpx.Client, double: VoicevoxDouble, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        spoken(service)
        double.faults["/synthesis"] = "500"
        speak(service, input="箸は二本です。")
    written = caplog.text + str([record.__dict__ for record in caplog.records])
    for secret in ("橋", "箸", "%E6%A9%8B", "%E7%AE%B8"):
        assert secret not in written


# --- an engine that does not --------------------------------------------------------------------

BROKEN = [
    ("/audio_query", fault)
    for fault in ("500", "nothing", "a page", "another shape", "a redirect", "drip", "flood")
] + [
    ("/synthesis", fault)
    for fault in ("500", "nothing", "a page", "a lying header", "an hour", "drip", "flood")
] + [("/initialize_speaker", "500"), ("/initialize_speaker", "late")]  # fmt: skip


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("path", "fault"), BROKEN)
def test_an_engine_that_fails_is_told_of_or_stood_in_for(
    service: httpx.Client, double: VoicevoxDouble, path: str, fault: str
) -> None:
    double.faults[path] = fault
    refused = speak(service)
    assert refused.status_code == 503
    problem = refused.json()
    assert (problem["code"], problem["errors"][0]["field"]) == ("voicevox_unavailable", "voice")
    assert refused.headers["content-type"] == "application/problem+json"
    answer = spoken(service, stand_in=True)
    assert (answer["base_voice"], answer["voice"], answer["credit"]) == (MEI, MEI, None)


@pytest.mark.usefixtures("impatient")
def test_one_voice_says_all_also_where_the_engine_dies_in_between(
    service: httpx.Client, double: VoicevoxDouble
) -> None:
    spoken(service, input="橋の端で、箸を持つ。")  # this much is kept
    double.faults["/synthesis"] = "500"
    answer = spoken(service, stand_in=True)
    assert answer["base_voice"] == MEI
    assert not any(sentence["cache_hit"] for sentence in answer["sentences"])


@pytest.mark.usefixtures("impatient")
def test_a_clone_goes_on_upon_open_jtalk(service: httpx.Client, double: VoicevoxDouble) -> None:
    own = clone(service)
    double.faults["/audio_query"] = "500"
    answer = spoken(service, voice=own, base_voice=HANAKO, stand_in=True)
    assert (answer["voice"], answer["base_voice"], answer["engine"]) == (own, MEI, "world")


@pytest.mark.usefixtures("impatient")
def test_a_hanging_engine_holds_up_nobody_else(
    app: FastAPI, service: httpx.Client, double: VoicevoxDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_of_engine, "QUERY_TIMEOUT_S", 20.0)
    double.faults["/audio_query"] = "late"
    with ThreadPoolExecutor(1) as other:
        hanging = other.submit(speak, service)
        until(lambda: "POST /audio_query" in double.contract.calls)
        assert spoken(service, voice=MEI)["base_voice"] == MEI
        assert not hanging.done()
        double.go_on.set()
        assert hanging.result().status_code == 200


@pytest.mark.usefixtures("impatient")
def test_an_engine_that_was_too_slow_is_left_alone_for_a_while(
    app: FastAPI, service: httpx.Client, double: VoicevoxDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.faults["/audio_query"] = "late"
    assert speak(service).status_code == 503
    voicevox = app.state.base_voices.voicevox
    asked = len([call for call in double.contract.calls if call.startswith("POST")])
    refused = speak(service)
    assert refused.json()["errors"][0]["message"] == "VOICEVOX does not answer."
    assert len([call for call in double.contract.calls if call.startswith("POST")]) == asked
    listed = service.get("/v1/voices").json()
    assert listed["voicevox"]["state"] == "slow"
    assert not next(v for v in listed["items"] if v["id"] == HANAKO)["ready"]
    double.faults.clear()
    monkeypatch.setattr(voicevox, "_trouble_until_s", 0.0)
    voicevox.look()
    assert spoken(service)["base_voice"] == HANAKO


@pytest.mark.parametrize("fault", ["503", "nobody"])
def test_a_half_started_engine_is_starting(
    tmp_path: Path, url: str, double: VoicevoxDouble, fault: str
) -> None:
    double.faults["/speakers"] = fault
    voicevox = package.Voicevox(url)
    until(voicevox._looked.is_set)
    assert (voicevox.state, list(voicevox.voices)) == ("starting", [])
    double.faults.clear()
    voicevox.look()
    assert voicevox.state == "ready"
    assert voicevox.voices[0].id == HANAKO
    voicevox.close()


def test_without_an_answer_the_list_says_so_and_open_jtalk_takes_over(tmp_path: Path) -> None:
    app = service_with(tmp_path, "http://127.0.0.1:9")  # the discard port: nobody listens
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with serving(app) as url, httpx.Client(base_url=url, headers=headers, timeout=60) as service:
        listed = service.get("/v1/voices").json()
        assert listed["voicevox"]["state"] == "down"
        assert listed["voicevox"]["reason"] == "VOICEVOX does not answer."
        assert not [v for v in listed["items"] if v["id"].startswith("voicevox:")]
        assert speak(service).json()["code"] == "voicevox_unavailable"
        assert service.get(f"/v1/voices/{HANAKO}").status_code == 503
        assert spoken(service, stand_in=True)["base_voice"] == MEI
        assert service.get("/readyz").status_code == 200


def test_without_an_engine_there_is_no_such_voice(tmp_path: Path) -> None:
    app = service_with(tmp_path, "")
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with serving(app) as url, httpx.Client(base_url=url, headers=headers, timeout=60) as service:
        assert service.get("/v1/voices").json()["voicevox"]["state"] == "off"
        assert speak(service).json()["code"] == "voice_unknown"
        assert service.get(f"/v1/voices/{HANAKO}").status_code == 404
        # A message that was begun where there was one.
        assert spoken(service, stand_in=True)["base_voice"] == MEI


@pytest.mark.parametrize(
    ("kind", "fault"),
    [("icon", "a page"), ("icon", "nothing"), ("portrait", "500"), ("samples/0", "a page")],
)
def test_what_is_no_picture_and_no_sound_is_not_passed_on(
    service: httpx.Client, double: VoicevoxDouble, kind: str, fault: str
) -> None:
    double.faults["/_resources"] = fault
    assert service.get(f"/v1/voices/{HANAKO}/{kind}").json()["code"] == "voicevox_unavailable"


# --- several voices in one script ---------------------------------------------------------------

SAID = ("橋の端で、箸を持つ。", "明日も来ますか？", "雨の日も元気です。")


def told_by(*voices: dict[str, str], **more: object) -> list[dict[str, object]]:
    return [{"text": text, **voice, **more} for text, voice in zip(SAID, voices, strict=True)]


def cut(answer: dict, index: int) -> np.ndarray:
    sound, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(answer["audio"])), dtype="float32")
    sentence = answer["sentences"][index]
    return sound[round(sentence["start_s"] * rate_hz) : round(sentence["end_s"] * rate_hz)]


def test_each_sentence_is_said_by_whom_it_names(service: httpx.Client) -> None:
    own = clone(service)
    voices = ({"voice": MEI}, {"voice": HANAKO}, {"voice": own, "base_voice": HANAKO})
    script = "".join(SAID)
    together = spoken(service, input=script, voice=MEI, deliveries=told_by(*voices))
    assert [(one["voice"], one["base_voice"]) for one in together["sentences"]] == [
        (MEI, MEI),
        (HANAKO, HANAKO),
        (own, HANAKO),
    ]
    assert (together["credit"], together["engine"]) == ("VOICEVOX:試験花子", "world")
    pitches = []
    for index, voice in enumerate(voices):
        alone = spoken(service, input=SAID[index], **voice)["sentences"][0]
        here = together["sentences"][index]
        # The message's own and the same voice by its name are one entry of the cache.
        assert alone["cache_hit"]
        begun = here["start_s"] - alone["start_s"]
        for mine, theirs in zip(here["moras"], alone["moras"], strict=True):
            assert mine["text"] == theirs["text"]
            assert abs(mine["start_s"] - begun - theirs["start_s"]) < 0.05
            assert abs(mine["end_s"] - begun - theirs["end_s"]) < 0.05
        # As it sounds in the others' voices, the same sentence is another sound.
        pitches.append(float(np.median(pitches_hz(cut(together, index)))))
        for other in (one for one in voices if one != voice):
            others = cut(spoken(service, input=SAID[index], **other), 0)
            mine = cut(together, index)
            shared = min(len(mine), len(others))
            assert np.abs(mine[:shared] - others[:shared]).mean() > 0.01
    assert pitches[0] > 1.3 * max(pitches[1:])


def test_voices_meet_without_a_click(service: httpx.Client) -> None:
    voices = ({"voice": MEI}, {"voice": HANAKO}, {"voice": MEI})
    deliveries = told_by(*voices, pause_after_s=0)
    answer = spoken(service, input="".join(SAID), voice=MEI, deliveries=deliveries)
    sound, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(answer["audio"])), dtype="float32")
    for sentence in answer["sentences"][1:]:
        at = round(sentence["start_s"] * rate_hz)
        near = sound[at - rate_hz // 20 : at + rate_hz // 200]
        assert np.abs(np.diff(near)).max() < 0.1
    levels = [float(np.sqrt(np.mean(cut(answer, index) ** 2))) for index in range(3)]
    assert max(levels) < 2 * min(levels)


def test_a_voice_of_a_sentence_that_is_not_there_is_named(service: httpx.Client) -> None:
    for field, voice in (("voice", "nobody"), ("voice", "open_jtalk:x"), ("base_voice", "a:b")):
        wish = {"text": SAID[1], field: voice}
        response = speak(service, input="".join(SAID), voice=MEI, deliveries=[wish])
        assert response.status_code == 422
        (error,) = response.json()["errors"]
        assert (error["field"], error["code"]) == (f"deliveries.0.{field}", "voice_unknown")
        assert error["sentence"] == SAID[1]
        # Of a sentence that is gone nothing is asked.
        assert speak(service, input=SAID[0], voice=MEI, deliveries=[wish]).status_code == 200


@pytest.mark.usefixtures("impatient")
def test_whoever_stands_in_stands_in_for_every_character(
    service: httpx.Client, double: VoicevoxDouble
) -> None:
    own = clone(service)
    double.faults["/synthesis"] = "500"
    voices = ({"voice": MEI}, {"voice": HANAKO}, {"voice": own, "base_voice": HANAKO})
    wishes = told_by(*voices)
    answer = spoken(service, input="".join(SAID), voice=MEI, deliveries=wishes, stand_in=True)
    sentences = answer["sentences"]
    assert [one["stood_in"] for one in sentences] == [False, True, True]
    assert [one["voice"] for one in sentences] == [MEI, MEI, own]
    assert {one["base_voice"] for one in sentences} == {MEI}
    assert answer["credit"] is None


def test_a_profile_takes_the_sentences_along_that_it_said(
    service: httpx.Client, tmp_path: Path
) -> None:
    own = clone(service)
    wish = {"text": SAID[1], "voice": own}
    spoken(service, input="".join(SAID), voice=MEI, deliveries=[wish])
    kept = tmp_path / "shared" / "generated" / own
    assert [path for path in kept.rglob("*") if path.is_file()]
    assert service.delete(f"/v1/voices/{own}").status_code == 204
    assert not kept.exists()
