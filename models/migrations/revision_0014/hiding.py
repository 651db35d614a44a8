"""Why alerts ask nobody, and what becomes of them when that begins and ends."""

REASONS = """
-- Whether a chain of parents leads back to the device itself. Such devices would hide one another for ever.
CREATE FUNCTION app.is_behind_itself(p_device bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN EXISTS (
    WITH RECURSIVE up AS (
        SELECT d.id, d.metadata ->> 'parent' AS parent, 0 AS steps FROM app.devices AS d WHERE d.id = p_device
        UNION ALL
        SELECT p.id, p.metadata ->> 'parent', up.steps + 1
        FROM up JOIN app.devices AS p ON p.device_id = up.parent
        WHERE up.steps < 16 AND (up.steps = 0 OR up.id <> p_device)
    )
    SELECT FROM up WHERE up.steps > 0 AND up.id = p_device
);
CREATE INDEX devices_parent_idx ON app.devices ((metadata ->> 'parent'))
    WHERE metadata ->> 'parent' IS NOT NULL;

-- Devices all of whose alerts ask nobody at this moment, with the reason; that of the lowest place is named.
-- Acts as its caller, so that the planner sees into it.
CREATE FUNCTION app.device_hiding() RETURNS TABLE (device_id bigint, place integer, why text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT m.device_id, 1 AS place, 'maintenance' AS why
    FROM app.device_maintenance AS m WHERE m.ended_at IS NULL AND m.until > clock_timestamp()
    UNION ALL
    -- An update that nobody ended must not hide a device for ever.
    SELECT o.device_id, 2, 'update'
    FROM app.ota_deployments AS o
    WHERE o.status = 'in_progress'
      AND coalesce(o.started_at, o.created_at) > clock_timestamp() - interval '1 day'
    UNION ALL
    SELECT d.id, 3, 'parent'
    FROM app.devices AS d JOIN app.devices AS p ON p.device_id = d.metadata ->> 'parent'
    WHERE d.metadata ->> 'parent' IS NOT NULL AND p.id <> d.id AND p.status = 'offline'
      AND p.deleted_at IS NULL AND NOT app.is_behind_itself(d.id);
END;

-- Why an alert of this threshold asks nobody at this moment; empty = it does.
CREATE FUNCTION app.hiding_of(p_device bigint, p_threshold bigint) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM app.alert_shelves AS s
        WHERE s.threshold_id = p_threshold AND s.ended_at IS NULL AND s.until > clock_timestamp()
    ) THEN
        RETURN 'shelf';
    END IF;
    RETURN coalesce((
        SELECT h.why FROM app.device_hiding() AS h WHERE h.device_id = p_device ORDER BY h.place LIMIT 1
    ), '');
END $$;
"""

