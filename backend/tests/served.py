"""An app behind a real server: what a test client of its own would not show."""

import threading

import uvicorn
from fastapi import FastAPI


class ServedApp:
    """An app on a port of its own, in a thread."""

    def __init__(self, app: FastAPI) -> None:
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False)
        self.server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens, once it is started."""
        port = self.server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def start(self) -> str:
        """Serve; return the address."""
        self._thread.start()
        while not self.server.started:
            self._thread.join(0.02)
            assert self._thread.is_alive(), "the server ended at once"
        return self.url

    def stop(self) -> None:
        """End."""
        self.server.should_exit = True
        self._thread.join(10)
