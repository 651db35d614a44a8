"""Alerts: stations report, persons acknowledge and resolve. Nobody writes the tables themselves."""

STATION = """
-- Which station raised it: from the login.
ALTER TABLE app.alerts ALTER COLUMN station_id SET DEFAULT app.station_id();

-- As revision 0006 made it, now for stations alone.
CREATE OR REPLACE FUNCTION app.apply_transition(
    p_kind text, p_device bigint, p_threshold bigint, p_severity text, p_at timestamptz,
    p_value double precision, p_limit double precision, p_message text
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    episode app.alerts;
    what text := p_kind;
    moment timestamptz := least(p_at, clock_timestamp());  -- a station's clock may run ahead
BEGIN
    PERFORM app.need_station();
    -- One at a time for each threshold, or two stations could each see no open episode.
    PERFORM pg_advisory_xact_lock(hashtextextended('app.episode', p_threshold));
    IF EXISTS (
        SELECT FROM app.alert_events
        WHERE device_id = p_device AND threshold_id = p_threshold AND at = moment
          AND (kind = 'cleared') = (p_kind = 'cleared') AND kind IN ('raised', 'reoccurred', 'cleared')
    ) THEN
        RETURN false;
    END IF;
    SELECT * INTO episode FROM app.alerts
    WHERE device_id = p_device AND threshold_id = p_threshold AND status <> 'resolved' FOR UPDATE;
    IF p_kind = 'raised' AND NOT FOUND THEN
        INSERT INTO app.alerts (device_id, threshold_id, user_id, severity, message, triggered_at, metric,
                                value_at_trigger, limit_at_trigger)
        SELECT d.id, t.id, coalesce(d.user_id, t.user_id), p_severity, p_message, moment, t.metric_type,
               p_value, p_limit
        FROM app.devices AS d JOIN app.alert_thresholds AS t ON t.device_id = d.id
        WHERE d.id = p_device AND t.id = p_threshold AND d.deleted_at IS NULL
        RETURNING * INTO episode;
        IF NOT FOUND THEN  -- somebody removed the threshold or the device meanwhile
            RETURN false;
        END IF;
    ELSIF p_kind = 'raised' THEN
        IF episode.cleared_at IS NULL THEN
            RETURN false;
        END IF;
        what := 'reoccurred';
        UPDATE app.alerts
        SET cleared_at = NULL, severity = p_severity, message = p_message,
            value_at_trigger = p_value, limit_at_trigger = p_limit
        WHERE id = episode.id;
    ELSE
        IF episode.id IS NULL OR episode.cleared_at IS NOT NULL THEN
            RETURN false;
        END IF;
        UPDATE app.alerts
        SET cleared_at = greatest(moment, triggered_at),
            status = CASE status WHEN 'acknowledged' THEN 'resolved' ELSE status END,
            resolved_at = CASE status WHEN 'acknowledged' THEN greatest(moment, triggered_at) END
        WHERE id = episode.id;
    END IF;
    INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, value)
    VALUES (episode.id, p_device, p_threshold, what, moment, p_value);
    IF what = 'cleared' AND episode.status = 'acknowledged' THEN
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at)
        VALUES (episode.id, p_device, p_threshold, 'resolved', moment);
    END IF;
    RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION app.apply_transition(
    text, bigint, bigint, text, timestamptz, double precision, double precision, text
) TO console_station;
"""

