"""Tickets: what a window shows a station to prove who is signed in.

The table knows a ticket by its SHA-256 only; nobody may read it directly. A ticket that ends before its time
keeps its row, so that the station can say why.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE app.window_tickets (
    digest      bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    person_id   bigint NOT NULL REFERENCES app.users (id) ON DELETE CASCADE,
    issued_at   timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    ended_why   text CHECK (ended_why IN ('signed out', 'password changed', 'disabled')),
    client      inet,
    workstation varchar(255) NOT NULL DEFAULT '',
    CHECK ((ended_at IS NULL) = (ended_why IS NULL))
);
CREATE INDEX window_tickets_person_id_idx ON app.window_tickets (person_id, issued_at);
-- No policy and no grant: only the functions below read and write.
ALTER TABLE app.window_tickets ENABLE ROW LEVEL SECURITY;
"""

FUNCTIONS = """
-- The token is made on the person's computer and never comes here; a digest that is known already belongs to
-- somebody, and is not given away a second time.
CREATE FUNCTION app.register_ticket(digest bytea, workstation text) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    person bigint := app.person_id();
    until timestamptz := clock_timestamp() + interval '7 days';
BEGIN
    IF person IS NULL THEN
        RAISE EXCEPTION 'only a person who may sign in gets a ticket' USING ERRCODE = '42501';
    END IF;
    DELETE FROM app.window_tickets WHERE expires_at < clock_timestamp() - interval '7 days';
    -- A person with this many has a program that runs wild; the oldest make room.
    DELETE FROM app.window_tickets WHERE digest IN (
        SELECT digest FROM app.window_tickets WHERE person_id = person
        ORDER BY issued_at DESC, digest OFFSET 499);
    INSERT INTO app.window_tickets (digest, person_id, expires_at, client, workstation)
    VALUES (register_ticket.digest, person, until, inet_client_addr(),
            left(coalesce(register_ticket.workstation, ''), 255));
    RETURN until;
END $$;

-- At once, or soon: a ticket that has a successor is good until the window has shown that to its station.
CREATE FUNCTION app.end_ticket(digest bytea, in_s integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    is_now boolean := coalesce(in_s, 0) <= 0;
    soon timestamptz := clock_timestamp() + make_interval(secs => greatest(coalesce(in_s, 0), 0));
BEGIN
    UPDATE app.window_tickets
    SET ended_at = CASE WHEN is_now THEN clock_timestamp() END,
        ended_why = CASE WHEN is_now THEN 'signed out' END,
        expires_at = least(expires_at, soon)
    WHERE digest = end_ticket.digest AND person_id = app.person_id()
      AND ended_at IS NULL AND expires_at > clock_timestamp();
    RETURN FOUND;
END $$;

-- Role and activity are read at every check, never kept with the ticket.
CREATE FUNCTION app.check_tickets(digests bytea[])
RETURNS TABLE (digest bytea, state text, person_id bigint, name text, role text, expires_at timestamptz,
               remaining_s float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM app.need_station();
    RETURN QUERY
    SELECT t.digest,
           CASE WHEN t.ended_why IS NOT NULL THEN t.ended_why
                WHEN NOT u.is_active OR u.deleted_at IS NOT NULL THEN 'disabled'
                WHEN t.expires_at <= clock_timestamp() THEN 'expired'
                ELSE 'valid' END,
           u.id, u.name::text, u.role::text, t.expires_at,
           extract(epoch FROM t.expires_at - clock_timestamp())::float8
    FROM app.window_tickets AS t JOIN app.users AS u ON u.id = t.person_id
    WHERE t.digest = ANY (digests);
END $$;

-- A new password is given where the old one may have fallen into other hands, and so may have its tickets.
CREATE FUNCTION app.end_tickets_of_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE app.window_tickets
    SET ended_at = clock_timestamp(),
        ended_why = CASE WHEN NEW.is_active AND NEW.deleted_at IS NULL
                         THEN 'password changed' ELSE 'disabled' END
    WHERE person_id = NEW.id AND ended_at IS NULL;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER end_tickets AFTER UPDATE ON app.users FOR EACH ROW
    WHEN (OLD.password_hash IS DISTINCT FROM NEW.password_hash
          OR OLD.is_active IS DISTINCT FROM NEW.is_active OR OLD.deleted_at IS DISTINCT FROM NEW.deleted_at)
    EXECUTE FUNCTION app.end_tickets_of_person();

-- A new ticket is news to nobody: the station asks when somebody shows it.
CREATE TRIGGER announce_updated AFTER UPDATE ON app.window_tickets REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('people');
CREATE TRIGGER announce_deleted AFTER DELETE ON app.window_tickets REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('people');

-- Who got one where, and why it ended. Not its removal long after: that would name whoever signs in next.
CREATE TRIGGER audit_added AFTER INSERT ON app.window_tickets FOR EACH ROW
    EXECUTE FUNCTION app.audit_change('{digest}', '{}', '{digest}');
CREATE TRIGGER audit_changed AFTER UPDATE ON app.window_tickets FOR EACH ROW
    EXECUTE FUNCTION app.audit_change('{digest}', '{}', '{digest}');
"""

GRANTS = """
SELECT app.settle_ownership();
GRANT EXECUTE ON FUNCTION app.register_ticket(bytea, text), app.end_ticket(bytea, integer)
    TO console_admin, console_operator, console_user;
GRANT EXECUTE ON FUNCTION app.check_tickets(bytea[]) TO console_station;
"""


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for statements in (TABLE, FUNCTIONS, TRIGGERS, GRANTS):
        connection.exec_driver_sql(statements)
