"""The form of a key: `vm_`, 30 random characters, and a checksum over them.

The prefix lets scanners find a key that was published by mistake; the checksum tells a key from
a typing error without asking the database.
source: "Behind GitHub's new authentication token formats", GitHub blog, 2021
"""

import re
import secrets
import zlib

PREFIX = "vm_"
RANDOM_CHARACTERS = 30  # 178 bits
CHECKSUM_CHARACTERS = 6  # 62 ** 6 is more than 2 ** 32
# What a list may show of a key, and by which it is found: the rest stays 131 bits of secret.
HINT_CHARACTERS = len(PREFIX) + 8
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FORM = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM_CHARACTERS + CHECKSUM_CHARACTERS}}}")


def new_key() -> str:
    """Return a key that nobody can guess."""
    body = PREFIX + "".join(secrets.choice(BASE62) for _ in range(RANDOM_CHARACTERS))
    return body + _checksum(body)


def holds_key(text: str) -> bool:
    """Return whether something of a key's form stands in `text`, be it mistyped."""
    return _FORM.search(text) is not None


def is_well_formed(key: str) -> bool:
    """Return whether `key` could be one of ours: its form and its checksum are right."""
    if not _FORM.fullmatch(key):
        return False
    return key[-CHECKSUM_CHARACTERS:] == _checksum(key[:-CHECKSUM_CHARACTERS])


def hint_of(key: str) -> str:
    """Return the part of a key that may be shown."""
    return key[:HINT_CHARACTERS]


def _checksum(body: str) -> str:
    """Return the CRC-32 of `body` in base62, filled up with zeros."""
    rest, digits = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_CHARACTERS):
        rest, digit = divmod(rest, len(BASE62))
        digits = BASE62[digit] + digits
    return digits
