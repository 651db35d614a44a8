"""Writing to a device: noted in the audit trail under the person's own login before anything is sent."""

WRITES = """
-- Refuses where the person may not write there. Whoever writes calls this first, and stops if it fails.
CREATE FUNCTION app.note_device_write(p_device bigint, p_address text, p_value double precision) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.person_id();
    role text := app.person_role();
BEGIN
    IF person IS NULL OR role NOT IN ('admin', 'user') THEN
        RAISE EXCEPTION 'only engineers and administrators write to devices' USING ERRCODE = '42501';
    END IF;
    IF role = 'user' AND NOT EXISTS (
        SELECT FROM app.devices AS d WHERE d.id = p_device AND d.user_id = person
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
    INSERT INTO app.audit_pending (op, tbl, pk, new) VALUES (
        'INSERT', 'device_writes', p_device::text,
        jsonb_build_object('device_id', p_device, 'address', p_address, 'value', p_value)
    );
END $$;
"""

RIGHTS = """
GRANT EXECUTE ON FUNCTION app.note_device_write(bigint, text, double precision)
    TO console_admin, console_user;
"""
"""After the function has its owner."""
