"""Reading, resampling, finding and levelling sound."""

import io
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from openvoice_service.audio import (
    AudioLimits,
    AudioUnreadable,
    Waveform,
    loudness_lufs,
    normalise_loudness,
    read_audio,
    resample,
    speech_bounds,
    trim_silence,
)

RATE_HZ = 24_000


def hum(duration_s: float, level: float = 0.3, rate_hz: int = RATE_HZ) -> Waveform:
    """Return a buzz with a syllable's rise and fall, at `rate_hz`."""
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    buzz = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 20))
    return Waveform((level * buzz / np.max(np.abs(buzz))).astype(np.float32), rate_hz)


def file_of(samples: np.ndarray, rate_hz: int = RATE_HZ, **options: str) -> io.BytesIO:
    written = io.BytesIO()
    soundfile.write(written, samples, rate_hz, **options)
    written.seek(0)
    return written


@pytest.mark.parametrize("form", ["WAV", "FLAC", "MP3", "OGG"])
def test_every_promised_form_is_read_as_mono(form: str, tmp_path: Path) -> None:
    sound = hum(1.0).samples
    path = tmp_path / "sound"
    soundfile.write(path, np.stack([sound, sound], axis=1), RATE_HZ, format=form)
    wave = read_audio(path)
    assert wave.sample_rate_hz == RATE_HZ
    assert wave.samples.dtype == np.float32
    assert wave.duration_s == pytest.approx(1.0, abs=0.06)
    assert np.sqrt(np.mean(wave.samples**2)) == pytest.approx(np.sqrt(np.mean(sound**2)), rel=0.05)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"Dear diary, this is no sound at all.", "media_unreadable"),
        (b"", "media_unreadable"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", "media_unreadable"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(64), "sample_is_video"),
        (b"\x1a\x45\xdf\xa3" + bytes(64), "sample_is_video"),
        (b"RIFF\x10\x00\x00\x00AVI LIST", "sample_is_video"),
    ],
)
def test_what_is_no_sound_is_named(content: bytes, code: str) -> None:
    with pytest.raises(AudioUnreadable) as refusal:
        read_audio(io.BytesIO(content))
    assert refusal.value.code == code
    assert refusal.value.fix


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused(value: float) -> None:
    samples = hum(0.5).samples.copy()
    samples[100] = value
    with pytest.raises(AudioUnreadable, match="no numbers"):
        read_audio(file_of(samples, format="WAV", subtype="FLOAT"))


def test_floats_beyond_full_scale_are_cut_to_it() -> None:
    wave = read_audio(file_of(hum(0.5, 3.0).samples, format="WAV", subtype="FLOAT"))
    assert np.max(np.abs(wave.samples)) == 1.0


def test_a_form_that_libsndfile_knows_but_we_do_not_promise_is_refused() -> None:
    with pytest.raises(AudioUnreadable, match="AIFF"):
        read_audio(file_of(hum(0.5).samples, format="AIFF"))


def test_limits_of_length_size_rate_and_channels_hold() -> None:
    second = hum(1.0).samples
    with pytest.raises(AudioUnreadable, match="longer than") as refusal:
        read_audio(file_of(second, format="FLAC"), AudioLimits(max_duration_s=0.9))
    assert refusal.value.code == "media_too_large"
    with pytest.raises(AudioUnreadable, match="bytes"):
        read_audio(file_of(second, format="WAV"), AudioLimits(max_bytes=1000))
    with pytest.raises(AudioUnreadable, match="4000 Hz"):
        read_audio(file_of(second, 4000, format="WAV"))
    with pytest.raises(AudioUnreadable, match="channels"):
        read_audio(file_of(np.tile(second, (9, 1)).T, format="WAV"))


