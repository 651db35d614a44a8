"""What a server says about itself: version, clock, revision of our schema."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.records.server_facts import ServerFacts


def server_facts(conn: Connection) -> ServerFacts:
    """Ask the server about itself in one round trip."""
    row = conn.execute(
        text(
            "SELECT current_setting('server_version') AS version,"
            " extract(epoch FROM clock_timestamp())::float8 AS now_unix,"
            " (SELECT version_num FROM app.schema_revision) AS revision"
        )
    ).one()
    return ServerFacts(row.version.partition(" ")[0], row.revision, row.now_unix)
