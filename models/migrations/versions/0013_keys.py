"""Enrolled workstations and the wrapped key of encrypted fields."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    connection.exec_driver_sql("SELECT app.settle_ownership()")