SETTLING = """
-- Brings `hidden_by` of open alerts up to date. What begins to be hidden keeps its state below. What is seen
-- again asks for an operator if it still stands, whoever acknowledged it before, and is over if it does not;
-- but a latched one is over for nobody until it is reset. Returns how many changed. Rows that somebody else
-- holds are left to whoever comes next, a second later; so who shelved, and why, is asked of the shelf.
-- Devices, thresholds: only alerts of these; NULL = of all.
CREATE FUNCTION app.settle_hiding(p_devices bigint[] DEFAULT NULL, p_thresholds bigint[] DEFAULT NULL)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    changes integer;
BEGIN
    WITH shelved AS MATERIALIZED (
        SELECT s.threshold_id FROM app.alert_shelves AS s WHERE s.ended_at IS NULL AND s.until > moment
    ), aside AS MATERIALIZED (
        SELECT DISTINCT ON (h.device_id) h.device_id, h.why
        FROM app.device_hiding() AS h ORDER BY h.device_id, h.place
    ), wanted AS (
        SELECT a.id, CASE WHEN s.threshold_id IS NOT NULL THEN 'shelf' ELSE coalesce(h.why, '') END AS is_now
        FROM app.alerts AS a
        LEFT JOIN shelved AS s ON s.threshold_id = a.threshold_id
        LEFT JOIN aside AS h ON h.device_id = a.device_id
        WHERE a.status IN ('active', 'acknowledged')
          AND (p_devices IS NULL OR a.device_id = ANY(p_devices))
          AND (p_thresholds IS NULL OR a.threshold_id = ANY(p_thresholds))
          AND a.hidden_by <> CASE WHEN s.threshold_id IS NOT NULL THEN 'shelf' ELSE coalesce(h.why, '') END
    ), due AS (
        SELECT a.id, a.hidden_by AS was, w.is_now
        FROM app.alerts AS a JOIN wanted AS w ON w.id = a.id
        ORDER BY a.id FOR NO KEY UPDATE OF a SKIP LOCKED
    ), changed AS (
        UPDATE app.alerts AS a
        SET hidden_by = due.is_now,
            status = CASE WHEN due.is_now <> '' THEN a.status
                          WHEN a.cleared_at IS NULL THEN 'active'
                          WHEN a.latching THEN a.status ELSE 'resolved' END,
            acknowledged_at = CASE WHEN due.is_now <> '' OR a.cleared_at IS NOT NULL
                                   THEN a.acknowledged_at END,
            acknowledged_by = CASE WHEN due.is_now <> '' OR a.cleared_at IS NOT NULL
                                   THEN a.acknowledged_by END,
            annunciated_at = CASE WHEN due.is_now = '' AND a.cleared_at IS NULL THEN moment
                                  ELSE a.annunciated_at END,
            resolved_at = CASE WHEN due.is_now = '' AND a.cleared_at IS NOT NULL AND NOT a.latching
                               THEN moment END
        FROM due WHERE a.id = due.id AND a.status IN ('active', 'acknowledged') AND a.hidden_by = due.was
        RETURNING a.id, a.device_id, a.threshold_id, a.status::text AS status,
                  a.cleared_at IS NULL AS is_standing, due.was, due.is_now
    ), written AS (
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment,
                                      is_annunciated)
        SELECT c.id, c.device_id, c.threshold_id, k.kind, moment, k.person, coalesce(k.words, ''), k.asks
        FROM changed AS c
        LEFT JOIN LATERAL app.hiding_words(c.device_id, c.threshold_id, c.was, false) AS gone ON c.was <> ''
        LEFT JOIN LATERAL app.hiding_words(c.device_id, c.threshold_id, c.is_now, true) AS come
            ON c.is_now <> ''
        CROSS JOIN LATERAL (VALUES
            (1, CASE WHEN c.was = 'shelf' THEN 'unshelved'
                     WHEN c.was <> '' AND c.is_now = '' THEN 'unsuppressed' END,
             gone.person, gone.words, c.is_now = '' AND c.is_standing),
            (2, CASE WHEN c.is_now = 'shelf' THEN 'shelved' WHEN c.is_now <> '' THEN 'suppressed' END,
             come.person, come.words, false),
            (3, CASE WHEN c.status = 'resolved' THEN 'resolved' END, NULL, '', false)
        ) AS k (place, kind, person, words, asks)
        WHERE k.kind IS NOT NULL ORDER BY c.id, k.place
    )
    SELECT count(*) INTO changes FROM changed;
    RETURN changes;
END $$;

-- Who began or ended what hides alerts of a threshold, and what they said, or what else is to be said of it.
CREATE FUNCTION app.hiding_words(p_device bigint, p_threshold bigint, p_why text, p_begins boolean)
RETURNS TABLE (person bigint, words text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    (SELECT CASE WHEN p_begins THEN s.user_id ELSE s.ended_by END,
            CASE WHEN p_begins THEN s.reason WHEN s.ended_why = 'expired' THEN 'its time was over'
                 WHEN s.ended_why = 'returned' THEN 'its condition was over' ELSE '' END
     FROM app.alert_shelves AS s
     WHERE p_why = 'shelf' AND s.device_id = p_device AND s.threshold_id = p_threshold
     ORDER BY s.shelved_at DESC, s.id DESC LIMIT 1)
    UNION ALL
    (SELECT CASE WHEN p_begins THEN m.user_id ELSE m.ended_by END,
            CASE WHEN p_begins THEN m.reason WHEN m.ended_why = 'expired' THEN 'its time was over' ELSE '' END
     FROM app.device_maintenance AS m
     WHERE p_why = 'maintenance' AND m.device_id = p_device
     ORDER BY m.began_at DESC, m.id DESC LIMIT 1)
    UNION ALL
    SELECT NULL, CASE WHEN p_why = 'update' AND p_begins THEN 'firmware is being installed'
                      WHEN p_why = 'update' THEN 'firmware is installed'
                      WHEN p_begins THEN 'the device it is reached through is offline'
                      ELSE 'the device it is reached through is back' END
    WHERE p_why IN ('update', 'parent');
END;
"""

TIME = """
-- What only the clock brings: shelves and maintenance run out, alerts that were acknowledged long ago and
-- still stand ask again. Called by every station once a second; returns how many alerts, shelves and devices
-- changed.
CREATE FUNCTION app.pass_time() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    changes integer := 0;
    ended integer;
BEGIN
    PERFORM app.need_station();
    UPDATE app.alert_shelves AS s SET ended_at = s.until, ended_why = 'expired'
    FROM (SELECT o.id FROM app.alert_shelves AS o WHERE o.ended_at IS NULL AND o.until <= moment
          ORDER BY o.id FOR UPDATE SKIP LOCKED) AS due
    WHERE s.id = due.id;
    GET DIAGNOSTICS ended = ROW_COUNT;
    changes := changes + ended;
    UPDATE app.device_maintenance AS m SET ended_at = m.until, ended_why = 'expired'
    FROM (SELECT o.id FROM app.device_maintenance AS o WHERE o.ended_at IS NULL AND o.until <= moment
          ORDER BY o.id FOR UPDATE SKIP LOCKED) AS due
    WHERE m.id = due.id;
    GET DIAGNOSTICS ended = ROW_COUNT;
    changes := changes + ended + app.settle_hiding();
    WITH due AS (
        SELECT a.id FROM app.alerts AS a JOIN app.alert_thresholds AS t ON t.id = a.threshold_id
        WHERE a.status = 'acknowledged' AND a.cleared_at IS NULL AND a.hidden_by = ''
          AND t.realarm_s IS NOT NULL AND a.acknowledged_at + make_interval(secs => t.realarm_s) <= moment
        ORDER BY a.id FOR NO KEY UPDATE OF a SKIP LOCKED
    ), changed AS (
        UPDATE app.alerts AS a
        SET status = 'active', acknowledged_at = NULL, acknowledged_by = NULL, annunciated_at = moment
        FROM due WHERE a.id = due.id AND a.status = 'acknowledged'
        RETURNING a.id, a.device_id, a.threshold_id
    ), written AS (
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, is_annunciated)
        SELECT c.id, c.device_id, c.threshold_id, 'realarmed', moment, true FROM changed AS c ORDER BY c.id
    )
    SELECT count(*) INTO ended FROM changed;
    -- What a station told is remembered for as long as it could tell it again.
    DELETE FROM app.alert_inbox WHERE came_at < moment - interval '30 days';
    RETURN changes + ended;
END $$;
"""
