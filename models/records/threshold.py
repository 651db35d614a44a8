"""A threshold: from which value on somebody must be told, how insistently, and what they can do about it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from models.records.device import DeviceId

ThresholdId = NewType("ThresholdId", int)

DEVICE_METRIC = "device"
"""`Threshold.metric` of rules that judge a device as a whole."""


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


class RuleKind(StrEnum):
    """What is judged. `Threshold.amount` is what a rule's own line says, None where it names none.

    The delays apply to every rule, counted from when its condition is found; 0 is usual for `no_data`.
    """

    LIMIT = "limit"
    """A value above `max_value` or below `min_value`."""
    RATE_OF_CHANGE = "rate_of_change"
    """A value that moves faster than `amount` (the metric's unit a minute), either way."""
    FROZEN = "frozen"
    """A value that stays within `amount` (the metric's unit, None = exactly the same) for the on-delay."""
    NO_DATA = "no_data"
    """No good value of the metric for `amount` periods of the device, whatever the reason."""
    BAD_QUALITY = "bad_quality"
    """The device answers, and the metric's value is of bad quality."""
    OFFLINE = "offline"
    """The device does not answer, or only with errors. `metric` is DEVICE_METRIC."""
    CLOCK = "clock"
    """The device's own clock is more than `amount` seconds from ours. `metric` is DEVICE_METRIC."""

    DEVICE_EVENT = "device_event"
    """The device reports a condition of severity `amount` (1 to 1000, None = any) or more, or an event."""

    @property
    def is_of_device(self) -> bool:
        """Whether the rule judges the device as a whole, not one of its metrics."""
        return self in (RuleKind.OFFLINE, RuleKind.CLOCK, RuleKind.DEVICE_EVENT)

    @property
    def needs_amount(self) -> bool:
        """Whether `Threshold.amount` must be given."""
        return self in (RuleKind.RATE_OF_CHANGE, RuleKind.NO_DATA, RuleKind.CLOCK)


@dataclass(frozen=True, slots=True)
class Guidance:
    """What an operator reads when the alert comes (IEC 62682, alarm response procedure). Empty = not written.

    Attributes:
        cause: What usually lies behind it.
        consequence: What happens if nobody does anything.
        action: What to do.
        respond_within_s: How long there is to do it, seconds; None = not said.
    """

    cause: str = ""
    consequence: str = ""
    action: str = ""
    respond_within_s: float | None = None


NO_GUIDANCE = Guidance()


@dataclass(frozen=True, slots=True)
class Threshold:
    """One alarm of one device: what is judged, how insistently, and what follows.

    Attributes:
        metric: A metric's key, or DEVICE_METRIC.
        min_value: Alert below it, in the metric's unit; None = no lower limit. Limits belong to
            RuleKind.LIMIT, which has at least one.
        enabled: False = out of service (ISA-18.2 state I): not judged at all.
        deadband: How far inside the limit a value must come before the alert clears, in the metric's unit.
        on_delay_s: How long the violation must last before the alert is raised.
        off_delay_s: How long the value must stay inside before the alert clears.
        user_id: Who set it.
        amount: See RuleKind.
        is_latching: Once raised, the alert stays until somebody resets it, even after the value returned.
        requires_comment: Acknowledging it needs words.
        realarm_s: So long after it was acknowledged, an alert that still stands asks again; None = never.
        disabled_reason: Why it is out of service, by whom (`users.id`) and since when.
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
    rule: RuleKind = RuleKind.LIMIT
    amount: float | None = None
    is_latching: bool = False
    requires_comment: bool = False
    realarm_s: float | None = None
    guidance: Guidance = NO_GUIDANCE
    disabled_reason: str = ""
    disabled_by: int | None = None
    disabled_at: datetime | None = None
