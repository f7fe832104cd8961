"""The README's recipes are run as they stand there, against the real app: each makes a video."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import httpx
import pytest

from backend.tests_processes.rig import Rig

ROOT = Path(__file__).resolve().parents[2]
SCOPES = ["uploads", "messages:read", "messages:write", "shares:write"]
PROGRAMS = {
    "sh": ("recipe.sh", ["bash", "-euo", "pipefail"]),
    "python": ("recipe.py", [sys.executable]),
    "js": ("recipe.mjs", ["node"]),
}


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with Rig() as made:
        yield made


def recipe(language: str) -> str:
    """Return the only block of a language in the section for programs."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.split("\n## From a program\n")[1].split("\n## ")[0]
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return str(block)


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_recipe_makes_a_video_and_a_link(rig: Rig, tmp_path: Path, language: str) -> None:
    name, program = PROGRAMS[language]
    (tmp_path / name).write_text(recipe(language), encoding="utf-8")
    shutil.copy(rig.folder / "picture.jpg", tmp_path / "portrait.jpg")
    made = rig.api.call("POST", "/api-keys", {"name": language, "scopes": SCOPES})
    told = {
        "VIDEO_MESSAGE_URL": rig.backend_url,
        "VIDEO_MESSAGE_KEY": made["key"],
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [*program, name],
        cwd=tmp_path,
        env=os.environ | told,
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    state, link = done.stdout.decode().split()
    assert state == "ready"
    assert re.fullmatch(r"http://localhost(:\d+)?/s/\S+", link)
    with av.open(str(tmp_path / "video.mp4")) as video:
        assert video.streams.video[0].frames > 0
    token = link.rsplit("/", 1)[1]
    assert httpx.get(f"{rig.backend_url}/s/{token}/state").is_success