def test_a_wav_whose_header_promises_more_than_it_holds_gives_what_is_there() -> None:
    whole = file_of(hum(1.0).samples, format="WAV").getvalue()
    wave = read_audio(io.BytesIO(whole[: len(whole) // 2]))
    assert wave.duration_s == pytest.approx(0.5, abs=0.01)


@given(rate_hz=st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000]))
def test_resampling_keeps_length_and_level(rate_hz: int) -> None:
    wave = hum(0.8)
    other = resample(wave, rate_hz)
    assert other.sample_rate_hz == rate_hz
    assert abs(other.duration_s - wave.duration_s) <= 1 / rate_hz
    assert np.std(other.samples) == pytest.approx(np.std(wave.samples), rel=0.1)


@settings(deadline=None, max_examples=40)
@given(
    before_s=st.floats(0.0, 1.0),
    spoken_s=st.floats(0.2, 2.0),
    after_s=st.floats(0.0, 1.0),
    level=st.floats(0.01, 0.9),
    noise_db=st.floats(-90.0, -45.0),
)
def test_speech_is_found_where_it_is(
    before_s: float, spoken_s: float, after_s: float, level: float, noise_db: float
) -> None:
    sound = hum(spoken_s, level).samples
    silence = [np.zeros(round(s * RATE_HZ), np.float32) for s in (before_s, after_s)]
    samples = np.concatenate([silence[0], sound, silence[1]])
    noise = np.random.default_rng(1).standard_normal(len(samples)) * 10 ** (noise_db / 20) * level
    start_s, end_s = speech_bounds(Waveform((samples + noise).astype(np.float32), RATE_HZ))
    assert start_s == pytest.approx(before_s, abs=0.03)
    assert end_s == pytest.approx(before_s + spoken_s, abs=0.03)


def test_a_click_is_no_beginning_of_speech() -> None:
    samples = np.concatenate([np.zeros(RATE_HZ, np.float32), hum(1.0).samples])
    samples[2400] = 0.9
    assert speech_bounds(Waveform(samples, RATE_HZ))[0] == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("length", [0, 1, 100, RATE_HZ])
def test_silence_has_no_bounds_and_trims_to_nothing(length: int) -> None:
    wave = Waveform(np.zeros(length, np.float32), RATE_HZ)
    assert speech_bounds(wave) == (0.0, 0.0)
    assert len(trim_silence(wave).samples) == 0


def test_trimming_keeps_the_speech_and_its_breath() -> None:
    quiet = np.zeros(RATE_HZ, np.float32)
    wave = Waveform(np.concatenate([quiet, hum(1.0).samples, quiet]), RATE_HZ)
    assert trim_silence(wave).duration_s == pytest.approx(1.1, abs=0.04)


@pytest.mark.parametrize("rate_hz", [24_000, 44_100, 48_000])
def test_loudness_is_the_standards(rate_hz: int) -> None:
    """BS.1770-4: a 997 Hz sine at full scale in one channel measures -3.01 LKFS."""
    t = np.arange(5 * rate_hz) / rate_hz
    sine = np.sin(2 * np.pi * 997 * t).astype(np.float32)
    assert loudness_lufs(Waveform(sine, rate_hz)) == pytest.approx(-3.01, abs=0.05)
    assert loudness_lufs(Waveform(sine * 0.1, rate_hz)) == pytest.approx(-23.01, abs=0.05)


def test_pauses_do_not_make_speech_quieter() -> None:
    loud = hum(3.0)
    paused = Waveform(np.concatenate([loud.samples, np.zeros(10 * RATE_HZ, np.float32)]), RATE_HZ)
    assert loudness_lufs(paused) == pytest.approx(loudness_lufs(loud), abs=0.3)


@settings(deadline=None, max_examples=25)
@given(level=st.floats(0.01, 1.0), lufs=st.floats(-30.0, -14.0), spike=st.floats(0.0, 0.3))
def test_levelled_sound_is_as_loud_as_asked_and_under_the_ceiling(
    level: float, lufs: float, spike: float
) -> None:
    samples = hum(2.0, level).samples.copy()
    samples[20_000] += spike
    levelled = normalise_loudness(Waveform(samples, RATE_HZ), lufs)
    assert np.max(np.abs(levelled.samples)) <= 10 ** (-1.5 / 20) + 1e-6
    assert loudness_lufs(levelled) == pytest.approx(lufs, abs=0.5)


def test_silence_stays_silence_when_levelled() -> None:
    wave = Waveform(np.zeros(RATE_HZ, np.float32), RATE_HZ)
    assert math.isinf(loudness_lufs(wave))
    assert not normalise_loudness(wave, -16.0).samples.any()
