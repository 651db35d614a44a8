"""The migrated database against the schema document and against the tables as the program describes them."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import DOMAIN

from models.metrics import METRIC_KEYS
from models.tables import alerts, devices, firmware, handovers, people, readings
from models.tables.metadata import METADATA

TABLES = sorted(METADATA.tables)
assert all((alerts, devices, firmware, handovers, people, readings))

# The columns of the schema document, table by table, with what it says about NULL.
DOCUMENT = {
    "users": "id! email! password_hash! name! role! created_at! updated_at!",
    "devices": "id! device_id! name! type! location! status! user_id metadata last_seen created_at! "
    "updated_at!",
    "sensor_readings": "id! device_id! temperature humidity pressure vibration power_consumption rpm "
    "recorded_at! created_at!",
    "alerts": "id! device_id! threshold_id user_id severity! message! status! triggered_at! acknowledged_at "
    "resolved_at created_at!",
    "alert_thresholds": "id! device_id! user_id! metric_type! min_value max_value severity! enabled! "
    "created_at! updated_at!",
    "ota_versions": "id! version! firmware_url! release_notes status! released_at created_at!",
    "ota_deployments": "id! device_id! version_id! status! progress_percent error_message started_at "
    "completed_at created_at!",
}

INDEXES = {
    "sensor_readings": {("device_id", "recorded_at"), ("recorded_at",)},
    "alerts": {("user_id", "created_at"), ("status", "severity")},
    "ota_deployments": {("device_id", "status"), ("version_id", "status")},
    "users": {("email",)},
    "devices": {("device_id",), ("user_id",)},
    "ota_versions": {("version",)},
    "alert_thresholds": {("device_id",), ("user_id",)},
}

CHOICES = {
    "user_role": {"admin", "operator", "user"},
    "device_status": {"online", "offline", "error"},
    "severity": {"critical", "warning", "info"},
    "alert_status": {"active", "acknowledged", "resolved"},
    "version_status": {"draft", "released", "deprecated"},
    "deployment_status": {"pending", "in_progress", "completed", "failed"},
}


@pytest.fixture
def connection(shared_database):
    with shared_database.transaction() as opened:
        yield opened


@pytest.fixture
def schema(connection):
    return inspect(connection)


@pytest.mark.parametrize("table", DOCUMENT)
def test_every_column_of_the_document_is_there_and_not_null_where_it_says_so(schema, table):
    columns = {column["name"]: column for column in schema.get_columns(table, schema="app")}
    for wanted in DOCUMENT[table].split():
        column = columns[wanted.rstrip("!")]
        assert not (wanted.endswith("!") and column["nullable"]), wanted


@pytest.mark.parametrize("table", INDEXES)
def test_every_index_of_the_document_is_there(connection, table):
    found = connection.execute(
        text(
            "SELECT (SELECT array_agg(a.attname ORDER BY k.place) FROM unnest(i.indkey) WITH ORDINALITY "
            "AS k (number, place) JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number) "
            "FROM pg_index AS i WHERE i.indrelid = CAST(:table AS regclass)"
        ),
        {"table": f"app.{table}"},
    )
    assert INDEXES[table] <= {tuple(columns or ()) for columns in found.scalars()}


@pytest.mark.parametrize("name", CHOICES)
def test_every_choice_of_the_document_is_accepted_and_nothing_else(connection, name):
    for word in CHOICES[name]:
        assert (
            connection.execute(text(f"SELECT CAST(:word AS app.{name})"), {"word": word}).scalar_one() == word
        )
    with pytest.raises(Exception, match="check constraint"), connection.begin_nested():
        connection.execute(text(f"SELECT CAST('other' AS app.{name})"))


def test_severities_have_the_order_of_urgency(connection):
    ranks = connection.execute(
        text("SELECT app.severity_rank(s) FROM unnest(ARRAY['critical', 'warning', 'info']) AS s")
    )
    assert ranks.scalars().all() == [1, 2, 3]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_as_the_program_describes_it_is_the_table_that_is_there(schema, name):
    described = METADATA.tables[name]
    columns = {column["name"]: column for column in schema.get_columns(described.name, schema="app")}
    assert set(columns) == set(described.columns.keys())
    for column in described.columns:
        real = columns[column.name]
        stored = "TEXT" if isinstance(real["type"], DOMAIN) else real["type"].compile(postgresql.dialect())
        assert stored == column.type.compile(postgresql.dialect()), column
        assert real["nullable"] == column.nullable, column


def test_readings_are_partitioned_by_day_and_have_a_column_for_every_metric(connection, schema):
    strategy = connection.execute(
        text("SELECT pg_get_partkeydef('app.sensor_readings'::regclass)")
    ).scalar_one()
    columns = {column["name"] for column in schema.get_columns("sensor_readings", schema="app")}
    assert strategy == "RANGE (recorded_at)"
    assert set(METRIC_KEYS) <= columns


def test_no_reading_can_hide_in_a_default_partition(connection):
    hidden = connection.execute(
        text("SELECT count(*) FROM pg_partitioned_table WHERE partdefid <> 0")
    ).scalar_one()
    assert hidden == 0


def test_a_device_with_readings_cannot_be_deleted(connection):
    connection.execute(
        text(
            "WITH d AS (INSERT INTO app.devices (device_id, name, type, location) "
            "VALUES ('X', 'x', 't', 'l') RETURNING id) "
            "INSERT INTO app.device_latest (device_id, recorded_at) SELECT id, now() FROM d"
        )
    )
    with pytest.raises(Exception, match="foreign key"), connection.begin_nested():
        connection.execute(text("DELETE FROM app.devices WHERE device_id = 'X'"))
    connection.get_transaction().rollback()
