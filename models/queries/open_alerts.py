"""Open alerts again and again: which changed since, then those alone.

A window that asks for thousands of rows several times a second, of which a handful changed, would keep its
interpreter busy with nothing else.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.queries.alert_rows import ALERTS, alert_from_row
from models.records.alert import Alert, AlertId

# `xmin` is the transaction that wrote the row as it is: another means another version of it (PostgreSQL
# manual, "System Columns"). A comment leaves the row as it is, and is a newer line of the journal.
_VERSIONS = text(
    "SELECT a.id, a.xmin::text::bigint, coalesce((SELECT max(e.id) FROM app.alert_events AS e "
    "  WHERE e.alert_id = a.id), 0) FROM app.alerts AS a WHERE a.status IN ('active', 'acknowledged')"
)
_OF_IDS = text(
    f"{ALERTS} WHERE a.id = ANY(CAST(:ids AS bigint[])) AND a.status IN ('active', 'acknowledged')"
)


class AlertVersion(NamedTuple):
    """Another `version` of the same alert: something about it is different."""

    alert: AlertId
    version: tuple[int, int]


def versions_of_open_alerts(conn: Connection) -> list[AlertVersion]:
    """Return every open alert's version, in no order."""
    return [AlertVersion(row[0], (row[1], row[2])) for row in conn.execute(_VERSIONS)]


def open_alerts_of(conn: Connection, alerts: Sequence[AlertId]) -> list[Alert]:
    """Return those of these alerts that are open, in no order."""
    rows = conn.execute(_OF_IDS, {"ids": list(alerts)}).mappings()
    return [alert_from_row(row) for row in rows]
