"""What a back-test replays: the bounds of every minute, and readings where those do not decide; columns only.

A back-test of thirty days at one a second is about 2.6 million readings, of which a limit that is rarely
passed needs a few thousand. All functions need the device, so that row-level security is asked once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.binary_arrays import (
    TimestampArray,
    driver_cursor,
    numbers_from_binary,
    postgres_us,
    unix_from_binary,
)
from models.queries.alert_rows import ALERTS, alert_from_row
from models.queries.quantity_columns import QuantityColumns, columns_of
from models.records.alert import Alert
from models.records.device import DeviceId
from models.records.threshold import ThresholdId
from models.series import FloatArray

MINUTE_S = 60


class Column(StrEnum):
    """What is read of a metric."""

    VALUE = "value"
    """NaN where there was no good value."""
    QUALITY = "quality"
    """1.0 where it was of bad quality, 0.0 where it was good, NaN where the reading says nothing of it."""
    PRESENCE = "presence"
    """0.0 for every reading."""


@dataclass(frozen=True, slots=True, eq=False)
class MinuteBounds:
    """The lowest and highest value of every minute of a period.

    Attributes:
        first: The first minute, in minutes since 1970.
        low, high: float64, shape (n,): +inf and -inf where a minute held no good value, NaN where nothing is
            known because the minute is not condensed yet or must be condensed again.
        is_blank: bool, shape (n,): no reading at all, good or bad.
    """

    first: int
    low: FloatArray
    high: FloatArray
    is_blank: NDArray[np.bool_]


def unknown_bounds(since_unix: float, until_unix: float) -> MinuteBounds:
    """Return bounds of a period of which nothing is known."""
    first, end = _minutes(since_unix, until_unix)
    nothing = np.full(max(0, end - first), np.nan)
    return MinuteBounds(first, nothing, nothing, np.zeros(len(nothing), np.bool_))


def minute_bounds(
    conn: Connection, device: DeviceId, metric: str, since_unix: float, until_unix: float
) -> MinuteBounds:
    """Return the bounds of every minute that the period touches.

    One statement, so that what is condensed, what must be condensed again and how far that has come are as of
    one moment.
    """
    [of] = columns_of(conn, [metric])
    first, end = _minutes(since_unix, until_unix)
    statement = (
        "SELECT (SELECT array_agg(rolled_before) FROM app.rollup_progress), "
        "(SELECT array_agg(d.bucket) FROM app.rollup_dirty AS d WHERE d.device_id = %(device)s "
        "  AND d.bucket >= to_timestamp(%(since)s) AND d.bucket < to_timestamp(%(until)s)), "
        "array_agg(bucket), array_agg(low), array_agg(high) FROM ("
        f"  SELECT bucket, coalesce({of.low}, 'Infinity') AS low, coalesce({of.high}, '-Infinity') AS high"
        f"  FROM app.{of.minutes} WHERE device_id = %(device)s{of.condition}"
        "  AND bucket >= to_timestamp(%(since)s) AND bucket < to_timestamp(%(until)s)) AS minutes"
    )
    span = {"device": device, "since": float(first * MINUTE_S), "until": float(end * MINUTE_S)}
    with driver_cursor(conn) as cursor:
        cursor.execute(statement.encode(), span)
        result = cursor.pgresult
        cells = [result.get_value(0, i) for i in range(5)] if result else [None] * 5
    count = end - first
    low, high, is_blank = np.full(count, np.inf), np.full(count, -np.inf), np.ones(count, np.bool_)
    place = _places(unix_from_binary(cells[2]), first)
    low[place], high[place] = numbers_from_binary(cells[3]), numbers_from_binary(cells[4])
    is_blank[place] = False
    rolled = unix_from_binary(cells[0])
    known = int(rolled[0] // MINUTE_S) - first if len(rolled) else 0
    is_unknown = np.arange(count) >= known
    is_unknown[_places(unix_from_binary(cells[1]), first)] = True
    low[is_unknown] = high[is_unknown] = np.nan
    is_blank[is_unknown] = False
    return MinuteBounds(first, low, high, is_blank)


def samples(
    conn: Connection,
    device: DeviceId,
    metric: str,
    column: Column,
    since_unix: FloatArray,
    until_unix: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return every reading of some spans of time.

    Args:
        conn: Which database.
        device: One device.
        metric: A metric's or a signal's key; not looked at for Column.PRESENCE.
        column: What is read of it.
        since_unix, until_unix: float64, shape (k,), Unix seconds, ascending and apart: beginnings
            (inclusive) and ends (exclusive).

    Returns:
        Times (float64, Unix seconds, ascending) and what was asked for (float64).
    """
    if column is Column.PRESENCE:
        source, condition, wanted_sql = "sensor_readings", "", "CAST(0 AS double precision)"
    else:
        [of] = columns_of(conn, [metric])
        source, condition, wanted_sql = of.readings, of.condition, _expression(of, column)
    statement = (
        "SELECT array_agg(recorded_at), array_agg(wanted) FROM ("
        "  SELECT r.recorded_at, r.wanted FROM unnest(%s, %s) AS spans (since, until), LATERAL ("
        f"   SELECT recorded_at, {wanted_sql} AS wanted FROM app.{source}"
        f"    WHERE device_id = %s{condition} AND recorded_at >= spans.since AND recorded_at < spans.until"
        "    ORDER BY recorded_at) AS r) AS rows"
    )
    spans = TimestampArray(postgres_us(since_unix)), TimestampArray(postgres_us(until_unix))
    with driver_cursor(conn) as cursor:
        cursor.execute(statement.encode(), (*spans, device))
        result = cursor.pgresult
        cells = (result.get_value(0, 0), result.get_value(0, 1)) if result else (None, None)
    times, wanted = unix_from_binary(cells[0]), numbers_from_binary(cells[1])
    if np.any(np.diff(times) < 0):
        # No plan of today's servers brings the spans in another order; none promises it either.
        order = np.argsort(times, kind="stable")
        times, wanted = times[order], wanted[order]
    return times, wanted


