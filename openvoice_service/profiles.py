"""Voice profiles: is a sample good enough, what to fix, and where a voice's files live.

No recogniser is involved: a sample is judged by its level, its noise, its clipped samples and by
how much of it is voiced. A profile is one folder, `voices/<id>/`, that every process on the shared
root may read: `sample.wav` (made by us), one tone per engine, `profile.json`.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import shutil
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from openvoice_service.audio import (
    AudioUnreadable,
    Waveform,
    frame_levels_dbfs,
    read_audio,
    resample,
    speech_frames,
    trim_silence,
)
from openvoice_service.engines.protocol import Engine, Tone

with warnings.catch_warnings():
    warnings.simplefilter(
        "ignore"
    )  # pkg_resources is deprecated, pyworld 0.3.5 asks it its version
    import pyworld

log = logging.getLogger(__name__)

SAMPLE_RATE_HZ = 24_000
WINDOW_S = 10.0
MAX_REFERENCE_S = 60.0  # more teaches nothing new and costs a fifth of its length to analyse
MIN_VOICED_S = 3.0
GOOD_VOICED_S = 8.0

_SILENT_DBFS = -55.0
_FAINT_DBFS = -38.0
_CLIPPED_REJECTED = 0.01
_CLIPPED_NOTICED = 0.001
_SNR_REJECTED_DB = 8.0
_SNR_POOR_DB = 15.0
_SNR_GOOD_DB = 24.0
_SNR_CEILING_DB = 60.0
_DISPERSION_NOTICED_DB = 3.0
_HOP_S = 0.01
_PERIODIC = 0.4  # correlation of a voiced frame with itself one period later; noise stays below
_STALE_S = 3600.0
_VOICE_ID = re.compile(r"voc_[0-9a-hjkmnp-tv-z]{26}")
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"

Verdict = Literal["good", "usable", "poor"]
Advice = Literal["none", "lower_gain", "less_noise", "longer", "speak_closer", "one_speaker"]

_ADVICE_TEXT: dict[Advice, str] = {
    "none": "Nothing to fix.",
    "lower_gain": "Some of it is clipped: lower the microphone's gain or sit further away.",
    "less_noise": "There is noise behind the voice: record in a quieter room.",
    "longer": "Record a little longer: 10 to 30 seconds of speech give the best likeness.",
    "speak_closer": "The voice is faint: speak closer to the microphone.",
    "one_speaker": "The voice changes within the sample: record one person, without music.",
}


class SampleRejected(Exception):
    """A sample that no profile can be made from; `code` and `fix` go to the person as they are."""

    def __init__(self, code: str, message: str, fix: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fix = fix


class ProfileNotFound(LookupError):
    """No readable profile has this id."""


class Report(BaseModel):
    """What was measured on a sample, and the one thing that would improve it most.

    voiced_s:         seconds with pitch
    snr_db:           loud speech over the quietest tenth of the recording, at most 60
    clipped_fraction: samples on a flat top, of all
    level_dbfs:       mean level of the voiced frames
    dispersion:       how far the windows' mean spectra lie apart, dB; 0 where there is one window
    """

    model_config = ConfigDict(frozen=True)

    voiced_s: float
    snr_db: float
    clipped_fraction: float
    level_dbfs: float
    dispersion: float
    verdict: Verdict
    advice: Advice
    advice_text: str


class Consent(BaseModel):
    """The words the speaker agreed to, and when."""

    model_config = ConfigDict(frozen=True)

    text: str
    accepted_at: AwareDatetime


class Profile(BaseModel):
    """A voice as `profile.json` holds it."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    language: str
    engine: str
    created_at: AwareDatetime
    consent: Consent
    report: Report


@dataclass(frozen=True)
class _Voicing:
    """One reference by 10 ms frames: level in dBFS and whether it is voiced, both (frames,)."""

    wave: Waveform
    levels_dbfs: NDArray[np.float32]
    voiced: NDArray[np.bool_]


