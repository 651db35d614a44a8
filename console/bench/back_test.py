"""`main.py bench back-test`: a threshold tried on thirty days of readings once a second.

Two limits: one that is passed a few times a day, and one that the value crosses with every reading, all
month. Each is tried, then changed and tried again as while it is being dragged. The baseline is the live way
over the same readings: every one of them read, made a Reading, and judged by `Evaluator.judge`. The counts
must agree, or there are no figures.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import text
from sqlalchemy.engine import Connection

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.history_load import FAST_SERVER
from console.bench.scratch_database import scratch_database
from console.station.back_test import SampleMemory, run_back_test
from console.station.evaluator import Evaluator
from models.database import Database
from models.metrics import METRIC_COUNT, METRIC_INDEX
from models.queries.readings import raw_series
from models.records.alert import TransitionKind
from models.records.device import Device, DeviceId, Tag
from models.records.reading import Reading
from models.records.threshold import Severity, Threshold, ThresholdId
from models.upkeep.rollups import rebuild_rollups
from models.watched_connection import LONG_WORK_S, allow_long_work

_LONGEST_S = 5.0
_DAY_S = 86_400
_DEVICES = 2
_DEVICE = Device(
    DeviceId(1), "BENCH-1", "Device 1", "drive", "Hall 1", "modbus-tcp", {}, 1.0,
    (Tag("temperature", "holding:0"), Tag("pressure", "holding:1")),
)  # fmt: skip
# Ten minutes too hot every eight hours; a pressure that never stays on one side of 500 kPa.
_FILL = text(
    "INSERT INTO app.sensor_readings (device_id, recorded_at, temperature, pressure) "
    "SELECT d, t, 60 + 3 * sin(extract(epoch FROM t) / 9000 + d) + 2 * random() "
    "  + CASE WHEN mod(CAST(extract(epoch FROM t) AS bigint), 28800) < 600 THEN 15 ELSE 0 END, "
    "  500 + (2 * mod(CAST(extract(epoch FROM t) AS bigint), 2) - 1) * (1 + random()) "
    "FROM generate_series(CAST(:since AS timestamptz), :until, interval '1 second') AS t, "
    "generate_series(1, :devices) AS d ON CONFLICT DO NOTHING"
)
_RARE = Threshold(
    ThresholdId(0), _DEVICE.id, "temperature", None, 70.0, Severity.WARNING, deadband=1.0, on_delay_s=10.0
)
_OSCILLATING = Threshold(ThresholdId(0), _DEVICE.id, "pressure", None, 500.0, Severity.WARNING)


def _run(size: BenchSize) -> list[Figure]:
    length = timedelta(hours=1) if size.is_small else timedelta(days=30)
    until = datetime.fromtimestamp(time.time(), UTC).replace(minute=0, second=0, microsecond=0)
    since = until - length
    figures: list[Figure] = []
    with scratch_database(_DEVICES, FAST_SERVER) as database:
        _fill(database, since, until)
        period = since.timestamp(), until.timestamp()
        for name, threshold, edited in (
            ("rare", _RARE, replace(_RARE, max_value=68.0, deadband=0.5)),
            ("oscillating", _OSCILLATING, replace(_OSCILLATING, max_value=500.5)),
            (
                "oscillating_delayed",
                replace(_OSCILLATING, on_delay_s=5.0, off_delay_s=5.0),
                replace(_OSCILLATING, on_delay_s=0.5, off_delay_s=0.5),
            ),
        ):
            figures += _figures(database, name, threshold, edited, period)
    return figures


def _figures(
    database: Database, name: str, threshold: Threshold, edited: Threshold, period: tuple[float, float]
) -> list[Figure]:
    with database.transaction() as connection:
        allow_long_work(connection)
        memory = SampleMemory()

        def tried(tried_threshold: Threshold) -> int:
            test = run_back_test(
                connection, _DEVICE, tried_threshold, *period, memory, lambda _: None, lambda: False
            )
            return test.count

        found, taken_s = _timed(lambda: tried(threshold))
        _, again_s = _timed(lambda: tried(edited))
        expected, live_s = _timed(lambda: _live_count(connection, threshold, *period))
    if found != expected:
        raise AssertionError(f"{name}: the back-test found {found} alerts, the live evaluator {expected}")
    return [
        _figure(f"back-test.{name}", taken_s, live_s),
        _figure(f"back-test.{name}_after_an_edit", again_s, live_s),
    ]


def _live_count(connection: Connection, threshold: Threshold, since_unix: float, until_unix: float) -> int:
    """Judge every reading as a station does; a day at a time, so that memory stays small."""
    evaluator = Evaluator(_DEVICE, [threshold], ())
    place, count = METRIC_INDEX[threshold.metric], 0
    before, after = (None,) * place, (None,) * (METRIC_COUNT - place - 1)
    for first in np.arange(since_unix, until_unix, _DAY_S).tolist():
        series = raw_series(connection, _DEVICE.id, threshold.metric, first, min(first + _DAY_S, until_unix))
        for at_unix, value in zip(series.times.tolist(), series.values.tolist(), strict=True):
            reading = Reading(_DEVICE.id, at_unix, (*before, value if value == value else None, *after))
            for transition in evaluator.judge(reading):
                count += transition.kind is TransitionKind.RAISED
    return count


def _fill(database: Database, since: datetime, until: datetime) -> None:
    """Readings of both devices side by side, condensed as a station would leave them."""
    with database.transaction() as connection:
        allow_long_work(connection)
        rooms = "generate_series(CAST(:since AS timestamptz), :until, interval '1 day')"
        connection.execute(
            text(f"SELECT app.make_room_for(ARRAY(SELECT {rooms}))"), {"since": since, "until": until}
        )
        connection.execute(_FILL, {"since": since, "until": until, "devices": _DEVICES})
    with database.transaction() as connection:
        rebuild_rollups(connection, since, until)
        connection.execute(
            text("UPDATE app.rollup_progress SET closed_before = :u, rolled_before = :u, hours_before = :u"),
            {"u": until},
        )
    with database.autocommit(LONG_WORK_S) as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))


def _timed(work: Callable[[], int]) -> tuple[int, float]:
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def _figure(name: str, taken_s: float, live_s: float) -> Figure:
    return Figure(
        name, taken_s, "s", live_s, taken_s / live_s, f"≤ {_LONGEST_S:g} s for 30 days", taken_s <= _LONGEST_S
    )


BENCH = Bench("back-test", "a threshold tried on thirty days of readings, against judging each anew", _run)
