"""`python -m backend.tests.hostile_soak`: what each hostile file costs at each door.

Prints a Markdown table of the dearest and the whole corpus' limits; ends with status 1 when a file
was not settled within 30 s and 1.2 GB, or something came through.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from backend.media import MediaRejected, decode_audio, decode_photo, sanitise_video
from backend.tests.hostile import SECRET, HostileFile, corpus, lay_lures

SETTLED_WITHIN_S, MOST_BYTES = 30.0, 1.2e9
SHOWN = 15
DOORS = {
    "photo": decode_photo,
    "audio": decode_audio,
    "video": lambda source, target: sanitise_video(source, target, may_be_cut=True),
}


@dataclass(frozen=True)
class Cost:
    """One file at one door: how it ended, how long it took, and the most memory in use."""

    name: str
    door: str
    outcome: str
    elapsed_s: float
    peak_bytes: int
    is_harmless: bool


class Meter:
    """The most memory that the children of this process have used together."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._ended.wait(0.02):
            self.peak_bytes = max(self.peak_bytes, sum(map(_rss, own.children(recursive=True))))

    @contextmanager
    def running(self) -> Iterator["Meter"]:
        self._thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            self._thread.join()


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def measure(file: HostileFile, door: str, work: Path) -> Cost:
    """Open one file at one door."""
    source, target = work / "given", work / "made"
    source.write_bytes(file.content)
    target.unlink(missing_ok=True)
    started_s = time.monotonic()
    with Meter().running() as meter:
        try:
            DOORS[door](source, target)
            outcome = "made harmless"
        except MediaRejected as refused:
            outcome = refused.code
    elapsed_s = time.monotonic() - started_s
    is_harmless = not target.exists() or SECRET.encode() not in target.read_bytes()
    return Cost(file.name, door, outcome, elapsed_s, meter.peak_bytes, is_harmless)


def main() -> None:
    """Measure the whole corpus and print what was dearest."""
    costs = []
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        work = Path(folder).resolve()
        (work / "lures").mkdir()
        lures = lay_lures(work / "lures", "http://127.0.0.1:9")
        for file in corpus(lures, work / "corpus"):
            costs += [measure(file, door, work) for door in DOORS]
    _print(costs)
    failed = [cost for cost in costs if not _is_within(cost)]
    for cost in failed:
        sys.stdout.write(f"over the limit: {cost}\n")
    sys.exit(1 if failed else 0)


def _is_within(cost: Cost) -> bool:
    return cost.elapsed_s <= SETTLED_WITHIN_S and cost.peak_bytes <= MOST_BYTES and cost.is_harmless


def _print(costs: list[Cost]) -> None:
    sys.stdout.write("| file | door | outcome | seconds | peak MB |\n|---|---|---|---|---|\n")
    dearest = sorted(costs, key=lambda cost: cost.elapsed_s, reverse=True)[:SHOWN]
    largest = sorted(costs, key=lambda cost: cost.peak_bytes, reverse=True)[:SHOWN]
    for cost in dict.fromkeys([*dearest, *largest]):
        sys.stdout.write(
            f"| {cost.name} | {cost.door} | {cost.outcome} | {cost.elapsed_s:.1f} "
            f"| {cost.peak_bytes / 1e6:.0f} |\n"
        )
    sys.stdout.write(
        f"\n{len(costs)} openings; the longest {max(cost.elapsed_s for cost in costs):.1f} s, "
        f"the most memory {max(cost.peak_bytes for cost in costs) / 1e6:.0f} MB\n"
    )


if __name__ == "__main__":
    main()
