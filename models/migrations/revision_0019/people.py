"""What persons do with rollouts: plan, approve, start, pause, halt, override, abort."""

PEOPLE = """
CREATE FUNCTION app.tell_rollout(
    p_rollout bigint, p_kind text, p_words text DEFAULT '', p_device bigint DEFAULT NULL
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO app.ota_events (rollout_id, device_id, user_id, station_id, kind, words)
    VALUES (p_rollout, p_device, app.person_id(), app.station_id(), p_kind, left(p_words, 2000));
    PERFORM pg_notify('firmware', p_rollout::text);
END $$;

-- Devices of a plan that are in, in the order of their waves.
CREATE FUNCTION app.planned_devices(p_plan text) RETURNS TABLE (device_id bigint, wave integer)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT (d ->> 'device')::bigint, (d ->> 'wave')::integer
    FROM jsonb_array_elements(p_plan::jsonb -> 'devices') AS d WHERE d ->> 'wave' IS NOT NULL;
END;

-- Whether a person may plan, start or approve something for all of these devices, at this moment.
CREATE FUNCTION app.may_update_devices(p_person bigint, p_devices bigint[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM app.users AS u WHERE u.id = p_person AND u.is_active AND u.deleted_at IS NULL
          AND (u.role = 'admin' OR u.role = 'user' AND cardinality(p_devices) > 0 AND NOT EXISTS (
            SELECT FROM unnest(p_devices) AS p (id)
            WHERE NOT EXISTS (SELECT FROM app.devices AS d WHERE d.id = p.id AND d.user_id = p_person))));
END $$;

-- Whether the person sees a rollout at all: an engineer what is their own, or about a device of their own.
CREATE FUNCTION app.may_see_rollout(p_rollout bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN app.station_id() IS NOT NULL OR app.person_role() IN ('admin', 'operator') OR EXISTS (
        SELECT FROM app.ota_rollouts AS r WHERE r.id = p_rollout AND r.created_by = app.person_id()
    ) OR EXISTS (
        SELECT FROM app.ota_deployments AS o JOIN app.devices AS d ON d.id = o.device_id
        WHERE o.rollout_id = p_rollout AND d.user_id = app.person_id()
    ) OR EXISTS (
        -- What waits for a yes is seen by an engineer who may give it.
        SELECT FROM app.ota_rollouts AS r
        WHERE r.id = p_rollout AND r.started_at IS NULL AND app.person_role() = 'user'
          AND app.may_update_devices(
            app.person_id(), ARRAY(SELECT p.device_id FROM app.planned_devices(r.plan) AS p)));
END $$;

-- Holds a rollout's row, for whoever is about to move it.
CREATE FUNCTION app.held_rollout(p_rollout bigint) RETURNS app.ota_rollouts
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE rollout app.ota_rollouts;
BEGIN
    IF app.may_see_rollout(p_rollout) THEN
        SELECT r.* INTO rollout FROM app.ota_rollouts AS r WHERE r.id = p_rollout FOR NO KEY UPDATE;
    END IF;
    IF rollout.id IS NULL THEN
        RAISE EXCEPTION 'there is no rollout with number %', p_rollout;
    END IF;
    RETURN rollout;
END $$;

CREATE FUNCTION app.count_of_devices(p_count integer) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_count || CASE p_count WHEN 1 THEN ' device' ELSE ' devices' END;

CREATE FUNCTION app.need_planner(p_plan text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT app.may_update_devices(
        app.person_id(), ARRAY(SELECT p.device_id FROM app.planned_devices(p_plan) AS p)) THEN
        RAISE EXCEPTION 'only an administrator, or the engineer of all its devices, may do this'
            USING ERRCODE = '42501';
    END IF;
END $$;

CREATE FUNCTION app.need_same_plan(rollout app.ota_rollouts, p_hash bytea) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF rollout.plan_hash IS DISTINCT FROM p_hash THEN
        RAISE EXCEPTION 'the plan was changed meanwhile; read it again' USING ERRCODE = '55000';
    END IF;
END $$;

-- A new draft, or another plan for one that has not begun; that voids what was approved.
CREATE FUNCTION app.save_rollout_plan(p_rollout bigint, p_name text, p_plan text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    words text := app.bounded(p_name, 200, 'a name of a rollout');
    parsed jsonb := app.read_plan(p_plan);
    rollout app.ota_rollouts;
    taken_back bigint;
    made bigint;
    devices integer;
BEGIN
    PERFORM app.need_planner(p_plan);
    SELECT count(*) INTO devices FROM app.planned_devices(p_plan);
    IF devices = 0 THEN
        RAISE EXCEPTION 'the plan has no device in any wave';
    ELSIF devices <> (SELECT count(DISTINCT p.device_id) FROM app.planned_devices(p_plan) AS p) THEN
        RAISE EXCEPTION 'the plan names a device twice';
    ELSIF EXISTS (
        SELECT FROM app.planned_devices(p_plan) AS p
        WHERE NOT EXISTS (SELECT FROM app.devices AS d WHERE d.id = p.device_id AND d.deleted_at IS NULL)
    ) THEN
        RAISE EXCEPTION 'the plan names a device that there is not';
    ELSIF NOT EXISTS (SELECT FROM app.ota_versions AS v WHERE v.id = (parsed ->> 'version_id')::bigint) THEN
        RAISE EXCEPTION 'the plan names a version that there is not';
    ELSIF (SELECT max(p.wave) + 1 <> count(DISTINCT p.wave) FROM app.planned_devices(p_plan) AS p) THEN
        RAISE EXCEPTION 'a wave of the plan is empty';
    END IF;
    taken_back := (parsed ->> 'undoes')::bigint;
    IF taken_back IS NOT NULL AND EXISTS (
        SELECT FROM app.planned_devices(p_plan) AS p WHERE NOT EXISTS (
            SELECT FROM app.ota_deployments AS o
            WHERE o.rollout_id = taken_back AND o.device_id = p.device_id
              AND o.outcome IN ('updated', 'needs a person'))
    ) THEN
        RAISE EXCEPTION 'a rollout is taken back on the devices that it changed, and on no others';
    END IF;
    IF p_rollout IS NULL THEN
        INSERT INTO app.ota_rollouts
            (name, version_id, plan, plan_hash, settings, undoes, created_by, edited_by)
        VALUES (words, (parsed ->> 'version_id')::bigint, p_plan, sha256(convert_to(p_plan, 'UTF8')),
                parsed -> 'settings', taken_back, app.person_id(), app.person_id())
        RETURNING id INTO made;
        PERFORM app.tell_rollout(made, 'planned', app.count_of_devices(devices));
        RETURN made;
    END IF;
    rollout := app.held_rollout(p_rollout);
    PERFORM app.need_planner(rollout.plan);
    IF rollout.started_at IS NOT NULL OR rollout.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'the rollout has begun, so its plan stays as it was approved' USING ERRCODE = '55000';
    END IF;
    UPDATE app.ota_rollouts
    SET name = words, version_id = (parsed ->> 'version_id')::bigint, plan = p_plan,
        plan_hash = sha256(convert_to(p_plan, 'UTF8')), settings = parsed -> 'settings', undoes = taken_back,
        edited_by = app.person_id(), state = 'draft', reason = ''
    WHERE id = p_rollout;
    UPDATE app.ota_approvals SET voided_at = clock_timestamp()
    WHERE rollout_id = p_rollout AND voided_at IS NULL;
    PERFORM app.tell_rollout(p_rollout, 'plan changed', app.count_of_devices(devices));
    RETURN p_rollout;
END $$;

-- Asks for a second person's yes.
CREATE FUNCTION app.submit_rollout(p_rollout bigint, p_hash bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE rollout app.ota_rollouts := app.held_rollout(p_rollout);
BEGIN
    PERFORM app.need_planner(rollout.plan);
    PERFORM app.need_same_plan(rollout, p_hash);
    UPDATE app.ota_rollouts SET state = 'awaiting approval', reason = '' WHERE id = p_rollout;
    PERFORM app.tell_rollout(p_rollout, 'submitted');
END $$;

CREATE FUNCTION app.approve_rollout(p_rollout bigint, p_hash bytea, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE rollout app.ota_rollouts := app.held_rollout(p_rollout);
BEGIN
    PERFORM app.need_planner(rollout.plan);
    PERFORM app.need_same_plan(rollout, p_hash);
    IF app.person_id() IN (rollout.created_by, rollout.edited_by) THEN
        RAISE EXCEPTION 'whoever planned a rollout cannot approve it; a second person has to'
            USING ERRCODE = '42501';
    END IF;
    UPDATE app.ota_rollouts SET state = 'approved', reason = '' WHERE id = p_rollout;
    INSERT INTO app.ota_approvals (rollout_id, person_id, kind, plan_hash, reason)
    VALUES (p_rollout, app.person_id(), 'plan', p_hash, app.bounded(p_reason, 2000, 'a reason'));
    PERFORM app.tell_rollout(p_rollout, 'approved', p_reason);
END $$;

-- Back to the planner, with the reason.
CREATE FUNCTION app.return_rollout(p_rollout bigint, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE rollout app.ota_rollouts := app.held_rollout(p_rollout);
BEGIN
    PERFORM app.need_planner(rollout.plan);
    UPDATE app.ota_rollouts SET state = 'draft', reason = app.bounded(p_reason, 2000, 'a reason')
    WHERE id = p_rollout;
    UPDATE app.ota_approvals SET voided_at = clock_timestamp()
    WHERE rollout_id = p_rollout AND voided_at IS NULL;
    PERFORM app.tell_rollout(p_rollout, 'returned', p_reason);
END $$;

CREATE FUNCTION app.start_rollout(p_rollout bigint, p_hash bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rollout app.ota_rollouts := app.held_rollout(p_rollout);
    in_the_way text;
BEGIN
    PERFORM app.need_planner(rollout.plan);
    PERFORM app.need_same_plan(rollout, p_hash);
    IF rollout.state <> 'approved' THEN
        RAISE EXCEPTION 'the rollout is %, and only an approved one is started', rollout.state
            USING ERRCODE = '55000';
    ELSIF NOT EXISTS (
        SELECT FROM app.ota_approvals AS a
        WHERE a.rollout_id = p_rollout AND a.kind = 'plan' AND a.voided_at IS NULL AND a.plan_hash = p_hash
          AND a.person_id IS DISTINCT FROM rollout.created_by
          AND a.person_id IS DISTINCT FROM rollout.edited_by
          AND app.may_update_devices(
            a.person_id, ARRAY(SELECT p.device_id FROM app.planned_devices(rollout.plan) AS p))
    ) THEN
        RAISE EXCEPTION 'nobody who may has approved this plan' USING ERRCODE = '55000';
    END IF;
    PERFORM app.need_usable_version(rollout.version_id);
    -- One start at a time: two that share devices would each wait for what the other has entered.
    PERFORM pg_advisory_xact_lock(hashtextextended('app.ota_rollouts', 0));
    SELECT string_agg(d.device_id, ', ' ORDER BY d.device_id) INTO in_the_way
    FROM (
        SELECT d.device_id FROM app.ota_deployments AS o JOIN app.devices AS d ON d.id = o.device_id
        JOIN app.planned_devices(rollout.plan) AS p ON p.device_id = o.device_id
        WHERE o.status IN ('pending', 'in_progress') ORDER BY d.device_id LIMIT 5
    ) AS d;
    IF in_the_way IS NOT NULL THEN
        RAISE EXCEPTION 'another rollout has not done with %', in_the_way USING ERRCODE = '55000';
    END IF;
    UPDATE app.ota_rollouts SET state = 'running', reason = '', started_at = clock_timestamp()
    WHERE id = p_rollout;
    INSERT INTO app.ota_waves (rollout_id, place)
    SELECT p_rollout, p.wave FROM app.planned_devices(rollout.plan) AS p GROUP BY p.wave;
    INSERT INTO app.ota_deployments (rollout_id, wave_id, device_id, version_id, step, progress_percent)
    SELECT p_rollout, w.id, p.device_id, rollout.version_id, 'queued', 0
    FROM app.planned_devices(rollout.plan) AS p
    JOIN app.ota_waves AS w ON w.rollout_id = p_rollout AND w.place = p.wave;
    UPDATE app.ota_waves SET state = 'deploying', since = clock_timestamp()
    WHERE rollout_id = p_rollout AND place = 0;
    PERFORM app.tell_rollout(p_rollout, 'started');
END $$;

CREATE FUNCTION app.need_usable_version(p_version bigint) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE version app.ota_versions;
BEGIN
    SELECT v.* INTO version FROM app.ota_versions AS v WHERE v.id = p_version;
    IF version.status IS DISTINCT FROM 'released' THEN
        RAISE EXCEPTION 'version % is %, and only a released one is rolled out',
            version.version, version.status USING ERRCODE = '55000';
    ELSIF version.expires_at <= clock_timestamp() THEN
        RAISE EXCEPTION 'the signature of version % ran out; sign it anew', version.version
            USING ERRCODE = '55000';
    END IF;
END $$;

CREATE FUNCTION app.need_person() RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF app.person_id() IS NULL THEN
        RAISE EXCEPTION 'only a person may do this' USING ERRCODE = '42501';
    END IF;
END $$;

-- Anyone in the control room may stop what they see.
CREATE FUNCTION app.pause_rollout(p_rollout bigint, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.need_person();
    PERFORM app.held_rollout(p_rollout);
    UPDATE app.ota_rollouts SET state = 'paused', reason = app.bounded(p_reason, 2000, 'a reason')
    WHERE id = p_rollout;
    PERFORM app.tell_rollout(p_rollout, 'paused', p_reason);
END $$;

CREATE FUNCTION app.halt_rollout(p_rollout bigint, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE words text := app.bounded(p_reason, 2000, 'a reason');
BEGIN
    PERFORM app.need_person();
    PERFORM app.held_rollout(p_rollout);
    IF words = '' THEN
        RAISE EXCEPTION 'say why the rollout is halted';
    END IF;
    UPDATE app.ota_rollouts SET state = 'halted', reason = words WHERE id = p_rollout;
    PERFORM app.tell_rollout(p_rollout, 'halted', words);
END $$;

CREATE FUNCTION app.resume_rollout(p_rollout bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE rollout app.ota_rollouts := app.held_rollout(p_rollout);
BEGIN
    PERFORM app.need_planner(rollout.plan);
    IF rollout.state <> 'paused' THEN
        RAISE EXCEPTION 'the rollout is not paused; it is %', rollout.state USING ERRCODE = '55000';
    END IF;
    UPDATE app.ota_rollouts SET state = 'running', reason = '' WHERE id = p_rollout;
    PERFORM app.tell_rollout(p_rollout, 'resumed');
END $$;

CREATE FUNCTION app.need_standstill(rollout app.ota_rollouts) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF rollout.state <> 'halted' AND NOT (rollout.state = 'running' AND EXISTS (
        SELECT FROM app.ota_waves AS w WHERE w.rollout_id = rollout.id AND w.state = 'held'))
    THEN
        RAISE EXCEPTION 'the rollout is neither halted nor held' USING ERRCODE = '55000';
    END IF;
END $$;

-- Going on after a halt or a wave that was held: one person says why, a second one agrees.
CREATE FUNCTION app.ask_override(p_rollout bigint, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rollout app.ota_rollouts := app.held_rollout(p_rollout);
    words text := app.bounded(p_reason, 2000, 'a reason');
    made bigint;
BEGIN
    PERFORM app.need_planner(rollout.plan);
    IF words = '' THEN
        RAISE EXCEPTION 'say why the rollout should go on';
    END IF;
    PERFORM app.need_standstill(rollout);
    UPDATE app.ota_approvals SET voided_at = clock_timestamp()
    WHERE rollout_id = p_rollout AND kind = 'override asked' AND voided_at IS NULL;
    INSERT INTO app.ota_approvals (rollout_id, person_id, kind, plan_hash, reason)
    VALUES (p_rollout, app.person_id(), 'override asked', rollout.plan_hash, words) RETURNING id INTO made;
    PERFORM app.tell_rollout(p_rollout, 'override asked', words);
    RETURN made;
END $$;

CREATE FUNCTION app.agree_to_override(p_asked bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked app.ota_approvals;
    rollout app.ota_rollouts;
BEGIN
    SELECT a.* INTO asked FROM app.ota_approvals AS a WHERE a.id = p_asked AND a.kind = 'override asked';
    rollout := app.held_rollout(asked.rollout_id);
    SELECT a.* INTO asked FROM app.ota_approvals AS a WHERE a.id = p_asked AND a.voided_at IS NULL;
    PERFORM app.need_planner(rollout.plan);
    PERFORM app.need_standstill(rollout);
    IF asked.id IS NULL OR EXISTS (
        -- What was asked about is not what it stands still for by now.
        SELECT FROM app.ota_events AS e WHERE e.rollout_id = rollout.id AND e.at > asked.at
          AND (e.kind IN ('halted', 'watched for longer') OR e.kind LIKE 'wave %')
    ) THEN
        RAISE EXCEPTION 'that was agreed to, or something else happened, meanwhile; ask anew'
            USING ERRCODE = '55000';
    ELSIF asked.person_id = app.person_id() THEN
        RAISE EXCEPTION 'whoever asked to go on cannot agree to it; a second person has to'
            USING ERRCODE = '42501';
    ELSIF NOT app.may_update_devices(
        asked.person_id, ARRAY(SELECT p.device_id FROM app.planned_devices(rollout.plan) AS p)) THEN
        RAISE EXCEPTION 'whoever asked to go on may not do so any more; ask anew' USING ERRCODE = '42501';
    END IF;
    -- A wave with devices left goes on with them; one that was judged counts as passed.
    UPDATE app.ota_waves AS w
    SET since = clock_timestamp(), reason = asked.reason,
        state = CASE WHEN w.state = 'failed' AND EXISTS (
            SELECT FROM app.ota_deployments AS o
            WHERE o.wave_id = w.id AND o.status IN ('pending', 'in_progress')
        ) THEN 'deploying' ELSE 'passed' END
    WHERE w.rollout_id = rollout.id AND w.state IN ('held', 'failed');
    UPDATE app.ota_rollouts SET state = 'running', reason = '' WHERE id = rollout.id AND state = 'halted';
    UPDATE app.ota_approvals SET voided_at = clock_timestamp() WHERE id = p_asked;
    INSERT INTO app.ota_approvals (rollout_id, person_id, kind, plan_hash, reason)
    VALUES (rollout.id, app.person_id(), 'override agreed', rollout.plan_hash, asked.reason);
    PERFORM app.tell_rollout(rollout.id, 'override agreed', asked.reason);
END $$;

-- A held wave is watched for once more its time.
CREATE FUNCTION app.soak_again(p_rollout bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rollout app.ota_rollouts := app.held_rollout(p_rollout);
    held bigint;
BEGIN
    PERFORM app.need_planner(rollout.plan);
    UPDATE app.ota_waves SET state = 'soaking', since = clock_timestamp(), reason = ''
    WHERE rollout_id = p_rollout AND state = 'held' RETURNING id INTO held;
    IF NOT FOUND OR rollout.state <> 'running' THEN
        RAISE EXCEPTION 'no wave of the rollout is held' USING ERRCODE = '55000';
    END IF;
    PERFORM app.tell_rollout(p_rollout, 'watched for longer', app.name_of_wave(held));
END $$;

-- What has not begun never will; a device in the middle reaches its end all the same.
CREATE FUNCTION app.abort_rollout(p_rollout bigint, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rollout app.ota_rollouts := app.held_rollout(p_rollout);
    words text := app.bounded(p_reason, 2000, 'a reason');
BEGIN
    PERFORM app.need_planner(rollout.plan);
    IF words = '' THEN
        RAISE EXCEPTION 'say why the rollout is given up';
    END IF;
    UPDATE app.ota_rollouts SET state = 'aborted', reason = words, ended_at = clock_timestamp()
    WHERE id = p_rollout;
    UPDATE app.ota_deployments
    SET status = 'failed', step = 'failed', outcome = 'not begun', completed_at = clock_timestamp(),
        error_message = 'The rollout was given up before this device''s turn.', waits_for = ''
    WHERE rollout_id = p_rollout AND status = 'pending';
    PERFORM app.tell_rollout(p_rollout, 'aborted', words);
END $$;
"""
