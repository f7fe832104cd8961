"""Take on limits, then become the program.

`launch.py PARENT DESCRIPTOR NICENESS NAME=VALUE,… COMMAND…`; the descriptor becomes number 3.

A child of a server with threads may not run Python between fork and exec (a lock that another
thread held stays held for ever), so that a process of its own sets the limits. It imports
nothing but what of the standard library is light: `json` alone would take it 12 ms.
"""

import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1
_GATE = 3


def main() -> None:
    """Set each limit, ask to be killed when the parent dies, and exec the command."""
    given = int(sys.argv[2])
    os.dup2(given, _GATE)
    if given != _GATE:
        os.close(given)
    yield_to_others(int(sys.argv[3]))
    for limit in sys.argv[4].split(","):
        name, _, value = limit.partition("=")
        resource.setrlimit(getattr(resource, name), (int(value), int(value)))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != int(sys.argv[1]):  # it died before the line above
            sys.exit("the parent is gone")
    os.execvp(sys.argv[5], sys.argv[5:])  # noqa: S606 - a list, and no shell is wanted


def yield_to_others(niceness: int) -> None:
    """Take CPU time after others, by as much as `niceness` says."""
    os.nice(niceness)
    try:
        # Linux may share a CPU among sessions before it looks at processes, and this is one.
        with open("/proc/self/autogroup", "w") as group:  # noqa: PTH123 - pathlib takes 10 ms
            group.write(str(niceness))
    except OSError:
        pass  # no such sharing here, or asked too often for a user without rights


if __name__ == "__main__":
    main()
