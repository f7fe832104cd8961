"""The engine without weights: a speaker as statistics of WORLD's parameters.

WORLD (Morise, Yokomori, Ozawa 2016, doi:10.1587/transinf.2015EDP7457) takes speech apart into F0,
spectral envelope and aperiodicity, and puts it together again. A speaker is the mean and spread of
log F0 and the mean and covariance of the coded envelope: of all the speech, and of its voiced and
unvoiced frames apart. Conversion moves the source's Gaussians onto the target's. It changes pitch
and tone colour, never accent or melody. Recipes that lost, with their figures, are in
docs/decisions/0002-world-engine-recipe.md.
"""

from __future__ import annotations

import hashlib
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from openvoice_service.audio import Waveform, frame_levels_dbfs, resample
from openvoice_service.device import Turn
from openvoice_service.engines.protocol import Tone, TonesDiffer

with warnings.catch_warnings():
    # pyworld 0.3.5 asks pkg_resources for its own version; the pin below setuptools 81 keeps it.
    warnings.simplefilter("ignore")
    import pyworld

Array = NDArray[np.float64]

SAMPLE_RATE_HZ = 24_000
FRAME_PERIOD_MS = 5.0
F0_FLOOR_HZ = 65.0
F0_CEILING_HZ = 600.0
ENVELOPE_FLOOR_HZ = 71.0  # the lowest F0 that fits CheapTrick's 1024 points at 24 kHz
STATISTICS_VERSION = 1  # raised whenever a tone's numbers mean something else
CODED_DIMS = 60  # the envelope's resolution: mel-cepstrum, 0 is its level
MAPPED_DIMS = 40  # what the Gaussian map moves; finer detail only follows the mean
# How much of the covariance between dimensions is forgotten: some tens of seconds of speech don't
# settle 40 × 40 numbers, and a map that believes them garbles the consonants.
COVARIANCE_SHRINKAGE = 0.2
# How much voiced and unvoiced frames go their own ways. All of it is nearer to the speaker but
# doubles the word errors, because the spectrum jumps wherever the voicing decision does.
CLASS_SHARE = 0.25
ALL, VOICED, UNVOICED = 0, 1, 2  # the Gaussians of a tone, in this order
MIN_CLASS_S = 1.0  # a class with less speech than this borrows the whole speaker's Gaussian
# How much of what the map did to each frame's level is taken back: the statistics don't know
# whether a frame is loud by its vowel or by its stress, and move it by up to 20 dB.
LEVEL_SHARE = 0.5
_CROSSFADE_FRAMES = 7  # 35 ms, about the transition between a vowel and a consonant
F0_SPREAD_RATIOS = (0.67, 1.5)  # beyond it speech turns into singing or a robot
# Frames this far below the loud ones are pauses: they tell of the room, not of the speaker.
SPEECH_RANGE_DB = 25.0
MIN_VOICED_S = 0.5
# One semitone apart costs what 0.1 of envelope distance costs; an octave outweighs any envelope.
F0_DISTANCE_WEIGHT = 30.0
_TONE_KIND = f"world/{STATISTICS_VERSION}"
# Where the source is this far below its loud parts (a pause, the closure of a p or t) the converted
# sound is faded out: WORLD smears the neighbouring frames into it, the map raises a room's noise.
_SILENT_DB = (-60.0, -50.0)
_FADED_DB = -40.0
_LEVEL_DBFS = -26.0
_VARIANCE_FLOOR = 1e-6
_POWER_FLOOR = 1e-12  # of digital silence
_PEAK = 0.99
_F0_LIMITS_HZ = (50.0, 700.0)


