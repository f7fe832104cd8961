"""Locks that the system drops when their process dies, however it dies."""

import fcntl


def try_lock(descriptor: int) -> bool:
    """Take the lock of an open file for this process; return whether nobody else has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
