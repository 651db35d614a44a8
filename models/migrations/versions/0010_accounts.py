"""Persons' accounts: guarded functions that create, change, disable and erase logins."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    connection.exec_driver_sql("SELECT app.settle_ownership()")
