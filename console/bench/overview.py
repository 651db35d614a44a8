"""`main.py bench overview`: latest reading and open alerts of 1,000 devices, against a lateral join."""

import time

from sqlalchemy import text

from console.bench.figure import Bench, BenchSize, Figure
from console.bench.scratch_database import median_s, scratch_database
from models.metrics import METRIC_COUNT, METRIC_KEYS
from models.queries.overview import device_overview
from models.queries.readings import insert_readings
from models.records.device import DeviceId
from models.records.reading import Reading

_LATERAL = text(
    "SELECT d.id, d.name, d.status, d.status_detail, d.last_seen, a.active, a.open, l.* "
    "FROM app.devices AS d "
    f"LEFT JOIN LATERAL (SELECT recorded_at, quality, {', '.join(METRIC_KEYS)} FROM app.sensor_readings AS r "
    "  WHERE r.device_id = d.id AND r.recorded_at > now() - interval '1 hour' "
    "  ORDER BY r.recorded_at DESC LIMIT 1) AS l ON true "
    "LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE status = 'active') AS active, count(*) AS open "
    "  FROM app.alerts AS x WHERE x.device_id = d.id AND x.status <> 'resolved') AS a ON true "
    "ORDER BY d.location, d.name"
)
_ALERTS = text(
    "INSERT INTO app.alerts (device_id, severity, message, status, triggered_at) "
    "SELECT 1 + i % :devices, 'warning', 'hot', "
    "  CASE WHEN i % 20 = 0 THEN 'active' ELSE 'resolved' END, now() "
    "FROM generate_series(1, 5 * :devices) AS i"
)


def _run(size: BenchSize) -> list[Figure]:
    devices, polls, times = (50, 3, 3) if size.is_small else (1000, 120, 25)
    with scratch_database(devices) as database:
        start = time.time() - polls
        for second in range(polls):
            batch = [
                Reading(DeviceId(i), start + second, (20.0 + second,) * METRIC_COUNT)
                for i in range(1, devices + 1)
            ]
            with database.transaction() as connection:
                insert_readings(connection, batch)
        with database.transaction() as connection:
            connection.execute(_ALERTS, {"devices": devices})
        with database.autocommit() as connection:
            connection.execute(text("VACUUM ANALYZE"))
        with database.transaction() as connection:
            ours = 1000 * median_s(lambda: device_overview(connection), times)
            lateral = 1000 * median_s(lambda: connection.execute(_LATERAL).all(), times)
    return [
        Figure(
            "overview.all_devices",
            ours,
            "ms",
            lateral,
            ours / lateral,
            "≤ 0.7 × lateral join and ≤ 10 ms",
            ours <= 0.7 * lateral and ours <= 10,
        )
    ]


BENCH = Bench("overview", "state, latest reading and open alerts of 1,000 devices", _run)
