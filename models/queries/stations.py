"""A station at work says that it lives."""

from sqlalchemy import text
from sqlalchemy.engine import Connection


def beat(conn: Connection) -> None:
    """Say that the station lives: moves its `last_seen`. Raises NotAllowed."""
    conn.execute(text("SELECT app.station_beat()"))
