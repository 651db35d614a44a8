"""Devices that were updated are looked at again while their rollout is under way."""

SECOND_LOOKS = """
ALTER TABLE app.ota_deployments
    ADD COLUMN flipped_at timestamptz,              -- when it was found to be no longer as it was updated
    ADD COLUMN flip_words text NOT NULL DEFAULT ''; -- in which way

-- What a station found at an updated device of its own. One that runs another version, or says that it is not
-- well, is noted once for each way in which it differs: the gate trips over it, and people may override that.
CREATE FUNCTION app.tell_second_look(
    p_deployment bigint, p_epoch bigint, p_observed text, p_is_healthy boolean, p_detail text, p_serial text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    deployment app.ota_deployments;
    target text;
    found text;
BEGIN
    PERFORM app.need_station();
    SELECT o.* INTO deployment FROM app.ota_deployments AS o WHERE o.id = p_deployment FOR NO KEY UPDATE;
    IF deployment.status IS DISTINCT FROM 'completed' OR NOT EXISTS (
        SELECT FROM app.device_leases AS l
        WHERE l.device_id = deployment.device_id AND l.station_id = app.station_id() AND l.epoch = p_epoch
    ) OR app.is_superseded(deployment.id) THEN
        RAISE EXCEPTION 'the device is another station''s now, or another update''s' USING ERRCODE = '55000';
    END IF;
    SELECT split_part(v.version, '+', 1) INTO target
    FROM app.ota_versions AS v WHERE v.id = deployment.version_id;
    found := CASE
        WHEN deployment.serial <> '' AND p_serial <> deployment.serial
            THEN format('is another device: its serial number is %s, and it was %s',
                        coalesce(nullif(p_serial, ''), 'not told'), deployment.serial)
        WHEN split_part(p_observed, '+', 1) <> target
            THEN format('runs %s, not %s', coalesce(nullif(p_observed, ''), 'an unknown version'), target)
        WHEN NOT p_is_healthy THEN concat_ws(': ', 'says that it is not well', nullif(p_detail, ''))
        ELSE '' END;
    IF found <> '' AND found <> deployment.flip_words THEN
        PERFORM app.tell_rollout(
            deployment.rollout_id, 'changed after its update', found, deployment.device_id);
    END IF;
    UPDATE app.ota_deployments
    SET observed_version = coalesce(nullif(p_observed, ''), observed_version),
        flipped_at = CASE WHEN found <> '' AND found <> flip_words THEN clock_timestamp() ELSE flipped_at END,
        flip_words = CASE found WHEN '' THEN flip_words ELSE left(found, 1000) END
    WHERE id = p_deployment;
END $$;

-- Whether a later rollout has begun with the same device.
CREATE FUNCTION app.is_superseded(p_deployment bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM app.ota_deployments AS o JOIN app.ota_deployments AS later
          ON later.device_id = o.device_id AND later.id > o.id AND later.attempt > 0
        WHERE o.id = p_deployment);
END;
"""

RIGHTS = """
GRANT EXECUTE ON FUNCTION app.tell_second_look(bigint, bigint, text, boolean, text, text),
    app.is_superseded(bigint) TO console_station;
"""
