"""What must hold before anything is started; each check says in a sentence what to do."""

import re
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from backend.local.problem import StartProblem

OLDEST_NODE = (20, 19)
MIN_FREE_BYTES = 1_000_000_000


def require_disk(folder: Path) -> None:
    """Raise StartProblem when the disk below `folder` is nearly full."""
    free = shutil.disk_usage(folder).free
    if free < MIN_FREE_BYTES:
        raise StartProblem(
            f"The disk is nearly full: {free / 1e9:.1f} GB are free, and 1 GB is needed for "
            f"uploads and videos in {folder}. Free some space, or choose another DATA_DIR."
        )


def require_node() -> str:
    """Return the path of Node, or raise StartProblem when it is missing or too old."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        missing = "Node.js" if node is None else "npm"
        raise StartProblem(
            f"{missing} is missing: install Node.js {OLDEST_NODE[0]} or newer from "
            "https://nodejs.org (npm comes with it), then run this again."
        )
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = tuple(int(number) for number in re.findall(r"\d+", said)[:2])
    if version < OLDEST_NODE:
        raise StartProblem(
            f"Node.js {said.strip().lstrip('v') or 'here'} is too old: install "
            f"{OLDEST_NODE[0]}.{OLDEST_NODE[1]} or newer from https://nodejs.org."
        )
    return node


def require_free_ports(ports: Mapping[str, int]) -> None:
    """Raise StartProblem naming each port, by its variable, that another program listens on."""
    taken = {name: port for name, port in ports.items() if not _is_free(port)}
    if taken:
        which = " and ".join(f"port {port} ({name})" for name, port in taken.items())
        example = next(iter(taken))
        raise StartProblem(
            f"Another program already uses {which}. Stop it, or choose another port: "
            f"{example}={taken[example] + 100} make run"
        )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def find_free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on right now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
