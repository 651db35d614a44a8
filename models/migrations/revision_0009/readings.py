"""Readings: the way in and upkeep for stations alone, the last hour for whoever may see the device.

And readings stay as written.
"""

METRICS = ("temperature", "humidity", "pressure", "vibration", "power_consumption", "rpm")

# The upper bound spares the search through the days made ahead; an hour leaves room for wrong clocks.
LATEST_HOUR = (
    f"SELECT r.device_id, r.recorded_at, r.quality, {', '.join(f'r.{metric}' for metric in METRICS)} "
    "FROM app.sensor_readings AS r "
    "WHERE r.device_id = p_device AND r.recorded_at > now() - interval '1 hour' "
    "AND r.recorded_at < now() + interval '1 hour' "
    "ORDER BY r.recorded_at DESC LIMIT p_limit"
)


def latest_hour() -> str:
    """Return `app.latest_hour`: the right is asked for once, for one device, instead of row by row.

    Under the policy the question would make a list of all of an engineer's devices each time, which for a
    thousand of them takes half as long as the answer. Its plan is kept, which saves as much again.
    """
    columns = ", ".join(f"{metric} double precision" for metric in METRICS)
    return f"""
CREATE FUNCTION app.latest_hour(p_device bigint, p_limit bigint)
RETURNS TABLE (device_id bigint, recorded_at timestamptz, quality smallint, {columns})
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF app.may_see_device(p_device) THEN
        RETURN QUERY {LATEST_HOUR};
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION app.latest_hour(bigint, bigint)
    TO console_admin, console_operator, console_user, console_station;
"""


def store_readings() -> str:
    """Return `app.store_readings` as revision 0005 made it, but for stations alone; each row names its."""
    parameters = ", ".join(f"p_{metric} double precision[]" for metric in METRICS)
    types = f"bigint[], timestamptz[], {', '.join(['double precision[]'] * len(METRICS))}, smallint[]"
    arrays = "p_device, p_recorded_at, " + ", ".join(f"p_{metric}" for metric in METRICS) + ", p_quality"
    columns = "device_id, recorded_at, " + ", ".join(METRICS) + ", quality"
    insert = (
        f"INSERT INTO app.sensor_readings ({columns}, station_id, epoch) "
        f"SELECT row.*, station, p_epoch FROM unnest({arrays}) AS row"
    )
    latest = (
        "SELECT p_device[i] AS device_id, p_recorded_at[i] AS recorded_at, "
        + ", ".join(f"p_{metric}[i] AS {metric}" for metric in METRICS)
        + ", p_quality[i] AS quality FROM unnest(p_newest_of) AS positions (i)"
    )
    replaced = ", ".join(f"{name} = n.{name}" for name in ("recorded_at", *METRICS, "quality"))
    return f"""
DROP FUNCTION app.store_readings({types}, timestamptz, integer[]);

-- Stores a batch and returns how many rows were new. p_oldest is the smallest of p_recorded_at; p_newest_of
-- lists the positions that are the newest of their device within the batch, in order of device; p_epoch says
-- which start of the station's program recorded it. The station comes from the login and cannot be forged.
CREATE FUNCTION app.store_readings(
    p_device bigint[], p_recorded_at timestamptz[], {parameters}, p_quality smallint[],
    p_oldest timestamptz, p_newest_of integer[], p_epoch bigint DEFAULT NULL
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    station integer := app.station_id();
    stored bigint;
    renewed bigint;
    closed timestamptz;
    is_repeat boolean := false;
BEGIN
    PERFORM app.need_station();
    PERFORM pg_advisory_xact_lock_shared(app.rollup_lock());
    SELECT closed_before INTO STRICT closed FROM app.rollup_progress;
    FOR attempt IN 1..3 LOOP
        BEGIN
            -- ON CONFLICT looks twice into the index and writes more log for every row, a quarter of the
            -- time; so it is kept for a batch that comes a second time.
            IF is_repeat THEN
                {insert}
                ON CONFLICT (device_id, recorded_at) DO NOTHING;
            ELSE
                {insert};
            END IF;
            GET DIAGNOSTICS stored = ROW_COUNT;
            EXIT;
        EXCEPTION
            WHEN unique_violation THEN
                is_repeat := true;
            WHEN check_violation THEN  -- no partition for a row
                IF attempt = 3 THEN RAISE; END IF;
                PERFORM app.make_room_for(p_recorded_at);
        END;
    END LOOP;
    IF p_oldest < closed THEN
        INSERT INTO app.rollup_dirty (device_id, bucket)
        SELECT DISTINCT device_id, date_bin('1 minute', recorded_at, 'epoch')
        FROM unnest(p_device, p_recorded_at) AS row (device_id, recorded_at)
        WHERE recorded_at < closed;
    END IF;
    UPDATE app.device_latest AS l SET {replaced}
    FROM ({latest}) AS n
    WHERE l.device_id = n.device_id AND n.recorded_at > l.recorded_at;
    GET DIAGNOSTICS renewed = ROW_COUNT;
    IF renewed < cardinality(p_newest_of) THEN  -- late rows, or the first of a device
        INSERT INTO app.device_latest ({columns}) {latest} ON CONFLICT (device_id) DO NOTHING;
    END IF;
    PERFORM pg_notify('readings', '');
    RETURN stored;
END $$;
GRANT EXECUTE ON FUNCTION app.store_readings({types}, timestamptz, integer[], bigint) TO console_station;
"""


