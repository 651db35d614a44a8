"""Readings in and out of `sensor_readings`, with their signals in and out of `signal_readings`.

The hot paths carry whole columns as binary arrays; nothing there makes a Python object a value.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.binary_arrays import (
    BigintArray,
    BinaryArray,
    DoubleArray,
    IntegerArray,
    SmallintArray,
    TimestampArray,
    driver_cursor,
    integers_from_binary,
    numbers_from_binary,
    postgres_us,
    unix_from_binary,
)
from models.metrics import METRIC_COUNT, METRIC_KEYS
from models.queries.quantity_columns import columns_of
from models.records.device import DeviceId
from models.records.reading import Reading, ReadingRow
from models.records.signal import SignalId, SignalSample
from models.series import Series
from models.watched_connection import allow_long_work

_COLUMNS = ", ".join(METRIC_KEYS)
_STORE = (
    f"SELECT app.record_readings(%s, %s, {', '.join(['%s'] * METRIC_COUNT)}, %s, %s, (%s)[1], %s)"
).encode()
_STORE_WITH_SIGNALS = (
    f"SELECT app.record_readings_and_signals(%s, %s, {', '.join(['%s'] * METRIC_COUNT)}, %s, %s, (%s)[1], "
    "%s, %s, %s, %s, %s)"
).encode()
_ENDS = b"SELECT app.lease_ends(%s, %s)"
_SLACK_S = 1.0
"""As `app.record_readings` grants: clocks are estimates."""
_LATEST_HOUR = f"SELECT device_id, recorded_at, quality, {_COLUMNS} FROM app.latest_hour(%s, %s)".encode()
# The devices' own latest rows name the signals they have: each is then one range of the key.
_RECENT_SIGNALS = (
    b"SELECT array_agg(device_id), array_agg(recorded_at), array_agg(signal_id), "
    b"array_agg(coalesce(value, 'NaN')) FROM ("
    b"  SELECT r.* FROM app.signal_latest AS l, LATERAL ("
    b"    SELECT device_id, recorded_at, signal_id, value FROM app.signal_readings"
    b"    WHERE device_id = l.device_id AND signal_id = l.signal_id AND recorded_at >= to_timestamp(%s)"
    b"    ORDER BY recorded_at) AS r WHERE l.device_id = ANY(%s) AND l.recorded_at >= to_timestamp(%s)"
    b"  ORDER BY l.device_id, l.signal_id) AS rows"
)
_BATCH = 20_000  # rows a call: bounds the memory of one statement on both sides
_EXPORT_ROWS = 2_000  # rows a fetch


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of readings that were handed over.

    Attributes:
        stored: New rows; the others were there already.
        fenced: Not stored, because they were recorded after their lease had ended.
    """

    stored: int
    fenced: int = 0


def insert_readings(conn: Connection, readings: Sequence[Reading]) -> int:
    """Store readings and return how many were new, as `record_readings` does."""
    return record_readings(conn, readings).stored


def record_readings(conn: Connection, readings: Sequence[Reading]) -> Stored:
    """Store readings. Repeating a batch changes nothing.

    Missing partitions are made, `device_latest` and the rollups' marks are kept, and "readings" is announced.
    Each row names the station whose login this is, and the epoch of its lease.

    Raises:
        NotAllowed: The login is no station's.
        Rejected: A device is not in `devices`, or a time is years away from now; the whole batch is refused.
        DatabaseAway: Try the same batch again later.
    """
    stored = fenced = 0
    for first in range(0, len(readings), _BATCH):
        batch = readings[first : first + _BATCH]
        new = _store(conn, batch)
        if new < 0:
            kept = _within_leases(conn, batch)
            fenced += len(batch) - len(kept)
            new = _store(conn, kept) if kept else 0
        stored += new
    return Stored(stored, fenced)


