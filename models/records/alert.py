"""An alert: one episode of a threshold being violated (ISA-18.2 alarm), and what happened to it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from models.alarm_states import AlarmFacts, AlarmState, state_of
from models.records.device import DeviceId
from models.records.shelf import HiddenBy
from models.records.threshold import RuleKind, Severity, ThresholdId

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
        limit_at_trigger: The limit that was passed; of other rules the amount.
        device_name: Joined for display.
        rule: What was judged.
        is_latching: It stays after the value returned, until somebody resets it.
        hidden_by: Why it asks nobody now.
        shelved_until, shelved_by, shelf_reason: Of the shelf it lies on; None and empty otherwise.
        requires_comment: Acknowledging it needs words.
        annunciated_at: When it last asked for an operator; None: never, it was hidden from the beginning.
        comments: How many comments the journal holds, those given with an acknowledgement included.
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
    rule: RuleKind = RuleKind.LIMIT
    is_latching: bool = False
    hidden_by: HiddenBy = HiddenBy.NOTHING
    shelved_until: datetime | None = None
    shelved_by: str = ""
    shelf_reason: str = ""
    requires_comment: bool = False
    annunciated_at: datetime | None = None
    resolved_by: str | None = None
    comments: int = 0

    @property
    def state(self) -> AlarmState:
        """The ISA-18.2 state of this episode; NORMAL once it is resolved."""
        return state_of(
            AlarmFacts(
                is_latching=self.is_latching,
                is_open=self.status is not AlertStatus.RESOLVED,
                is_standing=self.is_standing,
                is_acknowledged=self.status is AlertStatus.ACKNOWLEDGED,
                is_shelved=self.hidden_by is HiddenBy.SHELF,
                is_suppressed=self.hidden_by not in (HiddenBy.NOTHING, HiddenBy.SHELF),
            )
        )

    @property
    def is_standing(self) -> bool:
        """Whether the condition still holds."""
        return self.cleared_at is None and self.status is not AlertStatus.RESOLVED


class EventKind(StrEnum):
    """A line of an alert's journal."""

    RAISED = "raised"
    CLEARED = "cleared"
    REOCCURRED = "reoccurred"
    REALARMED = "realarmed"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    COMMENTED = "commented"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    REPORTED = "reported"
    """The device told anew of what stands; changes no state. The words are the line's comment."""


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One line of the journal: what happened to an alert. Append-only.

    Attributes:
        at: When it happened; `written_at` is when the database heard of it.
        person: Who did it, by name; empty where a station found it or time brought it.
        station: Which station found it, by name; empty where none did.
        workstation: What the program said of the computer it ran on.
        value: Of the metric, where the event is about one.
        is_annunciated: Whether it asked for an operator (horn, flashing).
    """

    id: int
    alert: AlertId
    device: DeviceId
    device_name: str
    severity: Severity
    message: str
    kind: EventKind
    at: datetime
    written_at: datetime
    person: str
    station: str
    workstation: str
    value: float | None
    comment: str
    is_annunciated: bool


class TransitionKind(StrEnum):
    """What the station tells the database about an episode."""

    RAISED = "raised"
    CLEARED = "cleared"
    REPORTED = "reported"
    """What stands was told anew: other words, the same state."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A condition began or ended, as judged by the evaluator. Idempotent by (threshold, device, kind, at).

    Attributes:
        at_unix: Unix seconds of the reading that completed the on- or off-delay.
        message: One sentence for the operator, with value, limit and unit.
        epoch: Of the lease under which the device was polled (`Lease.epoch`); 0 = without one.
    """

    kind: TransitionKind
    device: DeviceId
    threshold: ThresholdId
    severity: Severity
    at_unix: float
    value: float | None
    limit: float | None
    message: str
    epoch: int = 0


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
