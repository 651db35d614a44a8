"""Several stations on one database: each device is polled by one, and what each tells is held to that.

The statements lie in `models/migrations/revision_0017`, one file a subject.
"""

from alembic import op

from models.migrations.revision_0017 import acts, leases, orders, removal, rights, tables, telling

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    for statements in (
        tables.TABLES,
        leases.LEASES,
        telling.record_readings(),
        telling.FINDINGS,
        removal.REMOVAL,
        acts.ACTS,
        orders.ORDERS,
        rights.policies(),
        rights.RIGHTS,
    ):
        connection.exec_driver_sql(statements)
