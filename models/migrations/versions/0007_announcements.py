"""Notifications: every window and station hears that something changed, once a transaction."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TRIGGERS = """
CREATE FUNCTION app.announce() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify(TG_ARGV[0], '');
    RETURN NULL;
END $$;

-- Needs a transition table named changed: a statement that changed no row announces nothing.
CREATE FUNCTION app.announce_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM changed) THEN
        PERFORM pg_notify(TG_ARGV[0], '');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER announce_inserted AFTER INSERT ON app.alerts REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('alerts');
CREATE TRIGGER announce_updated AFTER UPDATE ON app.alerts REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('alerts');
CREATE TRIGGER announce_deleted AFTER DELETE ON app.alerts REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('alerts');

CREATE TRIGGER announce_inserted AFTER INSERT ON app.alert_thresholds REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('catalogue');
CREATE TRIGGER announce_updated AFTER UPDATE ON app.alert_thresholds REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('catalogue');
CREATE TRIGGER announce_deleted AFTER DELETE ON app.alert_thresholds REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce_changed('catalogue');

-- Columns are named because status and last_seen change every second and are no change of the catalogue;
-- a trigger with columns cannot have a transition table.
CREATE TRIGGER announce_configured
    AFTER INSERT OR DELETE OR UPDATE OF device_id, name, type, location, user_id, metadata, deleted_at
    ON app.devices
    FOR EACH STATEMENT EXECUTE FUNCTION app.announce('catalogue');
"""


def upgrade() -> None:
    """Apply."""
    op.get_bind().exec_driver_sql(TRIGGERS)
