"""What a name, an e-mail address and a stored password look like; anything else is refused, with a reason."""

# Characters that show nothing or turn the writing of their neighbours: with them two names look like one.
# Control characters, soft hyphen, Arabic letter mark, fillers, zero-width, bidirectional, annotation, tags.
_HIDDEN = (
    r"\u0001-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F"
    r"\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0E\uFEFF\uFFA0\uFFF0-\uFFFB"
    r"\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF"
)
# Between these a joiner is part of the writing: Arabic, Persian and Indic letters, and emoji.
_JOINED = r"\u0600-\u1CFF\u2190-\u2BFF\uFB50-\uFDFF\uFE0F\uFE70-\uFEFC\U0001F000-\U0001FAFF"
_BLANKS = r"\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000"

FORMS = rf"""
CREATE FUNCTION app.account_name(p_name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    -- Twice, because one joiner's right neighbour is the next one's left.
    plain text := regexp_replace(regexp_replace(p_name,
        '([{_JOINED}])[\u200C\u200D]([{_JOINED}])', '\1\2', 'g'),
        '([{_JOINED}])[\u200C\u200D]([{_JOINED}])', '\1\2', 'g');
    trimmed text := regexp_replace(p_name, '^[ {_BLANKS}]+|[ {_BLANKS}]+$', '', 'g');
BEGIN
    IF coalesce(trimmed, '') = '' THEN
        RAISE EXCEPTION 'a name needs at least one visible character';
    ELSIF char_length(p_name) > 255 THEN
        RAISE EXCEPTION 'a name has at most 255 characters; this one has %', char_length(p_name);
    ELSIF plain ~ '[{_HIDDEN}]' THEN
        RAISE EXCEPTION 'a name cannot hold control characters or characters that nobody sees; type it anew';
    END IF;
    RETURN trimmed;
END $$;

-- Letters of ASCII only, so that lower case is the same in every locale and in every program. Nobody has
-- an address at .invalid (RFC 2606): those of former persons stand there.
CREATE FUNCTION app.account_email(p_email text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE plain text := lower(btrim(p_email, E' \t\n\r\f\v\x1c\x1d\x1e\x1f') COLLATE "C");
BEGIN
    IF char_length(plain) > 255 THEN
        RAISE EXCEPTION 'an e-mail address has at most 255 characters; this one has %', char_length(plain);
    ELSIF plain IS NULL
       OR plain COLLATE "C"
          !~ '^[a-z0-9.!#$%&''*+/=?^_`{{|}}~-]{{1,64}}@[a-z0-9-]{{1,63}}([.][a-z0-9-]{{1,63}})*$' THEN
        RAISE EXCEPTION 'this is no e-mail address; it looks like anna.berg@example.com, without accents';
    ELSIF plain ~ '[@.]invalid$' THEN
        RAISE EXCEPTION 'nobody has an e-mail address that ends in .invalid; give the real one';
    END IF;
    RETURN plain;
END $$;

CREATE FUNCTION app.need_verifier(p_verifier text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    parts text[] := regexp_match(p_verifier, '^SCRAM-SHA-256[$](\d{{4,7}}):((?:[A-Za-z0-9+/]{{4}})+'
        '(?:[A-Za-z0-9+/]{{2}}==|[A-Za-z0-9+/]{{3}}=)?)[$][A-Za-z0-9+/]{{43}}=:[A-Za-z0-9+/]{{43}}=$');
BEGIN
    IF parts IS NULL OR parts[1]::integer < 4096 OR octet_length(decode(parts[2], 'base64')) < 16 THEN
        RAISE EXCEPTION 'a password comes here as a SCRAM-SHA-256 verifier (4096 iterations or more)';
    END IF;
END $$;

-- A cost below 12 is guessed too fast, one above 16 keeps a person waiting for minutes.
CREATE FUNCTION app.need_bcrypt(p_hash text) RETURNS void
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
BEGIN
    IF p_hash IS NULL OR p_hash !~ '^[$]2b[$]1[2-6][$][./A-Za-z0-9]{{53}}$' THEN
        RAISE EXCEPTION 'the hash of a password is bcrypt of cost 12 to 16 ($2b$)';
    END IF;
END $$;
"""
