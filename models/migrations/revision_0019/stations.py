"""What stations do with rollouts: one conducts, each updates the devices that it polls."""

STATIONS = """
-- How long a station that says nothing keeps a rollout. CONDUCT_S in models/queries/rollout_work.py.
CREATE FUNCTION app.conductor_time() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN interval '30 seconds';

-- The calling station's present start; raises for an earlier one.
CREATE FUNCTION app.need_start(p_incarnation bigint) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_station();
    IF app.station_id() IS NULL OR NOT EXISTS (
        SELECT FROM app.station_leases AS l
        WHERE l.station_id = app.station_id() AND l.incarnation = p_incarnation
    ) THEN
        RAISE EXCEPTION 'a newer start of this station has taken its place' USING ERRCODE = '55000';
    END IF;
END $$;

-- Takes rollouts that nobody conducts, renews one's own; returns all of one's own. Every ten seconds.
CREATE FUNCTION app.conduct_rollouts(p_incarnation bigint) RETURNS TABLE (rollout_id bigint, epoch bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me bigint := app.station_id();
    moment timestamptz := clock_timestamp();
BEGIN
    PERFORM app.need_start(p_incarnation);
    RETURN QUERY
    WITH free AS (
        SELECT r.id FROM app.ota_rollouts AS r
        WHERE r.started_at IS NOT NULL AND r.ended_at IS NULL
          AND (r.conductor_until IS NULL OR r.conductor_until <= moment
               -- Given before the server's clock was put back.
               OR r.conductor_until > moment + app.conductor_time() * 1.5
               OR r.conductor_id = me)
        ORDER BY r.id FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE app.ota_rollouts AS r
    SET conductor_id = me, conductor_incarnation = p_incarnation,
        conductor_until = moment + app.conductor_time(),
        conductor_epoch = r.conductor_epoch
            + CASE WHEN r.conductor_id = me AND r.conductor_incarnation = p_incarnation
                        AND r.conductor_until > moment THEN 0 ELSE 1 END
    FROM free WHERE r.id = free.id
    RETURNING r.id, r.conductor_epoch;
END $$;

-- Holds a rollout for its conductor; raises for one whose time is over.
CREATE FUNCTION app.conducted(p_rollout bigint, p_epoch bigint) RETURNS app.ota_rollouts
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE rollout app.ota_rollouts;
BEGIN
    PERFORM app.need_station();
    SELECT r.* INTO rollout FROM app.ota_rollouts AS r WHERE r.id = p_rollout FOR NO KEY UPDATE;
    IF rollout.conductor_id IS DISTINCT FROM app.station_id() OR rollout.conductor_epoch <> p_epoch
       OR NOT coalesce(rollout.conductor_until > clock_timestamp(), false) THEN
        RAISE EXCEPTION 'another station conducts this rollout now' USING ERRCODE = '55000';
    END IF;
    RETURN rollout;
END $$;

CREATE FUNCTION app.name_of_wave(p_wave bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT format('Wave %s of %s', w.place + 1,
                  (SELECT count(*) FROM app.ota_waves AS o WHERE o.rollout_id = w.rollout_id))
    FROM app.ota_waves AS w WHERE w.id = p_wave;
END;

CREATE FUNCTION app.move_wave(
    p_rollout bigint, p_epoch bigint, p_wave bigint, p_from text, p_to text, p_reason text, p_evidence jsonb
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE rollout app.ota_rollouts := app.conducted(p_rollout, p_epoch);
BEGIN
    -- Nothing is begun or passed while people want it to stand still; what goes wrong is noted all the same.
    IF rollout.state <> 'running' AND p_to <> 'failed' THEN
        RAISE EXCEPTION 'the rollout is %', rollout.state USING ERRCODE = '55000';
    ELSIF (p_from = 'held' AND p_to = 'passed') OR p_from = 'failed' THEN
        RAISE EXCEPTION 'only two persons let a % wave go on', p_from USING ERRCODE = '42501';
    ELSIF p_to = 'deploying' AND EXISTS (
        SELECT FROM app.ota_waves AS w JOIN app.ota_waves AS next ON next.id = p_wave
        WHERE w.rollout_id = p_rollout AND w.place < next.place AND w.state <> 'passed'
    ) THEN
        RAISE EXCEPTION 'a wave before this one has not passed' USING ERRCODE = '55000';
    END IF;
    UPDATE app.ota_waves
    SET state = p_to, since = clock_timestamp(), reason = left(coalesce(p_reason, ''), 2000),
        evidence = coalesce(p_evidence, evidence)
    WHERE id = p_wave AND rollout_id = p_rollout AND state = p_from;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the wave is no longer %', p_from USING ERRCODE = '55000';
    END IF;
    PERFORM app.tell_rollout(
        p_rollout, 'wave ' || p_to, concat_ws(': ', app.name_of_wave(p_wave), nullif(p_reason, '')));
END $$;

-- The conductor's own moves: halted by the gate, or all is over.
CREATE FUNCTION app.conclude_rollout(p_rollout bigint, p_epoch bigint, p_to text, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rollout app.ota_rollouts := app.conducted(p_rollout, p_epoch);
    failures bigint;
BEGIN
    IF p_to = 'halted' THEN
        -- Halting is never too late, whatever people did meanwhile.
        IF rollout.state NOT IN ('running', 'paused') THEN
            RETURN;
        END IF;
        UPDATE app.ota_rollouts SET state = 'halted', reason = left(p_reason, 2000) WHERE id = p_rollout;
    ELSIF p_to IN ('completed', 'completed with failures') THEN
        IF EXISTS (SELECT FROM app.ota_waves AS w WHERE w.rollout_id = p_rollout AND w.state <> 'passed')
           OR EXISTS (SELECT FROM app.ota_deployments AS o
                      WHERE o.rollout_id = p_rollout AND o.status IN ('pending', 'in_progress')) THEN
            RAISE EXCEPTION 'the rollout has not done with all of its devices' USING ERRCODE = '55000';
        END IF;
        SELECT count(*) INTO failures FROM app.ota_deployments AS o
        WHERE o.rollout_id = p_rollout AND o.status = 'failed';
        UPDATE app.ota_rollouts
        SET state = CASE WHEN failures = 0 THEN 'completed' ELSE 'completed with failures' END,
            reason = left(coalesce(p_reason, ''), 2000), ended_at = clock_timestamp(), conductor_until = NULL
        WHERE id = p_rollout;
    ELSE
        RAISE EXCEPTION 'a conductor halts or completes a rollout, and does nothing else to it';
    END IF;
    PERFORM app.tell_rollout(p_rollout, p_to, coalesce(p_reason, ''));
END $$;

-- Claims devices of the calling station whose turn it is, at most so many; each with everything re-read under
-- the rollout's lock. What may not begin yet says why in `waits_for`.
CREATE FUNCTION app.claim_deployments(p_incarnation bigint, p_most integer, p_deadline_s double precision)
RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := app.station_id();
    rollout app.ota_rollouts;
    one record;
    room bigint;
    taken integer := 0;
    is_usable boolean;
    waits_for_critical boolean;
BEGIN
    PERFORM app.need_start(p_incarnation);
    FOR rollout IN
        SELECT r.* FROM app.ota_rollouts AS r
        WHERE r.state = 'running' AND r.ended_at IS NULL AND EXISTS (
            SELECT FROM app.ota_deployments AS o JOIN app.device_leases AS l ON l.device_id = o.device_id
            WHERE o.rollout_id = r.id AND o.status = 'pending' AND l.station_id = me)
        ORDER BY r.id FOR NO KEY UPDATE
    LOOP
        -- Read anew: it was locked by somebody else when the list was made.
        CONTINUE WHEN rollout.state <> 'running';
        SELECT coalesce((rollout.settings ->> 'concurrency')::integer, 10) - count(*) INTO room
        FROM app.ota_deployments AS o WHERE o.rollout_id = rollout.id AND o.status = 'in_progress';
        is_usable := app.is_usable_version(rollout.version_id);
        waits_for_critical := coalesce((rollout.settings ->> 'waits_for_critical')::boolean, true);
        FOR one IN
            WITH mine AS (
                SELECT o.id, l.epoch, o.waits_for AS waited_for, CASE
                    WHEN NOT is_usable THEN 'a version that is neither deprecated nor expired'
                    WHEN o.next_attempt_at > clock_timestamp() THEN 'its next try'
                    WHEN waits_for_critical AND critical.device_id IS NOT NULL
                        THEN 'the end of its critical alert'
                    ELSE '' END AS wait
                FROM app.ota_deployments AS o
                JOIN app.ota_waves AS w ON w.id = o.wave_id
                JOIN app.device_leases AS l ON l.device_id = o.device_id AND l.station_id = me
                -- As app.has_open_critical, for all devices in one look.
                LEFT JOIN (
                    SELECT DISTINCT a.device_id FROM app.alerts AS a
                    WHERE a.status <> 'resolved' AND a.severity = 'critical' AND a.cleared_at IS NULL
                ) AS critical ON critical.device_id = o.device_id
                WHERE o.rollout_id = rollout.id AND o.status = 'pending' AND w.state = 'deploying'
                -- Nobody touches what is pending but under the rollout's lock.
            ), placed AS (
                SELECT m.*, row_number() OVER (PARTITION BY m.wait ORDER BY m.id) AS place FROM mine AS m
            ), begun AS (
                UPDATE app.ota_deployments AS o
                SET status = 'in_progress', step = 'preflight', attempt = attempt + 1, station_id = me,
                    driver_epoch = p.epoch, waits_for = '', next_attempt_at = NULL, bytes_sent = 0,
                    progress_percent = 0, started_at = coalesce(started_at, clock_timestamp()),
                    step_deadline = clock_timestamp() + make_interval(secs => p_deadline_s)
                FROM placed AS p
                WHERE p.id = o.id AND p.wait = '' AND p.place <= least(room, p_most - taken)
                RETURNING o.id, o.device_id
            ), waiting AS (
                UPDATE app.ota_deployments AS o
                SET waits_for = CASE p.wait WHEN '' THEN 'others to finish' ELSE p.wait END
                FROM placed AS p
                WHERE p.id = o.id AND (p.wait <> '' OR p.place > room)
                  AND p.waited_for <> CASE p.wait WHEN '' THEN 'others to finish' ELSE p.wait END
            )
            SELECT b.id, b.device_id FROM begun AS b ORDER BY b.id
        LOOP
            PERFORM app.tell_rollout(rollout.id, 'begun', '', one.device_id);
            taken := taken + 1;
            RETURN NEXT one.id;
        END LOOP;
    END LOOP;
END $$;

CREATE FUNCTION app.is_usable_version(p_version bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM app.ota_versions AS v
        WHERE v.id = p_version AND v.status = 'released' AND v.expires_at > clock_timestamp());
END;

CREATE FUNCTION app.has_open_critical(p_device bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM app.alerts AS a
        WHERE a.device_id = p_device AND a.status <> 'resolved' AND a.severity = 'critical'
          AND a.cleared_at IS NULL);
END;

-- What another station, or an earlier start of this one, left in the middle, of the caller's devices.
CREATE FUNCTION app.adopt_deployments(p_incarnation bigint) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_start(p_incarnation);
    RETURN QUERY
    WITH left_behind AS (
        SELECT o.id, l.epoch FROM app.ota_deployments AS o
        JOIN app.device_leases AS l ON l.device_id = o.device_id AND l.station_id = app.station_id()
        WHERE o.status = 'in_progress' AND o.rollout_id IS NOT NULL AND o.driver_epoch < l.epoch
        ORDER BY o.id FOR NO KEY UPDATE OF o
    ), adopted AS (
        UPDATE app.ota_deployments AS o SET driver_epoch = left_behind.epoch, station_id = app.station_id()
        FROM left_behind WHERE o.id = left_behind.id
        RETURNING o.id, o.rollout_id, o.device_id
    )
    SELECT a.id FROM adopted AS a
    CROSS JOIN LATERAL app.tell_rollout(a.rollout_id, 'taken over', '', a.device_id) AS told;
END $$;

-- Holds a deployment for the station that works on it; raises where the device is another's by now.
CREATE FUNCTION app.held_deployment(p_deployment bigint, p_epoch bigint) RETURNS app.ota_deployments
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE deployment app.ota_deployments;
BEGIN
    PERFORM app.need_station();
    SELECT o.* INTO deployment FROM app.ota_deployments AS o WHERE o.id = p_deployment FOR NO KEY UPDATE;
    IF deployment.status IS DISTINCT FROM 'in_progress' OR deployment.driver_epoch <> p_epoch
       OR NOT EXISTS (
        SELECT FROM app.device_leases AS l
        WHERE l.device_id = deployment.device_id AND l.station_id = app.station_id() AND l.epoch = p_epoch
    ) THEN
        RAISE EXCEPTION 'the device is another station''s now' USING ERRCODE = '55000';
    END IF;
    RETURN deployment;
END $$;

-- Another step of the same try, or how far it has come. Returns the rollout's state: 'running', or nothing
-- irreversible is begun any more.
CREATE FUNCTION app.tell_deployment(
    p_deployment bigint, p_epoch bigint, p_step text, p_deadline_s double precision, p_bytes bigint,
    p_percent integer, p_from_version text, p_observed text, p_serial text, p_waits_for text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    deployment app.ota_deployments := app.held_deployment(p_deployment, p_epoch);
    is_new boolean := deployment.step <> p_step;
BEGIN
    IF app.status_of_step(p_step) <> 'in_progress' THEN
        RAISE EXCEPTION 'a try ends by end_deployment';
    ELSIF is_new AND p_step = 'installing' THEN
        RAISE EXCEPTION 'an installation begins by begin_install';
    END IF;
    UPDATE app.ota_deployments
    SET step = p_step, bytes_sent = p_bytes, progress_percent = p_percent, waits_for = p_waits_for,
        from_version = coalesce(nullif(p_from_version, ''), from_version),
        observed_version = coalesce(nullif(p_observed, ''), observed_version),
        serial = coalesce(nullif(p_serial, ''), serial),
        step_deadline = CASE WHEN is_new THEN clock_timestamp() + make_interval(secs => p_deadline_s)
                             ELSE step_deadline END
    WHERE id = p_deployment;
    PERFORM pg_notify('firmware', deployment.rollout_id::text);
    RETURN (SELECT r.state FROM app.ota_rollouts AS r WHERE r.id = deployment.rollout_id);
END $$;

-- The latest value of a metric or signal, NULL where none is younger than a minute.
CREATE FUNCTION app.fresh_value(p_device bigint, p_quantity text) RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce(
        (SELECT (to_jsonb(l) ->> p_quantity)::double precision FROM app.device_latest AS l
         WHERE l.device_id = p_device AND l.recorded_at > clock_timestamp() - interval '1 minute'
           AND p_quantity IN (
            'temperature', 'humidity', 'pressure', 'vibration', 'power_consumption', 'rpm')),
        (SELECT s.value FROM app.signal_latest AS s JOIN app.signals AS n ON n.id = s.signal_id
         WHERE s.device_id = p_device AND n.key = p_quantity
           AND s.recorded_at > clock_timestamp() - interval '1 minute'));
END;

-- The point of no return, decided under the rollout's lock. Returns '' where the device may be installed now,
-- else what it waits for.
CREATE FUNCTION app.begin_install(p_deployment bigint, p_epoch bigint, p_deadline_s double precision)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    deployment app.ota_deployments;
    rollout app.ota_rollouts;
    place text;
    wait text;
BEGIN
    SELECT r.* INTO rollout FROM app.ota_rollouts AS r
    WHERE r.id = (SELECT o.rollout_id FROM app.ota_deployments AS o WHERE o.id = p_deployment)
    FOR NO KEY UPDATE;
    deployment := app.held_deployment(p_deployment, p_epoch);
    place := (SELECT d.location FROM app.devices AS d WHERE d.id = deployment.device_id);
    -- One decision of a place at a time: another rollout counts its devices under a lock of its own.
    PERFORM pg_advisory_xact_lock(hashtextextended('app.ota_deployments:' || place, 0));
    wait := CASE
        WHEN rollout.state <> 'running' THEN 'the rollout to go on'
        WHEN NOT app.is_usable_version(rollout.version_id)
            THEN 'a version that is neither deprecated nor expired'
        WHEN coalesce((rollout.settings ->> 'waits_for_critical')::boolean, true)
             AND app.has_open_critical(deployment.device_id) THEN 'the end of its critical alert'
        -- What is not known to stand still turns.
        WHEN coalesce(rollout.settings ->> 'idle_quantity', '') <> '' AND NOT coalesce(
            app.fresh_value(deployment.device_id, rollout.settings ->> 'idle_quantity')
                < (rollout.settings ->> 'idle_below')::double precision, false)
            THEN concat_ws(
                ' below ', rollout.settings ->> 'idle_quantity', rollout.settings ->> 'idle_below')
        WHEN coalesce((rollout.settings ->> 'budget')::integer, 0) > 0 AND (
            SELECT count(*) FROM app.ota_deployments AS o
            JOIN app.devices AS d ON d.id = o.device_id
            WHERE o.status = 'in_progress' AND d.location = place AND o.id <> deployment.id
              AND o.step IN ('installing', 'rebooting', 'verifying', 'confirming')
        ) >= (rollout.settings ->> 'budget')::integer THEN 'another device of its place to be back'
        ELSE '' END;
    UPDATE app.ota_deployments
    SET waits_for = wait,
        step = CASE wait WHEN '' THEN 'installing' ELSE step END,
        step_deadline = CASE wait WHEN '' THEN clock_timestamp() + make_interval(secs => p_deadline_s)
                                  ELSE step_deadline END
    WHERE id = p_deployment;
    IF wait = '' THEN
        PERFORM app.tell_rollout(rollout.id, 'installing', '', deployment.device_id);
    END IF;
    RETURN wait;
END $$;

-- The end of a try. `p_again_s` is when the next may begin, for step 'retry' alone.
CREATE FUNCTION app.end_deployment(
    p_deployment bigint, p_epoch bigint, p_step text, p_outcome text, p_error text, p_observed text,
    p_again_s double precision
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE deployment app.ota_deployments;
BEGIN
    IF p_step = 'retry' THEN
        -- Before the device's row, as everywhere: whoever gives the rollout up meanwhile either sees that
        -- this device comes again, or is seen by what follows.
        PERFORM FROM app.ota_rollouts AS r
        WHERE r.id = (SELECT o.rollout_id FROM app.ota_deployments AS o WHERE o.id = p_deployment)
        FOR NO KEY UPDATE;
    END IF;
    deployment := app.held_deployment(p_deployment, p_epoch);
    IF app.status_of_step(p_step) = 'in_progress' OR p_step = 'queued' THEN
        RAISE EXCEPTION '% is no end of a try', p_step;
    ELSIF p_step = 'done' AND NOT EXISTS (
        SELECT FROM app.ota_versions AS v WHERE v.id = deployment.version_id
          AND split_part(v.version, '+', 1) = split_part(p_observed, '+', 1)
    ) THEN
        RAISE EXCEPTION 'a device is done once it says itself that it runs the version';
    END IF;
    -- Nothing comes again in a rollout that was given up.
    IF p_step = 'retry' AND EXISTS (
        SELECT FROM app.ota_rollouts AS r WHERE r.id = deployment.rollout_id AND r.ended_at IS NOT NULL
    ) THEN
        p_step := 'failed';
        p_outcome := 'not begun';
    END IF;
    UPDATE app.ota_deployments
    SET step = p_step, status = app.status_of_step(p_step), outcome = p_outcome,
        error_message = left(nullif(p_error, ''), 2000),
        observed_version = coalesce(nullif(p_observed, ''), observed_version),
        progress_percent = CASE p_step WHEN 'done' THEN 100 ELSE progress_percent END,
        waits_for = '', step_deadline = NULL,
        completed_at = CASE p_step WHEN 'retry' THEN NULL ELSE clock_timestamp() END,
        next_attempt_at = CASE p_step WHEN 'retry'
                          THEN clock_timestamp() + make_interval(secs => p_again_s) END
    WHERE id = p_deployment;
    PERFORM app.tell_rollout(
        deployment.rollout_id, p_step, concat_ws(': ', p_outcome, nullif(p_error, '')), deployment.device_id);
END $$;

-- Highest sequence that the device is known to have run of a product.
CREATE FUNCTION app.sequence_floor(p_device bigint, p_product text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce(max(v.version_seq), 0)
    FROM app.ota_deployments AS o JOIN app.ota_versions AS v ON v.id = o.version_id
    WHERE o.device_id = p_device AND o.status = 'completed' AND v.product = p_product;
END;
"""
