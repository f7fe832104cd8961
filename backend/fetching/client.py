"""An HTTP client that opens connections to checked addresses only, and ends when it should.

A name is looked up once for a connection. Each of its addresses is checked, and the connection
goes to the very one that was: a resolver that answers otherwise the second time is not asked a
second time. TLS and the Host header go by the name.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore
import httpx

from backend.fetching.targets import Reach, require_addresses, require_target

# The addresses of a host and port, as text.
Resolve = Callable[[str, int], list[str]]
# A name with a hundred addresses that all hang is given up by the limit; these are plenty.
MAX_ADDRESSES = 4


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of `host`; OSError when there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Limit:
    """The time that is left of a whole exchange, in seconds."""

    def __init__(self, total_s: float) -> None:
        self._ends_s = time.monotonic() + total_s

    def left(self, error: type[Exception]) -> float:
        """Return what is left, or raise `error`."""
        left_s = self._ends_s - time.monotonic()
        if left_s <= 0:
            raise error("the exchange took too long")
        return left_s


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step may take what is left of the whole, and no more."""

    def __init__(self, stream: httpcore.NetworkStream, limit: _Limit) -> None:
        self._stream = stream
        self._limit = limit

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Return what has come."""
        return self._stream.read(max_bytes, self._limit.left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send all of `buffer`."""
        self._stream.write(buffer, self._limit.left(httpcore.WriteTimeout))

    def close(self) -> None:
        """End the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Return the connection under TLS."""
        left_s = self._limit.left(httpcore.ConnectTimeout)
        return _TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, left_s), self._limit
        )

    def get_extra_info(self, info: str) -> Any:
        """Tell about the connection."""
        return self._stream.get_extra_info(info)


class GuardedNetwork(httpcore.NetworkBackend):
    """Opens connections to addresses within reach, each with a limit on its whole life."""

    def __init__(
        self,
        reach: Reach,
        total_s: float,
        resolve: Resolve = look_up,
        sockets: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._reach = reach
        self._total_s = total_s
        self._resolve = resolve
        self._sockets = sockets or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers, all of them checked."""
        limit = _Limit(self._total_s)
        addresses = require_addresses(self._addresses(host, port, limit), self._reach)
        last: Exception = httpcore.ConnectError("the name has no address")
        for address in addresses[:MAX_ADDRESSES]:
            left_s = limit.left(httpcore.ConnectTimeout)
            try:
                stream = self._sockets.connect_tcp(
                    address, port, left_s, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
            else:
                return _TimedStream(stream, limit)
        raise last

    def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Refuse: a target is never a file."""
        raise httpcore.ConnectError("not a network address")

    def _addresses(self, host: str, port: int, limit: _Limit) -> list[str]:
        """Ask the resolver in a thread of its own: it knows no limit."""
        answers: list[list[str]] = []

        def ask() -> None:
            try:
                answers.append(self._resolve(host, port))
            except (OSError, UnicodeError):
                answers.append([])

        asking = threading.Thread(target=ask, name="resolver", daemon=True)
        asking.start()
        asking.join(limit.left(httpcore.ConnectTimeout))
        if not answers:
            raise httpcore.ConnectTimeout("the resolver did not answer")
        return answers[0]


class GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport on a guarded network; every hop is checked, a redirect's too."""

    def __init__(self, reach: Reach, network: GuardedNetwork, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._reach = reach
        # No connection is kept: the next one is checked anew and has a limit of its own.
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls, max_keepalive_connections=0, network_backend=network
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, or raise TargetRefused."""
        require_target(request.url, self._reach)
        return super().handle_request(request)


def guarded_client(
    reach: Reach = Reach.PUBLIC,
    *,
    total_s: float,
    resolve: Resolve = look_up,
    tls: ssl.SSLContext | None = None,
) -> httpx.Client:
    """Return a client for addresses that somebody else wrote down; it follows no redirect.

    total_s: seconds for a whole exchange, from the look-up to the last byte that is read
    tls:     whom to trust; by default what the system trusts
    raises:  TargetRefused from whatever sends, before any connection; else httpx's own errors
    """
    network = GuardedNetwork(reach, total_s, resolve)
    transport = GuardedTransport(reach, network, tls or httpx.create_ssl_context(trust_env=False))
    # Bodies come as they are sent: a packed one could be a thousand times its size.
    headers = {"Accept-Encoding": "identity"}
    return httpx.Client(transport=transport, trust_env=False, timeout=total_s, headers=headers)


def read_at_most(response: httpx.Response, limit_bytes: int) -> bytes:
    """Return the first `limit_bytes` of a streamed answer as they came, and read no further."""
    kept = bytearray()
    for chunk in response.iter_raw():
        kept += chunk
        if len(kept) >= limit_bytes:
            break
    return bytes(kept[:limit_bytes])
