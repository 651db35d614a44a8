"""Tickets: what a window shows a station to prove who is signed in."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    connection.exec_driver_sql("SELECT app.settle_ownership()")