def assess(references: Sequence[Waveform]) -> Report:
    """Return how good a sample the references are together (as recorded: pauses tell the noise).

    raises: SampleRejected (`sample_silent`, `sample_too_short`, `sample_clipped`, `sample_noisy`)
    """
    used = [reference.between(0.0, MAX_REFERENCE_S) for reference in references]
    heard = [_find_voicing(resample(reference, SAMPLE_RATE_HZ)) for reference in used]
    levels = np.concatenate([np.zeros(0, np.float32), *(each.levels_dbfs for each in heard)])
    if not len(levels) or np.percentile(levels, 95) < _SILENT_DBFS:
        raise SampleRejected(
            "sample_silent",
            "No voice is heard in the recording.",
            "Check that the right microphone is on, and record again.",
        )
    voiced = np.concatenate([each.voiced for each in heard])
    # at the file's own rate: resampling rounds flat tops
    clipped_fraction = float(np.mean([_clipped_fraction(reference) for reference in used]))
    snr_db = _signal_to_noise_db(levels)
    voiced_s = float(voiced.sum() * _HOP_S)
    _reject_unusable(levels, voiced_s, snr_db, clipped_fraction)
    level_dbfs = _mean_level_dbfs(levels[voiced])
    dispersion = _dispersion_db(heard)
    advice = _advise(voiced_s, snr_db, clipped_fraction, level_dbfs, dispersion)
    return Report(
        voiced_s=round(voiced_s, 2),
        snr_db=round(snr_db, 1),
        clipped_fraction=round(clipped_fraction, 5),
        level_dbfs=round(level_dbfs, 1),
        dispersion=round(dispersion, 2),
        verdict=_judge(advice, snr_db, voiced_s),
        advice=advice,
        advice_text=_ADVICE_TEXT[advice],
    )


def _reject_unusable(
    levels: NDArray[np.float32], voiced_s: float, snr_db: float, clipped_fraction: float
) -> None:
    """Name the first reason that makes a sample useless, the one that hides the others first."""
    if clipped_fraction >= _CLIPPED_REJECTED:
        raise SampleRejected(
            "sample_clipped",
            f"{clipped_fraction:.0%} of the recording is clipped: it was recorded too loud.",
            "Lower the microphone's gain, or sit further away, and record again.",
        )
    sounding_s = float(speech_frames(levels).sum() * _HOP_S)
    if snr_db < _SNR_REJECTED_DB and sounding_s >= MIN_VOICED_S:
        raise SampleRejected(
            "sample_noisy",
            "The noise is about as loud as the voice.",
            "Record in a quiet room, without music, fans or other people.",
        )
    if voiced_s < MIN_VOICED_S:
        raise SampleRejected(
            "sample_too_short",
            f"Only {voiced_s:.1f} seconds of voice are heard; "
            f"at least {MIN_VOICED_S:g} are needed.",
            "Record 10 to 30 seconds of ordinary speech.",
        )


def _advise(
    voiced_s: float, snr_db: float, clipped_fraction: float, level_dbfs: float, dispersion: float
) -> Advice:
    """Return the one thing to fix, the most harmful first."""
    if clipped_fraction >= _CLIPPED_NOTICED:
        return "lower_gain"
    if snr_db < _SNR_GOOD_DB:
        return "less_noise"
    if dispersion > _DISPERSION_NOTICED_DB:
        return "one_speaker"
    if voiced_s < GOOD_VOICED_S:
        return "longer"
    return "speak_closer" if level_dbfs < _FAINT_DBFS else "none"


def _judge(advice: Advice, snr_db: float, voiced_s: float) -> Verdict:
    if snr_db < _SNR_POOR_DB or voiced_s < MIN_VOICED_S + 1.0:
        return "poor"
    return "good" if advice == "none" else "usable"


def _cut_to_limit(wave: Waveform) -> Waveform:
    return resample(wave.between(0.0, MAX_REFERENCE_S), SAMPLE_RATE_HZ)


def _find_voicing(wave: Waveform) -> _Voicing:
    levels = frame_levels_dbfs(wave)
    samples = wave.samples.astype(np.float64)
    f0, times_s = pyworld.dio(samples, wave.sample_rate_hz, 65.0, frame_period=_HOP_S * 1000.0)
    f0 = pyworld.stonemask(samples, f0, times_s, wave.sample_rate_hz)
    frames = min(len(levels), len(f0))
    voiced = np.zeros(len(levels), np.bool_)
    voiced[:frames] = _is_periodic(samples, f0[:frames], wave.sample_rate_hz)
    return _Voicing(wave, levels, voiced & speech_frames(levels))


