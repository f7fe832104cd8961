"""What is heard in a recorded message: its own sound, or a voice instead, and music under it."""

import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from backend.media import ffmpeg, jail
from backend.media.mastering import (
    MIX_TONE,
    SAMPLE_RATE_HZ,
    TARGET_LUFS,
    VOICE_TONE,
    Levels,
    Mastered,
    envelope_output,
    master_speech,
    measure_loudness,
)

# Music lies this far below the voice where nobody speaks, and is pushed down where somebody does.
MUSIC_BELOW_VOICE_LU = 9.0
DUCKING = "sidechaincompress=threshold=0.025:ratio=6:attack=25:release=450:knee=4"
FADE_IN_S, FADE_OUT_S = 0.6, 2.0
_LEAST_X_REAL_TIME = 4.0  # of the slowest machine, for anything done to sound


def cut_sound(
    recording: Path, span_s: tuple[float, float], target: Path, is_cancelled: Callable[[], bool]
) -> None:
    """Write what is heard in `span_s` of a recording as mono WAV that is exactly as long.

    Gaps in a recorder's sound become silence, so that it stays with the picture.
    """
    length_s = span_s[1] - span_s[0]
    fit = (
        f"aresample={SAMPLE_RATE_HZ}:async=1000:first_pts=0,aformat=channel_layouts=mono,"
        f"apad,atrim=end={length_s:.4f}"
    )
    arguments = [
        "-ss", f"{span_s[0]:.4f}", *ffmpeg.untrusted_video(recording),
        "-map", "0:a:0", "-vn", "-sn", "-dn", "-af", fit, "-c:a", "pcm_s16le",
        "-fflags", "+bitexact",
        f"file:{target}",
    ]  # fmt: skip
    _run(arguments, target.parent, [recording], length_s, is_cancelled)


def place_speech(
    speech: Path, lead_s: float, length_s: float, target: Path, is_cancelled: Callable[[], bool]
) -> None:
    """Write `speech`, `lead_s` late, as WAV of `length_s`."""
    late = round(lead_s * SAMPLE_RATE_HZ)
    fit = f"aresample={SAMPLE_RATE_HZ},adelay={late}S:all=1,apad,atrim=end={length_s:.4f}"
    arguments = [
        "-i", f"file:{speech}", "-af", fit, "-ac", "1", "-c:a", "pcm_s16le",
        "-fflags", "+bitexact", f"file:{target}",
    ]  # fmt: skip
    _run(arguments, target.parent, [speech], length_s, is_cancelled)


def write_silence(length_s: float, target: Path) -> None:
    """Write as much silence, as WAV."""
    with wave.open(str(target), "wb") as out:
        out.setparams((1, 2, SAMPLE_RATE_HZ, 0, "NONE", ""))
        out.writeframes(bytes(2 * round(length_s * SAMPLE_RATE_HZ)))


def master_soundtrack(
    voice: Path,
    music: Path | None,
    length_s: float,
    target: Path,
    is_cancelled: Callable[[], bool],
    known: Levels | None = None,
    envelope: Path | None = None,
) -> Mastered:
    """Encode voice and music to AAC in `target` at the target loudness.

    known:    what did for a sound much like it; what is reached is measured all the same
    envelope: where to write what was encoded, to be looked at
    """
    work = target.parent
    if music is None:
        return master_speech(voice, target, work, is_cancelled, known=known, envelope=envelope)
    voice_lufs, music_lufs = _levels_before(voice, music, work, is_cancelled, known)
    mixed = work / "mixed.wav"
    _mix(voice, music, length_s, mixed, is_cancelled, voice_lufs, music_lufs)
    made = master_speech(mixed, target, work, is_cancelled, MIX_TONE, known, envelope)
    levels = replace(made.levels, voice_lufs=voice_lufs, music_lufs=music_lufs)
    return replace(made, levels=levels)


def _levels_before(
    voice: Path,
    music: Path,
    work: Path,
    is_cancelled: Callable[[], bool],
    known: Levels | None,
) -> tuple[float, float]:
    """Return how loud voice and music are."""
    if known is not None and known.voice_lufs is not None and known.music_lufs is not None:
        return known.voice_lufs, known.music_lufs
    voice_lufs = measure_loudness(voice, work, f"{VOICE_TONE},", is_cancelled, peak=False).lufs
    return voice_lufs, measure_loudness(music, work, "", is_cancelled, peak=False).lufs


def _mix(
    voice: Path,
    music: Path,
    length_s: float,
    target: Path,
    is_cancelled: Callable[[], bool],
    voice_lufs: float,
    music_lufs: float,
) -> None:
    work = target.parent
    fade_out_s = min(FADE_OUT_S, length_s / 2)
    graph = ";".join((
        # Both at one rate, or the mix would take that of the speech and leave the music dull.
        f"[0:a]aresample={SAMPLE_RATE_HZ},{VOICE_TONE},"
        f"volume={_gain_db(voice_lufs, TARGET_LUFS):.2f}dB,asplit[voice][key]",
        f"[1:a]aresample={SAMPLE_RATE_HZ},aformat=channel_layouts=mono,"
        f"volume={_gain_db(music_lufs, TARGET_LUFS - MUSIC_BELOW_VOICE_LU):.2f}dB,"
        f"atrim=end={length_s:.4f},afade=t=in:d={min(FADE_IN_S, length_s / 2):.3f},"
        f"afade=t=out:st={length_s - fade_out_s:.4f}:d={fade_out_s:.3f}[music]",
        f"[music][key]{DUCKING}[ducked]",
        "[voice][ducked]amix=inputs=2:duration=first:normalize=0[mixed]",
    ))  # fmt: skip
    arguments = [
        "-i", f"file:{voice}", "-stream_loop", "-1", "-i", f"file:{music}",
        "-filter_complex", graph, "-map", "[mixed]", "-t", f"{length_s:.4f}", "-c:a", "pcm_s16le",
        "-fflags", "+bitexact", f"file:{target}",
    ]  # fmt: skip
    _run(arguments, work, [music], length_s, is_cancelled)


def _gain_db(lufs: float, wanted_lufs: float) -> float:
    # Silence measures -70 or less: there is nothing to make louder.
    return wanted_lufs - lufs if lufs > -69 else 0.0


def envelope_pcm(sound: Path, work: Path, is_cancelled: Callable[[], bool]) -> bytes:
    """Return the sound as 16-bit mono samples at ENVELOPE_RATE_HZ, to be looked at."""
    target = work / "envelope.raw"
    arguments = ["-i", f"file:{sound}", *envelope_output(target)]
    readable = [] if sound.is_relative_to(work) else [sound]
    ffmpeg.run(arguments, work, readable, is_cancelled=is_cancelled)
    return target.read_bytes()


def _run(
    arguments: list[str],
    work: Path,
    readable: list[Path],
    length_s: float,
    is_cancelled: Callable[[], bool],
) -> None:
    wall_s = 60 + length_s / _LEAST_X_REAL_TIME
    limits = jail.Limits(wall_s=wall_s, cpu_s=round(2 * wall_s))
    outside = [path for path in readable if not path.is_relative_to(work)]
    ffmpeg.run(arguments, work, outside, limits, is_cancelled=is_cancelled)
