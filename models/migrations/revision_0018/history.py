"""Every former state of a device's configuration, kept by the database itself: who changed what, and back.

A revision is the whole configuration after a change, the limits with it. All changes of one transaction are
one *batch*: what an import did, whole. Secrets stay sealed as they were stored; what stood there in clear
before keys existed is not copied. Revisions are kept for ever, so that of limits they hold no text in which a
name may stand (guidance, why one is out of service): a person can be forgotten. Being out of service is no
part of it either; that is of the day, not of the configuration.
"""

HISTORY = """
CREATE SEQUENCE app.device_batches;

CREATE TABLE app.device_revisions (
    device_id  bigint NOT NULL REFERENCES app.devices (id) ON DELETE CASCADE,
    number     integer NOT NULL,      -- 1, 2, 3 … of each device
    batch      bigint NOT NULL,       -- one a transaction
    -- Finds the batch of a transaction under way. Numbers of transactions begin anew on another server, so
    -- the moment at which the transaction began belongs to it.
    txid       bigint NOT NULL,
    at         timestamptz NOT NULL,
    user_id    bigint,                -- no foreign key: the history outlives whom it tells of
    action     text NOT NULL CHECK (action IN ('recorded', 'added', 'changed', 'removed', 'brought back')),
    document   jsonb NOT NULL,
    limits     jsonb NOT NULL,        -- what alert_thresholds hold of the device, in a fixed order
    PRIMARY KEY (device_id, number)
);
CREATE INDEX device_revisions_batch_idx ON app.device_revisions (batch);
CREATE INDEX device_revisions_txid_idx ON app.device_revisions (txid, at);

CREATE FUNCTION app.device_document(d app.devices, p_metadata jsonb) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'device_id', (d).device_id, 'name', (d).name, 'type', (d).type, 'location', (d).location,
        'user_id', (d).user_id, 'metadata', coalesce(p_metadata, '{}'));
END;

CREATE FUNCTION app.limits_document(p_device bigint) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT coalesce(jsonb_agg(
        jsonb_build_object(
            'rule', t.rule, 'metric_type', t.metric_type, 'severity', t.severity,
            'min_value', t.min_value, 'max_value', t.max_value, 'amount', t.amount,
            'deadband', t.deadband, 'on_delay_s', t.on_delay_s, 'off_delay_s', t.off_delay_s,
            'latching', t.latching, 'requires_comment', t.requires_comment, 'realarm_s', t.realarm_s,
            'respond_within_s', t.respond_within_s)
        ORDER BY t.rule, t.metric_type, app.severity_rank(t.severity), t.id), '[]')
    FROM app.alert_thresholds AS t WHERE t.device_id = p_device;
END;

CREATE FUNCTION app.keep_revision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    this bigint := pg_current_xact_id()::text::bigint;
    of_batch bigint;
    newest app.device_revisions;
    metadata jsonb := NEW.metadata;
BEGIN
    SELECT * INTO newest FROM app.device_revisions AS r
    WHERE r.device_id = NEW.id ORDER BY r.number DESC LIMIT 1;
    -- New metadata hold no secret in clear: guard_secrets has just looked. Old ones may, from before keys
    -- existed; the revision before has them without.
    IF TG_OP = 'UPDATE' AND NEW.metadata = OLD.metadata AND newest.device_id IS NOT NULL THEN
        metadata := newest.document -> 'metadata';
    END IF;
    of_batch := (SELECT r.batch FROM app.device_revisions AS r WHERE r.txid = this AND r.at = now() LIMIT 1);
    INSERT INTO app.device_revisions (device_id, number, batch, txid, at, user_id, action, document, limits)
    VALUES (
        NEW.id,
        coalesce(newest.number, 0) + 1,
        coalesce(of_batch, nextval('app.device_batches')),
        this, now(), app.person_id(),
        CASE WHEN TG_OP = 'INSERT' THEN 'added'
             WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL THEN 'removed'
             WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL THEN 'brought back'
             ELSE 'changed' END,
        app.device_document(NEW, metadata), app.limits_document(NEW.id));
    RETURN NULL;
END $$;

-- Limits that change with their device belong to its revision; alone they make one.
CREATE FUNCTION app.keep_limits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    this bigint := pg_current_xact_id()::text::bigint;
    device record;
    newest app.device_revisions;
    of_batch bigint;
    is_now jsonb;
BEGIN
    -- Held, so that two who change limits of one device are one after the other in its history.
    FOR device IN
        SELECT d.id, d.deleted_at FROM app.devices AS d
        WHERE d.id IN (SELECT c.device_id FROM changed AS c) ORDER BY d.id FOR NO KEY UPDATE
    LOOP
        SELECT * INTO newest FROM app.device_revisions AS r
        WHERE r.device_id = device.id ORDER BY r.number DESC LIMIT 1;
        is_now := app.limits_document(device.id);
        CONTINUE WHEN newest.device_id IS NULL OR newest.limits = is_now;
        IF newest.txid = this AND newest.at = now() THEN
            UPDATE app.device_revisions AS r SET limits = is_now
            WHERE r.device_id = device.id AND r.number = newest.number;
        ELSE
            of_batch := (
                SELECT r.batch FROM app.device_revisions AS r WHERE r.txid = this AND r.at = now() LIMIT 1);
            INSERT INTO app.device_revisions
                (device_id, number, batch, txid, at, user_id, action, document, limits)
            VALUES (
                device.id, newest.number + 1, coalesce(of_batch, nextval('app.device_batches')),
                this, now(), app.person_id(),
                CASE WHEN device.deleted_at IS NULL THEN 'changed' ELSE 'removed' END,
                newest.document, is_now);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER keep_limits_added AFTER INSERT ON app.alert_thresholds REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_limits();
CREATE TRIGGER keep_limits_changed AFTER UPDATE ON app.alert_thresholds REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_limits();
CREATE TRIGGER keep_limits_removed AFTER DELETE ON app.alert_thresholds REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.keep_limits();

CREATE TRIGGER keep_first_revision AFTER INSERT ON app.devices
    FOR EACH ROW EXECUTE FUNCTION app.keep_revision();
-- Columns are named because status and last_seen change every second and are no change of the configuration.
CREATE TRIGGER keep_revision
    AFTER UPDATE OF device_id, name, type, location, user_id, metadata, deleted_at ON app.devices
    FOR EACH ROW WHEN (
        (OLD.device_id, OLD.name, OLD.type, OLD.location, OLD.user_id, OLD.metadata, OLD.deleted_at IS NULL)
        IS DISTINCT FROM
        (NEW.device_id, NEW.name, NEW.type, NEW.location, NEW.user_id, NEW.metadata, NEW.deleted_at IS NULL))
    EXECUTE FUNCTION app.keep_revision();

-- Only what the transaction under way has written may still gain the limits that came after it.
CREATE TRIGGER append_only BEFORE UPDATE ON app.device_revisions
    FOR EACH ROW WHEN (
        OLD.txid <> pg_current_xact_id()::text::bigint OR OLD.at <> now()
        OR (OLD.document, OLD.action, OLD.number) IS DISTINCT FROM (NEW.document, NEW.action, NEW.number))
    EXECUTE FUNCTION app.refuse_change();

-- What there is now is where every history begins.
INSERT INTO app.device_revisions (device_id, number, batch, txid, at, action, document, limits)
SELECT d.id, 1, b.batch, pg_current_xact_id()::text::bigint, now(), 'recorded',
    app.device_document(d, app.without_plain_secrets(d.metadata)), app.limits_document(d.id)
FROM app.devices AS d CROSS JOIN (SELECT nextval('app.device_batches') AS batch) AS b;
"""

RIGHTS = """
-- Whoever sees a device sees its history; nobody writes it but the trigger.
ALTER TABLE app.device_revisions ENABLE ROW LEVEL SECURITY;
CREATE POLICY admin ON app.device_revisions TO console_admin USING ((SELECT app.admin_id()) IS NOT NULL);
CREATE POLICY operator ON app.device_revisions FOR SELECT TO console_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
CREATE POLICY engineer ON app.device_revisions FOR SELECT TO console_user USING (
    device_id IN (SELECT d.id FROM app.devices AS d WHERE d.user_id = (SELECT app.person_id())));
CREATE POLICY station ON app.device_revisions FOR SELECT TO console_station
    USING ((SELECT app.station_id()) IS NOT NULL);
GRANT SELECT ON app.device_revisions TO console_admin, console_operator, console_user, console_station;
"""
