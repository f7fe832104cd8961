"""From a spoken WAV to AAC at -16 LUFS with a true peak of at most -1 dB, measured as heard.

Two-pass loudnorm left one voice at -18.3 LUFS; a compressor, a measured gain and a limiter
reach the target. What counts is the decoded AAC, so that is what is measured, and the gain is
corrected until it fits.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from backend.media import ffmpeg, jail

TARGET_LUFS = -16.0
TOLERANCE_LU = 0.3
MAX_PEAK_DB = -1.2
SAMPLE_RATE_HZ = 48_000
_ROUNDS = 5
# For looking at the sound: levels, pauses, peaks.
ENVELOPE_RATE_HZ = 8_000
# Mono first: mixed down after the limiter, two channels could add up to more than its ceiling.
VOICE_TONE = (
    "aformat=channel_layouts=mono,highpass=f=60,"
    "acompressor=threshold=-24dB:ratio=3:attack=6:release=140:knee=6"
)
# What was mixed keeps its balance: compressed as a whole, music would swell in each pause.
MIX_TONE = "aformat=channel_layouts=mono"
# At this rate and in mono its noise lies 3 to 18 dB lower than that of the usual coder, which
# takes four times as long.
AAC = ("-c:a", "aac", "-aac_coder", "fast", "-b:a", "128k")
_LEAST_BYTES_PER_S = 200_000  # of encoded or plain sound that the slowest machine gets through


@dataclass(frozen=True)
class Loudness:
    """Integrated loudness and true peak (ITU-R BS.1770, EBU R 128)."""

    lufs: float
    peak_db: float


@dataclass(frozen=True)
class Levels:
    """By how much a sound is made louder, and where its peaks are cut, in dB.

    voice_lufs, music_lufs: how loud both were before they were mixed, where they were
    """

    gain_db: float
    ceiling_db: float = -2.0
    voice_lufs: float | None = None
    music_lufs: float | None = None

    def corrected(self, reached: Loudness) -> "Levels":
        """Return the levels for another try."""
        return replace(
            self,
            gain_db=self.gain_db + _correction(reached),
            ceiling_db=self.ceiling_db - max(0.0, reached.peak_db - MAX_PEAK_DB),
        )


@dataclass(frozen=True)
class Mastered(Loudness):
    """The loudness that was reached, and by which levels."""

    levels: Levels


def master_speech(
    speech: Path,
    target: Path,
    work: Path,
    is_cancelled: Callable[[], bool] = lambda: False,
    tone: str = VOICE_TONE,
    known: Levels | None = None,
    envelope: Path | None = None,
) -> Mastered:
    """Encode `speech` to AAC in `target` (.m4a) at the target loudness; return what was reached.

    tone:     the filters before the gain, VOICE_TONE or MIX_TONE
    known:    what did for a sound much like it; as it is measured too, it may be wrong
    envelope: where to write what was encoded as `envelope_output` does
    """
    levels = known
    if levels is None:
        first = measure_loudness(speech, work, f"{tone},", is_cancelled, peak=False)
        levels = Levels(_correction(first))
    for _ in range(_ROUNDS):
        _encode(speech, target, work, f"{tone},{_filters(levels)}", is_cancelled)
        reached = measure_loudness(target, work, is_cancelled=is_cancelled, envelope=envelope)
        if _fits(reached):
            break
        levels = levels.corrected(reached)
    return Mastered(reached.lufs, reached.peak_db, levels)


def _fits(reached: Loudness) -> bool:
    return abs(reached.lufs - TARGET_LUFS) <= TOLERANCE_LU and reached.peak_db <= MAX_PEAK_DB


def _correction(reached: Loudness) -> float:
    # Silence measures -70 or less: there is nothing to make louder.
    return TARGET_LUFS - reached.lufs if reached.lufs > -69 else 0.0


def _filters(levels: Levels) -> str:
    ceiling = 10 ** (levels.ceiling_db / 20)
    return ",".join((
        f"volume={levels.gain_db:.3f}dB",
        # Peaks between samples show only at a higher rate: limited there, they are true peaks.
        "aresample=192000",
        f"alimiter=limit={ceiling:.5f}:level=false:attack=3:release=60",
        f"aresample={SAMPLE_RATE_HZ}",
    ))  # fmt: skip


def _encode(
    speech: Path, target: Path, work: Path, filters: str, is_cancelled: Callable[[], bool]
) -> None:
    arguments = [
        "-i", f"file:{speech}", "-af", filters, "-ac", "1", *AAC,
        "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", f"file:{target}",
    ]  # fmt: skip
    readable = [] if speech.is_relative_to(work) else [speech]
    ffmpeg.run(arguments, work, readable, _limits(speech), is_cancelled=is_cancelled)


def measure_loudness(
    media: Path,
    work: Path,
    filters: str = "",
    is_cancelled: Callable[[], bool] = lambda: False,
    *,
    peak: bool = True,
    envelope: Path | None = None,
) -> Loudness:
    """Return the loudness of the first sound track of `media`, as a player would hear it.

    filters: what is done to it before, each followed by a comma
    peak:    whether the true peak is asked for, which takes most of the time; -inf without
    envelope: where to write the sound in the same go, as `envelope_output` does
    """
    readable = [] if media.is_relative_to(work) else [media]
    measured = f"{filters}ebur128=peak={'true' if peak else 'none'}:framelog=quiet"
    arguments = ["-i", f"file:{media}", "-map", "0:a:0", "-af", measured, "-f", "null", "-"]
    arguments += envelope_output(envelope) if envelope is not None else []
    said = ffmpeg.run(arguments, work, readable, _limits(media), is_cancelled=is_cancelled)
    summary = said[said.rfind("Summary:") :]
    return Loudness(_figure(r"I:\s+(\S+) LUFS", summary), _figure(r"Peak:\s+(\S+) dBFS", summary))


def envelope_output(target: Path) -> list[str]:
    """Return the options that write 16-bit mono samples at ENVELOPE_RATE_HZ, to be looked at."""
    rate = str(ENVELOPE_RATE_HZ)
    return ["-map", "0:a:0", "-ac", "1", "-ar", rate, "-f", "s16le", f"file:{target}"]


def _limits(media: Path) -> jail.Limits:
    wall_s = 180 + media.stat().st_size / _LEAST_BYTES_PER_S
    return jail.Limits(wall_s=wall_s, cpu_s=round(2 * wall_s))


def _figure(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    return float(found[1]) if found else float("-inf")
