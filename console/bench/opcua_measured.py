"""What one side of the OPC UA bench received, and what it took."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Received:
    """What a run took.

    Attributes:
        values: How many values arrived.
        cpu_s: CPU time of this process, all threads.
        wall_s: How long the run lasted.
    """

    values: int
    cpu_s: float
    wall_s: float

    @property
    def cpu_us_per_value(self) -> float:
        """CPU microseconds a value."""
        return self.cpu_s / max(1, self.values) * 1e6
