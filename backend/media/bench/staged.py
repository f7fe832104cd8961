"""What a message with everything on it costs, and what changing one sentence of it costs."""

import shutil
import time
from pathlib import Path
from typing import Any

from backend.media import SegmentShelf, compose_video
from backend.media.bench.by_hand import best_of_both
from backend.media.bench.memory import watched
from backend.media.compose import ComposedVideo
from backend.media.fonts import Font, find_font
from backend.media.style import Style
from backend.media.tests.material import draw_photo, spoken_script, voiced, write_wav
from backend.media.timeline import Timeline, timeline_from_speech

LENGTHS_S = (4.5, 6.0, 3.5, 5.0)
TWENTY_S = tuple(2.6 + 0.1 * (number % 9) for number in range(20))
BAR, TWENTY_BAR, MEMORY_BAR_MIB = 3.0, 5.0, 1024
STYLE = Style(burned_captions="word")


def measure(folder: Path) -> dict[str, Any]:
    """Return the figures; `folder` is for the files. Raises RuntimeError without a font."""
    font = find_font(None)
    if font is None:
        raise RuntimeError("there is no font: install mplfonts, as `make run` does")
    return {**_whole(folder / "whole", font), **_one_of_twenty(folder / "twenty", font)}


# --- everything on it -----------------------------------------------------------------------


def _whole(folder: Path, font: Font) -> dict[str, Any]:
    timeline = _timeline(folder, LENGTHS_S)
    product_s, hand_s = best_of_both(lambda made: _composed(timeline, made, font)[0], folder)
    # Once more: to look takes time.
    with watched() as peak:
        _composed(timeline, folder / "watched", font)
    return {
        "staged_x_real_time": round(timeline.duration_s / product_s, 2),
        "staged_by_hand_x_real_time": round(timeline.duration_s / hand_s, 2),
        "staged_to_by_hand": round(product_s / hand_s, 3),
        "staged_peak_mib": peak.mib,
    }


def _timeline(folder: Path, lengths_s: tuple[float, ...]) -> Timeline:
    folder.mkdir()
    speech = folder / "speech.wav"
    spoken = spoken_script(speech, lengths_s)
    photo = draw_photo(folder / "photo.jpg", 2400, 2000)
    music = write_wav(folder / "music.wav", voiced(8.0, 0.1))
    return timeline_from_speech(spoken, [photo], "16:9", speech, music=music, style=STYLE)


def _composed(
    timeline: Timeline, made: Path, font: Font, shelf: SegmentShelf | None = None
) -> tuple[float, ComposedVideo]:
    made.mkdir()
    started_s = time.perf_counter()
    video = compose_video(
        timeline, made, lambda _: None, lambda: False, shelf or SegmentShelf(), font
    )
    return time.perf_counter() - started_s, video


# --- one sentence of twenty -----------------------------------------------------------------


def _one_of_twenty(folder: Path, font: Font) -> dict[str, Any]:
    folder.mkdir()
    shelf = _shelf(folder / "shelf")
    first = _timeline(folder / "first", TWENTY_S)
    second = _timeline(folder / "second", (*TWENTY_S[:9], 4.1, *TWENTY_S[10:]))
    first_s, _ = _composed(first, folder / "first" / "made", font, shelf)
    second_s, video = _composed(second, folder / "second" / "made", font, shelf)
    return {
        "twenty_first_s": round(first_s, 2),
        "twenty_one_changed_s": round(second_s, 2),
        "twenty_ratio": round(first_s / second_s, 2),
        "twenty_encoded_again": video.encoded_segments,
    }


def _shelf(folder: Path) -> SegmentShelf:
    folder.mkdir()

    def fetch(key: str, target: Path) -> bool:
        is_there = (folder / key).exists()
        if is_there:
            shutil.copyfile(folder / key, target)
        return is_there

    def keep(key: str, made: Path, _is_common: bool) -> None:
        shutil.copyfile(made, folder / key)

    return SegmentShelf(fetch, keep)


def print_table(figures: dict[str, Any]) -> None:
    """Print the figures for people."""
    rows = (
        ("captions, highlights and music", f"{figures['staged_x_real_time']:6.2f} x real time"),
        (
            "  the same commands by hand",
            f"{figures['staged_by_hand_x_real_time']:6.2f} x real time",
        ),
        ("  ours to by hand, in time", f"{figures['staged_to_by_hand']:6.3f} (bar 1.15)"),
        ("  memory of all its processes", f"{figures['staged_peak_mib']:6} MiB"),
        ("20 sentences, all drawn", f"{figures['twenty_first_s']:6.2f} s"),
        ("20 sentences, one changed", f"{figures['twenty_one_changed_s']:6.2f} s"),
        ("  times faster", f"{figures['twenty_ratio']:6.2f} (goal 5)"),
        ("  segments drawn again", f"{figures['twenty_encoded_again']:6}"),
    )
    for name, figure in rows:
        print(f"  {name:32} {figure}")
