"""Speech as files: the six formats of OpenAI's speech API."""

import io
from collections.abc import Iterator

import av
import numpy as np
import soundfile

from openvoice_service.audio import Waveform, resample

CONTENT_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
# Opus knows only a few rates, and 48 kHz is its own.
_OPUS_RATE_HZ = 48_000


def encode(wave: Waveform, audio_format: str) -> bytes:
    """Return `wave` in one of `CONTENT_TYPES`; pcm is 16-bit little-endian mono at its own rate."""
    if audio_format == "pcm":
        return _pcm(wave)
    if audio_format in ("opus", "aac"):
        return _encode_with_ffmpeg(wave, audio_format)
    buffer = io.BytesIO()
    subtype = {"wav": "PCM_16", "flac": "PCM_16", "mp3": "MPEG_LAYER_III"}[audio_format]
    soundfile.write(
        buffer, wave.samples, wave.sample_rate_hz, format=audio_format.upper(), subtype=subtype
    )
    return buffer.getvalue()


def _pcm(wave: Waveform) -> bytes:
    return np.clip(np.rint(wave.samples * 32767), -32768, 32767).astype("<i2").tobytes()


def _encode_with_ffmpeg(wave: Waveform, audio_format: str) -> bytes:
    codec, container = {"opus": ("libopus", "ogg"), "aac": ("aac", "adts")}[audio_format]
    if audio_format == "opus":
        wave = resample(wave, _OPUS_RATE_HZ)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=wave.sample_rate_hz)
        assert isinstance(stream, av.AudioStream)  # noqa: S101 - the codec is one of sound
        stream.layout = "mono"
        stream.bit_rate = 64_000
        for frame in _frames(wave):
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def _frames(wave: Waveform) -> Iterator[av.AudioFrame]:
    samples = np.frombuffer(_pcm(wave), np.int16)
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=wave.sample_rate_hz)
    for start in range(0, len(samples), 4096):
        block = np.ascontiguousarray(samples[start : start + 4096]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
        frame.sample_rate = wave.sample_rate_hz
        frame.pts = start
        yield from resampler.resample(frame)
