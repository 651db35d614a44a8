"""Columns and tables: rules, latching, guidance; shelves, maintenance, and the site's settings."""

THRESHOLDS = """
ALTER TABLE app.alert_thresholds
    -- What is judged. Programs from before know limits only: they see no limit in a row of another rule, and
    -- pass it over.
    ADD COLUMN rule text NOT NULL DEFAULT 'limit' CHECK (rule IN
        ('limit', 'rate_of_change', 'frozen', 'no_data', 'bad_quality', 'offline', 'clock')),
    -- rate_of_change: unit a minute; frozen: how far a value may move and still count as frozen, in its unit;
    -- no_data: periods of the device; clock: seconds. The other rules have none.
    ADD COLUMN amount double precision CHECK (amount BETWEEN 0 AND 1e30),
    ADD COLUMN latching boolean NOT NULL DEFAULT false,
    ADD COLUMN requires_comment boolean NOT NULL DEFAULT false,
    -- So long after it was acknowledged an alert that still stands asks again; empty = never.
    ADD COLUMN realarm_s double precision CHECK (realarm_s BETWEEN 1 AND 1e9),
    ADD COLUMN cause text NOT NULL DEFAULT '',
    ADD COLUMN consequence text NOT NULL DEFAULT '',
    ADD COLUMN operator_action text NOT NULL DEFAULT '',
    ADD COLUMN respond_within_s double precision CHECK (respond_within_s BETWEEN 1 AND 1e9),
    -- Why, by whom and since when the threshold is out of service (not enabled).
    ADD COLUMN disabled_reason text NOT NULL DEFAULT '',
    ADD COLUMN disabled_by bigint REFERENCES app.users (id),
    ADD COLUMN disabled_at timestamptz,
    -- Who changed it last, at updated_at: what the second of two engineers at one threshold is told.
    ADD COLUMN changed_by bigint REFERENCES app.users (id);
CREATE INDEX alert_thresholds_changed_by_idx ON app.alert_thresholds (changed_by)
    WHERE changed_by IS NOT NULL;
CREATE INDEX alert_thresholds_disabled_by_idx ON app.alert_thresholds (disabled_by)
    WHERE disabled_by IS NOT NULL;
ALTER TABLE app.alert_thresholds
    DROP CONSTRAINT alert_thresholds_has_a_limit,
    ADD CONSTRAINT alert_thresholds_has_a_limit CHECK (
        CASE WHEN rule = 'limit' THEN min_value IS NOT NULL OR max_value IS NOT NULL
             ELSE min_value IS NULL AND max_value IS NULL END),
    ADD CONSTRAINT alert_thresholds_has_an_amount CHECK (
        amount IS NOT NULL OR rule NOT IN ('rate_of_change', 'no_data', 'clock')),
    -- These judge the device, not one metric of it.
    ADD CONSTRAINT alert_thresholds_of_devices CHECK (
        (rule IN ('offline', 'clock')) = (metric_type = 'device'));

CREATE FUNCTION app.note_disabled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.changed_by := coalesce(app.person_id(), NEW.changed_by);
    IF NEW.enabled THEN
        NEW.disabled_reason := '';
        NEW.disabled_by := NULL;
        NEW.disabled_at := NULL;
    ELSIF TG_OP = 'INSERT' OR OLD.enabled THEN
        NEW.disabled_by := app.person_id();
        NEW.disabled_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER note_disabled BEFORE INSERT OR UPDATE ON app.alert_thresholds
    FOR EACH ROW EXECUTE FUNCTION app.note_disabled();
"""

ALERTS = """
ALTER TABLE app.alerts
    ADD COLUMN rule text NOT NULL DEFAULT 'limit',
    -- As the threshold said when the episode began.
    ADD COLUMN latching boolean NOT NULL DEFAULT false,
    -- Why the alert asks nobody now: '', 'shelf', 'maintenance', 'update' or 'parent'.
    ADD COLUMN hidden_by text NOT NULL DEFAULT '',
    -- When it last asked for an operator; empty: never, because it was hidden from its beginning.
    ADD COLUMN annunciated_at timestamptz;
-- Those from before this revision were all shown when they began; the upkeep need not touch them.

ALTER TABLE app.alert_events
    DROP CONSTRAINT alert_events_kind_check,
    ADD CONSTRAINT alert_events_kind_check CHECK (kind IN (
        'raised', 'cleared', 'reoccurred', 'realarmed', 'acknowledged', 'resolved', 'commented',
        'shelved', 'unshelved', 'suppressed', 'unsuppressed')) NOT VALID,
    -- Whether the event asked for an operator: what alarm load is counted by. Empty: from before.
    ADD COLUMN is_annunciated boolean,
    ADD COLUMN station_id bigint,
    ADD COLUMN workstation text NOT NULL DEFAULT '';
ALTER TABLE app.alert_events
    ALTER COLUMN station_id SET DEFAULT app.station_id(),
    ALTER COLUMN workstation SET DEFAULT left(coalesce(current_setting('application_name', true), ''), 255);
CREATE INDEX alert_events_at_idx ON app.alert_events (at, id);
-- How many comments an alert has is shown beside each of thousands of open ones.
CREATE INDEX alert_events_comments_idx ON app.alert_events (alert_id)
    WHERE comment <> '' AND kind IN ('commented', 'acknowledged', 'resolved') AND user_id IS NOT NULL;
"""

