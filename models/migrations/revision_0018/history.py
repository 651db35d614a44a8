"""Every former state of a device's configuration, kept by the database itself: who changed what, and back.

A revision is the whole configuration after a change. All changes of one transaction are one *batch*: what an
import did, whole. Secrets stay sealed as they were stored; what stood there in clear before keys existed is
not copied. Revisions are kept for ever. Limits have a trail of their own (`alert_thresholds` is audited) and
are no part of it.
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
    INSERT INTO app.device_revisions (device_id, number, batch, txid, at, user_id, action, document)
    VALUES (
        NEW.id,
        coalesce(newest.number, 0) + 1,
        coalesce(of_batch, nextval('app.device_batches')),
        this, now(), app.person_id(),
        CASE WHEN TG_OP = 'INSERT' THEN 'added'
             WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL THEN 'removed'
             WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL THEN 'brought back'
             ELSE 'changed' END,
        app.device_document(NEW, metadata));
    RETURN NULL;
END $$;

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

CREATE TRIGGER append_only BEFORE UPDATE ON app.device_revisions
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();

-- What there is now is where every history begins.
INSERT INTO app.device_revisions (device_id, number, batch, txid, at, action, document)
SELECT d.id, 1, b.batch, pg_current_xact_id()::text::bigint, now(), 'recorded',
    app.device_document(d, app.without_plain_secrets(d.metadata))
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
