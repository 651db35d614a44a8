"""Notifications off the console: who is told what, by which way, and what became of it.

The statements lie in `models/migrations/revision_0016`, one file a subject.
"""

from alembic import op

from models.migrations.revision_0016 import persons, queue, rights, sending, tables

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for statements in (
        tables.CHANNELS,
        tables.RULES,
        tables.QUEUE,
        queue.INBOX,
        queue.QUEUE,
        sending.CLAIMS,
        persons.PERSONS,
        rights.policies(),
        rights.RIGHTS,
    ):
        connection.exec_driver_sql(statements)
