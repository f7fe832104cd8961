"""What a process writes down, and what it must not."""

import logging

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def set_up_logging() -> None:
    """Log from this process."""
    logging.basicConfig(level=logging.INFO, format=_FORMAT)
    # httpx writes down every address, and ours carry ids; the engine talks a lot.
    for name in ("httpx", "httpcore", "alembic", "dbos"):
        logging.getLogger(name).setLevel(logging.WARNING)
