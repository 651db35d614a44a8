"""What persons do to alerts: acknowledge, resolve, comment, shelve; and put devices into maintenance."""

SIGNATURE = """
-- When this session signed in: a password that was entered a moment ago is a signature. Belongs to
-- console_accounts, which may read other sessions' facts.
CREATE FUNCTION app.signed_in_at() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN (SELECT s.backend_start FROM pg_stat_get_activity(pg_backend_pid()) AS s);
DO $$
BEGIN
    IF NOT pg_has_role('console_accounts', 'pg_read_all_stats', 'MEMBER') THEN
        GRANT pg_read_all_stats TO console_accounts;
    END IF;
END $$;
ALTER FUNCTION app.signed_in_at() OWNER TO console_accounts;
REVOKE ALL ON FUNCTION app.signed_in_at() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.signed_in_at() TO console_tables;

-- Whether a person has typed the password for this: the session is younger than a minute, and the program
-- says that it opened it for a signature. A program that keeps the password could say so falsely; no database
-- can see who typed. What this sees to is that no session opened in passing counts as a signature.
CREATE FUNCTION app.has_signed() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN coalesce(current_setting('console.signed', true) = 'typed'
                AND app.signed_in_at() > clock_timestamp() - interval '1 minute', false);
"""

ALERTS = """
-- As revision 0009 made it; a latched alert stays until it is reset (resolved), and one whose threshold asks
-- for a comment is acknowledged by nobody who gives none.
CREATE OR REPLACE FUNCTION app.acknowledge_alerts(p_alerts bigint[], p_comment text DEFAULT '')
RETURNS TABLE (alert_id bigint, new_status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.need_handler(p_alerts);
    moment timestamptz := clock_timestamp();
    has_comment boolean := btrim(coalesce(p_comment, '')) <> '';
BEGIN
    RETURN QUERY
    WITH chosen AS (
        SELECT c.id FROM app.alerts AS c WHERE c.id = ANY(p_alerts) ORDER BY c.id FOR UPDATE
    ), changed AS (
        UPDATE app.alerts AS a
        SET acknowledged_at = moment, acknowledged_by = person,
            status = CASE WHEN a.cleared_at IS NULL OR a.latching THEN 'acknowledged' ELSE 'resolved' END,
            resolved_at = CASE WHEN a.cleared_at IS NOT NULL AND NOT a.latching THEN moment END,
            resolved_by = CASE WHEN a.cleared_at IS NOT NULL AND NOT a.latching THEN person END
        FROM chosen WHERE a.id = chosen.id AND a.status = 'active'
          AND (has_comment OR NOT EXISTS (
              SELECT FROM app.alert_thresholds AS t WHERE t.id = a.threshold_id AND t.requires_comment))
        RETURNING a.id, a.device_id, a.threshold_id, a.status::text AS status
    ), written AS (
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment)
        SELECT c.id, c.device_id, c.threshold_id, k.kind, moment, person,
               CASE WHEN k.place = 1 THEN coalesce(p_comment, '') ELSE '' END
        FROM changed AS c CROSS JOIN (VALUES (1, 'acknowledged'), (2, 'resolved')) AS k (place, kind)
        WHERE k.kind IN ('acknowledged', c.status) ORDER BY c.id, k.place
    )
    SELECT c.id, c.status FROM changed AS c;
END $$;

-- Resolves those whose value has returned (of a latched one: resets it), and whatever no station judges any
-- more (its threshold was removed or switched off), which can end only by hand.
CREATE OR REPLACE FUNCTION app.resolve_alerts(p_alerts bigint[], p_comment text DEFAULT '')
RETURNS TABLE (alert_id bigint, new_status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.need_handler(p_alerts);
    moment timestamptz := clock_timestamp();
    has_comment boolean := btrim(coalesce(p_comment, '')) <> '';
BEGIN
    RETURN QUERY
    WITH chosen AS (
        SELECT c.id, c.status = 'active' AS is_new FROM app.alerts AS c
        WHERE c.id = ANY(p_alerts) ORDER BY c.id FOR UPDATE
    ), changed AS (
        UPDATE app.alerts AS a
        SET status = 'resolved', resolved_at = moment, resolved_by = person,
            acknowledged_at = coalesce(a.acknowledged_at, moment),
            acknowledged_by = coalesce(a.acknowledged_by, person)
        FROM chosen WHERE a.id = chosen.id AND a.status IN ('active', 'acknowledged')
          AND (a.cleared_at IS NOT NULL OR NOT EXISTS (
              SELECT FROM app.alert_thresholds AS t WHERE t.id = a.threshold_id AND t.enabled))
          AND (has_comment OR NOT chosen.is_new OR NOT EXISTS (
              SELECT FROM app.alert_thresholds AS t WHERE t.id = a.threshold_id AND t.requires_comment))
        RETURNING a.id, a.device_id, a.threshold_id, a.status::text AS status, chosen.is_new
    ), written AS (
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment)
        SELECT c.id, c.device_id, c.threshold_id, k.kind, moment, person,
               CASE WHEN k.kind = 'resolved' THEN coalesce(p_comment, '') ELSE '' END
        FROM changed AS c CROSS JOIN (VALUES (1, 'acknowledged'), (2, 'resolved')) AS k (place, kind)
        WHERE k.place = 2 OR c.is_new ORDER BY c.id, k.place
    )
    SELECT c.id, c.status FROM changed AS c;
END $$;

-- Adds a comment to alerts, resolved ones too; returns those that exist.
CREATE FUNCTION app.comment_alerts(p_alerts bigint[], p_comment text) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.need_handler(p_alerts);
BEGIN
    IF btrim(coalesce(p_comment, '')) = '' THEN
        RAISE EXCEPTION 'a comment needs words';
    END IF;
    RETURN QUERY
    INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment)
    SELECT a.id, a.device_id, a.threshold_id, 'commented', clock_timestamp(), person, left(p_comment, 4000)
    FROM app.alerts AS a WHERE a.id = ANY(p_alerts) ORDER BY a.id
    RETURNING alert_events.alert_id;
    -- Windows show the comment at once.
    PERFORM pg_notify('alerts', '');
END $$;
"""

