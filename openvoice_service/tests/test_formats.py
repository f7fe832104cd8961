"""Encoded sound, decoded again by somebody else's decoder."""

import io

import av
import numpy as np
import pytest

from openvoice_service.audio import Waveform
from openvoice_service.formats import CONTENT_TYPES, encode, stream_encoder

RATE_HZ = 24_000


def tone(seconds: float, hertz: float = 220.0) -> Waveform:
    times_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return Waveform((0.4 * np.sin(2 * np.pi * hertz * times_s)).astype(np.float32), RATE_HZ)


def decoded(raw: bytes, audio_format: str) -> tuple[np.ndarray, int]:
    if audio_format == "pcm":
        return np.frombuffer(raw, "<i2").astype(np.float32) / 32767, RATE_HZ
    with av.open(io.BytesIO(raw), "r") as container:
        stream = container.streams.audio[0]
        to_float = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
        frames = [f for frame in container.decode(stream) for f in to_float.resample(frame)]
        return np.concatenate([frame.to_ndarray()[0] for frame in frames]), stream.rate


def streamed(pieces: list[Waveform], audio_format: str) -> list[bytes]:
    encoder = stream_encoder(audio_format, RATE_HZ)
    return [*(encoder.write(piece) for piece in pieces), encoder.close()]


@pytest.mark.parametrize("audio_format", CONTENT_TYPES)
def test_pieces_of_one_stream_join_without_gaps(audio_format: str) -> None:
    whole = tone(3.0)
    cuts = [whole.samples[:10_007], whole.samples[10_007:50_000], whole.samples[50_000:]]
    pieces = [Waveform(samples, RATE_HZ) for samples in cuts]
    sound, rate_hz = decoded(b"".join(streamed(pieces, audio_format)), audio_format)
    assert len(sound) / rate_hz == pytest.approx(3.0, abs=0.1)
    loudness = [
        float(np.std(block)) for block in np.array_split(sound[rate_hz // 2 : -rate_hz // 2], 40)
    ]
    assert min(loudness) > 0.9 * 0.4 / np.sqrt(2)


@pytest.mark.parametrize("audio_format", CONTENT_TYPES)
def test_the_first_piece_is_heard_before_the_second_is_there(audio_format: str) -> None:
    first = stream_encoder(audio_format, RATE_HZ).write(tone(1.0))
    sound, rate_hz = decoded(first, audio_format)
    assert len(sound) / rate_hz > 0.75


@pytest.mark.parametrize("audio_format", CONTENT_TYPES)
def test_the_same_sound_gives_the_same_bytes(audio_format: str) -> None:
    assert streamed([tone(0.5)], audio_format) == streamed([tone(0.5)], audio_format)
    assert encode(tone(0.5), audio_format) == encode(tone(0.5), audio_format)


@pytest.mark.parametrize("audio_format", CONTENT_TYPES)
def test_a_whole_file_is_as_long_as_its_sound(audio_format: str) -> None:
    sound, rate_hz = decoded(encode(tone(1.0), audio_format), audio_format)
    assert len(sound) / rate_hz == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("audio_format", CONTENT_TYPES)
def test_an_empty_piece_is_fine(audio_format: str) -> None:
    empty = Waveform(np.zeros(0, np.float32), RATE_HZ)
    sound, rate_hz = decoded(b"".join(streamed([empty, tone(1.0)], audio_format)), audio_format)
    assert len(sound) / rate_hz == pytest.approx(1.0, abs=0.1)
