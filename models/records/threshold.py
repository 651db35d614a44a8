"""A threshold: from which value on somebody must be told, and how insistently."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from models.records.device import DeviceId

ThresholdId = NewType("ThresholdId", int)


class Severity(StrEnum):
    """The seed's three, worst first."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """1 for critical, 2 for warning, 3 for info: sorts worst first, and is the digit operators see."""
        return _RANKS[self]


_RANKS = {Severity.CRITICAL: 1, Severity.WARNING: 2, Severity.INFO: 3}


@dataclass(frozen=True, slots=True)
class Threshold:
    """Limits of one metric of one device.

    Attributes:
        min_value: Alert below it, in the metric's unit; None = no lower limit. At least one limit is set.
        deadband: How far inside the limit a value must come before the alert clears, in the metric's unit.
        on_delay_s: How long the violation must last before the alert is raised.
        off_delay_s: How long the value must stay inside before the alert clears.
    """

    id: ThresholdId
    device: DeviceId
    metric: str
    min_value: float | None
    max_value: float | None
    severity: Severity
    enabled: bool = True
    deadband: float = 0.0
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    user_id: int | None = None
