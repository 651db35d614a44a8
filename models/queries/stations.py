"""A station at work says that it lives."""

from sqlalchemy import text
from sqlalchemy.engine import Connection


def beat(conn: Connection) -> None:
    """Say that the station lives: moves its `last_seen`. Raises NotAllowed."""
    conn.execute(text("SELECT app.station_beat()"))


def database_unix(conn: Connection) -> float:
    """Return what time it is by the database, Unix seconds."""
    return float(
        conn.execute(text("SELECT extract(epoch FROM clock_timestamp())::double precision")).scalar_one()
    )
