"""The audit trail: who changed what, when and from where, chained by hashes.

A change is noted in `audit_pending` when it happens, and moves to `audit_log` when its transaction commits:
there it gets its place in the chain, its link to the line before and its hash. The chain has one end, in
`audit_head`, and whoever commits holds it; it is the last lock that a transaction takes, so transactions wait
for each other's commit and never in a circle. Linking each change at once would hold the end from the first
change on.

`audit_log` is only ever added to. Who owns the server can still switch the triggers off and change it;
`models.queries.audit.verify_audit` finds that, computing every hash again outside the database.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE app.audit_log (
    seq         bigint PRIMARY KEY,      -- 1, 2, 3 … without a gap, in order of commits
    at          timestamptz NOT NULL,
    actor       name NOT NULL,           -- session_user: set by the server
    person_id   bigint,                  -- no foreign keys: the trail outlives what it tells of
    station_id  bigint,
    client      inet,
    workstation text NOT NULL,           -- application_name: what the program says of itself, no evidence
    txid        bigint NOT NULL,
    op          text NOT NULL
        CHECK (op IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFUSED', 'SIGNED IN')),
    tbl         text NOT NULL DEFAULT '',
    pk          text NOT NULL DEFAULT '',
    old         jsonb,
    new         jsonb,
    prev_hash   bytea NOT NULL,
    hash        bytea NOT NULL
);
CREATE INDEX audit_log_at_idx ON app.audit_log (at);
CREATE INDEX audit_log_person_id_idx ON app.audit_log (person_id, seq);
CREATE INDEX audit_log_tbl_pk_idx ON app.audit_log (tbl, pk, seq);
CREATE INDEX audit_log_notes_idx ON app.audit_log (actor, op, at) WHERE tbl = '';
CREATE INDEX audit_log_signed_in_idx ON app.audit_log (person_id, at) WHERE op = 'SIGNED IN';

CREATE TABLE app.audit_head (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    seq      bigint NOT NULL,
    hash     bytea NOT NULL,
    -- How far the transaction that wrote last had come with its own changes.
    txid     bigint NOT NULL,
    noted    bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO app.audit_head VALUES (true, 0, decode(repeat('00', 32), 'hex'), 0, 0);

-- Empty but for transactions under way, so nothing is lost with it in a crash.
CREATE UNLOGGED TABLE app.audit_pending (
    txid        bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    noted       bigint GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor       name NOT NULL DEFAULT session_user,
    client      inet DEFAULT inet_client_addr(),
    workstation text NOT NULL DEFAULT coalesce(current_setting('application_name', true), ''),
    op          text NOT NULL,
    tbl         text NOT NULL DEFAULT '',
    pk          text NOT NULL DEFAULT '',
    old         jsonb,
    new         jsonb,
    PRIMARY KEY (txid, noted)
);
"""


def _field(value: str) -> str:
    """Length and text of one value, "-" for none: no two lines of different content read alike."""
    return f"coalesce(octet_length({value})::text || ':' || {value}, '-')"


FIELDS = (
    "line.seq::text",
    "extract(epoch FROM line.at)::text",
    "line.actor::text",
    "line.person_id::text",
    "line.station_id::text",
    "host(line.client)",
    "line.workstation",
    "line.txid::text",
    "line.op",
    "line.tbl",
    "line.pk",
    "line.old::text",
    "line.new::text",
)

