"""The way in for readings with signals: one call a batch, held to leases as `record_readings` is."""

METRICS = ("temperature", "humidity", "pressure", "vibration", "power_consumption", "rpm")


def record_readings_and_signals() -> str:
    """Return `app.record_readings_and_signals`: one statement, so that both are stored or neither is."""
    parameters = ", ".join(f"p_{metric} double precision[]" for metric in METRICS)
    passed = ", ".join(f"p_{metric}" for metric in METRICS)
    types = (
        f"bigint[], timestamptz[], {', '.join(['double precision[]'] * len(METRICS))}, smallint[], bigint[]"
    )
    insert = (
        "INSERT INTO app.signal_readings (device_id, signal_id, recorded_at, value, quality) "
        "SELECT p_device[s.row], s.signal, p_recorded_at[s.row], s.value, (s.value IS NULL)::integer "
        "FROM unnest(p_row, p_signal, p_value) AS s (row, signal, value)"
    )
    latest = (
        "SELECT p_device[p_row[i]] AS device_id, p_signal[i] AS signal_id, "
        "p_recorded_at[p_row[i]] AS recorded_at, p_value[i] AS value, "
        "(p_value[i] IS NULL)::integer::smallint AS quality FROM unnest(p_newest_signal) AS positions (i)"
    )
    return f"""
-- As record_readings, with the signals of those readings. p_row says of each value which reading it belongs
-- to, so that a value has a lease where its reading has; p_newest_signal lists the positions of the newest
-- value of each device and signal, in order of both.
CREATE FUNCTION app.record_readings_and_signals(
    p_device bigint[], p_recorded_at timestamptz[], {parameters}, p_quality smallint[], p_epoch bigint[],
    p_oldest timestamptz, p_newest_of integer[],
    p_row integer[], p_signal integer[], p_value double precision[], p_newest_signal integer[]
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stored bigint := app.record_readings(
        p_device, p_recorded_at, {passed}, p_quality, p_epoch, p_oldest, p_newest_of);
    renewed bigint;
    is_repeat boolean := stored < cardinality(p_device);
BEGIN
    IF stored < 0 THEN
        RETURN stored;
    END IF;
    FOR attempt IN 1..3 LOOP
        BEGIN
            IF is_repeat THEN
                {insert}
                ON CONFLICT (device_id, signal_id, recorded_at) DO NOTHING;
            ELSE
                {insert};
            END IF;
            EXIT;
        EXCEPTION
            WHEN unique_violation THEN
                is_repeat := true;
            WHEN check_violation THEN  -- no partition for a row
                IF attempt = 3 THEN RAISE; END IF;
                PERFORM app.make_room_for(p_recorded_at);
        END;
    END LOOP;
    UPDATE app.signal_latest AS l
    SET recorded_at = n.recorded_at, value = n.value, quality = n.quality
    FROM ({latest}) AS n
    WHERE l.device_id = n.device_id AND l.signal_id = n.signal_id AND n.recorded_at > l.recorded_at;
    GET DIAGNOSTICS renewed = ROW_COUNT;
    IF renewed < cardinality(p_newest_signal) THEN  -- late rows, or the first of a device
        INSERT INTO app.signal_latest (device_id, signal_id, recorded_at, value, quality) {latest}
        ON CONFLICT (device_id, signal_id) DO NOTHING;
    END IF;
    RETURN stored;
END $$;
GRANT EXECUTE ON FUNCTION app.record_readings_and_signals(
    {types}, timestamptz, integer[], integer[], integer[], double precision[], integer[]
) TO console_station;
"""
