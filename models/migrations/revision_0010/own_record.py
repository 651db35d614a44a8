"""What is stored about a person: their own record, their export, and how their name is forgotten.

These read and write tables beside `users` and `stations`, so they belong to console_tables, which owns those.
"""

OWN = """
-- bcrypt hash included: with it the person's own workstation signs them in while the database is away.
CREATE FUNCTION app.my_record()
RETURNS TABLE (id bigint, name text, email text, role text, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT u.id, u.name::text, u.email::text, u.role::text, u.password_hash::text
    FROM app.users AS u WHERE u.id = app.person_id();
END;

CREATE FUNCTION app.needs_first_admin() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN NOT EXISTS (SELECT FROM app.users WHERE role = 'admin' AND is_active AND password_hash <> '!');

CREATE FUNCTION app.accounts()
RETURNS TABLE (id bigint, name text, email text, role text, is_active boolean, has_password boolean,
               is_former boolean, devices_owned integer, last_sign_in_at timestamptz,
               created_at timestamptz, updated_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM app.need_admin();
    RETURN QUERY
    SELECT u.id, u.name::text, u.email::text, u.role::text, u.is_active, u.password_hash <> '!',
           u.deleted_at IS NOT NULL, count(d.id)::integer, app.last_sign_in_at(u.id),
           u.created_at, u.updated_at
    FROM app.users AS u LEFT JOIN app.devices AS d ON d.user_id = u.id AND d.deleted_at IS NULL
    GROUP BY u.id
    ORDER BY u.deleted_at IS NOT NULL, lower(u.name), u.id;
END $$;
"""

EXPORT = """
-- Secrets (all of them bytea) and bcrypt hashes stay out. Tables that came later are found by their columns.
CREATE FUNCTION app.person_export(p_person bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found app.users;
    whole jsonb;
    place record;
    rows jsonb;
BEGIN
    IF app.person_id() IS DISTINCT FROM p_person THEN
        PERFORM app.need_admin();
    END IF;
    SELECT * INTO found FROM app.users WHERE id = p_person;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'there is no person with number %', p_person;
    END IF;
    whole := jsonb_build_object(
        'person', to_jsonb(found) - 'password_hash'
            || jsonb_build_object('has_password', found.password_hash <> '!'),
        'devices', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', d.id, 'device_id', d.device_id, 'name', d.name, 'location', d.location)
                ORDER BY d.id), '[]')
            FROM app.devices AS d WHERE d.user_id = p_person AND d.deleted_at IS NULL),
        'thresholds', (SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t.id), '[]')
            FROM app.alert_thresholds AS t WHERE t.user_id = p_person),
        'alerts', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', a.id, 'device', d.name, 'message', a.message, 'triggered_at', a.triggered_at,
                'acknowledged_at', CASE WHEN a.acknowledged_by = p_person THEN a.acknowledged_at END,
                'resolved_at', CASE WHEN a.resolved_by = p_person THEN a.resolved_at END)
                ORDER BY a.id), '[]')
            FROM app.alerts AS a JOIN app.devices AS d ON d.id = a.device_id
            WHERE p_person IN (a.acknowledged_by, a.resolved_by)),
        'journal', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'alert', e.alert_id, 'kind', e.kind, 'at', e.at, 'comment', e.comment) ORDER BY e.id), '[]')
            FROM app.alert_events AS e WHERE e.user_id = p_person));
    FOR place IN
        SELECT c.relname AS table_name, a.attname AS column_name,
               (SELECT coalesce(array_agg(hidden.attname::text), '{}') FROM pg_attribute AS hidden
                WHERE hidden.attrelid = c.oid AND hidden.atttypid = 'bytea'::regtype) AS secrets
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
        WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND c.relname NOT IN ('devices', 'alert_thresholds', 'alerts', 'alert_events')
          AND (a.attname = 'person_id' OR EXISTS (
              SELECT FROM pg_constraint AS k WHERE k.contype = 'f' AND k.conrelid = c.oid
                AND k.confrelid = 'app.users'::regclass AND k.conkey = ARRAY[a.attnum]))
        ORDER BY 1, 2
    LOOP
        EXECUTE format(
            'SELECT coalesce(jsonb_agg(to_jsonb(t) - $2), ''[]'') FROM app.%I AS t WHERE t.%I = $1',
            place.table_name, place.column_name)
        INTO rows USING p_person, place.secrets;
        whole := whole || jsonb_build_object(
            place.table_name, coalesce(whole -> place.table_name, '[]') || rows);
    END LOOP;
    IF to_regclass('app.audit_log') IS NOT NULL THEN
        whole := whole || jsonb_build_object('account_changes', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'at', l.at, 'op', l.op, 'old', l.old, 'new', l.new) ORDER BY l.seq), '[]')
            FROM app.audit_log AS l WHERE l.tbl = 'users' AND l.pk = p_person::text));
    END IF;
    RETURN whole;
END $$;

-- Sign-ins are written in the audit trail, which comes with the next revision.
CREATE FUNCTION app.last_sign_in_at(p_person bigint) RETURNS timestamptz
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF to_regclass('app.audit_log') IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT max(at) FROM app.audit_log WHERE person_id = p_person AND op = 'SIGNED IN');
END $$;
"""

FORGETTING = """
-- People write names into comments. Whole words only: somebody may be called Al, and Alarm must stay.
CREATE FUNCTION app.without_name(p_text text, p_name text, p_email text, p_instead text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
RETURN regexp_replace(
    regexp_replace(p_text, '(^|[^[:alnum:]])' || regexp_replace(p_email, '([^[:alnum:]])', '\\\\\\1', 'g')
                   || '(?![[:alnum:]])', '\\1' || p_instead, 'gi'),
    '(^|[^[:alnum:]])' || regexp_replace(p_name, '([^[:alnum:]])', '\\\\\\1', 'g')
    || '(?![[:alnum:]])', '\\1' || p_instead, 'gi');

CREATE FUNCTION app.forget_in_texts(p_name text, p_email text, p_instead text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE app.alert_events AS e SET comment = app.without_name(e.comment, p_name, p_email, p_instead)
    WHERE e.comment <> '' AND e.comment <> app.without_name(e.comment, p_name, p_email, p_instead);
    UPDATE app.alerts AS a SET message = app.without_name(a.message, p_name, p_email, p_instead)
    WHERE a.message <> app.without_name(a.message, p_name, p_email, p_instead);
END $$;

-- The journal stays append-only but for this: the owner of the tables, as whom nobody signs in, may change a
-- comment and nothing else.
DROP TRIGGER append_only ON app.alert_events;
CREATE TRIGGER append_only BEFORE DELETE ON app.alert_events
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only_update BEFORE UPDATE ON app.alert_events
    FOR EACH ROW WHEN (current_user <> 'console_tables'
                       OR to_jsonb(OLD) - 'comment' IS DISTINCT FROM to_jsonb(NEW) - 'comment')
    EXECUTE FUNCTION app.refuse_change();
"""

ANNOUNCEMENTS = """
CREATE TRIGGER announce_inserted AFTER INSERT ON app.users REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('people');
CREATE TRIGGER announce_updated AFTER UPDATE ON app.users REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('people');
CREATE TRIGGER announce_deleted AFTER DELETE ON app.users REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('people');
-- A station's signs of life change its row every few seconds, and are no news of this kind.
CREATE TRIGGER announce_configured
    AFTER INSERT OR DELETE OR UPDATE OF name, db_role, is_enabled ON app.stations
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce('people');
"""
