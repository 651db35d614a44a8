"""What each role may see and change: grants, row-level security, and the functions by which they act."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    connection.exec_driver_sql("SELECT app.settle_ownership()")
