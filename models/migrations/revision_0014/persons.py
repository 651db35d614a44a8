"""What persons do to alerts: acknowledge, resolve, comment; and what counts as their signature."""

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
-- Words as they are kept, without blanks around them. Nobody's are cut short without a word.
CREATE FUNCTION app.bounded(p_words text, p_most integer, p_what text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF length(p_words) > p_most THEN
        RAISE EXCEPTION '% may have at most % characters, and this one has %',
            p_what, p_most, length(p_words);
    END IF;
    RETURN btrim(coalesce(p_words, ''), E' \\t\\r\\n');
END $$;

-- As revision 0009 made it; a latched alert stays until it is reset (resolved), and one whose threshold asks
-- for a comment is acknowledged by nobody who gives none.
CREATE OR REPLACE FUNCTION app.acknowledge_alerts(p_alerts bigint[], p_comment text DEFAULT '')
RETURNS TABLE (alert_id bigint, new_status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.need_handler(p_alerts);
    moment timestamptz;
    words text := app.bounded(p_comment, 4000, 'a comment');
BEGIN
    -- Held first, in everybody's order, and dated once they are: of two persons the first is the earlier.
    PERFORM c.id FROM app.alerts AS c WHERE c.id = ANY(p_alerts) ORDER BY c.id FOR NO KEY UPDATE;
    moment := clock_timestamp();
    RETURN QUERY
    WITH changed AS (
        UPDATE app.alerts AS a
        SET acknowledged_at = moment, acknowledged_by = person,
            status = CASE WHEN a.cleared_at IS NULL OR a.latching THEN 'acknowledged' ELSE 'resolved' END,
            resolved_at = CASE WHEN a.cleared_at IS NOT NULL AND NOT a.latching THEN moment END,
            resolved_by = CASE WHEN a.cleared_at IS NOT NULL AND NOT a.latching THEN person END
        WHERE a.id = ANY(p_alerts) AND a.status = 'active'
          AND (words <> '' OR NOT EXISTS (
              SELECT FROM app.alert_thresholds AS t WHERE t.id = a.threshold_id AND t.requires_comment))
        RETURNING a.id, a.device_id, a.threshold_id, a.status::text AS status
    ), written AS (
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment,
                                      is_annunciated)
        SELECT c.id, c.device_id, c.threshold_id, k.kind, moment, person,
               CASE WHEN k.place = 1 THEN words ELSE '' END, false
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
    moment timestamptz;
    words text := app.bounded(p_comment, 4000, 'a comment');
BEGIN
    -- Held first, in everybody's order, and dated once they are: of two persons the first is the earlier.
    PERFORM c.id FROM app.alerts AS c WHERE c.id = ANY(p_alerts) ORDER BY c.id FOR NO KEY UPDATE;
    moment := clock_timestamp();
    RETURN QUERY
    WITH chosen AS (
        SELECT c.id, c.status = 'active' AS is_new FROM app.alerts AS c WHERE c.id = ANY(p_alerts)
    ), changed AS (
        UPDATE app.alerts AS a
        SET status = 'resolved', resolved_at = moment, resolved_by = person,
            acknowledged_at = coalesce(a.acknowledged_at, moment),
            acknowledged_by = coalesce(a.acknowledged_by, person)
        FROM chosen WHERE a.id = chosen.id AND a.status IN ('active', 'acknowledged')
          AND (a.cleared_at IS NOT NULL OR NOT EXISTS (
              SELECT FROM app.alert_thresholds AS t WHERE t.id = a.threshold_id AND t.enabled))
          AND (words <> '' OR NOT chosen.is_new OR NOT EXISTS (
              SELECT FROM app.alert_thresholds AS t WHERE t.id = a.threshold_id AND t.requires_comment))
        RETURNING a.id, a.device_id, a.threshold_id, a.status::text AS status, chosen.is_new
    ), written AS (
        INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment,
                                      is_annunciated)
        SELECT c.id, c.device_id, c.threshold_id, k.kind, moment, person,
               CASE WHEN k.kind = 'resolved' THEN words ELSE '' END, false
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
    words text := app.bounded(p_comment, 4000, 'a comment');
BEGIN
    IF words = '' THEN
        RAISE EXCEPTION 'a comment needs words';
    END IF;
    RETURN QUERY
    INSERT INTO app.alert_events (alert_id, device_id, threshold_id, kind, at, user_id, comment,
                                  is_annunciated)
    SELECT a.id, a.device_id, a.threshold_id, 'commented', clock_timestamp(), person, words, false
    FROM app.alerts AS a WHERE a.id = ANY(p_alerts) ORDER BY a.id
    RETURNING alert_events.alert_id;
    IF FOUND THEN  -- windows show how many comments there are
        PERFORM pg_notify('alerts', '');
    END IF;
END $$;
"""
