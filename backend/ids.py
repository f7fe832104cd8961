"""Identifiers: a prefix that names the kind, and a UUIDv7 that sorts by time of birth."""

import os
import time

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 26  # 128 bits in base 32


def new_id(prefix: str) -> str:
    """Return `prefix` + `_` + a UUIDv7 in lower-case Crockford base32 (RFC 9562, section 5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76  # version 7
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant 10
    return f"{prefix}_{_encode(value)}"


def _encode(value: int) -> str:
    return "".join(_CROCKFORD[value >> 5 * place & 31] for place in reversed(range(_LENGTH)))
