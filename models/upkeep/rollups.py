"""Rollups: readings condensed to minutes and hours, a little behind the present.

Three moments in `rollup_progress` order it. A reading before `closed_before` marks its minute dirty when it
is written; `closed_before` moves while no writer is at work, so from then on every reading of those minutes
is either visible or marked. Then the minutes up to it are condensed and `rolled_before` follows; whole hours
are made of minutes up to `hours_before`. Charts take what is older from the rollups and what is younger from
the readings, so they have no seam. Last, the marked minutes and their hours are condensed again.

Ten minutes are condensed at once, in order of device: a device's minutes then lie side by side on the disk,
and a chart of a week reads a tenth of the pages it would if every minute were written by itself.
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.engine import Connection

from models.watched_connection import allow_long_work

_MARKS = 10_000  # late minutes condensed in one transaction


def refresh_rollups(conn: Connection) -> int:
    """Condense what has come in since the last call; return how many rows of rollups were written.

    Give it a connection from `Database.autocommit()`: it then commits every twenty minutes of readings. In
    a transaction the result is the same, but writers of readings wait until that ends. Call it every minute
    or so: with nothing to do it takes 1 ms. Where another station is at it, it leaves it to that one.
    """
    conn.execute(text("SELECT app.close_minutes()"))
    return _repeat(conn, "SELECT app.roll_step()") + _repeat(conn, f"SELECT app.roll_late({_MARKS})")


def rebuild_rollups(conn: Connection, since: datetime, until: datetime) -> int:
    """Condense every reading from `since` to `until` anew; return how many rows were written.

    Both are full hours. For readings that did not come through `insert_readings`, as after a restore. Needs a
    connection from `Database.transaction()`.
    """
    allow_long_work(conn)
    span = {"since": since, "until": until}
    days = (
        "SELECT generate_series(CAST(:since AS timestamptz), CAST(:until AS timestamptz), interval '1 day')"
    )
    conn.execute(text(f"SELECT app.make_room_for(ARRAY({days}) || CAST(:until AS timestamptz))"), span)
    written = 0
    for step in ("roll_minutes", "roll_signal_minutes", "roll_hours", "roll_signal_hours"):
        written += int(conn.execute(text(f"SELECT app.{step}(:since, :until)"), span).scalar_one())
    return written


def _repeat(conn: Connection, step: str) -> int:
    written = 0
    while (rows := int(conn.execute(text(step)).scalar_one())) >= 0:
        written += rows
    return written
