"""What a station tells of its devices, each thing held to the lease under which it was found."""

METRICS = ("temperature", "humidity", "pressure", "vibration", "power_consumption", "rpm")


def record_readings() -> str:
    """Return `app.record_readings`: as `store_readings` of revision 0009, but held to leases."""
    parameters = ", ".join(f"p_{metric} double precision[]" for metric in METRICS)
    types = (
        f"bigint[], timestamptz[], {', '.join(['double precision[]'] * len(METRICS))}, smallint[], bigint[]"
    )
    arrays = "p_device, p_recorded_at, " + ", ".join(f"p_{metric}" for metric in METRICS)
    columns = "device_id, recorded_at, " + ", ".join(METRICS) + ", quality"
    insert = (
        f"INSERT INTO app.sensor_readings ({columns}, epoch, station_id) "
        f"SELECT row.*, station FROM unnest({arrays}, p_quality, p_epoch) AS row"
    )
    latest = (
        "SELECT p_device[i] AS device_id, p_recorded_at[i] AS recorded_at, "
        + ", ".join(f"p_{metric}[i] AS {metric}" for metric in METRICS)
        + ", p_quality[i] AS quality FROM unnest(p_newest_of) AS positions (i)"
    )
    replaced = ", ".join(f"{name} = n.{name}" for name in ("recorded_at", *METRICS, "quality"))
    return f"""
COMMENT ON COLUMN app.sensor_readings.epoch IS
    'of the lease under which the device was polled; before revision 0017, the start of the program';

-- Stores a batch and returns how many rows were new; -1, and nothing is stored, where a row was recorded
-- after its lease had ended. p_oldest is the smallest of p_recorded_at; p_newest_of lists the positions that
-- are the newest of their device within the batch, in order of device. The station comes from the login and
-- cannot be forged; nor can anything be told past the end of a lease, so that is looked up, not believed.
CREATE FUNCTION app.record_readings(
    p_device bigint[], p_recorded_at timestamptz[], {parameters}, p_quality smallint[], p_epoch bigint[],
    p_oldest timestamptz, p_newest_of integer[]
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    station integer := app.station_id();
    stored bigint;
    renewed bigint;
    closed timestamptz;
    is_repeat boolean := false;
BEGIN
    PERFORM app.need_station();
    IF station IS NOT NULL AND EXISTS (
        SELECT FROM (
            SELECT r.device, r.epoch, max(r.at) AS last
            FROM unnest(p_device, p_epoch, p_recorded_at) AS r (device, epoch, at) GROUP BY r.device, r.epoch
        ) AS l
        LEFT JOIN app.lease_history AS h
            ON h.device_id = l.device AND h.epoch = l.epoch AND h.station_id = station
        WHERE h.device_id IS NULL OR (
            -- Nearly always the lease stands, and no more has to be asked.
            l.last > h.ended_at + interval '1 second'
            AND l.last > app.lease_end(l.device, l.epoch, station) + interval '1 second')
    ) THEN
        RETURN -1;
    END IF;
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
GRANT EXECUTE ON FUNCTION
    app.record_readings({types}, timestamptz, integer[])
    TO console_station;
"""


FINDINGS = """
-- As apply_transition, for what was found within the lease; what was not changes nothing.
CREATE FUNCTION app.apply_finding(
    p_kind text, p_device bigint, p_threshold bigint, p_severity text, p_at timestamptz,
    p_value double precision, p_limit double precision, p_message text, p_epoch bigint
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_station();
    IF NOT app.is_within_lease(p_device, p_epoch, p_at) THEN
        RETURN false;
    END IF;
    RETURN app.apply_transition(p_kind, p_device, p_threshold, p_severity, p_at, p_value, p_limit, p_message);
END $$;

-- As store_device_states, of devices that the station holds under that epoch now; returns of how many.
CREATE FUNCTION app.record_device_states(
    p_devices bigint[], p_statuses text[], p_details text[], p_seen timestamptz[], p_epochs bigint[]
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := app.station_id();
    held bigint;
BEGIN
    PERFORM app.need_station();
    WITH told AS (
        SELECT s.device, s.status, s.detail,
               -- Of another time no window could show it.
               CASE WHEN s.last_seen BETWEEN '2000-01-01Z' AND clock_timestamp() + interval '1 day'
                    THEN s.last_seen END AS last_seen
        FROM unnest(p_devices, p_statuses, p_details, p_seen, p_epochs)
            AS s (device, status, detail, last_seen, epoch)
        WHERE me IS NULL OR EXISTS (
            SELECT FROM app.device_leases AS l
            WHERE l.device_id = s.device AND l.station_id = me AND l.epoch = s.epoch)
    ), changed AS (
        UPDATE app.devices AS d
        SET status = s.status, status_detail = s.detail, last_seen = greatest(d.last_seen, s.last_seen)
        FROM told AS s
        WHERE d.id = s.device AND (d.status <> s.status OR d.status_detail <> s.detail
            OR s.last_seen > d.last_seen OR (d.last_seen IS NULL AND s.last_seen IS NOT NULL))
    )
    SELECT count(*) INTO held FROM told;
    RETURN held;
END $$;
"""
