"""Mail addresses: one at a time, of a form that no header can be made of."""

import re
import unicodedata

MAX_ADDRESS_CHARACTERS = 254
_MAX_LOCAL_CHARACTERS = 64
# source: RFC 5322, 3.2.3 (dot-atom); quoted local parts are left out, nobody is reached by one
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class AddressInvalid(ValueError):
    """This is no mail address, or more than one."""


def checked_address(text: str) -> str:
    """Return `text` as an address that mail servers take: in ASCII, its domain in lower case.

    Full-width letters and signs of a Japanese keyboard are understood, and domains in any script.
    raises: AddressInvalid
    """
    address = unicodedata.normalize("NFKC", text.strip(" \u3000"))
    local, at, domain = address.rpartition("@")
    if not (at and len(local) <= _MAX_LOCAL_CHARACTERS and _LOCAL.fullmatch(local)):
        raise AddressInvalid("no address")
    whole = f"{local}@{_checked_domain(domain)}"
    if len(whole) > MAX_ADDRESS_CHARACTERS:
        raise AddressInvalid("too long")
    return whole


def _checked_domain(domain: str) -> str:
    try:
        written = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise AddressInvalid("no domain") from None
    labels = written.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressInvalid("no domain")
    return written
