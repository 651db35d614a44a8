"""The three queries of the schema document, as PostgreSQL really runs them at 1,000 devices and a day."""

import time

import pytest
from sqlalchemy import text

from models.binary_arrays import driver_cursor
from models.database import Database
from models.metrics import METRIC_KEYS
from models.migrations.revision_0009.readings import LATEST_HOUR
from models.queries.alerts import ACTIVE_ALERTS, active_alerts
from models.queries.overview import OVERVIEW, device_overview
from models.queries.readings import latest_hour, raw_series

DEVICES = 1000
# Plans see rows; trails, revisions and the checks of each row, which take four times as long, are not theirs.
FILL = f"""
SET LOCAL session_replication_role = replica;
INSERT INTO app.devices (device_id, name, type, location, user_id)
SELECT 'D' || i, 'Device ' || i, 'drive', 'Hall ' || mod(i, 8), 1 FROM generate_series(1, {DEVICES}) AS i;
INSERT INTO app.sensor_readings (device_id, recorded_at, {", ".join(METRIC_KEYS)})
SELECT d, t, {", ".join("d + random()" for _ in METRIC_KEYS)}
FROM generate_series(now() - interval '1 day', now(), '10 minutes') AS t, generate_series(1, {DEVICES}) AS d;
INSERT INTO app.device_latest (device_id, recorded_at, {", ".join(METRIC_KEYS)})
SELECT DISTINCT ON (device_id) device_id, recorded_at, {", ".join(METRIC_KEYS)} FROM app.sensor_readings
WHERE recorded_at > now() - interval '11 minutes' ORDER BY device_id, recorded_at DESC;
INSERT INTO app.signals (key, label, plausible_low, plausible_high, span_low, span_high)
SELECT 'flow_' || i, 'Flow ' || i, 0, 9, 0, 9 FROM generate_series(1, 3) AS i;
INSERT INTO app.signal_readings (device_id, signal_id, recorded_at, value)
SELECT d, s, t, random() FROM generate_series(now() - interval '1 day', now(), '10 minutes') AS t,
       generate_series(1, 300) AS d, generate_series(1, 3) AS s;
INSERT INTO app.alerts (device_id, severity, message, status, triggered_at, user_id)
SELECT 1 + mod(i, {DEVICES}), 'warning', 'hot', CASE WHEN mod(i, 100) = 0 THEN 'active' ELSE 'resolved' END,
       now() - i * interval '1 second', 1
FROM generate_series(1, 20000) AS i;
"""


@pytest.fixture(scope="module")
def plant(database_server):
    """1,000 devices with a day of readings and 20,000 alerts, 200 of them active."""
    name = database_server.create()
    database = Database(database_server.url_of(name), "tests")
    with database.transaction() as connection:
        connection.exec_driver_sql(FILL)
    with database.autocommit() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    yield database
    database.close()
    database_server.drop(name)


@pytest.fixture
def plan(plant):
    """`plan(sql, parameters)` runs a statement under EXPLAIN ANALYZE and returns the nodes that were run."""

    def explain(sql, parameters=()):
        with plant.transaction() as connection, driver_cursor(connection) as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT json) {sql}".encode(), parameters)
            (answer,) = cursor.fetchone()
        return list(nodes(answer[0]["Plan"]))

    return explain


def nodes(node):
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)


def scans_of(plan, table):
    return [node for node in plan if str(node.get("Relation Name", "")).startswith(table)]


def test_the_last_hour_of_a_device_reads_the_key_of_the_days_it_touches_and_no_other(plan):
    ran = plan(LATEST_HOUR.replace("p_device", "7").replace("p_limit", "100"))
    # Late in the evening tomorrow is touched, too, and an empty day may be looked at in any way.
    scans = [node for node in scans_of(ran, "sensor_readings") if node["Actual Rows"]]
    assert {node["Node Type"] for node in scans} == {"Index Scan"}
    assert 1 <= len(scans) <= 2
    assert all(node["Index Name"].endswith("_pkey") for node in scans)
    # An hour at one reading in ten minutes: nothing is read that is not wanted.
    assert sum(node["Actual Rows"] for node in scans) <= 7
    assert sum(node.get("Rows Removed by Filter", 0) for node in scans) == 0


def test_active_alerts_are_found_through_an_index(plan):
    scans = scans_of(plan(ACTIVE_ALERTS), "alerts")
    assert {node["Node Type"] for node in scans} <= {"Index Scan", "Bitmap Heap Scan", "Index Only Scan"}
    assert sum(node["Actual Rows"] for node in scans) == 200


def test_the_overview_never_touches_the_readings_and_finds_open_alerts_through_an_index(plan):
    run = plan(OVERVIEW)
    assert scans_of(run, "sensor_readings") == []
    assert {node["Node Type"] for node in scans_of(run, "alerts")} <= {"Index Scan", "Bitmap Heap Scan"}
    assert sum(node["Actual Rows"] for node in scans_of(run, "device_latest")) == DEVICES


def test_a_series_of_an_hour_reads_only_its_days_by_the_key(plan):
    now = time.time()
    sql = (
        "SELECT recorded_at, rpm FROM app.sensor_readings WHERE device_id = %s "
        "AND recorded_at >= to_timestamp(%s) AND recorded_at < to_timestamp(%s) ORDER BY recorded_at"
    )
    scans = scans_of(plan(sql, (7, now - 3600, now)), "sensor_readings")
    assert {node["Node Type"] for node in scans} == {"Index Scan"}
    assert 1 <= len(scans) <= 2


def test_an_hour_of_a_signal_reads_only_its_days_by_the_key(plan):
    now = time.time()
    sql = (
        "SELECT recorded_at, value FROM app.signal_readings WHERE device_id = %s AND signal_id = 2 "
        "AND recorded_at >= to_timestamp(%s) AND recorded_at < to_timestamp(%s) ORDER BY recorded_at"
    )
    scans = [
        node for node in scans_of(plan(sql, (7, now - 3600, now)), "signal_readings") if node["Actual Rows"]
    ]
    assert {node["Node Type"] for node in scans} == {"Index Scan"}
    assert sum(node["Actual Rows"] for node in scans) <= 7
    assert sum(node.get("Rows Removed by Filter", 0) for node in scans) == 0


def test_a_time_range_over_all_devices_uses_the_brin_index(plan):
    # Half a day ago: whatever time it is now, the day that held it is large.
    sql = (
        "SELECT count(rpm) FROM app.sensor_readings "
        "WHERE recorded_at > now() - interval '12 hours 15 minutes' "
        "AND recorded_at < now() - interval '12 hours'"
    )
    run = plan(sql)
    assert {node["Node Type"] for node in scans_of(run, "sensor_readings")} == {"Bitmap Heap Scan"}
    assert any("recorded_at" in node.get("Index Name", "") for node in run)


def test_the_functions_return_what_the_plans_promise(plant):
    now = time.time()
    with plant.transaction() as connection:
        assert len(latest_hour(connection, 7)) in (6, 7)
        assert len(active_alerts(connection)) == 200
        assert sum(row.active_alerts for row in device_overview(connection)) == 200
        assert len(raw_series(connection, 7, "rpm", now - 3600, now).times) in (6, 7)
