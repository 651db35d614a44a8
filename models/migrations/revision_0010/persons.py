"""What administrators do with persons: every function checks who asks, and what was looked at before."""

CHECKS = """
-- Takes the lock that makes changes of persons follow each other, then checks. In this order: whoever waited
-- for the lock may have lost the right to ask.
CREATE FUNCTION app.begin_people_change() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Anything stricter sees what was before the wait, and would count administrators who are none any more.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'persons and stations are changed in a READ COMMITTED transaction';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('app.people', 0));
    PERFORM app.need_admin();
END $$;

CREATE FUNCTION app.person_as_seen(p_person bigint, p_seen_at timestamptz) RETURNS app.users
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE found app.users;
BEGIN
    SELECT * INTO found FROM app.users WHERE id = p_person;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'there is no person with number %', p_person;
    ELSIF found.deleted_at IS NOT NULL THEN
        RAISE EXCEPTION 'this person was anonymised at %; nothing of them can be changed',
            to_char(found.deleted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"');
    ELSIF found.updated_at <> p_seen_at THEN
        RAISE EXCEPTION 'this person was changed by somebody else at %; look again',
            to_char(found.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')
            USING ERRCODE = 'CN001';
    END IF;
    RETURN found;
END $$;

CREATE FUNCTION app.person_to_change(p_person bigint, p_seen_at timestamptz) RETURNS app.users
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM app.begin_people_change();
    PERFORM FROM app.users WHERE id = p_person FOR NO KEY UPDATE;
    RETURN app.person_as_seen(p_person, p_seen_at);
END $$;

CREATE FUNCTION app.need_our_login(p_person app.users) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT app.is_our_login(p_person.db_role) THEN
        RAISE EXCEPTION 'this person signs in as the owner of the database; only the name can be changed';
    END IF;
END $$;

-- The last administrator is the last active one who has a password: the server's owner does not count.
CREATE FUNCTION app.need_another_admin(p_person app.users, p_what text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_person.role = 'admin' AND p_person.is_active AND p_person.password_hash <> '!' AND NOT EXISTS (
        SELECT FROM app.users
        WHERE role = 'admin' AND is_active AND password_hash <> '!' AND id <> p_person.id
    ) THEN
        RAISE EXCEPTION 'this is the last administrator, who cannot be %; make another one first', p_what;
    END IF;
END $$;

-- By accident: whoever means it asks somebody else.
CREATE FUNCTION app.refuse_to_oneself(p_person app.users, p_what text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_person.db_role = session_user THEN
        RAISE EXCEPTION 'nobody can be % by themselves; ask another administrator', p_what;
    END IF;
END $$;

-- Ends a person's sessions before anything of theirs is waited for: with a transaction left open they could
-- keep whoever wants to put them out waiting. Checks what can be checked before, to put nobody out in vain.
CREATE FUNCTION app.put_out(p_person bigint, p_seen_at timestamptz, p_is_for_good boolean, p_what text)
RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE found app.users;
BEGIN
    PERFORM app.need_admin();
    found := app.person_as_seen(p_person, p_seen_at);
    IF NOT app.is_our_login(found.db_role) THEN
        RETURN 0;
    END IF;
    IF p_is_for_good THEN
        PERFORM app.refuse_to_oneself(found, p_what);
        PERFORM app.need_another_admin(found, p_what);
    END IF;
    -- Somebody else's change lasts milliseconds: of two who put each other out, the first one does.
    FOR attempt IN 1..20 LOOP
        EXIT WHEN pg_try_advisory_xact_lock(hashtextextended('app.people', 0));
        PERFORM pg_sleep(0.05);
    END LOOP;
    RETURN app.end_sessions_of(found.db_role);
END $$;

CREATE FUNCTION app.need_free_email(p_email text, p_person bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM app.users WHERE lower(email) = p_email AND id IS DISTINCT FROM p_person) THEN
        RAISE EXCEPTION 'somebody with this e-mail address has an account already';
    END IF;
END $$;
"""

