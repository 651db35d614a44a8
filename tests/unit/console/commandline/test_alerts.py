import csv
import io
from datetime import UTC, datetime

from console.commandline.alert_listing import write_csv
from models.records.alert import Alert, AlertId, AlertStatus
from models.records.device import DeviceId
from models.records.threshold import Severity, ThresholdId

RAISED_AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_alerts_as_csv_have_a_header_and_a_line_each() -> None:
    alert = Alert(
        id=AlertId(7),
        device=DeviceId(1),
        device_name='Drive "2", left',
        location="Hall A",
        threshold=ThresholdId(3),
        user_id=None,
        user_email=None,
        metric="temperature",
        severity=Severity.WARNING,
        message="Temperature 71 °C is above the limit of 70 °C",
        status=AlertStatus.ACTIVE,
        triggered_at=RAISED_AT,
        acknowledged_at=None,
        acknowledged_by=None,
        cleared_at=None,
        resolved_at=None,
        value_at_trigger=71.0,
        limit_at_trigger=70.0,
    )
    out = io.StringIO()

    write_csv(out, [alert])

    (row,) = csv.DictReader(io.StringIO(out.getvalue()))
    assert row["device"] == 'Drive "2", left'
    assert (row["value"], row["limit"]) == ("71.0", "70.0")
    assert row["triggered_at"] == "2026-03-01T12:00:00.000000Z"
    assert row["cleared_at"] == ""
