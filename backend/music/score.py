"""Scores as they stand in `tracks/*.toml`: chords, a melody, and who plays what.

A note is a letter, an accidental and an octave (`C4`, `F#3`, `Bb5`); MIDI's middle C is C4.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

FOLDER = Path(__file__).with_name("tracks")
_NOTE = r"[A-G](?:#|b)?[1-7]"
_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Note = Annotated[str, StringConstraints(pattern=rf"^{_NOTE}$")]
Instrument = Literal["pluck", "koto", "bell", "keys", "pad", "bass"]


class _Score(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Score):
    """One instrument's bars, `/` between them; each bar's notes and rests last equally long.

    line:   `C4 E4 . G4 / A4`: `.` is a rest, `-` holds on, `+` joins notes struck together
    repeat: how often the line is played within the track
    """

    instrument: Instrument
    gain: float = Field(gt=0, le=1)
    line: str = Field(max_length=2_000)
    repeat: int = Field(1, ge=1, le=16)


class Names(_Score):
    """What it is called, in each language of the app."""

    ja: str = Field(min_length=1, max_length=40)
    en: str = Field(min_length=1, max_length=40)


class Track(_Score):
    """A piece that can be played over and over without a seam.

    echo: how much of the sound comes back from the room, 0..1
    """

    id: Slug
    name: Names
    tempo_bpm: float = Field(ge=40, le=200)
    beats_per_bar: int = Field(4, ge=2, le=7)
    bars: int = Field(ge=1, le=64)
    echo: float = Field(0.2, ge=0, le=0.6)
    parts: tuple[Part, ...] = Field(min_length=1)

    @property
    def beat_s(self) -> float:
        """Seconds of a beat."""
        return 60 / self.tempo_bpm

    @property
    def bar_s(self) -> float:
        """Seconds of a bar."""
        return self.beats_per_bar * self.beat_s

    @property
    def duration_s(self) -> float:
        """Seconds of one round."""
        return self.bars * self.bar_s


class Struck(_Score):
    """A note with its start and length in seconds."""

    frequency_hz: float
    start_s: float
    length_s: float


@cache
def all_tracks() -> dict[str, Track]:
    """Return the tracks by id, in the order of their names."""
    tracks = [
        Track.model_validate(tomllib.loads(file.read_text("utf-8")) | {"id": file.stem})
        for file in sorted(FOLDER.glob("*.toml"))
    ]
    return {track.id: track for track in tracks}


def frequency_hz(note: str) -> float:
    """Return a note's frequency in equal temperament, A4 at 440 Hz."""
    if not re.fullmatch(_NOTE, note):
        raise ValueError(f"not a note: {note!r}")
    accidental = {"#": 1, "b": -1}.get(note[1], 0)
    semitones = _CLASSES[note[0]] + accidental + 12 * (int(note[-1]) + 1) - 69
    return float(440.0 * 2 ** (semitones / 12))


def struck(part: Part, track: Track) -> list[Struck]:
    """Return every note of a part, in order."""
    bars = [bar.split() for bar in part.line.split("/")] * part.repeat
    if len(bars) > track.bars:
        raise ValueError(f"{track.id}: {len(bars)} bars do not fit into {track.bars}")
    notes: list[Struck] = []
    for place, bar in enumerate(bars):
        notes = _with_bar(notes, bar, place * track.bar_s, track.bar_s / max(len(bar), 1))
    return notes


def _with_bar(notes: list[Struck], bar: list[str], start_s: float, step_s: float) -> list[Struck]:
    for place, sign in enumerate(bar):
        if sign == "-":
            notes = [_held(note, start_s + place * step_s, step_s) for note in notes]
        elif sign != ".":
            at_s = start_s + place * step_s
            notes = notes + [
                Struck(frequency_hz=frequency_hz(note), start_s=at_s, length_s=step_s)
                for note in sign.split("+")
            ]
    return notes


def _held(note: Struck, until_s: float, step_s: float) -> Struck:
    """Return the note, longer by a step where it sounds up to there."""
    sounds = abs(note.start_s + note.length_s - until_s) < 1e-6
    return note.model_copy(update={"length_s": note.length_s + step_s}) if sounds else note
