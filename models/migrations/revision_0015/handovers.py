"""The table of handovers, and what keeps a signed one as it is."""

TABLE = """
CREATE TABLE app.shift_handovers (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shift_name           text NOT NULL CHECK (btrim(shift_name) <> '' AND length(shift_name) <= 200),
    began_at             timestamptz NOT NULL,
    ends_at              timestamptz NOT NULL,
    drafted_at           timestamptz NOT NULL,
    -- [{"key": "open", "lines": ["…"], "note": "…"}, …] in the order of the report.
    sections             jsonb NOT NULL
        CHECK (jsonb_typeof(sections) = 'array' AND pg_column_size(sections) <= 1000000
               AND NOT jsonb_path_exists(sections, '$[*] ? (!(@.key.type() == "string"
                   && @.lines.type() == "array" && @.note.type() == "string"))')
               AND NOT jsonb_path_exists(sections, '$[*].lines[*] ? (@.type() != "string")')),
    written_by           bigint NOT NULL REFERENCES app.users (id),
    written_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- SHA-256 of everything that is signed, hexadecimal; kept by a trigger.
    digest               text NOT NULL DEFAULT '',
    outgoing_by          bigint REFERENCES app.users (id),
    outgoing_at          timestamptz,
    outgoing_workstation text NOT NULL DEFAULT '',
    incoming_by          bigint REFERENCES app.users (id),
    incoming_at          timestamptz,
    incoming_workstation text NOT NULL DEFAULT '',
    CHECK (ends_at > began_at),
    CHECK ((outgoing_by IS NULL) = (outgoing_at IS NULL)),
    CHECK ((incoming_by IS NULL) = (incoming_at IS NULL)),
    CHECK (incoming_by IS NULL OR outgoing_by IS NOT NULL),
    -- Two names sign, of two persons.
    CONSTRAINT shift_handovers_two_persons CHECK (outgoing_by <> incoming_by)
);
-- One that is not finished a person and shift: whoever drafts again goes on with it.
CREATE UNIQUE INDEX shift_handovers_one_unfinished ON app.shift_handovers (began_at, written_by)
    WHERE incoming_by IS NULL;
CREATE INDEX shift_handovers_began_at_idx ON app.shift_handovers (began_at DESC, id DESC);
CREATE INDEX shift_handovers_written_by_idx ON app.shift_handovers (written_by);
CREATE INDEX shift_handovers_outgoing_by_idx ON app.shift_handovers (outgoing_by)
    WHERE outgoing_by IS NOT NULL;
CREATE INDEX shift_handovers_incoming_by_idx ON app.shift_handovers (incoming_by)
    WHERE incoming_by IS NOT NULL;
"""

SEAL = """
CREATE FUNCTION app.seal_handover() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- What changes when a signature is put on or taken back; nothing else does from the first one on.
    signing text[] := ARRAY['outgoing_by', 'outgoing_at', 'outgoing_workstation',
                            'incoming_by', 'incoming_at', 'incoming_workstation'];
BEGIN
    -- A name is taken out of the words: by the owner of the tables, as whom nobody signs in, and nothing
    -- else with it. The digest goes on saying what was signed.
    IF TG_OP = 'UPDATE' AND OLD.outgoing_by IS NOT NULL AND current_user = 'console_tables'
        AND to_jsonb(OLD) - 'sections' = to_jsonb(NEW) - 'sections' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.incoming_by IS NOT NULL THEN
        RAISE EXCEPTION 'this handover was signed by both, and never changes' USING ERRCODE = '42501';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.outgoing_by IS NOT NULL
        AND to_jsonb(OLD) - signing <> to_jsonb(NEW) - signing THEN
        RAISE EXCEPTION 'this handover is signed; take the signature back before you change it'
            USING ERRCODE = '42501';
    END IF;
    NEW.digest := encode(sha256(convert_to(concat_ws(E'\\n', NEW.shift_name,
        extract(epoch FROM NEW.began_at), extract(epoch FROM NEW.ends_at), extract(epoch FROM NEW.drafted_at),
        NEW.written_by, NEW.sections), 'UTF8')), 'hex');
    RETURN NEW;
END $$;
CREATE TRIGGER seal BEFORE INSERT OR UPDATE ON app.shift_handovers
    FOR EACH ROW EXECUTE FUNCTION app.seal_handover();
CREATE TRIGGER kept BEFORE DELETE ON app.shift_handovers
    FOR EACH ROW WHEN (OLD.outgoing_by IS NOT NULL) EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER kept_truncate BEFORE TRUNCATE ON app.shift_handovers
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
"""

FORGETTING = """
-- As it was, and in handovers too: word by word, for in JSON's own text a name may begin right after the n of
-- a line break.
ALTER FUNCTION app.forget_in_texts(text, text, text) RENAME TO forget_in_journal;
CREATE FUNCTION app.forget_in_texts(p_name text, p_email text, p_instead text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.forget_in_journal(p_name, p_email, p_instead);
    UPDATE app.shift_handovers AS h SET sections = told.anew
    FROM (
        SELECT o.id, jsonb_agg(p.part || jsonb_build_object(
            'note', app.without_name(p.part ->> 'note', p_name, p_email, p_instead),
            'lines', (SELECT coalesce(jsonb_agg(app.without_name(l.line, p_name, p_email, p_instead)
                                                ORDER BY l.place), '[]')
                      FROM jsonb_array_elements_text(p.part -> 'lines') WITH ORDINALITY AS l (line, place))
        ) ORDER BY p.place) AS anew
        FROM app.shift_handovers AS o
        CROSS JOIN jsonb_array_elements(o.sections) WITH ORDINALITY AS p (part, place)
        GROUP BY o.id
    ) AS told
    WHERE h.id = told.id AND h.sections <> told.anew;
END $$;
"""