@dataclass(frozen=True)
class WorldTone:
    """A speaker's statistics; natural logarithms, float64.

    log_f0_mean, log_f0_std: of voiced frames, log Hz
    envelope_mean:           shape (3, CODED_DIMS), pyworld's coded spectral envelope
    envelope_covariance:     shape (3, MAPPED_DIMS, MAPPED_DIMS)
                             both of ALL speech, of VOICED and of UNVOICED frames
    voiced_s:                how much voiced speech they rest on
    """

    engine: ClassVar[str] = "world"

    log_f0_mean: float
    log_f0_std: float
    envelope_mean: Array
    envelope_covariance: Array
    voiced_s: float

    def save(self, path: Path) -> None:
        """Write it as npz: arrays alone, nothing that a reader would execute."""
        with path.open("wb") as opened:
            np.savez(
                opened,
                engine=np.array(_TONE_KIND),
                log_f0_mean=np.array(self.log_f0_mean),
                log_f0_std=np.array(self.log_f0_std),
                envelope_mean=self.envelope_mean,
                envelope_covariance=self.envelope_covariance,
                voiced_s=np.array(self.voiced_s),
            )

    def fingerprint(self) -> str:
        """Return the hash of all its numbers."""
        digest = hashlib.sha256(self.engine.encode())
        for field in fields(self):
            digest.update(np.asarray(getattr(self, field.name), np.float64).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Parameters:
    """WORLD's view of a sound: `f0` (frames,) in Hz, 0 where unvoiced; the rest (frames, …)."""

    f0: Array
    coded: Array  # (frames, CODED_DIMS)
    aperiodicity: Array  # (frames, fft_size / 2 + 1)


class WorldEngine:
    """Statistics of a speaker in, the same speech with other statistics out."""

    name = "world"
    version = "2"
    tone_file = "world.npz"
    sample_rate_hz = SAMPLE_RATE_HZ
    device = "cpu"

    def embed(self, references: Sequence[Waveform]) -> WorldTone:
        """Return the statistics of the one speaker in `references` (any rate, any level).

        raises: ValueError where less than half a second is voiced
        """
        observed = [_observe(reference) for reference in references if len(reference.samples)]
        f0 = np.concatenate([f0 for f0, _ in observed]) if observed else np.zeros(0)
        log_f0 = np.log(f0[f0 > 0])
        voiced_s = len(log_f0) * FRAME_PERIOD_MS / 1000.0
        if voiced_s < MIN_VOICED_S:
            raise ValueError(f"only {voiced_s:.2f} s of the reference are voiced")
        coded = np.concatenate([coded for _, coded in observed])
        gaussians = _class_gaussians(coded, f0 > 0)
        return WorldTone(
            log_f0_mean=float(log_f0.mean()),
            log_f0_std=float(log_f0.std()),
            envelope_mean=np.array([mean for mean, _ in gaussians]),
            envelope_covariance=np.array([covariance for _, covariance in gaussians]),
            voiced_s=voiced_s,
        )

    def convert_tone(
        self, audio: Waveform, source: Tone, target: Tone, turn: Turn | None = None
    ) -> Waveform:
        """Return `audio` with the source's statistics turned into the target's.

        audio:  any rate; the answer is at 24 kHz, as long (± half a sample), as loud
        source: the tone of whoever speaks in `audio`; statistics of a corpus, not of this sentence
        turn:   looked at once, before the work: a sentence takes less than a second
        raises: TonesDiffer, Abandoned
        source: Gaussian optimal transport: Peyré & Cuturi 2019, arXiv:1803.00567, remark 2.31
        """
        spoken, wanted = own_tone(source), own_tone(target)
        if turn is not None:
            turn.check()
        heard = resample(audio, SAMPLE_RATE_HZ)
        samples = heard.samples.astype(np.float64)
        if not len(samples) or not np.any(samples):
            return heard
        converted = synthesise(map_parameters(analyse(samples), spoken, wanted))
        return Waveform(_as_loud_and_long(converted, samples), SAMPLE_RATE_HZ)

    def distance(self, a: Tone, b: Tone) -> float:
        """Return the 2-Wasserstein distance of the envelopes' Gaussians, with log F0 beside it.

        The level (dimension 0) is left out: it tells of the microphone.
        """
        first, second = own_tone(a), own_tone(b)
        shape = slice(1, MAPPED_DIMS)
        means = first.envelope_mean[ALL, shape] - second.envelope_mean[ALL, shape]
        one = first.envelope_covariance[ALL, shape, shape]
        other = second.envelope_covariance[ALL, shape, shape]
        root = _square_root(one)
        spread = np.trace(one + other - 2.0 * _square_root(root @ other @ root))
        pitch = F0_DISTANCE_WEIGHT * (first.log_f0_mean - second.log_f0_mean) ** 2
        return float(np.sqrt(means @ means + max(0.0, float(spread)) + pitch))

    def load_tone(self, path: Path) -> WorldTone:
        """Return the tone saved at `path`.

        raises: ValueError where the file is damaged or another engine's
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                held = {name: stored[name] for name in stored.files}
        # numpy says ValueError to whatever would need pickle
        except (OSError, EOFError, ValueError, zipfile.BadZipFile) as cause:
            raise ValueError(f"{path.name} cannot be read as a tone") from cause
        return _checked_tone(held, path.name)


def _checked_tone(held: dict[str, NDArray[np.generic]], file_name: str) -> WorldTone:
    if str(held.pop("engine", "")) != _TONE_KIND:
        raise ValueError(f"{file_name} is no tone that this world engine reads")
    shapes = {
        "log_f0_mean": (),
        "log_f0_std": (),
        "envelope_mean": (3, CODED_DIMS),
        "envelope_covariance": (3, MAPPED_DIMS, MAPPED_DIMS),
        "voiced_s": (),
    }
    if {name: array.shape for name, array in held.items()} != shapes:
        raise ValueError(f"{file_name} has other arrays than a tone")
    if not all(array.dtype == np.float64 for array in held.values()):
        raise ValueError(f"{file_name} has other arrays than a tone")
    numbers = {name: array.astype(np.float64) for name, array in held.items()}
    if not all(np.isfinite(array).all() for array in numbers.values()):
        raise ValueError(f"{file_name} holds values that are no numbers")
    return WorldTone(
        log_f0_mean=float(numbers["log_f0_mean"]),
        log_f0_std=float(numbers["log_f0_std"]),
        envelope_mean=numbers["envelope_mean"],
        envelope_covariance=numbers["envelope_covariance"],
        voiced_s=float(numbers["voiced_s"]),
    )


def own_tone(tone: Tone) -> WorldTone:
    """Return the tone where it is this engine's. Raises TonesDiffer."""
    if not isinstance(tone, WorldTone):
        raise TonesDiffer(f"a tone of the engine {tone.engine!r} means nothing to world")
    return tone


def _fft_size() -> int:
    return int(pyworld.get_cheaptrick_fft_size(SAMPLE_RATE_HZ, ENVELOPE_FLOOR_HZ))


def _observe(reference: Waveform) -> tuple[Array, Array]:
    """Return F0 (frames,) and coded envelope (frames, CODED_DIMS) of the frames with speech."""
    samples = _levelled(resample(reference, SAMPLE_RATE_HZ))
    f0, times_s = _find_f0(samples)
    coded = _coded_envelope(samples, f0, times_s)
    speaking = _speaking(samples, len(f0))
    return f0[speaking], coded[speaking]


def _levelled(wave: Waveform) -> Array:
    """Return the samples at one common level, so that two recordings' gains are no variance."""
    loud_dbfs = float(np.percentile(frame_levels_dbfs(wave), 95))
    gain = 10.0 ** ((_LEVEL_DBFS - loud_dbfs) / 20.0) if loud_dbfs > -90.0 else 1.0
    return wave.samples.astype(np.float64) * gain


def _speaking(samples: Array, frames: int) -> NDArray[np.bool_]:
    """Return which of WORLD's frames are within `SPEECH_RANGE_DB` of the loud ones."""
    hop_s = FRAME_PERIOD_MS / 1000.0
    half = round(2.0 * hop_s * SAMPLE_RATE_HZ)
    centred = np.pad(samples, half).astype(np.float32)  # WORLD's frame 0 stands at time 0
    levels = frame_levels_dbfs(Waveform(centred, SAMPLE_RATE_HZ), 4.0 * hop_s, hop_s)
    levels = np.pad(levels, (0, max(0, frames - len(levels))), constant_values=-120.0)[:frames]
    return np.asarray(levels > np.percentile(levels, 95) - SPEECH_RANGE_DB)


def analyse(samples: Array) -> Parameters:
    """Take sound at 24 kHz apart, for conversion."""
    f0, times_s = _find_f0(samples)
    # D4C's own voicing check calls soft voiced frames noise, which costs words: threshold 0.
    aperiodicity = pyworld.d4c(samples, f0, times_s, SAMPLE_RATE_HZ, 0.0, _fft_size())
    return Parameters(f0, _coded_envelope(samples, f0, times_s), aperiodicity)


def map_parameters(parameters: Parameters, source: WorldTone, target: WorldTone) -> Parameters:
    """Move pitch and envelope from the source's statistics to the target's."""
    coded = _map_envelope(parameters.coded, parameters.f0 > 0, source, target)
    # Dimension 0 is the mean of the log spectrum: what is added there is added to all of it.
    coded[:, 0] += LEVEL_SHARE * (_log_power(parameters.coded) - _log_power(coded))
    return Parameters(_map_f0(parameters.f0, source, target), coded, parameters.aperiodicity)


def synthesise(parameters: Parameters) -> Array:
    """Put sound at 24 kHz together again, a frame longer or shorter than what was analysed."""
    envelope = _decode(parameters.coded)
    sound = pyworld.synthesize(
        parameters.f0, envelope, parameters.aperiodicity, SAMPLE_RATE_HZ, FRAME_PERIOD_MS
    )
    return np.asarray(sound, np.float64)


def _decode(coded: Array) -> Array:
    return np.asarray(pyworld.decode_spectral_envelope(coded, SAMPLE_RATE_HZ, _fft_size()))


def _log_power(coded: Array) -> Array:
    """Return the natural logarithm of each frame's power, shape (frames,)."""
    return np.asarray(np.log(_decode(coded).sum(axis=1) + _POWER_FLOOR))


def _find_f0(samples: Array) -> tuple[Array, Array]:
    """Return F0 in Hz, 0 where unvoiced, and the frames' times in seconds, both (frames,).

    DIO and StoneMask, for tones as for conversion: what a tone calls voiced has to be what the
    conversion calls voiced. Harvest costs 17 times as much and gained less than 0.005.
    """
    f0, times_s = pyworld.dio(samples, SAMPLE_RATE_HZ, F0_FLOOR_HZ, F0_CEILING_HZ)
    return pyworld.stonemask(samples, f0, times_s, SAMPLE_RATE_HZ), times_s


def _coded_envelope(samples: Array, f0: Array, times_s: Array) -> Array:
    envelope = pyworld.cheaptrick(
        samples, f0, times_s, SAMPLE_RATE_HZ, f0_floor=ENVELOPE_FLOOR_HZ, fft_size=_fft_size()
    )
    coded = pyworld.code_spectral_envelope(envelope, SAMPLE_RATE_HZ, CODED_DIMS)
    return np.asarray(coded, np.float64)


def _map_f0(f0: Array, source: WorldTone, target: WorldTone) -> Array:
    """Move log F0 to the target's mean and spread; unvoiced frames stay 0."""
    spread = np.clip(target.log_f0_std / max(source.log_f0_std, 1e-3), *F0_SPREAD_RATIOS)
    mapped = np.zeros_like(f0)
    voiced = f0 > 0
    centred = np.log(f0[voiced]) - source.log_f0_mean
    mapped[voiced] = np.exp(centred * spread + target.log_f0_mean).clip(*_F0_LIMITS_HZ)
    return mapped


def _class_gaussians(coded: Array, voiced: NDArray[np.bool_]) -> list[tuple[Array, Array]]:
    """Return (mean, covariance) of ALL, VOICED and UNVOICED frames of `coded`."""
    everything = _gaussian(coded)
    enough = MIN_CLASS_S * 1000.0 / FRAME_PERIOD_MS
    classes = (coded[voiced], coded[~voiced])
    apart = [_gaussian(each) if len(each) >= enough else everything for each in classes]
    return [everything, *apart]


def _gaussian(coded: Array) -> tuple[Array, Array]:
    covariance = np.cov(coded[:, :MAPPED_DIMS].T)
    return coded.mean(axis=0), covariance + _VARIANCE_FLOOR * np.eye(MAPPED_DIMS)


def _map_envelope(
    coded: Array, voiced: NDArray[np.bool_], source: WorldTone, target: WorldTone
) -> Array:
    """Move each frame from the source's Gaussians to the target's, shape (frames, CODED_DIMS)."""
    fade = np.hanning(_CROSSFADE_FRAMES + 2)[1:-1]
    # "full" and a cut, because "same" answers with the fade's length where frames are fewer
    smooth = np.convolve(voiced, fade / fade.sum(), mode="full")[_CROSSFADE_FRAMES // 2 :]
    voicing = smooth[: len(coded), np.newaxis]
    by_class = voicing * _move(coded, source, target, VOICED)
    by_class += (1.0 - voicing) * _move(coded, source, target, UNVOICED)
    whole = _move(coded, source, target, ALL)
    return np.ascontiguousarray(CLASS_SHARE * by_class + (1.0 - CLASS_SHARE) * whole)


def _move(coded: Array, source: WorldTone, target: WorldTone, kind: int) -> Array:
    """Return every frame moved by one pair of Gaussians; detail above MAPPED_DIMS only shifts."""
    moved = coded - source.envelope_mean[kind]
    transport = _transport(source.envelope_covariance[kind], target.envelope_covariance[kind])
    moved[:, :MAPPED_DIMS] = moved[:, :MAPPED_DIMS] @ transport.T
    return np.asarray(moved + target.envelope_mean[kind])


def _transport(source: Array, target: Array) -> Array:
    """Return the linear map of least motion that gives `source`'s Gaussian `target`'s covariance.

    source, target: covariances, shape (n, n); both are shrunk towards their diagonals first
    source:         A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2, Peyré & Cuturi 2019, equation 2.40
    """
    root = _square_root(_shrunk(source))
    inverse = np.linalg.inv(root)
    return np.asarray(inverse @ _square_root(root @ _shrunk(target) @ root) @ inverse)


def _shrunk(covariance: Array) -> Array:
    kept = (1.0 - COVARIANCE_SHRINKAGE) * covariance
    return kept + COVARIANCE_SHRINKAGE * np.diag(np.diag(covariance))


def _square_root(covariance: Array) -> Array:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, _VARIANCE_FLOOR**2))) @ vectors.T)


