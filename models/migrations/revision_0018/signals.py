"""Signals: what a site measures beside the six metrics, in a narrow table partitioned as the readings are.

A signal is a row, so that a site adds one without a migration; its values lie one a row, beside the reading
whose device and time they share. Marks of late minutes, partitions and the steps of the rollups are those of
the readings: a signal's value comes with a reading or not at all.
"""

from models.migrations.revision_0018.signal_rollups import signal_rollups
from models.migrations.revision_0018.signal_storing import METRICS, record_readings_and_signals

_OF_OWN_DEVICE = "device_id IN (SELECT d.id FROM app.devices AS d WHERE d.user_id = (SELECT app.person_id()))"
_OF_DEVICES = ("signal_readings", "signal_latest", "signal_1m", "signal_1h")

_TABLES = f"""
CREATE TABLE app.signals (
    id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key            varchar(40) NOT NULL
        CONSTRAINT signals_key_is_a_word CHECK (key ~ '^[a-z][a-z0-9_]*$')
        -- "device" stands for the whole device in alert_thresholds.
        CONSTRAINT signals_key_is_free CHECK (key NOT IN ('{"', '".join(METRICS)}', 'device')),
    label          varchar(100) NOT NULL CHECK (btrim(label) <> ''),
    unit           varchar(20) NOT NULL DEFAULT '',
    decimals       smallint NOT NULL DEFAULT 2 CHECK (decimals BETWEEN 0 AND 6),
    plausible_low  double precision NOT NULL CHECK (abs(plausible_low) <= 1e30),
    plausible_high double precision NOT NULL CHECK (abs(plausible_high) <= 1e30),
    span_low       double precision NOT NULL CHECK (abs(span_low) <= 1e30),
    span_high      double precision NOT NULL CHECK (abs(span_high) <= 1e30),
    -- [[0, "Stopped"], [1, "Running"]]: names of whole values; empty for a measurement.
    -- Everybody loads every signal, so what is no list of such pairs would end the work of all.
    states         jsonb NOT NULL DEFAULT '[]' CHECK (
        jsonb_typeof(states) = 'array' AND octet_length(states::text) <= 65536 AND NOT jsonb_path_exists(
            states, 'strict $[*] ? (@.type() != "array" || @.size() != 2 || @[0].type() != "number" || '
                    '@[1].type() != "string" || @[0] != @[0].floor() || @[0].abs() > 9007199254740992)')),
    user_id        bigint REFERENCES app.users (id) ON DELETE SET NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    -- Its values stay, so the row does; its key is free for another.
    retired_at     timestamptz,
    CONSTRAINT signals_plausible_has_width CHECK (plausible_low < plausible_high),
    CONSTRAINT signals_span_has_width CHECK (span_low < span_high)
);
CREATE UNIQUE INDEX signals_key_in_use ON app.signals (key) WHERE retired_at IS NULL;
CREATE INDEX signals_user_id_idx ON app.signals (user_id);

-- References app.devices and app.signals through app.signal_latest, which every write touches.
CREATE TABLE app.signal_readings (
    device_id   bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    value       double precision,
    signal_id   integer NOT NULL,
    -- 0 = good; 1 = no good value.
    quality     smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (device_id, signal_id, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE INDEX signal_readings_recorded_at_idx ON app.signal_readings
    USING brin (recorded_at) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE app.signal_latest (
    device_id   bigint NOT NULL REFERENCES app.devices (id),
    signal_id   integer NOT NULL REFERENCES app.signals (id),
    recorded_at timestamptz NOT NULL,
    value       double precision,
    quality     smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (device_id, signal_id)
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.5);
CREATE INDEX signal_latest_signal_id_idx ON app.signal_latest (signal_id);
"""

_ROLLUP = """
CREATE TABLE app.{name} (
    device_id bigint NOT NULL,
    bucket    timestamptz NOT NULL,
    low       double precision,
    high      double precision,
    mean      double precision,
    last      double precision,
    signal_id integer NOT NULL,
    count     integer NOT NULL,
    PRIMARY KEY (device_id, signal_id, bucket)
) PARTITION BY RANGE (bucket);
"""

