"""Logins of the server: made, changed and dropped by console_accounts, whose functions alone may do so.

The account functions (persons.py, stations.py) are built from these; nobody may call these directly.
"""

LOGINS = """
-- The same as person_login in models/logins.py.
CREATE FUNCTION app.login_of(p_email text) RETURNS name
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN ('u_' || left(encode(sha256(convert_to(
    current_database() || ':'
    || lower(btrim(p_email, E' \\t\\n\\r\\f\\v\\x1c\\x1d\\x1e\\x1f') COLLATE "C"),
    'UTF8')), 'hex'), 32))::name;

-- Whether these functions made the login: not the one that set the server up, nor anybody's beside it.
CREATE FUNCTION app.is_our_login(p_login name) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN coalesce(p_login ~ '^(u_[0-9a-f]{32}|st_[0-9a-f]{24})$' AND (
    SELECT NOT (rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls)
    FROM pg_roles WHERE rolname = p_login), false);

-- Exactly this group, or none. A login keeps its groups in no row: the next statement of an open session
-- already has the new rights.
CREATE FUNCTION app.put_into_group(p_login name, p_group text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE other text;
BEGIN
    FOREACH other IN ARRAY ARRAY['console_admin', 'console_operator', 'console_user', 'console_station'] LOOP
        IF other IS DISTINCT FROM p_group AND pg_has_role(p_login, other, 'MEMBER') THEN
            EXECUTE format('REVOKE %I FROM %I', other, p_login);
        END IF;
    END LOOP;
    IF p_group IS NOT NULL AND NOT pg_has_role(p_login, p_group, 'MEMBER') THEN
        EXECUTE format('GRANT %I TO %I', p_group, p_login);
    END IF;
END $$;

-- The statement with the verifier in it would stand in the server's log if it failed by itself.
CREATE FUNCTION app.set_verifier(p_login name, p_verifier text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE reason text;
BEGIN
    EXECUTE format('ALTER ROLE %I PASSWORD %L', p_login, p_verifier);
EXCEPTION WHEN OTHERS THEN
    reason := SQLSTATE;
    RAISE EXCEPTION 'the database server did not take the new password (%)', reason;
END $$;

-- A login may be left from a database of the same name that was dropped: it starts anew.
CREATE FUNCTION app.make_login(p_login name, p_group text, p_verifier text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = p_login) THEN
        IF NOT app.is_our_login(p_login) THEN
            RAISE EXCEPTION 'the login % exists on this server and was not made by this program', p_login;
        END IF;
        EXECUTE format('ALTER ROLE %I LOGIN INHERIT', p_login);
    ELSE
        EXECUTE format('CREATE ROLE %I LOGIN INHERIT CONNECTION LIMIT 16', p_login);
        -- For whoever comes with another program; ours asks for the same or less by itself.
        EXECUTE format('ALTER ROLE %I SET lock_timeout = ''10s''', p_login);
        EXECUTE format('ALTER ROLE %I SET statement_timeout = ''5min''', p_login);
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''60s''', p_login);
    END IF;
    PERFORM app.set_verifier(p_login, p_verifier);
    PERFORM app.put_into_group(p_login, p_group);
END $$;

CREATE FUNCTION app.open_or_close_login(p_login name, p_group text, p_is_open boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('ALTER ROLE %I %s', p_login, CASE WHEN p_is_open THEN 'LOGIN' ELSE 'NOLOGIN' END);
    -- Without its group a session that came in while this was not yet committed can do nothing either.
    PERFORM app.put_into_group(p_login, CASE WHEN p_is_open THEN p_group END);
END $$;

CREATE FUNCTION app.drop_login(p_login name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.open_or_close_login(p_login, NULL, false);
    BEGIN
        EXECUTE format('DROP ROLE %I', p_login);
    EXCEPTION WHEN dependent_objects_still_exist OR object_in_use THEN
        -- It left something in a database (default privileges, say): it stays closed, under a name that
        -- belongs to nobody's e-mail address.
        EXECUTE format('ALTER ROLE %I PASSWORD NULL', p_login);
        EXECUTE format('ALTER ROLE %I RENAME TO %I', p_login,
                       'former_' || replace(gen_random_uuid()::text, '-', ''));
    END;
END $$;

CREATE FUNCTION app.end_sessions_of(p_login name) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
RETURN (SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE usesysid = (SELECT oid FROM pg_roles WHERE rolname = p_login) AND pid <> pg_backend_pid());
"""
