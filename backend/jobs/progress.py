"""Progress of one message's attempt: stage, percent and ETA, at most four times a second."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

MIN_INTERVAL_S = 0.25
# The end of a stage is reported by its finishing, not by a clock that ran out.
STAGE_CEILING = 0.97


@dataclass(frozen=True)
class Plan:
    """Expected seconds of each part of the way, which weigh its share of the percent."""

    speech_s: float
    compose_s: float
    finish_s: float

    @property
    def total_s(self) -> float:
        return self.speech_s + self.compose_s + self.finish_s

    def done_before_s(self, stage: str) -> float:
        """Return the expected seconds of the stages before `stage`."""
        before = {"speaking": 0.0, "composing": self.speech_s}
        return before.get(stage, self.speech_s + self.compose_s)

    def length_s(self, stage: str) -> float:
        """Return the expected seconds of `stage` itself."""
        lengths = {"speaking": self.speech_s, "composing": self.compose_s}
        return lengths.get(stage, self.finish_s)


Record = Callable[[str, float, float | None, str | None], None]


class ProgressReporter:
    """Reports progress through `record(stage, percent, eta_s, note)`; never goes backwards."""

    def __init__(
        self, record: Record, plan: Plan, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._record = record
        self._plan = plan
        self._clock = clock
        self._lock = threading.Lock()
        self._last_s = float("-inf")
        self._last_stage = ""
        self._highest = 0.0

    def report(self, stage: str, fraction: float) -> None:
        """Say that `fraction` (0..1) of `stage` is done; a report too soon is dropped."""
        with self._lock:
            now_s = self._clock()
            if stage == self._last_stage and now_s - self._last_s < MIN_INTERVAL_S:
                return
            self._last_stage, self._last_s = stage, now_s
            done_s = self._done_s(stage, fraction)
            self._highest = max(self._highest, min(99.0, 100 * done_s / self._plan.total_s))
            remaining_s = max(self._plan.total_s - done_s, 0.0)
            self._record(stage, round(self._highest, 1), round(remaining_s, 1), None)

    def report_elapsed(self, stage: str, elapsed_s: float) -> None:
        """Report a stage that can't tell how far it is, by the time it is expected to take."""
        expected_s = max(self._plan.length_s(stage), 0.1)
        self.report(stage, min(elapsed_s / expected_s, STAGE_CEILING))

    def _done_s(self, stage: str, fraction: float) -> float:
        share = min(max(fraction, 0.0), 1.0)
        return self._plan.done_before_s(stage) + share * self._plan.length_s(stage)
