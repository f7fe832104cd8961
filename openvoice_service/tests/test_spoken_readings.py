"""Readings and words over real HTTP: what is suggested, spoken, kept and refused."""

from collections.abc import Iterator

import httpx
import pytest

from openvoice_service.tests.running import speech_service

SCRIPT = "東海林さん、おめでとう。箸を持つ。"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with speech_service(tmp_path_factory.mktemp("speech")) as client:
        yield client


def speak(service: httpx.Client, **body: object) -> httpx.Response:
    fields = {"response_format": "wav", "language": "ja", "input": SCRIPT, **body}
    return service.post("/v1/audio/speech/timed", json=fields)


def suggested(service: httpx.Client, **body: object) -> list[dict]:
    response = service.post("/v1/readings", json={"input": SCRIPT, **body})
    assert response.status_code == 200, response.text
    return response.json()["sentences"]


def test_each_sentence_has_a_suggestion(service: httpx.Client) -> None:
    readings = ["ショージサン'、オメデトー'", "ハ'シヲ/モ'ツ"]
    assert suggested(service) == [
        {
            "index": index,
            "text": text,
            "parts": [{"text": text, "is_stressed": False, "pause_s": None}],
            "suggested": reading,
            "wished": None,
        }
        for index, (text, reading) in enumerate(
            zip(["東海林さん、おめでとう。", "箸を持つ。"], readings, strict=True)
        )
    ]


def test_somebodys_words_are_in_the_suggestion(service: httpx.Client) -> None:
    words = [{"surface": "東海林", "kana": "トーカイ'リン"}]
    first, second = suggested(service, words=words)
    assert first["suggested"] == "トーカイ'リンサン、オメデトー'"
    assert second["suggested"] == "ハ'シヲ/モ'ツ"


def test_a_reading_is_spoken_and_captions_show_the_text(service: httpx.Client) -> None:
    usual = speak(service).json()
    readings = [{"text": "箸を持つ。", "kana": "はし'を/も'つ"}]
    answer = speak(service, readings=readings).json()
    assert [s["reading"] for s in answer["sentences"]] == [None, "ハシ'ヲ/モ'ツ"]
    assert [s["text"] for s in answer["sentences"]] == [s["text"] for s in usual["sentences"]]
    words = answer["sentences"][1]["words"]
    assert "".join(word["text"] for word in words) == "箸を持つ。"
    assert [word["text"] for word in words] == [
        word["text"] for word in usual["sentences"][1]["words"]
    ]
    assert answer["audio"] != usual["audio"]


def test_only_a_sentence_with_another_reading_is_spoken_anew(service: httpx.Client) -> None:
    readings = [{"text": "箸を持つ。", "kana": "ハシヲ'/モ'ツ"}]
    speak(service)
    assert [s["cache_hit"] for s in speak(service, readings=readings).json()["sentences"]] == [
        True,
        False,
    ]
    again = speak(service, readings=readings).json()["sentences"]
    assert [s["cache_hit"] for s in again] == [True, True]
    other = [{"text": "箸を持つ。", "kana": "ハシ'ヲ/モツ'"}]
    assert speak(service, readings=other).json()["sentences"][1]["cache_hit"] is False


def test_a_word_changes_the_sentence_it_stands_in_alone(service: httpx.Client) -> None:
    speak(service)
    words = [{"surface": "東海林", "kana": "トーカイリン"}]
    answer = speak(service, words=words).json()["sentences"]
    assert [s["cache_hit"] for s in answer] == [False, True]
    assert answer[0]["reading"] == "トーカイリンサン'、オメデトー'"
    assert "".join(w["text"] for w in answer[0]["words"]) == "東海林さん、おめでとう。"


def test_a_reading_goes_before_a_word(service: httpx.Client) -> None:
    readings = [{"text": "東海林さん、おめでとう。", "kana": "ショ'ージサン、オメデトー'"}]
    words = [{"surface": "東海林", "kana": "トーカイリン"}]
    answer = speak(service, readings=readings, words=words).json()["sentences"]
    assert answer[0]["reading"] == "ショ'ージサン、オメデトー'"


def test_a_reading_of_another_sentence_stays_unused(service: httpx.Client) -> None:
    readings = [{"text": "橋を渡る。", "kana": "ハシ'ヲ"}]
    answer = speak(service, readings=readings).json()["sentences"]
    assert [s["reading"] for s in answer] == [None, None]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"readings": [{"text": "箸を持つ。", "kana": "hashi"}]}, "readings.0.kana",
         "reading_letter_unknown"),
        ({"readings": [{"text": "a", "kana": "a"}, {"text": "箸を持つ。", "kana": "ハシ"}]},
         "readings.1.kana", "reading_accent_missing"),
        ({"words": [{"surface": "東海林", "kana": "ショ'ー'ジ"}]}, "words.0.kana",
         "reading_accent_twice"),
        ({"words": [{"surface": "a,b", "kana": "ア"}]}, "words.0.surface",
         "string_pattern_mismatch"),
        ({"readings": [{"text": "a", "kana": "ア'" * 1_001}]}, "readings.0.kana",
         "string_too_long"),
        ({"language": "en", "input": "Hello.", "readings": [{"text": "Hello.", "kana": "ハ'"}]},
         "readings", "reading_language"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_its_field(
    service: httpx.Client, body: dict, field: str, code: str
) -> None:
    response = speak(service, **body)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.status_code == 422
    errors = response.json()["errors"]
    assert [(error["field"], error["code"]) for error in errors] == [(field, code)]
    assert all(error["fix"] for error in errors)


def test_all_words_that_cannot_be_read_are_told_at_once(service: httpx.Client) -> None:
    words = [
        {"surface": surface, "kana": kana}
        for surface, kana in (("東海林", "Shoji"), ("庄司", "ショ'ージ"), ("箸", "ハ'シ'"))
    ]
    answer = service.post("/v1/readings", json={"input": "あ", "words": words})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["words.0.kana", "words.2.kana"]


def test_what_is_refused_when_spoken_is_refused_when_asked_for(service: httpx.Client) -> None:
    readings = [{"text": "箸を持つ。", "kana": "ハシ"}]
    response = service.post("/v1/readings", json={"input": SCRIPT, "readings": readings})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "readings.0.kana"


WORD = {"surface": "東海林", "kana": "ショージ"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"input": "Hi.", "language": "en", "words": [WORD]}, "reading_language"),
        ({"input": "あ", "language": "tlh"}, "language_unknown"),
        ({"input": " "}, "script_empty"),
    ],
)
def test_no_reading_is_suggested_for_what_is_not_japanese(
    service: httpx.Client, body: dict, code: str
) -> None:
    response = service.post("/v1/readings", json=body)
    assert (response.status_code, response.json()["code"]) == (422, code)


def test_base_voices_say_whether_accents_are_heard(service: httpx.Client) -> None:
    accents = {v["id"]: v["accents"] for v in service.get("/v1/voices").json()["items"]}
    assert accents["open_jtalk:mei_normal"] is True
    assert accents["espeak_ng:en-us"] is False
