"""What persons did at a window while the database was away, delivered by the station that kept it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.queries.search_text import storable
from models.records.station_alert import Acknowledgement
from models.records.ticket import digest_of

_ACKNOWLEDGE = text("SELECT app.acknowledge_for(:digest, :device, :threshold, :at, :comment)")


def acknowledge_for(conn: Connection, acts: Sequence[Acknowledgement]) -> list[str]:
    """Apply acknowledgements under the name of whoever showed the ticket, in the order given.

    Args:
        conn: With the station's login.
        acts: Each is dated when it was done. Repeating one changes nothing.

    Returns:
        For each act one sentence why it changed nothing; empty where it was applied, now or before.

    Raises:
        NotAllowed: The login is no station's.
    """
    return [
        str(
            conn.execute(
                _ACKNOWLEDGE,
                {
                    "digest": digest_of(act.ticket),
                    "device": act.device,
                    "threshold": act.threshold,
                    "at": datetime.fromtimestamp(act.at_unix, UTC),
                    "comment": storable(act.comment),
                },
            ).scalar_one()
        )
        for act in acts
    ]
