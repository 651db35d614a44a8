"""What administrators do with stations: programs with a login of their own, which poll and record."""

STATIONS = """
CREATE FUNCTION app.create_station(p_name text, p_verifier text)
RETURNS TABLE (id bigint, login name)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    wanted text;
    made bigint;
    chosen name := 'st_' || left(encode(sha256(
        uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex'), 24);
BEGIN
    PERFORM app.begin_people_change();
    PERFORM app.need_verifier(p_verifier);
    wanted := app.account_name(p_name);
    IF EXISTS (SELECT FROM app.stations AS s WHERE lower(s.name) = lower(wanted)) THEN
        RAISE EXCEPTION 'there is a station of this name already; give it another';
    END IF;
    INSERT INTO app.stations AS s (name, db_role) VALUES (wanted, chosen) RETURNING s.id INTO made;
    PERFORM app.make_login(chosen, 'console_station', p_verifier);
    RETURN QUERY SELECT made, chosen;
END $$;

CREATE FUNCTION app.station_to_change(p_station bigint) RETURNS app.stations
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE found app.stations;
BEGIN
    PERFORM app.begin_people_change();
    SELECT * INTO found FROM app.stations WHERE id = p_station FOR NO KEY UPDATE;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'there is no station with number %', p_station;
    END IF;
    RETURN found;
END $$;

-- The station beside the embedded server has a login that the system lets in: its row is what closes it.
CREATE FUNCTION app.set_station_enabled(p_station bigint, p_is_enabled boolean)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE found app.stations := app.station_to_change(p_station);
BEGIN
    IF p_is_enabled IS NULL THEN
        RAISE EXCEPTION 'say whether the station may record';
    END IF;
    UPDATE app.stations SET is_enabled = p_is_enabled WHERE id = p_station AND is_enabled <> p_is_enabled;
    IF app.is_our_login(found.db_role) THEN
        PERFORM app.open_or_close_login(found.db_role, 'console_station', p_is_enabled);
    END IF;
    RETURN CASE WHEN p_is_enabled THEN 0 ELSE app.end_sessions_of(found.db_role) END;
END $$;

CREATE FUNCTION app.reset_station_password(p_station bigint, p_verifier text)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE found app.stations := app.station_to_change(p_station);
BEGIN
    IF NOT app.is_our_login(found.db_role) THEN
        RAISE EXCEPTION 'this station runs beside its own database and has no password';
    END IF;
    PERFORM app.need_verifier(p_verifier);
    PERFORM app.set_verifier(found.db_role, p_verifier);
    RETURN app.end_sessions_of(found.db_role);
END $$;

-- Whoever may write can leave a transaction open, and so keep every alert from being recorded: by mistake in
-- psql, or with SET CONSTRAINTS ALL IMMEDIATE, which takes the end of the audit trail early. Time-outs do not
-- help, because a session may set its own. A person's session goes once a station has waited for it so long.
CREATE FUNCTION app.end_sessions_in_the_way(p_waited interval) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_station();
    RETURN (
        SELECT count(*) FILTER (WHERE pg_terminate_backend(found.pid)) FROM (
            SELECT DISTINCT blocking.pid
            FROM pg_locks AS l
            JOIN pg_stat_activity AS waiting ON waiting.pid = l.pid
            JOIN app.stations AS s ON s.db_role = waiting.usename
            JOIN pg_stat_activity AS blocking ON blocking.pid = ANY (pg_blocking_pids(l.pid))
            JOIN app.users AS u ON u.db_role = blocking.usename
            WHERE NOT l.granted AND l.waitstart < clock_timestamp() - p_waited
              AND app.is_our_login(u.db_role)
        ) AS found
    );
END $$;
"""
