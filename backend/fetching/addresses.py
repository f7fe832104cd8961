"""Which IP addresses are somebody else's on the open internet, and which are our own inside.

source: the IANA IPv4 and IPv6 special-purpose address registries, which `ipaddress` knows; what
        it lacks, and what hides an IPv4 address inside of an IPv6 one, stands here
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")  # a translator's: the last 32 bits are who is reached
# A tunnel's end lies where its inner address says, which no receiver of today needs.
_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
_ISATAP = 0x5EFE  # the two groups before the last 32 bits are 0:5efe or 200:5efe
_INSIDE_V4 = (
    IPv4Network("168.63.129.16/32"),  # Azure's own, from inside of each of its machines
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv4Network("192.0.0.0/24"),  # Oracle's metadata among others
)
_INSIDE_V6 = (IPv6Network("2001::/23"), IPv6Network("2001:db8::/32"), IPv6Network("3fff::/20"))
_NEAR = (
    IPv4Network("127.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)
_AWS_METADATA = IPv6Address("fd00:ec2::254")

Address = IPv4Address | IPv6Address


def parse_address(text: str) -> Address:
    """Return the address that a resolver answered; an interface's name behind % makes it local."""
    return ip_address(text)


def is_public(address: Address) -> bool:
    """Return whether `address` belongs to the open internet, whatever it is wrapped in."""
    if isinstance(address, IPv4Address):
        return _is_public_v4(address)
    inner = _inner_v4(address)
    if inner is not None:
        return _is_public_v4(inner)
    return _is_public_v6(address)


def _is_public_v4(address: IPv4Address) -> bool:
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and not _lies_in(address, _INSIDE_V4)


def _inner_v4(address: IPv6Address) -> IPv4Address | None:
    """Return whom a mapped or translated address reaches in truth."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None


def _is_public_v6(address: IPv6Address) -> bool:
    """Link-local, unique local, multicast, compatible and translated ones lie outside 2000::/3."""
    if address.scope_id is not None or address not in _GLOBAL_UNICAST or not address.is_global:
        return False
    is_isatap = int(address) >> 32 & 0xFFFF == _ISATAP
    return not is_isatap and not _lies_in(address, (*_TUNNELS, *_INSIDE_V6))


def _lies_in(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)


def is_near(address: Address) -> bool:
    """Return whether it is this computer's or a private network's.

    Never a link-local one or another at which clouds keep a machine's credentials.
    """
    inner = _inner_v4(address) if isinstance(address, IPv6Address) else None
    return _lies_in(inner or address, _NEAR) and address != _AWS_METADATA
