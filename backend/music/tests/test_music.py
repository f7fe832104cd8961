"""The music that comes along: in tune, without a seam, heard through the API."""

import numpy as np
import pytest
from pydantic import ValidationError

from backend.music.instruments import INSTRUMENTS, SAMPLE_RATE_HZ
from backend.music.playing import PEAK, play
from backend.music.score import Part, Track, all_tracks, frequency_hz, struck

TRACKS = list(all_tracks().values())
NOTES = ("C3", "A4", "D5", "G5")


def loudest_hz(samples: np.ndarray, about_hz: float) -> float:
    """Return where the spectrum peaks near `about_hz`, to a fraction of a bin."""
    window = samples * np.hanning(len(samples))
    spectrum = np.abs(np.fft.rfft(window, 8 * len(samples)))
    hz = np.fft.rfftfreq(8 * len(samples), 1 / SAMPLE_RATE_HZ)
    near = (hz > about_hz * 0.94) & (hz < about_hz * 1.06)
    return float(hz[near][np.argmax(spectrum[near])])


@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize("instrument", sorted(INSTRUMENTS))
def test_an_instrument_is_in_tune(instrument: str, note: str) -> None:
    asked_hz = frequency_hz(note)
    heard_hz = loudest_hz(INSTRUMENTS[instrument](asked_hz, 1.0), asked_hz)
    assert abs(1200 * np.log2(heard_hz / asked_hz)) < 6  # cents; most people hear ten


def test_concert_pitch() -> None:
    assert frequency_hz("A4") == 440
    assert frequency_hz("C4") == pytest.approx(261.626, abs=0.001)
    assert frequency_hz("Bb3") == pytest.approx(frequency_hz("A#3"))


@pytest.mark.parametrize("track", TRACKS, ids=lambda track: track.id)
def test_a_track_comes_round_without_a_seam(track: Track) -> None:
    samples = play(track)
    assert len(samples) == round(track.duration_s * SAMPLE_RATE_HZ)
    assert np.abs(samples).max() == pytest.approx(PEAK)
    # Nobody stops playing at the end: the last beat is not much softer than the whole.
    beat = round(track.beat_s * SAMPLE_RATE_HZ)
    assert np.std(samples[-beat:]) > 0.2 * np.std(samples)
    twice = np.concatenate([samples, samples])
    seam = np.abs(np.diff(twice))[len(samples) - 3 : len(samples) + 3].max()
    assert seam <= np.abs(np.diff(samples)).max()


@pytest.mark.parametrize("track", TRACKS, ids=lambda track: track.id)
def test_every_part_fills_its_track(track: Track) -> None:
    for part in track.parts:
        last = struck(part, track)[-1]
        assert track.duration_s - track.bar_s <= last.start_s < track.duration_s


def test_a_line_is_read_bar_by_bar() -> None:
    track = Track.model_validate(
        {
            "id": "x", "name": {"ja": "い", "en": "x"}, "tempo_bpm": 60, "bars": 2,
            "parts": [{"instrument": "bell", "gain": 0.5, "line": "C4 - . A4+C5 / E4 . . -"}],
        }
    )  # fmt: skip
    notes = [(round(n.frequency_hz), n.start_s, n.length_s) for n in struck(track.parts[0], track)]
    assert notes == [(262, 0, 2), (440, 3, 1), (523, 3, 1), (330, 4, 1)]


@pytest.mark.parametrize("line", ["H4", "C9", "C4 x", "C4 / C4 / C4", "../etc/passwd"])
def test_a_line_that_is_no_music_is_refused(line: str) -> None:
    part = Part(instrument="bell", gain=0.5, line=line)
    track = TRACKS[0].model_copy(update={"bars": 2, "parts": (part,)})
    with pytest.raises(ValueError, match=r"not a note|do not fit"):
        struck(part, track)


def test_a_name_holds_no_path() -> None:
    with pytest.raises(ValidationError):
        Track.model_validate(TRACKS[0].model_dump() | {"id": "../warm_keys"})
