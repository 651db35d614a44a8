"""Partitions made before they are needed."""

from sqlalchemy import text
from sqlalchemy.engine import Connection


def ensure_partitions(conn: Connection, ahead_days: int = 7) -> int:
    """Make the partitions from two days ago to `ahead_days` (0 to 31) ahead; return how many were made.

    Any number of stations may call it at once: all but the first return 0 and leave it to that one.
    """
    made = conn.execute(
        text("SELECT app.ensure_partitions(:ahead)"), {"ahead": max(0, min(ahead_days, 31))}
    ).scalar_one()
    return max(0, int(made))