STATION = """
-- A station's program starts: counts it and returns the count, its epoch from now on. Empty for whoever set
-- the server up and works as a station without being one.
CREATE FUNCTION app.station_join(p_version text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE epoch bigint;
BEGIN
    PERFORM app.need_station();
    UPDATE app.stations
    SET incarnation = incarnation + 1, version = left(p_version, 100), last_seen = clock_timestamp()
    WHERE db_role = session_user AND is_enabled
    RETURNING incarnation INTO epoch;
    RETURN epoch;
END $$;

-- A sign of life.
CREATE FUNCTION app.station_beat() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_station();
    UPDATE app.stations SET last_seen = clock_timestamp() WHERE db_role = session_user AND is_enabled;
END $$;

-- What a station found about its devices; last_seen never goes backwards. In order of device, so that two
-- stations that write at once wait for each other instead of in a circle.
CREATE FUNCTION app.store_device_states(
    p_devices bigint[], p_statuses text[], p_details text[], p_seen timestamptz[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_station();
    UPDATE app.devices AS d
    SET status = s.status, status_detail = s.detail, last_seen = greatest(d.last_seen, s.last_seen)
    FROM unnest(p_devices, p_statuses, p_details, p_seen) AS s (device, status, detail, last_seen)
    WHERE d.id = s.device AND (d.status <> s.status OR d.status_detail <> s.detail
        OR s.last_seen > d.last_seen OR (d.last_seen IS NULL AND s.last_seen IS NOT NULL));
END $$;
GRANT EXECUTE ON FUNCTION app.station_join(text), app.station_beat(),
    app.store_device_states(bigint[], text[], text[], timestamptz[]) TO console_station;
"""

UPKEEP = """
-- As revision 0004 made it; a new partition can be neither read nor changed past its parent.
CREATE OR REPLACE FUNCTION app.add_partition(p_parent text, p_unit text, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
    since timestamptz := date_trunc(p_unit, p_at);
    until timestamptz := since + ('1 ' || p_unit)::interval;
    child text := p_parent || to_char(
        since, CASE p_unit WHEN 'day' THEN '_YYYYMMDD' WHEN 'month' THEN '_YYYYMM' ELSE '_YYYY' END
    );
    key text := CASE p_parent WHEN 'sensor_readings' THEN 'recorded_at' ELSE 'bucket' END;
BEGIN
    IF to_regclass(format('app.%I', child)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE app.%I (LIKE app.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)',
        child, p_parent
    );
    EXECUTE format(
        'ALTER TABLE app.%I ADD CONSTRAINT partition_bounds CHECK (%I >= %L AND %I < %L)',
        child, key, since, key, until
    );
    PERFORM app.seal_partition(format('app.%I', child)::regclass, p_parent);
    EXECUTE format(
        'ALTER TABLE app.%I ATTACH PARTITION app.%I FOR VALUES FROM (%L) TO (%L)',
        p_parent, child, since, until
    );
    EXECUTE format('ALTER TABLE app.%I DROP CONSTRAINT partition_bounds', child);
    RETURN true;
END $$;

-- Row-level security without a policy: whoever may ask asks the parent. A statement's trigger belongs to the
-- table it names, so each partition of readings needs those of its parent.
CREATE FUNCTION app.seal_partition(p_partition regclass, p_parent text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_partition);
    IF p_parent = 'sensor_readings' THEN
        PERFORM app.keep_readings(p_partition);
    END IF;
END $$;

-- Retention detaches and drops whole days, which no trigger hinders.
CREATE FUNCTION app.keep_readings(p_table regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change()', p_table
    );
END $$;

SELECT app.keep_readings('app.sensor_readings');
SELECT app.seal_partition(inhrelid, 'sensor_readings') FROM pg_inherits
WHERE inhparent = 'app.sensor_readings'::regclass;
SELECT app.seal_partition(inhrelid, 'rollups') FROM pg_inherits
WHERE inhparent IN ('app.readings_1m'::regclass, 'app.readings_1h'::regclass);

CREATE FUNCTION app.need_upkeep() RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF app.station_id() IS NULL AND app.person_role() IS DISTINCT FROM 'admin' AND NOT app.is_superuser() THEN
        RAISE EXCEPTION 'only a station or an administrator may do this' USING ERRCODE = '42501';
    END IF;
END $$;

-- The same bodies with one more first line, rather than two hundred lines written down a second time.
DO $$
DECLARE upkeep regprocedure;
BEGIN
    FOREACH upkeep IN ARRAY ARRAY[
        'app.ensure_partitions(integer, integer)', 'app.make_room_for(timestamptz[])',
        'app.close_minutes()', 'app.roll_step()', 'app.roll_late(integer)',
        'app.roll_minutes(timestamptz, timestamptz)', 'app.roll_hours(timestamptz, timestamptz)'
    ]::regprocedure[] LOOP
        EXECUTE regexp_replace(
            pg_get_functiondef(upkeep), E'\\nBEGIN\\n', E'\\nBEGIN\\n    PERFORM app.need_upkeep();\\n'
        );
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER', upkeep);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO console_station, console_admin', upkeep);
    END LOOP;
END $$;
"""
