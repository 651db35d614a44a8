"""What stands around an alert: how often it came, what is out of service, who occurs in the journal."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.queries.catalogue import load_thresholds
from models.records.alert_story import AlertFrequency, OutOfService
from models.records.threshold import ThresholdId

# By the threshold's own episodes, of which there are few; an index of events by threshold would be written
# with every event.
_FREQUENCY = text(
    "SELECT count(*) FILTER (WHERE e.at > :day), count(*) FILTER (WHERE e.at > :week) "
    "FROM app.alerts AS a JOIN app.alert_events AS e ON e.alert_id = a.id "
    "WHERE a.threshold_id = :threshold AND (a.resolved_at IS NULL OR a.resolved_at > :week) "
    "  AND e.kind IN ('raised', 'reoccurred')"
)


def alert_frequency(conn: Connection, threshold: ThresholdId, now: datetime) -> AlertFrequency:
    """Return how often a threshold's condition began in the last 24 hours and 7 days."""
    values = {"threshold": threshold, "day": now - timedelta(days=1), "week": now - timedelta(days=7)}
    row = conn.execute(_FREQUENCY, values).one()
    return AlertFrequency(int(row[0]), int(row[1]))


def out_of_service(conn: Connection) -> list[OutOfService]:
    """Return the thresholds that are switched off, by device and metric."""
    names = dict(people_names(conn))
    devices = {int(row[0]): row[1] for row in conn.execute(text("SELECT id, name FROM app.devices"))}
    return [
        OutOfService(threshold, devices.get(threshold.device, ""), names.get(threshold.disabled_by or 0, ""))
        for threshold in load_thresholds(conn)
        if not threshold.enabled
    ]


def people_names(conn: Connection) -> list[tuple[int, str]]:
    """Return number and name of every person, by name."""
    rows = conn.execute(text("SELECT id, name FROM app.persons ORDER BY lower(name), id"))
    return [(int(row[0]), row[1]) for row in rows]
