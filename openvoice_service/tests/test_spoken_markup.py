"""Emphasis and breaks over real HTTP: measured in the sound, with exact times."""

import base64
import io
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
import soundfile

from openvoice_service.tests.running import speech_service
from openvoice_service.tests.test_deliveries import pitches_hz, rms
from openvoice_service.tests.test_service import clone, recording

__all__ = ["recording"]
RATE_HZ = 24_000
MEI = "open_jtalk:mei_normal"
ESPEAK = "espeak_ng:en-us+f3"
PLAIN = "今日はあなたの大切な日です。"
ENGLISH = "We have always been so proud of you and your work."


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with speech_service(tmp_path_factory.mktemp("speech")) as client:
        yield client


@pytest.fixture(scope="module")
def voice(service: httpx.Client, recording: bytes) -> str:
    return clone(service, recording).json()["id"]


def said(service: httpx.Client, script: str, **body: object) -> dict:
    fields = {"response_format": "wav", "language": "ja", "base_voice": MEI, "markup": True}
    response = service.post("/v1/audio/speech/timed", json=fields | {"input": script} | body)
    assert response.status_code == 200, response.text
    return response.json()


def in_english(service: httpx.Client, script: str) -> dict:
    return said(service, script, language="en", base_voice=ESPEAK)


def sound_of(answer: dict) -> np.ndarray:
    return soundfile.read(io.BytesIO(base64.b64decode(answer["audio"])), dtype="float32")[0]


def silences_s(answer: dict, least_s: float = 0.05) -> list[tuple[float, float]]:
    """Return where the sound is quiet for a while: 40 dB below its loudest 10 ms."""
    sound = sound_of(answer)
    hop = RATE_HZ // 500
    levels = np.array([rms(sound[at : at + 5 * hop]) for at in range(0, len(sound), hop)])
    quiet = np.flatnonzero(np.diff(np.r_[0, levels < levels.max() / 100, 0]))
    runs = [(begin * 0.002 + 0.0, end * 0.002 + 0.008) for begin, end in quiet.reshape(-1, 2)]
    return [run for run in runs if run[1] - run[0] >= least_s]


def silence_around(answer: dict, at_s: float) -> tuple[float, float]:
    return min(silences_s(answer), key=lambda run: abs((run[0] + run[1]) / 2 - at_s))


def heard(answer: dict, words: set[str]) -> np.ndarray:
    sound = sound_of(answer)
    spans = [w for s in answer["sentences"] for w in s["words"] if w["text"].strip("。.") in words]
    pieces = [sound[round(w["start_s"] * RATE_HZ) : round(w["end_s"] * RATE_HZ)] for w in spans]
    return np.concatenate(pieces)


def words_of(answer: dict) -> dict[str, float]:
    """Return each word's length in seconds."""
    words = [word for sentence in answer["sentences"] for word in sentence["words"]]
    return {word["text"]: word["end_s"] - word["start_s"] for word in words}


@pytest.mark.parametrize("length_s", [0.1, 0.8, 2.5])
@pytest.mark.parametrize("spoken_by", ["mei", "clone"])
def test_a_break_is_a_silence_of_its_length(
    service: httpx.Client, voice: str, length_s: float, spoken_by: str
) -> None:
    voices = {"voice": voice} if spoken_by == "clone" else {}
    answer = said(service, f"今日はあなたの[{length_s}]大切な日です。", **voices)
    (sentence,) = answer["sentences"]
    assert sentence["text"] == PLAIN
    words = sentence["words"]
    after = next(i for i, word in enumerate(words) if word["text"].startswith("大切"))
    told = (words[after - 1]["end_s"], words[after]["start_s"])
    begin_s, end_s = silence_around(answer, sum(told) / 2)
    assert end_s - begin_s == pytest.approx(length_s, abs=0.02 if spoken_by == "mei" else 0.03)
    assert told == pytest.approx((begin_s, end_s), abs=0.05)


def test_a_comma_is_no_longer_than_the_break_beside_it(service: httpx.Client) -> None:
    answer = said(service, "今日は、[0.3]あなたの日です。")
    inside = [run for run in silences_s(answer) if 0.1 < run[0] < answer["sentences"][0]["end_s"]]
    assert max(end - begin for begin, end in inside) == pytest.approx(0.3, abs=0.02)


