"""Judging samples and keeping voices."""

import json
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvoice_service.audio import Waveform, resample
from openvoice_service.bench.speakers import read_speaker
from openvoice_service.engines import Tone
from openvoice_service.engines.world import WorldEngine, WorldTone
from openvoice_service.profiles import (
    ProfileNotFound,
    ProfileStore,
    SampleRejected,
    assess,
    join_sample,
    new_voice_id,
    split_windows,
)

RATE_HZ = 24_000
WORDS = "私は、この録音から私の声を作ることに同意します。"


@pytest.fixture(scope="module")
def speech() -> Waveform:
    return resample(read_speaker("speaker_0"), RATE_HZ)


@pytest.fixture(scope="module")
def short(speech: Waveform) -> Waveform:
    """Enough for a profile, quick to analyse."""
    return speech.between(0.0, 9.0)


class CountingEngine(WorldEngine):
    """The real engine, with a count of what it learned."""

    def __init__(self) -> None:
        self.embedded = 0

    def embed(self, references: Sequence[Waveform]) -> WorldTone:
        self.embedded += 1
        return super().embed(references)


class OtherEngine(CountingEngine):
    """An engine of another name and file, as a second one would be."""

    name = "other"
    tone_file = "other.npz"


def create(store: ProfileStore, sample: Waveform, **options: str) -> str:
    wanted = {"name": "花子", "language": "ja", "consent": WORDS, **options}
    return store.create([sample], WorldEngine(), **wanted).id


def with_noise(wave: Waveform, snr_db: float) -> Waveform:
    noise = np.random.default_rng(3).standard_normal(len(wave.samples))
    noise *= np.sqrt(np.mean(wave.samples**2)) * 10 ** (-snr_db / 20)
    return Waveform((0.3 * (wave.samples + noise)).astype(np.float32), wave.sample_rate_hz)


def refusal(*references: Waveform) -> str:
    with pytest.raises(SampleRejected) as refused:
        assess(references)
    assert refused.value.fix
    return refused.value.code


def test_a_clean_recording_is_good(speech: Waveform) -> None:
    report = assess([speech])
    assert report.voiced_s > 8
    assert report.snr_db > 24
    assert report.clipped_fraction < 0.001
    assert -35 < report.level_dbfs < -10
    assert report.dispersion < 3
    assert (report.verdict, report.advice) == ("good", "none")


def test_silence_is_named() -> None:
    assert refusal() == "sample_silent"
    assert refusal(Waveform(np.zeros(0, np.float32), RATE_HZ)) == "sample_silent"
    assert refusal(Waveform(np.zeros(10 * RATE_HZ, np.float32), RATE_HZ)) == "sample_silent"
    hiss = np.random.default_rng(0).standard_normal(10 * RATE_HZ) * 1e-4
    assert refusal(Waveform(hiss.astype(np.float32), RATE_HZ)) == "sample_silent"


def test_one_second_is_too_short_and_two_halves_make_a_whole(speech: Waveform) -> None:
    assert refusal(speech.between(2.0, 3.0)) == "sample_too_short"
    assert assess([speech.between(0.0, 6.0), speech.between(6.0, 12.0)]).voiced_s > 3


def test_clipping_is_refused_or_noticed_even_behind_a_lower_gain(speech: Waveform) -> None:
    loud = speech.samples / np.max(np.abs(speech.samples))
    hard = Waveform((0.4 * np.clip(8 * loud, -1, 1)).astype(np.float32), RATE_HZ)
    assert refusal(hard) == "sample_clipped"
    soft = Waveform(np.clip(1.7 * loud, -1, 1).astype(np.float32), RATE_HZ)
    report = assess([soft])
    assert 0.001 < report.clipped_fraction < 0.01
    assert (report.verdict, report.advice) == ("usable", "lower_gain")


def test_noise_is_refused_or_noticed(speech: Waveform) -> None:
    hiss = np.random.default_rng(0).standard_normal(10 * RATE_HZ) * 0.1
    assert refusal(Waveform(hiss.astype(np.float32), RATE_HZ)) == "sample_noisy"
    assert refusal(with_noise(speech, -6)) == "sample_noisy"
    noisy = assess([with_noise(speech, 9)])
    assert noisy.advice == "less_noise"
    assert noisy.verdict in ("usable", "poor")
    assert assess([with_noise(speech, 6)]).snr_db < noisy.snr_db < assess([speech]).snr_db


def test_a_faint_voice_is_asked_to_come_closer(speech: Waveform) -> None:
    report = assess([Waveform(speech.samples * np.float32(0.04), RATE_HZ)])
    assert (report.verdict, report.advice) == ("usable", "speak_closer")


