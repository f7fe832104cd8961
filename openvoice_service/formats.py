"""Speech as files: the six formats of OpenAI's speech API, whole or as they come."""

import io
import struct
from typing import Protocol

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
# format: (codec, container, options). Ogg's default page holds a second: too late for a listener.
_CONTAINERS = {
    "mp3": ("libmp3lame", "mp3", {"write_xing": "0", "id3v2_version": "0"}),
    "opus": ("libopus", "ogg", {"page_duration": "100000"}),
    "aac": ("aac", "adts", {}),
    "flac": ("flac", "flac", {}),
}
# Opus knows only a few rates, and 48 kHz is its own.
_OPUS_RATE_HZ = 48_000
_BIT_RATE = 64_000
# What a WAV header says where the length is not known yet; players read to the end.
_UNKNOWN_BYTES = 0xFFFFFFFF


class StreamEncoder(Protocol):
    """One encoder over a whole stream, so that its pieces join without gaps."""

    def write(self, wave: Waveform) -> bytes:
        """Return what is encoded so far; all waves have the rate that the encoder was made for."""

    def close(self) -> bytes:
        """Return the end of the stream."""


def encode(wave: Waveform, audio_format: str) -> bytes:
    """Return `wave` in one of `CONTENT_TYPES`; pcm is 16-bit little-endian mono at its own rate."""
    if audio_format in ("opus", "aac", "pcm"):
        encoder = stream_encoder(audio_format, wave.sample_rate_hz)
        return encoder.write(wave) + encoder.close()
    buffer = io.BytesIO()
    subtype = {"wav": "PCM_16", "flac": "PCM_16", "mp3": "MPEG_LAYER_III"}[audio_format]
    soundfile.write(
        buffer, wave.samples, wave.sample_rate_hz, format=audio_format.upper(), subtype=subtype
    )
    return buffer.getvalue()


def stream_encoder(audio_format: str, sample_rate_hz: int) -> StreamEncoder:
    """Return an encoder of sound that is not all there yet, at `sample_rate_hz`."""
    if audio_format == "pcm":
        return _Pcm(b"")
    if audio_format == "wav":
        return _Pcm(_wav_header(sample_rate_hz))
    return _Container(audio_format, sample_rate_hz)


class _Pcm:
    """16-bit little-endian mono after `header`."""

    def __init__(self, header: bytes) -> None:
        self._header = header

    def write(self, wave: Waveform) -> bytes:
        header, self._header = self._header, b""
        return header + _pcm(wave)

    def close(self) -> bytes:
        return self._header


class _Container:
    """A codec and a container of ffmpeg, written to where nobody can seek back."""

    def __init__(self, audio_format: str, sample_rate_hz: int) -> None:
        codec, container, options = _CONTAINERS[audio_format]
        self._rate_hz = _OPUS_RATE_HZ if audio_format == "opus" else sample_rate_hz
        self._sink = _Sink()
        # bitexact: no version and no random serial number, the same sound gives the same bytes.
        always = {"flush_packets": "1", "fflags": "+bitexact"}
        self._output = av.open(self._sink, "w", format=container, options=always | options)
        stream = self._output.add_stream(codec, rate=self._rate_hz)
        assert isinstance(stream, av.AudioStream)  # noqa: S101 - the codec is one of sound
        stream.layout = "mono"
        if audio_format != "flac":
            stream.bit_rate = _BIT_RATE
        self._stream = stream
        self._written = 0

    def write(self, wave: Waveform) -> bytes:
        samples = np.frombuffer(_pcm(resample(wave, self._rate_hz)), np.int16)
        if len(samples):
            frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = self._rate_hz, self._written
            self._written += len(samples)
            self._output.mux(self._stream.encode(frame))
        return self._sink.take()

    def close(self) -> bytes:
        self._output.mux(self._stream.encode(None))
        self._output.close()
        return self._sink.take()


class _Sink:
    """A file that is only written on; what was written is taken away."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, written: bytes) -> int:
        self._held += written
        return len(written)

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


def _pcm(wave: Waveform) -> bytes:
    return np.clip(np.rint(wave.samples * 32767), -32768, 32767).astype("<i2").tobytes()


def _wav_header(sample_rate_hz: int) -> bytes:
    sound = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sample_rate_hz, 2 * sample_rate_hz, 2, 16)
    riff = struct.pack("<4sI4s", b"RIFF", _UNKNOWN_BYTES, b"WAVE")
    return riff + sound + struct.pack("<4sI", b"data", _UNKNOWN_BYTES)
