"""An alert: one episode of a threshold being violated (ISA-18.2 alarm), and what happened to it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from models.records.device import DeviceId
from models.records.threshold import Severity, ThresholdId

AlertId = NewType("AlertId", int)


class AlertStatus(StrEnum):
    """The seed's three. `cleared_at` tells a standing alert from one that has returned to normal."""

    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Alert:
    """One episode. Stores facts; what is shown is derived from them (ALARM states of ISA-18.2).

    Attributes:
        cleared_at: When the value came back inside the limit by the deadband; None while it stands.
        value_at_trigger: In the metric's unit; None where the alert is not about a value.
        limit_at_trigger: The limit that was passed.
        device_name: Joined for display.
    """

    id: AlertId
    device: DeviceId
    device_name: str
    location: str
    threshold: ThresholdId | None
    user_id: int | None
    user_email: str | None
    metric: str | None
    severity: Severity
    message: str
    status: AlertStatus
    triggered_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    cleared_at: datetime | None
    resolved_at: datetime | None
    value_at_trigger: float | None
    limit_at_trigger: float | None

    @property
    def is_standing(self) -> bool:
        """Whether the condition still holds."""
        return self.cleared_at is None and self.status is not AlertStatus.RESOLVED


class TransitionKind(StrEnum):
    """What the station tells the database about an episode."""

    RAISED = "raised"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Transition:
    """A condition began or ended, as judged by the evaluator. Idempotent by (threshold, device, kind, at).

    Attributes:
        at_unix: Unix seconds of the reading that completed the on- or off-delay.
        message: One sentence for the operator, with value, limit and unit.
    """

    kind: TransitionKind
    device: DeviceId
    threshold: ThresholdId
    severity: Severity
    at_unix: float
    value: float | None
    limit: float | None
    message: str


@dataclass(frozen=True, slots=True)
class OpenEpisode:
    """An episode the database still holds open: what a station must know when it starts.

    Attributes:
        triggered_unix: Unix seconds.
        is_cleared: The value has returned, and nobody has acknowledged yet.
    """

    threshold: ThresholdId
    device: DeviceId
    triggered_unix: float
    is_cleared: bool


@dataclass(frozen=True, slots=True)
class AlertOutcome:
    """What became of one alert somebody acknowledged or resolved.

    Attributes:
        is_changed: Whether this call did it.
        text: One sentence; where nothing changed it says why: who was first and when, or what stands.
    """

    alert: AlertId
    is_changed: bool
    text: str
