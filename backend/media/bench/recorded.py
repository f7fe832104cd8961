"""What a recorded video costs: a face that sways a little, with the grain that a camera has."""

import time
from pathlib import Path
from typing import Any

from backend.media.bench.by_hand import best_of_both
from backend.media.captions import Cue
from backend.media.fonts import find_font
from backend.media.recording import Watch, compose_recording
from backend.media.recording_plan import RecordingPlan
from backend.media.style import Style
from backend.media.tests.material import draw_photo, ffmpeg, spoken_script, voiced, write_wav

LENGTHS_S = (4.5, 6.0, 3.5, 5.0, 4.0, 6.5)
BAR = 2.0
_QUIET = Watch(lambda _fraction: None, lambda _poster: None, lambda: False)


def measure(folder: Path) -> dict[str, Any]:
    """Return the figures; `folder` is for the files."""
    folder.mkdir()
    plan = _plan(folder)
    product_s, hand_s = best_of_both(lambda made: _composed_s(plan, made), folder)
    return {
        "recorded_x_real_time": round(plan.duration_s / product_s, 2),
        "recorded_by_hand_x_real_time": round(plan.duration_s / hand_s, 2),
        "recorded_to_by_hand": round(product_s / hand_s, 3),
    }


def _composed_s(plan: RecordingPlan, made: Path) -> float:
    made.mkdir()
    started_s = time.perf_counter()
    compose_recording(plan, made, _QUIET)
    return time.perf_counter() - started_s


def _plan(folder: Path) -> RecordingPlan:
    spoken = spoken_script(folder / "speech.wav", LENGTHS_S)
    recording = _filmed(folder, spoken.duration_s)
    cues = tuple(
        Cue(start_s=one.start_s, end_s=one.end_s, text=one.text) for one in spoken.sentences
    )
    return RecordingPlan(
        recording=recording,
        span_s=(0.2, spoken.duration_s - 0.2),
        has_audio=True,
        frame_rate=25.0,
        width_px=1280,
        height_px=720,
        script="",
        language="en",
        captions=cues,
        style=Style(burned_captions="sentence"),
        font=find_font(None),
        music=write_wav(folder / "music.wav", voiced(8.0, 0.1)),
    )


def _filmed(folder: Path, length_s: float) -> Path:
    """Film a drawn face by hand: it sways, and no two pictures have the same grain."""
    photo = draw_photo(folder / "photo.jpg", 2400, 2000)
    sway = "crop=1280:720:x='(iw-1280)/2+14*sin(1.3*t)':y='(ih-720)/2+9*sin(0.9*t)'"
    target = folder / "recording.mp4"
    ffmpeg(
        "-loop", "1", "-framerate", "25", "-i", str(photo), "-i", str(folder / "speech.wav"),
        "-t", f"{length_s:.3f}", "-vf", f"scale=1600:-2,{sway},noise=alls=5:allf=t,format=yuv420p",
        "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "4M", "-c:a", "aac", str(target),
    )  # fmt: skip
    return target


def print_table(figures: dict[str, Any]) -> None:
    """Print the figures for people."""
    rows = (
        (
            "a recording, burned captions, music",
            f"{figures['recorded_x_real_time']:6.2f} x real time",
        ),
        (
            "  the same commands by hand",
            f"{figures['recorded_by_hand_x_real_time']:6.2f} x real time",
        ),
        ("  ours to by hand, in time", f"{figures['recorded_to_by_hand']:6.3f} (bar 1.15)"),
    )
    for name, figure in rows:
        print(f"  {name:36} {figure}")
