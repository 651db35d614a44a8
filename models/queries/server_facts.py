"""What a server says about itself: version, clock, revision of our schema."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What `main.py doctor` wants to know.

    Attributes:
        version: Of PostgreSQL, e.g. "18.6".
        now_unix: The server's clock while it answered, Unix seconds.
        revision: Of our schema.
    """

    version: str
    now_unix: float
    revision: str


def server_facts(conn: Connection) -> ServerFacts:
    """Ask the server about itself in one round trip."""
    row = conn.execute(
        text(
            "SELECT current_setting('server_version') AS version,"
            " extract(epoch FROM clock_timestamp())::float8 AS now_unix,"
            " (SELECT version_num FROM app.schema_revision) AS revision"
        )
    ).one()
    return ServerFacts(row.version.partition(" ")[0], row.now_unix, row.revision)
