"""Thresholds and devices for the tests of sheets, checks and plans."""

from datetime import UTC, datetime

from models.records.device import Device, DeviceId, Tag
from models.records.threshold import Guidance, RuleKind, Severity, Threshold, ThresholdId
from models.records.threshold_entry import ThresholdEntry

AT = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = {1: "Eva Lind", 2: "Anna Berg", 3: "Twin", 4: "Twin"}


def device(number: int = 1, **changes: object) -> Device:
    facts = {
        "id": DeviceId(number),
        "device_id": f"PRESS-{number:02d}",
        "name": f"Press {number}",
        "type": "press",
        "location": "Hall A",
        "driver": "modbus-tcp",
        "connection": {},
        "period_s": 1.0,
        "tags": (Tag("temperature", "holding:1:int16"), Tag("pressure", "holding:2:int16")),
    }
    return Device(**(facts | changes))


def threshold(number: int = 11, **changes: object) -> Threshold:
    facts = {
        "id": ThresholdId(number),
        "device": DeviceId(1),
        "metric": "temperature",
        "min_value": None,
        "max_value": 70.0,
        "severity": Severity.WARNING,
        "user_id": 1,
    }
    return Threshold(**(facts | changes))


def entry(of: Threshold, owner: str = "Eva Lind") -> ThresholdEntry:
    return ThresholdEntry(of, AT, "Eva Lind", owner)


FULL = threshold(
    12,
    severity=Severity.CRITICAL,
    max_value=None,
    rule=RuleKind.RATE_OF_CHANGE,
    amount=2.5,
    on_delay_s=1.5,
    off_delay_s=3.0,
    is_latching=True,
    requires_comment=True,
    realarm_s=900.0,
    guidance=Guidance("=SUM(A1)", "it stops\nfor good", "-call, “them”; now", 600.0),
    enabled=False,
    disabled_reason="@permit 12",
)
