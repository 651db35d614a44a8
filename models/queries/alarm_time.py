"""The station tells the database that time has passed: shelves run out, acknowledged alerts ask again."""

from sqlalchemy import text
from sqlalchemy.engine import Connection

# Others' locks are waited for only shortly: whoever comes next does what this call leaves undone.
_LIMITS = "SET LOCAL lock_timeout = '500ms'; SET LOCAL statement_timeout = '5s'"


def pass_time(conn: Connection) -> int:
    """Return how many alerts, shelves and devices changed; 0 in a database that knows nothing of it yet.

    Raises:
        NotAllowed: The login is no station's.
        DatabaseAway: Also where somebody held a lock for too long; try again in a second.
    """
    conn.exec_driver_sql(_LIMITS)
    is_known = conn.execute(text("SELECT to_regprocedure('app.pass_time()') IS NOT NULL")).scalar_one()
    return int(conn.execute(text("SELECT app.pass_time()")).scalar_one()) if is_known else 0
