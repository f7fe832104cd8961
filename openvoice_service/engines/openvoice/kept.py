"""A bounded memory of what was computed: what was not asked for longest goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """At most `max_bytes` of values by key; safe to use from many threads."""

    def __init__(self, max_bytes: int, size_of: Callable[[V], int]) -> None:
        self._max_bytes = max_bytes
        self._size_of = size_of
        self._lock = threading.Lock()
        self._values: OrderedDict[bytes, V] = OrderedDict()
        self._bytes = 0

    def get(self, key: bytes) -> V | None:
        """Return the value, now the youngest, or None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: bytes, value: V) -> V:
        """Keep `value`, unless it alone is too large; return it."""
        size = self._size_of(value)
        if size > self._max_bytes:
            return value
        with self._lock:
            self._drop(key)
            self._values[key] = value
            self._bytes += size
            while self._bytes > self._max_bytes:
                self._drop(next(iter(self._values)))
        return value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._bytes = 0

    def _drop(self, key: bytes) -> None:
        if (old := self._values.pop(key, None)) is not None:
            self._bytes -= self._size_of(old)
