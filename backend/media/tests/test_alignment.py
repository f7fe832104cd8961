"""A typed script finds its place in speech, measured on sentences whose times are known."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from backend.media.alignment import align_script, split_clauses
from openvoice_service.base_voices import Prosody
from openvoice_service.base_voices.espeak_ng import EspeakNg, EspeakProcess
from openvoice_service.base_voices.open_jtalk import OpenJTalk

RATE_HZ = 8_000
JAPANESE = (
    "こんにちは、山田です。",
    "先日はお忙しい中、わざわざ駅まで迎えに来てくださって、本当にありがとうございました。",
    "おかげさまで、とても楽しい一日になりました。",
    "ところで、来月の十五日に、新しい店を開くことになりました。",
    "小さな店ですが、コーヒーには自信があります。",
    "もしよかったら、お友達と一緒に遊びに来てください。",
    "待っています。",
    "それでは、またお会いしましょう。",
)
ENGLISH = (
    "Hello, this is Anna.",
    "Thank you so much for picking me up at the station, although you had so little time.",
    "It was a wonderful day.",
    "By the way, I am opening a new shop on the fifteenth of next month.",
    "It is small, but the coffee is good.",
    "If you like, come by with your friends.",
    "I would be very happy.",
    "See you soon, and give my best to your family.",
)
Samples = NDArray[np.float64]
Speak = Callable[[str], tuple[Samples, int]]


@pytest.fixture(scope="module")
def japanese() -> Speak:
    voice = OpenJTalk()

    def speak(text: str) -> tuple[Samples, int]:
        wave = voice.speak(text, Prosody()).wave
        return wave.samples.astype(float), wave.sample_rate_hz

    return speak


@pytest.fixture(scope="module")
def english() -> Speak:
    voice = EspeakNg(EspeakProcess(), "en", "")

    def speak(text: str) -> tuple[Samples, int]:
        wave = voice.speak(text, Prosody()).wave
        return wave.samples.astype(float), wave.sample_rate_hz

    return speak


def recorded(
    sentences: Sequence[str], speak: Speak, pause_s: tuple[float, float], noise_db: float
) -> tuple[bytes, list[tuple[float, float]]]:
    """Return the sentences spoken one after the other in a room, and when each is heard."""
    dice, noise = random.Random(7), np.random.default_rng(7)
    pieces: list[Samples] = []
    times: list[tuple[float, float]] = []
    at = 0
    for sentence in sentences:
        samples, rate_hz = speak(sentence)
        samples = soxr.resample(samples, rate_hz, RATE_HZ)
        heard = np.flatnonzero(np.abs(samples) > 0.01)
        samples = samples[heard[0] : heard[-1]] * 10 ** (dice.uniform(-3, 3) / 20)
        silence = np.zeros(round(RATE_HZ * dice.uniform(*pause_s)))
        pieces += [silence, samples]
        at += len(silence)
        times.append((at / RATE_HZ, (at + len(samples)) / RATE_HZ))
        at += len(samples)
    whole = np.concatenate([*pieces, np.zeros(RATE_HZ // 2)])
    whole = whole + noise.normal(0, 10 ** (noise_db / 20), len(whole))
    return (np.clip(whole, -1, 1) * 32_767).astype("<i2").tobytes(), times


@pytest.mark.parametrize("noise_db", [-60, -40], ids=["quiet room", "noisy room"])
@pytest.mark.parametrize(
    "pause_s", [(0.5, 1.0), (0.3, 0.7), (0.18, 0.3)], ids=["calm", "fluent", "hasty"]
)
@pytest.mark.parametrize("language", ["japanese", "english"])
def test_each_sentence_is_found_where_it_is_heard(
    language: str, pause_s: tuple[float, float], noise_db: float, request: pytest.FixtureRequest
) -> None:
    """Measured with these voices, the worse end of each sentence: 0.005 to 0.06 s on average and
    0.14 s at most; in the noisiest and hastiest Japanese 0.12 s and 0.36 s. People are less even.
    """
    sentences = JAPANESE if language == "japanese" else ENGLISH
    speak = request.getfixturevalue(language)
    pcm, times = recorded(sentences, speak, pause_s, noise_db)
    joint = "" if language == "japanese" else " "
    found = align_script(joint.join(sentences), pcm, RATE_HZ)
    assert [sentence.text for sentence in found] == list(sentences)
    off_s = [
        max(abs(sentence.start_s - start_s), abs(sentence.end_s - end_s))
        for sentence, (start_s, end_s) in zip(found, times, strict=True)
    ]
    assert np.mean(off_s) < 0.15
    assert max(off_s) < 0.5


def test_times_run_forward_and_clauses_lie_in_their_sentence(japanese: Speak) -> None:
    pcm, _ = recorded(JAPANESE, japanese, (0.3, 0.7), -60)
    sentences = align_script("".join(JAPANESE), pcm, RATE_HZ)
    last_s = 0.0
    for sentence in sentences:
        assert "".join(word.text for word in sentence.words) == sentence.text
        for word in sentence.words:
            assert last_s <= word.start_s < word.end_s
            last_s = word.end_s - 0.011  # a clause of no speech lasts a hundredth
        assert sentence.words[-1].end_s == sentence.end_s


@pytest.mark.parametrize(
    ("script", "seconds"),
    [("", 3.0), ("🎉 …", 3.0), ("Hello.", 0.0), ("Hello.", 3.0)],
    ids=["no script", "nothing to say", "no sound", "silence"],
)
def test_where_nothing_is_said_there_are_no_captions(script: str, seconds: float) -> None:
    assert align_script(script, bytes(2 * round(seconds * RATE_HZ)), RATE_HZ) == []


@pytest.mark.parametrize("count", [1, 2, 300])
def test_a_script_of_any_length_is_shared_out_over_any_speech(count: int) -> None:
    """A noise without a pause: nothing tells where a sentence ends, and still each has its time."""
    noise = np.random.default_rng(3).normal(0, 0.2, RATE_HZ * 5)
    pcm = (np.clip(noise, -1, 1) * 32_767).astype("<i2").tobytes()
    found = align_script("Say it. " * count, pcm, RATE_HZ)
    assert len(found) == count
    starts = [sentence.start_s for sentence in found]
    assert starts == sorted(starts)
    assert found[-1].end_s == pytest.approx(5.0, abs=0.1)


def test_sentences_end_where_a_reader_would_stop() -> None:
    script = "It cost 1,000 yen, or 3.50 euros. Really?\n\n彼は「はい。」と言った…。🎉"
    clauses = [(clause.text.strip(), clause.ends_sentence) for clause in split_clauses(script)]
    assert clauses == [
        ("It cost 1,000 yen,", False), ("or 3.50 euros.", True), ("Really?", True),
        ("彼は「はい。」", True), ("と言った…。", True),
    ]  # fmt: skip
