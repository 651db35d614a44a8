"""`main.py bench history`: weeks and months condensed for a chart, against date_bin over the raw readings.

By itself it loads a week of readings and rollups of older days. With `--days N` every one of N days holds a
reading a second of 30 devices.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.engine import Connection

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.history_load import BYTES_PER_READING, FAST_SERVER, Load
from console.bench.scratch_database import median_s, scratch_database
from models.database import Database
from models.errors import NeedsSetup
from models.metrics import METRIC_KEYS
from models.queries.history import history
from models.queries.readings import latest_hour
from models.queries.storage_facts import storage_facts
from models.records.device import DeviceId
from models.upkeep.rollups import rebuild_rollups, refresh_rollups
from models.watched_connection import LONG_WORK_S, allow_long_work

_POINTS = 1000
_POINTS_A_DAY = 22
_DEVICE = DeviceId(2)
_DAY_S = 86_400.0
_DEVICES = 30  # of a load of many days
_SPARE = 10e9  # log, sorting, and room for others
_VALUES = ", ".join("50 + 10 * sin(extract(epoch FROM t) / 900 + d) + random()" for _ in METRIC_KEYS)
_FILL = text(
    f"INSERT INTO app.sensor_readings (device_id, recorded_at, {', '.join(METRIC_KEYS)}) "
    f"SELECT d, t, {_VALUES} "
    "FROM generate_series(CAST(:since AS timestamptz), :until, CAST(:period AS interval)) AS t, "
    "generate_series(1, :devices) AS d ON CONFLICT DO NOTHING"
)


def _fill(database: Database, now: datetime, days: int, older_days: int, devices: int) -> None:
    """Readings once a second for `days`, before that once a minute; condensed as a station would."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    spans = (
        (hour - timedelta(days=older_days), hour - timedelta(days=days), "1 minute"),
        (hour - timedelta(days=days), now, "1 second"),
    )
    for since, until, period in spans:
        with database.transaction() as connection:
            allow_long_work(connection)
            rooms = "generate_series(CAST(:since AS timestamptz), :until, interval '1 day')"
            connection.execute(
                text(f"SELECT app.make_room_for(ARRAY(SELECT {rooms}))"), {"since": since, "until": until}
            )
            connection.execute(_FILL, {"since": since, "until": until, "period": period, "devices": devices})
    with database.transaction() as connection:
        rebuild_rollups(connection, hour - timedelta(days=older_days), hour)
        connection.execute(
            text("UPDATE app.rollup_progress SET closed_before = :h, rolled_before = :h, hours_before = :h"),
            {"h": hour},
        )
    with database.autocommit() as connection:
        # As the station leaves it: all but the last ten minutes are condensed, whatever the hour.
        refresh_rollups(connection)
    with database.autocommit(LONG_WORK_S) as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))


def _raw(connection: Connection, metrics: Sequence[str], since: datetime, until: datetime) -> None:
    condensed = ", ".join(f"min({key}), max({key}), avg({key})" for key in metrics)
    statement = text(
        f"SELECT date_bin(:step, recorded_at, 'epoch') AS start, {condensed} FROM app.sensor_readings "
        "WHERE device_id = :device AND recorded_at >= :since AND recorded_at < :until GROUP BY 1 ORDER BY 1"
    )
    step = (until - since) / _POINTS
    connection.execute(statement, {"step": step, "device": _DEVICE, "since": since, "until": until}).all()


def _run(size: BenchSize) -> list[Figure]:
    if size.days is not None:
        return _run_days(size.days)
    days, older, devices, times = (1, 2, 2, 3) if size.is_small else (7, 90, 4, 15)
    with scratch_database(devices) as database:
        now = datetime.fromtimestamp(time.time(), UTC)
        _fill(database, now, days, older, devices)
        return _measured(database, now, days, older, times)


def _run_days(days: int) -> list[Figure]:
    _require_room(days)
    with scratch_database(_DEVICES, FAST_SERVER) as database:
        now = datetime.fromtimestamp(time.time(), UTC).replace(microsecond=0)
        started = time.perf_counter()
        readings = Load(database, now, days, _DEVICES).run()
        loading_s = time.perf_counter() - started
        figures = _measured(database, now, 7, days, 15)
        with database.transaction() as connection:
            hour = 1000 * median_s(lambda: latest_hour(connection, _DEVICE, None), 15)
            size_bytes = storage_facts(connection).size_bytes
    loaded = f"as asked for: {days} days; {size_bytes / 1e9:.1f} GB in {loading_s / 60:.1f} min"
    return [
        Figure("history.readings_loaded", readings, "rows", None, None, loaded, met=True),
        *figures,
        Figure("history.last_hour", hour, "ms", None, None, "≤ 30 ms", hour <= 30),
    ]


def _require_room(days: int) -> None:
    """Raises NeedsSetup where the disk is too small; what it would take is said before it is begun."""
    readings = (days + 1) * _DEVICES * _DAY_S
    needed, free = readings * BYTES_PER_READING + _SPARE, shutil.disk_usage(tempfile.gettempdir()).free
    told = f"{days} days of {_DEVICES} devices: {readings / 1e6:.0f} million readings, {needed / 1e9:.0f} GB"
    if free < needed:
        raise NeedsSetup(
            f"{told} are needed; {free / 1e9:.0f} GB are free in {tempfile.gettempdir()}. "
            "Choose fewer --days, or name another folder in TMPDIR."
        )
    sys.stderr.write(f"Loading: {told}.\n")


def _measured(database: Database, now: datetime, days: int, older: int, times: int) -> list[Figure]:
    """Measure charts of `days` days of all metrics, and of `older` days of one."""
    with database.transaction() as connection:
        allow_long_work(connection)

        def ours(metrics: Sequence[str], span_days: int, points: int) -> float:
            until = now.timestamp()
            since = until - span_days * _DAY_S
            return 1000 * median_s(lambda: history(connection, _DEVICE, metrics, since, until, points), times)

        week = ours(METRIC_KEYS, days, _POINTS)
        # As many points a day as 2,000 are of 90 days, or fewer days would be read from another level.
        months = ours(METRIC_KEYS[:1], older, min(2 * _POINTS, _POINTS_A_DAY * older))
        since = now - timedelta(days=days)
        raw = 1000 * median_s(lambda: _raw(connection, METRIC_KEYS, since, now), max(3, times // 5))
        raw_one = 1000 * median_s(lambda: _raw(connection, METRIC_KEYS[:1], since, now), max(3, times // 5))
    return [
        Figure(
            "history.week_six_metrics",
            week,
            "ms",
            raw,
            week / raw,
            "≤ 0.05 × date_bin over readings and ≤ 20 ms",
            week <= 0.05 * raw and week <= 20,
        ),
        Figure(
            "history.quarter_one_metric",
            months,
            "ms",
            raw_one,
            months / raw_one,
            "≤ 0.05 × date_bin over a week of readings and ≤ 60 ms",
            months <= 0.05 * raw_one and months <= 60,
        ),
    ]


BENCH = Bench(
    "history", "a week of six metrics and 90 days of one, condensed for a chart", _run, takes_days=True
)
