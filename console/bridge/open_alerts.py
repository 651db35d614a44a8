"""The open alerts of one person, asked for again and again: a question that remembers its last answer.

What did not change is the same object as before, which is how everybody above tells quickly what did.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from console.bridge.questions import AlertsNow

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.alert import Alert, AlertId

_CHUNK = 100
"""While the database answers the next question, the interpreter is the window's: reading thousands of rows at
once would hold it for longer than a frame."""

Order = tuple[int, float, int]


class OpenAlerts:
    """Asked on worker threads, one question at a time; `forget` is for any thread."""

    def __init__(self) -> None:
        self._known: dict[AlertId, tuple[tuple[int, int], Order, Alert]] = {}
        self._is_stale = False

    def forget(self) -> None:
        """Read every row anew with the next question: devices, limits or persons are called otherwise now."""
        self._is_stale = True

    def ask(self, connection: Connection) -> AlertsNow:
        """Return what is open, worst first, then newest, and what is set aside."""
        from models.queries.shelves import open_maintenance, open_shelves

        alerts = self._open_alerts(connection)
        return AlertsNow(alerts, tuple(open_shelves(connection)), tuple(open_maintenance(connection)))

    def _open_alerts(self, connection: Connection) -> tuple[Alert, ...]:
        from models.queries.open_alerts import open_alerts_of, versions_of_open_alerts

        if self._is_stale:
            self._is_stale, self._known = False, {}
        known = self._known
        versions = dict(versions_of_open_alerts(connection))
        kept = {id: known[id] for id, version in versions.items() if id in known and known[id][0] == version}
        wanted = [id for id in versions if id not in kept]
        for first in range(0, len(wanted), _CHUNK):
            for alert in open_alerts_of(connection, wanted[first : first + _CHUNK]):
                kept[alert.id] = (versions[alert.id], order_of(alert), alert)
        if wanted or len(kept) != len(known):
            self._known = dict(sorted(kept.items(), key=lambda item: item[1][1]))
        return tuple(map(itemgetter(2), self._known.values()))


def order_of(alert: Alert) -> Order:
    """Return what open alerts are sorted by: worst first, then newest."""
    return (alert.severity.rank, -alert.triggered_at.timestamp(), -alert.id)
