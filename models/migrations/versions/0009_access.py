"""What each role may see and change: grants, row-level security, and the functions by which they act.

The statements lie in `models/migrations/revision_0009`, one file a subject.
"""

from alembic import op

from models.migrations.revision_0009 import alerts, hardening, readings, rights

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    connection = op.get_bind()
    statements = (
        rights.PERSONS,
        rights.policies(),
        rights.FURTHER_POLICIES,
        readings.store_readings(),
        readings.latest_hour(),
        readings.STATION,
        readings.UPKEEP,
        alerts.STATION,
        alerts.PERSONS,
        alerts.LIMITS,
        hardening.HARDENING,
        rights.GRANTS,
        "SELECT app.settle_ownership()",
    )
    for text in statements:
        connection.exec_driver_sql(text)
