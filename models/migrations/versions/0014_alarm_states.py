"""The whole life of an alarm (ISA-18.2): other rules than limits, latching, shelving, maintenance, guidance.

The statements lie in `models/migrations/revision_0014`, one file a subject.
"""

from alembic import op

from models.migrations.revision_0014 import persons, rights, stations, tables

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for statements in (
        tables.THRESHOLDS,
        tables.ALERTS,
        tables.SHELVES,
        stations.HIDING,
        stations.TRANSITIONS,
        persons.SIGNATURE,
        persons.ALERTS,
        persons.SHELVING,
        rights.policies(),
        rights.RIGHTS,
    ):
        connection.exec_driver_sql(statements)