def _is_periodic(
    samples: NDArray[np.float64], f0: NDArray[np.float64], sample_rate_hz: int
) -> NDArray[np.bool_]:
    """Return which frames repeat themselves one period later, because DIO finds F0 in noise too."""
    periodic = np.zeros(len(f0), np.bool_)
    width = round(0.02 * sample_rate_hz)
    for frame in np.flatnonzero(f0):
        start = round(frame * _HOP_S * sample_rate_hz)
        lag = round(sample_rate_hz / f0[frame])
        here, later = samples[start : start + width], samples[start + lag : start + lag + width]
        if len(later) == width:
            power = float(np.sqrt((here @ here) * (later @ later)))
            periodic[frame] = power > 0.0 and float(here @ later) / power > _PERIODIC
    return periodic


def _signal_to_noise_db(levels_dbfs: NDArray[np.float32]) -> float:
    """Return speech over noise, the noise's own share of the loud frames taken off."""
    loud = _mean_level_dbfs(levels_dbfs[levels_dbfs >= np.percentile(levels_dbfs, 60)])
    noise = _mean_level_dbfs(levels_dbfs[levels_dbfs <= np.percentile(levels_dbfs, 10)])
    ratio = 10.0 ** ((loud - noise) / 10.0) - 1.0
    return float(np.clip(10.0 * np.log10(max(ratio, 1e-3)), -30.0, _SNR_CEILING_DB))


def _mean_level_dbfs(levels_dbfs: NDArray[np.float32]) -> float:
    return float(10.0 * np.log10(np.mean(10.0 ** (levels_dbfs.astype(np.float64) / 10.0))))


def _clipped_fraction(wave: Waveform) -> float:
    """Return the share of samples in flat tops: three or more in a row next to the highest peak.

    The peak is the recording's own, so that clipping in front of a quiet gain is found as well.
    """
    magnitude = np.abs(wave.samples)
    peak = float(magnitude.max(initial=0.0))
    if peak < 0.05:
        return 0.0
    high = np.concatenate(([False], magnitude >= 0.98 * peak, [False]))
    edges = np.flatnonzero(high[1:] != high[:-1])
    lengths = edges[1::2] - edges[::2]
    return float(lengths[lengths >= 3].sum() / len(magnitude))


def _dispersion_db(heard: Sequence[_Voicing]) -> float:
    """Return the RMS deviation of the windows' mean spectra from their common mean, dB.

    Bands are a third of an octave wide from 150 Hz up; each window's own level is taken off.
    """
    spectra = [
        spectrum
        for each in heard
        for spectrum in (_mean_spectrum_db(window) for window in split_windows([each.wave]))
        if spectrum is not None
    ]
    if len(spectra) < 2:
        return 0.0
    shapes = np.array(spectra)
    shapes -= shapes.mean(axis=1, keepdims=True)
    return float(np.sqrt(np.mean((shapes - shapes.mean(axis=0)) ** 2)))


def _mean_spectrum_db(window: Waveform) -> NDArray[np.float64] | None:
    """Return the long-term spectrum of a window's loud frames in third octaves, shape (bands,)."""
    size = 1024
    frames = len(window.samples) // size
    if frames < 100:  # under four seconds the words outweigh the speaker
        return None
    cut = window.samples[: frames * size].reshape(frames, size).astype(np.float64)
    power = np.abs(np.fft.rfft(cut * np.hanning(size), axis=1)) ** 2
    loud = power.sum(axis=1) > 0.03 * np.percentile(power.sum(axis=1), 95)
    mean = power[loud].mean(axis=0)
    frequencies_hz = np.fft.rfftfreq(size, 1.0 / window.sample_rate_hz)
    edges = 150.0 * 2.0 ** (np.arange(17) / 3.0)
    bands = np.add.reduceat(mean, np.searchsorted(frequencies_hz, edges))[:-1]
    return np.asarray(10.0 * np.log10(bands + 1e-12))


