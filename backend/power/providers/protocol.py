"""What a provider of the GPU machine can do, and how it refuses."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class MachineState(StrEnum):
    """What the provider says of the machine."""

    OFF = "off"
    PENDING = "pending"
    RUNNING = "running"
    STOPPING = "stopping"
    GONE = "gone"  # terminated, or none was ever made
    INTERRUPTED = "interrupted"  # spot: taken back, and only the provider may start it again


@dataclass(frozen=True)
class Machine:
    """The machine as the provider sees it. Moments are Unix seconds.

    kind:            its type, where it may be one of several
    url:             where its speech service answers, while it runs
    running_since_s: since when the present run is paid for
    stopped_at_s:    when the last run ended, where the provider tells
    """

    state: MachineState
    id: str | None = None
    url: str | None = None
    running_since_s: float | None = None
    stopped_at_s: float | None = None
    detail: str = ""
    kind: str | None = None


class Provider(Protocol):
    """Starts and stops the machine; both may be asked for again and again."""

    @property
    def name(self) -> str:
        """Its name in the settings."""
        ...

    def look(self) -> Machine:
        """Return what is. Raises ProviderProblem."""
        ...

    def start(self) -> None:
        """Ask for a start; return before it is done. Raises ProviderProblem."""
        ...

    def stop(self) -> None:
        """Ask for a stop; return before it is done. Raises ProviderProblem."""
        ...


class ProviderProblem(Exception):
    """The provider did not do it.

    detail: a plain sentence; fix: what helps
    """

    reason_code = "provider"
    fix = ""

    def __init__(self, detail: str, fix: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fix = self.fix if fix is None else fix


class NoCapacity(ProviderProblem):
    """There is no machine of this kind to be had just now."""

    reason_code = "no_capacity"
    fix = "It is tried again soon; the CPU lane works meanwhile."


class NotAllowed(ProviderProblem):
    """Credentials are missing, expired or may not do this."""

    reason_code = "not_allowed"


class Throttled(ProviderProblem):
    """Too many calls; the same one works a little later."""

    reason_code = "throttled"
    fix = "It is asked again in the next round."


class Ambiguous(ProviderProblem):
    """More than one machine carries the tag."""

    reason_code = "ambiguous"


class Gone(ProviderProblem):
    """There is no machine to start or stop."""

    reason_code = "gone"


class Interrupted(ProviderProblem):
    """A spot machine that only the provider may start again."""

    reason_code = "interrupted"
    fix = "EC2 starts it again itself when there is room; the CPU lane works meanwhile."


class Unreachable(ProviderProblem):
    """The provider does not answer."""

    reason_code = "unreachable"
    fix = "Look at the network and at the provider's state; it is asked again in the next round."
