"""The engine without weights, on real speech."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import maximum_filter1d

from openvoice_service.audio import Waveform, frame_levels_dbfs, resample, speech_bounds
from openvoice_service.base_voices import BaseVoices, Prosody
from openvoice_service.bench.speakers import halves, read_speaker
from openvoice_service.device import Abandoned, Turn
from openvoice_service.engines import Engine, EngineUnavailable, Tone, TonesDiffer, create_engine
from openvoice_service.engines.world import WorldEngine, WorldTone, _shrunk, _transport
from openvoice_service.profiles import split_windows

CORPUS = (
    "昨日は友達と海辺の小さな町を歩き、夕焼けの写真をたくさん撮りました。",
    "来週の水曜日、午後三時に駅前の広場でお会いしましょう。",
    "あらゆる現実をすべて自分の方へねじ曲げたのだ。",
)
SENTENCE = "お誕生日おめでとう。来年も、一緒にお祝いしようね。"


class Spoken:
    """A base voice's sentence, its tone, and two people's tones."""

    def __init__(self) -> None:
        base_voices = BaseVoices()
        try:
            voice = base_voices.of_language("ja")[0]
            self.sentence = voice.speak(SENTENCE, Prosody()).wave
            corpus = [voice.speak(text, Prosody()).wave for text in CORPUS]
        finally:
            base_voices.close()
        self.engine = WorldEngine()
        self.base = self.engine.embed(corpus)
        self.references = [halves(read_speaker(name)) for name in ("speaker_0", "speaker_2")]
        self.people = [self.engine.embed(split_windows([first])) for first, _ in self.references]
        self.converted = [
            self.engine.convert_tone(self.sentence, self.base, person) for person in self.people
        ]


@pytest.fixture(scope="module")
def spoken() -> Spoken:
    return Spoken()


def test_the_seam_makes_it_and_says_plainly_what_it_cannot(tmp_path: Path) -> None:
    engine: Engine = create_engine("world", tmp_path, "cpu", "fp32")
    assert (engine.name, engine.device, engine.tone_file) == ("world", "cpu", "world.npz")
    wanted = (("openvoice", "cpu"), ("world", "cuda"), ("nonsense", "cpu"))
    for name, device in wanted:
        with pytest.raises(EngineUnavailable, match=r"^[A-Z].*engine.*\.$"):
            create_engine(name, tmp_path, device, "fp32")


def test_conversion_moves_pitch_and_tone_most_of_the_way(spoken: Spoken) -> None:
    for person, converted in zip(spoken.people, spoken.converted, strict=True):
        heard = spoken.engine.embed([converted])
        assert heard.log_f0_mean == pytest.approx(person.log_f0_mean, abs=0.12)
        before = spoken.engine.distance(spoken.base, person)
        assert spoken.engine.distance(heard, person) < 0.6 * before


def test_two_targets_sound_different(spoken: Spoken) -> None:
    first, second = (spoken.engine.embed([wave]) for wave in spoken.converted)
    assert spoken.engine.distance(first, spoken.people[0]) < spoken.engine.distance(
        first, spoken.people[1]
    )
    assert spoken.engine.distance(second, spoken.people[1]) < spoken.engine.distance(
        second, spoken.people[0]
    )


def test_times_survive(spoken: Spoken) -> None:
    for converted in spoken.converted:
        assert converted.sample_rate_hz == spoken.engine.sample_rate_hz
        assert abs(converted.duration_s - spoken.sentence.duration_s) <= 1 / 24_000
        for was_s, is_s in zip(
            speech_bounds(spoken.sentence), speech_bounds(converted), strict=True
        ):
            assert is_s == pytest.approx(was_s, abs=0.04)


def test_pauses_stay_quiet_and_levels_follow_the_source(spoken: Spoken) -> None:
    # Quiet enough that full scale holds nothing back: a voice of other peaks may need room.
    rate_hz = spoken.sentence.sample_rate_hz
    quiet = Waveform(0.2 * spoken.sentence.samples, rate_hz)
    source = frame_levels_dbfs(resample(quiet, 24_000))
    loud_dbfs = np.percentile(source, 95)
    # A frame right beside speech may hear its beginning.
    silent = maximum_filter1d(source, 3) < loud_dbfs - 55
    for person in spoken.people:
        levels = frame_levels_dbfs(spoken.engine.convert_tone(quiet, spoken.base, person))
        assert np.percentile(levels, 95) == pytest.approx(loud_dbfs, abs=3.0)
        assert levels[silent].max(initial=-120.0) < loud_dbfs - 25
        heard = source > loud_dbfs - 47
        assert np.corrcoef(levels[heard], source[heard])[0, 1] > 0.8


def test_no_clicks_no_clipping_no_strange_numbers(spoken: Spoken) -> None:
    for converted in spoken.converted:
        assert np.isfinite(converted.samples).all()
        assert np.max(np.abs(converted.samples)) < 1.0
        steps = np.abs(np.diff(converted.samples.astype(np.float64)))
        # A click is one step far above all that speech itself does.
        assert steps.max() < 8.0 * np.percentile(steps, 99.5)


def test_the_same_input_gives_the_same_samples(spoken: Spoken) -> None:
    again = spoken.engine.convert_tone(spoken.sentence, spoken.base, spoken.people[0])
    assert np.array_equal(again.samples, spoken.converted[0].samples)


def test_a_voice_turned_into_itself_stays_itself(spoken: Spoken) -> None:
    same = spoken.engine.convert_tone(spoken.sentence, spoken.base, spoken.base)
    other = spoken.engine.embed([same])
    original = spoken.engine.embed([spoken.sentence])
    assert spoken.engine.distance(other, original) < 0.3 * spoken.engine.distance(
        spoken.base, spoken.people[0]
    )
    assert other.log_f0_mean == pytest.approx(original.log_f0_mean, abs=0.03)


def test_distance_knows_a_speaker_again(spoken: Spoken) -> None:
    held_out = [spoken.engine.embed(split_windows([last])) for _, last in spoken.references]
    distance = spoken.engine.distance
    assert distance(held_out[0], spoken.people[0]) < distance(held_out[0], spoken.people[1])
    assert distance(held_out[1], spoken.people[1]) < distance(held_out[1], spoken.people[0])
    assert distance(spoken.people[0], spoken.people[0]) == pytest.approx(0.0, abs=1e-3)
    assert distance(spoken.people[0], spoken.base) == pytest.approx(
        distance(spoken.base, spoken.people[0])
    )


def test_a_recordings_gain_is_no_part_of_its_tone(spoken: Spoken) -> None:
    reference = spoken.references[0][0].between(0.0, 8.0)
    quiet = Waveform(reference.samples * np.float32(0.1), reference.sample_rate_hz)
    loud_tone, quiet_tone = spoken.engine.embed([reference]), spoken.engine.embed([quiet])
    assert spoken.engine.distance(loud_tone, quiet_tone) < 0.05
    assert np.allclose(loud_tone.envelope_mean, quiet_tone.envelope_mean, atol=0.05)


@settings(deadline=None, max_examples=25)
@given(length=st.integers(0, 600), seed=st.integers(0, 99))
def test_sound_of_any_length_comes_back_as_long(spoken: Spoken, length: int, seed: int) -> None:
    samples = np.random.default_rng(seed).uniform(-1, 1, length).astype(np.float32)
    converted = spoken.engine.convert_tone(Waveform(samples, 24_000), spoken.base, spoken.people[0])
    assert len(converted.samples) == length
    assert np.isfinite(converted.samples).all()


def test_silence_comes_back_as_silence(spoken: Spoken) -> None:
    silence = Waveform(np.zeros(48_000, np.float32), 48_000)
    converted = spoken.engine.convert_tone(silence, spoken.base, spoken.people[0])
    assert len(converted.samples) == 24_000
    assert not converted.samples.any()


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10_000), size=st.integers(1, 12))
def test_the_transport_gives_exactly_the_wanted_covariance(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    source, target = (
        (factor @ factor.T + 0.1 * np.eye(size)) for factor in rng.standard_normal((2, size, size))
    )
    moved = _transport(source, target)
    assert np.allclose(moved, moved.T, atol=1e-6)
    assert np.allclose(moved @ _shrunk(source) @ moved.T, _shrunk(target), atol=1e-6)


@pytest.mark.parametrize("seconds", [0.0, 0.05, 3.0])
def test_too_little_voice_teaches_nothing(seconds: float) -> None:
    with pytest.raises(ValueError, match="voiced"):
        WorldEngine().embed([Waveform(np.zeros(round(seconds * 24_000), np.float32), 24_000)])
    with pytest.raises(ValueError, match="voiced"):
        WorldEngine().embed([])


def test_a_tone_survives_the_disk(spoken: Spoken, tmp_path: Path) -> None:
    spoken.people[0].save(tmp_path / "world.npz")
    loaded = spoken.engine.load_tone(tmp_path / "world.npz")
    assert loaded.fingerprint() == spoken.people[0].fingerprint()
    assert loaded.fingerprint() != spoken.people[1].fingerprint()
    again = spoken.engine.convert_tone(spoken.sentence, spoken.base, loaded)
    assert np.array_equal(again.samples, spoken.converted[0].samples)


def test_a_damaged_or_foreign_tone_is_refused(spoken: Spoken, tmp_path: Path) -> None:
    path = tmp_path / "world.npz"
    spoken.people[0].save(path)
    whole = path.read_bytes()
    with np.load(path) as stored:
        held = dict(stored)
    for damage in (b"", whole[: len(whole) // 2], b"no zip at all"):
        path.write_bytes(damage)
        with pytest.raises(ValueError, match="tone"):
            spoken.engine.load_tone(path)
    for change in (
        {"engine": np.array("openvoice")},
        {"engine": np.array("world/0")},  # of a release whose numbers meant something else
        {"envelope_mean": np.zeros(3)},
        {"log_f0_mean": np.array(np.nan)},
        {"envelope_mean": np.array([object()])},  # would need pickle
        {"voiced_s": np.array("many")},
    ):
        np.savez(path, **{**held, **change})
        with pytest.raises(ValueError, match=r"tone|numbers"):
            spoken.engine.load_tone(path)
    with pytest.raises(ValueError, match="tone"):
        spoken.engine.load_tone(tmp_path / "absent.npz")


def test_a_turn_that_was_given_up_computes_nothing(spoken: Spoken) -> None:
    turn = Turn()
    spoken.engine.convert_tone(spoken.sentence, spoken.base, spoken.people[0], turn)
    turn.abandon()
    with pytest.raises(Abandoned):
        spoken.engine.convert_tone(spoken.sentence, spoken.base, spoken.people[0], turn)


def test_tones_of_another_engine_are_refused(spoken: Spoken) -> None:
    class Foreign:
        engine = "openvoice"

        def save(self, path: Path) -> None:
            path.touch()

        def fingerprint(self) -> str:
            return "foreign"

    foreign: Tone = Foreign()
    assert not isinstance(foreign, WorldTone)
    with pytest.raises(TonesDiffer, match="openvoice"):
        spoken.engine.convert_tone(spoken.sentence, spoken.base, foreign)
    with pytest.raises(TonesDiffer, match="openvoice"):
        spoken.engine.distance(foreign, spoken.base)
