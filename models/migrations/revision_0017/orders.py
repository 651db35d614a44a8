"""What administrators ask of stations: other devices, none at all, a drill."""

ORDERS = """
-- Gives devices to a station for as long as it lives; to none = whichever has fewest.
CREATE FUNCTION app.assign_devices(p_devices bigint[], p_station bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE changes integer;
BEGIN
    PERFORM app.need_admin();
    IF p_station IS NOT NULL AND NOT EXISTS (
        SELECT FROM app.stations AS s WHERE s.id = p_station AND s.is_enabled
    ) THEN
        RAISE EXCEPTION 'there is no enabled station with number %', p_station;
    END IF;
    -- In everybody's order, or two administrators lock each other up.
    PERFORM FROM app.device_leases WHERE device_id = ANY(p_devices) ORDER BY device_id FOR NO KEY UPDATE;
    UPDATE app.device_leases SET wanted_by = p_station
    WHERE device_id = ANY(p_devices) AND wanted_by IS DISTINCT FROM p_station;
    GET DIAGNOSTICS changes = ROW_COUNT;
    PERFORM pg_notify('stations', '');
    RETURN changes;
END $$;

CREATE FUNCTION app.drain_station(p_station bigint, p_is_draining boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_admin();
    UPDATE app.station_leases SET is_draining = p_is_draining WHERE station_id = p_station;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'station % has never worked on this database', p_station;
    END IF;
    PERFORM pg_notify('stations', '');
END $$;

CREATE FUNCTION app.order_station(p_station bigint, p_kind text, p_amount_s double precision) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE made bigint;
BEGIN
    PERFORM app.need_admin();
    IF NOT EXISTS (
        SELECT FROM app.station_leases AS l
        WHERE l.station_id = p_station AND app.is_living(l.lease_until, clock_timestamp())
    ) THEN
        RAISE EXCEPTION 'the station gives no sign of life, so it cannot be asked for anything';
    ELSIF EXISTS (
        SELECT FROM app.station_orders AS o WHERE o.station_id = p_station AND o.ended_at IS NULL
    ) THEN
        RAISE EXCEPTION 'the station is still busy with what it was asked before';
    ELSIF p_kind = 'drill' AND NOT coalesce(p_amount_s BETWEEN 5 AND 600, false) THEN
        RAISE EXCEPTION 'a drill takes 5 to 600 seconds';
    END IF;
    INSERT INTO app.station_orders (station_id, kind, amount_s, asked_by)
    VALUES (p_station, p_kind, p_amount_s, app.person_id()) RETURNING id INTO made;
    PERFORM pg_notify('stations', '');
    RETURN made;
END $$;

-- Takes back what no station has begun.
CREATE FUNCTION app.withdraw_station_order(p_order bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_admin();
    UPDATE app.station_orders
    SET ended_at = clock_timestamp(), outcome = 'Withdrawn before the station began.'
    WHERE id = p_order AND begun_at IS NULL AND ended_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the station has begun already, so this cannot be withdrawn';
    END IF;
    PERFORM pg_notify('stations', '');
END $$;

-- The calling station takes what it is asked; no row where there is nothing.
CREATE FUNCTION app.take_station_order() RETURNS SETOF app.station_orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_station();
    RETURN QUERY
    UPDATE app.station_orders AS o SET begun_at = clock_timestamp()
    WHERE o.station_id = app.station_id() AND o.begun_at IS NULL AND o.ended_at IS NULL
    RETURNING o.*;
    IF FOUND THEN
        PERFORM pg_notify('stations', '');
    END IF;
END $$;

CREATE FUNCTION app.end_station_order(p_order bigint, p_outcome text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_station();
    UPDATE app.station_orders SET ended_at = clock_timestamp(), outcome = left(p_outcome, 4000)
    WHERE id = p_order AND station_id = app.station_id() AND ended_at IS NULL;
    PERFORM pg_notify('stations', '');
END $$;
"""
