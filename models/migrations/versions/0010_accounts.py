"""Persons' accounts: guarded functions that create, change, disable and erase logins.

What makes logins belongs to console_accounts, which may create them and touches nothing but `users` and
`stations`. What reads the rest (a person's export) belongs to console_tables, which cannot create any.
"""

from alembic import op

from models.migrations.revision_0010.forms import FORMS
from models.migrations.revision_0010.logins import LOGINS
from models.migrations.revision_0010.own_record import ANNOUNCEMENTS, EXPORT, FORGETTING, OWN
from models.migrations.revision_0010.persons import CHANGES, CHECKS
from models.migrations.revision_0010.stations import STATIONS

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MY_PASSWORD = """
-- Ends no session: the windows this person has open go on.
CREATE FUNCTION app.change_my_password(p_verifier text, p_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF app.person_id() IS NULL THEN
        RAISE EXCEPTION 'this login belongs to no person who may sign in' USING ERRCODE = '42501';
    ELSIF NOT app.is_our_login(session_user) THEN
        RAISE EXCEPTION 'the owner of this database signs in without a password of this program';
    END IF;
    PERFORM app.need_verifier(p_verifier), app.need_bcrypt(p_hash);
    UPDATE app.users SET password_hash = p_hash WHERE id = app.person_id();
    PERFORM app.set_verifier(session_user, p_verifier);
END $$;
"""

GIVE = """
DO $$
DECLARE thing regprocedure;
BEGIN
    FOREACH thing IN ARRAY ARRAY[
        'app.account_name(text)', 'app.account_email(text)', 'app.need_verifier(text)',
        'app.need_bcrypt(text)', 'app.login_of(text)', 'app.is_our_login(name)',
        'app.put_into_group(name, text)',
        'app.set_verifier(name, text)', 'app.make_login(name, text, text)',
        'app.open_or_close_login(name, text, boolean)', 'app.drop_login(name)', 'app.end_sessions_of(name)',
        'app.begin_people_change()', 'app.person_as_seen(bigint, timestamptz)',
        'app.person_to_change(bigint, timestamptz)', 'app.put_out(bigint, timestamptz, boolean, text)',
        'app.need_our_login(app.users)', 'app.need_another_admin(app.users, text)',
        'app.refuse_to_oneself(app.users, text)', 'app.need_free_email(text, bigint)',
        'app.create_person(text, text, app.user_role, text, text)',
        'app.set_person_role(bigint, app.user_role, timestamptz)',
        'app.set_person_active(bigint, boolean, timestamptz)', 'app.rename_person(bigint, text, timestamptz)',
        'app.change_email(bigint, text, timestamptz)', 'app.reset_password(bigint, text, text, timestamptz)',
        'app.end_sessions(bigint)', 'app.anonymise_person(bigint, timestamptz)',
        'app.change_my_password(text, text)', 'app.create_station(text, text)',
        'app.station_to_change(bigint)', 'app.set_station_enabled(bigint, boolean)',
        'app.reset_station_password(bigint, text)', 'app.end_sessions_in_the_way(interval)'
    ]::regprocedure[] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO console_accounts', thing);
    END LOOP;
END $$;

SELECT app.settle_ownership();

-- Revision 0009 has taken these from everybody.
GRANT EXECUTE ON FUNCTION pg_catalog.pg_advisory_xact_lock(bigint),
    pg_catalog.pg_try_advisory_xact_lock(bigint), pg_catalog.pg_notify(text, text)
    TO console_accounts, console_tables;
GRANT EXECUTE ON FUNCTION app.forget_in_texts(text, text, text), app.need_station() TO console_accounts;
GRANT EXECUTE ON FUNCTION app.end_sessions_in_the_way(interval) TO console_station;
GRANT EXECUTE ON FUNCTION
    app.accounts(), app.create_person(text, text, app.user_role, text, text),
    app.set_person_role(bigint, app.user_role, timestamptz),
    app.set_person_active(bigint, boolean, timestamptz), app.rename_person(bigint, text, timestamptz),
    app.change_email(bigint, text, timestamptz), app.reset_password(bigint, text, text, timestamptz),
    app.end_sessions(bigint), app.anonymise_person(bigint, timestamptz),
    app.create_station(text, text), app.set_station_enabled(bigint, boolean),
    app.reset_station_password(bigint, text)
    TO console_admin;
GRANT EXECUTE ON FUNCTION app.my_record(), app.change_my_password(text, text), app.person_export(bigint),
    app.needs_first_admin()
    TO console_admin, console_operator, console_user;
"""


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for statements in (
        *(FORMS, LOGINS, CHECKS, FORGETTING, CHANGES, STATIONS),
        *(EXPORT, OWN),
        *(MY_PASSWORD, ANNOUNCEMENTS, GIVE),
    ):
        connection.exec_driver_sql(statements)
