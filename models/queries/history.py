"""History for charts: lowest, highest and mean value of every interval, from the coarsest data that will do.

A week comes from the minute rollup, three months from the hour rollup; what those do not hold yet comes from
minutes and readings in the same statement, so the newest point of a chart of a year is seconds old.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.binary_arrays import driver_cursor, numbers_from_binary, unix_from_binary
from models.metrics import metric_of
from models.records.device import DeviceId
from models.series import BandSeries, FloatArray

_MINUTE, _HOUR = 60, 3600
_RAW_SPAN_S = 6 * _HOUR  # Up to here readings themselves are read: 21,600 rows at one a second.


@dataclass(frozen=True, slots=True)
class _Source:
    """A table, and from when to when it is to be read (Unix seconds)."""

    table: str
    time: str
    since: float
    until: float


def history(
    conn: Connection,
    device: DeviceId,
    metrics: Sequence[str],
    since_unix: float,
    until_unix: float,
    points: int,
) -> list[BandSeries]:
    """Return each metric condensed to at most `points` intervals, in the order of `metrics`.

    Intervals without a reading are left out; one whose readings held no good value of a metric is NaN there.
    """
    keys = [metric_of(metric).key for metric in metrics]
    step = _step_s(until_unix - since_unix, points)
    if step < _MINUTE:
        times, values = _raw_columns(conn, device, keys, since_unix, until_unix)
        return [condensed(key, times, column, step, points) for key, column in zip(keys, values, strict=True)]
    sources = _sources(conn, step, math.floor(since_unix / step) * step, until_unix)
    with driver_cursor(conn) as cursor:
        cursor.execute(
            _statement(sources, keys).encode(),
            {
                "device": device,
                "step": timedelta(seconds=step),
                **{f"since{i}": source.since for i, source in enumerate(sources)},
                **{f"until{i}": source.until for i, source in enumerate(sources)},
            },
        )
        result = cursor.pgresult
        cells = [result.get_value(0, i) for i in range(1 + 3 * len(keys))] if result else []
    # The middle of each interval, but never later than what was asked for.
    times = (unix_from_binary(cells[0]) + step / 2).clip(max=until_unix)
    columns = [numbers_from_binary(cell) for cell in cells[1:]]
    return [BandSeries(key, times, *columns[3 * i : 3 * i + 3], step_s=step) for i, key in enumerate(keys)]


def condensed(metric: str, times: FloatArray, values: FloatArray, step_s: float, points: int) -> BandSeries:
    """Condense readings to intervals of `step_s` seconds; as recorded where they are no more than `points`.

    Args:
        times: float64, shape (n,), Unix seconds, ascending.
        values: float64, shape (n,), NaN where there was no good value.
    """
    if len(times) <= points:
        return BandSeries(metric, times, values, values, values, step_s=0.0)
    interval = np.floor(times / step_s)
    first = np.flatnonzero(np.diff(interval, prepend=-np.inf))
    counts = np.add.reduceat((~np.isnan(values)).astype(np.float64), first)
    counts[counts == 0] = np.nan
    return BandSeries(
        metric,
        interval[first] * step_s + step_s / 2,
        low=np.fmin.reduceat(values, first),
        high=np.fmax.reduceat(values, first),
        mean=np.add.reduceat(np.nan_to_num(values), first) / counts,
        step_s=step_s,
    )


def _raw_columns(
    conn: Connection, device: DeviceId, keys: Sequence[str], since: float, until: float
) -> tuple[FloatArray, list[FloatArray]]:
    aggregated = ", ".join(f"array_agg(coalesce({key}, 'NaN'))" for key in keys)
    statement = (
        f"SELECT array_agg(recorded_at), {aggregated} FROM ("
        f"  SELECT recorded_at, {', '.join(keys)} FROM app.sensor_readings"
        "  WHERE device_id = %s AND recorded_at >= to_timestamp(%s) AND recorded_at < to_timestamp(%s)"
        "  ORDER BY recorded_at) AS wanted"
    )
    with driver_cursor(conn) as cursor:
        cursor.execute(statement.encode(), (device, since, until))
        result = cursor.pgresult
        cells = [result.get_value(0, i) for i in range(1 + len(keys))] if result else []
    return unix_from_binary(cells[0]), [numbers_from_binary(cell) for cell in cells[1:]]


def _statement(sources: Sequence[_Source], keys: Sequence[str]) -> str:
    parts = " UNION ALL ".join(_part(source, keys, place) for place, source in enumerate(sources))
    merged = ", ".join(
        f"coalesce(min(low{i}), 'NaN') AS low{i}, coalesce(max(high{i}), 'NaN') AS high{i}, "
        f"coalesce(sum(total{i}) / nullif(sum(count{i}), 0), 'NaN') AS mean{i}"
        for i in range(len(keys))
    )
    listed = ", ".join(f"array_agg(low{i}), array_agg(high{i}), array_agg(mean{i})" for i in range(len(keys)))
    return (
        f"SELECT array_agg(start), {listed} FROM "
        f"(SELECT start, {merged} FROM ({parts}) AS parts GROUP BY start ORDER BY start) AS intervals"
    )


def _part(source: _Source, keys: Sequence[str], place: int) -> str:
    """Condense one table to intervals, keeping sums and counts: an interval may straddle two tables.

    Counts are floats: summed once more as integers they would become `numeric`, which is slow.
    """
    if source.table == "sensor_readings":
        columns = ", ".join(
            f"min({key}) AS low{i}, max({key}) AS high{i}, sum({key}) AS total{i}, "
            f"CAST(count({key}) AS double precision) AS count{i}"
            for i, key in enumerate(keys)
        )
    else:
        columns = ", ".join(
            f"min({key}_low) AS low{i}, max({key}_high) AS high{i}, "
            f"sum({key}_mean * {key}_count) AS total{i}, "
            f"CAST(sum({key}_count) AS double precision) AS count{i}"
            for i, key in enumerate(keys)
        )
    return (
        f"SELECT date_bin(%(step)s, {source.time}, 'epoch') AS start, {columns} FROM app.{source.table} "
        f"WHERE device_id = %(device)s AND {source.time} >= to_timestamp(%(since{place})s) "
        f"AND {source.time} < to_timestamp(%(until{place})s) GROUP BY 1"
    )


def _step_s(span_s: float, points: int) -> float:
    """Return the length of an interval: a whole multiple of the rollup's own where one is used."""
    step = max(span_s, 1e-3) / max(points - 1, 1)  # one interval begins before the span
    if step >= _HOUR:
        return float(math.ceil(step / _HOUR) * _HOUR)
    if step >= _MINUTE or span_s > _RAW_SPAN_S:
        return float(math.ceil(step / _MINUTE) * _MINUTE)
    return step


def _sources(conn: Connection, step: float, since: float, until: float) -> list[_Source]:
    """Cut the time asked for where one table ends and the next finer one goes on."""
    row = conn.execute(
        text(
            "SELECT extract(epoch FROM hours_before)::double precision, "
            "extract(epoch FROM rolled_before)::double precision FROM app.rollup_progress"
        )
    ).one()
    hours_end = row[0] if step >= _HOUR else -math.inf
    minutes_end = row[1] if step >= _MINUTE else -math.inf
    cuts = [
        _Source("readings_1h", "bucket", since, min(until, hours_end)),
        _Source("readings_1m", "bucket", max(since, hours_end), min(until, minutes_end)),
        _Source("sensor_readings", "recorded_at", max(since, hours_end, minutes_end), until),
    ]
    return [source for source in cuts if source.since < source.until]
