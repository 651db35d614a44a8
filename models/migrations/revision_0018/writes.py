"""Writing to a device: noted in the audit trail under the person's name before anything is sent."""

WRITES = """
-- Whoever writes without a station calls this first, and stops if it fails.
CREATE FUNCTION app.note_device_write(p_device bigint, p_address text, p_value double precision) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.refuse_device_write(app.person_id(), app.person_role(), p_device, p_address, p_value);
    INSERT INTO app.audit_pending (op, tbl, pk, new) VALUES (
        'INSERT', 'device_writes', p_device::text,
        jsonb_build_object('device_id', p_device, 'address', p_address, 'value', p_value)
    );
END $$;

-- The same, by the station that is about to write: under the name of whoever holds the ticket. A station
-- knows only tickets that were shown to it; the line names it beside what it wrote. Call it in a transaction
-- of its own, because all lines of one transaction are linked under one login.
CREATE FUNCTION app.note_device_write_for(
    p_digest bytea, p_device bigint, p_address text, p_value double precision
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ticket app.window_tickets;
    person app.users;
BEGIN
    PERFORM app.need_station();
    SELECT t.* INTO ticket FROM app.window_tickets AS t
    WHERE t.digest = p_digest AND t.ended_at IS NULL AND t.expires_at > clock_timestamp();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the sign-in has ended; sign in again' USING ERRCODE = '42501';
    END IF;
    SELECT u.* INTO person FROM app.users AS u WHERE u.id = ticket.person_id;
    IF NOT person.is_active OR person.deleted_at IS NOT NULL THEN
        RAISE EXCEPTION 'the account is disabled' USING ERRCODE = '42501';
    END IF;
    PERFORM app.refuse_device_write(person.id, person.role::text, p_device, p_address, p_value);
    INSERT INTO app.audit_pending (actor, client, workstation, op, tbl, pk, new) VALUES (
        person.db_role, ticket.client, ticket.workstation, 'INSERT', 'device_writes', p_device::text,
        jsonb_build_object(
            'device_id', p_device, 'address', p_address, 'value', p_value, 'station_id', app.station_id())
    );
END $$;

-- Raises where the person may not write this there.
CREATE FUNCTION app.refuse_device_write(
    p_person bigint, p_role text, p_device bigint, p_address text, p_value double precision
) RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_person IS NULL OR p_role NOT IN ('admin', 'user') THEN
        RAISE EXCEPTION 'only engineers and administrators write to devices' USING ERRCODE = '42501';
    END IF;
    IF p_role = 'user' AND NOT EXISTS (
        SELECT FROM app.devices AS d WHERE d.id = p_device AND d.user_id = p_person
    ) THEN
        RAISE EXCEPTION 'the device belongs to somebody else' USING ERRCODE = '42501';
    END IF;
    IF p_value IS NULL OR p_value IN ('NaN', 'Infinity', '-Infinity') THEN
        RAISE EXCEPTION 'only a number can be written to a device';
    END IF;
    IF NOT EXISTS (
        SELECT FROM app.devices AS d
        CROSS JOIN LATERAL jsonb_array_elements(
            CASE jsonb_typeof(d.metadata -> 'tags') WHEN 'array' THEN d.metadata -> 'tags' ELSE '[]' END
        ) AS tag
        WHERE d.id = p_device AND d.deleted_at IS NULL
          AND tag ->> 'address' = p_address AND tag -> 'writable' = 'true'
    ) THEN
        RAISE EXCEPTION 'the device has no writable tag at %; mark it as writable first',
            left(p_address, 200);
    END IF;
END $$;
"""

RIGHTS = """
GRANT EXECUTE ON FUNCTION app.note_device_write(bigint, text, double precision)
    TO console_admin, console_user;
GRANT EXECUTE ON FUNCTION app.note_device_write_for(bytea, bigint, text, double precision)
    TO console_station;
"""
"""After the functions have their owner."""
