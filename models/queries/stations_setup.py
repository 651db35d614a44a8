"""The station beside the embedded server: made with the database, let in by the operating system."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.logins import LOCAL_STATION

_IS_THERE = text(
    "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :login)"
    " AND EXISTS (SELECT FROM app.stations WHERE db_role = :login)"
)
_ADD_ROW = text("INSERT INTO app.stations (name, db_role) VALUES (:name, :login) ON CONFLICT DO NOTHING")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('console.roles', 0))")


def ensure_local_station(conn: Connection, name: str, password: str | None = None) -> None:
    """Make login and row of the embedded server's own station, unless they are there.

    Whether it may record is the row's matter: an administrator who disabled it is not overruled.

    Args:
        conn: Of the server's owner, a superuser.
        name: How people call the station; a number is added where another has that name.
        password: For systems whose server cannot ask the operating system who somebody is (Windows).
    """
    if conn.execute(_IS_THERE, {"login": LOCAL_STATION}).scalar_one():
        return
    conn.execute(_ONE_AT_A_TIME)
    known = conn.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :login"), {"login": LOCAL_STATION})
    if known.one_or_none() is None:
        conn.execute(text(f"CREATE ROLE {LOCAL_STATION} LOGIN INHERIT IN ROLE console_station"))
    if password is not None:
        literal = conn.execute(text("SELECT quote_literal(:password)"), {"password": password}).scalar_one()
        conn.exec_driver_sql(f"ALTER ROLE {LOCAL_STATION} PASSWORD {literal}".replace("%", "%%"))
    wanted, number = name, 1
    while not _has_row(conn, wanted):
        number += 1
        wanted = f"{name} {number}"


def _has_row(conn: Connection, name: str) -> bool:
    conn.execute(_ADD_ROW, {"name": name[:200] or "station", "login": LOCAL_STATION})
    found = conn.execute(_IS_THERE, {"login": LOCAL_STATION})
    return bool(found.scalar_one())


def station_login(conn: Connection, station: int) -> str:
    """Return the login of a station, for an administrator who gives it a new password."""
    asked = text("SELECT db_role FROM app.stations WHERE id = :station")
    return str(conn.execute(asked, {"station": station}).scalar_one())
