"""Keys that were looked up a moment ago: a busy program's is not sought again with each request."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from backend.accounts.models import Account
from backend.security import hash_token

# For so long a key that another process revoked still opens something; in this one, none does.
BELIEVED_S = 1.0
# The sessionmaker's `info` carries `KnownKeys.forget` under this key.
ACCESS_CHANGED = "access_changed"
_MOST = 1_000


@dataclass(frozen=True)
class KnownKey:
    """A key that opens something, and for whom."""

    id: str
    scopes: frozenset[str]
    account: Account


class KnownKeys:
    """Remembers keys by their hash for `BELIEVED_S`; shared by all threads."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._found: dict[str, tuple[float, KnownKey]] = {}

    def find(self, key: str) -> KnownKey | None:
        """Return what is known of `key`, or None where it is to be looked up."""
        until_s, known = self._found.get(hash_token(key), (0.0, None))
        return known if self._now_s() < until_s else None

    def look_up(self, key: str, seek: Callable[[], KnownKey | None]) -> KnownKey | None:
        """Return what `seek` finds, and remember it."""
        # What is revoked while it is sought is remembered by nobody: `forget` leaves another dict.
        found = self._found
        known = seek()
        if known is not None:
            if len(found) >= _MOST:
                found.clear()
            found[hash_token(key)] = (self._now_s() + BELIEVED_S, known)
        return known

    def forget(self) -> None:
        """Look every key up again: one was revoked, or its account is another."""
        self._found = {}
