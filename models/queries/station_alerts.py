"""What a station has to know of its devices' alerts, to go on with them while the database is away."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.records.device import DeviceId
from models.records.shelf import HiddenBy
from models.records.station_alert import Hiding, StationAlert, StationAlerts
from models.records.threshold import RuleKind, Severity, ThresholdId

_OPEN = text(
    "SELECT a.device_id, a.threshold_id, a.metric, a.rule, a.severity, a.message, "
    "  extract(epoch FROM a.triggered_at)::double precision, a.value_at_trigger, a.limit_at_trigger, "
    "  extract(epoch FROM a.cleared_at)::double precision, "
    "  extract(epoch FROM a.acknowledged_at)::double precision, coalesce(p.name, ''), "
    "  extract(epoch FROM a.annunciated_at)::double precision, a.hidden_by, a.latching, "
    "  coalesce(t.requires_comment, false) "
    "FROM app.alerts AS a LEFT JOIN app.persons AS p ON p.id = a.acknowledged_by "
    "LEFT JOIN app.alert_thresholds AS t ON t.id = a.threshold_id "
    "WHERE a.status IN ('active', 'acknowledged') AND a.threshold_id IS NOT NULL "
    "  AND a.device_id = ANY(CAST(:devices AS bigint[])) ORDER BY a.triggered_at, a.id"
)
_HIDINGS = text(
    "SELECT device_id, threshold_id, extract(epoch FROM until)::double precision, is_one_shot "
    "FROM app.alert_shelves WHERE ended_at IS NULL AND until > clock_timestamp() "
    "  AND device_id = ANY(CAST(:devices AS bigint[])) "
    "UNION ALL SELECT device_id, NULL, extract(epoch FROM until)::double precision, false "
    "FROM app.device_maintenance WHERE ended_at IS NULL AND until > clock_timestamp() "
    "  AND device_id = ANY(CAST(:devices AS bigint[]))"
)


def station_alerts(conn: Connection, devices: Collection[DeviceId]) -> StationAlerts:
    """Return the open alerts of some devices, the longest open first, and what is set aside of them.

    Alerts that no threshold found are left out: no station judges them.
    """
    named = {"devices": list(devices)}
    alerts = tuple(
        StationAlert(
            device=DeviceId(row[0]),
            threshold=ThresholdId(row[1]),
            metric=row[2],
            rule=RuleKind(row[3]),
            severity=Severity(row[4]),
            message=row[5],
            triggered_unix=row[6],
            value=row[7],
            limit=row[8],
            cleared_unix=row[9],
            acknowledged_unix=row[10],
            acknowledged_by=row[11],
            annunciated_unix=row[12],
            hidden_by=HiddenBy(row[13]),
            is_latching=row[14],
            requires_comment=row[15],
        )
        for row in conn.execute(_OPEN, named)
    )
    hidings = tuple(
        Hiding(DeviceId(row[0]), None if row[1] is None else ThresholdId(row[1]), row[2], row[3])
        for row in conn.execute(_HIDINGS, named)
    )
    return StationAlerts(alerts, hidings)
