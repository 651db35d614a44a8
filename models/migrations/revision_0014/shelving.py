"""What persons set aside for a time: alerts on the shelf, devices in maintenance."""

SHELVING = """
-- Seconds as people say them: "90 minutes", "12 hours".
CREATE FUNCTION app.length_text(p_seconds double precision) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
RETURN CASE WHEN p_seconds = 60 THEN '1 minute'
            WHEN p_seconds < 7200 THEN trim_scale(round((p_seconds / 60)::numeric, 1)) || ' minutes'
            ELSE trim_scale(round((p_seconds / 3600)::numeric, 1)) || ' hours' END;

-- Returns the person who may handle alerts of all these devices.
CREATE FUNCTION app.need_handler_of_devices(p_devices bigint[]) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.person_id();
BEGIN
    IF person IS NULL THEN
        RAISE EXCEPTION 'only a person may do this' USING ERRCODE = '42501';
    END IF;
    IF app.person_role() = 'user' AND EXISTS (
        SELECT FROM app.devices AS d WHERE d.id = ANY(p_devices) AND d.user_id IS DISTINCT FROM person
    ) THEN
        RAISE EXCEPTION 'a device belongs to somebody else' USING ERRCODE = '42501';
    END IF;
    RETURN person;
END $$;

-- Sets the alerts of thresholds aside for so many seconds, one-shot ones at most until they return to
-- normal. Returns what became of each threshold that exists: 'shelved', or 'already'. All or none where it is
-- refused: without a reason, beyond the site's maximum, of something critical without a signature (a session
-- whose password was entered within the last minute).
CREATE FUNCTION app.shelve_thresholds(
    p_thresholds bigint[], p_reason text, p_seconds double precision, p_one_shot boolean DEFAULT false
) RETURNS TABLE (threshold_id bigint, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    devices bigint[] := ARRAY(
        SELECT t.device_id FROM app.alert_thresholds AS t WHERE t.id = ANY(p_thresholds));
    person bigint := app.need_handler_of_devices(devices);
    moment timestamptz := clock_timestamp();
    longest_s double precision := (SELECT max_shelf_s FROM app.alarm_settings);
    words text := app.bounded(p_reason, 2000, 'a reason');
    has_signed boolean := app.has_signed();
BEGIN
    IF words = '' THEN
        RAISE EXCEPTION 'shelving needs a reason';
    END IF;
    IF p_seconds IS NULL OR NOT p_seconds BETWEEN 1 AND longest_s THEN
        RAISE EXCEPTION 'an alert may be shelved for 1 second to % on this site',
            app.length_text(longest_s);
    END IF;
    IF NOT has_signed AND EXISTS (
        SELECT FROM app.alert_thresholds AS t LEFT JOIN app.alerts AS a
            ON a.device_id = t.device_id AND a.threshold_id = t.id AND a.status <> 'resolved'
        WHERE t.id = ANY(p_thresholds) AND 'critical' IN (t.severity, a.severity)
    ) THEN
        RAISE EXCEPTION 'shelving a critical alert needs your password once more';
    END IF;
    UPDATE app.alert_shelves AS s SET ended_at = s.until, ended_why = 'expired'
    WHERE s.threshold_id = ANY(p_thresholds) AND s.ended_at IS NULL AND s.until <= moment;
    RETURN QUERY
    WITH wanted AS (
        SELECT t.id, t.device_id FROM app.alert_thresholds AS t
        WHERE t.id = ANY(p_thresholds) ORDER BY t.id
    ), made AS (
        INSERT INTO app.alert_shelves AS s
            (device_id, threshold_id, user_id, reason, shelved_at, until, is_one_shot, is_signed)
        SELECT w.device_id, w.id, person, words, moment,
               moment + make_interval(secs => p_seconds), coalesce(p_one_shot, false), has_signed
        FROM wanted AS w
        ON CONFLICT DO NOTHING
        RETURNING s.threshold_id AS shelved
    )
    SELECT w.id, CASE WHEN m.shelved IS NULL THEN 'already' ELSE 'shelved' END
    FROM wanted AS w LEFT JOIN made AS m ON m.shelved = w.id ORDER BY w.id;
    PERFORM app.settle_hiding(devices, p_thresholds);
END $$;

-- Takes thresholds back from the shelf; returns those that were on it.
CREATE FUNCTION app.unshelve_thresholds(p_thresholds bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    devices bigint[] := ARRAY(
        SELECT t.device_id FROM app.alert_thresholds AS t WHERE t.id = ANY(p_thresholds));
    person bigint := app.need_handler_of_devices(devices);
BEGIN
    RETURN QUERY
    UPDATE app.alert_shelves AS s
    SET ended_at = greatest(clock_timestamp(), s.shelved_at), ended_by = person, ended_why = 'unshelved'
    WHERE s.threshold_id = ANY(p_thresholds) AND s.ended_at IS NULL
    RETURNING s.threshold_id;
    PERFORM app.settle_hiding(devices, p_thresholds);
END $$;

-- Puts devices into maintenance, or changes how long and why; returns those that exist.
CREATE FUNCTION app.begin_maintenance(p_devices bigint[], p_reason text, p_seconds double precision)
RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.need_handler_of_devices(p_devices);
    moment timestamptz := clock_timestamp();
    longest_s double precision := (SELECT max_maintenance_s FROM app.alarm_settings);
    words text := app.bounded(p_reason, 2000, 'a reason');
BEGIN
    IF words = '' THEN
        RAISE EXCEPTION 'maintenance needs a reason';
    END IF;
    IF p_seconds IS NULL OR NOT p_seconds BETWEEN 1 AND longest_s THEN
        RAISE EXCEPTION 'maintenance may last 1 second to % on this site',
            app.length_text(longest_s);
    END IF;
    -- One after the other, or two who begin at once would both find nothing to replace.
    PERFORM d.id FROM app.devices AS d WHERE d.id = ANY(p_devices) ORDER BY d.id FOR NO KEY UPDATE;
    moment := clock_timestamp();
    UPDATE app.device_maintenance
    SET ended_at = greatest(least(moment, until), began_at), ended_by = person, ended_why = 'ended'
    WHERE device_id = ANY(p_devices) AND ended_at IS NULL;
    RETURN QUERY
    INSERT INTO app.device_maintenance AS m (device_id, user_id, reason, began_at, until)
    SELECT d.id, person, words, moment, moment + make_interval(secs => p_seconds)
    FROM app.devices AS d WHERE d.id = ANY(p_devices) AND d.deleted_at IS NULL ORDER BY d.id
    RETURNING m.device_id;
    PERFORM app.settle_hiding(p_devices);
END $$;

CREATE FUNCTION app.end_maintenance(p_devices bigint[]) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.need_handler_of_devices(p_devices);
BEGIN
    RETURN QUERY
    UPDATE app.device_maintenance AS m
    SET ended_at = greatest(clock_timestamp(), m.began_at), ended_by = person, ended_why = 'ended'
    WHERE m.device_id = ANY(p_devices) AND m.ended_at IS NULL
    RETURNING m.device_id;
    PERFORM app.settle_hiding(p_devices);
END $$;
"""