SHELVING = """
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
    has_signed boolean := app.has_signed();
BEGIN
    IF btrim(coalesce(p_reason, '')) = '' THEN
        RAISE EXCEPTION 'shelving needs a reason';
    END IF;
    IF p_seconds IS NULL OR NOT p_seconds BETWEEN 1 AND longest_s THEN
        RAISE EXCEPTION 'an alert may be shelved for 1 second to % hours on this site',
            round((longest_s / 3600)::numeric, 2);
    END IF;
    IF NOT has_signed AND EXISTS (
        SELECT FROM app.alert_thresholds AS t WHERE t.id = ANY(p_thresholds) AND t.severity = 'critical'
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
        SELECT w.device_id, w.id, person, left(btrim(p_reason), 2000), moment,
               moment + make_interval(secs => p_seconds), coalesce(p_one_shot, false), has_signed
        FROM wanted AS w
        ON CONFLICT DO NOTHING
        RETURNING s.threshold_id AS shelved
    )
    SELECT w.id, CASE WHEN m.shelved IS NULL THEN 'already' ELSE 'shelved' END
    FROM wanted AS w LEFT JOIN made AS m ON m.shelved = w.id ORDER BY w.id;
    PERFORM app.settle_hiding(devices);
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
    PERFORM app.settle_hiding(devices);
END $$;

-- Puts devices into maintenance, or changes how long and why; returns those that exist.
CREATE FUNCTION app.begin_maintenance(p_devices bigint[], p_reason text, p_seconds double precision)
RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.need_handler_of_devices(p_devices);
    moment timestamptz := clock_timestamp();
    longest_s double precision := (SELECT max_maintenance_s FROM app.alarm_settings);
BEGIN
    IF btrim(coalesce(p_reason, '')) = '' THEN
        RAISE EXCEPTION 'maintenance needs a reason';
    END IF;
    IF p_seconds IS NULL OR NOT p_seconds BETWEEN 1 AND longest_s THEN
        RAISE EXCEPTION 'maintenance may last 1 second to % hours on this site',
            round((longest_s / 3600)::numeric, 2);
    END IF;
    UPDATE app.device_maintenance SET ended_at = least(moment, until), ended_by = person, ended_why = 'ended'
    WHERE device_id = ANY(p_devices) AND ended_at IS NULL;
    RETURN QUERY
    INSERT INTO app.device_maintenance AS m (device_id, user_id, reason, began_at, until)
    SELECT d.id, person, left(btrim(p_reason), 2000), moment, moment + make_interval(secs => p_seconds)
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
