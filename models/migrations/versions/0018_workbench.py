"""The engineer's workbench: signals of the site's own, health of connections, revisions and
reported events of devices.

The statements lie in `models/migrations/revision_0018`, one file a subject.
"""

from alembic import op

from models.migrations.revision_0018 import events, health, history, signals, stations, writes

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for statements in (
        signals.SIGNALS,
        health.HEALTH,
        history.HISTORY,
        writes.WRITES,
        events.EVENTS,
        "SELECT app.settle_ownership();",
        *(part.RIGHTS for part in (signals, health, history, writes, stations)),
    ):
        if statements:
            connection.exec_driver_sql(statements)
