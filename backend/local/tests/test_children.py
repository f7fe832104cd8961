"""Restarts wait longer each time, and the guardian knows whom to end."""

import subprocess
import sys
from pathlib import Path

import pytest

from backend.local.checks import find_free_ports, require_disk, require_free_ports
from backend.local.children import FIRST_BACK_OFF_S, LONGEST_BACK_OFF_S, Child, Guardian, Service
from backend.local.guardian import guard
from backend.local.problem import StartProblem


def _child(tmp_path: Path) -> Child:
    service = Service("x", (sys.executable, "-c", ""), {}, lambda _pid: False, tmp_path)
    return Child(service, tmp_path / "x.log")


def test_a_child_that_never_comes_up_is_tried_less_and_less_often(tmp_path: Path) -> None:
    child, waits = _child(tmp_path), []
    for _ in range(12):
        child.note_death(now_s=0.0)
        waits.append(child.due_s)
    assert waits[:3] == [FIRST_BACK_OFF_S, 2 * FIRST_BACK_OFF_S, 4 * FIRST_BACK_OFF_S]
    assert waits[-1] == LONGEST_BACK_OFF_S


def test_a_child_that_was_ready_comes_back_at_once(tmp_path: Path) -> None:
    child = _child(tmp_path)
    for _ in range(5):
        child.note_death(now_s=0.0)
    child.was_ready = True
    child.note_death(now_s=0.0)
    assert child.due_s == FIRST_BACK_OFF_S


def test_the_guardian_ends_what_was_not_released() -> None:
    assert guard(["+10\n", "+11\n", "-10\n", "+12\n", "-99\n"]) == {11, 12}


def test_the_guardian_kills_when_its_pipe_closes() -> None:
    sleeper = subprocess.Popen(["sleep", "300"], start_new_session=True)
    guardian = Guardian()
    guardian.protect(sleeper.pid)
    guardian.dismiss()
    assert sleeper.wait(10) == -9


def test_a_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": 5_000_000}))
    with pytest.raises(StartProblem, match=r"The disk is nearly full: 0\.0 GB are free"):
        require_disk(tmp_path)


def test_free_ports_are_free() -> None:
    ports = find_free_ports(3)
    assert len(set(ports)) == 3
    require_free_ports({"A_PORT": ports[0], "B_PORT": ports[1]})
