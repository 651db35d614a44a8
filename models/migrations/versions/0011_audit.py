"""The audit trail: who changed what, when and from where, chained by hashes."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    connection.exec_driver_sql("SELECT app.settle_ownership()")
