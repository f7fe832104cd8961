"""Whether the engine is in memory and has proved that it speaks.

A GPU that others use too is given back after a while without work; the next request brings the
engine back and has it prove itself first. Looking at readiness does not: a health check every few
seconds would keep the engine in memory for ever.
"""

import logging
import threading
import time
from collections.abc import Callable

from openvoice_service.device import Admission
from openvoice_service.engines import Engine

logger = logging.getLogger(__name__)


class Residency:
    """Loads, proves and unloads one engine; safe to call from many threads.

    probe:  speaks a word through the engine, raises where nothing comes out
    idle_s: seconds without work until the engine is unloaded, 0 for never
    """

    def __init__(
        self,
        engine: Engine,
        probe: Callable[[], None],
        admission: Admission,
        idle_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._probe = probe
        self._admission = admission
        self._idle_s = idle_s
        self._clock = clock
        self._lock = threading.Lock()
        self._is_loaded = True
        self._is_proved = False
        self._used_s = clock()

    @property
    def is_loaded(self) -> bool:
        """Return whether the engine is in memory."""
        return self._is_loaded

    @property
    def is_proved(self) -> bool:
        """Return whether a probe has come out, and nothing has failed since."""
        return self._is_proved

    def load(self) -> None:
        """Bring the engine back where it was unloaded, and prove it; raises as the engine does."""
        with self._lock:
            self._used_s = self._clock()
            if not self._is_loaded:
                self._is_proved = False
                self._load()
                self._prove()

    def prove(self) -> bool:
        """Return whether a probe has come out, speaking one where none has yet."""
        with self._lock:
            if not self._is_proved:
                try:
                    self._load()
                    self._prove()
                except Exception:
                    logger.exception("the probe sentence could not be spoken")
            return self._is_proved

    def unload_if_idle(self) -> bool:
        """Give the engine's memory back where nobody has worked for `idle_s`; say if it was."""
        unload: Callable[[], None] | None = getattr(self._engine, "unload", None)
        if unload is None or not self._idle_s:
            return False
        # Under the lock: a request that comes now has its place already, or waits in `load`.
        with self._lock:
            if not self._is_loaded or self._admission.inside or self.idle_in_s() > 0:
                return False
            unload()
            self._is_loaded = False
        logger.info("the engine was unloaded", extra={"idle_s": self._idle_s})
        return True

    def idle_in_s(self) -> float:
        """Return in how many seconds the engine may be unloaded, if nobody works until then."""
        ended_s = self._admission.ended_s
        used_s = self._used_s if ended_s is None else max(self._used_s, ended_s)
        return used_s + self._idle_s - self._clock()

    def _load(self) -> None:
        if not self._is_loaded:
            load: Callable[[], None] = getattr(self._engine, "load", lambda: None)
            load()
            self._is_loaded = True

    def _prove(self) -> None:
        self._probe()
        self._is_proved = True
        self._used_s = self._clock()