def recorded_count(conn: Connection, threshold: ThresholdId, since_unix: float, until_unix: float) -> int:
    """Return how often the condition of a threshold really began in a period: raised, or occurred again."""
    return int(
        conn.execute(
            text(
                "SELECT count(*) FROM app.alerts AS a JOIN app.alert_events AS e ON e.alert_id = a.id "
                "WHERE a.threshold_id = :threshold AND e.kind IN ('raised', 'reoccurred') "
                "AND e.at >= :since AND e.at < :until"
            ),
            {"threshold": threshold, **_period(since_unix, until_unix)},
        ).scalar_one()
    )


def acted_on_alerts(
    conn: Connection, threshold: ThresholdId, since_unix: float, until_unix: float
) -> list[Alert]:
    """Return the alerts of a threshold, begun in a period, that a person acknowledged, commented or resolved.

    Oldest first.
    """
    rows = conn.execute(
        text(
            f"{ALERTS} WHERE a.threshold_id = :threshold AND a.triggered_at >= :since "
            "AND a.triggered_at < :until AND EXISTS (SELECT FROM app.alert_events AS e "
            "  WHERE e.alert_id = a.id AND e.user_id IS NOT NULL "
            "  AND e.kind IN ('acknowledged', 'commented', 'resolved')) ORDER BY a.triggered_at, a.id"
        ),
        {"threshold": threshold, **_period(since_unix, until_unix)},
    )
    return [alert_from_row(row) for row in rows.mappings()]


def spans_of_minutes(
    minutes: Sequence[int] | NDArray[np.int64], since_unix: float, until_unix: float
) -> tuple[FloatArray, FloatArray]:
    """Return beginnings and ends of the spans that minutes (at least one, ascending, since 1970) cover."""
    numbers = np.asarray(minutes, np.int64)
    is_first = np.diff(numbers, prepend=np.int64(-2)) != 1
    begins = numbers[is_first] * float(MINUTE_S)
    ends = (numbers[np.append(is_first[1:], np.True_)] + 1) * float(MINUTE_S)
    return np.maximum(begins, since_unix), np.minimum(ends, until_unix)


def _expression(of: QuantityColumns, column: Column) -> str:
    if column is Column.VALUE:
        return f"coalesce({of.value}, 'NaN')"
    return f"CASE WHEN {of.is_bad} THEN double precision '1' WHEN {of.value} IS NULL THEN 'NaN' ELSE 0 END"


def _minutes(since_unix: float, until_unix: float) -> tuple[int, int]:
    first = int(since_unix // MINUTE_S)
    return first, max(first, int(-(-until_unix // MINUTE_S)))


def _places(buckets: FloatArray, first: int) -> NDArray[np.int64]:
    return (buckets / MINUTE_S).astype(np.int64) - first


def _period(since_unix: float, until_unix: float) -> dict[str, datetime]:
    return {
        "since": datetime.fromtimestamp(since_unix, UTC),
        "until": datetime.fromtimestamp(until_unix, UTC),
    }