def _store(conn: Connection, readings: Sequence[Reading]) -> int:
    count = len(readings)
    device = np.fromiter((reading.device for reading in readings), np.int64, count)
    recorded = postgres_us(np.fromiter((reading.recorded_unix for reading in readings), np.float64, count))
    quality = np.fromiter((reading.quality for reading in readings), np.int16, count)
    epoch = np.fromiter((reading.epoch for reading in readings), np.int64, count)
    # None becomes NaN; a NaN or an infinity that slipped through becomes NULL with it.
    values = np.array([reading.values for reading in readings], dtype=np.float64)
    missing = ~np.isfinite(values)
    columns = (
        BigintArray(device),
        TimestampArray(recorded),
        *(DoubleArray(values[:, i], missing[:, i]) for i in range(METRIC_COUNT)),
        SmallintArray(quality),
        BigintArray(epoch),
        TimestampArray(recorded.min(keepdims=True)),
        IntegerArray(_newest(recorded, device)),
    )
    signals = _signal_columns(readings, device, recorded)
    with driver_cursor(conn) as cursor:
        # Readings without signals pay nothing for those that have some.
        cursor.execute(_STORE_WITH_SIGNALS if signals else _STORE, (*columns, *signals))
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _signal_columns(
    readings: Sequence[Reading], device: NDArray[np.int64], recorded: NDArray[np.int64]
) -> tuple[BinaryArray, ...]:
    """Return which reading, which signal, its value, and the newest of each; nothing where there are none."""
    samples = [sample for reading in readings for sample in reading.signals]
    if not samples:
        return ()
    count = len(samples)
    row = np.repeat(np.arange(len(readings)), [len(reading.signals) for reading in readings])
    signal = np.fromiter((sample.signal for sample in samples), np.int32, count)
    value = np.array([sample.value for sample in samples], dtype=np.float64)
    return (
        IntegerArray((row + 1).astype(np.int32)),
        IntegerArray(signal),
        DoubleArray(value, ~np.isfinite(value)),
        IntegerArray(_newest(recorded[row], signal, device[row])),
    )


