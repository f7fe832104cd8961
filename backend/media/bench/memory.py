"""How much memory this process and all that descend from it have at once, looked at often."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_EVERY_S = 0.02
_MEBIBYTE = 1024 * 1024


class Peak:
    """The most that was seen, in MiB; pages that several share are counted for each of them."""

    mib = 0


@contextmanager
def watched(every_s: float = _EVERY_S) -> Iterator[Peak]:
    """Watch from here to the end of the block. Linux alone tells; elsewhere it stays 0.

    every_s: how often is looked, which itself takes a few milliseconds
    """
    peak, has_ended = Peak(), threading.Event()

    def look() -> None:
        while not has_ended.wait(every_s):
            peak.mib = max(peak.mib, _family_mib())

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        has_ended.set()
        watcher.join()


def _family_mib() -> int:
    parents, pages = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        pid = int(stat.parent.name)
        parents[pid], pages[pid] = int(fields[1]), int(fields[21])
    family = [pid for pid in pages if _descends(pid, parents)]
    return sum(pages[pid] for pid in family) * os.sysconf("SC_PAGE_SIZE") // _MEBIBYTE


def _descends(pid: int, parents: dict[int, int]) -> bool:
    while pid in parents and pid != os.getpid():
        pid = parents[pid]
    return pid == os.getpid()
