"""What the images are built from and started with exists: no engine is asked to build them here."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml  # type: ignore[import-untyped]

from backend.settings import Settings
from openvoice_service.settings import SpeechSettings

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = sorted(path.relative_to(ROOT) for path in ROOT.glob("*/Dockerfile"))
COMPOSE = ("docker-compose.yml", "docker-compose.gpu.yml")
OWN_IMAGES = ("backend", "worker", "openvoice")


def services(file: str) -> dict[str, Any]:
    text = re.sub(r"!\w+ ", "", (ROOT / file).read_text())  # compose's own tags
    found: dict[str, Any] = yaml.safe_load(text)["services"]
    return found


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=str)
def test_what_an_image_copies_is_there(dockerfile: Path) -> None:
    copies = re.findall(r"^COPY (?!--from)(.+)$", (ROOT / dockerfile).read_text(), re.MULTILINE)
    assert copies
    sources = [source for copy in copies for source in copy.split()[:-1]]
    assert [source for source in sources if not (ROOT / source).exists()] == []


@pytest.mark.parametrize("file", COMPOSE)
def test_compose_builds_from_files_that_are_there(file: str) -> None:
    builds = [service["build"] for service in services(file).values() if "build" in service]
    assert builds
    assert {Path(build["dockerfile"]) for build in builds} <= {*DOCKERFILES}


@pytest.mark.parametrize("file", COMPOSE)
def test_compose_sets_only_what_somebody_reads(file: str) -> None:
    known = {name.upper() for name in (*Settings.model_fields, *SpeechSettings.model_fields)}
    known |= {"NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES"}
    for name, service in services(file).items():
        if name in OWN_IMAGES:
            assert set(service.get("environment", {})) <= known, name


def test_compose_starts_commands_that_exist() -> None:
    shells = [" ".join(service.get("command", [])) for service in services(COMPOSE[0]).values()]
    commands = {command for shell in shells for command in re.findall(r"-m backend (\w+)", shell)}
    assert commands == {"migrate", "serve", "worker"}
    for command in commands:
        call = [sys.executable, "-m", "backend", command, "--help"]
        done = subprocess.run(call, capture_output=True, cwd=ROOT, check=False)
        assert done.returncode == 0, command


def test_what_is_installed_is_all_that_the_code_reads(tmp_path: Path) -> None:
    """Images install the project; a file that only the checkout has is missing there."""
    build = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation"]
    sources = tmp_path / "sources"
    for name in ("backend", "openvoice_service", "infra"):
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, sources / name)
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(sources)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        held = set(archive.namelist())
    files = (path for path in (sources / "backend").rglob("*") if path.is_file())
    read = {str(path.relative_to(sources)) for path in files if path.suffix != ".py"}
    assert sorted(read - held) == ["backend/Dockerfile"]