def _newest(recorded: NDArray[np.int64], *of: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return the places, counted from 1, of the newest row of each `of`, sorted by the last of them first."""
    order = np.lexsort((recorded, *of))
    is_last = np.zeros(len(order) - 1, np.bool_)
    for numbers in of:
        ordered = numbers[order]
        is_last |= ordered[1:] != ordered[:-1]
    return (order[np.append(is_last, True)] + 1).astype(np.int32)


def _within_leases(conn: Connection, readings: Sequence[Reading]) -> list[Reading]:
    """Return those that were recorded while their lease stood."""
    leases = list(dict.fromkeys((reading.device, reading.epoch) for reading in readings))
    devices, epochs = np.array(leases, dtype=np.int64).T
    with driver_cursor(conn) as cursor:
        cursor.execute(_ENDS, (BigintArray(devices), BigintArray(epochs)))
        result = cursor.pgresult
        ends = unix_from_binary(result.get_value(0, 0)) if result else ()
    until = {lease: end + _SLACK_S for lease, end in zip(leases, ends, strict=True)}
    return [r for r in readings if r.recorded_unix <= until[(r.device, r.epoch)]]


def latest_hour(conn: Connection, device: DeviceId, limit: int | None = 100) -> list[Reading]:
    """Return the last hour of one device, newest first (the schema's "Real-time Sensor Data").

    `limit` None gives all of it, for charts. A device that is not this login's to see has no readings.
    """
    with driver_cursor(conn) as cursor:
        cursor.execute(_LATEST_HOUR, (device, limit))
        return [Reading(DeviceId(row[0]), row[1].timestamp(), row[3:], row[2]) for row in cursor.fetchall()]


def raw_series(
    conn: Connection, device: DeviceId, metric: str, since_unix: float, until_unix: float
) -> Series:
    """Return every reading of one metric or signal from `since_unix` (inclusive) to `until_unix` (exclusive).

    Raises:
        KeyError: Nothing of this key is measured.
    """
    [column] = columns_of(conn, [metric])
    statement = (
        f"SELECT array_agg(recorded_at), array_agg(coalesce({column.value}, 'NaN')) FROM ("
        f"  SELECT recorded_at, {column.value} FROM app.{column.readings} WHERE device_id = %s"
        f"  {column.condition} AND recorded_at >= to_timestamp(%s) AND recorded_at < to_timestamp(%s)"
        "  ORDER BY recorded_at) AS wanted"
    )
    with driver_cursor(conn) as cursor:
        cursor.execute(statement.encode(), (device, since_unix, until_unix))
        result = cursor.pgresult
        times, values = (result.get_value(0, 0), result.get_value(0, 1)) if result else (None, None)
        return Series(metric, unix_from_binary(times), numbers_from_binary(values))


def recent_window(conn: Connection, devices: Sequence[DeviceId], since_unix: float) -> list[Reading]:
    """Return what these devices recorded since `since_unix`, signals included, by device, oldest first."""
    aggregated = ", ".join(f"array_agg(coalesce({key}, 'NaN'))" for key in METRIC_KEYS)
    statement = (
        f"SELECT array_agg(device_id), array_agg(recorded_at), array_agg(quality), {aggregated} FROM ("
        f"  SELECT r.* FROM unnest(%s) AS wanted (id), LATERAL ("
        f"    SELECT device_id, recorded_at, quality, {_COLUMNS} FROM app.sensor_readings"
        "    WHERE device_id = wanted.id AND recorded_at >= to_timestamp(%s)"
        "    ORDER BY recorded_at) AS r) AS rows"
    )
    with driver_cursor(conn) as cursor:
        cursor.execute(statement.encode(), (BigintArray(np.array(devices, dtype=np.int64)), since_unix))
        result = cursor.pgresult
        if result is None or result.get_value(0, 0) is None:
            return []
        ids = integers_from_binary(result.get_value(0, 0)).tolist()
        times = unix_from_binary(result.get_value(0, 1)).tolist()
        quality = integers_from_binary(result.get_value(0, 2), 2).tolist()
        columns = [
            [
                None if value != value else value
                for value in numbers_from_binary(result.get_value(0, 3 + i)).tolist()
            ]
            for i in range(METRIC_COUNT)
        ]
    signals = _recent_signals(conn, devices, since_unix)
    return [
        Reading(DeviceId(device), at, values, bits, signals=tuple(signals.get((device, at), ())))
        for device, at, bits, values in zip(ids, times, quality, zip(*columns, strict=True), strict=True)
    ]


def _recent_signals(
    conn: Connection, devices: Sequence[DeviceId], since_unix: float
) -> dict[tuple[int, float], list[SignalSample]]:
    """Return the signals that belong to readings since `since_unix`, by device and time."""
    with driver_cursor(conn) as cursor:
        cursor.execute(
            _RECENT_SIGNALS, (since_unix, BigintArray(np.array(devices, dtype=np.int64)), since_unix)
        )
        result = cursor.pgresult
        cells = [result.get_value(0, i) for i in range(4)] if result else [None] * 4
    found: dict[tuple[int, float], list[SignalSample]] = {}
    rows = zip(
        integers_from_binary(cells[0]).tolist(),
        unix_from_binary(cells[1]).tolist(),
        integers_from_binary(cells[2], 4).tolist(),
        numbers_from_binary(cells[3]).tolist(),
        strict=True,
    )
    for device, at, signal, value in rows:
        sample = SignalSample(SignalId(signal), None if value != value else value)
        found.setdefault((device, at), []).append(sample)
    return found


def iter_readings(
    conn: Connection,
    devices: Sequence[DeviceId],
    since: datetime,
    until: datetime,
    signals: Sequence[SignalId] = (),
) -> Iterator[ReadingRow]:
    """Yield what these devices recorded from `since` (inclusive) to `until` (exclusive), by device and time.

    Rows come in blocks through a server-side cursor, so an export of any size takes little memory. Needs a
    connection from `Database.transaction()`; do not use `conn` for anything else until the last row.
    """
    # An export of months may take longer than any question from a screen.
    allow_long_work(conn)
    with_signals = (
        "LEFT JOIN LATERAL (SELECT array_agg(n.signal_id) AS ids, array_agg(n.value) AS numbers "
        "  FROM app.signal_readings AS n WHERE n.device_id = r.device_id AND n.recorded_at = r.recorded_at "
        "  AND n.signal_id = ANY(CAST(:signals AS integer[]))) AS s ON true "
    )
    statement = text(
        f"SELECT r.id, r.device_id, d.device_id, d.name, r.recorded_at, r.created_at, r.quality, {_COLUMNS}"
        f"{', s.ids, s.numbers' if signals else ''} "
        "FROM unnest(CAST(:devices AS bigint[])) AS wanted (id) JOIN app.devices AS d ON d.id = wanted.id "
        "CROSS JOIN LATERAL (SELECT * FROM app.sensor_readings AS s WHERE s.device_id = wanted.id "
        f"  AND s.recorded_at >= :since AND s.recorded_at < :until ORDER BY s.recorded_at) AS r "
        f"{with_signals if signals else ''}"
    )
    asked = {"devices": list(devices), "since": since, "until": until}
    rows = conn.execute(
        statement,
        {**asked, "signals": list(signals)} if signals else asked,
        execution_options={"stream_results": True, "yield_per": _EXPORT_ROWS},
    )
    last = 7 + METRIC_COUNT
    for row in rows:
        known: dict[int, float | None] = {}
        if signals:
            known.update(zip(row[last] or (), row[last + 1] or (), strict=True))
        yield ReadingRow(
            id=row[0],
            device=DeviceId(row[1]),
            hardware_id=row[2],
            device_name=row[3],
            recorded_at=row[4],
            created_at=row[5],
            quality=row[6],
            values=tuple(row[7:last]),
            signals=tuple(known.get(signal) for signal in signals),
        )