def _as_loud_and_long(converted: Array, original: Array) -> NDArray[np.float32]:
    """Return `converted` with the original's length, silences and RMS level, within full scale.

    The target's level is its microphone's; sentences of one message must not differ by it.
    """
    sized = np.zeros_like(original)
    shared = min(len(original), len(converted))
    sized[:shared] = converted[:shared]
    sized *= _silence_gain(original)
    rms = float(np.sqrt(np.mean(sized**2)))
    if rms > 0.0:
        sized *= float(np.sqrt(np.mean(original**2))) / rms
    peak = float(np.max(np.abs(sized)))
    return np.asarray(sized * min(1.0, _PEAK / max(peak, 1e-9)), np.float32)


def _silence_gain(original: Array) -> Array:
    """Return a gain for each sample, shape (samples,): 1 in speech, near 0 in silence."""
    frame_s, hop_s = 0.01, 0.0025
    half = round(frame_s / 2.0 * SAMPLE_RATE_HZ)
    centred = Waveform(np.pad(original, half).astype(np.float32), SAMPLE_RATE_HZ)
    levels = frame_levels_dbfs(centred, frame_s, hop_s).astype(np.float64)
    below_db = levels - np.percentile(levels, 95)
    gain_db = np.interp(below_db, _SILENT_DB, (_FADED_DB, 0.0))
    frames_at = np.arange(len(levels)) * round(hop_s * SAMPLE_RATE_HZ)
    return np.asarray(np.interp(np.arange(len(original)), frames_at, 10.0 ** (gain_db / 20.0)))
