"""A GPU machine of the tests' own: a provider and a probe whose state a test sets."""

from dataclasses import dataclass, field

from backend.power.providers.probe import Readiness
from backend.power.providers.protocol import Machine, MachineState, ProviderProblem

M = MachineState


@dataclass
class Clock:
    """A wall's clock and one that only goes forward, moved by hand."""

    now_s: float = 1_780_000_000.0
    ticks_s: float = 0.0

    def wall(self) -> float:
        return self.now_s

    def monotonic(self) -> float:
        return self.ticks_s

    def pass_by(self, seconds: float) -> None:
        self.now_s += seconds
        self.ticks_s += seconds

    def set_by(self, seconds: float) -> None:
        self.now_s += seconds


@dataclass
class FakeMachine:
    """Behaves as EC2 does: pending for a while, billed from the launch to the stop."""

    clock: Clock
    pending_s: float = 10.0
    boot_s: float = 30.0
    stopping_s: float = 10.0
    state: MachineState = M.OFF
    since_s: float | None = None
    ended_s: float | None = None
    changed_s: float = 0.0
    starts: int = 0
    stops: int = 0
    refusal: ProviderProblem | None = None
    blindness: ProviderProblem | None = None
    is_sound: bool = True
    leaves_s: float | None = None
    leases: int = 0
    kind: str | None = None
    runs: list[tuple[float, float]] = field(default_factory=list)
    name: str = "fake"

    def look(self) -> Machine:
        if self.blindness is not None:
            raise self.blindness
        self._live()
        url = "http://gpu" if self.state is M.RUNNING else None
        since_s = self.since_s if self.state in (M.RUNNING, M.STOPPING) else None
        return Machine(self.state, "i-1", url, since_s, self.ended_s, "i-1", self.kind)

    def start(self) -> None:
        if self.refusal is not None:
            raise self.refusal
        self._live()
        if self.state is M.OFF:
            self.starts += 1
            self._turn(M.PENDING)
            self.since_s = self.clock.now_s

    def stop(self) -> None:
        self._live()
        if self.state in (M.PENDING, M.RUNNING):
            self.stops += 1
            self.end()
            self._turn(M.STOPPING)

    def end(self) -> None:
        """The run ends: by a stop, a watchdog, or somebody at the console."""
        assert self.since_s is not None
        self.ended_s = self.clock.now_s
        self.runs.append((self.since_s, self.ended_s))
        self._turn(M.OFF)

    def _turn(self, state: MachineState) -> None:
        self.state, self.changed_s = state, self.clock.ticks_s

    def _live(self) -> None:
        passed_s = self.clock.ticks_s - self.changed_s
        if self.state is M.PENDING and passed_s >= self.pending_s:
            self._turn(M.RUNNING)
        elif self.state is M.STOPPING and passed_s >= self.stopping_s:
            self._turn(M.OFF)

    # --- the probe --------------------------------------------------------------------------

    def is_ready(self, url: str, run: str) -> Readiness:
        del url, run
        booted = self.clock.ticks_s - self.changed_s >= self.boot_s
        return Readiness(self.is_sound and booted, self.leaves_s)

    def renew_lease(self, url: str, holder: str) -> bool:
        del url, holder
        self.leases += 1
        return True
