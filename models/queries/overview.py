"""State, latest reading and open alerts of every device (the schema's "Device Status Overview").

Never the schema's own join of readings and alerts: it counts every alert once per reading, and reads every
partition.
"""

from sqlalchemy.engine import Connection

from models.binary_arrays import driver_cursor
from models.metrics import METRIC_KEYS
from models.records.device import DeviceId, DeviceOverview, DeviceStatus

_STATUS = {status.value: status for status in DeviceStatus}

OVERVIEW = (
    "SELECT d.id, d.name, d.status::text, d.status_detail, d.last_seen, coalesce(a.active, 0), "
    "  coalesce(a.open, 0), l.recorded_at, coalesce(l.quality, 0), "
    + ", ".join(f"l.{key}" for key in METRIC_KEYS)
    + " FROM app.devices AS d LEFT JOIN app.device_latest AS l ON l.device_id = d.id "
    "LEFT JOIN (SELECT device_id, count(*) FILTER (WHERE status = 'active') AS active, count(*) AS open "
    "  FROM app.alerts WHERE status IN ('active', 'acknowledged') GROUP BY device_id) AS a "
    "ON a.device_id = d.id "
    "WHERE d.deleted_at IS NULL ORDER BY d.location, d.name"
)


def device_overview(conn: Connection) -> list[DeviceOverview]:
    """Return one row a device, by location and name."""
    with driver_cursor(conn) as cursor:
        cursor.execute(OVERVIEW.encode())
        return [
            DeviceOverview(
                DeviceId(row[0]),
                row[1],
                _STATUS[row[2]],
                row[3],
                row[4],
                row[5],
                row[6],
                row[7],
                row[9:],
                row[8],
            )
            for row in cursor.fetchall()
        ]
