"""Writes the simulated past of a demonstration: for the owner of a data folder only, past every function.

Everything else in this program writes readings and alerts as they happen. Nothing here is called outside a
demonstration.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.binary_arrays import (
    BigintArray,
    DoubleArray,
    IntegerArray,
    SmallintArray,
    TimestampArray,
    driver_cursor,
    postgres_us,
)
from models.metrics import METRIC_COUNT, METRIC_KEYS
from models.records.alert import EventKind, Transition
from models.records.reading import Reading

_STORE = (
    f"INSERT INTO app.sensor_readings (device_id, recorded_at, {', '.join(METRIC_KEYS)}, quality) "
    f"SELECT * FROM unnest(%s, %s, {', '.join(['%s'] * METRIC_COUNT)}, %s) ON CONFLICT DO NOTHING"
).encode()
_STORE_SIGNALS = (
    b"INSERT INTO app.signal_readings (device_id, recorded_at, signal_id, value) "
    b"SELECT * FROM unnest(%s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
_ALERT = text(
    "INSERT INTO app.alerts (device_id, threshold_id, user_id, severity, message, status, triggered_at, "
    "  acknowledged_at, resolved_at, metric, cleared_at, acknowledged_by, resolved_by, value_at_trigger, "
    "  limit_at_trigger, rule, latching, annunciated_at) "
    "SELECT t.device_id, t.id, coalesce(d.user_id, t.user_id), :severity, :message, 'resolved', :triggered, "
    "  :acknowledged, :resolved, t.metric_type, :cleared, :acknowledged_by, :resolved_by, :value, :limit, "
    "  t.rule, t.latching, :triggered "
    "FROM app.alert_thresholds AS t JOIN app.devices AS d ON d.id = t.device_id WHERE t.id = :threshold "
    "RETURNING id"
)
_EVENT = text(
    "INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, value, comment, "
    "  is_annunciated) VALUES (:alert, :device, :threshold, :kind, :at, :person, :value, :comment, :asks)"
)
_MARK = text(
    "INSERT INTO app.rollup_dirty SELECT DISTINCT device_id, date_bin('1 minute', recorded_at, 'epoch') "
    "FROM app.sensor_readings WHERE recorded_at >= :since AND recorded_at < :until"
)
_ROLL = text(
    "SELECT app.roll_minutes(:since, :until), app.roll_hours(:since, :until), "
    "app.roll_signal_minutes(:since, :until), app.roll_signal_hours(:since, :until)"
)


@dataclass(frozen=True, slots=True)
class PastEvent:
    """A line of an alert's journal; `person` is a `users.id`, None where a station found it."""

    kind: EventKind
    at_unix: float
    person: int | None = None
    value: float | None = None
    comment: str = ""
    is_annunciated: bool = False


@dataclass(frozen=True, slots=True)
class PastAlert:
    """An alert that is over. Moments are Unix seconds, persons `users.id`."""

    raised: Transition
    owner: int | None
    cleared_unix: float
    acknowledged_unix: float | None
    acknowledged_by: int | None
    resolved_unix: float
    resolved_by: int | None
    events: tuple[PastEvent, ...]


def has_past(conn: Connection, since_unix: float) -> bool:
    """Tell whether there are readings older than five minutes, back to `since_unix`."""
    statement = text(
        "SELECT EXISTS (SELECT FROM app.sensor_readings WHERE recorded_at >= :since "
        "AND recorded_at < clock_timestamp() - interval '5 minutes')"
    )
    return bool(conn.execute(statement, {"since": _moment(since_unix)}).scalar_one())


def store_readings(conn: Connection, readings: Sequence[Reading]) -> None:
    """Store readings of the past, and make room for their days. `device_latest` is not theirs to change."""
    count = len(readings)
    recorded = postgres_us(np.fromiter((reading.recorded_unix for reading in readings), np.float64, count))
    values = np.array([reading.values for reading in readings], dtype=np.float64)
    missing = ~np.isfinite(values)
    ends = [_moment(readings[0].recorded_unix), _moment(readings[-1].recorded_unix)]
    conn.execute(text("SELECT app.make_room_for(CAST(:ends AS timestamptz[]))"), {"ends": ends})
    with driver_cursor(conn) as cursor:
        cursor.execute(
            _STORE,
            (
                BigintArray(np.fromiter((reading.device for reading in readings), np.int64, count)),
                TimestampArray(recorded),
                *(DoubleArray(values[:, i], missing[:, i]) for i in range(METRIC_COUNT)),
                SmallintArray(np.zeros(count, np.int16)),
            ),
        )
        samples = [(place, one) for place, reading in enumerate(readings) for one in reading.signals]
        if samples:
            places = np.array([place for place, _ in samples])
            device = np.array([readings[place].device for place, _ in samples], np.int64)
            signal = np.array([one.signal for _, one in samples], np.int32)
            value = np.array([one.value for _, one in samples], np.float64)
            columns = (TimestampArray(recorded[places]), IntegerArray(signal))
            cursor.execute(
                _STORE_SIGNALS, (BigintArray(device), *columns, DoubleArray(value, ~np.isfinite(value)))
            )


def store_alerts(conn: Connection, alerts: Sequence[PastAlert], since_unix: float, until_unix: float) -> None:
    """Store alerts with their journals, and condense the readings of the time they cover."""
    for alert in alerts:
        raised = alert.raised
        id = conn.execute(
            _ALERT,
            {
                "threshold": raised.threshold,
                "severity": raised.severity.value,
                "message": raised.message,
                "triggered": _moment(raised.at_unix),
                "acknowledged": None if alert.acknowledged_unix is None else _moment(alert.acknowledged_unix),
                "resolved": _moment(alert.resolved_unix),
                "cleared": _moment(alert.cleared_unix),
                "acknowledged_by": alert.acknowledged_by,
                "resolved_by": alert.resolved_by,
                "value": raised.value,
                "limit": raised.limit,
            },
        ).scalar_one()
        for event in alert.events:
            conn.execute(
                _EVENT,
                {
                    "alert": id,
                    "device": raised.device,
                    "threshold": raised.threshold,
                    "kind": event.kind.value,
                    "at": _moment(event.at_unix),
                    "person": event.person,
                    "value": event.value,
                    "comment": event.comment,
                    "asks": event.is_annunciated,
                },
            )
    # Whole hours here; of the one that runs now, the upkeep is told which minutes came late.
    hour = _moment(since_unix).replace(minute=0, second=0, microsecond=0)
    while hour + timedelta(hours=1) <= _moment(until_unix):
        conn.execute(_ROLL, {"since": hour, "until": hour + timedelta(hours=1)})
        hour += timedelta(hours=1)
    conn.execute(_MARK, {"since": hour, "until": _moment(until_unix)})


def _moment(unix: float) -> datetime:
    return datetime.fromtimestamp(unix, UTC)
