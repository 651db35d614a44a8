"""What a drill left in the database: whose readings of a station's devices there are, and who held them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.records.device import DeviceId

_READINGS = text(
    "SELECT device_id, station_id, count(*) AS readings, "
    "  extract(epoch FROM min(recorded_at))::double precision AS first_unix, "
    "  extract(epoch FROM max(recorded_at))::double precision AS last_unix "
    "FROM app.sensor_readings WHERE device_id = ANY(CAST(:devices AS bigint[])) "
    "  AND recorded_at BETWEEN to_timestamp(:from_unix) AND to_timestamp(:to_unix) "
    "GROUP BY device_id, station_id ORDER BY device_id"
)
_TAKEN = text(
    "SELECT s.name, count(*) AS devices, extract(epoch FROM min(h.began_at))::double precision AS first_unix "
    "FROM app.lease_history AS h JOIN app.stations AS s ON s.id = h.station_id "
    "WHERE h.device_id = ANY(CAST(:devices AS bigint[])) AND h.station_id IS DISTINCT FROM app.station_id() "
    "  AND h.began_at BETWEEN to_timestamp(:from_unix) AND to_timestamp(:to_unix) "
    "GROUP BY s.name ORDER BY first_unix"
)


@dataclass(frozen=True, slots=True)
class StoredBy:
    """Readings of one device by one station.

    Attributes:
        station: `stations.id`; None for whoever set the server up.
        first_unix, last_unix: Of them, Unix seconds.
    """

    device: DeviceId
    station: int | None
    readings: int
    first_unix: float
    last_unix: float


@dataclass(frozen=True, slots=True)
class TakenOver:
    """Devices that another station took over; `first_unix` is when the first of them went, Unix seconds."""

    station_name: str
    devices: int
    first_unix: float


def stored_between(
    conn: Connection, devices: Collection[DeviceId], from_unix: float, to_unix: float
) -> Sequence[StoredBy]:
    """Return how many readings of some devices are dated within a time, both ends included."""
    asked = {"devices": list(devices), "from_unix": from_unix, "to_unix": to_unix}
    return [StoredBy(DeviceId(row[0]), *row[1:]) for row in conn.execute(_READINGS, asked)]


def taken_over_between(
    conn: Connection, devices: Collection[DeviceId], from_unix: float, to_unix: float
) -> Sequence[TakenOver]:
    """Return which other stations than the calling one took any of the devices over within a time."""
    asked = {"devices": list(devices), "from_unix": from_unix, "to_unix": to_unix}
    return [TakenOver(*row) for row in conn.execute(_TAKEN, asked)]
