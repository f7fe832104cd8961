"""What an engine is: something that learns a speaker's tone and re-speaks sound in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from openvoice_service.audio import Waveform
from openvoice_service.device import Turn


class EngineUnavailable(Exception):
    """The engine cannot run here; the message says what is lacking and how to get it."""


class TonesDiffer(Exception):
    """A tone of one engine was given to another: they share no scale."""


@runtime_checkable
class Tone(Protocol):
    """What an engine keeps of a speaker: statistics or an embedding, never the words."""

    @property
    def engine(self) -> str:
        """Return the name of the engine that made it; no other can read it."""

    def save(self, path: Path) -> None:
        """Write it to `path` (whole: the caller makes the write atomic)."""

    def fingerprint(self) -> str:
        """Return a hash of what it holds: part of the key of cached speech."""


class Engine(Protocol):
    """Speech in, the same speech in another tone out."""

    @property
    def name(self) -> str:
        """Return what profiles and answers call it (`world`, `openvoice`)."""

    @property
    def version(self) -> str:
        """Return what changes whenever the same input would sound different."""

    @property
    def tone_file(self) -> str:
        """Return the file name of its tones inside a profile's folder (`world.npz`)."""

    @property
    def sample_rate_hz(self) -> int:
        """Return the rate of what `convert_tone` gives back."""

    @property
    def device(self) -> str:
        """Return where it computes: `cpu`, `cuda` or `mps`."""

    def embed(self, references: Sequence[Waveform]) -> Tone:
        """Return the tone of the one speaker in `references` (windows of at most 10 s, any rate).

        raises: ValueError where too little of it is voiced to say anything
        """

    def convert_tone(
        self, audio: Waveform, source: Tone, target: Tone, turn: Turn | None = None
    ) -> Waveform:
        """Return `audio` re-spoken in the target's tone, at the engine's own rate.

        turn: the request's claim on the device; None for work that nobody abandons

        The duration stays the same within one sample of the new rate, so that times measured in
        the source hold. Deterministic.
        raises: TonesDiffer, Abandoned
        """

    def distance(self, a: Tone, b: Tone) -> float:
        """Return how far apart two tones are (≥ 0, symmetric, 0 for the same), to pick a base."""

    def load_tone(self, path: Path) -> Tone:
        """Return the tone saved at `path`.

        raises: ValueError where the file is damaged or another engine's
        """


@runtime_checkable
class ExactEngine(Protocol):
    """An engine that is a network, and can be heard without anything around it."""

    def convert_exactly(self, audio: Waveform, source: Tone, target: Tone) -> Waveform:
        """Return the network's answer to all of `audio` at once, unpadded and uncut."""
