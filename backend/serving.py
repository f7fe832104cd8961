"""The API's processes: one, or as many as `BACKEND_PROCESSES` says, at one address.

Python runs one thread at a time in a process, so a second core is used by a second process. What
they have in common is in the database; what each remembers alone are tries and quotas, which it
counts for itself, and keys, for a second.
"""

import gc
import os
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from backend.db import create_database, create_sessions
from backend.idempotency.service import release_all
from backend.logs import set_up_logging
from backend.main import create_app, with_owner_token
from backend.settings import Settings
from backend.storage import storage_of

APP = "backend.serving:create_served_app"
# A process that answers nothing for so long is ended and started again.
HANGS_AFTER_S = 60


def serve(settings: Settings) -> None:
    """Serve until told to stop. Raises StorageUnusable."""
    prepare(settings)
    count = settings.backend_processes
    options: dict[str, Any] = {
        "factory": True,
        "host": settings.backend_host,
        "port": settings.backend_port,
        # Open event streams must not hold up the end.
        "timeout_graceful_shutdown": 3,
        "timeout_worker_healthcheck": HANGS_AFTER_S,
        "access_log": False,
        "log_config": None,
        "proxy_headers": True,
        "forwarded_allow_ips": settings.trusted_proxies,
    }
    if count == 1:
        uvicorn.run(APP, **options)
    else:
        _serve_by_several(uvicorn.Config(APP, workers=count, **options))


def _serve_by_several(config: uvicorn.Config) -> None:
    config.bind_socket().close()  # ends here where the port is taken
    own: Any = OwnSocket(config.host, config.port)
    Multiprocess(config, sockets=[own]).run()


class OwnSocket:
    """Becomes a listening socket of its own in each process that it is sent to.

    From one that they share whichever is awake takes the connections: one of two was seen with all
    twenty. Between sockets of their own the kernel divides them evenly.
    source: https://blog.cloudflare.com/the-sad-state-of-linux-socket-balancing/
    """

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port

    def __reduce__(self) -> tuple[Callable[[str, int], socket.socket], tuple[str, int]]:
        return listen_beside_others, self._address


def listen_beside_others(host: str, port: int) -> socket.socket:
    """Return a socket at an address where the other processes have theirs."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    own = socket.socket(family)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    own.bind((host, port))
    return own


def prepare(settings: Settings) -> None:
    """Do once what is to be done before the first process answers."""
    storage_of(settings).check(settings.public_url)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    _ = settings.signing_secret, settings.speech_bearer  # made here, not by two at once
    token = with_owner_token(settings).owner_token
    if token is not None:
        os.environ["OWNER_TOKEN"] = token.get_secret_value()
    if settings.database.startswith("sqlite"):
        _release_writes(settings.database)


def _release_writes(database: str) -> None:
    """Take up again the writes at which the last start was killed; a file has one server."""
    engine = create_database(database)
    with create_sessions(engine).begin() as session:
        release_all(session)
    engine.dispose()


def create_served_app() -> FastAPI:
    """Return the app that one process serves, by the environment's settings."""
    set_up_logging()
    app = create_app(Settings())
    # What is there now stays: looked through again and again, it would hold up every request for
    # a tenth of a second each time.
    gc.collect()
    gc.freeze()
    return app