def test_two_people_in_one_sample_are_noticed(speech: Waveform) -> None:
    other = resample(read_speaker("speaker_2"), RATE_HZ)
    both = [speech, Waveform(other.samples, RATE_HZ)]
    assert assess(both).dispersion > 2 * assess([speech]).dispersion


@given(durations=st.lists(st.integers(0, 40 * 50), max_size=4))
def test_windows_cover_everything_in_at_most_ten_seconds(durations: list[int]) -> None:
    rate_hz = 50
    references = [Waveform(np.arange(n, dtype=np.float32), rate_hz) for n in durations]
    windows = split_windows(references)
    assert all(0 < window.duration_s <= 10.0 + 1 / rate_hz for window in windows)
    covered, whole = (
        [n for wave in waves for n in wave.samples] for waves in (windows, references)
    )
    assert covered == whole


def test_a_sample_keeps_a_minute_at_most(speech: Waveform) -> None:
    assert join_sample([speech] * 5).duration_s == 60.0


def test_a_profile_names_its_engine_consent_and_report(tmp_path: Path, short: Waveform) -> None:
    store = ProfileStore(tmp_path)
    made = store.create([short], WorldEngine(), name="花子", language="ja", consent=WORDS)
    again = ProfileStore(tmp_path).get(made.id)
    assert again == made
    assert (again.engine, again.consent.text, again.name) == ("world", WORDS, "花子")
    assert again.consent.accepted_at.utcoffset() is not None
    folder = tmp_path / "voices" / made.id
    assert {path.name for path in folder.iterdir()} == {"sample.wav", "world.npz", "profile.json"}
    assert [profile.id for profile in store.list()] == [made.id]


def test_the_same_id_again_replaces_and_takes_the_old_speech_along(
    tmp_path: Path, speech: Waveform, short: Waveform
) -> None:
    store, voice_id = ProfileStore(tmp_path), new_voice_id()
    create(store, short, voice_id=voice_id)
    first = store.tone(voice_id, WorldEngine()).fingerprint()
    (tmp_path / "generated" / voice_id).mkdir(parents=True)
    create(store, short, voice_id=voice_id, name="太郎")
    assert store.tone(voice_id, WorldEngine()).fingerprint() == first
    assert not (tmp_path / "generated" / voice_id).exists()
    create(store, speech.between(6.0, 16.0), voice_id=voice_id)
    assert store.tone(voice_id, WorldEngine()).fingerprint() != first
    assert [profile.id for profile in store.list()] == [voice_id]
    assert [path.name for path in (tmp_path / "voices").iterdir()] == [voice_id]


def test_a_refused_sample_leaves_nothing_and_keeps_the_old_voice(
    tmp_path: Path, short: Waveform
) -> None:
    store, voice_id = ProfileStore(tmp_path), new_voice_id()
    with pytest.raises(SampleRejected):
        create(store, short.between(0.0, 1.0), voice_id=voice_id)
    assert list((tmp_path / "voices").iterdir()) == []
    create(store, short, voice_id=voice_id)
    with pytest.raises(SampleRejected):
        create(store, short.between(0.0, 1.0), voice_id=voice_id)
    assert store.get(voice_id).name == "花子"


def test_a_crash_while_learning_leaves_no_voice(tmp_path: Path, short: Waveform) -> None:
    class Broken(WorldEngine):
        def embed(self, references: Sequence[Waveform]) -> WorldTone:
            raise MemoryError(len(references))

    store = ProfileStore(tmp_path)
    with pytest.raises(MemoryError):
        store.create([short], Broken(), name="x", language="ja", consent=WORDS)
    assert list((tmp_path / "voices").iterdir()) == []
    assert store.list() == []


def test_deletion_leaves_no_byte(tmp_path: Path, short: Waveform) -> None:
    store = ProfileStore(tmp_path)
    voice_id = create(store, short)
    kept = create(store, short)
    speech_folder = tmp_path / "generated" / voice_id
    speech_folder.mkdir(parents=True)
    (speech_folder / "abc").write_bytes(b"speech")
    (tmp_path / "voices" / f".new-{voice_id}-abc").mkdir()
    store.delete(voice_id)
    assert not [path for path in tmp_path.rglob("*") if voice_id in str(path)]
    assert [profile.id for profile in store.list()] == [kept]
    for _ in range(2):
        with pytest.raises(ProfileNotFound):
            store.delete(voice_id)


def test_consent_is_not_optional(tmp_path: Path, short: Waveform) -> None:
    with pytest.raises(ValueError, match="agreed"):
        create(ProfileStore(tmp_path), short, consent="  ")


