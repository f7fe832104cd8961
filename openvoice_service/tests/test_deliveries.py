"""How single sentences are said, over real HTTP: measured in the sound, with exact times."""

import base64
import io
from collections.abc import Iterator
from itertools import pairwise

import httpx
import numpy as np
import pytest
import soundfile

from openvoice_service.tests.running import speech_service

SCRIPT = "お誕生日おめでとう。来年も一緒にお祝いしようね。またね。"
TEXTS = ("お誕生日おめでとう。", "来年も一緒にお祝いしようね。", "またね。")
MEI = "open_jtalk:mei_normal"
ESPEAK = "espeak_ng:en-us+f3"
USUAL_PAUSE_S = 0.42


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with speech_service(tmp_path_factory.mktemp("speech")) as client:
        yield client


def ask(service: httpx.Client, **body: object) -> httpx.Response:
    fields = {"response_format": "wav", "language": "ja", "base_voice": MEI, "input": SCRIPT}
    return service.post("/v1/audio/speech/timed", json=fields | body)


def said(service: httpx.Client, *deliveries: dict, **body: object) -> dict:
    response = ask(service, deliveries=list(deliveries), **body)
    assert response.status_code == 200, response.text
    return response.json()


def in_english(service: httpx.Client, **delivery: float) -> np.ndarray:
    text = "Are you really coming to see us tomorrow evening?"
    wishes = [{"text": text, **delivery}]
    return heard(said(service, *wishes, input=text, language="en", base_voice=ESPEAK), 0)


def heard(answer: dict, index: int) -> np.ndarray:
    """Return the sound of a sentence, cut at its own times."""
    sound, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(answer["audio"])), dtype="float32")
    sentence = answer["sentences"][index]
    return sound[round(sentence["start_s"] * rate_hz) : round(sentence["end_s"] * rate_hz)]


def pitches_hz(sound: np.ndarray, rate_hz: int = 24_000) -> np.ndarray:
    """Return the pitch of each voiced 40 ms by autocorrelation."""
    size, found = round(0.04 * rate_hz), []
    for at in range(0, len(sound) - size, size // 2):
        frame = sound[at : at + size] - sound[at : at + size].mean()
        curve = np.correlate(frame, frame, "full")[size - 1 :]
        low, high = rate_hz // 600, rate_hz // 80
        # The first high peak: its multiples are as high.
        best = low + int(np.argmax(curve[low:high] > 0.8 * curve[low:high].max()))
        best += int(np.argmax(curve[best : best + 12]))
        if curve[0] > 0.05 and curve[best] > 0.5 * curve[0]:
            found.append(rate_hz / best)
    return np.array(found)


def rms(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(sound))))


def lengths_s(answer: dict) -> list[float]:
    return [sentence["end_s"] - sentence["start_s"] for sentence in answer["sentences"]]


def pauses_s(answer: dict) -> list[float]:
    return [after["start_s"] - one["end_s"] for one, after in pairwise(answer["sentences"])]


def test_one_sentence_is_slower_and_the_others_stay(service: httpx.Client) -> None:
    usual = lengths_s(said(service))
    slow = said(service, {"text": TEXTS[1], "speed": 0.5})
    assert lengths_s(slow)[1] / usual[1] == pytest.approx(2.0, rel=0.03)
    assert lengths_s(slow)[::2] == pytest.approx(usual[::2])
    assert pauses_s(slow) == pytest.approx([USUAL_PAUSE_S] * 2, abs=0.01)


def test_one_sentence_is_higher(service: httpx.Client) -> None:
    usual = np.median(pitches_hz(heard(said(service), 1)))
    high = np.median(pitches_hz(heard(said(service, {"text": TEXTS[1], "pitch": 6.0}), 1)))
    assert 12 * np.log2(high / usual) == pytest.approx(6.0, abs=1.0)


@pytest.mark.parametrize("volume", [0.5, 0.0, 1.4])
def test_one_sentence_has_another_volume(service: httpx.Client, volume: float) -> None:
    usual, other = said(service), said(service, {"text": TEXTS[0], "volume": volume})
    assert rms(heard(other, 0)) == pytest.approx(volume * rms(heard(usual, 0)), rel=0.03, abs=1e-4)
    assert rms(heard(other, 1)) == pytest.approx(rms(heard(usual, 1)), rel=0.001)


@pytest.mark.parametrize("pause_s", [0.0, 1.0, 5.0])
def test_the_pause_after_a_sentence_is_as_long_as_asked(
    service: httpx.Client, pause_s: float
) -> None:
    answer = said(service, {"text": TEXTS[0], "pause_after_s": pause_s})
    # What is silent at the edges of a sentence stays.
    assert pauses_s(answer)[0] == pytest.approx(max(pause_s, 0.04), abs=0.01)
    assert pauses_s(answer)[1] == pytest.approx(USUAL_PAUSE_S, abs=0.01)
    start = round(answer["sentences"][0]["end_s"] * 24_000)
    sound, _ = soundfile.read(io.BytesIO(base64.b64decode(answer["audio"])), dtype="float32")
    inside = sound[start + 500 : start + round((pauses_s(answer)[0]) * 24_000) - 500]
    assert not len(inside) or np.abs(inside).max() < 0.01


def test_a_pause_after_the_last_sentence_is_in_the_sound(service: httpx.Client) -> None:
    usual = said(service)["duration_s"]
    longer = said(service, {"text": TEXTS[2], "pause_after_s": 2.0})["duration_s"]
    assert longer - usual == pytest.approx(1.96, abs=0.01)