CHANGES = """
CREATE FUNCTION app.create_person(
    p_email text, p_name text, p_role app.user_role, p_verifier text, p_hash text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    address text;
    login name;
    made bigint;
BEGIN
    PERFORM app.begin_people_change();
    PERFORM app.need_verifier(p_verifier), app.need_bcrypt(p_hash);
    IF p_role IS NULL THEN
        RAISE EXCEPTION 'a person needs a role: admin, operator or user';
    END IF;
    address := app.account_email(p_email);
    login := app.login_of(address);
    PERFORM app.need_free_email(address, NULL);
    INSERT INTO app.users (email, password_hash, name, role, db_role)
    VALUES (address, p_hash, app.account_name(p_name), p_role, login) RETURNING id INTO made;
    PERFORM app.make_login(login, 'console_' || p_role, p_verifier);
    RETURN made;
END $$;

CREATE FUNCTION app.set_person_role(p_person bigint, p_role app.user_role, p_seen_at timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE found app.users := app.person_to_change(p_person, p_seen_at);
BEGIN
    PERFORM app.need_our_login(found);
    IF p_role IS NULL THEN
        RAISE EXCEPTION 'a person needs a role: admin, operator or user';
    ELSIF p_role <> 'admin' THEN
        PERFORM app.need_another_admin(found, 'given another role');
    END IF;
    UPDATE app.users SET role = p_role WHERE id = p_person AND role <> p_role;
    IF found.is_active THEN
        PERFORM app.put_into_group(found.db_role, 'console_' || p_role);
    END IF;
END $$;

CREATE FUNCTION app.set_person_active(p_person bigint, p_is_active boolean, p_seen_at timestamptz)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found app.users;
    ended integer := 0;
BEGIN
    IF p_is_active IS NULL THEN
        RAISE EXCEPTION 'say whether the person may sign in';
    ELSIF NOT p_is_active THEN
        ended := app.put_out(p_person, p_seen_at, true, 'disabled');
    END IF;
    found := app.person_to_change(p_person, p_seen_at);
    PERFORM app.need_our_login(found);
    IF NOT p_is_active THEN
        PERFORM app.need_another_admin(found, 'disabled');
    END IF;
    UPDATE app.users SET is_active = p_is_active WHERE id = p_person AND is_active <> p_is_active;
    PERFORM app.open_or_close_login(found.db_role, 'console_' || found.role, p_is_active);
    RETURN CASE WHEN p_is_active THEN 0 ELSE ended + app.end_sessions_of(found.db_role) END;
END $$;

CREATE FUNCTION app.rename_person(p_person bigint, p_name text, p_seen_at timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE found app.users := app.person_to_change(p_person, p_seen_at);
BEGIN
    UPDATE app.users SET name = app.account_name(p_name) WHERE id = p_person;
END $$;

-- A SCRAM verifier does not depend on the login's name: the password stays.
CREATE FUNCTION app.change_email(p_person bigint, p_email text, p_seen_at timestamptz)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found app.users := app.person_to_change(p_person, p_seen_at);
    address text := app.account_email(p_email);
    login name := app.login_of(address);
BEGIN
    PERFORM app.need_our_login(found);
    IF found.db_role = session_user THEN
        RAISE EXCEPTION 'you are signed in with the old e-mail address; ask another administrator';
    END IF;
    PERFORM app.need_free_email(address, p_person);
    IF login <> found.db_role THEN
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
            -- Left from a dropped database of this name; nobody's here, or the address would not be free.
            PERFORM app.drop_login(login);
        END IF;
        UPDATE app.users SET email = address, db_role = login WHERE id = p_person;
        EXECUTE format('ALTER ROLE %I RENAME TO %I', found.db_role, login);
    END IF;
END $$;

CREATE FUNCTION app.reset_password(p_person bigint, p_verifier text, p_hash text, p_seen_at timestamptz)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found app.users;
    ended integer;
BEGIN
    PERFORM app.need_verifier(p_verifier), app.need_bcrypt(p_hash);
    ended := app.put_out(p_person, p_seen_at, false, '');
    found := app.person_to_change(p_person, p_seen_at);
    PERFORM app.need_our_login(found);
    UPDATE app.users SET password_hash = p_hash WHERE id = p_person;
    PERFORM app.set_verifier(found.db_role, p_verifier);
    RETURN ended + app.end_sessions_of(found.db_role);
END $$;

CREATE FUNCTION app.end_sessions(p_person bigint)
RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN app.put_out(p_person, NULL, false, '');

-- The row stays: alerts and the audit trail point at it. Who it was stands nowhere any more.
CREATE FUNCTION app.anonymise_person(p_person bigint, p_seen_at timestamptz)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended integer := app.put_out(p_person, p_seen_at, true, 'anonymised');
    found app.users := app.person_to_change(p_person, p_seen_at);
BEGIN
    IF found.db_role IS NOT NULL THEN
        PERFORM app.need_our_login(found);
    END IF;
    PERFORM app.need_another_admin(found, 'anonymised');
    PERFORM app.forget_in_texts(found.name, found.email, 'Former person ' || p_person);
    UPDATE app.users
    SET email = 'former-' || p_person || '@invalid', name = 'Former person ' || p_person,
        password_hash = '!', is_active = false, db_role = NULL, deleted_at = now()
    WHERE id = p_person;
    IF found.db_role IS NOT NULL THEN
        ended := ended + app.end_sessions_of(found.db_role);
        PERFORM app.drop_login(found.db_role);
    END IF;
    RETURN ended;
END $$;
"""
