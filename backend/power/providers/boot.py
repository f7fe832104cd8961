"""`python -m backend.power.providers.boot RECORD LOCK DELAY URL PATIENCE -- COMMAND`: a boot.

It holds the lock that it inherited until its record is written, so that a starter that is killed
meanwhile leaves no process that nobody knows. Then it takes its time, as machines do, and becomes
the service. As on the real machine a watchdog beside it turns both off when no backend is left.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from backend.power.providers.record import Record, identity_of, read_record, write_record


def main() -> None:
    """Write down who this is, wait, and become the command."""
    path, lock, delay_s = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    command = sys.argv[sys.argv.index("--") + 1 :]
    runs = read_record(path).runs
    write_record(path, Record(identity_of(os.getpid()), time.time(), runs=runs))
    os.close(lock)
    _start_watchdog(*sys.argv[4:6])
    time.sleep(delay_s)
    os.execv(command[0], command)  # noqa: S606 - it is to become the service


def _start_watchdog(url: str, patience_s: str) -> None:
    watchdog = [sys.executable, "-m", "openvoice_service", "watchdog", "--url", url]
    poll_s = str(min(15.0, float(patience_s) / 4.0))
    end_all = f"kill -KILL -- -{os.getpgid(0)}"
    subprocess.Popen(
        [*watchdog, "--patience", patience_s, "--poll", poll_s, "--then", end_all],
        stdin=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    main()