def test_english_breaks_at_its_place(service: httpx.Client) -> None:
    answer = in_english(service, "We have always been [0.8] so proud of you and your work.")
    (sentence,) = answer["sentences"]
    assert sentence["text"] == ENGLISH
    words = {word["text"]: word for word in sentence["words"]}
    begin_s, end_s = silence_around(answer, words["so"]["start_s"] - 0.4)
    assert end_s - begin_s == pytest.approx(0.8, abs=0.02)
    assert words["so"]["start_s"] == pytest.approx(end_s, abs=0.05)
    assert words["been"]["end_s"] == pytest.approx(begin_s, abs=0.05)


def test_moras_are_where_they_are_heard_beside_a_break(service: httpx.Client) -> None:
    usual = said(service, PLAIN)["sentences"][0]
    answer = said(service, "今日はあなたの[1.2]大切な日です。")
    (sentence,) = answer["sentences"]
    assert [m["text"] for m in sentence["moras"]] == [m["text"] for m in usual["moras"]]
    gaps = [
        after["start_s"] - before["end_s"]
        for before, after in zip(sentence["moras"], sentence["moras"][1:], strict=False)
    ]
    assert max(gaps) == pytest.approx(1.2, abs=0.05)
    assert sentence["moras"][gaps.index(max(gaps)) + 1]["text"] == "タ"
    assert sorted(gaps)[-2] < 0.01


@pytest.mark.parametrize("length_s", [0, 0.03, 1.5])
def test_a_break_between_sentences_takes_the_place_of_the_pause(
    service: httpx.Client, length_s: float
) -> None:
    answer = said(service, f"こんにちは。[{length_s}]またね。")
    first, second = answer["sentences"]
    assert second["start_s"] - first["end_s"] == pytest.approx(length_s, abs=0.0201)


def test_a_break_before_everything_is_heard_too(service: httpx.Client) -> None:
    usual, later = said(service, "こんにちは。"), said(service, "[1.5]こんにちは。[2]")
    shift_s = later["sentences"][0]["start_s"] - usual["sentences"][0]["start_s"]
    assert shift_s == pytest.approx(1.5, abs=0.005)
    assert later["duration_s"] - usual["duration_s"] == pytest.approx(3.5, abs=0.05)


@pytest.mark.parametrize("spoken_by", ["mei", "clone"])
def test_stressed_words_alone_are_slower_higher_and_louder(
    service: httpx.Client, voice: str, spoken_by: str
) -> None:
    voices = {"voice": voice} if spoken_by == "clone" else {}
    usual = said(service, PLAIN, **voices)
    answer = said(service, "今日はあなたの*大切*な日です。", **voices)
    assert answer["sentences"][0]["text"] == PLAIN
    before, after = words_of(usual), words_of(answer)
    assert after["大切"] / before["大切"] == pytest.approx(1.18, rel=0.03)
    assert [after[w] for w in after if w != "大切"] == pytest.approx(
        [before[w] for w in before if w != "大切"], abs=0.012
    )
    pitch = [np.median(pitches_hz(heard(one, {"大切"}))) for one in (usual, answer)]
    assert 12 * np.log2(pitch[1] / pitch[0]) == pytest.approx(1.5, abs=0.7)
    others = {"今日", "は", "あなた", "の"}
    contrast = [rms(heard(one, {"大切"})) / rms(heard(one, others)) for one in (usual, answer)]
    assert 1.5 < 20 * np.log10(contrast[1] / contrast[0]) < 5.0


def test_english_is_stressed_too(service: httpx.Client) -> None:
    usual = in_english(service, ENGLISH)
    answer = in_english(service, ENGLISH.replace("so proud", "*so proud*"))
    before, after = words_of(usual), words_of(answer)
    assert after["proud"] / before["proud"] == pytest.approx(1.18, rel=0.05)
    assert after["work."] == pytest.approx(before["work."], abs=0.02)
    pitch = [np.median(pitches_hz(heard(one, {"proud", "so"}))) for one in (usual, answer)]
    assert 12 * np.log2(pitch[1] / pitch[0]) == pytest.approx(1.5, abs=0.8)


