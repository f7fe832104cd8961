"""`python -m backend demo`: one video from the code alone, or a sentence about what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import av
import pytest

from backend.local.stack import ROOT

DEMO = (sys.executable, "-m", "backend", "demo")
# The Makefile passes what was not given as an empty word.
NOTHING = dict.fromkeys(("VOICE", "PHOTO", "SCRIPT", "LANGUAGE", "OUT", "KEEP"), "")


def _demo(folder: Path, **wishes: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **NOTHING, "TMPDIR": str(folder), "COLUMNS": "200", **wishes}
    return subprocess.run(
        DEMO, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False
    )


def test_without_arguments_it_makes_a_captioned_video_and_tidies_up(tmp_path: Path) -> None:
    out = tmp_path / "out" / "demo.mp4"
    done = _demo(tmp_path, OUT=str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    with av.open(str(out)) as video:
        assert [stream.codec_context.name for stream in video.streams.video] == ["h264"]
        assert [stream.codec_context.name for stream in video.streams.audio] == ["aac"]
        assert len(video.streams.subtitles) == 1
    for said in ("profile voice", "speaking", "composing", "total", str(out), "/s/"):
        assert said in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"VOICE": "/nowhere.wav"}, "voice: there is no file /nowhere.wav"),
        ({"PHOTO": "/nowhere.jpg"}, "photo: there is no file /nowhere.jpg"),
        ({"OUT": "video.avi"}, "out: video.avi is not the name of an MP4 file"),
    ],
)
def test_a_mistake_is_a_sentence_before_anything_starts(
    tmp_path: Path, wishes: dict[str, str], sentence: str
) -> None:
    done = _demo(tmp_path, **wishes)
    assert done.returncode == 1
    assert sentence in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
