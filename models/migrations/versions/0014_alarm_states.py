"""The whole life of an alarm (ISA-18.2): other rules than limits, latching, shelving, maintenance, guidance.

The statements lie in `models/migrations/revision_0014`, one file a subject.
"""

from alembic import op

from models.migrations.revision_0014 import forgetting, hiding, persons, rights, shelving, tables, transitions

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
        hiding.REASONS,
        hiding.SETTLING,
        transitions.INBOX,
        hiding.TIME,
        transitions.TRANSITIONS,
        transitions.ENDS,
        persons.SIGNATURE,
        persons.ALERTS,
        shelving.SHELVING,
        forgetting.FREE_TEXT,
        rights.policies(),
        rights.RIGHTS,
    ):
        connection.exec_driver_sql(statements)
