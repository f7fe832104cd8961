"""Passwords, tokens and the check of where a request comes from."""

import functools
import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from starlette.requests import HTTPConnection

from backend.settings import is_loopback_host

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password."""
    return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Return whether the password fits; takes as long when there is no such account."""
    try:
        _hasher.verify(password_hash or nobodys_hash(), password)
    except Argon2Error:
        return False
    return password_hash is not None


@functools.cache
def nobodys_hash() -> str:
    """Return what is verified when there is no such account: the answer's time tells nothing.

    Whoever serves asks before the first request does, since it takes as long as a sign-in.
    """
    return _hasher.hash(secrets.token_urlsafe(16))


def new_token() -> str:
    """Return an unguessable token (256 bits)."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def derive_token(key: bytes, purpose: str, identity: str) -> str:
    """Return the token of `identity`: always the same, and unguessable without the key."""
    digest = hmac.new(key, f"{purpose}:{identity}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def comes_from_our_pages(request: HTTPConnection, method: str, public_url: str) -> bool:
    """Return whether a request may change something on behalf of the cookie it carries.

    Browsers say where a request comes from; a program that sends neither header is no
    browser and carries no cookie that somebody else could use.
    source: OWASP CSRF prevention cheat sheet, Fetch Metadata and Origin
    """
    if method in SAFE_METHODS:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    return origin.rstrip("/") == public_url.rstrip("/") or _same_host(origin, request)


def _same_host(origin: str, request: HTTPConnection) -> bool:
    return urlsplit(origin).netloc == request.headers.get("host", "")


def is_from_this_computer(request: HTTPConnection) -> bool:
    """Return whether the browser itself runs on this computer, seen through our own proxy.

    X-Forwarded-For is believed only from loopback, where our own front server sits, and then
    every address in it must be loopback.
    """
    peer = request.client.host if request.client else ""
    if not is_loopback_host(peer.removeprefix("::ffff:")):
        return False
    forwarded = request.headers.get("x-forwarded-for", "")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    return all(is_loopback_host(hop.removeprefix("::ffff:")) for hop in hops)