def split_windows(references: Sequence[Waveform]) -> list[Waveform]:
    """Return the references in equal windows of at most 10 s, for `Engine.embed`."""
    windows = []
    for reference in references:
        count = max(1, int(np.ceil(reference.duration_s / WINDOW_S)))
        length_s = reference.duration_s / count
        windows += [reference.between(i * length_s, (i + 1) * length_s) for i in range(count)]
    return [window for window in windows if len(window.samples)]


def join_sample(references: Sequence[Waveform]) -> Waveform:
    """Return what a profile keeps of its references: trimmed, joined, 24 kHz, at most 60 s."""
    trimmed = [trim_silence(_cut_to_limit(reference)).samples for reference in references]
    joined = np.concatenate(trimmed)[: round(MAX_REFERENCE_S * SAMPLE_RATE_HZ)]
    return Waveform(joined, SAMPLE_RATE_HZ)


def new_voice_id() -> str:
    """Return `voc_` and a UUIDv7 in Crockford base32, as the backend makes them."""
    random = int.from_bytes(secrets.token_bytes(10), "big")
    value = (time.time_ns() // 1_000_000 & (1 << 48) - 1) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return "voc_" + "".join(_CROCKFORD[value >> 5 * place & 31] for place in reversed(range(26)))


class ProfileStore:
    """The profiles under `<shared_root>/voices`; several processes may share the root.

    A folder appears and disappears whole, by rename. Replacing a voice leaves an instant without
    it; a crash in that instant loses the replaced voice, and the caller's retry makes it again.
    """

    def __init__(self, shared_root: Path) -> None:
        self._voices = shared_root / "voices"
        self._generated = shared_root / "generated"
        self._swap = threading.Lock()
        self._voices.mkdir(parents=True, exist_ok=True)
        self._sweep()

    def create(
        self,
        references: Sequence[Waveform],
        engine: Engine,
        *,
        name: str,
        language: str,
        consent: str,
        voice_id: str | None = None,
    ) -> Profile:
        """Judge the references, learn their tone and keep both; the same id again replaces.

        consent: the text the speaker agreed to; kept with the time
        raises:  SampleRejected; ValueError for an id of another form or an empty consent
        """
        voice_id = self._checked(voice_id) if voice_id else new_voice_id()
        if not consent.strip():
            raise ValueError("a profile needs the words its speaker agreed to")
        report = assess(references)
        now = datetime.now(UTC)
        profile = Profile(
            id=voice_id,
            name=name,
            language=language,
            engine=engine.name,
            created_at=now,
            consent=Consent(text=consent, accepted_at=now),
            report=report,
        )
        prepared = self._voices / f".new-{voice_id}-{secrets.token_hex(6)}"
        try:
            prepared.mkdir(mode=0o700)
            _write_profile(prepared, profile, join_sample(references), engine)
            self._put_in_place(prepared, voice_id)
        finally:
            shutil.rmtree(prepared, ignore_errors=True)
        return profile

    def get(self, voice_id: str) -> Profile:
        """Return the profile.

        raises: ProfileNotFound, also where the folder is damaged or the id is none
        """
        if not _VOICE_ID.fullmatch(voice_id):
            raise ProfileNotFound(voice_id)
        try:
            text = (self._voices / voice_id / "profile.json").read_text("utf-8")
            profile = Profile.model_validate_json(text)
        except (OSError, ValidationError, UnicodeDecodeError) as cause:
            raise ProfileNotFound(voice_id) from cause
        if profile.id != voice_id:
            raise ProfileNotFound(voice_id)
        return profile

    def list(self) -> list[Profile]:
        """Return every readable profile, oldest first; a damaged folder is logged and left out."""
        return sorted(self._readable(), key=lambda profile: profile.id)

    def tone(self, voice_id: str, engine: Engine) -> Tone:
        """Return the voice's tone for `engine`, learnt from the kept sample where it has none yet.

        raises: ProfileNotFound, also where the sample itself can no longer be read
        """
        self.get(voice_id)
        kept = self._voices / voice_id / engine.tone_file
        try:
            return engine.load_tone(kept)
        except ValueError:
            log.info("voice %s: learning its tone for engine %s", voice_id, engine.name)
        return self._embed_again(voice_id, engine)

    def sample(self, voice_id: str) -> Waveform:
        """Return the sample a voice was made from, as it is kept.

        raises: ProfileNotFound
        """
        self.get(voice_id)
        try:
            return read_audio(self._voices / voice_id / "sample.wav")
        except (OSError, AudioUnreadable) as cause:
            raise ProfileNotFound(voice_id) from cause

    def delete(self, voice_id: str) -> None:
        """Remove the voice and all speech made with it, down to the last byte.

        raises: ProfileNotFound where there is nothing to remove; a damaged folder is removed
        """
        if not _VOICE_ID.fullmatch(voice_id):
            raise ProfileNotFound(voice_id)
        folder = self._voices / voice_id
        existed = folder.is_dir()
        with self._swap:
            self._remove(folder)
        for left in self._voices.glob(f".*-{voice_id}-*"):
            shutil.rmtree(left, ignore_errors=True)
        self._forget_speech(voice_id)
        if not existed:
            raise ProfileNotFound(voice_id)

    def _checked(self, voice_id: str) -> str:
        if not _VOICE_ID.fullmatch(voice_id):
            raise ValueError("a voice id is voc_ and 26 characters of Crockford base32")
        return voice_id

    def _readable(self) -> Iterator[Profile]:
        for folder in self._voices.iterdir():
            if not _VOICE_ID.fullmatch(folder.name):
                continue
            try:
                yield self.get(folder.name)
            except ProfileNotFound:
                log.warning("voice %s: its folder is damaged", folder.name)

    def _embed_again(self, voice_id: str, engine: Engine) -> Tone:
        sample = self.sample(voice_id)
        try:
            tone = engine.embed(split_windows([sample]))
        except ValueError as cause:
            raise ProfileNotFound(voice_id) from cause
        folder = self._voices / voice_id
        part = folder / f".{engine.tone_file}.{secrets.token_hex(6)}"
        try:
            tone.save(part)
            _sync(part)
            part.replace(folder / engine.tone_file)
            _sync(folder)
        except FileNotFoundError as cause:  # deleted meanwhile
            raise ProfileNotFound(voice_id) from cause
        return tone

    def _put_in_place(self, prepared: Path, voice_id: str) -> None:
        folder = self._voices / voice_id
        with self._swap:
            self._remove(folder)
            prepared.rename(folder)
            _sync(self._voices)
        self._forget_speech(voice_id)

    def _remove(self, folder: Path) -> None:
        if not folder.is_dir():
            return
        leaving = self._voices / f".gone-{folder.name}-{secrets.token_hex(6)}"
        folder.rename(leaving)
        _sync(self._voices)
        shutil.rmtree(leaving)

    def _forget_speech(self, voice_id: str) -> None:
        shutil.rmtree(self._generated / voice_id, ignore_errors=True)

    def _sweep(self) -> None:
        """Finish what a crash left: removals at once, preparations once nobody can be at them."""
        for folder in self._voices.glob(".gone-*"):
            shutil.rmtree(folder, ignore_errors=True)
        for folder in self._voices.glob(".new-*"):
            if time.time() - folder.stat().st_mtime > _STALE_S:
                shutil.rmtree(folder, ignore_errors=True)


def _write_profile(folder: Path, profile: Profile, sample: Waveform, engine: Engine) -> None:
    """Write a profile's three files and make them last.

    The tone is learnt from the file as kept, so that learning it again gives the same.
    """
    kept = folder / "sample.wav"
    soundfile.write(kept, sample.samples, sample.sample_rate_hz, subtype="PCM_16", format="WAV")
    try:
        tone = engine.embed(split_windows([read_audio(kept)]))
    except ValueError as cause:
        raise SampleRejected(
            "sample_too_short",
            "Too little of the recording is voice.",
            "Record 10 to 30 seconds of ordinary speech.",
        ) from cause
    tone.save(folder / engine.tone_file)
    written = json.dumps(profile.model_dump(mode="json"), ensure_ascii=False, indent=1)
    (folder / "profile.json").write_text(written, "utf-8")
    for path in (*folder.iterdir(), folder):
        _sync(path)


def _sync(path: Path) -> None:
    """Make a file's bytes, or a folder's entries, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
