"""What stands around an alert: how often it came, and which thresholds nobody judges."""

from dataclasses import dataclass

from models.records.threshold import Threshold


@dataclass(frozen=True, slots=True)
class AlertFrequency:
    """How often a threshold's condition began lately, whether or not somebody was asked."""

    in_24_h: int
    in_7_d: int


@dataclass(frozen=True, slots=True)
class OutOfService:
    """A threshold that is switched off (ISA-18.2, state I).

    Attributes:
        by: Name of who switched it off; empty where nobody wrote it down.
    """

    threshold: Threshold
    device_name: str
    by: str
