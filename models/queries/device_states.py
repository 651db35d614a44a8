"""What the station found about its devices: status, why, and when they last answered."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.records.device import DeviceId, DeviceState

_WRITE = text(
    "SELECT app.record_device_states(CAST(:devices AS bigint[]), CAST(:statuses AS text[]), "
    "  CAST(:details AS text[]), CAST(:seen AS timestamptz[]), CAST(:epochs AS bigint[]))"
)


def write_states(
    conn: Connection, states: Sequence[DeviceState], epochs: Mapping[DeviceId, int] | None = None
) -> None:
    """Keep the latest state of each device named; `last_seen` never goes backwards. For stations only.

    Args:
        conn: With the station's login.
        states: Those of devices that the station does not hold now are passed over.
        epochs: Of the leases under which they were found; needless for whoever set the server up.
    """
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
            "epochs": [(epochs or {}).get(state.device, 0) for state in latest],
        },
    )
