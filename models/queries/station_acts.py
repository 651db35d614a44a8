"""What persons did at a window while the database was away, delivered by the station that kept it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.queries.search_text import storable
from models.records.station_alert import Acknowledgement
from models.records.ticket import digest_of

_ACKNOWLEDGE = text(
    "SELECT app.acknowledge_for(digest, device, threshold, at, comment) "
    "FROM (SELECT * FROM unnest(CAST(:digests AS bytea[]), CAST(:devices AS bigint[]), "
    "  CAST(:thresholds AS bigint[]), CAST(:moments AS timestamptz[]), CAST(:comments AS text[])) "
    "  WITH ORDINALITY AS t (digest, device, threshold, at, comment, place) ORDER BY place) AS in_order"
)


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
    rows = conn.execute(
        _ACKNOWLEDGE,
        {
            "digests": [digest_of(act.ticket) for act in acts],
            "devices": [act.device for act in acts],
            "thresholds": [act.threshold for act in acts],
            "moments": [datetime.fromtimestamp(act.at_unix, UTC) for act in acts],
            "comments": [storable(act.comment) for act in acts],
        },
    )
    return [str(reason) for reason in rows.scalars()]
