"""`python -m backend local`: starts everything, says what is lacking, and leaves nothing behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.local.stack import FRONTEND, ROOT
from backend.tests_processes.rig import wait_until

START_WITHIN_S = 150
LOCAL = (sys.executable, "-m", "backend", "local")


class Start:
    """One `local` in a folder of its own."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.ready_file = folder / "ready.json"
        self.ready_file.unlink(missing_ok=True)
        self.output = folder / "output.txt"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*LOCAL, "--data-dir", str(folder / "data"), "--ready-file", str(self.ready_file),
                 *arguments],
                cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def wait_until_ready(self) -> Any:
        """Return what it says about itself once it is ready."""

        def ready() -> bool:
            assert self.process.poll() is None, self.words()
            return self.ready_file.exists()

        wait_until(ready, "the start is ready", START_WITHIN_S)
        return json.loads(self.ready_file.read_text())

    def words(self) -> str:
        """Return all that it printed."""
        return self.output.read_text(errors="replace")

    def end(self) -> None:
        """End it, however it stands."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture(scope="module")
def kept_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that several starts follow each other in."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def start(kept_folder: Path) -> Iterator[Start]:
    start = Start(kept_folder, "--ports", "auto")
    yield start
    start.end()


def _families(pids: dict[str, int]) -> list[int]:
    """Return the process groups of all children; each leads one of its own."""
    return [pid for name, pid in pids.items() if name != "local"]


def _living(groups: list[int]) -> list[str]:
    listed = subprocess.run(
        ["ps", "-axww", "-o", "pgid=,stat=,args="], capture_output=True, text=True, check=True
    )
    return [
        line
        for line in listed.stdout.splitlines()
        if int(line.split()[0]) in groups and not line.split()[1].startswith("Z")
    ]


def _end_leaves_nothing(start: Start, number: signal.Signals) -> None:
    families = _families(json.loads(start.ready_file.read_text())["pids"])
    assert len(families) == 4
    assert len(_living(families)) >= 4
    start.process.send_signal(number)
    status = start.process.wait(30)
    assert status == (-signal.SIGKILL if number is signal.SIGKILL else 0)
    wait_until(lambda: not _living(families), f"nothing is left after {number.name}", 10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_however_it_ends_nothing_is_left_running(start: Start, number: signal.Signals) -> None:
    told = start.wait_until_ready()
    assert httpx.get(told["frontend_url"]).status_code == 200
    assert httpx.get(told["frontend_url"] + "/api/v1/accounts/sign-up").json()["first"]
    _end_leaves_nothing(start, number)
    assert "Installing" not in start.words()


def _no_log_holds_the_paths_of_calls_to_a_dead_backend(start: Start, folder: Path) -> None:
    told = json.loads(start.ready_file.read_text())
    calls = ("/s/Sesame-token", "/api/v1/uploads/upl_x/parts/1?expires=1&signature=Sesame")
    os.kill(told["pids"]["backend"], signal.SIGKILL)

    def reach_nobody() -> bool:
        return all(httpx.get(told["frontend_url"] + call).status_code == 502 for call in calls)

    wait_until(reach_nobody, "calls do not reach the backend")
    logs = {path.name: path.read_text() for path in (folder / "data" / "logs").iterdir()}
    assert "proxy error" in logs["frontend.log"]
    assert [name for name, words in logs.items() if "Sesame" in words] == []
    gone = told["pids"]["backend"]
    wait_until(
        lambda: json.loads(start.ready_file.read_text())["pids"].get("backend", gone) != gone,
        "the backend is started once more",
    )


def test_a_child_that_dies_is_started_again(start: Start, kept_folder: Path) -> None:
    before = start.wait_until_ready()["pids"]
    for name in ("worker", "backend", "frontend", "speech service"):
        os.kill(before[name], signal.SIGKILL)

    def all_new() -> bool:
        now = json.loads(start.ready_file.read_text())["pids"]
        return now.keys() == before.keys() and all(
            now[name] != before[name] for name in before if name != "local"
        )

    wait_until(all_new, "all four are there again")
    url = json.loads(start.ready_file.read_text())["frontend_url"]

    def answers() -> bool:
        try:
            return httpx.get(url + "/api/v1/accounts/sign-up").is_success
        except httpx.HTTPError:
            return False

    wait_until(answers, "the app answers again")
    assert "is started again" in start.words()
    _no_log_holds_the_paths_of_calls_to_a_dead_backend(start, kept_folder)
    wait_until(all_new, "all four are there once more")
    wait_until(answers, "the app answers once more")
    # As when the terminal is closed.
    _end_leaves_nothing(start, signal.SIGHUP)


def test_a_second_start_in_the_same_folder_is_told_about_the_first(
    start: Start, kept_folder: Path, folder: Path
) -> None:
    start.wait_until_ready()
    second = subprocess.run(
        [*LOCAL, "--data-dir", str(kept_folder / "data"), "--ports", "auto"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert f"process {start.process.pid}" in second.stdout
    assert "Traceback" not in second.stdout + second.stderr
    _end_leaves_nothing(start, signal.SIGTERM)


def test_a_port_in_use_is_named_with_its_variable(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        start = Start(folder, "--ports", f"18801,{port},18803")
        assert start.process.wait(60) == 1
    assert f"Another program already uses port {port} (BACKEND_PORT)" in " ".join(
        start.words().split()
    )
    assert "Traceback" not in start.words()


def test_a_missing_node_is_a_sentence(folder: Path) -> None:
    start = Start(folder, "--ports", "auto", PATH=str(folder))
    assert start.process.wait(60) == 1
    assert "Node.js is missing: install Node.js 20 or newer" in start.words()


def test_an_old_node_is_a_sentence(folder: Path) -> None:
    for name, said in (("node", "v18.19.0"), ("npm", "9.2.0")):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho {said}\n")
        program.chmod(0o755)
    start = Start(folder, "--ports", "auto", PATH=f"{folder}:/usr/bin:/bin")
    assert start.process.wait(60) == 1
    assert "Node.js 18.19.0 is too old" in start.words()


def test_a_service_that_does_not_start_is_quoted(folder: Path) -> None:
    start = Start(folder, "--ports", "auto", SPEECH_ENGINE="nonsense")
    assert start.process.wait(START_WITHIN_S) == 1
    assert "The speech service does not start. It said:" in start.words()


def test_the_frontend_is_built_when_its_content_changed_and_only_then(folder: Path) -> None:
    from backend.local.frontend import prepare_frontend

    copy = folder / "frontend"
    shutil.copytree(FRONTEND, copy, ignore=shutil.ignore_patterns("node_modules", "dist", "e2e"))
    (copy / "node_modules").symlink_to(FRONTEND / "node_modules")
    dist, log = folder / "dist", folder / "build.log"
    done: list[str] = []

    def prepare() -> bool:
        done.clear()
        prepare_frontend(copy, dist, log, done.append)
        return any(what.startswith("Building") for what in done)

    assert prepare()
    page = (dist / "index.html").read_text()
    assert not prepare()
    os.utime(copy / "index.html")
    assert not prepare(), "another time is not another content"
    (copy / "index.html").write_text((copy / "index.html").read_text() + "<!-- new -->")
    assert prepare()
    assert (dist / "index.html").read_text() != page
