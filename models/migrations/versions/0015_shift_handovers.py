"""Shift handovers: drafted by the program, signed by two persons.

The statements lie in `models/migrations/revision_0015`.
"""

from alembic import op

from models.migrations.revision_0015 import handovers, signing

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for statements in (
        handovers.TABLE,
        handovers.SEAL,
        handovers.FORGETTING,
        signing.WRITING,
        signing.SIGNING,
        signing.RIGHTS,
    ):
        connection.exec_driver_sql(statements)
