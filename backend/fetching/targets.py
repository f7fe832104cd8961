"""Which addresses may be written down as a target, and which resolved ones are connected to."""

import re
from enum import StrEnum
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import httpx

from backend.fetching.addresses import (
    Address,
    is_near,
    is_public,
    parse_address,
)
from backend.fetching.refusals import Refusal, TargetRefused

MAX_URL_CHARACTERS = 2000
_DEFAULT_PORTS = {"https": 443, "http": 80}
_FIRST_USER_PORT = 1024  # below are the other services: mail, shells, directories
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?"
_LAST_LABEL = r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?"  # no number: 127.1 and 0x7f.1 are addresses
_NAME = re.compile(rf"(?=.{{1,253}}$)({_LABEL}\.)*{_LAST_LABEL}")
_OWN_NAMES = (".localhost", ".local", ".internal", ".home.arpa")
_ODD = re.compile(r"[\x00-\x20\x7f\\]")


class Reach(StrEnum):
    """How far a fetch may go: the open internet, or one's own networks and plain http too."""

    PUBLIC = "public"
    PRIVATE_TOO = "private_too"

    def takes(self, address: Address) -> bool:
        """Return whether a connection to `address` may be opened."""
        return is_public(address) or (self is Reach.PRIVATE_TOO and is_near(address))


def checked_url(text: str, reach: Reach) -> httpx.URL:
    """Return the target that `text` names, or raise TargetRefused.

    What a name leads to is not looked up: that may be another address a moment later, so it is
    checked when the connection is opened.
    """
    if len(text) > MAX_URL_CHARACTERS or _ODD.search(text):
        raise TargetRefused(Refusal.NO_URL)
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise TargetRefused(Refusal.NO_URL) from None
    require_target(url, reach)
    return url


def require_target(url: httpx.URL, reach: Reach) -> None:
    """Raise TargetRefused when `url` may not be asked, by what can be seen of it."""
    if url.scheme != "https" and not (url.scheme == "http" and reach is Reach.PRIVATE_TOO):
        raise TargetRefused(Refusal.NOT_HTTPS)
    if url.userinfo:
        raise TargetRefused(Refusal.HAS_USER)
    _require_host(url.raw_host.decode("ascii"), reach)
    port = url.port if url.port is not None else _DEFAULT_PORTS[url.scheme]
    is_default = port == _DEFAULT_PORTS[url.scheme]
    if not is_default and not _FIRST_USER_PORT <= port <= 65535:
        raise TargetRefused(Refusal.PORT)


def _require_host(host: str, reach: Reach) -> None:
    address = _literal(host)
    if address is not None:
        if not reach.takes(address):
            raise TargetRefused(Refusal.NOT_PUBLIC)
        return
    if not _NAME.fullmatch(host):
        raise TargetRefused(Refusal.ODD_HOST)
    # Names of one label and these ends are answered by one's own machine or network alone.
    if reach is Reach.PUBLIC and ("." not in host or host.endswith(_OWN_NAMES)):
        raise TargetRefused(Refusal.NOT_PUBLIC)


def _literal(host: str) -> Address | None:
    """Return the address that `host` is, in its usual form alone: no octal, no single number."""
    try:
        return IPv6Address(host) if ":" in host else IPv4Address(host)
    except AddressValueError:
        return None


def require_addresses(found: list[str], reach: Reach) -> list[str]:
    """Return what a resolver answered, or raise TargetRefused when any of it is out of reach.

    One good address beside a bad one is no accident, and excuses nothing.
    """
    addresses = [parse_address(text) for text in found]
    if not all(reach.takes(address) for address in addresses):
        raise TargetRefused(Refusal.NOT_PUBLIC)
    return [str(address) for address in addresses]
