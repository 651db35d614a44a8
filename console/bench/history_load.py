"""Months of readings once a second, in partitions and rollups as stations would have left them.

Rows lie in order of time, each second's devices side by side, and rollups are condensed ten minutes at a
time: so they lie on the disk as after months of polling, which is what a chart has to read. Only the way in
is a shorter one: COPY instead of `store_readings`, two days at once, and a server that spares itself the log.
"""

import queue
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from models.binary_arrays import postgres_us
from models.database import Database
from models.metrics import METRIC_KEYS
from models.upkeep.partitions import ensure_partitions
from models.upkeep.rollups import refresh_rollups

BYTES_PER_READING = 166
"""Row, key and rollups; measured at 7 days of 30 devices."""

FAST_SERVER = {
    "wal_level": "minimal",  # what is copied into a table made in the same transaction then needs no log
    "max_wal_senders": "0",
    "fsync": "off",
    "autovacuum": "off",
    "max_wal_size": "8GB",
}
"""What a server may spare itself whose database is thrown away; needs a restart."""

_HOUR_S = 3600
_LOADERS = 2
_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)  # signature, no flags, no extension (COPY, "Binary Format")
_TRAILER = b"\xff\xff"
_COLUMNS = ("id", "device_id", *METRIC_KEYS, "recorded_at", "created_at", "quality")
_FIELDS = [("count", ">i2")] + [
    part
    for name in _COLUMNS
    for part in (
        (f"{name}_size", ">i4"),
        (name, ">f8" if name in METRIC_KEYS else ">i2" if name == "quality" else ">i8"),
    )
]
_CREATE = (
    "CREATE TABLE app.{child} "
    "(LIKE app.sensor_readings INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)"
)
_ATTACH = (
    "ALTER TABLE app.{child} OWNER TO console_tables",
    "ALTER TABLE app.{child} ADD CONSTRAINT bounds CHECK (recorded_at >= {since} AND recorded_at < {until})",
    "ALTER TABLE app.sensor_readings ATTACH PARTITION app.{child} FOR VALUES FROM ({since}) TO ({until})",
    "ALTER TABLE app.{child} DROP CONSTRAINT bounds",
    "SELECT app.seal_partition({name}::regclass, 'sensor_readings')",
)