_KEEPING = """
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON app.signals
    FOR EACH ROW EXECUTE FUNCTION app.touch_updated_at();
CREATE TRIGGER announce_inserted AFTER INSERT ON app.signals REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('catalogue');
CREATE TRIGGER announce_updated AFTER UPDATE ON app.signals REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('catalogue');

-- Nothing that is still read or judged may lose its signal. An engineer is told of own devices by name, of
-- others that there are some.
CREATE FUNCTION app.keep_signal_in_use() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.person_id();
    sees_all boolean := coalesce(app.person_role(), '') <> 'user';
    used_by text;
    number bigint;
BEGIN
    SELECT min(d.device_id) FILTER (WHERE sees_all OR d.user_id = person), count(*)
    INTO used_by, number FROM app.devices AS d
    WHERE d.deleted_at IS NULL AND (
        jsonb_path_exists(d.metadata, '$.tags[*] ? (@.metric == $key)', jsonb_build_object('key', OLD.key))
        OR EXISTS (SELECT FROM app.alert_thresholds AS t
                   WHERE t.device_id = d.id AND t.metric_type = OLD.key));
    IF number > 0 THEN
        RAISE EXCEPTION 'the signal % is in use by %', OLD.key,
            CASE WHEN used_by IS NULL
                 THEN CASE number WHEN 1 THEN 'a device' ELSE number || ' devices' END || ' of somebody '
                      || 'else; they or an administrator must take it out of tags and limits first'
                 WHEN number = 1
                 THEN 'the device ' || used_by || '; take it out of tags and limits first'
                 ELSE number || ' devices, as by ' || used_by || '; take it out of tags and limits first' END
            USING ERRCODE = '23503';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_in_use BEFORE UPDATE OF retired_at ON app.signals
    FOR EACH ROW WHEN (OLD.retired_at IS NULL AND NEW.retired_at IS NOT NULL)
    EXECUTE FUNCTION app.keep_signal_in_use();

-- Who begins to use a signal holds it until the end of the transaction, so that whoever takes it out of use
-- meanwhile sees the use, or comes first and is seen. What was used before is no news. Keys that never were a
-- signal's are the programs' own affair.
CREATE FUNCTION app.hold_signals(p_keys text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    lost text;
BEGIN
    PERFORM FROM app.signals AS s WHERE s.key = ANY (p_keys) AND s.retired_at IS NULL ORDER BY s.id FOR SHARE;
    SELECT min(s.key) INTO lost FROM app.signals AS s WHERE s.key = ANY (p_keys)
    AND NOT EXISTS (SELECT FROM app.signals AS n WHERE n.key = s.key AND n.retired_at IS NULL);
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION 'the signal % was taken out of use; add it again, or choose another', lost
            USING ERRCODE = '23503';
    END IF;
END $$;
CREATE FUNCTION app.measured_by(p_metadata jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
RETURN ARRAY(SELECT key #>> '{}' FROM jsonb_path_query(p_metadata, 'lax $.tags[*].metric') AS m (key)
             WHERE jsonb_typeof(key) = 'string');
CREATE FUNCTION app.hold_signals_of_device() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    is_new boolean := TG_OP = 'INSERT' OR OLD.deleted_at IS NOT NULL;
    known text[] := CASE WHEN is_new THEN '{}' ELSE app.measured_by(OLD.metadata) END;
BEGIN
    PERFORM app.hold_signals(ARRAY(
        SELECT key FROM unnest(app.measured_by(NEW.metadata)) AS t (key) WHERE key <> ALL (known)));
    RETURN NULL;
END $$;
CREATE TRIGGER hold_first_signals AFTER INSERT ON app.devices
    FOR EACH ROW EXECUTE FUNCTION app.hold_signals_of_device();
CREATE TRIGGER hold_signals AFTER UPDATE OF metadata, deleted_at ON app.devices FOR EACH ROW
    WHEN (NEW.deleted_at IS NULL AND (
        OLD.metadata IS DISTINCT FROM NEW.metadata OR OLD.deleted_at IS NOT NULL))
    EXECUTE FUNCTION app.hold_signals_of_device();
CREATE FUNCTION app.hold_signal_of_limit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.hold_signals(ARRAY[NEW.metric_type::text]);
    RETURN NULL;
END $$;
CREATE TRIGGER hold_signal AFTER INSERT OR UPDATE OF metric_type ON app.alert_thresholds
    FOR EACH ROW EXECUTE FUNCTION app.hold_signal_of_limit();

-- MOST_SIGNALS in models/records/signal.py.
CREATE FUNCTION app.bound_signals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM app.signals WHERE retired_at IS NULL) > 1000 THEN
        RAISE EXCEPTION 'a site has at most 1000 signals' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER bound_signals AFTER INSERT ON app.signals
    FOR EACH STATEMENT EXECUTE FUNCTION app.bound_signals();
"""


