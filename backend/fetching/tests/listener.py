"""Servers on this computer: one that must hear nothing, and one that answers as it is told."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Listener:
    """A port that counts who connects; what comes in is answered by `answer`."""

    def __init__(
        self, answer: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None
    ) -> None:
        self._answer = answer
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        try:
            with client:
                if self._tls is not None:
                    client = self._tls.wrap_socket(client, server_side=True)
                with client:
                    self._answer(client)
        except OSError:
            pass  # the other side left

    def count(self) -> int:
        """Return how many connected; asked after a connection of its own, which comes last."""
        before = self.connections
        with socket.create_connection(("127.0.0.1", self.port), 5) as probe:
            probe.shutdown(socket.SHUT_WR)
            while self.connections == before:
                probe.recv(1)
        return self.connections - 1

    def close(self) -> None:
        """Stop listening."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@contextmanager
def listening(
    answer: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None
) -> Iterator[Listener]:
    """Give a listener for this long."""
    listener = Listener(answer, tls)
    try:
        yield listener
    finally:
        listener.close()


def read_request(client: socket.socket) -> bytes:
    """Return a request's head."""
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = client.recv(65536)
        if not chunk:
            break
        head += chunk
    return head


def say(text: bytes) -> Callable[[socket.socket], None]:
    """Return an answerer that says the same each time."""

    def answer(client: socket.socket) -> None:
        if read_request(client):
            client.sendall(text)

    return answer