CHAIN = f"""
-- What a line's hash is taken of, after the hash of the line before. models/queries/audit_chain.py states the
-- same for itself; neither ever changes.
CREATE FUNCTION app.audit_bytes(line app.audit_log) RETURNS bytea
LANGUAGE sql STABLE
RETURN convert_to({" || ".join(_field(value) for value in FIELDS)}, 'UTF8');

-- Links all that a transaction noted, once; the calls for its other changes then find nothing to do.
CREATE FUNCTION app.audit_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head app.audit_head;
    line app.audit_log;
    waiting app.audit_pending;
BEGIN
    -- Asked of the table, not of a setting of the session: anybody can change a setting.
    IF EXISTS (SELECT FROM app.audit_head AS h WHERE h.txid = NEW.txid AND h.noted >= NEW.noted) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO STRICT head FROM app.audit_head FOR UPDATE;
    line.person_id := (SELECT u.id FROM app.users AS u WHERE u.db_role = NEW.actor);
    line.station_id := (SELECT s.id FROM app.stations AS s WHERE s.db_role = NEW.actor);
    FOR waiting IN
        WITH taken AS (DELETE FROM app.audit_pending WHERE txid = NEW.txid RETURNING *)
        SELECT * FROM taken ORDER BY noted
    LOOP
        line.seq := head.seq + 1;
        line.at := waiting.at;
        line.actor := waiting.actor;
        line.client := waiting.client;
        line.workstation := waiting.workstation;
        line.txid := waiting.txid;
        line.op := waiting.op;
        line.tbl := waiting.tbl;
        line.pk := waiting.pk;
        line.old := waiting.old;
        line.new := waiting.new;
        line.prev_hash := head.hash;
        line.hash := sha256(head.hash || app.audit_bytes(line));
        INSERT INTO app.audit_log VALUES (line.*);
        head.seq := line.seq;
        head.hash := line.hash;
        head.noted := waiting.noted;
    END LOOP;
    UPDATE app.audit_head SET seq = head.seq, hash = head.hash, txid = NEW.txid, noted = head.noted;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER link AFTER INSERT ON app.audit_pending DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION app.audit_link();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.audit_log
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON app.audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE ON app.audit_head
    FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON app.audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
"""

WATCH = """
-- Notes one change: all columns of a row that came or went, of a changed one only what differs.
-- Arguments: columns of the key; columns never copied; columns that are no change somebody made.
CREATE FUNCTION app.audit_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    keys text[];
    hidden text[];
    ignored text[];
    was jsonb;
    is_now jsonb;
    key text;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO app.audit_pending (op, tbl) VALUES (TG_OP, TG_TABLE_NAME);
        RETURN NULL;
    END IF;
    keys := TG_ARGV[0];
    hidden := TG_ARGV[1];
    ignored := TG_ARGV[2];
    IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN is_now := to_jsonb(NEW); END IF;
    key := (SELECT string_agg(coalesce(is_now, was) ->> name, ',' ORDER BY place)
            FROM unnest(keys) WITH ORDINALITY AS k (name, place));
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(w.key, CASE WHEN w.key = ANY(hidden) THEN '"(changed)"' ELSE w.value END),
               jsonb_object_agg(w.key, CASE WHEN w.key = ANY(hidden) THEN '"(changed)"' ELSE n.value END)
        INTO was, is_now
        FROM jsonb_each(was - ignored) AS w JOIN jsonb_each(is_now) AS n ON n.key = w.key
        WHERE n.value <> w.value;
        IF was IS NULL THEN
            RETURN NULL;
        END IF;
    ELSE
        was := was - ignored - hidden;
        is_now := is_now - ignored - hidden;
    END IF;
    INSERT INTO app.audit_pending (op, tbl, pk, old, new) VALUES (TG_OP, TG_TABLE_NAME, key, was, is_now);
    RETURN NULL;
END $$;

-- Has the changes of a table recorded from now on. A migration that adds a column to such a table calls it
-- again: what a trigger watches is listed when it is made.
--   p_hidden: columns that are never copied, because they hold secrets or what a person may want erased.
--   p_ignored: columns that programs touch all day, and that are no change somebody made.
CREATE FUNCTION app.audit_table(
    p_table regclass, p_hidden text[] DEFAULT '{}', p_ignored text[] DEFAULT '{}'
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    keys text[] := ARRAY(
        SELECT a.attname::text
        FROM pg_index AS i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
        WHERE i.indrelid = p_table AND i.indisprimary ORDER BY k.place);
    ignored text[] := p_ignored || '{updated_at}';
    watched text := (
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = p_table AND attnum > 0 AND NOT attisdropped AND attname <> ALL(ignored));
    call text := format('EXECUTE FUNCTION app.audit_change(%L, %L, %L)', keys, p_hidden, ignored);
BEGIN
    EXECUTE format('DROP TRIGGER IF EXISTS audit_added_or_removed ON %s', p_table);
    EXECUTE format('DROP TRIGGER IF EXISTS audit_changed ON %s', p_table);
    EXECUTE format('DROP TRIGGER IF EXISTS audit_emptied ON %s', p_table);
    EXECUTE format(
        'CREATE TRIGGER audit_added_or_removed AFTER INSERT OR DELETE ON %s FOR EACH ROW %s', p_table, call);
    EXECUTE format(
        'CREATE TRIGGER audit_changed AFTER UPDATE OF %s ON %s FOR EACH ROW '
        'WHEN (OLD.* IS DISTINCT FROM NEW.*) %s', watched, p_table, call);
    EXECUTE format(
        'CREATE TRIGGER audit_emptied AFTER TRUNCATE ON %s FOR EACH STATEMENT %s', p_table, call);
END $$;
"""

