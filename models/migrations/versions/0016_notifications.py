"""Notifications off the console: who is told what, by which way, and what became of it."""

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
