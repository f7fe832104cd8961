"""No GPU machine: everything is spoken on the CPU lane."""

from backend.power.providers.protocol import Machine, MachineState, NotAllowed


class NoProvider:
    """Never has a machine."""

    name = "none"

    def look(self) -> Machine:
        """Return that there is none."""
        return Machine(MachineState.OFF)

    def start(self) -> None:
        """Refuse."""
        raise NotAllowed("There is no GPU machine here.", "Set POWER_PROVIDER to ec2 or process.")

    def stop(self) -> None:
        """Do nothing: nothing runs."""
