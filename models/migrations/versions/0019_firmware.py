"""Firmware: versions that are signed, and rollouts that are planned, approved, conducted and judged.

The statements lie in `models/migrations/revision_0019`, one file a subject.
"""

from alembic import op

from models.migrations.revision_0019 import people, plans, rights, rollouts, second_looks, stations, versions

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for statements in (
        versions.VERSIONS,
        rollouts.TABLES,
        plans.PLANS,
        people.PEOPLE,
        stations.STATIONS,
        second_looks.SECOND_LOOKS,
        rights.policies(),
        "SELECT app.settle_ownership();",
        versions.RIGHTS,
        rights.RIGHTS,
        second_looks.RIGHTS,
    ):
        connection.exec_driver_sql(statements)
