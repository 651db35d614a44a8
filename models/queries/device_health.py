"""How the connections of devices do: told by stations, asked for by windows and the command line."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.records.device import DeviceId
from models.records.device_health import DeviceHealth

# All reports as one text: as an array of texts a thousand of them take the client a sixth of a second.
_RECORD = text(
    "SELECT app.record_device_health(CAST(:devices AS bigint[]), CAST(:epochs AS bigint[]), "
    "  ARRAY(SELECT value FROM jsonb_array_elements(CAST(:reports AS jsonb)) WITH ORDINALITY "
    "    ORDER BY ordinality))"
)
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
# The row is told under a lease of its own; what the report says of station and time is the program's word.
_NOW = text(
    "SELECT h.device_id, coalesce(h.station_id, 0) AS station, h.epoch, "
    "  extract(epoch FROM h.reported_at)::double precision AS at, h.report::text AS report "
    "FROM app.device_health AS h JOIN app.devices AS d ON d.id = h.device_id AND d.deleted_at IS NULL "
    "WHERE CAST(:devices AS bigint[]) IS NULL OR h.device_id = ANY(CAST(:devices AS bigint[])) "
    "ORDER BY h.device_id"
)
_STORED = text("SELECT recorded_at FROM app.device_latest WHERE device_id = :device")


def record_health(conn: Connection, reports: Sequence[DeviceHealth]) -> int:
    """Replace what is known of some devices, in one statement; returns of how many it was taken.

    Those whose lease is over are passed over.

    Args:
        conn: With a station's login.
        reports: One a device at most.

    Raises:
        NotAllowed: The login is no station's.
    """
    asked = {
        "devices": [report.device for report in reports],
        "epochs": [report.epoch for report in reports],
        "reports": _as_array(reports),
    }
    return conn.execute(_RECORD, asked).scalar_one()


def health_now(conn: Connection, devices: Collection[DeviceId] | None = None) -> list[DeviceHealth]:
    """Return what stations told last of some devices (None: of all that the login may see), by device."""
    asked = {"devices": None if devices is None else [int(device) for device in devices]}
    told = ((row, _report(row["report"])) for row in conn.execute(_NOW, asked).mappings())
    return [
        msgspec.structs.replace(
            report,
            device=DeviceId(row["device_id"]),
            station=row["station"],
            epoch=row["epoch"],
            as_of_unix=row["at"],
        )
        for row, report in told
        if report is not None
    ]


def stored_at(conn: Connection, device: DeviceId) -> datetime | None:
    """Return when the newest stored reading of a device was taken; None: none is stored."""
    return conn.execute(_STORED, {"device": device}).scalar_one_or_none()


def _as_array(reports: Sequence[DeviceHealth]) -> str:
    """Return reports as JSON without the one character that a database cannot hold: devices send anything."""
    told = msgspec.json.encode(reports)
    return (_NUL.sub(rb"\1", told) if b"\\u0000" in told else told).decode()


def _report(told: str) -> DeviceHealth | None:
    try:
        return msgspec.json.decode(told, type=DeviceHealth)
    except (msgspec.ValidationError, RecursionError):  # of another release, or of none of ours
        return None
