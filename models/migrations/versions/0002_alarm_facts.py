"""What the alarm life cycle and the live overview need beyond the schema document."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = """
-- The PostgreSQL login of a person; empty for somebody who cannot sign in.
ALTER TABLE app.users ADD COLUMN db_role name UNIQUE;

ALTER TABLE app.devices
    ADD COLUMN status_detail text NOT NULL DEFAULT '',
    -- Devices are hidden, not removed: their readings and alerts stay whole.
    ADD COLUMN deleted_at timestamptz;

ALTER TABLE app.alert_thresholds
    ADD COLUMN deadband double precision NOT NULL DEFAULT 0 CHECK (deadband >= 0),
    ADD COLUMN on_delay_s double precision NOT NULL DEFAULT 0 CHECK (on_delay_s >= 0),
    ADD COLUMN off_delay_s double precision NOT NULL DEFAULT 0 CHECK (off_delay_s >= 0);

ALTER TABLE app.alerts
    ADD COLUMN metric text,
    ADD COLUMN cleared_at timestamptz,
    ADD COLUMN acknowledged_by bigint REFERENCES app.users (id),
    ADD COLUMN resolved_by bigint REFERENCES app.users (id),
    ADD COLUMN value_at_trigger double precision,
    ADD COLUMN limit_at_trigger double precision;
-- Two stations can never raise the same episode twice.
CREATE UNIQUE INDEX alerts_one_open_episode ON app.alerts (device_id, threshold_id)
    WHERE status <> 'resolved';
CREATE INDEX alerts_triggered_at_idx ON app.alerts (triggered_at DESC, id DESC);
CREATE INDEX alerts_acknowledged_by_idx ON app.alerts (acknowledged_by) WHERE acknowledged_by IS NOT NULL;
CREATE INDEX alerts_resolved_by_idx ON app.alerts (resolved_by) WHERE resolved_by IS NOT NULL;
"""

JOURNAL = """
CREATE TABLE app.alert_events (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id     bigint NOT NULL REFERENCES app.alerts (id),
    device_id    bigint NOT NULL,
    threshold_id bigint,
    kind         text NOT NULL
        CHECK (kind IN ('raised', 'cleared', 'reoccurred', 'acknowledged', 'resolved')),
    at           timestamptz NOT NULL,
    user_id      bigint REFERENCES app.users (id),  -- empty: a station did it
    value        double precision,
    comment      text NOT NULL DEFAULT '',
    written_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX alert_events_alert_id_idx ON app.alert_events (alert_id, id);
-- A station that reports the same beginning or end again (its spool was cut short) changes nothing.
CREATE UNIQUE INDEX alert_events_transition_key
    ON app.alert_events (device_id, threshold_id, at, (kind = 'cleared'))
    WHERE kind IN ('raised', 'reoccurred', 'cleared');
CREATE INDEX alert_events_user_id_idx ON app.alert_events (user_id) WHERE user_id IS NOT NULL;

CREATE FUNCTION app.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: what happened stays written', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.alert_events
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON app.alert_events
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
"""

LATEST = """
-- One row a device: the overview never has to search the readings. Its foreign key is also what keeps a
-- reading of an unknown device out of app.sensor_readings.
CREATE TABLE app.device_latest (
    device_id         bigint PRIMARY KEY REFERENCES app.devices (id),
    recorded_at       timestamptz NOT NULL,
    temperature       double precision,
    humidity          double precision,
    pressure          double precision,
    vibration         double precision,
    power_consumption double precision,
    rpm               double precision,
    quality           smallint NOT NULL DEFAULT 0
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.5);
"""

UPDATED_AT = """
-- Status and last_seen are heartbeats, not changes somebody made: they leave updated_at alone.
CREATE FUNCTION app.touch_updated_at() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON app.users
    FOR EACH ROW EXECUTE FUNCTION app.touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON app.alert_thresholds
    FOR EACH ROW EXECUTE FUNCTION app.touch_updated_at();
CREATE TRIGGER touch_updated_at
    BEFORE UPDATE OF device_id, name, type, location, user_id, metadata, deleted_at ON app.devices
    FOR EACH ROW EXECUTE FUNCTION app.touch_updated_at();
"""


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for statements in (COLUMNS, JOURNAL, LATEST, UPDATED_AT):
        connection.exec_driver_sql(statements)
