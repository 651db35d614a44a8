"""Exactly one station sends: it claims a message for a while, and says what became of it."""

CLAIMS = """
-- Channels with something to send now, and since when.
CREATE FUNCTION app.due_notification_channels()
RETURNS TABLE (channel jsonb, due_since timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE moment timestamptz := clock_timestamp();
BEGIN
    PERFORM app.need_station();
    RETURN QUERY
    SELECT to_jsonb(c), min(CASE d.state WHEN 'sending' THEN d.claim_until ELSE d.next_attempt_at END)
    FROM app.notification_deliveries AS d JOIN app.notification_channels AS c ON c.id = d.channel_id
    WHERE d.ended_at IS NULL AND (c.enabled OR d.is_test)
      AND CASE d.state WHEN 'sending' THEN d.claim_until ELSE d.next_attempt_at END <= moment
    GROUP BY c.id ORDER BY c.id;
END $$;

-- Gives the caller one message of a channel to send within p_seconds, the most urgent and oldest first; NULL
-- where none is due. After that time another station may take it: whoever claimed it has died.
CREATE FUNCTION app.claim_notification(p_channel bigint, p_seconds double precision) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    taken app.notification_deliveries;
BEGIN
    PERFORM app.need_station();
    UPDATE app.notification_deliveries AS d
    SET state = 'sending', attempts = d.attempts + 1, claim = gen_random_uuid(),
        claimed_by = app.station_id(), claim_until = moment + make_interval(secs => p_seconds)
    WHERE d.id = (
        SELECT n.id FROM app.notification_deliveries AS n
        JOIN app.notification_channels AS c ON c.id = n.channel_id
        WHERE n.channel_id = p_channel AND n.ended_at IS NULL AND (c.enabled OR n.is_test)
          AND CASE n.state WHEN 'sending' THEN n.claim_until ELSE n.next_attempt_at END <= moment
        ORDER BY n.is_test DESC, n.critical > 0 DESC, n.created_at, n.id
        LIMIT 1 FOR UPDATE OF n SKIP LOCKED
    )
    RETURNING d.* INTO taken;
    IF taken.id IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_build_object(
        'delivery', taken.id, 'claim', taken.claim, 'message_key', taken.message_key,
        'attempt', taken.attempts, 'is_test', taken.is_test, 'created_at', taken.created_at,
        'rule', taken.rule_name, 'critical', taken.critical, 'warning', taken.warning, 'info', taken.info,
        'late', taken.late,
        'address', coalesce((SELECT u.email FROM app.users AS u WHERE u.id = taken.person_id), taken.address),
        'channel', (SELECT to_jsonb(c) FROM app.notification_channels AS c WHERE c.id = taken.channel_id),
        'time_zone', (SELECT s.time_zone FROM app.alarm_settings AS s),
        'alerts', (SELECT coalesce(jsonb_agg(to_jsonb(l) - 'place' ORDER BY l.place), '[]')
                   FROM app.lines_of_delivery(taken.id) AS l));
END $$;

-- What a message says in detail, the most urgent first. Not those told of hours late: they are counted only.
CREATE FUNCTION app.lines_of_delivery(p_delivery bigint)
RETURNS TABLE (place bigint, alert bigint, device text, location text, severity text, message text,
               at timestamptz, times integer, metric text, value double precision, "limit" double precision,
               status text, cleared_at timestamptz, acknowledged_by text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT row_number() OVER (ORDER BY app.severity_rank(a.severity), e.at DESC, e.id DESC),
           a.id, d.name::text, d.location::text, a.severity::text, a.message::text, e.at, i.times,
           a.metric::text, a.value_at_trigger, a.limit_at_trigger, a.status::text, a.cleared_at,
           (SELECT u.name::text FROM app.users AS u WHERE u.id = a.acknowledged_by)
    FROM app.notification_items AS i
    JOIN app.notification_deliveries AS m ON m.id = i.delivery_id
    JOIN app.alert_events AS e ON e.id = i.event_id
    JOIN app.alerts AS a ON a.id = e.alert_id JOIN app.devices AS d ON d.id = a.device_id
    WHERE i.delivery_id = p_delivery AND i.due_at >= m.created_at - interval '6 hours'
    ORDER BY 1 LIMIT 30;
END;

-- What became of an attempt: 'sent'; 'retry' after p_wait_s, 'failed' for good, or 'released' untried.
-- Returns the state from now on. That it was sent counts from whoever says so; anything else only from who
-- still holds the claim. A channel's fault is remembered until something goes through.
CREATE FUNCTION app.finish_notification(
    p_delivery bigint, p_claim uuid, p_outcome text, p_error text, p_wait_s double precision,
    p_steps jsonb, p_is_channel_fault boolean
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    message app.notification_deliveries;
    outcome text := p_outcome;
    said text := left(coalesce(p_error, ''), 1000);
BEGIN
    PERFORM app.need_station();
    SELECT * INTO message FROM app.notification_deliveries WHERE id = p_delivery FOR UPDATE;
    IF message.id IS NULL OR message.ended_at IS NOT NULL THEN
        RETURN coalesce(message.state, '');
    ELSIF outcome <> 'sent' AND message.claim IS DISTINCT FROM p_claim THEN
        RETURN message.state;
    END IF;
    IF outcome = 'retry' AND message.is_test THEN
        outcome := 'failed';
    ELSIF outcome = 'retry' AND message.give_up_at <= moment THEN
        outcome := 'failed';
        said := left('Given up after 24 hours. ' || said, 1000);
    END IF;
    IF outcome = 'released' THEN
        UPDATE app.notification_deliveries
        SET state = 'waiting', claim = NULL, claim_until = NULL, attempts = attempts - 1,
            next_attempt_at = moment
        WHERE id = p_delivery;
        RETURN 'waiting';
    END IF;
    UPDATE app.notification_deliveries
    SET state = CASE outcome WHEN 'sent' THEN 'sent' WHEN 'retry' THEN 'waiting' ELSE 'failed' END,
        claim = NULL, claim_until = NULL, last_error = said,
        steps = CASE WHEN is_test THEN coalesce(p_steps, '[]') ELSE steps END,
        next_attempt_at = moment + make_interval(secs => coalesce(p_wait_s, 0)),
        sent_at = CASE WHEN outcome = 'sent' THEN moment END,
        sent_by = CASE WHEN outcome = 'sent' THEN app.station_id() END,
        ended_at = CASE WHEN outcome <> 'retry' THEN moment END
    WHERE id = p_delivery
    RETURNING * INTO message;
    IF message.channel_id IS NOT NULL AND (outcome = 'sent' OR NOT coalesce(p_is_channel_fault, false)) THEN
        DELETE FROM app.notification_health WHERE channel_id = message.channel_id;
    ELSIF message.channel_id IS NOT NULL THEN
        PERFORM app.note_channel_trouble(message.channel_id, said);
    END IF;
    RETURN message.state;
END $$;

-- A station says why it cannot send by a channel at all, or could not.
CREATE FUNCTION app.note_channel_trouble(p_channel bigint, p_error text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_station();
    INSERT INTO app.notification_health AS h (channel_id, last_error, station_id)
    SELECT c.id, left(coalesce(p_error, ''), 1000), app.station_id()
    FROM app.notification_channels AS c WHERE c.id = p_channel
    ON CONFLICT (channel_id) DO UPDATE
    SET last_error = excluded.last_error, station_id = excluded.station_id, noted_at = clock_timestamp();
END $$;
"""
