"""What stations tell: conditions that begin and end, and that time has passed."""

HIDING = """
-- Why an alert of this threshold asks nobody at this moment; empty = it does. The first reason is named.
CREATE FUNCTION app.hiding_of(p_device bigint, p_threshold bigint) RETURNS text
LANGUAGE sql STABLE
RETURN CASE
    WHEN EXISTS (
        SELECT FROM app.alert_shelves AS s
        WHERE s.threshold_id = p_threshold AND s.ended_at IS NULL AND s.until > clock_timestamp()
    ) THEN 'shelf'
    WHEN EXISTS (
        SELECT FROM app.device_maintenance AS m
        WHERE m.device_id = p_device AND m.ended_at IS NULL AND m.until > clock_timestamp()
    ) THEN 'maintenance'
    WHEN EXISTS (
        SELECT FROM app.ota_deployments AS o WHERE o.device_id = p_device AND o.status = 'in_progress'
    ) THEN 'update'
    WHEN EXISTS (
        SELECT FROM app.devices AS d
        JOIN app.devices AS p ON p.device_id = d.metadata ->> 'parent' AND p.id <> d.id
        WHERE d.id = p_device AND p.status = 'offline' AND p.deleted_at IS NULL
    ) THEN 'parent'
    ELSE '' END;

-- Brings `hidden_by` of open alerts up to date. What begins to be hidden keeps its state below; what is seen
-- again asks for an operator if it still stands, whoever acknowledged it before, and is over if it does not.
-- Returns how many changed. Rows that somebody else holds are left to whoever comes next.
CREATE FUNCTION app.settle_hiding(p_devices bigint[] DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    person bigint := app.person_id();
    changes integer;
BEGIN
    WITH due AS (
        SELECT a.id, a.hidden_by AS was, app.hiding_of(a.device_id, a.threshold_id) AS is_now
        FROM app.alerts AS a
        WHERE a.status <> 'resolved' AND (p_devices IS NULL OR a.device_id = ANY(p_devices))
          AND a.hidden_by <> app.hiding_of(a.device_id, a.threshold_id)
        ORDER BY a.id FOR UPDATE SKIP LOCKED
    ), changed AS (
        UPDATE app.alerts AS a
        SET hidden_by = due.is_now,
            status = CASE WHEN due.is_now <> '' THEN a.status
                          WHEN a.cleared_at IS NULL THEN 'active' ELSE 'resolved' END,
            acknowledged_at = CASE WHEN due.is_now = '' AND a.cleared_at IS NULL THEN NULL
                                   ELSE a.acknowledged_at END,
            acknowledged_by = CASE WHEN due.is_now = '' AND a.cleared_at IS NULL THEN NULL
                                   ELSE a.acknowledged_by END,
            annunciated_at = CASE WHEN due.is_now = '' AND a.cleared_at IS NULL THEN moment
                                  ELSE a.annunciated_at END,
            resolved_at = CASE WHEN due.is_now = '' AND a.cleared_at IS NOT NULL THEN moment
                               ELSE a.resolved_at END
        FROM due WHERE a.id = due.id
        RETURNING a.id, a.device_id, a.threshold_id, a.status::text AS status, due.was, due.is_now
    ), written AS (
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment,
                                      is_annunciated)
        SELECT c.id, c.device_id, c.threshold_id, k.kind, moment, person,
               CASE WHEN k.place = 1 THEN coalesce(nullif(c.is_now, ''), c.was) ELSE '' END,
               k.place = 1 AND c.is_now = '' AND c.status = 'active'
        FROM changed AS c CROSS JOIN LATERAL (VALUES
            (1, CASE WHEN c.is_now = 'shelf' THEN 'shelved' WHEN c.is_now <> '' THEN 'suppressed'
                     WHEN c.was = 'shelf' THEN 'unshelved' ELSE 'unsuppressed' END),
            (2, CASE WHEN c.status = 'resolved' THEN 'resolved' END)) AS k (place, kind)
        WHERE k.kind IS NOT NULL ORDER BY c.id, k.place
        RETURNING 1
    )
    SELECT count(*) INTO changes FROM changed;
    RETURN changes;
END $$;

-- What only the clock brings: shelves and maintenance run out, alerts that were acknowledged long ago ask
-- again. Called by every station once a second; returns how many alerts, shelves and devices changed.
CREATE FUNCTION app.pass_time() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    changes integer := 0;
    ended integer;
BEGIN
    PERFORM app.need_station();
    UPDATE app.alert_shelves SET ended_at = greatest(until, shelved_at), ended_why = 'expired'
    WHERE ended_at IS NULL AND until <= moment;
    GET DIAGNOSTICS ended = ROW_COUNT;
    changes := changes + ended;
    UPDATE app.device_maintenance SET ended_at = until, ended_why = 'expired'
    WHERE ended_at IS NULL AND until <= moment;
    GET DIAGNOSTICS ended = ROW_COUNT;
    changes := changes + ended + app.settle_hiding();
    WITH due AS (
        SELECT a.id FROM app.alerts AS a JOIN app.alert_thresholds AS t ON t.id = a.threshold_id
        WHERE a.status = 'acknowledged' AND a.cleared_at IS NULL AND a.hidden_by = ''
          AND t.realarm_s IS NOT NULL AND a.acknowledged_at + make_interval(secs => t.realarm_s) <= moment
        ORDER BY a.id FOR UPDATE OF a SKIP LOCKED
    ), changed AS (
        UPDATE app.alerts AS a
        SET status = 'active', acknowledged_at = NULL, acknowledged_by = NULL, annunciated_at = moment
        FROM due WHERE a.id = due.id
        RETURNING a.id, a.device_id, a.threshold_id
    ), written AS (
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, is_annunciated)
        SELECT c.id, c.device_id, c.threshold_id, 'realarmed', moment, true FROM changed AS c ORDER BY c.id
        RETURNING 1
    )
    SELECT count(*) INTO ended FROM changed;
    RETURN changes + ended;
END $$;
"""