SHELVES = """
-- ISA-18.2, 11.7: an operator sets an alarm aside for a time. Kept for ever: who, why, how long.
CREATE TABLE app.alert_shelves (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id    bigint NOT NULL REFERENCES app.devices (id),
    threshold_id bigint NOT NULL,  -- no foreign key: the record outlives the threshold
    user_id      bigint NOT NULL REFERENCES app.users (id),
    reason       text NOT NULL CHECK (btrim(reason) <> '' AND length(reason) <= 2000),
    shelved_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    until        timestamptz NOT NULL,
    is_one_shot  boolean NOT NULL DEFAULT false,
    -- Whether the person had entered the password a moment before.
    is_signed    boolean NOT NULL DEFAULT false,
    ended_at     timestamptz,
    ended_by     bigint REFERENCES app.users (id),
    ended_why    text CHECK (ended_why IN ('unshelved', 'expired', 'returned', 'removed')),
    CHECK (until > shelved_at),
    CHECK ((ended_at IS NULL) = (ended_why IS NULL))
);
CREATE UNIQUE INDEX alert_shelves_one_open ON app.alert_shelves (threshold_id) WHERE ended_at IS NULL;
CREATE INDEX alert_shelves_device_id_idx ON app.alert_shelves (device_id, shelved_at);
CREATE INDEX alert_shelves_shelved_at_idx ON app.alert_shelves (shelved_at);

CREATE TABLE app.device_maintenance (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id  bigint NOT NULL REFERENCES app.devices (id),
    user_id    bigint NOT NULL REFERENCES app.users (id),
    reason     text NOT NULL CHECK (btrim(reason) <> '' AND length(reason) <= 2000),
    began_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    until      timestamptz NOT NULL,
    ended_at   timestamptz,
    ended_by   bigint REFERENCES app.users (id),
    ended_why  text CHECK (ended_why IN ('ended', 'expired')),
    CHECK (until > began_at),
    CHECK ((ended_at IS NULL) = (ended_why IS NULL))
);
CREATE UNIQUE INDEX device_maintenance_one_open ON app.device_maintenance (device_id) WHERE ended_at IS NULL;
CREATE INDEX device_maintenance_device_id_idx ON app.device_maintenance (device_id, began_at);
CREATE INDEX device_maintenance_began_at_idx ON app.device_maintenance (began_at);

-- What the site decided, in one row.
CREATE TABLE app.alarm_settings (
    only_one           boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    max_shelf_s        double precision NOT NULL DEFAULT 43200 CHECK (max_shelf_s BETWEEN 60 AND 2592000),
    max_maintenance_s  double precision NOT NULL DEFAULT 604800
        CHECK (max_maintenance_s BETWEEN 60 AND 31536000),
    -- Alarm load is judged per operator position (EEMUA 191).
    operator_positions integer NOT NULL DEFAULT 1 CHECK (operator_positions BETWEEN 1 AND 100),
    -- [{"name": "Early", "starts": "06:00"}, …] in the order of the day, by the clock of `time_zone`.
    shifts             jsonb NOT NULL DEFAULT
        '[{"name": "Early", "starts": "06:00"}, {"name": "Late", "starts": "14:00"},
          {"name": "Night", "starts": "22:00"}]'
        CHECK (jsonb_typeof(shifts) = 'array' AND jsonb_array_length(shifts) <= 12 AND NOT jsonb_path_exists(
            shifts, '$[*] ? (!(@.name.type() == "string"
                               && @.starts like_regex "^([01][0-9]|2[0-3]):[0-5][0-9]$"))')),
    time_zone          text NOT NULL DEFAULT 'UTC' CHECK (length(time_zone) BETWEEN 1 AND 100),
    updated_at         timestamptz NOT NULL DEFAULT now()
);
INSERT INTO app.alarm_settings DEFAULT VALUES;
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON app.alarm_settings
    FOR EACH ROW EXECUTE FUNCTION app.touch_updated_at();
"""