class Load:
    """Fills one database; `run` once."""

    def __init__(self, database: Database, now: datetime, days: int, devices: int) -> None:
        """Keep what it needs.

        Args:
            database: Fresh, with `devices` devices (ids 1 to n).
            now: Until when there are readings.
            days: So many whole days before today, and today.
            devices: Each with a reading a second.
        """
        self._database = database
        self._now = now
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self._days = [today - timedelta(days=back) for back in range(days, -1, -1)]
        self._devices = devices
        self._loaded = 0
        self._lock = threading.Lock()
        self._failure: BaseException | None = None

    def run(self) -> int:
        """Load and condense everything; return the number of readings. Tells its progress on stderr."""
        self._make_room()
        started = time.perf_counter()
        waiting: queue.SimpleQueue[datetime] = queue.SimpleQueue()
        for day in self._days:
            waiting.put(day)
        loaders = [
            threading.Thread(target=self._load_days, args=(waiting, started), name=f"bench-load-{number}")
            for number in range(_LOADERS)
        ]
        for loader in loaders:
            loader.start()
        for loader in loaders:
            loader.join()
        if self._failure is not None:
            raise self._failure
        self._settle()
        return self._loaded

    def _make_room(self) -> None:
        """Partitions of rollups for the whole span; days that are there give way to those to be loaded."""
        with closing(self._connect()) as connection, connection.transaction():
            for day in self._days:
                connection.execute(sql.SQL("DROP TABLE IF EXISTS app.{}").format(sql.Identifier(_child(day))))
                connection.execute("SELECT app.add_partition('readings_1m', 'month', %s)", (day,))
                connection.execute("SELECT app.add_partition('readings_1h', 'year', %s)", (day,))

    def _load_days(self, waiting: "queue.SimpleQueue[datetime]", started: float) -> None:
        try:
            with closing(self._connect()) as connection:
                while self._failure is None:
                    try:
                        day = waiting.get_nowait()
                    except queue.Empty:
                        return
                    count = self._load_day(connection, day)
                    with self._lock:
                        self._loaded += count
                        rate = self._loaded / (time.perf_counter() - started)
                        told = f"{self._loaded / 1e6:.1f} million readings, {rate:,.0f}/s"
                        sys.stderr.write(f"{day:%Y-%m-%d}: {told}\n")
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            self._failure = error

    def _load_day(self, connection: "psycopg.Connection[tuple[object, ...]]", day: datetime) -> int:
        until = min(day + timedelta(days=1), self._now)
        seconds = int((until - day).total_seconds())
        child, values = (
            _child(day),
            {"since": sql.Literal(day), "until": sql.Literal(day + timedelta(days=1))},
        )
        names = {"child": sql.Identifier(child), "name": sql.Literal(f"app.{child}"), **values}
        columns = sql.SQL(", ").join(map(sql.Identifier, _COLUMNS))
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(sql.SQL(_CREATE).format(**names))
            # Frozen, as the autovacuum would have left it by now.
            copy = sql.SQL("COPY app.{child} ({columns}) FROM STDIN (FORMAT binary, FREEZE)")
            with cursor.copy(copy.format(columns=columns, **names)) as sink:
                sink.write(_HEADER)
                for first in range(0, seconds, _HOUR_S):
                    sink.write(_rows(day.timestamp() + first, min(_HOUR_S, seconds - first), self._devices))
                sink.write(_TRAILER)
        with connection.transaction():
            for statement in _ATTACH:
                connection.execute(sql.SQL(statement).format(**names))
        connection.execute(
            "SELECT brin_summarize_new_values(i.indexrelid) FROM pg_index AS i "
            "JOIN pg_class AS c ON c.oid = i.indexrelid "
            "JOIN pg_am AS a ON a.oid = c.relam AND a.amname = 'brin' WHERE i.indrelid = %s::regclass",
            (f"app.{child}",),
        )
        connection.execute(sql.SQL("ANALYZE app.{child}").format(**names))
        self._condense(connection, day, until)
        return seconds * self._devices

    def _condense(
        self, connection: "psycopg.Connection[tuple[object, ...]]", day: datetime, until: datetime
    ) -> None:
        """Ten minutes at once, then each hour: the steps of a station that was there all the time."""
        for start in _steps(day, until, timedelta(minutes=10)):
            connection.execute("SELECT app.roll_minutes(%s, %s)", (start, start + timedelta(minutes=10)))
        for start in _steps(day, until, timedelta(hours=1)):
            connection.execute("SELECT app.roll_hours(%s, %s)", (start, start + timedelta(hours=1)))

    def _settle(self) -> None:
        """Tell the rollups how far they have come, and bring the last minutes as a station does."""
        minute = next(reversed(list(_steps(self._days[-1], self._now, timedelta(minutes=10)))), None)
        rolled = self._days[-1] if minute is None else minute + timedelta(minutes=10)
        with closing(self._connect()) as connection:
            connection.execute(
                "UPDATE app.rollup_progress SET closed_before = %s, rolled_before = %s, "
                "hours_before = date_trunc('hour', %s, 'UTC')",
                (rolled, rolled, rolled),
            )
        with self._database.transaction() as opened:
            ensure_partitions(opened)
        with self._database.autocommit() as opened:
            refresh_rollups(opened)
        with closing(self._connect()) as connection:
            connection.execute("VACUUM (ANALYZE) app.readings_1m, app.readings_1h")
            connection.execute("CHECKPOINT")

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        options: dict[str, Any] = dict(self._database.address.options("console bench load"))
        connection = psycopg.connect(**options, autocommit=True)
        connection.execute("SET statement_timeout = 0")
        return connection


def _child(day: datetime) -> str:
    return f"sensor_readings_{day:%Y%m%d}"


def _steps(since: datetime, until: datetime, step: timedelta) -> Iterator[datetime]:
    """Yield the beginning of every whole step."""
    while since + step <= until:
        yield since
        since += step


def _rows(since_unix: float, seconds: int, devices: int) -> bytes:
    """Return rows for COPY: every device once a second, in order of time; NaN never, NULL never."""
    count = seconds * devices
    rows = np.zeros(count, dtype=_FIELDS)
    rows["count"] = len(_COLUMNS)
    for name in _COLUMNS:
        rows[f"{name}_size"] = rows.dtype[name].itemsize
    unix = np.repeat(since_unix + np.arange(seconds, dtype=np.float64), devices)
    device = np.tile(np.arange(1, devices + 1, dtype=np.int64), seconds)
    rows["id"] = np.arange(count) + int(since_unix) * devices
    rows["device_id"] = device
    # A device answers within the second, each at its own place in it.
    rows["recorded_at"] = rows["created_at"] = postgres_us(unix + device / (devices + 1))
    noise = np.random.default_rng(int(since_unix)).random((len(METRIC_KEYS), count))
    wave: NDArray[np.float64] = 50 + 10 * np.sin(unix / 900 + device)
    for key, jitter in zip(METRIC_KEYS, noise, strict=True):
        rows[key] = wave + jitter
    return rows.tobytes()
