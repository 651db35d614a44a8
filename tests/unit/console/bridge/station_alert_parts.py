"""Alerts as a station tells them, beside those of `frame_parts.alert` with the same numbers."""

from dataclasses import replace
from datetime import UTC, datetime

from models.records.alert import Alert
from models.records.device import DeviceId
from models.records.station_alert import StationAlert
from models.records.threshold import RuleKind, Severity, ThresholdId
from tests.unit.console.frame.frame_parts import NOW, alert


def listed(number: int, severity: Severity = Severity.WARNING, age_s: float = 60.0) -> Alert:
    """Return an alert as the database lists it: of device `number` and threshold 100 + `number`."""
    began_at = datetime.fromtimestamp(NOW - age_s, UTC)
    made = alert(number, severity, age_s=age_s)
    return replace(made, threshold=ThresholdId(100 + number), annunciated_at=began_at)


def told(number: int, severity: Severity = Severity.WARNING, age_s: float = 60.0, **changes) -> StationAlert:
    """Return the same alert as the station of its device tells it."""
    base = {
        "device": DeviceId(number),
        "threshold": ThresholdId(100 + number),
        "metric": "temperature",
        "rule": RuleKind.LIMIT,
        "severity": severity,
        "message": f"Temperature 71.{number} °C is above 70 °C.",
        "triggered_unix": NOW - age_s,
        "value": 71.0,
        "limit": 70.0,
        "annunciated_unix": NOW - age_s,
    }
    return StationAlert(**{**base, **changes})
