"""What the tests of all parts share."""

import functools
from collections.abc import Iterator

import httpx
import pytest


@pytest.fixture(scope="session", autouse=True)
def authorities_read_once() -> Iterator[None]:
    """Read the certificates of those whom TLS believes once, and not for each of httpx's clients.

    It takes a tenth of a second, and hardly any of these clients speaks TLS at all.
    """
    with pytest.MonkeyPatch.context() as patch:
        read_once = functools.cache(httpx.create_ssl_context)
        patch.setattr("httpx._transports.default.create_ssl_context", read_once)
        yield