@pytest.mark.parametrize(
    "voice_id",
    [
        "",
        ".",
        "..",
        "../../etc",
        "voc_../../../../../../etc/passw",
        "voc_" + "a" * 25 + "/",
        "voc_" + "A" * 26,
        "voc_" + "l" * 26,
        "voc_" + "a" * 26 + "\n",
        "espeak_ng:en-us",
    ],
)
def test_ids_of_another_form_reach_no_file(tmp_path: Path, short: Waveform, voice_id: str) -> None:
    (tmp_path / "profile.json").write_text("{}")
    store = ProfileStore(tmp_path / "root")
    for call in (store.get, store.delete, store.sample):
        with pytest.raises(ProfileNotFound):
            call(voice_id)
    with pytest.raises(ProfileNotFound):
        store.tone(voice_id, WorldEngine())
    if voice_id:
        with pytest.raises(ValueError, match="voice id"):
            create(store, short, voice_id=voice_id)
    assert (tmp_path / "profile.json").exists()


def test_new_ids_are_valid_distinct_and_in_order() -> None:
    ids = [new_voice_id() for _ in range(50)]
    assert len(set(ids)) == 50
    assert all(len(each) == 30 for each in ids)
    assert [each[:12] for each in ids] == sorted(each[:12] for each in ids)


def test_each_engine_has_its_own_tone_learnt_once_from_the_sample(
    tmp_path: Path, short: Waveform
) -> None:
    store, other = ProfileStore(tmp_path), OtherEngine()
    voice_id = create(store, short)
    first: Tone = store.tone(voice_id, other)
    assert store.tone(voice_id, other).fingerprint() == first.fingerprint()
    assert other.embedded == 1
    assert store.get(voice_id).engine == "world"
    names = {path.name for path in (tmp_path / "voices" / voice_id).iterdir()}
    assert names == {"sample.wav", "world.npz", "other.npz", "profile.json"}


@pytest.mark.parametrize("damage", ["absent", "cut", "other"])
def test_a_damaged_tone_is_learnt_again_and_comes_out_the_same(
    tmp_path: Path, short: Waveform, damage: str
) -> None:
    store, engine = ProfileStore(tmp_path), CountingEngine()
    voice_id = create(store, short)
    before = store.tone(voice_id, engine).fingerprint()
    assert engine.embedded == 0
    path = tmp_path / "voices" / voice_id / "world.npz"
    if damage == "absent":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:100] if damage == "cut" else b"something else")
    assert store.tone(voice_id, engine).fingerprint() == before
    assert engine.embedded == 1


def test_damaged_folders_are_left_out_and_can_be_deleted(tmp_path: Path, short: Waveform) -> None:
    store = ProfileStore(tmp_path)
    whole, moved, cut, empty = (create(store, short), *(new_voice_id() for _ in range(3)))
    voices = tmp_path / "voices"
    shutil.copytree(voices / whole, voices / moved)  # its profile.json names another id
    shutil.copytree(voices / whole, voices / cut)
    (voices / cut / "profile.json").write_text('{"id": ')
    (voices / empty).mkdir()
    (voices / "notes.txt").write_text("not a voice")
    assert [profile.id for profile in store.list()] == [whole]
    for damaged in (moved, cut, empty):
        with pytest.raises(ProfileNotFound):
            store.get(damaged)
        store.delete(damaged)
        assert not (voices / damaged).exists()


def test_a_sample_that_is_gone_makes_the_voice_unusable_for_new_engines(
    tmp_path: Path, short: Waveform
) -> None:
    store = ProfileStore(tmp_path)
    voice_id = create(store, short)
    (tmp_path / "voices" / voice_id / "sample.wav").write_bytes(b"gone")
    assert store.tone(voice_id, WorldEngine()).engine == "world"
    with pytest.raises(ProfileNotFound):
        store.tone(voice_id, OtherEngine())


def test_a_start_finishes_deletions_and_spares_what_may_be_in_the_making(tmp_path: Path) -> None:
    voices = tmp_path / "voices"
    (voices / ".gone-voc_x-1").mkdir(parents=True)
    (voices / ".new-voc_x-1").mkdir()
    ProfileStore(tmp_path)
    assert [path.name for path in voices.iterdir()] == [".new-voc_x-1"]


def test_two_writers_of_one_id_leave_one_whole_voice(tmp_path: Path, short: Waveform) -> None:
    store, voice_id = ProfileStore(tmp_path), new_voice_id()
    writers = [
        threading.Thread(target=create, args=(store, short), kwargs={"voice_id": voice_id})
        for _ in range(2)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert store.get(voice_id).id == voice_id
    assert [path.name for path in (tmp_path / "voices").iterdir()] == [voice_id]


def test_profile_json_holds_no_more_than_it_says(tmp_path: Path, short: Waveform) -> None:
    store = ProfileStore(tmp_path)
    voice_id = create(store, short)
    written = json.loads((tmp_path / "voices" / voice_id / "profile.json").read_text("utf-8"))
    assert set(written) == {"id", "name", "language", "engine", "created_at", "consent", "report"}
