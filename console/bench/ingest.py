"""`main.py bench ingest`: reading objects to durable rows, against COPY and the ORM with the same rows.

All three write batches of 1,000 rows, one of each of 1,000 devices, and commit each with the disk's word.
Ours does more: repeated rows are recognised, the newest row of each device is kept apart, late rows are
marked, and listeners are told.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import median

import psycopg
from sqlalchemy import BigInteger, Column, DateTime, Double, SmallInteger, Table
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, registry

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.scratch_database import scratch_database
from models.database import Database
from models.metrics import METRIC_COUNT, METRIC_KEYS
from models.queries.readings import insert_readings
from models.records.device import DeviceId
from models.records.reading import Reading

_DEVICES = 1000
_COPY = (
    f"COPY app.sensor_readings (device_id, recorded_at, {', '.join(METRIC_KEYS)}, quality) "
    "FROM STDIN (FORMAT binary)"
).encode()
_COPY_TYPES = ["int8", "timestamptz", *["float8"] * METRIC_COUNT, "int2"]

Batch = Sequence[Reading]


def _batches(count: int, start_unix: float) -> list[Batch]:
    """`count` polls of every device, one second apart, with values that do not compress by chance."""
    dice = random.Random(7)
    return [
        [
            Reading(DeviceId(i), start_unix + second, tuple(dice.gauss(50, 9) for _ in METRIC_KEYS))
            for i in range(1, _DEVICES + 1)
        ]
        for second in range(count)
    ]


def _by_copy(connection: Connection, batch: Batch) -> None:
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError("the bench needs psycopg")
    with raw.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_COPY_TYPES)
        for reading in batch:
            moment = datetime.fromtimestamp(reading.recorded_unix, UTC)
            copy.write_row((reading.device, moment, *reading.values, reading.quality))


def _orm_row() -> Callable[..., object]:
    """Map a class on the readings, as a program that uses SQLAlchemy's ORM would."""
    mapping = registry()
    table = Table(
        "sensor_readings",
        mapping.metadata,
        Column("device_id", BigInteger, primary_key=True),
        Column("recorded_at", DateTime(timezone=True), primary_key=True),
        *(Column(key, Double) for key in METRIC_KEYS),
        Column("quality", SmallInteger),
        schema="app",
    )
    row = type("SensorReadingRow", (), {})
    mapping.map_imperatively(row, table)
    return row


def _by_orm(connection: Connection, batch: Batch, row: Callable[..., object]) -> None:
    with Session(connection, join_transaction_mode="control_fully") as session:
        session.add_all(
            row(
                device_id=reading.device,
                recorded_at=datetime.fromtimestamp(reading.recorded_unix, UTC),
                quality=reading.quality,
                **dict(zip(METRIC_KEYS, reading.values, strict=True)),
            )
            for reading in batch
        )
        session.flush()


def _rate(
    database: Database, write: Callable[[Connection, Batch], object], batches: Sequence[Batch]
) -> float:
    start = time.perf_counter()
    for batch in batches:
        with database.transaction() as connection:
            write(connection, batch)
    return sum(map(len, batches)) / (time.perf_counter() - start)


def _run(size: BenchSize) -> list[Figure]:
    count, rounds = (3, 1) if size.is_small else (20, 5)
    row = _orm_row()
    rates: dict[str, list[float]] = {"ours": [], "copy": [], "orm": []}
    with scratch_database(_DEVICES) as database:
        start = float(int(time.time()))
        ways: dict[str, Callable[[Connection, Batch], object]] = {
            "copy": _by_copy,
            "ours": insert_readings,
            "orm": lambda connection, batch: _by_orm(connection, batch, row),
        }
        # In turns, so that whatever else the computer does meets all three alike.
        for turn in range(rounds + 1):
            for place, (name, write) in enumerate(ways.items()):
                used = max(2, count // 5) if name == "orm" else count
                batches = _batches(used, start + (3 * turn + place) * count)
                rate = _rate(database, write, batches)
                if turn or size.is_small:  # the first turn warms caches and makes partitions
                    rates[name].append(rate)
    ours, copy, orm = (median(rates[name]) for name in ("ours", "copy", "orm"))
    return [
        Figure("ingest.rows_per_s", ours, "rows/s", copy, ours / copy, "≥ 0.5 × COPY", ours >= 0.5 * copy),
        Figure(
            "ingest.rows_per_s_orm", ours, "rows/s", orm, ours / orm, "≥ 5 × ORM add_all", ours >= 5 * orm
        ),
    ]


BENCH = Bench("ingest", "rows a second from reading object to durable row, against COPY and ORM", _run)
