"""From an annunciation to a message that can be sent: who is told what, when, and together with what."""

INBOX = """
CREATE FUNCTION app.note_annunciations() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM app.notification_rules WHERE enabled) THEN
        INSERT INTO app.notification_inbox (event_id)
        SELECT c.id FROM changed AS c WHERE c.is_annunciated;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_annunciations AFTER INSERT ON app.alert_events REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.note_annunciations();
"""

QUEUE = """
-- Does all that has come due, and returns how many messages it made. Called by every station about once a
-- second; one at a time works, the others find nothing to do.
CREATE FUNCTION app.queue_notifications() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    made integer := 0;
    one record;
    delivery bigint;
BEGIN
    PERFORM app.need_station();
    IF NOT pg_try_advisory_xact_lock(hashtextextended('app.queue_notifications', 0)) THEN
        RETURN 0;
    END IF;
    PERFORM app.take_annunciations();
    -- What became meaningless meanwhile.
    DELETE FROM app.notification_items AS i WHERE i.delivery_id IS NULL AND (
        i.rule_id IS NULL
        OR EXISTS (SELECT FROM app.notification_rules AS r WHERE r.id = i.rule_id AND NOT r.enabled)
        OR EXISTS (SELECT FROM app.users AS u WHERE u.id = i.person_id AND NOT u.is_active)
        OR i.address LIKE '%@invalid');
    UPDATE app.notification_deliveries AS d
    SET state = 'cancelled', ended_at = moment,
        last_error = CASE WHEN d.channel_id IS NULL THEN 'The channel was removed.'
                          ELSE 'The person may not sign in any more.' END
    WHERE d.state = 'waiting' AND (d.channel_id IS NULL OR d.address LIKE '%@invalid' OR EXISTS (
        SELECT FROM app.users AS u WHERE u.id = d.person_id AND NOT u.is_active));
    -- What is set aside asks nobody; of what was to wait, what was taken care of is not told.
    DELETE FROM app.notification_items AS i
    USING app.notification_rules AS r, app.alert_events AS e, app.alerts AS a
    WHERE i.delivery_id IS NULL AND i.due_at <= moment AND r.id = i.rule_id AND e.id = i.event_id
      AND a.id = e.alert_id
      AND (a.hidden_by <> '' OR (r.delay_s > 0 AND (a.status <> 'active' OR a.cleared_at IS NOT NULL)));
    FOR one IN
        SELECT r.id AS rule_id, r.name AS rule_name, c.id AS channel_id, c.name AS channel_name,
               i.person_id, i.address
        FROM app.notification_items AS i
        JOIN app.notification_rules AS r ON r.id = i.rule_id
        JOIN app.notification_channels AS c ON c.id = r.channel_id
        WHERE i.delivery_id IS NULL
        GROUP BY r.id, c.id, i.person_id, i.address
        HAVING min(i.due_at) + make_interval(secs => r.window_s) <= moment
    LOOP
        -- One message at a time for each rule and recipient: while a server is away, what comes is kept
        -- together and becomes one more, instead of one a minute.
        CONTINUE WHEN EXISTS (
            SELECT FROM app.notification_deliveries AS d
            WHERE d.rule_id = one.rule_id AND d.person_id IS NOT DISTINCT FROM one.person_id
              AND d.address = one.address AND d.ended_at IS NULL);
        INSERT INTO app.notification_deliveries
            (rule_id, rule_name, channel_id, channel_name, person_id, address, created_at, next_attempt_at)
        VALUES (one.rule_id, one.rule_name, one.channel_id, one.channel_name, one.person_id, one.address,
                moment, moment)
        RETURNING id INTO delivery;
        PERFORM app.fill_delivery(delivery, one.rule_id, one.person_id, one.address, moment);
        made := made + 1;
    END LOOP;
    DELETE FROM app.notification_deliveries WHERE ended_at < moment - interval '90 days';
    RETURN made;
END $$;

-- Turns annunciations into what each recipient is to be told. Severity, area and shift are those of the
-- moment when the alert asked.
CREATE FUNCTION app.take_annunciations() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    zone text;
    names text[] := '{}';
    starts time[] := '{}';
BEGIN
    BEGIN
        SELECT s.time_zone INTO zone FROM app.alarm_settings AS s;
        PERFORM now() AT TIME ZONE zone;
        SELECT array_agg(p.value ->> 'name' ORDER BY p.place),
               array_agg((p.value ->> 'starts')::time ORDER BY p.place)
        INTO names, starts
        FROM app.alarm_settings AS s
        CROSS JOIN jsonb_array_elements(s.shifts) WITH ORDINALITY AS p (value, place);
    EXCEPTION WHEN data_exception THEN
        -- Unreadable settings must not keep anybody from being told: rules count at all hours.
        zone := 'UTC';
        names := '{}';
        starts := '{}';
    END;
    WITH taken AS (
        DELETE FROM app.notification_inbox AS i WHERE i.event_id IN (
            SELECT o.event_id FROM app.notification_inbox AS o ORDER BY o.event_id LIMIT 2000)
        RETURNING i.event_id
    ), asked AS (
        SELECT e.id, e.at, e.device_id, a.severity::text AS severity, d.location::text AS location, d.user_id,
               -- The last shift that had begun; before the first of the day, the one of the night before.
               (SELECT s.name FROM unnest(names, starts) AS s (name, begins)
                ORDER BY s.begins <= (e.at AT TIME ZONE zone)::time DESC, s.begins DESC LIMIT 1) AS shift
        FROM taken AS t JOIN app.alert_events AS e ON e.id = t.event_id
        JOIN app.alerts AS a ON a.id = e.alert_id JOIN app.devices AS d ON d.id = e.device_id
    )
    INSERT INTO app.notification_items (rule_id, person_id, address, event_id, due_at)
    SELECT r.id, w.person_id, w.address, e.id, e.at + make_interval(secs => r.delay_s)
    FROM asked AS e
    JOIN app.notification_rules AS r ON r.enabled AND e.severity = ANY(r.severities)
        -- A rule whose shifts were all renamed since tells too much rather than nothing.
        AND (e.shift = ANY(r.shifts) OR NOT r.shifts && coalesce(names, '{}'))
        AND ((r.locations = '{}' AND r.devices = '{}')
             OR e.location = ANY(r.locations) OR e.device_id = ANY(r.devices))
    JOIN app.notification_channels AS c ON c.id = r.channel_id AND c.enabled
    CROSS JOIN LATERAL (
        SELECT NULL::bigint AS person_id, '' AS address WHERE c.kind = 'webhook'
        UNION ALL
        SELECT DISTINCT NULL::bigint, x.address FROM unnest(r.addresses) AS x (address) WHERE c.kind = 'smtp'
        UNION ALL
        -- An engineer is told what an engineer may see: the own devices.
        SELECT u.id, '' FROM app.users AS u
        WHERE c.kind = 'smtp' AND u.is_active AND u.deleted_at IS NULL AND u.password_hash <> '!'
          AND (u.role::text = ANY(r.roles) OR u.id = ANY(r.persons))
          AND (u.role::text <> 'user' OR u.id = e.user_id)
          AND lower(u.email) <> ALL(r.addresses)
    ) AS w;
END $$;

-- Puts what is due into a delivery: an alert that asked several times once, with how often; at most 200 in
-- detail, the most urgent first; all of them counted.
CREATE FUNCTION app.fill_delivery(
    p_delivery bigint, p_rule bigint, p_person bigint, p_address text, p_moment timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    WITH due AS (
        SELECT i.id, row_number() OVER (PARTITION BY e.alert_id ORDER BY e.id DESC) AS place,
               count(*) OVER (PARTITION BY e.alert_id) AS times
        FROM app.notification_items AS i JOIN app.alert_events AS e ON e.id = i.event_id
        WHERE i.delivery_id IS NULL AND i.rule_id = p_rule AND i.person_id IS NOT DISTINCT FROM p_person
          AND i.address = p_address AND i.due_at <= p_moment
    ), doubled AS (
        DELETE FROM app.notification_items AS i USING due WHERE i.id = due.id AND due.place > 1
    )
    UPDATE app.notification_items AS i SET delivery_id = p_delivery, times = due.times
    FROM due WHERE i.id = due.id AND due.place = 1;
    UPDATE app.notification_deliveries AS d
    SET critical = c.critical, warning = c.warning, info = c.info, late = c.late
    FROM (
        SELECT count(*) FILTER (WHERE a.severity = 'critical') AS critical,
               count(*) FILTER (WHERE a.severity = 'warning') AS warning,
               count(*) FILTER (WHERE a.severity = 'info') AS info,
               count(*) FILTER (WHERE i.due_at < p_moment - interval '6 hours') AS late
        FROM app.notification_items AS i JOIN app.alert_events AS e ON e.id = i.event_id
        JOIN app.alerts AS a ON a.id = e.alert_id WHERE i.delivery_id = p_delivery
    ) AS c
    WHERE d.id = p_delivery;
    DELETE FROM app.notification_items AS i USING (
        SELECT o.id FROM app.notification_items AS o JOIN app.alert_events AS e ON e.id = o.event_id
        JOIN app.alerts AS a ON a.id = e.alert_id WHERE o.delivery_id = p_delivery
        ORDER BY app.severity_rank(a.severity), e.at DESC, e.id DESC OFFSET 200
    ) AS surplus
    WHERE i.id = surplus.id;
END $$;
"""
