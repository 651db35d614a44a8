"""What the station found about its devices: status, why, and when they last answered."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.records.device import DeviceState

_WRITE = text(
    "UPDATE app.devices AS d SET status = s.status, status_detail = s.detail, "
    "  last_seen = greatest(d.last_seen, s.last_seen) "
    "FROM unnest(CAST(:devices AS bigint[]), CAST(:statuses AS text[]), CAST(:details AS text[]), "
    "            CAST(:seen AS timestamptz[])) AS s (device, status, detail, last_seen) "
    "WHERE d.id = s.device AND (d.status <> s.status OR d.status_detail <> s.detail "
    "  OR s.last_seen > d.last_seen OR (d.last_seen IS NULL AND s.last_seen IS NOT NULL))"
)


def write_states(conn: Connection, states: Sequence[DeviceState]) -> None:
    """Keep the latest state of each device named; `last_seen` never goes backwards."""
    if not states:
        return
    # Two states of one device in a batch: the later one counts. In order of device, so that two stations
    # that write at once wait for each other instead of in a circle.
    latest = sorted({state.device: state for state in states}.values(), key=lambda state: state.device)
    conn.execute(
        _WRITE,
        {
            "devices": [state.device for state in latest],
            "statuses": [state.status.value for state in latest],
            "details": [state.detail for state in latest],
            "seen": [state.last_seen_at for state in latest],
        },
    )
