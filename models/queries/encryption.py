"""How the connection asked on is protected, as the server sees it."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

_ASK = text("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl")


def encryption(conn: Connection) -> str | None:
    """Return TLS's version ("TLSv1.3"), None where nothing is encrypted."""
    found = conn.execute(_ASK).scalar_one_or_none()
    return None if found is None else str(found)
