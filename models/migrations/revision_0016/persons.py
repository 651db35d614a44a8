"""What administrators do with messages, what operators hear of them, and what is forgotten of a person."""

PERSONS = """
-- Has a message made that only says that it is a test; a station sends it like any other, once.
CREATE FUNCTION app.test_notification(p_channel bigint, p_address text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE made bigint;
BEGIN
    PERFORM app.need_admin();
    INSERT INTO app.notification_deliveries (channel_id, channel_name, address, is_test, rule_name)
    SELECT c.id, c.name, left(coalesce(p_address, ''), 320), true, 'Test'
    FROM app.notification_channels AS c WHERE c.id = p_channel
    RETURNING id INTO made;
    IF made IS NULL THEN
        RAISE EXCEPTION 'there is no channel with number %', p_channel;
    END IF;
    RETURN made;
END $$;

-- Tries messages again at once: those that failed or were cancelled, and those that wait for their turn.
-- Returns how many.
CREATE FUNCTION app.retry_notifications(p_deliveries bigint[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE changes integer;
BEGIN
    PERFORM app.need_admin();
    UPDATE app.notification_deliveries
    SET state = 'waiting', ended_at = NULL, next_attempt_at = clock_timestamp(),
        give_up_at = clock_timestamp() + interval '24 hours'
    WHERE id = ANY(p_deliveries) AND state IN ('failed', 'cancelled', 'waiting') AND channel_id IS NOT NULL;
    GET DIAGNOSTICS changes = ROW_COUNT;
    RETURN changes;
END $$;

CREATE FUNCTION app.cancel_notifications(p_deliveries bigint[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE changes integer;
BEGIN
    PERFORM app.need_admin();
    UPDATE app.notification_deliveries
    SET state = 'cancelled', ended_at = clock_timestamp(), last_error = 'Cancelled by an administrator.'
    WHERE id = ANY(p_deliveries) AND state = 'waiting';
    GET DIAGNOSTICS changes = ROW_COUNT;
    RETURN changes;
END $$;

-- Channels by which nobody has been told for five minutes although somebody should. The reason is for
-- administrators: a server's answer may name anybody.
CREATE FUNCTION app.notification_troubles()
RETURNS TABLE (channel_id bigint, channel text, since timestamptz, waiting bigint, reason text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    is_admin boolean := app.admin_id() IS NOT NULL OR app.is_superuser();
    long_ago timestamptz := clock_timestamp() - interval '5 minutes';
BEGIN
    IF NOT is_admin AND app.operator_id() IS NULL THEN
        RAISE EXCEPTION 'only administrators and operators may ask' USING ERRCODE = '42501';
    END IF;
    RETURN QUERY
    SELECT c.id, c.name, least(h.failing_since, o.since), coalesce(o.waiting, 0),
           CASE WHEN NOT is_admin THEN '' ELSE coalesce(h.last_error, '') END
    FROM app.notification_channels AS c
    LEFT JOIN app.notification_health AS h ON h.channel_id = c.id
    LEFT JOIN LATERAL (
        SELECT min(d.next_attempt_at) AS since, count(*) AS waiting FROM app.notification_deliveries AS d
        WHERE d.channel_id = c.id AND d.ended_at IS NULL AND NOT d.is_test
    ) AS o ON true
    WHERE c.enabled AND (h.failing_since <= long_ago OR o.since <= long_ago)
    ORDER BY 3, 1;
END $$;

-- An anonymised person's address may have been typed into a rule, and a server may have quoted it.
CREATE FUNCTION app.forget_in_notifications() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE app.notification_rules
    SET addresses = array_remove(addresses, lower(OLD.email)), persons = array_remove(persons, OLD.id)
    WHERE lower(OLD.email) = ANY(addresses) OR OLD.id = ANY(persons);
    UPDATE app.notification_items AS i SET address = 'former-' || OLD.id || '@invalid'
    WHERE i.address = lower(OLD.email);
    UPDATE app.notification_deliveries AS d
    SET address = CASE WHEN d.address = lower(OLD.email) THEN 'former-' || OLD.id || '@invalid'
                       ELSE d.address END,
        last_error = app.without_name(d.last_error, OLD.name, OLD.email, 'Former person ' || OLD.id),
        steps = '[]'
    WHERE d.address = lower(OLD.email) OR d.person_id = OLD.id OR d.is_test
       OR strpos(lower(d.last_error), lower(OLD.email)) > 0;
    UPDATE app.notification_health AS h
    SET last_error = app.without_name(h.last_error, OLD.name, OLD.email, 'Former person ' || OLD.id)
    WHERE h.last_error <> '';
    RETURN NULL;
END $$;
CREATE TRIGGER forget_in_notifications AFTER UPDATE ON app.users FOR EACH ROW
    WHEN (OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
    EXECUTE FUNCTION app.forget_in_notifications();
"""
