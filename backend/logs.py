"""What a process writes down, and what it must not."""

import logging

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def set_up_logging() -> None:
    """Log from this process."""
    logging.basicConfig(level=logging.INFO, format=_FORMAT)
    # No line says from which thread, process or place in the code it is, and to find that out
    # takes longer than to write it (Python's logging HOWTO, "Optimization").
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    # httpx writes down every address, and ours carry ids; the engine talks a lot.
    for name in ("httpx", "httpcore", "alembic", "dbos"):
        logging.getLogger(name).setLevel(logging.WARNING)
