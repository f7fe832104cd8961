"""The two speakers that tests and the bench know: real ones where the shared folder has them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from openvoice_service.audio import Waveform, read_audio, resample, trim_silence
from openvoice_service.base_voices import BaseVoices, Prosody
from openvoice_service.bench.sentences import ENGLISH

SPEAKERS = ("speaker_0", "speaker_2")
_REPOSITORY = Path(__file__).resolve().parents[2]
# Far apart in pitch and tone, so that every direction of a test still means something.
_STAND_INS = {"speaker_0": "espeak_ng:en-us", "speaker_2": "espeak_ng:en-us+f2"}
_ROOM_DBFS = -65.0


def shared_audio() -> Path:
    """Return the folder of real recordings; it need not exist."""
    return Path(os.environ.get("SHARED_DIR", _REPOSITORY.parent / "shared")) / "audio"


def has_real_speakers() -> bool:
    """Return whether the real recordings are here."""
    return all((shared_audio() / f"{name}.mp3").is_file() for name in SPEAKERS)


def read_speaker(name: str) -> Waveform:
    """Return half a minute of one speaker, as recorded; read out by eSpeak NG where none is."""
    if has_real_speakers():
        return read_audio(shared_audio() / f"{name}.mp3")
    return _stand_in(_STAND_INS[name])


def halves(wave: Waveform) -> tuple[Waveform, Waveform]:
    """Return the first and second half of what is spoken: one to learn from, one to score."""
    trimmed = trim_silence(wave)
    middle_s = trimmed.duration_s / 2.0
    return trimmed.between(0.0, middle_s), trimmed.between(middle_s, trimmed.duration_s)


def _stand_in(voice_id: str) -> Waveform:
    base_voices = BaseVoices()
    try:
        voice = base_voices.get(voice_id)
        if voice is None:
            raise LookupError(f"there is no base voice {voice_id}")
        said = [resample(voice.speak(text, Prosody()).wave, 24_000) for text in ENGLISH[10:]]
    finally:
        base_voices.close()
    samples = np.concatenate([wave.samples for wave in said])
    room = np.random.default_rng(0).standard_normal(len(samples)) * 10.0 ** (_ROOM_DBFS / 20.0)
    return Waveform((samples + room).astype(np.float32), 24_000)
