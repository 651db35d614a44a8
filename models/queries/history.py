"""History for charts: lowest, highest and mean value of every interval, from the coarsest data that will do.

A week comes from the minute rollup, three months from the hour rollup; what those do not hold yet comes from
minutes and readings in the same statement, so the newest point of a chart of a year is seconds old.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

import numpy as np
from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.binary_arrays import driver_cursor, numbers_from_binary, unix_from_binary
from models.queries.quantity_columns import QuantityColumns, columns_of, side_by_side
from models.records.device import DeviceId
from models.series import BandSeries, FloatArray

_MINUTE, _HOUR = 60, 3600
_RAW_SPAN_S = 6 * _HOUR  # Up to here readings themselves are read: 21,600 rows at one a second.


class _Level(Enum):
    READINGS = 0
    MINUTES = 1
    HOURS = 2


@dataclass(frozen=True, slots=True)
class _Span:
    """Which of a quantity's tables is to be read from when to when (Unix seconds)."""

    level: _Level
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
    """Return each metric or signal condensed to at most `points` intervals, in the order of `metrics`.

    Intervals without a reading are left out; one whose readings held no good value of a metric is NaN there.

    Raises:
        KeyError: Nothing of one of the keys is measured.
    """
    columns = columns_of(conn, metrics)
    groups = side_by_side(columns)
    step = _step_s(until_unix - since_unix, points)
    bands: dict[str, BandSeries] = {}
    if step < _MINUTE:
        for group in groups:
            times, values = _raw_columns(conn, device, group, since_unix, until_unix)
            for one, column in zip(group, values, strict=True):
                bands[one.key] = condensed(one.key, times, column, step, points)
    elif groups:
        spans = _spans(conn, step, math.floor(since_unix / step) * step, until_unix)
        for group in groups:
            bands |= {band.metric: band for band in _bands(conn, device, group, spans, step, until_unix)}
    return [bands[one.key] for one in columns]


def _bands(
    conn: Connection,
    device: DeviceId,
    group: Sequence[QuantityColumns],
    spans: Sequence[_Span],
    step: float,
    until_unix: float,
) -> list[BandSeries]:
    with driver_cursor(conn) as cursor:
        cursor.execute(
            _statement(spans, group).encode(),
            {
                "device": device,
                "step": timedelta(seconds=step),
                **{f"since{i}": span.since for i, span in enumerate(spans)},
                **{f"until{i}": span.until for i, span in enumerate(spans)},
            },
        )
        result = cursor.pgresult
        cells = [result.get_value(0, i) for i in range(1 + 3 * len(group))] if result else []
    # The middle of each interval, but never later than what was asked for.
    times = (unix_from_binary(cells[0]) + step / 2).clip(max=until_unix)
    columns = [numbers_from_binary(cell) for cell in cells[1:]]
    return [
        BandSeries(one.key, times, *columns[3 * i : 3 * i + 3], step_s=step) for i, one in enumerate(group)
    ]


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
    conn: Connection, device: DeviceId, group: Sequence[QuantityColumns], since: float, until: float
) -> tuple[FloatArray, list[FloatArray]]:
    names = [one.value for one in group]
    aggregated = ", ".join(f"array_agg(coalesce({name}, 'NaN'))" for name in names)
    statement = (
        f"SELECT array_agg(recorded_at), {aggregated} FROM ("
        f"  SELECT recorded_at, {', '.join(dict.fromkeys(names))} FROM app.{group[0].readings}"
        f"  WHERE device_id = %s{group[0].condition}"
        "   AND recorded_at >= to_timestamp(%s) AND recorded_at < to_timestamp(%s)"
        "  ORDER BY recorded_at) AS wanted"
    )
    with driver_cursor(conn) as cursor:
        cursor.execute(statement.encode(), (device, since, until))
        result = cursor.pgresult
        cells = [result.get_value(0, i) for i in range(1 + len(names))] if result else []
    return unix_from_binary(cells[0]), [numbers_from_binary(cell) for cell in cells[1:]]


def _statement(spans: Sequence[_Span], group: Sequence[QuantityColumns]) -> str:
    parts = " UNION ALL ".join(_part(span, group, place) for place, span in enumerate(spans))
    merged = ", ".join(
        f"coalesce(min(low{i}), 'NaN') AS low{i}, coalesce(max(high{i}), 'NaN') AS high{i}, "
        f"coalesce(sum(total{i}) / nullif(sum(count{i}), 0), 'NaN') AS mean{i}"
        for i in range(len(group))
    )
    listed = ", ".join(
        f"array_agg(low{i}), array_agg(high{i}), array_agg(mean{i})" for i in range(len(group))
    )
    return (
        f"SELECT array_agg(start), {listed} FROM "
        f"(SELECT start, {merged} FROM ({parts}) AS parts GROUP BY start ORDER BY start) AS intervals"
    )


def _part(span: _Span, group: Sequence[QuantityColumns], place: int) -> str:
    """Condense one table to intervals, keeping sums and counts: an interval may straddle two tables.

    Counts are floats: summed once more as integers they would become `numeric`, which is slow.
    """
    if span.level is _Level.READINGS:
        table, time = group[0].readings, "recorded_at"
        columns = ", ".join(
            f"min({one.value}) AS low{i}, max({one.value}) AS high{i}, sum({one.value}) AS total{i}, "
            f"CAST(count({one.value}) AS double precision) AS count{i}"
            for i, one in enumerate(group)
        )
    else:
        table, time = group[0].minutes if span.level is _Level.MINUTES else group[0].hours, "bucket"
        columns = ", ".join(
            f"min({one.low}) AS low{i}, max({one.high}) AS high{i}, "
            f"sum({one.mean} * {one.count}) AS total{i}, "
            f"CAST(sum({one.count}) AS double precision) AS count{i}"
            for i, one in enumerate(group)
        )
    return (
        f"SELECT date_bin(%(step)s, {time}, 'epoch') AS start, {columns} FROM app.{table} "
        f"WHERE device_id = %(device)s{group[0].condition} AND {time} >= to_timestamp(%(since{place})s) "
        f"AND {time} < to_timestamp(%(until{place})s) GROUP BY 1"
    )


def _step_s(span_s: float, points: int) -> float:
    """Return the length of an interval: a whole multiple of the rollup's own where one is used."""
    step = max(span_s, 1e-3) / max(points - 1, 1)  # one interval begins before the span
    if step >= _HOUR:
        return float(math.ceil(step / _HOUR) * _HOUR)
    if step >= _MINUTE or span_s > _RAW_SPAN_S:
        return float(math.ceil(step / _MINUTE) * _MINUTE)
    return step


def _spans(conn: Connection, step: float, since: float, until: float) -> list[_Span]:
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
        _Span(_Level.HOURS, since, min(until, hours_end)),
        _Span(_Level.MINUTES, max(since, hours_end), min(until, minutes_end)),
        _Span(_Level.READINGS, max(since, hours_end, minutes_end), until),
    ]
    return [span for span in cuts if span.since < span.until]