def test_nothing_clicks_where_the_stress_comes_and_goes(service: httpx.Client) -> None:
    usual, answer = said(service, PLAIN), said(service, "今日は*あなた*の大切な日です。")
    jumps = [np.abs(np.diff(sound_of(one), 2)).max() for one in (usual, answer)]
    assert jumps[1] < 1.6 * jumps[0]


def test_unmarked_sentences_are_those_that_were_spoken_before(service: httpx.Client) -> None:
    said(service, "あしたは晴れ。また会おう。", markup=False)
    answer = said(service, "あしたは晴れ。*また*会おう。")
    assert [one["cache_hit"] for one in answer["sentences"]] == [True, False]
    again = said(service, "あしたは晴れ。*また*会おう。[2]")
    assert [one["cache_hit"] for one in again["sentences"]] == [True, True]


def test_a_marked_sentence_is_read_as_told(service: httpx.Client) -> None:
    source = "*庄司*さんが[0.5]来た。"
    wish = [{"text": source, "kana": "ショ'ージサンガ/キタ'"}]
    (sentence,) = said(service, source, readings=wish)["sentences"]
    assert sentence["reading"] == "ショ'ージサンガ/キタ'"
    assert [mora["text"] for mora in sentence["moras"]] == ["ショ", *"ージサンガキタ"]
    gap_s = sentence["moras"][6]["start_s"] - sentence["moras"][5]["end_s"]
    assert gap_s == pytest.approx(0.5, abs=0.05)
    words = [{"surface": "庄司", "kana": "ショ'ージ"}]
    (by_words,) = said(service, source, words=words)["sentences"]
    assert by_words["reading"].startswith("ショ'ージ")


def test_a_marked_sentence_is_delivered_as_told(service: httpx.Client) -> None:
    source = "*こんにちは*。"
    usual = said(service, source)["sentences"][0]
    slow = said(service, source, deliveries=[{"text": source, "speed": 0.5}])["sentences"][0]
    ratio = (slow["end_s"] - slow["start_s"]) / (usual["end_s"] - usual["start_s"])
    assert ratio == pytest.approx(2.0, rel=0.06)


def test_an_unmodified_client_is_read_what_it_sends(service: httpx.Client) -> None:
    fields = {"input": "今日は[4]*晴れ*。", "voice": "alloy", "response_format": "pcm"}
    plain = service.post("/v1/audio/speech", json=fields)
    marked = service.post("/v1/audio/speech", json=fields | {"markup": True})
    assert len(marked.content) - len(plain.content) > 2 * 3 * RATE_HZ
    unclosed = service.post("/v1/audio/speech", json=fields | {"input": "*晴れ"})
    assert unclosed.status_code == 200


@pytest.mark.parametrize("path", ["audio/speech", "audio/speech/timed", "readings"])
@pytest.mark.parametrize(
    ("script", "code", "at"),
    [("やあ。今日は*晴れ。", "markup_unclosed", 4), ("やあ。今日[7]。", "break_unreadable", 3)],
)
def test_what_cannot_be_followed_is_refused(
    service: httpx.Client, path: str, script: str, code: str, at: int
) -> None:
    response = service.post(f"/v1/{path}", json={"input": script, "markup": True})
    assert response.status_code == 422
    (error,) = response.json()["errors"]
    place = (error["field"], error["code"], error["sentence"], error["at"])
    assert place == ("input", code, script.partition("。")[2], at)


def test_sentences_are_told_as_typed_and_in_parts(service: httpx.Client) -> None:
    body = {"input": "*とても*[0.5]いい。", "markup": True}
    (one,) = service.post("/v1/readings", json=body).json()["sentences"]
    assert one["text"] == "*とても*[0.5]いい。"
    assert [(p["text"], p["is_stressed"], p["pause_s"]) for p in one["parts"]] == [
        ("とても", True, None),
        ("", False, 0.5),
        ("いい。", False, None),
    ]
    assert one["suggested"] == "トテモ'/イ'イ"
