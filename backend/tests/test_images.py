"""What the images are built from exists: no engine is asked to build them here."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = sorted(path.relative_to(ROOT) for path in ROOT.glob("*/Dockerfile"))


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=str)
def test_what_an_image_copies_is_there(dockerfile: Path) -> None:
    copies = re.findall(r"^COPY (?!--from)(.+)$", (ROOT / dockerfile).read_text(), re.MULTILINE)
    assert copies
    sources = [source for copy in copies for source in copy.split()[:-1]]
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_what_is_installed_is_all_that_the_code_reads(tmp_path: Path) -> None:
    """Images install the project; a file that only the checkout has is missing there."""
    build = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation"]
    sources = tmp_path / "sources"
    for name in ("backend", "openvoice_service", "infra", "videomessage"):
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, sources / name)
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(sources)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        held = set(archive.namelist())
    files = (path for path in (sources / "backend").rglob("*") if path.is_file())
    # What frames are compared with belongs to the tests alone.
    needed = (path for path in files if path.suffix != ".py" and path.parent.name != "golden")
    read = {str(path.relative_to(sources)) for path in needed}
    assert sorted(read - held) == ["backend/Dockerfile"]
