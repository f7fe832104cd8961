"""Samples in memory: reading, resampling, where the speech lies, and how loud it is.

Everything here works on mono float32 in [-1, 1]. Only libsndfile opens files, and only the four
containers that the service promises; whatever else a person sends is decoded by the backend first.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from scipy import ndimage, signal

Samples = NDArray[np.float32]

READABLE_FORMATS = frozenset({"WAV", "WAVEX", "RF64", "FLAC", "MP3", "OGG"})
SEND_A_SOUND_FILE = "Send the recording as WAV, FLAC, MP3 or OGG."

_READ_BLOCK_FRAMES = 1 << 16
_SNIFFED_BYTES = 12
_FRAME_S = 0.02
_HOP_S = 0.01
# Speech ends where it has fallen this far below its own loud parts: quieter than any phoneme
# (weak fricatives lie about 35 dB down), louder than a room or a vocoder's tail.
_SPEECH_RANGE_DB = 38.0
_SILENCE_DBFS = -60.0
_QUIETEST_DBFS = -120.0
_TRIM_MARGIN_S = 0.05
_LOUDNESS_TOLERANCE_LU = 0.1
_LOUDNESS_PASSES = 3  # what the limiter takes away is given back, but not without end


class AudioUnreadable(Exception):
    """A file that is no sound the service reads; `code` and `fix` go to the person as they are."""

    def __init__(self, code: str, message: str, fix: str = SEND_A_SOUND_FILE) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fix = fix


@dataclass(frozen=True)
class AudioLimits:
    """What a file may cost before it is refused."""

    max_bytes: int = 100 * 1024 * 1024
    max_duration_s: float = 600.0
    min_sample_rate_hz: int = 8_000
    max_sample_rate_hz: int = 192_000
    max_channels: int = 8


@dataclass(frozen=True)
class Waveform:
    """Mono sound: `samples` float32, shape (samples,), range [-1, 1], at `sample_rate_hz`."""

    samples: Samples
    sample_rate_hz: int

    @property
    def duration_s(self) -> float:
        """Return the length in seconds."""
        return len(self.samples) / self.sample_rate_hz

    def between(self, start_s: float, end_s: float) -> Waveform:
        """Return the part from `start_s` to `end_s`, both cut to what there is."""
        first = max(0, round(start_s * self.sample_rate_hz))
        last = max(first, round(end_s * self.sample_rate_hz))
        return Waveform(self.samples[first:last], self.sample_rate_hz)


def read_audio(source: Path | BinaryIO, limits: AudioLimits | None = None) -> Waveform:
    """Return the whole of a WAV, FLAC, MP3 or OGG file as mono sound at its own rate.

    source: a path, or a seekable binary file
    raises: AudioUnreadable (`sample_is_video`, `media_unreadable`, `media_too_large`)
    """
    limits = limits or AudioLimits()
    if isinstance(source, Path):
        with source.open("rb") as opened:
            return _read_open_file(opened, limits)
    return _read_open_file(source, limits)


def _read_open_file(opened: BinaryIO, limits: AudioLimits) -> Waveform:
    opened.seek(0, io.SEEK_END)
    size_bytes = opened.tell()
    opened.seek(0)
    if size_bytes > limits.max_bytes:
        allowed_mb = limits.max_bytes // 1024**2
        raise AudioUnreadable(
            "media_too_large",
            f"The recording has {size_bytes} bytes; at most {allowed_mb} MB are read.",
            "Send a shorter recording; 10 to 30 seconds of speech are enough.",
        )
    _refuse_video(opened.read(_SNIFFED_BYTES))
    opened.seek(0)
    try:
        with soundfile.SoundFile(opened) as sound:
            return _read_frames(sound, limits)
    except (soundfile.SoundFileError, RuntimeError, ValueError, OverflowError) as cause:
        message = "The file is not a sound file that can be read, or it is damaged."
        raise AudioUnreadable("media_unreadable", message) from cause


def _refuse_video(head: bytes) -> None:
    """Name the usual mistake before libsndfile calls it merely unknown."""
    is_mp4 = head[4:8] == b"ftyp"
    is_matroska = head[:4] == b"\x1a\x45\xdf\xa3"
    is_avi = head[:4] == b"RIFF" and head[8:12] == b"AVI "
    if is_mp4 or is_matroska or is_avi:
        raise AudioUnreadable("sample_is_video", "The file is a video, not a sound recording.")


def _read_frames(sound: soundfile.SoundFile, limits: AudioLimits) -> Waveform:
    if sound.format not in READABLE_FORMATS:
        raise AudioUnreadable("media_unreadable", f"{sound.format} files are not read.")
    if not limits.min_sample_rate_hz <= sound.samplerate <= limits.max_sample_rate_hz:
        raise AudioUnreadable(
            "media_unreadable", f"A sample rate of {sound.samplerate} Hz is not usable."
        )
    if sound.channels > limits.max_channels:
        raise AudioUnreadable("media_unreadable", f"{sound.channels} channels are too many.")
    mono = _mix_down(sound, limits)
    if not len(mono):
        raise AudioUnreadable("media_unreadable", "The file holds no sound.")
    if not np.isfinite(mono).all():
        message = "The recording holds samples that are no numbers."
        fix = "Export it again as 16-bit WAV or FLAC, which cannot hold such samples."
        raise AudioUnreadable("media_unreadable", message, fix)
    return Waveform(np.clip(mono, -1.0, 1.0), int(sound.samplerate))


def _mix_down(sound: soundfile.SoundFile, limits: AudioLimits) -> Samples:
    """Read block by block, because the header's own frame count may lie."""
    blocks: list[Samples] = []
    frames_left = int(limits.max_duration_s * sound.samplerate)
    while True:
        block = sound.read(_READ_BLOCK_FRAMES, dtype="float32", always_2d=True)
        if not len(block):
            break
        frames_left -= len(block)
        if frames_left < 0:
            raise AudioUnreadable(
                "media_too_large",
                f"The recording is longer than {limits.max_duration_s:g} seconds.",
                "Send a shorter recording; 10 to 30 seconds of speech are enough.",
            )
        blocks.append(block.mean(axis=1, dtype=np.float32))
    return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def resample(wave: Waveform, sample_rate_hz: int) -> Waveform:
    """Return the same sound at `sample_rate_hz` (soxr, high quality)."""
    if wave.sample_rate_hz == sample_rate_hz or not len(wave.samples):
        return Waveform(wave.samples, sample_rate_hz)
    resampled = soxr.resample(wave.samples, wave.sample_rate_hz, sample_rate_hz, quality="HQ")
    return Waveform(np.asarray(resampled, np.float32), sample_rate_hz)


