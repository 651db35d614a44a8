"""What may stand in `devices.metadata` under a secret name: nothing, or a value sealed with the living key.

The names are those of `models/secret_names.py`; a test holds the two equal.
"""

NAMES = r"""
CREATE FUNCTION app.is_secret_name(p_name text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN regexp_replace(
    lower(regexp_replace(p_name, '([a-z0-9])([A-Z])', '\1_\2', 'g') COLLATE "C"), '[^a-z0-9]+', '_', 'g'
) ~ ('(^|_)(pins?|pwds?|psk|tokens?|credentials?)[0-9]*(_|$)|pass_?(word|wd|phrase|code|wort)|kennwort|secret'
     '|(private|api|access|shared|auth|encryption|signing|session|master)_?keys?');

CREATE FUNCTION app.is_well_sealed(p_value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
BEGIN ATOMIC
    SELECT p_value - '$sealed' = '{}'
       AND jsonb_typeof(p_value -> '$sealed') = 'object'
       AND (p_value -> '$sealed') - '{key,nonce,data}'::text[] = '{}'
       AND coalesce(p_value -> '$sealed' ->> 'key' ~ '^[0-9a-f]{32}$', false)
       -- 12 bytes; at least the 16 of the tag.
       AND coalesce(p_value -> '$sealed' ->> 'nonce' ~ '^[A-Za-z0-9+/]{16}$', false)
       AND coalesce(p_value -> '$sealed' ->> 'data' ~ '^[A-Za-z0-9+/]{22,}={0,2}$', false)
       AND length(p_value -> '$sealed' ->> 'data') % 4 = 0;
END;

-- Every secret in a metadata: 'sealed', 'malformed' (claims to be sealed), 'plain'; and 'deep' where it goes
-- on below the 64th level.
CREATE FUNCTION app.secrets_in(p_metadata jsonb) RETURNS TABLE (path text[], value jsonb, kind text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE node (path, value, is_secret) AS (
        SELECT '{}'::text[], p_metadata, false
        UNION ALL
        SELECT n.path || part.name, part.value, n.is_secret OR part.is_secret
        FROM node AS n CROSS JOIN LATERAL (
            SELECT e.key, e.value, app.is_secret_name(e.key)
            FROM jsonb_each(CASE WHEN jsonb_typeof(n.value) = 'object' AND NOT n.value ? '$sealed'
                                 THEN n.value ELSE '{}' END) AS e (key, value)
            UNION ALL
            SELECT (i.place - 1)::text, i.value, false
            FROM jsonb_array_elements(CASE jsonb_typeof(n.value) WHEN 'array' THEN n.value ELSE '[]' END)
                WITH ORDINALITY AS i (value, place)
        ) AS part (name, value, is_secret)
        WHERE cardinality(n.path) <= 64
    )
    SELECT n.path, n.value, CASE
            WHEN cardinality(n.path) > 64 THEN 'deep'
            WHEN jsonb_typeof(n.value) <> 'object' THEN 'plain'
            WHEN app.is_well_sealed(n.value) THEN 'sealed' ELSE 'malformed' END
    FROM node AS n
    WHERE cardinality(n.path) > 64
       OR (jsonb_typeof(n.value) = 'object' AND n.value ? '$sealed')
       OR (n.is_secret AND (jsonb_typeof(n.value) = 'number'
                            OR (jsonb_typeof(n.value) = 'string' AND n.value <> '""')));
END;
"""

GUARD = """
-- Messages name the field and never its value. A trigger and not a CHECK: a failed CHECK shows the whole row.
CREATE FUNCTION app.guard_secrets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one record;
    place text;
    is_kept boolean;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.metadata = OLD.metadata AND NEW.device_id = OLD.device_id THEN
        RETURN NEW;
    END IF;
    IF octet_length(NEW.metadata::text) > 1000000 THEN
        RAISE EXCEPTION 'the settings and metadata of % are larger than 1 MB; shorten them', NEW.device_id;
    END IF;
    FOR one IN SELECT * FROM app.secrets_in(NEW.metadata) LOOP
        place := left(array_to_string(one.path, '.'), 200);
        IF one.kind = 'plain' THEN
            RAISE EXCEPTION '% of % must not be stored in clear; enter it in the console, which encrypts it',
                place, NEW.device_id;
        ELSIF one.kind = 'deep' THEN
            RAISE EXCEPTION 'the metadata of % is nested deeper than 64 levels; flatten it', NEW.device_id;
        ELSIF one.kind = 'malformed' THEN
            RAISE EXCEPTION '% of % is not a value that the console encrypted; enter it again',
                place, NEW.device_id;
        END IF;
        is_kept := TG_OP = 'UPDATE' AND EXISTS (
            SELECT FROM app.secrets_in(OLD.metadata) AS o
            WHERE o.path = one.path AND o.value = one.value);
        IF is_kept AND NEW.device_id <> OLD.device_id THEN
            RAISE EXCEPTION '% of % is encrypted for that hardware id and cannot move to %; enter it again',
                place, OLD.device_id, NEW.device_id;
        END IF;
        IF is_kept AND one.path[1] = 'connection'
           AND (NEW.metadata -> 'driver', NEW.metadata -> 'connection' -> 'endpoint',
                NEW.metadata -> 'connection' -> 'host', NEW.metadata -> 'connection' -> 'port',
                NEW.metadata -> 'connection' -> 'security')
           IS DISTINCT FROM
               (OLD.metadata -> 'driver', OLD.metadata -> 'connection' -> 'endpoint',
                OLD.metadata -> 'connection' -> 'host', OLD.metadata -> 'connection' -> 'port',
                OLD.metadata -> 'connection' -> 'security')
        THEN
            RAISE EXCEPTION '% of % is encrypted for the address it had before; enter it again',
                place, NEW.device_id;
        END IF;
        CONTINUE WHEN is_kept;
        -- Keeps the key from being retired until this transaction ends.
        PERFORM FROM app.field_keys AS k
        WHERE k.id = one.value -> '$sealed' ->> 'key' AND k.retired_at IS NULL FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION '% of % is encrypted with a key that is not the present one; enter it again',
                place, NEW.device_id;
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_secrets BEFORE INSERT OR UPDATE OF metadata, device_id ON app.devices
    FOR EACH ROW EXECUTE FUNCTION app.guard_secrets();

-- What was stored in clear before this revision is sealed when the first key is made; the audit trail, which
-- notes that change and is never changed itself, must not keep it in clear for ever.
CREATE FUNCTION app.without_plain_secrets(p_row jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE one record;
BEGIN
    FOR one IN SELECT * FROM app.secrets_in(p_row) AS s WHERE s.kind IN ('plain', 'deep') LOOP
        p_row := jsonb_set(p_row, one.path, '"(secret)"');
    END LOOP;
    RETURN p_row;
END $$;

CREATE FUNCTION app.keep_secrets_out_of_audit() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.old := app.without_plain_secrets(NEW.old);
    NEW.new := app.without_plain_secrets(NEW.new);
    RETURN NEW;
END $$;
CREATE TRIGGER keep_secrets_out BEFORE INSERT ON app.audit_pending
    FOR EACH ROW WHEN (NEW.tbl = 'devices' AND (NEW.old ? 'metadata' OR NEW.new ? 'metadata'))
    EXECUTE FUNCTION app.keep_secrets_out_of_audit();
"""
