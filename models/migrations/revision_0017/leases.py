"""How a station gets its devices, keeps them, gives them away and loses them."""

LEASES = """
-- How long a station that says nothing keeps its devices. LEASE_S in models/records/lease.py.
CREATE FUNCTION app.lease_time() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN interval '5 seconds';

-- The first step of whatever changes a station's leases: two programs of one station wait for each other here
-- and nowhere else, and date what they do once it is their turn, so that lease follows lease. Whoever freezes
-- in the middle of it is signed out by the server before its lease has ended.
CREATE FUNCTION app.hold_lease(p_station bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('idle_in_transaction_session_timeout', '3s', true);
    PERFORM FROM app.station_leases WHERE station_id = p_station FOR NO KEY UPDATE;
END $$;

-- A station's program starts: counts it and returns the count. What an earlier start held stays this
-- station's, under new epochs. Empty for whoever set the server up and works as a station without being one.
CREATE FUNCTION app.enter_station(p_version text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := app.station_id();
    count_of_starts bigint;
    moment timestamptz;
BEGIN
    PERFORM app.need_station();
    IF me IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM app.hold_lease(me);
    UPDATE app.stations
    SET incarnation = incarnation + 1, version = left(p_version, 100), last_seen = clock_timestamp()
    WHERE id = me RETURNING incarnation INTO count_of_starts;
    moment := clock_timestamp();
    INSERT INTO app.station_leases (station_id, incarnation, lease_until, renewed_at)
    VALUES (me, count_of_starts, moment + app.lease_time(), moment)
    ON CONFLICT (station_id) DO UPDATE
    SET incarnation = excluded.incarnation, lease_until = excluded.lease_until,
        renewed_at = excluded.renewed_at, witness = '', report = NULL;
    PERFORM FROM app.device_leases WHERE station_id = me ORDER BY device_id FOR NO KEY UPDATE;
    UPDATE app.lease_history SET ended_at = moment WHERE station_id = me AND ended_at IS NULL;
    WITH kept AS (
        UPDATE app.device_leases SET epoch = epoch + 1, since = moment WHERE station_id = me
        RETURNING device_id, epoch
    )
    INSERT INTO app.lease_history (device_id, epoch, station_id, incarnation, began_at)
    SELECT device_id, epoch, me, count_of_starts, moment FROM kept;
    DELETE FROM app.lease_history WHERE ended_at < moment - interval '400 days';
    UPDATE app.station_orders
    SET ended_at = moment, outcome = 'The station was started anew before this was done.'
    WHERE station_id = me AND ended_at IS NULL;
    PERFORM pg_notify('stations', '');
    RETURN count_of_starts;
END $$;

-- Whether a station lives at a moment, by the end of its lease. One that ends too late was given before the
-- server's clock was put back: by more than `watch_leases` takes for a delay.
CREATE FUNCTION app.is_living(p_lease_until timestamptz, p_at timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_lease_until > p_at AND p_lease_until <= p_at + app.lease_time() * 1.5;

-- Notes that the database is renewed at, and returns since when without a break, or without a jump of its
-- clock. Whoever finds the row taken leaves it to the other: a frozen session must not keep every station
-- from renewing. Nobody is dead then, once what the row says is old.
CREATE FUNCTION app.watch_leases(p_at timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE since timestamptz;
BEGIN
    PERFORM FROM app.lease_watch FOR NO KEY UPDATE SKIP LOCKED;
    IF FOUND THEN
        UPDATE app.lease_watch
        SET watching_since = CASE WHEN renewed_at BETWEEN p_at - app.lease_time() / 2
                                                      AND p_at + app.lease_time() / 2
                                  THEN watching_since ELSE p_at END,
            renewed_at = p_at;
    END IF;
    SELECT CASE WHEN renewed_at BETWEEN p_at - app.lease_time() / 2 AND p_at + app.lease_time() / 2
                THEN watching_since ELSE p_at END
    INTO since FROM app.lease_watch;
    RETURN since;
END $$;

-- Once a second from every station. Renews; gives back what the station names as released; takes a fair
-- share of what nobody has, or a dead station; names as surplus what another should have: the station stops
-- polling those first, and releases them after. Arrays, because a row a device would cost more than the rest.
CREATE FUNCTION app.renew_lease(
    p_incarnation bigint, p_released bigint[], p_report jsonb, p_witness text,
    OUT devices bigint[], OUT epochs bigint[], OUT surplus bigint[], OUT draining boolean,
    OUT renewed_at timestamptz, OUT key bytea, OUT has_order boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me bigint := app.station_id();
    moment timestamptz;
    watched timestamptz;
    living bigint[];
    dead bigint[];
    target bigint;
    mine bigint;
    is_changed boolean := false;
BEGIN
    PERFORM app.need_station();
    PERFORM app.hold_lease(me);
    moment := clock_timestamp();
    UPDATE app.station_leases AS l
    SET lease_until = moment + app.lease_time(), renewed_at = moment, witness = coalesce(p_witness, ''),
        -- Every window reads it every few seconds.
        report = CASE WHEN pg_column_size(p_report) <= 65536 THEN p_report END
    WHERE l.station_id = me AND l.incarnation = p_incarnation
    RETURNING l.is_draining INTO draining;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a newer start of this station has taken its place' USING ERRCODE = '55000';
    END IF;
    UPDATE app.stations SET last_seen = moment WHERE id = me;
    watched := app.watch_leases(moment);
    IF cardinality(p_released) > 0 THEN
        -- In everybody's order: an administrator may be assigning the same devices.
        PERFORM FROM app.device_leases AS l WHERE l.device_id = ANY(p_released) AND l.station_id = me
        ORDER BY l.device_id FOR NO KEY UPDATE;
        UPDATE app.lease_history AS h SET ended_at = moment
        FROM app.device_leases AS l
        WHERE l.device_id = ANY(p_released) AND l.station_id = me
          AND h.device_id = l.device_id AND h.epoch = l.epoch AND h.ended_at IS NULL;
        UPDATE app.device_leases AS l SET station_id = NULL, since = moment
        WHERE l.device_id = ANY(p_released) AND l.station_id = me;
        is_changed := FOUND;
    END IF;
    -- Those who can take devices. If nobody can who does not give them away, draining has to wait.
    SELECT array_agg(l.station_id) INTO living
    FROM app.station_leases AS l JOIN app.stations AS s ON s.id = l.station_id
    WHERE s.is_enabled AND app.is_living(l.lease_until, moment) AND NOT l.is_draining;
    living := coalesce(living, ARRAY[me]);
    -- Chosen devices go to their station while it lives; the others are shared out.
    SELECT ceil(count(*) FILTER (WHERE NOT coalesce(l.wanted_by = ANY(living), false))::numeric
                / cardinality(living)),
           count(*) FILTER (WHERE l.station_id = me AND NOT coalesce(l.wanted_by = ANY(living), false))
    INTO target, mine
    FROM app.device_leases AS l JOIN app.devices AS d ON d.id = l.device_id AND d.deleted_at IS NULL;
    IF NOT me = ANY(living) THEN
        target := 0;
    END IF;
    -- Held, so that one that renews at this very moment is either told of its loss or left alone.
    SELECT array_agg(h.station_id) INTO dead FROM (
        SELECT l.station_id FROM app.station_leases AS l
        WHERE l.station_id <> me AND NOT app.is_living(l.lease_until, moment)
          AND watched <= moment - app.lease_time()
        FOR SHARE SKIP LOCKED
    ) AS h;
    WITH free AS (
        SELECT l.device_id, l.epoch, coalesce(l.wanted_by = me, false) AS is_chosen
        FROM app.device_leases AS l
        JOIN app.devices AS d ON d.id = l.device_id AND d.deleted_at IS NULL
        WHERE (l.station_id IS NULL OR l.station_id = ANY(dead)) AND me = ANY(living)
          AND (coalesce(l.wanted_by = me, false) OR NOT coalesce(l.wanted_by = ANY(living), false))
        ORDER BY coalesce(l.wanted_by = me, false) DESC, l.device_id
        LIMIT greatest(target - mine, 0)
              + (SELECT count(*) FROM app.device_leases AS w WHERE w.wanted_by = me)
        FOR NO KEY UPDATE OF l SKIP LOCKED
    ), taken AS (
        SELECT f.device_id, f.epoch FROM (
            SELECT free.*, count(*) FILTER (WHERE NOT is_chosen) OVER (ORDER BY is_chosen, device_id) AS place
            FROM free
        ) AS f WHERE f.is_chosen OR f.place <= target - mine
    ), closed AS (
        UPDATE app.lease_history AS h SET ended_at = moment
        FROM taken WHERE h.device_id = taken.device_id AND h.epoch = taken.epoch AND h.ended_at IS NULL
    ), got AS (
        -- Who gave it back may have looked at the clock after this one did.
        UPDATE app.device_leases AS l
        SET station_id = me, epoch = l.epoch + 1,
            since = CASE WHEN l.station_id IS NULL AND l.since < moment + interval '1 minute'
                         THEN greatest(l.since, moment) ELSE moment END
        FROM taken WHERE l.device_id = taken.device_id
        RETURNING l.device_id, l.epoch, l.since
    )
    INSERT INTO app.lease_history (device_id, epoch, station_id, incarnation, began_at)
    SELECT got.device_id, got.epoch, me, p_incarnation, got.since FROM got;
    is_changed := is_changed OR FOUND;
    IF is_changed THEN
        PERFORM pg_notify('stations', '');
    END IF;
    SELECT coalesce(array_agg(l.device_id ORDER BY l.device_id), '{}'),
           coalesce(array_agg(l.epoch ORDER BY l.device_id), '{}')
    INTO devices, epochs
    FROM app.device_leases AS l JOIN app.devices AS d ON d.id = l.device_id AND d.deleted_at IS NULL
    WHERE l.station_id = me;
    surplus := ARRAY(
        SELECT l.device_id FROM app.device_leases AS l
        WHERE l.station_id = me AND l.wanted_by <> me AND l.wanted_by = ANY(living)
    ) || ARRAY(
        SELECT l.device_id FROM app.device_leases AS l
        JOIN app.devices AS d ON d.id = l.device_id AND d.deleted_at IS NULL
        WHERE l.station_id = me AND NOT coalesce(l.wanted_by = ANY(living), false)
        ORDER BY l.device_id DESC
        LIMIT CASE WHEN cardinality(living) > 1 OR NOT me = ANY(living) THEN greatest(mine - target, 0)
                   ELSE 0 END
    );
    renewed_at := moment;
    SELECT w.witness_key INTO key FROM app.lease_watch AS w;
    has_order := EXISTS (
        SELECT FROM app.station_orders AS o
        WHERE o.station_id = me AND o.begun_at IS NULL AND o.ended_at IS NULL);
END $$;

-- A station's program ends in good order: others take its devices over at once, not after its lease.
CREATE FUNCTION app.leave_station(p_incarnation bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := app.station_id();
    moment timestamptz;
BEGIN
    PERFORM app.need_station();
    PERFORM app.hold_lease(me);
    moment := clock_timestamp();
    UPDATE app.station_leases SET lease_until = moment, witness = ''
    WHERE station_id = me AND incarnation = p_incarnation;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM FROM app.device_leases WHERE station_id = me ORDER BY device_id FOR NO KEY UPDATE;
    UPDATE app.lease_history SET ended_at = moment WHERE station_id = me AND ended_at IS NULL;
    UPDATE app.device_leases SET station_id = NULL, since = moment WHERE station_id = me;
    PERFORM pg_notify('stations', '');
END $$;

-- Until when a lease counts: until another station has the device. Whether its own station was started anew
-- meanwhile, or gave the device back and nobody took it, makes no difference: a start that the network cuts
-- off before it hears of its new leases goes on under those that it remembers, and nobody else has them.
-- Never for one that stands, before all time for one that the station never had.
CREATE FUNCTION app.lease_end(p_device bigint, p_epoch bigint, p_station bigint) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT CASE
        WHEN NOT EXISTS (
            SELECT FROM app.lease_history AS h
            WHERE h.device_id = p_device AND h.epoch = p_epoch AND h.station_id = p_station
        ) THEN '-infinity'::timestamptz
        ELSE coalesce((
            SELECT n.began_at FROM app.lease_history AS n
            WHERE n.device_id = p_device AND n.epoch > p_epoch AND n.station_id <> p_station
            ORDER BY n.epoch LIMIT 1
        ), 'infinity'::timestamptz)
    END;
END;

-- When leases of the calling station ended, in the order asked for.
CREATE FUNCTION app.lease_ends(p_device bigint[], p_epoch bigint[]) RETURNS timestamptz[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE me bigint := app.station_id();
BEGIN
    PERFORM app.need_station();
    RETURN ARRAY(
        SELECT app.lease_end(asked.device, asked.epoch, me)
        FROM unnest(p_device, p_epoch) WITH ORDINALITY AS asked (device, epoch, place)
        ORDER BY asked.place
    );
END $$;

-- What was found up to a second after a lease was over still counts: clocks are estimates.
CREATE FUNCTION app.is_within_lease(p_device bigint, p_epoch bigint, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN app.station_id() IS NULL AND app.is_superuser() OR (
        -- No window could show anything of the end of time, or of before all time.
        isfinite(p_at) AND p_at > clock_timestamp() - interval '400 days'
        AND p_at <= app.lease_end(p_device, p_epoch, app.station_id()) + interval '1 second'
    );
END $$;
"""