def _statements() -> str:
    return "".join(
        (
            _TABLES,
            _ROLLUP.format(name="signal_1m"),
            _ROLLUP.format(name="signal_1h"),
            _KEEPING,
            signal_rollups(),
            record_readings_and_signals(),
        )
    )


def _policies() -> str:
    statements: list[str] = []
    for table in _OF_DEVICES:
        statements += [
            f"ALTER TABLE app.{table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY admin ON app.{table} TO console_admin "
            "USING ((SELECT app.admin_id()) IS NOT NULL)",
            f"CREATE POLICY operator ON app.{table} FOR SELECT TO console_operator "
            "USING ((SELECT app.operator_id()) IS NOT NULL)",
            f"CREATE POLICY engineer ON app.{table} FOR SELECT TO console_user USING ({_OF_OWN_DEVICE})",
            f"CREATE POLICY station ON app.{table} FOR SELECT TO console_station "
            "USING ((SELECT app.station_id()) IS NOT NULL)",
            f"GRANT SELECT ON app.{table} TO console_admin, console_operator, console_user, console_station",
        ]
    return ";\n".join(statements) + ";"


SIGNALS = _statements()

RIGHTS = f"""
SELECT app.keep_readings('app.signal_readings');
SELECT app.ensure_partitions();
{_policies()}

-- Everybody reads what a value means; an engineer changes what they added.
ALTER TABLE app.signals ENABLE ROW LEVEL SECURITY;
CREATE POLICY admin ON app.signals TO console_admin USING ((SELECT app.admin_id()) IS NOT NULL);
CREATE POLICY operator ON app.signals FOR SELECT TO console_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
CREATE POLICY engineer_sees ON app.signals FOR SELECT TO console_user
    USING ((SELECT app.person_id()) IS NOT NULL);
CREATE POLICY engineer_adds ON app.signals FOR INSERT TO console_user
    WITH CHECK (user_id = (SELECT app.person_id()));
CREATE POLICY engineer_changes ON app.signals FOR UPDATE TO console_user
    USING (user_id = (SELECT app.person_id()));
CREATE POLICY station ON app.signals FOR SELECT TO console_station
    USING ((SELECT app.station_id()) IS NOT NULL);
GRANT SELECT ON app.signals TO console_admin, console_operator, console_user, console_station;
-- No DELETE, and no other key: what was stored under it would lose its meaning.
GRANT INSERT (key, label, unit, decimals, plausible_low, plausible_high, span_low, span_high, states,
              user_id),
      UPDATE (label, unit, decimals, plausible_low, plausible_high, span_low, span_high, states, retired_at)
    ON app.signals TO console_admin, console_user;
SELECT app.audit_table('app.signals');
GRANT EXECUTE ON FUNCTION app.roll_signal_minutes(timestamptz, timestamptz),
    app.roll_signal_hours(timestamptz, timestamptz) TO console_station, console_admin;
"""
"""Grants and policies, after the tables have their owner."""
