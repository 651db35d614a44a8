"""What PostgreSQL lets every login do, and nobody here needs: taken away."""

HARDENING = """
-- Only our groups may connect, and nobody makes temporary tables or functions, with which the names of ours
-- could be shadowed. Rights on a database are not copied with it: call this again in a copy.
CREATE FUNCTION app.close_database() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO console_admin, console_operator, console_user, console_station',
        current_database()
    );
END $$;

DO $$
DECLARE
    is_superuser boolean := (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
    thing regprocedure;
BEGIN
    IF NOT is_superuser THEN
        RAISE NOTICE 'the rights PostgreSQL gives to everybody stay: taking them away needs a superuser';
        RETURN;
    END IF;
    PERFORM app.close_database();
    IF to_regnamespace('public') IS NOT NULL THEN
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    END IF;
    -- Large objects: storage without owner or limit. Advisory locks: with ours in hand anybody could stop the
    -- writers. pg_notify: false alarms to every window (the command NOTIFY asks for no right; listeners
    -- therefore take an announcement as a reason to look, never as news).
    FOR thing IN
        SELECT p.oid FROM pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND (p.proname LIKE 'lo\\_%' OR p.proname IN ('loread', 'lowrite'))
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', thing);
    END LOOP;
    FOR thing IN
        SELECT p.oid FROM pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND (p.proname = 'pg_notify' OR p.proname ~ '^pg_(try_)?advisory_')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', thing);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO console_tables, console_accounts', thing);
    END LOOP;
END $$;
"""