TRANSITIONS = """
-- As revision 0009 made it, with what is latching and what is hidden.
CREATE OR REPLACE FUNCTION app.apply_transition(
    p_kind text, p_device bigint, p_threshold bigint, p_severity text, p_at timestamptz,
    p_value double precision, p_limit double precision, p_message text
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    episode app.alerts;
    what text := p_kind;
    moment timestamptz := least(p_at, clock_timestamp());  -- a station's clock may run ahead
    hiding text;
    is_over boolean := false;
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
    hiding := app.hiding_of(p_device, p_threshold);
    IF p_kind = 'raised' AND episode.id IS NULL THEN
        INSERT INTO app.alerts (device_id, threshold_id, user_id, severity, message, triggered_at, metric,
                                value_at_trigger, limit_at_trigger, rule, latching, hidden_by, annunciated_at)
        SELECT d.id, t.id, coalesce(d.user_id, t.user_id), p_severity, p_message, moment, t.metric_type,
               p_value, p_limit, t.rule, t.latching, hiding, CASE WHEN hiding = '' THEN moment END
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
        -- Whoever acknowledged a latched alert did so before it came again.
        UPDATE app.alerts
        SET cleared_at = NULL, severity = p_severity, message = p_message,
            value_at_trigger = p_value, limit_at_trigger = p_limit,
            status = 'active', acknowledged_at = NULL, acknowledged_by = NULL,
            annunciated_at = CASE WHEN hiding = '' THEN moment ELSE annunciated_at END
        WHERE id = episode.id;
    ELSE
        IF episode.id IS NULL OR episode.cleared_at IS NOT NULL THEN
            RETURN false;
        END IF;
        is_over := hiding <> '' OR (episode.status = 'acknowledged' AND NOT episode.latching);
        UPDATE app.alerts
        SET cleared_at = greatest(moment, triggered_at),
            status = CASE WHEN is_over THEN 'resolved' ELSE status END,
            resolved_at = CASE WHEN is_over THEN greatest(moment, triggered_at) END
        WHERE id = episode.id;
        UPDATE app.alert_shelves
        SET ended_at = greatest(clock_timestamp(), shelved_at), ended_why = 'returned'
        WHERE threshold_id = p_threshold AND ended_at IS NULL AND is_one_shot;
    END IF;
    INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, value, is_annunciated)
    VALUES (episode.id, p_device, p_threshold, what, moment, p_value, p_kind = 'raised' AND hiding = '');
    IF is_over THEN
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, is_annunciated)
        VALUES (episode.id, p_device, p_threshold, 'resolved', moment, false);
    END IF;
    RETURN true;
END $$;

-- A removed threshold takes no more findings, so what it held open could never end.
CREATE OR REPLACE FUNCTION app.end_episodes_of_threshold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    WITH ended AS (
        UPDATE app.alerts
        SET status = 'resolved', resolved_at = clock_timestamp(),
            cleared_at = coalesce(cleared_at, clock_timestamp())
        WHERE threshold_id = OLD.id AND status <> 'resolved'
        RETURNING id, device_id, threshold_id
    )
    INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, comment)
    SELECT id, device_id, threshold_id, 'resolved', clock_timestamp(), 'the threshold was removed' FROM ended;
    UPDATE app.alert_shelves SET ended_at = greatest(clock_timestamp(), shelved_at), ended_why = 'removed'
    WHERE threshold_id = OLD.id AND ended_at IS NULL;
    RETURN OLD;
END $$;
"""
