"""What operators and administrators do with handovers: write, sign, take back, throw away."""

WRITING = """
-- The person who asks, if shifts are theirs to hand over.
CREATE FUNCTION app.need_shift_worker() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE person bigint := coalesce(app.operator_id(), app.admin_id());
BEGIN
    IF person IS NULL THEN
        RAISE EXCEPTION 'only operators and administrators hand over shifts' USING ERRCODE = '42501';
    END IF;
    RETURN person;
END $$;

-- Keeps what a person wrote for a shift; what they had kept for it and not signed is replaced.
CREATE FUNCTION app.write_handover(
    p_shift text, p_began timestamptz, p_ends timestamptz, p_drafted timestamptz, p_sections jsonb
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.need_shift_worker();
    written bigint;
BEGIN
    IF p_ends > p_began + interval '8 days' OR p_began > clock_timestamp() THEN
        RAISE EXCEPTION 'a handover is about a shift that has begun, of at most 8 days';
    END IF;
    INSERT INTO app.shift_handovers AS h (shift_name, began_at, ends_at, drafted_at, sections, written_by)
    VALUES (btrim(p_shift), p_began, p_ends, least(p_drafted, clock_timestamp()), p_sections, person)
    ON CONFLICT (began_at, written_by) WHERE incoming_by IS NULL DO UPDATE
    SET shift_name = EXCLUDED.shift_name, ends_at = EXCLUDED.ends_at, drafted_at = EXCLUDED.drafted_at,
        sections = EXCLUDED.sections, written_at = clock_timestamp()
    RETURNING h.id INTO written;
    RETURN written;
END $$;

CREATE FUNCTION app.discard_handover(p_handover bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE person bigint := app.need_shift_worker();
BEGIN
    DELETE FROM app.shift_handovers
    WHERE id = p_handover AND written_by = person AND outgoing_by IS NULL;
    RETURN FOUND;
END $$;
"""

SIGNING = """
CREATE FUNCTION app.handover_to_sign(p_handover bigint, p_digest text) RETURNS app.shift_handovers
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE found app.shift_handovers;
BEGIN
    SELECT * INTO found FROM app.shift_handovers WHERE id = p_handover FOR UPDATE;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'there is no handover with number %', p_handover;
    ELSIF found.incoming_by IS NOT NULL THEN
        RAISE EXCEPTION 'this handover was signed by both already';
    ELSIF found.digest IS DISTINCT FROM p_digest THEN
        RAISE EXCEPTION 'this handover was changed meanwhile; read it again before you sign';
    END IF;
    RETURN found;
END $$;

-- Who wrote it hands over. What is signed is named by its digest: nobody signs what they have not read.
CREATE FUNCTION app.hand_over(p_handover bigint, p_digest text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.need_shift_worker();
    found app.shift_handovers := app.handover_to_sign(p_handover, p_digest);
BEGIN
    IF found.written_by <> person THEN
        RAISE EXCEPTION 'a handover is handed over by the person who wrote it' USING ERRCODE = '42501';
    ELSIF found.outgoing_by IS NOT NULL THEN
        RAISE EXCEPTION 'you have signed this handover already; the person taking over has not yet';
    END IF;
    UPDATE app.shift_handovers
    SET outgoing_by = person, outgoing_at = clock_timestamp(),
        outgoing_workstation = left(coalesce(current_setting('application_name', true), ''), 255)
    WHERE id = p_handover;
END $$;

-- Somebody else takes over, and with that it is finished for good.
CREATE FUNCTION app.take_over(p_handover bigint, p_digest text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person bigint := app.need_shift_worker();
    found app.shift_handovers := app.handover_to_sign(p_handover, p_digest);
BEGIN
    IF found.outgoing_by IS NULL THEN
        RAISE EXCEPTION 'the person handing over has not signed yet';
    ELSIF found.outgoing_by = person THEN
        RAISE EXCEPTION 'who hands over cannot take over; two persons sign' USING ERRCODE = '42501';
    END IF;
    UPDATE app.shift_handovers
    SET incoming_by = person, incoming_at = clock_timestamp(),
        incoming_workstation = left(coalesce(current_setting('application_name', true), ''), 255)
    WHERE id = p_handover;
END $$;

-- Who handed over takes the signature back, to correct something, while nobody has taken over.
CREATE FUNCTION app.take_signature_back(p_handover bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE person bigint := app.need_shift_worker();
BEGIN
    UPDATE app.shift_handovers SET outgoing_by = NULL, outgoing_at = NULL, outgoing_workstation = ''
    WHERE id = p_handover AND outgoing_by = person AND incoming_by IS NULL;
    RETURN FOUND;
END $$;
"""

RIGHTS = """
ALTER TABLE app.shift_handovers ENABLE ROW LEVEL SECURITY;
CREATE POLICY admin ON app.shift_handovers FOR SELECT TO console_admin
    USING ((SELECT app.admin_id()) IS NOT NULL);
CREATE POLICY operator ON app.shift_handovers FOR SELECT TO console_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
GRANT SELECT ON app.shift_handovers TO console_admin, console_operator;
-- People's words stay out of the trail, where a name could not be forgotten; the digest stands for them.
SELECT app.audit_table('app.shift_handovers', p_hidden => '{sections}');

SELECT app.settle_ownership();
GRANT EXECUTE ON FUNCTION app.forget_in_texts(text, text, text) TO console_accounts;
GRANT EXECUTE ON FUNCTION
    app.write_handover(text, timestamptz, timestamptz, timestamptz, jsonb), app.discard_handover(bigint),
    app.hand_over(bigint, text), app.take_over(bigint, text), app.take_signature_back(bigint)
    TO console_admin, console_operator;
"""
