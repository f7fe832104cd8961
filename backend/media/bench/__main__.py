"""`python -m backend.media.bench [--json FILE] [--check]`: how fast media is opened and made.

Everything runs in the jail, as in the product. Real-time factors are seconds of work a second of
media (lower is better); composing is also told as x real time (higher is better). Of several
rounds the best counts: the machine may have other work.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.media import compose, decode_audio, decode_photo, jail, mastering, shrink_video
from backend.media.bench import recorded, staged
from backend.media.bench.by_hand import BAR as BY_HAND_BAR
from backend.media.check import check_video
from backend.media.scene import paint_scene
from backend.media.sizes import CANVAS_PX
from backend.media.tests.material import draw_photo, spoken_script
from backend.media.timeline import Timeline, timeline_from_speech

SENTENCES_S = (4.5, 6.0, 3.5, 5.0)
COMPOSE_BAR = 2.5
SMALL_BYTES_PER_S = 40_000
ROUNDS = 3


def main() -> None:
    """Print the table; end with status 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m backend.media.bench")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--check", action="store_true", help="measure the video's promises too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        work = Path(folder).resolve()
        whole = staged.measure(work)
        filmed = recorded.measure(work / "recorded")
        figures = {**measure(work, options.check), **whole, **filmed}
    print_table(figures)
    staged.print_table(whole)
    recorded.print_table(filmed)
    if options.json is not None:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    sys.exit("\n".join(f"missed: {bar}" for bar in missed_bars(figures)) or 0)


def missed_bars(figures: dict[str, Any]) -> list[str]:
    """Return the bars that the figures do not reach, in words."""
    bars = {
        f"composing at {COMPOSE_BAR} x": figures["compose_x_real_time"]["16:9"] >= COMPOSE_BAR,
        f"captions and music at {staged.BAR} x": figures["staged_x_real_time"] >= staged.BAR,
        f"a recording at {recorded.BAR} x": figures["recorded_x_real_time"] >= recorded.BAR,
        f"{BY_HAND_BAR} of by hand": figures["staged_to_by_hand"] <= BY_HAND_BAR,
        f"{BY_HAND_BAR} of by hand, recorded": figures["recorded_to_by_hand"] <= BY_HAND_BAR,
        f"one of twenty {staged.TWENTY_BAR} x as fast": figures["twenty_ratio"]
        >= staged.TWENTY_BAR,
        f"{staged.MEMORY_BAR_MIB} MiB": figures["staged_peak_mib"] <= staged.MEMORY_BAR_MIB,
    }
    return [bar for bar, is_reached in bars.items() if not is_reached]


def measure(folder: Path, with_check: bool = False) -> dict[str, Any]:
    """Return every figure; `folder` is for the files."""
    photo, speech = draw_photo(folder / "photo.jpg", 2400, 2000), folder / "speech.wav"
    spoken = spoken_script(speech, SENTENCES_S)
    timelines = {
        aspect: timeline_from_speech(spoken, [photo], aspect, speech) for aspect in CANVAS_PX
    }
    made = _composed(timelines["16:9"], folder)
    figures: dict[str, Any] = {
        "sandbox": jail.bubblewrap_works(),
        "video_s": timelines["16:9"].duration_s,
        "jail_start_s": _best_s(lambda: jail.run(["true"], folder)),
        "rtf": _stages(timelines["16:9"], made, folder),
        "compose_x_real_time": {
            aspect: _compose_speed(timeline, folder) for aspect, timeline in timelines.items()
        },
    }
    if with_check:
        findings = check_video(made / "video.mp4", timelines["16:9"])
        figures["check"] = {finding.name: [finding.measured, finding.holds] for finding in findings}
    return figures


def print_table(figures: dict[str, Any]) -> None:
    """Print the figures for people."""
    walls = "bubblewrap and limits" if figures["sandbox"] else "limits alone"
    print(f"\nMedia, in the jail ({walls}), a video of {figures['video_s']:.1f} s at 25 fps\n")
    print(f"  {'starting a process in the jail':32} {figures['jail_start_s'] * 1000:6.0f} ms")
    for name, factor in figures["rtf"].items():
        print(f"  {name:32} {factor:6.3f} RTF")
    for aspect, speed in figures["compose_x_real_time"].items():
        width_px, height_px = CANVAS_PX[aspect]
        name = f"compose {aspect}, {width_px} x {height_px}"
        bar = f" (bar {COMPOSE_BAR})" if aspect == "16:9" else ""
        print(f"  {name:32} {speed:6.2f} x real time{bar}")
    for name, (measured, holds) in figures.get("check", {}).items():
        print(f"  {name:32} {measured} {'ok' if holds else 'FAIL'}")


def _stages(timeline: Timeline, made: Path, folder: Path) -> dict[str, float]:
    segments = sorted(made.glob("segment-*.mp4"))
    small_bytes = round(timeline.duration_s * SMALL_BYTES_PER_S)
    stages: dict[str, Callable[[], object]] = {
        "decode the photo": lambda: decode_photo(timeline.photos[0], folder / "photo"),
        "decode the voice sample": lambda: decode_audio(timeline.speech, folder / "sample.wav"),
        "paint the scene": lambda: paint_scene(timeline.photos[0], 1280, 720),
        "master the voice to -16 LUFS": lambda: mastering.master_speech(
            made / "narration.wav", made / "again.m4a", made
        ),
        "join, mux and caption": lambda: compose._join(timeline, segments, made, lambda: False),
        "shrink": lambda: shrink_video(made / "video.mp4", made / "small.mp4", small_bytes),
    }
    return {name: round(_best_s(stage) / timeline.duration_s, 4) for name, stage in stages.items()}


def _compose_speed(timeline: Timeline, folder: Path) -> float:
    return round(timeline.duration_s / _best_s(lambda: _composed(timeline, folder)), 2)


def _composed(timeline: Timeline, folder: Path) -> Path:
    made = Path(tempfile.mkdtemp(prefix="made-", dir=folder))
    compose.compose_video(timeline, made, lambda _fraction: None, lambda: False)
    return made


def _best_s(work: Callable[[], object]) -> float:
    def timed_s() -> float:
        started_s = time.perf_counter()
        work()
        return time.perf_counter() - started_s

    return min(timed_s() for _ in range(ROUNDS))


if __name__ == "__main__":
    main()
