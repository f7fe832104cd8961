"""Work that threads of their own do in rounds, until they are told to stop."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable

STOPS_WITHIN_S = 5.0


class InRounds(ABC):
    """Does `do_round` over and over, `every_s` after the last; an error ends no more than a round.

    A subclass says what is done, and maybe what before the first round.
    """

    name: str
    every_s: float
    thread_count = 1

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"{self.name}-{number}", daemon=True)
            for number in range(self.thread_count)
        ]

    @property
    def is_stopping(self) -> bool:
        """Whether a round should come to its end."""
        return self._stopping.is_set()

    def start(self) -> None:
        """Begin."""
        self._do(self.prepare)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after what is being done; what takes longer goes on, and is left alone."""
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(STOPS_WITHIN_S / self.thread_count)

    def prepare(self) -> None:  # noqa: B027 - not every one has something to prepare
        """Do what goes before the first round: nothing."""

    @abstractmethod
    def do_round(self) -> object:
        """Do all that is to be done now."""

    def _run(self) -> None:
        while not self.is_stopping:
            self._do(self.do_round)
            self._stopping.wait(self.every_s)

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:
            # Only the kind: the text of an error may quote a row. The next round goes on.
            logger = logging.getLogger(type(self).__module__)
            logger.error("the %s stumbled: %s", self.name, type(error).__name__)