def test_times_lie_in_their_sentences_and_moras_keep_step(service: httpx.Client) -> None:
    wishes = [
        {"text": TEXTS[0], "speed": 0.7, "pause_after_s": 1.5},
        {"text": TEXTS[1], "speed": 1.6, "pitch": -3.0, "volume": 0.4},
    ]
    usual, other = said(service), said(service, *wishes)
    for before, after in zip(usual["sentences"], other["sentences"], strict=True):
        assert [w["text"] for w in after["words"]] == [w["text"] for w in before["words"]]
        shares = [places(one) for one in (before, after)]
        assert shares[1] == pytest.approx(shares[0], abs=0.02)


def places(sentence: dict) -> list[float]:
    """Return where moras begin, as shares of their sentence."""
    whole_s = sentence["end_s"] - sentence["start_s"]
    return [(mora["start_s"] - sentence["start_s"]) / whole_s for mora in sentence["moras"]]


def test_only_a_sentence_that_is_said_otherwise_is_spoken_anew(service: httpx.Client) -> None:
    said(service)
    answer = said(service, {"text": TEXTS[1], "speed": 0.83})
    assert [s["cache_hit"] for s in answer["sentences"]] == [True, False, True]
    answer = said(service, {"text": TEXTS[1], "speed": 0.83, "volume": 0.7, "pause_after_s": 2.0})
    assert [s["cache_hit"] for s in answer["sentences"]] == [True, True, True]
    answer = said(service, {"text": "もうない文。", "speed": 2.0})
    assert [s["cache_hit"] for s in answer["sentences"]] == [True, True, True]


def test_what_holds_for_all_is_on_top(service: httpx.Client) -> None:
    usual = lengths_s(said(service))
    both = lengths_s(said(service, {"text": TEXTS[1], "speed": 0.8}, speed=1.25))
    assert both[1] == pytest.approx(usual[1], rel=0.03)
    assert both[0] < 0.9 * usual[0]


def test_intonation_widens_and_flattens_where_the_voice_has_it(service: httpx.Client) -> None:
    spreads = [
        np.std(np.log2(pitches_hz(in_english(service, intonation=factor))))
        for factor in (0.0, 1.0, 1.9)
    ]
    assert spreads[0] < spreads[1] < spreads[2]


def test_english_is_slower_and_higher_too(service: httpx.Client) -> None:
    usual = in_english(service)
    assert len(in_english(service, speed=0.7)) / len(usual) == pytest.approx(1 / 0.7, rel=0.15)
    high = np.median(pitches_hz(in_english(service, pitch=4.0)))
    assert high > 1.1 * np.median(pitches_hz(usual))


def test_voices_tell_what_they_follow(service: httpx.Client) -> None:
    voices = {one["id"]: one["controls"] for one in service.get("/v1/voices").json()["items"]}
    assert voices[MEI] == ["speed", "pitch", "volume", "pause_after_s"]
    assert voices[ESPEAK] == [*voices[MEI], "intonation"]


def test_the_stream_holds_the_same_pauses(service: httpx.Client) -> None:
    wishes = [{"text": TEXTS[0], "pause_after_s": 2.0}]
    fields = {"language": "ja", "base_voice": MEI, "input": SCRIPT, "deliveries": wishes}
    raw = service.post("/v1/audio/speech", json=fields | {"response_format": "pcm"}).content
    whole_s = said(service, *wishes)["duration_s"]
    assert len(raw) / 2 / 24_000 == pytest.approx(whole_s, abs=0.1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("speed", 0.49),
        ("speed", 2.1),
        ("pitch", -6.5),
        ("pitch", 7),
        ("intonation", 2.5),
        ("intonation", -0.1),
        ("volume", 2.1),
        ("volume", "loud"),
        ("pause_after_s", 5.5),
        ("pause_after_s", -1),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_name(
    service: httpx.Client, field: str, value: object
) -> None:
    response = ask(service, deliveries=[{"text": TEXTS[0], field: value}])
    assert response.status_code == 422
    assert [e["field"] for e in response.json()["errors"]] == [f"deliveries.0.{field}"]


def test_sentences_are_told_in_any_language(service: httpx.Client) -> None:
    body = {"input": "Hi, Dr. Brown. How are you?", "language": "en"}
    answer = service.post("/v1/readings", json=body).json()["sentences"]
    assert [(one["text"], one["suggested"]) for one in answer] == [
        ("Hi, Dr. Brown.", None),
        ("How are you?", None),
    ]


@pytest.mark.parametrize(
    ("script", "language", "voice"),
    [
        ("שלום לך. Hello.", "en", ESPEAK),
        ("\u202eolleH\u202c there.", "en", ESPEAK),
        ("\ue000\uf8ffこんにちは。︙︵さようなら︶。", "ja", MEI),
        ("︽縦書き︾︒﹁こんにちは﹂", "ja", MEI),
        ("مرحبا。こんにちは。", "ja", MEI),
    ],
)
def test_odd_characters_are_spoken_or_passed_over_and_stay_in_the_text(
    service: httpx.Client, script: str, language: str, voice: str
) -> None:
    answer = said(service, input=script, language=language, base_voice=voice)
    kept = "".join(sentence["text"] for sentence in answer["sentences"])
    assert kept.replace(" ", "") == script.replace(" ", "")
    assert answer["duration_s"] > 0.3