def frame_levels_dbfs(wave: Waveform, frame_s: float = _FRAME_S, hop_s: float = _HOP_S) -> Samples:
    """Return the RMS level of each frame in dB of full scale, shape (frames,), ≥ -120."""
    frame = max(1, round(frame_s * wave.sample_rate_hz))
    hop = max(1, round(hop_s * wave.sample_rate_hz))
    padded = np.pad(wave.samples.astype(np.float64), (0, max(0, frame - len(wave.samples))))
    energy = np.concatenate(([0.0], np.cumsum(padded**2)))
    starts = np.arange(0, len(padded) - frame + 1, hop)
    # A cumulative sum may fall by a rounding error where the sound is digital silence.
    power = np.maximum(energy[starts + frame] - energy[starts], 0.0) / frame
    levels = 10.0 * np.log10(power + 10.0 ** (_QUIETEST_DBFS / 10.0))
    return np.asarray(levels, np.float32)


def speech_frames(levels_dbfs: Samples) -> NDArray[np.bool_]:
    """Return which frames of `frame_levels_dbfs` carry speech, by level alone, shape (frames,)."""
    if not len(levels_dbfs):
        return np.zeros(0, np.bool_)
    loud, quiet = np.percentile(levels_dbfs, (95, 5))
    floor = max(_SILENCE_DBFS, float(loud) - _SPEECH_RANGE_DB)
    if loud - quiet > 15.0:  # otherwise there is no pause to learn the room from
        floor = max(floor, min(float(quiet) + 6.0, float(loud) - 12.0))
    return np.asarray(levels_dbfs > floor, np.bool_)


def speech_bounds(wave: Waveform) -> tuple[float, float]:
    """Return where speech begins and ends in seconds; (0.0, 0.0) where all is silent.

    Single loud frames don't count: a click before the first word is no beginning.
    """
    active = speech_frames(frame_levels_dbfs(wave))
    if len(active) >= 3:
        active = ndimage.binary_opening(active, np.ones(3))
    voiced = np.flatnonzero(active)
    if not len(voiced):
        return 0.0, 0.0
    # The frame's middle is where its level belongs; a frame counts as soon as it is half speech.
    start_s = voiced[0] * _HOP_S + (_FRAME_S / 2 if voiced[0] else 0.0)
    end_s = min(voiced[-1] * _HOP_S + _FRAME_S / 2, wave.duration_s)
    return float(start_s), float(max(start_s, end_s))


def trim_silence(wave: Waveform) -> Waveform:
    """Return the sound from its first speech to its last, with 50 ms left at both ends."""
    start_s, end_s = speech_bounds(wave)
    if end_s <= start_s:
        return wave.between(0.0, 0.0)
    return wave.between(start_s - _TRIM_MARGIN_S, end_s + _TRIM_MARGIN_S)


