"""Field encryption: no secret in clear in `devices.metadata`, and who holds the key.

The statements lie in `models/migrations/revision_0013`, one file a subject.
"""

from alembic import op

from models.migrations.revision_0013 import guard, keys

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for statements in (keys.TABLES, guard.NAMES, guard.GUARD, keys.QUESTIONS, keys.CHANGES, keys.RIGHTS):
        connection.exec_driver_sql(statements)
