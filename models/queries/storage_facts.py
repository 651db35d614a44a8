"""Size and upkeep of the database, for whoever checks it."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.records.storage_facts import StorageFacts

_FACTS = text(
    "SELECT pg_database_size(current_database()), "
    "  (SELECT count(*) FROM app.devices WHERE deleted_at IS NULL), p.days, p.last_day, r.rolled_before, "
    "  (SELECT count(*) FROM app.rollup_dirty) "
    "FROM app.rollup_progress AS r, ("
    "  SELECT count(*) AS days, "
    "    max((regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)'))[1]::timestamptz) "
    "      AS last_day "
    "  FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid "
    "  WHERE i.inhparent = 'app.sensor_readings'::regclass) AS p"
)


def storage_facts(conn: Connection) -> StorageFacts:
    """Ask a migrated database for its size and upkeep."""
    return StorageFacts(*conn.execute(_FACTS).one())