def loudness_lufs(wave: Waveform) -> float:
    """Return the integrated loudness (ITU-R BS.1770-4, gated, one channel); -inf for silence."""
    blocks = _loudness_blocks(wave)
    loud = blocks[blocks > _power_of(-70.0)]
    if not len(loud):
        return -math.inf
    gated = loud[loud > loud.mean() * 10.0 ** (-10.0 / 10.0)]
    return -0.691 + 10.0 * math.log10(float(gated.mean()))


def _power_of(lufs: float) -> float:
    return float(10.0 ** ((lufs + 0.691) / 10.0))


def _loudness_blocks(wave: Waveform) -> NDArray[np.float64]:
    """Return the K-weighted mean square of 400 ms blocks at 100 ms steps."""
    weighted = _k_weighted(wave)
    block = round(0.4 * wave.sample_rate_hz)
    step = round(0.1 * wave.sample_rate_hz)
    if len(weighted) < block:  # shorter than the standard's block: all of it is one
        weighted = np.pad(weighted, (0, block - len(weighted)))
        return np.array([float(np.sum(weighted**2)) / max(1, len(wave.samples))])
    energy = np.concatenate(([0.0], np.cumsum(weighted**2)))
    starts = np.arange(0, len(weighted) - block + 1, step)
    return np.asarray((energy[starts + block] - energy[starts]) / block)


def _k_weighted(wave: Waveform) -> NDArray[np.float64]:
    """Filter by BS.1770's shelf and high-pass, its analogue prototypes put at any rate."""
    shelf = _biquad(wave.sample_rate_hz, 1681.9744509555319, 0.7071752369554193, 3.99984385397)
    rumble = _biquad(wave.sample_rate_hz, 38.13547087613982, 0.5003270373253953, None)
    filtered = signal.lfilter(*shelf, wave.samples.astype(np.float64))
    return np.asarray(signal.lfilter(*rumble, filtered))


def _biquad(
    sample_rate_hz: int, corner_hz: float, quality: float, shelf_db: float | None
) -> tuple[list[float], list[float]]:
    """Return (b, a) of the high shelf of `shelf_db`, or of the high-pass where that is None."""
    k = math.tan(math.pi * corner_hz / sample_rate_hz)
    norm = 1.0 + k / quality + k * k
    a = [1.0, 2.0 * (k * k - 1.0) / norm, (1.0 - k / quality + k * k) / norm]
    if shelf_db is None:
        return [1.0, -2.0, 1.0], a
    high = 10.0 ** (shelf_db / 20.0)
    middle = high**0.4996667741545416
    b = [high + middle * k / quality + k * k, 2.0 * (k * k - high)]
    return [*(value / norm for value in b), (high - middle * k / quality + k * k) / norm], a


def normalise_loudness(wave: Waveform, lufs: float, peak_dbfs: float = -1.5) -> Waveform:
    """Return the sound at `lufs` with no sample above `peak_dbfs`; silence stays as it is.

    One gain for the whole, then a limiter with 5 ms of look-ahead for the few peaks above.
    """
    measured = loudness_lufs(wave)
    if not math.isfinite(measured):
        return wave
    ceiling = 10.0 ** (peak_dbfs / 20.0)
    gain_db = lufs - measured
    limited = wave
    for _ in range(_LOUDNESS_PASSES):
        louder = wave.samples.astype(np.float64) * 10.0 ** (gain_db / 20.0)
        limited_samples = _limit_peaks(louder, ceiling, wave.sample_rate_hz)
        limited = Waveform(limited_samples.astype(np.float32), wave.sample_rate_hz)
        missing_db = lufs - loudness_lufs(limited)
        if missing_db < _LOUDNESS_TOLERANCE_LU:
            break
        gain_db += missing_db
    return limited


def _limit_peaks(
    samples: NDArray[np.float64], ceiling: float, sample_rate_hz: int
) -> NDArray[np.float64]:
    """Hold every sample under `ceiling` by a gain that moves smoothly (no clipping, no clicks).

    The mean over a window of a minimum over the same window never exceeds the gain wanted at the
    window's middle, so the ceiling holds exactly.
    """
    wanted = np.minimum(1.0, ceiling / np.maximum(np.abs(samples), 1e-9))
    if wanted.min() >= 1.0:
        return samples
    window = 2 * round(0.005 * sample_rate_hz) + 1
    held = ndimage.minimum_filter1d(wanted, window, mode="nearest")
    gain = ndimage.uniform_filter1d(held, window, mode="nearest")
    return np.asarray(np.clip(samples * gain, -ceiling, ceiling))