NOTES = """
-- Writes a line that is no change of a table; at most twenty a minute of a kind and login, so that nobody
-- fills the disk, then one that says there was more.
CREATE FUNCTION app.audit_note(p_op text, p_facts jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE recent integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('app.audit_note:' || session_user, 0));
    recent := (
        SELECT count(*) FROM app.audit_log
        WHERE actor = session_user AND op = p_op AND tbl = '' AND at > clock_timestamp() - interval '1 minute'
    ) + (
        SELECT count(*) FROM app.audit_pending
        WHERE txid = pg_current_xact_id()::text::bigint AND op = p_op AND tbl = ''
    );
    IF recent <= 20 THEN
        INSERT INTO app.audit_pending (op, new) VALUES (
            p_op,
            CASE WHEN recent < 20 THEN p_facts
                 ELSE jsonb_build_object('more', 'further ones within this minute are not written') END
        );
    END IF;
END $$;

-- Something was tried that the person or station may not do. The words come from the program that was used.
CREATE FUNCTION app.note_refusal(p_what text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT app.audit_note('REFUSED', jsonb_build_object('what', left(p_what, 500)));
END;

CREATE FUNCTION app.note_sign_in(p_failed_before integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT app.audit_note('SIGNED IN', jsonb_build_object('failed_before', p_failed_before));
END;
"""

WATCHED = """
-- Names, e-mails and hashes stay out: a person can be anonymised and the chain stays whole.
SELECT app.audit_table('app.users', p_hidden => '{name,email,password_hash}');
SELECT app.audit_table('app.stations', p_ignored => '{last_seen,incarnation,version}');
SELECT app.audit_table('app.devices', p_ignored => '{status,status_detail,last_seen}');
SELECT app.audit_table('app.alert_thresholds');
-- What somebody writes into a comment, and what a station writes, may name a person too.
SELECT app.audit_table('app.alerts', p_hidden => '{message}');
SELECT app.audit_table('app.ota_versions');
SELECT app.audit_table('app.ota_deployments');
-- The journal of alerts is append-only by itself; that people wrote into it is chained as well. Their words
-- stay in the journal alone, where a name can be forgotten.
CREATE TRIGGER audit_added AFTER INSERT ON app.alert_events FOR EACH ROW WHEN (NEW.user_id IS NOT NULL)
    EXECUTE FUNCTION app.audit_change('{id}', '{comment}', '{}');
"""

SUPPORT = """
-- Which programs this database still serves, by the revision each was made for. A migration that takes away
-- or changes what an older program uses raises these (see CONTRIBUTING.md, "Expand, then contract").
CREATE TABLE app.schema_support (
    only_one       boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    oldest_program text NOT NULL,  -- may read and write
    oldest_reader  text NOT NULL,  -- may at least read; windows of it show only, stations stay out
    CHECK (oldest_reader <= oldest_program)
);
INSERT INTO app.schema_support VALUES (true, '0007', '0007');
"""

RIGHTS = """
SELECT app.settle_ownership();

ALTER TABLE app.audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.audit_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.audit_pending ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.schema_support ENABLE ROW LEVEL SECURITY;
CREATE POLICY admins_read ON app.audit_log FOR SELECT TO console_admin
    USING ((SELECT app.person_role()) = 'admin');
CREATE POLICY admins_read ON app.audit_head FOR SELECT TO console_admin
    USING ((SELECT app.person_role()) = 'admin');
-- Stations keep the end of the chain where a rewriter does not reach.
CREATE POLICY stations_read ON app.audit_head FOR SELECT TO console_station
    USING ((SELECT app.station_id()) IS NOT NULL);
CREATE POLICY everybody ON app.schema_support FOR SELECT
    TO console_admin, console_operator, console_user, console_station USING (true);
GRANT SELECT ON app.audit_log, app.audit_head TO console_admin;
GRANT SELECT (seq, hash) ON app.audit_head TO console_station;
GRANT SELECT ON app.schema_support
    TO console_admin, console_operator, console_user, console_station;
GRANT EXECUTE ON FUNCTION app.note_refusal(text), app.note_sign_in(integer)
    TO console_admin, console_operator, console_user, console_station;
"""


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for statements in (TABLES, CHAIN, WATCH, NOTES, WATCHED, SUPPORT, RIGHTS):
        connection.exec_driver_sql(statements)