PERSONS = """
-- Returns the person who may handle all of these alerts; an attempt on others' is refused as a whole.
CREATE FUNCTION app.need_handler(p_alerts bigint[]) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.person_id();
    foreign_alert bigint;
BEGIN
    IF person IS NULL THEN
        RAISE EXCEPTION 'only a person may acknowledge or resolve alerts' USING ERRCODE = '42501';
    END IF;
    IF app.person_role() = 'user' THEN
        SELECT min(a.id) INTO foreign_alert
        FROM app.alerts AS a JOIN app.devices AS d ON d.id = a.device_id
        WHERE a.id = ANY(p_alerts) AND d.user_id IS DISTINCT FROM person;
        IF foreign_alert IS NOT NULL THEN
            RAISE EXCEPTION 'alert % belongs to the device of somebody else', foreign_alert
                USING ERRCODE = '42501';
        END IF;
    END IF;
    RETURN person;
END $$;

-- Acknowledges those that are active, and resolves them where their value has returned; returns what became
-- of each that it changed. Of two persons the second changes nothing. Locked in order of id: two who act on
-- overlapping selections wait, instead of in a circle.
CREATE FUNCTION app.acknowledge_alerts(p_alerts bigint[], p_comment text DEFAULT '')
RETURNS TABLE (alert_id bigint, new_status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.need_handler(p_alerts);
    at timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
    WITH chosen AS (
        SELECT c.id FROM app.alerts AS c WHERE c.id = ANY(p_alerts) ORDER BY c.id FOR UPDATE
    ), changed AS (
        UPDATE app.alerts AS a
        SET acknowledged_at = at, acknowledged_by = person,
            status = CASE WHEN a.cleared_at IS NULL THEN 'acknowledged' ELSE 'resolved' END,
            resolved_at = CASE WHEN a.cleared_at IS NOT NULL THEN at END,
            resolved_by = CASE WHEN a.cleared_at IS NOT NULL THEN person END
        FROM chosen WHERE a.id = chosen.id AND a.status = 'active'
        RETURNING a.id, a.device_id, a.threshold_id, a.status::text AS status
    ), written AS (
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment)
        SELECT c.id, c.device_id, c.threshold_id, k.kind, at, person, p_comment
        FROM changed AS c CROSS JOIN (VALUES (1, 'acknowledged'), (2, 'resolved')) AS k (place, kind)
        WHERE k.kind IN ('acknowledged', c.status) ORDER BY c.id, k.place
    )
    SELECT c.id, c.status FROM changed AS c;
END $$;

-- Resolves those whose value has returned, and whatever no station judges any more (its threshold was removed
-- or switched off), which can end only by hand.
CREATE FUNCTION app.resolve_alerts(p_alerts bigint[], p_comment text DEFAULT '')
RETURNS TABLE (alert_id bigint, new_status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.need_handler(p_alerts);
    at timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
    WITH chosen AS (
        SELECT c.id FROM app.alerts AS c WHERE c.id = ANY(p_alerts) ORDER BY c.id FOR UPDATE
    ), changed AS (
        UPDATE app.alerts AS a
        SET status = 'resolved', resolved_at = at, resolved_by = person,
            acknowledged_at = coalesce(a.acknowledged_at, at),
            acknowledged_by = coalesce(a.acknowledged_by, person)
        FROM chosen WHERE a.id = chosen.id AND a.status IN ('active', 'acknowledged')
          AND (a.cleared_at IS NOT NULL OR NOT EXISTS (
              SELECT FROM app.alert_thresholds AS t WHERE t.id = a.threshold_id AND t.enabled))
        RETURNING a.id, a.device_id, a.threshold_id, a.status::text AS status
    ), written AS (
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment)
        SELECT c.id, c.device_id, c.threshold_id, 'resolved', at, person, p_comment
        FROM changed AS c ORDER BY c.id
    )
    SELECT c.id, c.status FROM changed AS c;
END $$;
GRANT EXECUTE ON FUNCTION app.acknowledge_alerts(bigint[], text), app.resolve_alerts(bigint[], text)
    TO console_admin, console_operator, console_user;

-- Fired by persons who may neither write alerts nor announce anything themselves.
ALTER FUNCTION app.end_episodes_of_threshold() SECURITY DEFINER;
ALTER FUNCTION app.announce() SECURITY DEFINER;
ALTER FUNCTION app.announce_changed() SECURITY DEFINER;
"""

LIMITS = """
-- What no arithmetic bears must not reach a station or a window. NaN is greater than infinity. Rows from
-- before are not searched; whoever reads them passes such numbers over.
ALTER TABLE app.alert_thresholds
    ADD CONSTRAINT alert_thresholds_are_finite CHECK (
        min_value BETWEEN -1e30 AND 1e30 AND max_value BETWEEN -1e30 AND 1e30
        AND deadband <= 1e30 AND on_delay_s <= 1e9 AND off_delay_s <= 1e9) NOT VALID;
"""
