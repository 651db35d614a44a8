"""A station at work: it announces its start, and that it lives."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.records.station import StationIdentity


def join_station(conn: Connection, version: str) -> StationIdentity | None:
    """Count one more start of the station whose login this is; `version` is its program's.

    None where the login is not a station's but that of whoever set the server up, who may do its work too.

    Raises:
        NotAllowed: The login is neither.
    """
    incarnation = conn.execute(text("SELECT app.station_join(:version)"), {"version": version}).scalar_one()
    if incarnation is None:
        return None
    row = conn.execute(text("SELECT id, name FROM app.stations WHERE id = app.station_id()")).one()
    return StationIdentity(row.id, row.name, incarnation)


def beat(conn: Connection) -> None:
    """Say that the station lives: moves its `last_seen`. Raises NotAllowed as `join_station` does."""
    conn.execute(text("SELECT app.station_beat()"))
